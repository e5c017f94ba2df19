/* SPDX-License-Identifier: Apache-2.0 */
/* SBOMs in an image list packages that a database or the files prove as well: evidence beats claims
 * with the same identity (catalog.md 6). */
#ifndef PRQ_SCAN_CLAIMS_H
#define PRQ_SCAN_CLAIMS_H

#include "base/map.h"
#include "model/analysis.h"

struct prq_claims {
    struct prq_arena *arena;
    struct prq_map proven; /* "type name version" to the first package of it */
    size_t *next;          /* 1 + the next package of the same; 0: none */
};

/* Of the packages that `an` has so far. False when memory ran out. */
bool prq_claims_begin(struct prq_claims *c, const struct prq_analysis *an, struct prq_arena *arena);
/* Type, name, version and epoch are those of a proven package, and so is the architecture where the
 * claim names one. */
bool prq_claims_is_proven(struct prq_claims *c, const struct prq_analysis *an,
                          const struct prq_package *claim);

#endif
