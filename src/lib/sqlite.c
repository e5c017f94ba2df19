/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"

enum { PROGRESS_STEP = 1000, BUSY_MS = 10000, PATH_MAX_BYTES = 4096 };

struct prq_sql {
    sqlite3 *db;
    uint64_t budget, spent; /* instructions; budget 0: no ceiling */
    const atomic_bool *cancel;
    bool is_over; /* the progress handler stopped it for the budget */
};

struct prq_sql_stmt {
    struct prq_sql *owner;
    sqlite3_stmt *st;
    int bind_code; /* the first bind that failed, or SQLITE_OK */
};

static enum prq_code code_of(const struct prq_sql *sql, int rc)
{
    switch (rc & 0xff) { /* the low byte of an extended code is its class */
    case SQLITE_NOMEM:
        return PRQ_E_NOMEM;
    case SQLITE_TOOBIG:
        return PRQ_E_LIMIT;
    case SQLITE_INTERRUPT:
        return sql->is_over ? PRQ_E_LIMIT : PRQ_E_CANCELLED;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
        return PRQ_E_IO;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return PRQ_E_BUG;
    default:
        return PRQ_E_FORMAT;
    }
}

static bool fail_sql(const struct prq_sql *sql, int rc, struct prq_err *err)
{
    enum prq_code code = code_of(sql, rc);
    errno = code == PRQ_E_IO ? sqlite3_system_errno(sql->db) : 0;
    if (code == PRQ_E_LIMIT && sql->is_over)
        return prq_fail(err, code, "sqlite: instruction budget ran out");
    return prq_fail(err, code, "sqlite: %s", sqlite3_errmsg(sql->db));
}

/* "file:" URIs take '?', '#' and '%' only as escapes. Source: sqlite.org/uri.html, 3.1. */
static bool add_uri(struct prq_buf *b, const char *path, const char *query)
{
    prq_buf_str(b, PRQ_S("file:"));
    for (const char *c = path; *c; c++) {
        if (*c == '?' || *c == '#' || *c == '%')
            prq_buf_printf(b, "%%%02x", (unsigned)(unsigned char)*c);
        else
            prq_buf_byte(b, (uint8_t)*c);
    }
    prq_buf_str(b, prq_str_from(query));
    return prq_buf_byte(b, 0);
}

static const struct {
    int flags;
    const char *query, *pragmas;
} modes[] = {
    [PRQ_SQL_READ] = { SQLITE_OPEN_READONLY, "", "PRAGMA mmap_size=0" },
    [PRQ_SQL_IMMUTABLE] = { SQLITE_OPEN_READONLY, "?immutable=1",
                            "PRAGMA mmap_size=274877906944; PRAGMA query_only=1" },
    [PRQ_SQL_WRITE] = { SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "",
                        "PRAGMA journal_mode=DELETE; PRAGMA synchronous=NORMAL;"
                        "PRAGMA foreign_keys=1" },
    [PRQ_SQL_BUILD] = { SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "",
                        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF;"
                        "PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
                        "PRAGMA cache_size=-65536" },
};

/* Nothing in a schema may reach further than the tables: no functions with side effects, no
 * writes to the schema itself. Source: sqlite.org/security.html, 1.1. */
static void lock_down(sqlite3 *db)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_busy_timeout(db, BUSY_MS);
}

static bool open_uri(const char *uri, int flags, struct prq_sql **out, struct prq_err *err)
{
    struct prq_sql *sql = prq_fault_alloc() ? NULL : calloc(1, sizeof *sql);
    if (!sql)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a database handle");
    flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(uri, &sql->db, flags, NULL);
    if (rc != SQLITE_OK) {
        if (sql->db)
            fail_sql(sql, rc, err);
        else
            prq_fail(err, PRQ_E_NOMEM, "no memory for a database handle");
        prq_sql_close(sql);
        return false;
    }
    lock_down(sql->db);
    *out = sql;
    return true;
}

bool prq_sql_open(const char *path, enum prq_sql_mode mode, struct prq_sql **out,
                  struct prq_err *err)
{
    if (mode == PRQ_SQL_BUILD && access(path, F_OK) == 0) {
        errno = EEXIST;
        return prq_fail(err, PRQ_E_IO, "make %s", path);
    }
    PRQ_BUF uri;
    prq_buf_init(&uri, 3 * PATH_MAX_BYTES);
    if (!add_uri(&uri, path, modes[mode].query))
        return prq_fail(err, PRQ_E_LIMIT, "path of a database is too long");
    struct prq_sql *sql;
    if (!open_uri((const char *)uri.p, modes[mode].flags, &sql, err))
        return prq_in(err, "%s", path);
    if (modes[mode].flags & SQLITE_OPEN_READONLY)
        sqlite3_limit(sql->db, SQLITE_LIMIT_ATTACHED, 0);
    /* The first pragma that reads finds out whether this is a database at all. */
    if (!prq_sql_exec(sql, modes[mode].pragmas, err) ||
        !prq_sql_exec(sql, "PRAGMA schema_version", err)) {
        prq_sql_close(sql);
        return prq_in(err, "%s", path);
    }
    *out = sql;
    return true;
}

/* Source: sqlite.org/security.html, 1.1, which suggests values of this order for hostile files. */
static const struct {
    int id, value;
} low_limits[] = {
    { SQLITE_LIMIT_LENGTH, 64 << 20 },
    { SQLITE_LIMIT_SQL_LENGTH, 100000 },
    { SQLITE_LIMIT_COLUMN, 100 },
    { SQLITE_LIMIT_EXPR_DEPTH, 10 },
    { SQLITE_LIMIT_COMPOUND_SELECT, 3 },
    { SQLITE_LIMIT_VDBE_OP, 25000 },
    { SQLITE_LIMIT_FUNCTION_ARG, 8 },
    { SQLITE_LIMIT_ATTACHED, 0 },
    { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 },
    { SQLITE_LIMIT_VARIABLE_NUMBER, 10 },
    { SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
};

bool prq_sql_open_bytes(prq_bytes file, struct prq_sql **out, struct prq_err *err)
{
    if (file.n == 0)
        return prq_fail(err, PRQ_E_FORMAT, "an empty file is no database");
    struct prq_sql *sql;
    if (!open_uri("file::memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, &sql, err))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(low_limits); i++)
        sqlite3_limit(sql->db, low_limits[i].id, low_limits[i].value);
    /* Read-only: SQLite does not write to the bytes although it takes them without const. */
    union {
        const uint8_t *from;
        unsigned char *to;
    } bytes = { .from = file.p };
    int rc = sqlite3_deserialize(sql->db, "main", bytes.to, (sqlite3_int64)file.n,
                                 (sqlite3_int64)file.n, SQLITE_DESERIALIZE_READONLY);
    if (rc != SQLITE_OK) {
        fail_sql(sql, rc, err);
        prq_sql_close(sql);
        return false;
    }
    if (!prq_sql_exec(sql, "PRAGMA query_only=1; PRAGMA cell_size_check=1; PRAGMA schema_version",
                      err)) {
        prq_sql_close(sql);
        return false;
    }
    *out = sql;
    return true;
}

void prq_sql_close(struct prq_sql *sql)
{
    if (!sql)
        return;
    sqlite3_close_v2(sql->db);
    free(sql);
}

static int on_progress(void *user)
{
    struct prq_sql *sql = user;
    sql->spent += PROGRESS_STEP;
    sql->is_over = sql->budget && sql->spent > sql->budget;
    bool is_cancelled = sql->cancel && atomic_load_explicit(sql->cancel, memory_order_relaxed);
    return sql->is_over || is_cancelled;
}

void prq_sql_budget(struct prq_sql *sql, uint64_t instructions, const atomic_bool *cancel)
{
    sql->budget = instructions;
    sql->spent = 0;
    sql->is_over = false;
    sql->cancel = cancel;
    sqlite3_progress_handler(sql->db, PROGRESS_STEP, instructions || cancel ? on_progress : NULL,
                             sql);
}

bool prq_sql_exec(struct prq_sql *sql, const char *text, struct prq_err *err)
{
    int rc = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK || fail_sql(sql, rc, err);
}

uint64_t prq_sql_changes(struct prq_sql *sql)
{
    return (uint64_t)sqlite3_changes64(sql->db);
}

int64_t prq_sql_last_row(struct prq_sql *sql)
{
    return sqlite3_last_insert_rowid(sql->db);
}

bool prq_sql_prepare(struct prq_sql *sql, const char *text, struct prq_sql_stmt **out,
                     struct prq_err *err)
{
    struct prq_sql_stmt *st = prq_fault_alloc() ? NULL : calloc(1, sizeof *st);
    if (!st)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a statement");
    st->owner = sql;
    int rc = sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &st->st, NULL);
    if (rc != SQLITE_OK) {
        free(st);
        return fail_sql(sql, rc, err);
    }
    *out = st;
    return true;
}

void prq_sql_finish(struct prq_sql_stmt *st)
{
    if (!st)
        return;
    sqlite3_finalize(st->st);
    free(st);
}

static void note_bind(struct prq_sql_stmt *st, int rc)
{
    if (st->bind_code == SQLITE_OK)
        st->bind_code = rc;
}

void prq_sql_bind_text(struct prq_sql_stmt *st, int at, prq_str v)
{
    note_bind(st, sqlite3_bind_text64(st->st, at, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void prq_sql_bind_blob(struct prq_sql_stmt *st, int at, prq_bytes v)
{
    note_bind(st,
              sqlite3_bind_blob64(st->st, at, v.p ? (const void *)v.p : "", v.n, SQLITE_STATIC));
}

void prq_sql_bind_int(struct prq_sql_stmt *st, int at, int64_t v)
{
    note_bind(st, sqlite3_bind_int64(st->st, at, v));
}

void prq_sql_bind_null(struct prq_sql_stmt *st, int at)
{
    note_bind(st, sqlite3_bind_null(st->st, at));
}

enum prq_next prq_sql_step(struct prq_sql_stmt *st, struct prq_err *err)
{
    int rc = st->bind_code == SQLITE_OK ? sqlite3_step(st->st) : st->bind_code;
    if (rc == SQLITE_ROW)
        return PRQ_NEXT_ITEM;
    if (rc == SQLITE_DONE)
        return PRQ_NEXT_END;
    fail_sql(st->owner, rc, err);
    return PRQ_NEXT_FAIL;
}

void prq_sql_reset(struct prq_sql_stmt *st)
{
    sqlite3_reset(st->st); /* its code repeats what step said */
    sqlite3_clear_bindings(st->st);
    st->bind_code = SQLITE_OK;
}

bool prq_sql_run(struct prq_sql_stmt *st, struct prq_err *err)
{
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM)
        continue;
    prq_sql_reset(st);
    return step == PRQ_NEXT_END;
}

/* The value is asked for before its length: the first call may convert it. */
prq_str prq_sql_text(struct prq_sql_stmt *st, int col)
{
    const unsigned char *p = sqlite3_column_text(st->st, col);
    return (prq_str){ (const char *)p, p ? (size_t)sqlite3_column_bytes(st->st, col) : 0 };
}

prq_bytes prq_sql_blob(struct prq_sql_stmt *st, int col)
{
    const void *p = sqlite3_column_blob(st->st, col);
    return (prq_bytes){ p, p ? (size_t)sqlite3_column_bytes(st->st, col) : 0 };
}

int64_t prq_sql_int(struct prq_sql_stmt *st, int col)
{
    return sqlite3_column_int64(st->st, col);
}

bool prq_sql_is_null(struct prq_sql_stmt *st, int col)
{
    return sqlite3_column_type(st->st, col) == SQLITE_NULL;
}
