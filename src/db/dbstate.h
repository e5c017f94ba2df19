/* SPDX-License-Identifier: Apache-2.0 */
/* What identifies the content of a family's file. Source: matching.md 2.2. */
#ifndef PRQ_DB_DBSTATE_H
#define PRQ_DB_DBSTATE_H

#include "base/arena.h"
#include "lib/sqlite.h"

struct prq_db_state {
    prq_str family, source, built, feed_date;
    prq_str digest;   /* of the records */
    prq_str observed; /* of the first-observed days */
    prq_str observed_since, skipped, skip_reason;
    uint64_t records;
};

/* As the file tells; `observed` is computed. */
PRQ_MUST_USE bool prq_db_state_read(struct prq_sql *sql, struct prq_arena *a,
                                    struct prq_db_state *out, struct prq_err *err);
/* A missing file or one of another schema is absent: *found false. */
PRQ_MUST_USE bool prq_db_state_of(const char *path, struct prq_arena *a, struct prq_db_state *out,
                                  bool *found, struct prq_err *err);
/* Recomputes the digest from the records: FORMAT when it is another than the file tells. */
PRQ_MUST_USE bool prq_db_state_check(struct prq_sql *sql, const struct prq_db_state *state,
                                     struct prq_arena *a, struct prq_err *err);

#endif
