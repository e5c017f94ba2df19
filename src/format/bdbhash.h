/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a Berkeley DB hash file (rpm's old `Packages`), in either byte order.
 * Source: Berkeley DB, dbinc/db_page.h and hash.h as documented in catalog.md 3.3.2. */
#ifndef PRQ_FORMAT_BDBHASH_H
#define PRQ_FORMAT_BDBHASH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/stream.h"

struct prq_bdb {
    prq_bytes in;
    struct prq_arena *arena;
    uint32_t page_size;
    uint32_t pages; /* really in the file */
    bool big_endian;
    bool is_short; /* the file ends before its last page */
    uint8_t *seen; /* a bit per overflow page: each belongs to one record */
    uint32_t page; /* under way; entry and entries within it */
    uint32_t entry, entries;
    uint32_t floor; /* lowest item offset of the page so far: items lie one below the other */
};

struct prq_bdb_record {
    prq_bytes key, value; /* views into the file, or copies in the arena */
    uint64_t at;          /* where the value's item is in the file */
};

bool prq_bdb_is(prq_bytes in); /* by its magic */

/* The arena holds a bit per page, and the values that lie in overflow pages: the caller may mark
 * and rewind it around prq_bdb_next. */
PRQ_MUST_USE bool prq_bdb_open(struct prq_bdb *db, prq_bytes in, struct prq_arena *arena,
                               struct prq_err *err);

/* FAIL: one record (or page) is broken; the next call goes on behind it. Ends in any case: all
 * calls together cost O(file). */
PRQ_MUST_USE enum prq_next prq_bdb_next(struct prq_bdb *db, struct prq_bdb_record *out,
                                        struct prq_err *err);

#endif
