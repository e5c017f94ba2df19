/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

bool prq_fd_write_all(int fd, const void *p, size_t n)
{
    const char *from = p;
    while (n) {
        ssize_t w = write(fd, from, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        from += w;
        n -= (size_t)w;
    }
    return true;
}

bool prq_fd_read_all(int fd, void *p, size_t n)
{
    char *to = p;
    while (n) {
        ssize_t r = read(fd, to, n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0) {
            if (r == 0)
                errno = 0;
            return false;
        }
        to += r;
        n -= (size_t)r;
    }
    return true;
}
