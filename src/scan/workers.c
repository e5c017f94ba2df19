/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "io/source.h"

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
    char *const env[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (theirs == CONTROL) /* dup2 onto itself would keep close-on-exec: glibc clears it */
        posix_spawn_file_actions_adddup2(&actions, CONTROL, CONTROL);
    else
        posix_spawn_file_actions_adddup2(&actions, theirs, CONTROL);
    int rc = posix_spawn(&w->zygote, exe, &actions, NULL, argv, env);
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

static bool take_message(struct prq_layer_result *r, const uint8_t *m, size_t n, struct prq_err *err)
{
    const uint8_t *body = m + 1;
    size_t size = n - 1;
    switch (m[0]) {
    case 'F':
        return prq_buf_add(&r->facts, body, size) ||
               prq_fail(err, PRQ_E_LIMIT, "facts of a layer exceed the budget");
    case 'I':
        return prq_buf_add(&r->index, body, size) ||
               prq_fail(err, PRQ_E_LIMIT, "file index of a layer exceeds the budget");
    case 'E':
        /* Bytes that no bool can have must not become one. */
        if (size != sizeof r->end || r->has_end ||
            (body[offsetof(struct prq_job_end, has_blob)] |
             body[offsetof(struct prq_job_end, has_diff)] |
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

static bool collect(const struct prq_workers *w, int result, const struct prq_limits *limits,
                    const atomic_bool *cancel, struct prq_layer_result *r, struct prq_err *err)
{
    uint8_t *m = malloc(PRQ_MESSAGE_MAX);
    if (!m)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    prq_buf_init(&r->facts, (size_t)limits->facts_bytes);
    prq_buf_init(&r->index, (size_t)limits->index_bytes);
    bool ok = true;
    for (;;) {
        struct pollfd p = { result, POLLIN, 0 };
        int ready = poll(&p, 1, 200);
        if (cancel && atomic_load(cancel)) {
            ok = prq_fail(err, PRQ_E_CANCELLED, "stopped");
            break;
        }
        if (seconds_since(&w->began) > limits->image_wall_s) {
            r->is_late = true; /* the worker goes with the zygote */
            break;
        }
        if (ready <= 0)
            continue;
        ssize_t n = recv(result, m, PRQ_MESSAGE_MAX, MSG_TRUNC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* worker and zygote have both closed their end */
        ok = n <= PRQ_MESSAGE_MAX ? take_message(r, m, (size_t)n, err)
                                  : prq_fail(err, PRQ_E_FORMAT, "a worker's answer is malformed");
        if (!ok)
            break;
    }
    free(m);
    return ok;
}

/* ---- a stream of ours goes to the worker through a pipe */
struct pump {
    struct prq_stream *stream;
    int fd;
    bool failed;
    struct prq_err err;
};

static void *pump_main(void *user)
{
    struct pump *p = user;
    sigset_t pipe_signal;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    enum { PIECE = 1 << 17 };
    uint8_t *buf = malloc(PIECE);
    size_t got = 1;
    if (!buf)
        p->failed = !prq_fail(&p->err, PRQ_E_NOMEM, "out of memory");
    while (buf && got) {
        if (!prq_stream_read(p->stream, buf, PIECE, &got, &p->err)) {
            p->failed = true;
            break;
        }
        /* A worker that stopped reading has said why, or will be found dead. */
        if (!prq_fd_write_all(p->fd, buf, got))
            break;
    }
    free(buf);
    close(p->fd);
    return NULL;
}

static bool run_with(struct prq_workers *w, struct prq_job *job, int blob_fd,
                     const atomic_bool *cancel, struct prq_layer_result *out, struct prq_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return prq_fail(err, PRQ_E_IO, "socket pair for a worker");
    PRQ_FD int mine = pair[0];
    {
        PRQ_FD int theirs = pair[1];
        PRQ_FD int spool = -1;
        if (!prq_spool_new(&spool, err) ||
            !give_job(w, job, (int[FDS]){ theirs, blob_fd, spool }, err))
            return false;
    }
    return collect(w, mine, &job->limits, cancel, out, err);
}

bool prq_workers_run(struct prq_workers *w, struct prq_job *job, struct prq_blob *blob,
                     const atomic_bool *cancel, struct prq_layer_result *out, struct prq_err *err)
{
    *out = (struct prq_layer_result){ 0 };
    if (blob->fd >= 0) {
        job->is_pipe = false;
        job->offset = blob->offset;
        job->length = blob->length;
        return run_with(w, job, blob->fd, cancel, out, err);
    }
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return prq_fail(err, PRQ_E_IO, "pipe for a layer");
    fcntl(pipe_fds[1], F_SETPIPE_SZ, 1 << 20); /* fewer wake-ups; refused is fine */
    struct pump pump = { .stream = blob->stream, .fd = pipe_fds[1] };
    pthread_t thread;
    int rc = pthread_create(&thread, NULL, pump_main, &pump);
    if (rc) {
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        errno = rc;
        return prq_fail(err, PRQ_E_IO, "thread for a layer");
    }
    job->is_pipe = true;
    bool ok = run_with(w, job, pipe_fds[0], cancel, out, err);
    close(pipe_fds[0]);
    pthread_join(thread, NULL);
    if (pump.failed) {
        if (err)
            *err = pump.err;
        return false;
    }
    return ok;
}
