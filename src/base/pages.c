/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pages.h"

#include <sys/mman.h>
#include <unistd.h>

void prq_pages_forget(prq_bytes mapped)
{
    long size = sysconf(_SC_PAGESIZE);
    uintptr_t page = size > 0 ? (uintptr_t)size : 65536;
    uintptr_t start = (uintptr_t)mapped.p, end = start + mapped.n;
    start = (start + page - 1) / page * page;
    end = end / page * page;
    if (start < end)
        madvise((void *)start, end - start, MADV_DONTNEED);
}
