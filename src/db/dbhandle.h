/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an open database, for this room. */
#ifndef PRQ_DB_DBHANDLE_H
#define PRQ_DB_DBHANDLE_H

#include "base/map.h"
#include "db/dbschema.h"

enum prq_db_query_id {
    PRQ_Q_PACKAGE,
    PRQ_Q_RECORD,
    PRQ_Q_BRIEF,
    PRQ_Q_META,
    PRQ_Q_SPACES,
    PRQ_Q_ALIAS,
    PRQ_Q_SHA,
    PRQ_Q_COUNT,
};

struct prq_db_space {
    prq_str space;
    uint64_t packages, rows;
};

struct prq_db_file {
    const struct prq_family_def *def;
    prq_str path; /* with a NUL after it */
    uint64_t size_bytes, rows, skipped;
    prq_str skip_reason, observed_since;
    struct prq_family about;
    struct prq_db_space *spaces; /* in byte order */
    size_t space_count;
    struct prq_map ids; /* of all records, where they are few: most CVEs are in neither KEV nor EPSS */
    bool has_ids;
    struct prq_map ghsa; /* the GHSA ids of records, where they are few: many records name one */
    bool has_ghsa, asked_ghsa;
    struct prq_sql *sql; /* NULL: not asked for yet */
    bool is_open;
    struct prq_sql_stmt *queries[PRQ_Q_COUNT]; /* prepared when first asked for */
};

struct prq_db {
    struct prq_arena *a;
    struct prq_db_file *files; /* of those families that are there */
    size_t n;
    struct prq_family *families;
    bool is_lazy;
};

/* NULL when absent. */
struct prq_db_file *prq_db_file(const struct prq_db *db, prq_str family);
/* Opened, if it is not yet. */
PRQ_MUST_USE bool prq_db_ensure(struct prq_db *db, struct prq_db_file *f, struct prq_err *err);
/* Ready to be bound; NULL with an error. */
struct prq_sql_stmt *prq_db_query(struct prq_db_file *f, enum prq_db_query_id q,
                                  struct prq_err *err);

#endif
