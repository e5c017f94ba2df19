/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that somebody else listed, as package URLs. */
#include <stdlib.h>

#include "model/purl.h"
#include "scan/analyse.h"

struct list {
    struct prq_arena *a;
    struct prq_analysis *an;
    size_t package_cap, gap_cap;
};

static bool add_gap(struct list *l, prq_str line, size_t number, const struct prq_err *why)
{
    struct prq_analysis *an = l->an;
    if (!prq_arena_grow(l->a, &an->gaps, sizeof *an->gaps, &l->gap_cap, an->gap_count + 1))
        return false;
    prq_str reason = prq_arena_printf(l->a, "line %zu: %.*s: %s", number,
                                      PRQ_FMT(prq_str_head(line, 200)), why->text);
    an->gaps[an->gap_count++] = (struct prq_gap){
        .kind = PRQ_S("format"), .layer = PRQ_GAP_NO_LAYER, .reason = reason,
    };
    return reason.p != NULL;
}

static bool add_line(struct list *l, prq_str line, size_t number)
{
    struct prq_analysis *an = l->an;
    struct prq_package p = { 0 };
    struct prq_err why = PRQ_ERR_INIT;
    line = prq_str_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (!prq_package_from_purl(line, l->a, &p, &why))
        return add_gap(l, line, number, &why);
    if (!prq_arena_grow(l->a, &an->packages, sizeof p, &l->package_cap, an->package_count + 1))
        return false;
    p.purl = line; /* as its author wrote it */
    an->packages[an->package_count++] = p;
    return true;
}

static int order(const void *x, const void *y)
{
    return prq_package_cmp(x, y);
}

/* Lists name packages twice (one line a place): one is enough. */
static void drop_equals(struct prq_analysis *an)
{
    size_t kept = 0;
    for (size_t i = 0; i < an->package_count; i++)
        if (kept == 0 || prq_package_cmp(&an->packages[kept - 1], &an->packages[i]) != 0)
            an->packages[kept++] = an->packages[i];
    an->package_count = kept;
}

bool prq_analysis_of_purls(prq_str text, struct prq_arena *arena, struct prq_analysis *an,
                           struct prq_err *err)
{
    *an = (struct prq_analysis){ .kind = PRQ_SOURCE_LIST };
    struct list l = { .a = arena, .an = an };
    prq_str line;
    for (size_t number = 1; prq_str_line(&text, &line); number++)
        if (!add_line(&l, line, number))
            return prq_fail(err, PRQ_E_LIMIT, "the list exceeds the memory budget");
    if (an->package_count)
        qsort(an->packages, an->package_count, sizeof *an->packages, order);
    drop_equals(an);
    return true;
}
