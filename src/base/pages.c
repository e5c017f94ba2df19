/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pages.h"

#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; older ones refuse it */
#endif

static void advise(const void *p, size_t n, int advice)
{
    long size = sysconf(_SC_PAGESIZE);
    uintptr_t page = size > 0 ? (uintptr_t)size : 65536;
    uintptr_t start = (uintptr_t)p, end = start + n;
    start = (start + page - 1) / page * page;
    end = end / page * page;
    if (start < end)
        madvise((void *)start, end - start, advice);
}

void prq_pages_forget(prq_bytes mapped)
{
    advise(mapped.p, mapped.n, MADV_DONTNEED);
}

void prq_pages_expect(void *p, size_t n)
{
    advise(p, n, MADV_POPULATE_WRITE);
}
