/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one table of an SQLite database file, read page by page from memory: no SQL, no library,
 * nothing trusted. UTF-8 databases; rowid tables; any page size and reserved bytes; a write-ahead
 * log may lie over the file. Source: "Database File Format" of the SQLite project.
 *
 *     struct prq_sqlite db;
 *     struct prq_sqlite_rows rows;
 *     if (!prq_sqlite_open(&db, bytes, arena, err) || !prq_sqlite_wal(&db, wal, err) ||
 *         !prq_sqlite_table(&db, PRQ_S("Packages"), &rows, err)) return false;
 *     while ((step = prq_sqlite_next(&rows, &row, err)) != PRQ_NEXT_END) …
 */
#ifndef PRQ_FORMAT_SQLITEFILE_H
#define PRQ_FORMAT_SQLITEFILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/stream.h"

enum { PRQ_SQLITE_COLUMNS = 32, PRQ_SQLITE_DEPTH = 20 };

struct prq_sqlite {
    prq_bytes in, wal;
    struct prq_arena *arena;
    uint32_t page_size, usable;
    uint32_t pages;    /* of the database, the log included */
    uint32_t in_pages; /* really in the file */
    uint32_t *frames; /* per page: 1 + the log frame that holds it; 0: the file does. May be NULL */
    bool is_wal;      /* the header asks for a write-ahead log */
    bool is_short;    /* the file ends before its last page */
};

bool prq_sqlite_is(prq_bytes in); /* by its magic */

/* The arena holds page maps, and rows whose payload lies in overflow pages. */
PRQ_MUST_USE bool prq_sqlite_open(struct prq_sqlite *db, prq_bytes in, struct prq_arena *arena,
                                  struct prq_err *err);

/* Lay the committed frames of a write-ahead log over the file, as SQLite's recovery does: up to the
 * last commit whose checksums hold. An empty log, or one of a database that is not in WAL mode, is
 * nothing. False: the log is broken or of another database; the file may still be read alone. */
PRQ_MUST_USE bool prq_sqlite_wal(struct prq_sqlite *db, prq_bytes wal, struct prq_err *err);

enum prq_sqlite_type {
    PRQ_SQLITE_NULL,
    PRQ_SQLITE_INTEGER,
    PRQ_SQLITE_REAL,
    PRQ_SQLITE_TEXT,
    PRQ_SQLITE_BLOB,
};

struct prq_sqlite_value {
    enum prq_sqlite_type type;
    int64_t integer;
    double real;
    prq_bytes bytes; /* of text and blobs */
};

struct prq_sqlite_row {
    int64_t rowid; /* also the value of an INTEGER PRIMARY KEY column, which itself is NULL */
    size_t count;  /* columns past PRQ_SQLITE_COLUMNS are dropped */
    struct prq_sqlite_value v[PRQ_SQLITE_COLUMNS];
    uint64_t at; /* where the row's cell begins in the database file */
};

struct prq_sqlite_rows {
    const struct prq_sqlite *db;
    uint8_t *seen; /* a bit per page: each is used once */
    size_t depth;
    struct prq_sqlite_level {
        uint32_t page, cell, cells; /* cell == cells: interior pages go on to their right child */
        uint32_t left;              /* bytes that cells of this page may still cover */
    } stack[PRQ_SQLITE_DEPTH];
    bool told_short;
};

/* FORMAT when there is no such table. */
PRQ_MUST_USE bool prq_sqlite_table(const struct prq_sqlite *db, prq_str name,
                                   struct prq_sqlite_rows *out, struct prq_err *err);

/* In order of rowid. FAIL: one row or page is broken; the next call goes on behind it. All calls
 * together cost O(file). Offsets are those of the database file, also for pages in the log. */
PRQ_MUST_USE enum prq_next prq_sqlite_next(struct prq_sqlite_rows *rows, struct prq_sqlite_row *out,
                                           struct prq_err *err);

#endif
