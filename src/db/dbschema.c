/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbschema.h"

#include <stdio.h>

#include "lib/lib.h"

/* docs/database.md explains every column. */
const char prq_db_schema_sql[] =
    "CREATE TABLE alias(alias TEXT NOT NULL,source TEXT NOT NULL,id TEXT NOT NULL,"
    "PRIMARY KEY(alias,source,id)) WITHOUT ROWID;"
    "CREATE TABLE fetch(path TEXT PRIMARY KEY,etag TEXT NOT NULL,modified TEXT NOT NULL,"
    "mark TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY,value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE observed(source TEXT NOT NULL,id TEXT NOT NULL,space TEXT NOT NULL,"
    "name TEXT NOT NULL,fix TEXT NOT NULL,day TEXT NOT NULL,"
    "PRIMARY KEY(source,id,space,name,fix)) WITHOUT ROWID;"
    "CREATE TABLE package(space TEXT NOT NULL,name TEXT NOT NULL,rows BLOB NOT NULL,"
    "PRIMARY KEY(space,name)) WITHOUT ROWID;"
    "CREATE TABLE record(source TEXT NOT NULL,id TEXT NOT NULL,sha BLOB NOT NULL,"
    "brief BLOB NOT NULL,doc BLOB NOT NULL,PRIMARY KEY(source,id));"
    "CREATE TABLE space(space TEXT PRIMARY KEY,packages INTEGER NOT NULL,"
    "rows INTEGER NOT NULL) WITHOUT ROWID;";

static bool pragma_is(struct prq_sql *sql, const char *text, int64_t want, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_prepare(sql, text, &st, err))
        return false;
    enum prq_next step = prq_sql_step(st, err);
    if (step == PRQ_NEXT_FAIL)
        return false;
    if (step == PRQ_NEXT_ITEM && prq_sql_int(st, 0) == want)
        return true;
    return prq_fail(err, PRQ_E_FORMAT, "%s is not %lld: not a pratique database of this version",
                    text, (long long)want);
}

/* The stored text of each statement is the given one without its semicolon; the tables stand in
 * alphabetical order above and are read back so. */
bool prq_db_check_schema(struct prq_sql *sql, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_KIB(64));
    if (!pragma_is(sql, "PRAGMA application_id", PRQ_DB_APPLICATION_ID, err) ||
        !pragma_is(sql, "PRAGMA user_version", PRQ_DB_SCHEMA, err) ||
        !prq_sql_prepare(sql, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
                         &st, err))
        return false;
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM) {
        prq_buf_str(&text, prq_sql_text(st, 0));
        prq_buf_byte(&text, ';');
    }
    if (step == PRQ_NEXT_FAIL)
        return false;
    if (text.bad || !prq_str_eq(prq_buf_view(&text), prq_str_from(prq_db_schema_sql)))
        return prq_fail(err, PRQ_E_FORMAT, "the tables are not those of schema %d", PRQ_DB_SCHEMA);
    return true;
}

static bool check_pages(struct prq_sql *sql, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_exec(sql, "PRAGMA cell_size_check=1", err) ||
        !prq_sql_prepare(sql, "PRAGMA quick_check(1)", &st, err))
        return false;
    enum prq_next step = prq_sql_step(st, err);
    if (step == PRQ_NEXT_FAIL)
        return false;
    prq_str said = step == PRQ_NEXT_ITEM ? prq_sql_text(st, 0) : PRQ_S("nothing");
    return prq_str_eq(said, PRQ_S("ok")) ||
           prq_fail(err, PRQ_E_FORMAT, "the file is damaged: %.*s",
                    PRQ_FMT(prq_str_head(said, 200)));
}

bool prq_db_check_file(const char *path, struct prq_err *err)
{
    PRQ_SQL sql = NULL;
    return (prq_sql_open(path, PRQ_SQL_IMMUTABLE, &sql, err) && prq_db_check_schema(sql, err) &&
            check_pages(sql, err)) ||
           prq_in(err, "%s", path);
}

bool prq_family_digest_new(const char *family, struct prq_digest **out, struct prq_err *err)
{
    struct prq_digest *d;
    char head[64];
    int n = snprintf(head, sizeof head, "%s%c%d%c", family, 0, PRQ_DB_SCHEMA, 0);
    if (n < 0 || (size_t)n >= sizeof head)
        return prq_fail(err, PRQ_E_BUG, "the family's name is too long");
    if (!prq_digest_new(PRQ_SHA256, &d, err))
        return false;
    prq_digest_add(d, head, (size_t)n);
    *out = d;
    return true;
}

prq_str prq_db_key(prq_str source, prq_str id, struct prq_arena *a)
{
    char *p = prq_arena_alloc(a, source.n + 1 + id.n);
    if (!p)
        return (prq_str){ 0 };
    if (source.n)
        memcpy(p, source.p, source.n);
    if (id.n)
        memcpy(p + source.n + 1, id.p, id.n);
    return (prq_str){ p, source.n + 1 + id.n };
}
