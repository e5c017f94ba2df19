/* SPDX-License-Identifier: Apache-2.0 */
/* The file of one family. docs/database.md explains it. */
#ifndef PRQ_DB_DBSCHEMA_H
#define PRQ_DB_DBSCHEMA_H

#include "base/buf.h"
#include "db/db.h"
#include "db/dbsource.h"
#include "db/dbstage.h"
#include "lib/sqlite.h"

/* Grows with every change of the tables, of the canonical JSON or of the rows. */
#define PRQ_DB_SCHEMA 3
#define PRQ_DB_APPLICATION_ID 0x50525164 /* "PRQd" */

extern const char prq_db_schema_sql[];

/* application_id, user_version and the schema's text are ours; else FORMAT. */
PRQ_MUST_USE bool prq_db_check_schema(struct prq_sql *sql, struct prq_err *err);

/* The whole file is sound: our schema, and every page well-formed (SQLite's quick_check). Reads all
 * of it: for who installs a file, not for who scans with it. FORMAT when it is not. */
PRQ_MUST_USE bool prq_db_check_file(const char *path, struct prq_err *err);

/* What is written into `meta` beside what the records give. */
struct prq_db_about {
    const char *family;
    prq_str source;      /* where it was read from */
    prq_str built;       /* RFC 3339, as given */
    prq_str feed_date;   /* RFC 3339 or empty */
    uint64_t skipped;    /* records of the feed that were passed over */
    prq_str skip_reason; /* of the first one */
};

/* How copies of one record are joined. */
enum prq_db_join {
    PRQ_JOIN_UNION,  /* each copy knows other packages */
    PRQ_JOIN_NEWEST, /* the newest decides, package by package */
    PRQ_JOIN_FIRST,  /* the copy that came first; an empty one removes the record */
};

struct prq_db_input {
    struct prq_stage *records; /* sorted; key: source NUL id, value: canonical JSON */
    enum prq_db_join join;
    struct prq_db_about about;
    const struct prq_db_validator *validators; /* sorted by path */
    size_t validator_count;
    struct prq_sql *previous; /* the family before, for the observed days; may be NULL */
    /* Or these days: keys "source NUL id NUL space NUL name NUL fix", of equal ones the first counts,
     * an empty day none. Sorted by the writer. */
    struct prq_stage *observed;
    prq_str observed_since;
};

/* Writes a new file at `path`, which must not be there. */
PRQ_MUST_USE bool prq_db_write(const char *path, const struct prq_db_input *in,
                               struct prq_err *err);

/* "source NUL id"; empty when memory ran out. */
prq_str prq_db_key(prq_str source, prq_str id, struct prq_arena *a);

/* Join the copies of one record (n > 1). Sorts `v`. False when memory ran out. */
bool prq_record_join(struct prq_record *v, size_t n, enum prq_db_join how, struct prq_arena *a,
                     struct prq_record *out);

/* The digest of a family: SHA-256 over "family NUL schema NUL" and the SHA-256 of each canonical
 * record in key order (matching.md 2.2). */
struct prq_digest;
PRQ_MUST_USE bool prq_family_digest_new(const char *family, struct prq_digest **out,
                                        struct prq_err *err);

#endif
