/* SPDX-License-Identifier: Apache-2.0 */
/* A worker reads one layer:
 *
 *   blob ─ limit ─ digest ─ gunzip/zstd ─ limit ─┐   thread A ("unpack")
 *                                        ring of buffers
 *   facts ─ analyzers ─ tar ─ diff digest ───────┘   thread B ("walk", the caller)
 *
 * Both threads are started before the last lock is set; nothing of the blob is read before. */
#include "scan/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/source.h"
#include "lib/lib.h"
#include "scan/sandbox.h"
#include "scan/walk.h"

/* ---- a stage that hashes what passes */
struct hashing {
    struct prq_stream s;
    struct prq_stream *below;
    struct prq_digest *digest;
    uint64_t bytes;
    bool at_end;
};

static bool hashing_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                         struct prq_err *err)
{
    struct hashing *h = (struct hashing *)(void *)s;
    if (!prq_stream_read(h->below, buf, cap, got, err))
        return false;
    prq_digest_add(h->digest, buf, *got);
    h->bytes += *got;
    h->at_end = *got == 0;
    return true;
}

/* Closing only ends the stage: the worker still wants what it counted, and owns the memory. */
static void hashing_close(struct prq_stream *s)
{
    struct hashing *h = (struct hashing *)(void *)s;
    prq_stream_close(h->below);
    h->below = NULL;
}

static const struct prq_stream_ops hashing_ops = { hashing_read, hashing_close };

static bool hashing_init(struct hashing *h, bool sha512, struct prq_err *err)
{
    *h = (struct hashing){ .s.ops = &hashing_ops };
    return prq_digest_new(sha512 ? PRQ_SHA512 : PRQ_SHA256, &h->digest, err);
}

/* ---- the ring between the two threads */
enum { RING = 8, PIECE = 1 << 18 };

struct ring {
    struct prq_stream s; /* the walker reads from it */
    pthread_mutex_t lock; /* guards all below but the pieces' bytes, which have one owner */
    pthread_cond_t changed;
    uint8_t *piece[RING];
    size_t n[RING];
    size_t head, tail;   /* filled up to head, read up to tail */
    size_t at;           /* in the tail piece */
    bool has_ended, is_stopped, may_start;
    bool failed;
    struct prq_err err;  /* why the producer ended */
};

static bool ring_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct ring *r = (struct ring *)(void *)s;
    pthread_mutex_lock(&r->lock);
    while (r->head == r->tail && !r->has_ended)
        pthread_cond_wait(&r->changed, &r->lock);
    bool any = r->head != r->tail;
    pthread_mutex_unlock(&r->lock);
    if (!any) {
        *got = 0;
        if (r->failed && err)
            *err = r->err;
        return !r->failed;
    }
    size_t slot = r->tail % RING;
    size_t n = prq_min_size(cap, r->n[slot] - r->at);
    memcpy(buf, r->piece[slot] + r->at, n);
    r->at += n;
    *got = n;
    if (r->at == r->n[slot]) {
        r->at = 0;
        pthread_mutex_lock(&r->lock);
        r->tail++;
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
    }
    return true;
}

static void ring_close(struct prq_stream *s)
{
    (void)s;
}

static const struct prq_stream_ops ring_ops = { ring_read, ring_close };

static bool ring_init(struct ring *r)
{
    *r = (struct ring){ .s.ops = &ring_ops };
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    for (size_t i = 0; i < RING; i++)
        if (!(r->piece[i] = malloc(PIECE)))
            return false;
    return true;
}

static void ring_end(struct ring *r, const struct prq_err *err)
{
    pthread_mutex_lock(&r->lock);
    if (err) {
        r->failed = true;
        r->err = *err;
    }
    r->has_ended = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

/* Wait for a free slot; false: the walker has gone. */
static bool ring_slot(struct ring *r, size_t *slot)
{
    pthread_mutex_lock(&r->lock);
    while (r->head - r->tail == RING && !r->is_stopped)
        pthread_cond_wait(&r->changed, &r->lock);
    *slot = r->head % RING;
    bool go = !r->is_stopped;
    pthread_mutex_unlock(&r->lock);
    return go;
}

static void ring_push(struct ring *r, size_t slot, size_t n)
{
    pthread_mutex_lock(&r->lock);
    r->n[slot] = n;
    r->head++;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

/* ---- thread A */
struct unpack {
    const struct prq_job *job;
    int blob;
    struct ring ring;
    struct hashing raw;      /* the blob's digest */
    bool has_blob;
};

static bool unpack_open(struct unpack *u, struct prq_stream **out, struct prq_err *err)
{
    const struct prq_job *job = u->job;
    struct prq_stream *s = job->is_pipe ? prq_pipe_stream(u->blob)
                                        : prq_fd_stream(u->blob, job->offset, job->length);
    if (s)
        s = prq_limit_stream(s, job->limits.blob_bytes, "compressed layer");
    if (!s)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    u->raw.below = s;
    return prq_decompress_stream(&u->raw.s, &job->limits, out, err);
}

static bool unpack_all(struct unpack *u, struct prq_stream *s, struct prq_err *err)
{
    for (;;) {
        size_t slot, n = 0, got = 1;
        if (!ring_slot(&u->ring, &slot))
            return prq_fail(err, PRQ_E_CANCELLED, "stopped");
        /* Full pieces keep the handing over cheap. */
        bool ok = true;
        while (ok && got && n < PIECE) {
            ok = prq_stream_read(s, u->ring.piece[slot] + n, PIECE - n, &got, err);
            n += ok ? got : 0;
        }
        if (n)
            ring_push(&u->ring, slot, n);
        if (!ok || !got)
            return ok;
    }
}

static void *unpack_main(void *user)
{
    struct unpack *u = user;
    pthread_mutex_lock(&u->ring.lock);
    while (!u->ring.may_start)
        pthread_cond_wait(&u->ring.changed, &u->ring.lock);
    pthread_mutex_unlock(&u->ring.lock);

    struct prq_err err = PRQ_ERR_INIT, after = PRQ_ERR_INIT;
    struct prq_stream *s = NULL;
    bool ok = unpack_open(u, &s, &err) && unpack_all(u, s, &err);
    /* What follows the compressed data belongs to the blob's digest. */
    static char waste[1 << 16];
    size_t got = 1;
    bool read_on = u->raw.below != NULL;
    while (read_on && !u->raw.at_end && got)
        read_on = prq_stream_read(&u->raw.s, waste, sizeof waste, &got, &after);
    u->has_blob = u->raw.at_end;
    ring_end(&u->ring, ok ? NULL : &err);
    prq_stream_close(s);
    return NULL;
}

/* ---- sending */
struct outlet {
    int fd;
    bool failed;
    uint8_t message[PRQ_MESSAGE_MAX];
};

static void send_message(struct outlet *o, char type, const void *p, size_t n)
{
    o->message[0] = (uint8_t)type;
    if (n)
        memcpy(o->message + 1, p, n);
    ssize_t sent;
    do
        sent = send(o->fd, o->message, n + 1, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    o->failed |= sent != (ssize_t)n + 1;
}

static void send_buf(struct outlet *o, char type, struct prq_buf *b, bool all)
{
    size_t at = 0, piece = PRQ_MESSAGE_MAX - 1;
    while (!o->failed && (b->n - at >= piece || (all && at < b->n))) {
        size_t n = prq_min_size(piece, b->n - at);
        send_message(o, type, b->p + at, n);
        at += n;
    }
    if (at) {
        memmove(b->p, b->p + at, b->n - at);
        b->n -= at;
    }
}

struct walker {
    struct unpack *unpack;
    struct outlet *outlet;
};

/* A blob in a file can be read twice; one that came through a pipe is gone. */
static struct prq_stream *reopen(void *user)
{
    const struct walker *walker = user;
    const struct prq_job *job = walker->unpack->job;
    struct prq_stream *out = NULL;
    if (job->is_pipe)
        return NULL;
    struct prq_stream *s = prq_fd_stream(walker->unpack->blob, job->offset, job->length);
    struct prq_err err = PRQ_ERR_INIT;
    return s && prq_decompress_stream(s, &job->limits, &out, &err) ? out : NULL;
}

/* The budgets are over what was written in all, so they shrink with what was sent. */
static bool flush(void *user, struct prq_facts_writer *w)
{
    struct walker *walker = user;
    struct outlet *o = walker->outlet;
    size_t facts = w->facts.n, index = w->index.n;
    if (facts >= PRQ_MESSAGE_MAX)
        send_buf(o, 'F', &w->facts, false);
    if (index >= PRQ_MESSAGE_MAX)
        send_buf(o, 'I', &w->index, false);
    w->facts.max -= facts - w->facts.n;
    w->index.max -= index - w->index.n;
    return !o->failed;
}

/* ---- thread B */
static void walk(struct unpack *u, struct outlet *o, int spool, struct prq_job_end *end)
{
    const struct prq_job *job = u->job;
    struct prq_facts_writer w;
    prq_facts_writer_init(&w, &job->limits);
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA scratch = prq_arena_new((size_t)job->limits.scratch_bytes);
    struct prq_ctx ctx = { .limits = &job->limits, .scratch = scratch };
    struct hashing tar;
    struct prq_err *err = &end->err;
    struct walker walker = { u, o };
    struct prq_walk_opts opts = { .mode = job->mode, .spool_fd = spool,
                                  .digest_files = job->digest_files, .flush = flush,
                                  .reopen = reopen, .user = &walker };
    bool ok = arena && scratch && hashing_init(&tar, job->sha512_diff, err);
    if (ok) {
        struct prq_stream *limited = prq_limit_stream(&u->ring.s, job->limits.image_bytes,
                                                      "uncompressed layer");
        tar.below = limited;
        opts.dispatch = prq_dispatch_new(job->mode, arena);
        ok = limited && opts.dispatch;
        if (!ok)
            prq_fail(err, PRQ_E_NOMEM, "out of memory");
        ok = ok && prq_walk_layer(&ctx, &tar.s, &opts, &w, err);
        end->has_diff = tar.at_end && !u->ring.failed;
        end->tar_bytes = tar.bytes;
        prq_digest_end(tar.digest, end->diff);
        prq_digest_free(tar.digest);
        prq_stream_close(&tar.s);
    }
    if (!ok && err->code == PRQ_E_NONE)
        prq_fail(err, PRQ_E_NOMEM, "out of memory");
    end->file_count = w.file_count;
    send_buf(o, 'F', &w.facts, true);
    send_buf(o, 'I', &w.index, true);
    prq_facts_writer_release(&w);
}

static void stop_unpack(struct unpack *u)
{
    pthread_mutex_lock(&u->ring.lock);
    u->ring.is_stopped = true;
    pthread_cond_broadcast(&u->ring.changed);
    pthread_mutex_unlock(&u->ring.lock);
}

void prq_worker_run(const struct prq_job *job, int result, int blob, int spool, unsigned sandbox,
                    bool lock)
{
    struct unpack *u = calloc(1, sizeof *u);
    struct outlet *o = calloc(1, sizeof *o);
    struct prq_job_end end = { .sandbox = sandbox };
    pthread_t thread;
    if (!u || !o)
        return;
    o->fd = result;
    u->job = job;
    u->blob = blob;
    bool ready = hashing_init(&u->raw, job->sha512_blob, &end.err) && ring_init(&u->ring) &&
                 pthread_create(&thread, NULL, unpack_main, u) == 0;
    if (ready) {
        if (lock)
            end.sandbox |= prq_sandbox_lock();
        pthread_mutex_lock(&u->ring.lock);
        u->ring.may_start = true;
        pthread_cond_broadcast(&u->ring.changed);
        pthread_mutex_unlock(&u->ring.lock);
        walk(u, o, spool, &end);
        stop_unpack(u);
        pthread_join(thread, NULL);
        end.has_blob = u->has_blob;
        end.blob_bytes = u->raw.bytes;
        prq_digest_end(u->raw.digest, end.blob);
    } else if (end.err.code == PRQ_E_NONE) {
        prq_fail(&end.err, PRQ_E_NOMEM, "a worker could not be set up");
    }
    send_message(o, 'E', &end, sizeof end);
    if (u->raw.digest)
        prq_digest_free(u->raw.digest);
    for (size_t i = 0; i < RING; i++)
        free(u->ring.piece[i]);
    free(u);
    free(o);
}
