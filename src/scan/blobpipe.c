/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/blobpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "base/fd.h"
#include "io/source.h"

enum { PIECE = 1 << 17, PIPE = 1 << 20, SUM = 64 };

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

static bool feed_all(struct prq_blobpipe *f, uint8_t *buf, struct prq_err *err)
{
    bool is_taken = true;
    size_t got = 1;
    while (!atomic_load(&f->stop)) {
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
        is_taken = is_taken && prq_fd_write_all(f->fd, buf, got);
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
    uint8_t *buf = malloc(PIECE);
    f->failed = !(buf ? feed_all(f, buf, &f->err)
                      : prq_fail(&f->err, PRQ_E_NOMEM, "out of memory"));
    free(buf);
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
    fcntl(ends[1], F_SETPIPE_SZ, PIPE); /* fewer wake-ups; refused is fine */
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
