/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/workers.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fault.h"
#include "base/fd.h"
#include "io/source.h"
#include "scan/blobpipe.h"
#include "scan/sandbox.h"

enum { CONTROL = 3, FDS = 3 };

struct prq_workers {
    pid_t zygote;
    int control;
    pthread_mutex_t lock; /* one job a time through `control` */
    struct timespec began; /* of the image: image_wall_s counts from here */
};

bool prq_workers_start(const char *exe, struct prq_workers **out, struct prq_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return prq_fail(err, PRQ_E_IO, "socket pair for the workers");
    PRQ_FD int mine = pair[0];
    PRQ_FD int theirs = pair[1];
    struct prq_workers *w = calloc(1, sizeof *w);
    if (!w)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    char *const argv[] = { (char[]){ "pratique" }, (char[]){ "worker-zygote" }, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (theirs == CONTROL) /* dup2 onto itself would keep close-on-exec: glibc clears it */
        posix_spawn_file_actions_adddup2(&actions, CONTROL, CONTROL);
    else
        posix_spawn_file_actions_adddup2(&actions, theirs, CONTROL);
    int rc = posix_spawn(&w->zygote, exe, &actions, NULL, argv, prq_fault_env());
    posix_spawn_file_actions_destroy(&actions);
    if (rc) {
        free(w);
        errno = rc;
        return prq_fail(err, PRQ_E_IO, "start the worker %s", exe);
    }
    pthread_mutex_init(&w->lock, NULL);
    clock_gettime(CLOCK_MONOTONIC, &w->began);
    w->control = prq_fd_take(&mine);
    *out = w;
    return true;
}

void prq_workers_stop(struct prq_workers *w)
{
    if (!w)
        return;
    close(w->control);
    kill(w->zygote, SIGKILL);
    while (waitpid(w->zygote, NULL, 0) < 0 && errno == EINTR)
        ;
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void prq_layer_result_release(struct prq_layer_result *r)
{
    prq_buf_release(&r->facts);
    prq_buf_release(&r->index);
}

bool prq_layer_result_death(const struct prq_layer_result *r, const struct prq_limits *limits,
                            char *how, size_t room)
{
    int sig = WIFSIGNALED(r->wait_status) ? WTERMSIG(r->wait_status) : 0;
    if (r->is_late)
        snprintf(how, room, "more than %llu s passed: limit image_wall_s",
                 (unsigned long long)limits->image_wall_s);
    else if (sig == SIGXCPU)
        snprintf(how, room, "more than %llu s of processor time: limit image_cpu_s",
                 (unsigned long long)limits->image_cpu_s);
    else if (sig == SIGPROF)
        snprintf(how, room, "more than %llu ms of processor time: limit file_cpu_ms",
                 (unsigned long long)limits->file_cpu_ms);
    else if (sig)
        snprintf(how, room, "the worker was ended by signal %d%s", sig,
                 sig == SIGSYS ? " (sandbox)" : "");
    else
        snprintf(how, room, "the worker ended without an answer");
    return r->is_late || sig == SIGXCPU || sig == SIGPROF;
}

static bool give_job(struct prq_workers *w, struct prq_job *job, const int fds[FDS],
                     struct prq_err *err)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int) * FDS)];
    } control = { .room = { 0 } };
    struct iovec iov = { job, sizeof *job };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
                          .msg_controllen = sizeof control };
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * FDS);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * FDS);
    job->magic = PRQ_JOB_MAGIC;
    pthread_mutex_lock(&w->lock);
    ssize_t n;
    do
        n = sendmsg(w->control, &msg, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    pthread_mutex_unlock(&w->lock);
    return n == (ssize_t)sizeof *job || prq_fail(err, PRQ_E_IO, "hand a layer to a worker");
}

/* One blob on its way through a worker. */
struct errand {
    const struct prq_errand *is;
    const struct prq_workers *w;
    int result;                /* our end of the socket */
    struct prq_blobpipe feed, more; /* the blob, and the blob once more */
    struct prq_blob again;
    bool has_more;
    struct prq_layer_result *r;
};

/* The worker is locked away: the blob may come. */
static bool take_level(struct errand *e, const uint8_t *body, size_t size, struct prq_err *err)
{
    uint32_t level;
    if (size != sizeof level || e->r->has_sandbox)
        return prq_fail(err, PRQ_E_FORMAT, "a worker's answer is malformed");
    memcpy(&level, body, size);
    e->r->has_sandbox = true;
    e->r->sandbox = level & (PRQ_BOX_NAMESPACES | PRQ_BOX_LANDLOCK | PRQ_BOX_SECCOMP);
    return prq_blobpipe_start(&e->feed, err);
}

static bool send_pipe(int to, int fd)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { .room = { 0 } };
    struct iovec iov = { (char[]){ 'R' }, 1 };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (fd >= 0) {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(to, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

/* What cannot be had a second time is a gap of the worker's, and no failure. */
static bool take_request(struct errand *e, size_t size, struct prq_err *err)
{
    const struct prq_blob *blob = e->is->blob;
    PRQ_FD int fd = -1;
    if (size != 0 || !e->r->has_sandbox || e->has_more)
        return prq_fail(err, PRQ_E_FORMAT, "a worker's answer is malformed");
    e->has_more = true;
    if (blob->fd < 0) {
        if (!e->is->reopen || !blob->digest.n || !e->is->reopen(e->is->user, &e->again, NULL))
            return send_pipe(e->result, -1) || true;
        blob = &e->again;
    }
    if (!prq_blobpipe_open(&e->more, blob, e->is->job->limits.blob_bytes, &fd, err))
        return false;
    e->more.is_again = true;
    if (!prq_blobpipe_start(&e->more, err))
        return false;
    return send_pipe(e->result, fd) || true; /* a worker that is gone is found dead */
}

static bool take_message(struct errand *e, const uint8_t *m, size_t n, struct prq_err *err)
{
    struct prq_layer_result *r = e->r;
    const uint8_t *body = m + 1;
    size_t size = n - 1;
    switch (m[0]) {
    case 'L':
        return take_level(e, body, size, err);
    case 'R':
        return take_request(e, size, err);
    case 'F':
        return prq_buf_add(&r->facts, body, size) ||
               prq_fail(err, PRQ_E_LIMIT, "facts of a layer exceed the budget");
    case 'I':
        return prq_buf_add(&r->index, body, size) ||
               prq_fail(err, PRQ_E_LIMIT, "file index of a layer exceeds the budget");
    case 'E':
        /* Bytes that no bool can have must not become one. */
        if (size != sizeof r->end || r->has_end ||
            (body[offsetof(struct prq_job_end, has_diff)] |
             body[offsetof(struct prq_job_end, err.has_offset)]) > 1)
            return prq_fail(err, PRQ_E_FORMAT, "a worker's answer is malformed");
        memcpy(&r->end, body, size);
        r->end.err.text[PRQ_ERR_TEXT - 1] = '\0';
        r->has_end = true;
        return true;
    case 'S': {
        struct prq_job_status s;
        if (size != sizeof s)
            return prq_fail(err, PRQ_E_FORMAT, "a worker's status is malformed");
        memcpy(&s, body, size);
        r->wait_status = s.wait_status;
        r->has_status = true;
        return true;
    }
    case 'A':
        r->at_n = prq_min_size(size, sizeof r->at);
        memcpy(r->at, body, r->at_n);
        return true;
    default:
        return prq_fail(err, PRQ_E_FORMAT, "a worker's answer is malformed");
    }
}

static uint64_t seconds_since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)(now.tv_sec - began->tv_sec);
}

static bool collect(struct errand *e, struct prq_err *err)
{
    const struct prq_limits *limits = &e->is->job->limits;
    struct prq_layer_result *r = e->r;
    uint8_t *m = malloc(PRQ_MESSAGE_MAX);
    if (!m)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    prq_buf_init(&r->facts, (size_t)limits->facts_bytes);
    prq_buf_init(&r->index, (size_t)limits->index_bytes);
    bool ok = true;
    for (;;) {
        struct pollfd p = { e->result, POLLIN, 0 };
        int ready = poll(&p, 1, 200);
        if (e->is->cancel && atomic_load(e->is->cancel)) {
            ok = prq_fail(err, PRQ_E_CANCELLED, "stopped");
            break;
        }
        if (seconds_since(&e->w->began) > limits->image_wall_s) {
            r->is_late = true; /* the worker goes with the zygote */
            break;
        }
        if (ready <= 0)
            continue;
        ssize_t n = recv(e->result, m, PRQ_MESSAGE_MAX, MSG_TRUNC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* worker and zygote have both closed their end */
        ok = n <= PRQ_MESSAGE_MAX ? take_message(e, m, (size_t)n, err)
                                  : prq_fail(err, PRQ_E_FORMAT, "a worker's answer is malformed");
        if (!ok)
            break;
    }
    free(m);
    return ok;
}

static bool hand_over(struct errand *e, struct prq_workers *w, struct prq_err *err)
{
    int pair[2];
    PRQ_FD int blob = -1;
    if (!prq_blobpipe_open(&e->feed, e->is->blob,
                       e->is->blob->digest.n ? e->is->job->limits.blob_bytes : UINT64_MAX, &blob,
                       err))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return prq_fail(err, PRQ_E_IO, "socket pair for a worker");
    e->result = pair[0];
    PRQ_FD int theirs = pair[1];
    PRQ_FD int spool = -1;
    return prq_spool_new(&spool, err) &&
           give_job(w, e->is->job, (int[FDS]){ theirs, blob, spool }, err);
}

/* The worker sees the same bytes both times, or what it says of them is worth nothing. */
static bool end_feeds(struct errand *e, bool stop, struct prq_err *err)
{
    struct prq_blobpipe *f = &e->feed;
    prq_blobpipe_close(f, stop);
    prq_blobpipe_close(&e->more, stop);
    prq_blob_release(&e->again);
    bool differ = prq_blobpipe_differ(f, &e->more);
    prq_blobpipe_release(f);
    prq_blobpipe_release(&e->more);
    const struct prq_err *why = f->failed ? &f->err : e->more.failed ? &e->more.err : NULL;
    if (why && err)
        *err = *why;
    if (why)
        return false;
    if (differ)
        return prq_fail(err, PRQ_E_FORMAT, "the blob changed while it was read");
    return true;
}

bool prq_workers_run(struct prq_workers *w, const struct prq_errand *errand,
                     struct prq_layer_result *out, struct prq_err *err)
{
    struct errand e = { .is = errand, .w = w, .result = -1, .again = { .fd = -1 }, .r = out };
    *out = (struct prq_layer_result){ 0 };
    bool ok = hand_over(&e, w, err) && collect(&e, err);
    if (e.result >= 0)
        close(e.result); /* the zygote ends a worker that nobody listens to */
    struct prq_err why = PRQ_ERR_INIT;
    if (!end_feeds(&e, !ok || out->is_late, &why)) {
        if (ok && err)
            *err = why;
        return false;
    }
    out->has_blob = e.feed.at_end;
    out->blob_bytes = e.feed.bytes;
    memcpy(out->blob, e.feed.sum, sizeof out->blob);
    return ok;
}
