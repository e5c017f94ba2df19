/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/blobpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "base/fd.h"
#include "io/source.h"

enum { PIECE = 1 << 17, PIPE = 1 << 19, PAGE = 4096, SUM = 64 };

/* Pieces are not copied into the pipe: it takes the pages themselves (vmsplice), which must then stay
 * as they are until they were read. A pipe holds no more pages than its size, so the ring is that and
 * two pieces larger: the one being filled and one that did not fit before the ring's end. The mapping
 * is its own, for what is in the pipe outlives it. A worker that keeps such pages to see them change
 * betrays only itself: the digest is of what they were. */
enum { RING = PIPE + 2 * PIECE };

struct ring {
    uint8_t *p;
    size_t at;     /* where the next piece goes */
    bool is_taken; /* by a pipe that takes pages */
};

static bool ring_open(struct ring *r, int fd)
{
    int size = fcntl(fd, F_SETPIPE_SZ, PIPE); /* fewer wake-ups; refused is fine */
    if (size < 0)
        size = fcntl(fd, F_GETPIPE_SZ);
    r->at = 0;
    r->is_taken = size > 0 && size <= PIPE && sysconf(_SC_PAGESIZE) == PAGE;
    r->p = mmap(NULL, RING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return r->p != MAP_FAILED;
}

static uint8_t *ring_room(struct ring *r)
{
    if (RING - r->at < PIECE)
        r->at = 0;
    return r->p + r->at;
}

/* Where the kernel has no such call, the rest is copied. */
static bool ring_send(struct ring *r, int fd, size_t n)
{
    struct iovec left = { r->p + r->at, n };
    r->at += (n + PAGE - 1) / PAGE * PAGE;
    while (r->is_taken && left.iov_len) {
        ssize_t w = vmsplice(fd, &left, 1, 0);
        if (w < 0 && errno == EPIPE)
            return false;
        if (w < 0 && errno == EINTR)
            continue;
        r->is_taken = w > 0;
        if (w > 0) {
            left.iov_base = (uint8_t *)left.iov_base + w;
            left.iov_len -= (size_t)w;
        }
    }
    return prq_fd_write_all(fd, left.iov_base, left.iov_len);
}

/* Pieces end at marks. */
static size_t piece_of(const struct prq_blobpipe *f)
{
    return prq_min_size(PIECE, PRQ_MARK_EVERY - (size_t)(f->bytes % PRQ_MARK_EVERY));
}

static bool is_at_mark(const struct prq_blobpipe *f)
{
    return f->bytes % PRQ_MARK_EVERY == 0;
}

static bool hash(struct prq_blobpipe *f, const uint8_t *p, size_t n, struct prq_err *err)
{
    uint8_t sum[SUM] = { 0 };
    prq_digest_add(f->digest, p, n);
    if (is_at_mark(f) && !(prq_digest_so_far(f->digest, sum) && prq_buf_add(&f->marks, sum, SUM)))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return true;
}

static bool feed_all(struct prq_blobpipe *f, struct ring *ring, struct prq_err *err)
{
    bool is_taken = true;
    size_t got = 1;
    while (!atomic_load(&f->stop)) {
        uint8_t *buf = ring_room(ring);
        if (!prq_stream_read(f->stream, buf, piece_of(f), &got, err))
            return false;
        f->at_end = got == 0;
        if (f->at_end)
            return true;
        f->bytes += got;
        if (f->bytes > f->max)
            return prq_fail(err, PRQ_E_LIMIT, "blob is larger than %llu bytes",
                            (unsigned long long)f->max);
        /* A worker that stopped reading has said why, or will be found dead. */
        is_taken = is_taken && ring_send(ring, f->fd, got);
        if (f->digest && !hash(f, buf, got, err))
            return false;
        if (!is_taken && (!f->digest || (f->is_again && is_at_mark(f))))
            return true;
    }
    return true;
}

static void *feed_main(void *user)
{
    struct prq_blobpipe *f = user;
    sigset_t pipe_signal;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    struct ring ring;
    bool has_ring = ring_open(&ring, f->fd);
    f->failed = !(has_ring ? feed_all(f, &ring, &f->err)
                           : prq_fail(&f->err, PRQ_E_NOMEM, "out of memory"));
    if (has_ring)
        munmap(ring.p, RING);
    close(f->fd);
    f->fd = -1;
    if (f->digest)
        prq_digest_end(f->digest, f->sum);
    return NULL;
}

bool prq_blobpipe_open(struct prq_blobpipe *f, const struct prq_blob *blob, uint64_t max,
                       int *read_end, struct prq_err *err)
{
    prq_str expected = blob->digest.n ? blob->digest : blob->diff_id;
    enum prq_digest_alg alg;
    prq_str hex;
    int ends[2];
    *f = (struct prq_blobpipe){ .fd = -1, .max = max, .is_open = true };
    prq_buf_init(&f->marks, (size_t)PRQ_MIB(4)); /* of half a terabyte */
    f->owns_stream = blob->fd >= 0;
    f->stream = f->owns_stream ? prq_fd_stream(blob->fd, blob->offset, blob->length)
                               : blob->stream;
    if (!f->stream)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (prq_digest_parse(expected, &alg, &hex) && !prq_digest_new(alg, &f->digest, err))
        return false;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return prq_fail(err, PRQ_E_IO, "pipe for a layer");
    *read_end = ends[0];
    f->fd = ends[1];
    return true;
}

bool prq_blobpipe_start(struct prq_blobpipe *f, struct prq_err *err)
{
    int rc = pthread_create(&f->thread, NULL, feed_main, f);
    f->is_running = rc == 0;
    errno = rc;
    return f->is_running || prq_fail(err, PRQ_E_IO, "thread for a layer");
}

bool prq_blobpipe_differ(const struct prq_blobpipe *first, const struct prq_blobpipe *again)
{
    size_t n = prq_min_size(first->marks.n, again->marks.n);
    if (n && memcmp(first->marks.p, again->marks.p, n) != 0)
        return true;
    if (first->at_end && again->at_end)
        return first->bytes != again->bytes || memcmp(first->sum, again->sum, sizeof first->sum) != 0;
    return (first->at_end && again->bytes > first->bytes) ||
           (again->at_end && first->bytes > again->bytes);
}

void prq_blobpipe_close(struct prq_blobpipe *f, bool stop)
{
    if (!f->is_open)
        return;
    if (stop)
        atomic_store(&f->stop, true);
    if (f->is_running)
        pthread_join(f->thread, NULL);
    if (f->fd >= 0)
        close(f->fd);
    if (f->owns_stream)
        prq_stream_close(f->stream);
    prq_digest_free(f->digest);
    f->digest = NULL;
    f->is_open = f->is_running = false;
}

void prq_blobpipe_release(struct prq_blobpipe *f)
{
    prq_buf_release(&f->marks);
}
