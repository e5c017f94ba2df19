/* SPDX-License-Identifier: Apache-2.0 */
/* When a record, or a fix of it, was first seen. Source: matching.md 2.1.
 *
 * The day of the chain's first build is `observed_since`; what was there that day has no row of its
 * own, so a first build writes none. A row has the day (UTC) of the build that first saw the fix of
 * a package, or with empty space, name and fix, the record itself. */
#ifndef PRQ_DB_DBOBSERVED_H
#define PRQ_DB_DBOBSERVED_H

#include "db/db.h"
#include "db/dbstage.h"
#include "lib/sqlite.h"

struct prq_observer {
    struct prq_sql_stmt *find_doc, *find_day; /* of the previous file; NULL: there is none */
    char since[11], today[11];
};

/* `previous` may be NULL. `now`: RFC 3339. */
PRQ_MUST_USE bool prq_observer_open(struct prq_observer *o, struct prq_sql *previous, prq_str now,
                                    struct prq_err *err);
void prq_observer_close(struct prq_observer *o);
static inline prq_str prq_observer_since(const struct prq_observer *o)
{
    return prq_str_from(o->since);
}

/* The rows that record `r` has, into `out`. */
PRQ_MUST_USE bool prq_observe(struct prq_observer *o, const struct prq_record *r,
                              struct prq_stage *out, struct prq_arena *a, struct prq_err *err);

#endif
