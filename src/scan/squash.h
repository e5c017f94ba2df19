/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of all layers to one image: what lower layers say of paths that a higher layer deletes
 * or replaces no longer holds; the same package in several places is one; each is attributed to the
 * layer where this version first appears. Source: catalog.md 1.1 to 1.4, 7. */
#ifndef PRQ_SCAN_SQUASH_H
#define PRQ_SCAN_SQUASH_H

#include "base/ctx.h"
#include "model/analysis.h"
#include "store/facts.h"

struct prq_layer_facts {
    struct prq_facts facts; /* layers of the strings live as long as the analysis */
    prq_bytes index;
};

/* Fills an->packages, distro and gaps (those already in an->gaps are kept) in `arena`. */
PRQ_MUST_USE bool prq_squash(struct prq_ctx *ctx, const struct prq_layer_facts *layers, size_t n,
                             struct prq_arena *arena, struct prq_analysis *an, struct prq_err *err);

#endif
