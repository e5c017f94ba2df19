/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRQ_BASE_FD_H
#define PRQ_BASE_FD_H

#include <errno.h>
#include <unistd.h>

#include "base/cc.h"

/* Closes at the end of the block and keeps errno: PRQ_FD int fd = open(…); */
static inline void prq_fd_drop(int *fd)
{
    if (*fd >= 0) {
        int keep = errno;
        close(*fd);
        errno = keep;
    }
}
#define PRQ_FD PRQ_CLEANUP(prq_fd_drop)

/* The caller's from here on. */
static inline int prq_fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* All n bytes or false with errno; EINTR is handled. A read that ends early sets errno to 0. */
bool prq_fd_write_all(int fd, const void *p, size_t n);
bool prq_fd_read_all(int fd, void *p, size_t n);

#endif
