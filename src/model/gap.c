/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gap.h"

struct prq_gap prq_gap_from(const struct prq_err *err, prq_str path)
{
    return (struct prq_gap){
        .kind = prq_str_from(prq_code_word(err->code)),
        .path = path,
        .has_offset = err->has_offset,
        .offset = err->offset,
        .layer = PRQ_GAP_NO_LAYER,
        .reason = { err->text, strnlen(err->text, sizeof err->text) },
    };
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Gaps about no layer, and those about a whole file, come first of their kind: the reader meets the
 * general before the particular. */
int prq_gap_cmp(const struct prq_gap *a, const struct prq_gap *b)
{
    bool x = a->layer != PRQ_GAP_NO_LAYER, y = b->layer != PRQ_GAP_NO_LAYER;
    int c = x != y ? (int)x - (int)y : compare_u64(a->layer, b->layer);
    if (!c)
        c = prq_str_cmp(a->path, b->path);
    if (!c)
        c = (int)a->has_offset - (int)b->has_offset;
    if (!c && a->has_offset)
        c = compare_u64(a->offset, b->offset);
    if (!c)
        c = prq_str_cmp(a->kind, b->kind);
    return c ? c : prq_str_cmp(a->reason, b->reason);
}
