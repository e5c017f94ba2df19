/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite, thin: for our own databases and the cache, and for SQLite files found in images.
 *
 *     struct prq_sql_stmt *find;
 *     if (!prq_sql_prepare(db, "SELECT body FROM row WHERE name = ?1", &find, err))
 *         return false;
 *     prq_sql_bind_text(find, 1, name);
 *     enum prq_next step;
 *     while ((step = prq_sql_step(find, err)) == PRQ_NEXT_ITEM)
 *         use(prq_sql_blob(find, 0));
 *     prq_sql_reset(find);             // to be bound and stepped again
 *
 * A handle and its statements are used by one thread at a time. Errors: FORMAT (not a database,
 * damaged, no such table, a constraint), IO (with the path), LIMIT, NOMEM, CANCELLED, BUG (misuse).
 */
#ifndef PRQ_LIB_SQLITE_H
#define PRQ_LIB_SQLITE_H

#include "base/ctx.h"
#include "base/stream.h"

struct prq_sql;
struct prq_sql_stmt;

enum prq_sql_mode {
    PRQ_SQL_READ,      /* read-only; others may write */
    PRQ_SQL_IMMUTABLE, /* read-only, mapped, no locks: a file that nobody changes in place */
    PRQ_SQL_WRITE,     /* read and write, made when absent: rollback journal, waits 10 s for
                        * locks */
    PRQ_SQL_BUILD,     /* a new file for one writer, to be renamed into place when complete: no
                        * journal, no fsync. Fails when the file is there */
};

PRQ_MUST_USE bool prq_sql_open(const char *path, enum prq_sql_mode mode, struct prq_sql **out,
                               struct prq_err *err);
/* A database from outside, held in memory, read-only, with SQLite's limits lowered. The bytes must
 * outlive the handle. */
PRQ_MUST_USE bool prq_sql_open_bytes(prq_bytes file, struct prq_sql **out, struct prq_err *err);
/* Statements must be finished before. NULL is fine. */
void prq_sql_close(struct prq_sql *db);

/* At most so many virtual machine instructions from now on (in steps of 1000), then LIMIT. 0: no
 * ceiling. `cancel` (may be NULL) is looked at meanwhile. For databases from outside. */
void prq_sql_budget(struct prq_sql *db, uint64_t instructions, const atomic_bool *cancel);

/* One or more statements without results: schema, pragmas, BEGIN, COMMIT. */
PRQ_MUST_USE bool prq_sql_exec(struct prq_sql *db, const char *sql, struct prq_err *err);
uint64_t prq_sql_changes(struct prq_sql *db); /* rows that the last statement changed */
int64_t prq_sql_last_row(struct prq_sql *db); /* rowid of the last insert */

PRQ_MUST_USE bool prq_sql_prepare(struct prq_sql *db, const char *sql, struct prq_sql_stmt **out,
                                  struct prq_err *err);
void prq_sql_finish(struct prq_sql_stmt *st); /* NULL is fine */

/* Parameters count from 1. Text and blobs are lent: they live until reset or the next bind. A bind
 * that fails makes the next step fail. Unbound is NULL; p == NULL binds an empty value. */
void prq_sql_bind_text(struct prq_sql_stmt *st, int at, prq_str v);
void prq_sql_bind_blob(struct prq_sql_stmt *st, int at, prq_bytes v);
void prq_sql_bind_int(struct prq_sql_stmt *st, int at, int64_t v);
void prq_sql_bind_null(struct prq_sql_stmt *st, int at);

/* ITEM: a row, END: no more. After END or FAIL: reset. */
enum prq_next prq_sql_step(struct prq_sql_stmt *st, struct prq_err *err);
/* Ready to run again; bindings are cleared. */
void prq_sql_reset(struct prq_sql_stmt *st);
/* Steps to the end, ignoring rows, and resets: for INSERT, UPDATE, DELETE. */
PRQ_MUST_USE bool prq_sql_run(struct prq_sql_stmt *st, struct prq_err *err);

/* Columns of the row, from 0; views live until the next step or reset. NULL gives empty and 0. */
prq_str prq_sql_text(struct prq_sql_stmt *st, int col);
prq_bytes prq_sql_blob(struct prq_sql_stmt *st, int col);
int64_t prq_sql_int(struct prq_sql_stmt *st, int col);
bool prq_sql_is_null(struct prq_sql_stmt *st, int col);

static inline void prq_sql_drop(struct prq_sql **db)
{
    prq_sql_close(*db);
}
#define PRQ_SQL PRQ_CLEANUP(prq_sql_drop) struct prq_sql *
static inline void prq_sql_stmt_drop(struct prq_sql_stmt **st)
{
    prq_sql_finish(*st);
}
#define PRQ_SQL_STMT PRQ_CLEANUP(prq_sql_stmt_drop) struct prq_sql_stmt *

#endif
