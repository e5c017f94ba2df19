/* SPDX-License-Identifier: Apache-2.0 */
/* Which package of an analysis needs which: names in `depends` looked up among names and `provides`
 * of the same type. Source: catalog.md 8. */
#ifndef PRQ_MODEL_EDGES_H
#define PRQ_MODEL_EDGES_H

#include "model/analysis.h"

struct prq_edges {
    struct prq_edge_list {
        uint32_t *v; /* indices of packages, ascending, without the package itself */
        size_t n;
    } *of; /* one a package */
    bool was_cut; /* there are more than memory allows */
};

/* False when memory ran out. */
bool prq_edges_find(const struct prq_analysis *an, struct prq_arena *a, struct prq_edges *out);
/* The packages that nobody needs; and one of each ring that would else be unreachable. *n of them,
 * ascending. NULL when memory ran out. */
uint32_t *prq_edges_roots(const struct prq_edges *e, size_t package_count, struct prq_arena *a,
                          size_t *n);

#endif
