/* SPDX-License-Identifier: Apache-2.0 */
/* AlmaLinux's errata.full.json, which knows what its OSV records do not: of which module's stream a
 * build is, and for which architectures. Source: matching.md 3, 3.8. */
#ifndef PRQ_DB_ALMAERRATA_H
#define PRQ_DB_ALMAERRATA_H

#include "base/map.h"
#include "db/feed.h"

/* A build that an advisory names, for one architecture. */
struct prq_alma_build {
    prq_str module, arch; /* "nodejs:16", or empty; empty: any */
    size_t next;          /* 1 + index of the next of the same key; 0: none */
};

struct prq_alma_errata {
    struct prq_arena *a;
    struct prq_map by_key; /* "advisory name version-release" → 1 + index of the latest build */
    struct prq_alma_build *builds;
    size_t n, cap;
};

void prq_alma_errata_init(struct prq_alma_errata *e, struct prq_arena *a);
/* Adds a file; `json` must outlive `e`. */
PRQ_MUST_USE bool prq_alma_errata_parse(prq_str json, struct prq_alma_errata *e,
                                        const struct prq_feed_sink *sink, struct prq_err *err);
/* Gives the rows of an OSV record modules and architectures; a build of several streams becomes a row
 * for each. In `a`; false when memory ran out. */
PRQ_MUST_USE bool prq_alma_errata_join(const struct prq_alma_errata *e, struct prq_record *r,
                                       struct prq_arena *a);

#endif
