/* SPDX-License-Identifier: Apache-2.0 */
/* A worker reads one layer:
 *
 *   blob ─ limit ─ gunzip/zstd ─ limit ─┐   thread A ("unpack")
 *                                     belt, where both are hashed
 *   facts ─ analyzers ─ tar ────────────┘   thread B ("walk", the caller)
 *
 * Both threads are started before the last lock is set; nothing of the blob is read before. */
#include "scan/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/source.h"
#include "scan/belt.h"
#include "scan/sandbox.h"
#include "scan/walk.h"

/* ---- thread A */

/* Above the blob: what passes is put on the belt to be hashed. */
struct reading {
    struct prq_stream s;
    struct prq_stream *below;
    struct prq_belt *belt;
    bool at_end;
};

static bool reading_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                         struct prq_err *err)
{
    struct reading *r = (struct reading *)(void *)s;
    cap = prq_min_size(cap, PRQ_PIECE_BYTES);
    if (!prq_stream_read(r->below, buf, cap, got, err))
        return false;
    r->at_end = *got == 0;
    if (r->at_end)
        return true;
    uint8_t *room = prq_belt_room(r->belt, PRQ_LANE_RAW);
    if (!room)
        return prq_fail(err, PRQ_E_CANCELLED, "stopped");
    memcpy(room, buf, *got);
    prq_belt_push(r->belt, PRQ_LANE_RAW, *got);
    return true;
}

/* Closing only ends the stage: the worker reads on behind the compressed data, and owns it. */
static void reading_close(struct prq_stream *s)
{
    struct reading *r = (struct reading *)(void *)s;
    prq_stream_close(r->below);
    r->below = NULL;
}

static const struct prq_stream_ops reading_ops = { reading_read, reading_close };

struct unpack {
    uint64_t trailing;       /* bytes behind the gzip data */
    const struct prq_job *job;
    int blob;
    struct prq_belt belt;
    struct reading raw;
    pthread_mutex_t gate; /* held until the last lock is set */
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
    if (!prq_decompress_counting(&u->raw.s, &job->limits, &u->trailing, &s, err))
        return false;
    *out = prq_limit_stream(s, job->limits.image_bytes, "uncompressed layer");
    return *out || prq_fail(err, PRQ_E_NOMEM, "out of memory");
}

static bool unpack_all(struct unpack *u, struct prq_stream *s, struct prq_err *err)
{
    for (;;) {
        uint8_t *room = prq_belt_room(&u->belt, PRQ_LANE_TAR);
        size_t n = 0, got = 1;
        if (!room)
            return prq_fail(err, PRQ_E_CANCELLED, "stopped");
        /* Full pieces keep the handing over cheap. */
        bool ok = true;
        while (ok && got && n < PRQ_PIECE_BYTES) {
            ok = prq_stream_read(s, room + n, PRQ_PIECE_BYTES - n, &got, err);
            n += ok ? got : 0;
        }
        if (n)
            prq_belt_push(&u->belt, PRQ_LANE_TAR, n);
        if (!ok || !got)
            return ok;
    }
}

static void *unpack_main(void *user)
{
    struct unpack *u = user;
    pthread_mutex_lock(&u->gate);
    pthread_mutex_unlock(&u->gate);

    struct prq_err err = PRQ_ERR_INIT, after = PRQ_ERR_INIT;
    struct prq_stream *s = NULL;
    bool ok = unpack_open(u, &s, &err) && unpack_all(u, s, &err);
    /* What follows the compressed data belongs to the blob's digest. */
    static char waste[1 << 16];
    size_t got = 1;
    bool read_on = u->raw.below != NULL;
    while (read_on && !u->raw.at_end && got)
        read_on = prq_stream_read(&u->raw.s, waste, sizeof waste, &got, &after);
    prq_belt_end(&u->belt, ok ? NULL : &err);
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

/* ---- the file at hand, for the case that it is this process' last */

/* A handler has no other way to know: which file the analyzers are at, and whom to tell. */
static struct {
    int fd;
    size_t n;
    char message[1 + 4096];
} last_word;

static void on_fatal(int sig)
{
    if (last_word.n)
        send(last_word.fd, last_word.message, last_word.n, MSG_NOSIGNAL);
    raise(sig); /* by now with its default action, when this handler returns */
}

static void say_last_word(int result)
{
    static const int always[] = { SIGABRT, SIGPROF, SIGXCPU };
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    static char stack[16 << 10]; /* the other one may be what overflowed */
    stack_t own = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction act = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND | SA_ONSTACK };
    last_word.fd = result;
    last_word.message[0] = 'A';
    sigaltstack(&own, NULL);
    for (size_t i = 0; i < PRQ_COUNT(always); i++)
        sigaction(always[i], &act, NULL);
#ifdef PRQ_SANITIZED
    (void)faults; /* the sanitizer's report is worth more */
#else
    for (size_t i = 0; i < PRQ_COUNT(faults); i++)
        sigaction(faults[i], &act, NULL);
#endif
}

struct walker {
    struct unpack *unpack;
    struct outlet *outlet;
    bool owns_process;
};

/* The budget of processor time ends in SIGPROF: an analyzer that hangs looks at no flag. */
static void at_file(void *user, prq_str path)
{
    const struct walker *walker = user;
    uint64_t ms = path.n ? walker->unpack->job->limits.file_cpu_ms : 0;
    const struct itimerval timer = { .it_value = { .tv_sec = (time_t)(ms / 1000),
                                                   .tv_usec = (suseconds_t)(ms % 1000 * 1000) } };
    if (!walker->owns_process)
        return;
    last_word.n = 0;
    if (path.n && path.n < sizeof last_word.message) {
        memcpy(last_word.message + 1, path.p, path.n);
        last_word.n = path.n + 1;
    }
    setitimer(ITIMER_PROF, &timer, NULL);
}

static int skips(void *user, prq_str path)
{
    const struct walker *walker = user;
    const struct prq_job *job = walker->unpack->job;
    for (uint32_t i = 0; i < job->skip_count; i++)
        if (job->skip[i].path_fnv == prq_str_fnv(path))
            return job->skip[i].signal;
    return 0;
}

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
static void walk(struct unpack *u, struct outlet *o, const struct prq_worker_env *env,
                 struct prq_job_end *end)
{
    const struct prq_job *job = u->job;
    struct prq_facts_writer w;
    prq_facts_writer_init(&w, &job->limits);
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA scratch = prq_arena_new((size_t)job->limits.scratch_bytes);
    struct prq_ctx ctx = { .limits = &job->limits, .scratch = scratch };
    struct prq_err *err = &end->err;
    struct walker walker = { u, o, env->owns_process };
    struct prq_walk_opts opts = { .mode = job->mode, .spool_fd = env->spool,
                                  .digest_files = job->digest_files, .is_tree = job->is_tree,
                                  .lend = prq_belt_lend, .flush = flush, .reopen = reopen,
                                  .at_file = at_file, .skips = skips, .user = &walker };
    opts.dispatch = arena ? prq_dispatch_new_over(env->analyzers, job->mode, arena) : NULL;
    bool ok = scratch && opts.dispatch && prq_walk_layer(&ctx, &u->belt.s, &opts, &w, err);
    if (!ok && err->code == PRQ_E_NONE)
        prq_fail(err, PRQ_E_NOMEM, "out of memory");
    end->file_count = w.file_count;
    send_buf(o, 'F', &w.facts, true);
    send_buf(o, 'I', &w.index, true);
    prq_facts_writer_release(&w);
}

static void limit_cpu(uint64_t seconds)
{
    struct rlimit now;
    if (getrlimit(RLIMIT_CPU, &now) == 0 && seconds < now.rlim_cur) {
        now.rlim_cur = seconds;
        setrlimit(RLIMIT_CPU, &now);
    }
}

void prq_worker_run(const struct prq_job *job, const struct prq_worker_env *env)
{
    struct unpack *u = calloc(1, sizeof *u);
    struct outlet *o = calloc(1, sizeof *o);
    struct prq_job_end end = { .sandbox = env->sandbox };
    pthread_t thread;
    if (!u || !o)
        return;
    o->fd = env->result;
    u->job = job;
    u->blob = env->blob;
    if (env->owns_process) {
        limit_cpu(job->limits.image_cpu_s);
        say_last_word(env->result);
    }
    u->raw = (struct reading){ .s.ops = &reading_ops, .belt = &u->belt };
    pthread_mutex_init(&u->gate, NULL);
    pthread_mutex_lock(&u->gate);
    bool ready = prq_belt_init(&u->belt, job->sha512_blob, job->sha512_diff, &end.err) &&
                 pthread_create(&thread, NULL, unpack_main, u) == 0;
    if (ready && env->owns_process)
        end.sandbox |= prq_sandbox_lock();
    pthread_mutex_unlock(&u->gate);
    if (ready) {
        walk(u, o, env, &end);
        prq_belt_stop(&u->belt);
        pthread_join(thread, NULL);
        end.has_blob = u->raw.at_end;
        end.has_diff = u->belt.was_read;
        end.trailing = u->trailing;
        end.blob_bytes = u->belt.lane[PRQ_LANE_RAW].bytes;
        end.tar_bytes = u->belt.lane[PRQ_LANE_TAR].bytes;
        prq_belt_digest(&u->belt, PRQ_LANE_RAW, end.blob);
        prq_belt_digest(&u->belt, PRQ_LANE_TAR, end.diff);
    } else if (end.err.code == PRQ_E_NONE) {
        prq_fail(&end.err, PRQ_E_NOMEM, "a worker could not be set up");
    }
    send_message(o, 'E', &end, sizeof end);
    prq_belt_release(&u->belt);
    free(u);
    free(o);
}
