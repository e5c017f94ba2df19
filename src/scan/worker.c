/* SPDX-License-Identifier: Apache-2.0 */
/* A worker reads one layer:
 *
 *   pipe ─ limit ─ gunzip/zstd ─ limit ─┐   thread A ("unpack")
 *                                     belt, where the tar is hashed
 *   facts ─ analyzers ─ tar ────────────┘   thread B ("walk", the caller)
 *
 * Both threads are started before the last lock is set. The coordinator, which hashes the blob, lets
 * it flow when it has been told so. */
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
#include "scan/lists.h"
#include "scan/sandbox.h"
#include "scan/walk.h"

/* ---- thread A */

struct unpack {
    uint64_t trailing;       /* bytes behind the gzip data */
    const struct prq_job *job;
    int blob;
    struct prq_belt belt;
};

/* Above the pipe. What one read of a pipe gives is a matter of who was quicker, and limits look at
 * each step: whole pieces make them say the same each time. */
struct whole {
    struct prq_stream s;
    struct prq_stream *below;
};

static bool whole_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct whole *w = (struct whole *)(void *)s;
    size_t n = 0, more = 1;
    cap = prq_min_size(cap, PRQ_PIECE_BYTES);
    while (more && n < cap) {
        if (!prq_stream_read(w->below, (char *)buf + n, cap - n, &more, err))
            return false;
        n += more;
    }
    *got = n;
    return true;
}

static void whole_close(struct prq_stream *s)
{
    prq_stream_close(((struct whole *)(void *)s)->below);
    free(s);
}

static struct prq_stream *whole_stream(struct prq_stream *below)
{
    static const struct prq_stream_ops ops = { whole_read, whole_close };
    struct whole *w = below ? malloc(sizeof *w) : NULL;
    if (!w) {
        prq_stream_close(below);
        return NULL;
    }
    *w = (struct whole){ { &ops }, below };
    return &w->s;
}

/* Takes the descriptor. */
static bool unpack_open(const struct prq_job *job, int blob, uint64_t *trailing,
                        struct prq_stream **out, struct prq_err *err)
{
    struct prq_stream *s = prq_limit_stream(whole_stream(prq_pipe_stream(blob)),
                                            job->limits.blob_bytes, "compressed layer");
    if (!prq_decompress_counting(s, &job->limits, trailing, &s, err))
        return false;
    *out = prq_limit_stream(s, job->limits.image_bytes, "uncompressed layer");
    return *out || prq_fail(err, PRQ_E_NOMEM, "out of memory");
}

static bool unpack_all(struct unpack *u, struct prq_stream *s, struct prq_err *err)
{
    for (;;) {
        uint8_t *room = prq_belt_room(&u->belt);
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
            prq_belt_push(&u->belt, n);
        if (!ok || !got)
            return ok;
    }
}

static void *unpack_main(void *user)
{
    struct unpack *u = user;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_stream *s = NULL;
    bool ok = unpack_open(u->job, u->blob, &u->trailing, &s, &err) && unpack_all(u, s, &err);
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

/* -1: it cannot be had. */
static int ask_for_blob(struct outlet *o)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char answer;
    int fd = -1;
    struct iovec iov = { &answer, 1 };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
                          .msg_controllen = sizeof control };
    ssize_t n;
    send_message(o, 'R', NULL, 0);
    do
        n = o->failed ? 0 : recvmsg(o->fd, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
    if (c && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

static struct prq_stream *reopen(void *user)
{
    const struct walker *walker = user;
    struct prq_stream *out = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    int fd = ask_for_blob(walker->outlet);
    return fd >= 0 && unpack_open(walker->unpack->job, fd, NULL, &out, &err) ? out : NULL;
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
    struct prq_ctx ctx = { .limits = &job->limits, .scratch = scratch, .aside = &u->belt.aside };
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

/* No layer but a document that lists packages. */
static void read_list(struct unpack *u, struct outlet *o, struct prq_job_end *end)
{
    struct prq_list_answer answer;
    prq_list_answer(u->job, &u->belt.s, &answer, &end->err);
    send_buf(o, 'F', &answer.analysis, true);
    send_buf(o, 'I', &answer.pairs, true);
    prq_list_answer_release(&answer);
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
    struct prq_job_end end = { 0 };
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
    if (prq_belt_init(&u->belt, job->sha512_diff, &end.err) &&
        pthread_create(&thread, NULL, unpack_main, u) == 0) {
        uint32_t level = env->sandbox | (env->owns_process ? prq_sandbox_lock() : 0);
        send_message(o, 'L', &level, sizeof level);
        if (job->task == PRQ_TASK_LAYER)
            walk(u, o, env, &end);
        else
            read_list(u, o, &end);
        prq_belt_stop(&u->belt);
        pthread_join(thread, NULL);
        end.has_diff = u->belt.was_read;
        end.trailing = u->trailing;
        end.tar_bytes = u->belt.bytes;
        prq_belt_digest(&u->belt, end.diff);
    } else if (end.err.code == PRQ_E_NONE) {
        prq_fail(&end.err, PRQ_E_NOMEM, "a worker could not be set up");
    }
    send_message(o, 'E', &end, sizeof end);
    prq_belt_release(&u->belt);
    free(u);
    free(o);
}
