/* SPDX-License-Identifier: Apache-2.0 */
/* Many small losses of one kind in one file, told as one gap: a file with a million bad lines
 * should not buy a million gaps. */
#ifndef PRQ_ANALYZE_LOSS_H
#define PRQ_ANALYZE_LOSS_H

#include <stdio.h>

#include "model/sink.h"

struct prq_loss {
    const char *text; /* of the first one; constant, or kept by the caller */
    uint64_t count, first;
    enum prq_code code; /* NONE: FORMAT */
};

static inline void prq_loss_add(struct prq_loss *l, size_t at, const char *text)
{
    if (l->count++ == 0) {
        l->first = at;
        l->text = text;
    }
}

/* Nothing when nothing was lost. False when the sink is full. */
static inline bool prq_loss_report(const struct prq_loss *l, struct prq_sink *sink)
{
    if (l->count == 0)
        return true;
    char reason[256];
    int n = l->count == 1 ? snprintf(reason, sizeof reason, "%s", l->text)
                          : snprintf(reason, sizeof reason, "%s (and %llu more like it)", l->text,
                                     (unsigned long long)(l->count - 1));
    size_t used = n < 0 ? 0 : prq_min_size((size_t)n, sizeof reason - 1);
    const struct prq_gap gap = {
        .kind = prq_str_from(prq_code_word(l->code ? l->code : PRQ_E_FORMAT)),
        .has_offset = true,
        .offset = l->first,
        .layer = PRQ_GAP_NO_LAYER,
        .reason = { reason, used },
    };
    return prq_sink_gap(sink, &gap);
}

#endif
