/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spare.h"

#include <sys/mman.h>
#include <unistd.h>

bool prq_spare_has(const struct prq_spare *spare, uint64_t n)
{
    return spare && spare->fd >= 0 && spare->at <= spare->end && n <= spare->end - spare->at;
}

bool prq_spare_write(const struct prq_spare *spare, uint64_t offset, prq_bytes piece)
{
    uint64_t from, to;
    return prq_add(spare->at, offset, &from) && prq_add(from, (uint64_t)piece.n, &to) &&
           to <= spare->end &&
           pwrite(spare->fd, piece.p, piece.n, (off_t)from) == (ssize_t)piece.n;
}

bool prq_spare_map(struct prq_spare *spare, size_t n, prq_bytes *out)
{
    void *p = n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, spare->fd, (off_t)spare->at) : MAP_FAILED;
    if (p == MAP_FAILED)
        return false;
    *out = (prq_bytes){ p, n };
    spare->at += (n + PRQ_SPARE_ALIGN - 1) / PRQ_SPARE_ALIGN * PRQ_SPARE_ALIGN;
    return true;
}

void prq_spare_unmap(struct prq_spare *spare, uint64_t at, prq_bytes map)
{
    munmap((void *)(uintptr_t)map.p, map.n);
    spare->at = at;
}
