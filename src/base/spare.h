/* SPDX-License-Identifier: Apache-2.0 */
/* Room on the disk for what is too large to be held while one file is looked at: the part of a
 * worker's spool behind that file. Used like a stack: who has written `n` bytes and goes on with
 * others moves `at` behind them, and back when done. */
#ifndef PRQ_BASE_SPARE_H
#define PRQ_BASE_SPARE_H

#include "base/str.h"

enum { PRQ_SPARE_ALIGN = 65536 }; /* a multiple of every page size: mappings begin on one */

struct prq_spare {
    int fd;
    uint64_t at, end;
};

/* Is there room for so many bytes? `spare` may be NULL: there is none. */
bool prq_spare_has(const struct prq_spare *spare, uint64_t n);
/* Writes at at + offset. False: it cannot be written. */
bool prq_spare_write(const struct prq_spare *spare, uint64_t offset, prq_bytes piece);
/* Takes the first n bytes, which were written, out as a read-only mapping, and moves `at`. */
bool prq_spare_map(struct prq_spare *spare, size_t n, prq_bytes *out);
/* Ends the mapping; `at`: where it was before. */
void prq_spare_unmap(struct prq_spare *spare, uint64_t at, prq_bytes map);

#endif
