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

/* Signs that a text that only programs write was cut or overwritten, perhaps between two records where
 * no syntax shows it: a NUL byte, a last line without its end. */
static inline void prq_loss_of_text(struct prq_loss *l, prq_str text)
{
    const char *nul = text.n ? memchr(text.p, '\0', text.n) : NULL;
    if (nul)
        prq_loss_add(l, (size_t)(nul - text.p), "NUL byte in a text file");
    else if (text.n && text.p[text.n - 1] != '\n')
        prq_loss_add(l, text.n, "ends in the middle of a line");
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
