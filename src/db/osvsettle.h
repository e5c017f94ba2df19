/* SPDX-License-Identifier: Apache-2.0 */
/* What single publishers of OSV records write where, and what it means to us. */
#ifndef PRQ_DB_OSVSETTLE_H
#define PRQ_DB_OSVSETTLE_H

#include "db/feed.h"

/* Of one package of a record: members that only some publishers have. */
struct prq_osv_extra {
    prq_str ecosystem, purl;
    prq_str status, detail, priority; /* Ubuntu */
    prq_str informational;            /* RustSec */
    struct prq_strs binaries, builds; /* SUSE: names, and their fixed versions */
    size_t binary_cap, build_cap;
};

/* False when memory ran out; likewise below. */
PRQ_MUST_USE bool prq_osv_settle_row(const char *family, const struct prq_osv_extra *x,
                                     struct prq_arena *a, struct prq_affected *row);

/* `related`: ids; `reports`: CVEs in references of type REPORT; `word`: its own rating, may be
 * empty. */
struct prq_osv_words {
    struct prq_strs related, reports;
    prq_str word;
};
PRQ_MUST_USE bool prq_osv_settle_record(const char *family, const struct prq_osv_words *words,
                                        struct prq_arena *a, struct prq_record *r);

#endif
