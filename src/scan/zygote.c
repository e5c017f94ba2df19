/* SPDX-License-Identifier: Apache-2.0 */
/* The zygote is small, single-threaded and locked away; it forks a worker for each job and tells
 * the coordinator how the worker ended. It never sees a byte of an image. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/lib.h"
#include "scan/sandbox.h"
#include "scan/worker.h"

enum { CONTROL = 3, CHILDREN = 64, FDS = 3 };

struct child {
    pid_t pid;
    int result;
};

struct zygote {
    const struct prq_analyzer *const *analyzers;
    unsigned sandbox;
    struct child children[CHILDREN];
};

static void reap(struct zygote *z)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < CHILDREN; i++)
            if (z->children[i].pid == pid) {
                struct {
                    char type;
                    struct prq_job_status s;
                } __attribute__((packed)) message = { 'S', { status } };
                send(z->children[i].result, &message, sizeof message, MSG_NOSIGNAL);
                close(z->children[i].result);
                z->children[i] = (struct child){ 0, -1 };
            }
}

/* The coordinator has closed its end of the results: it gave up on that worker. */
static void end_unwanted(const struct zygote *z, const struct pollfd *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; (fds[i].revents & POLLHUP) && k < CHILDREN; k++)
            if (z->children[k].pid && z->children[k].result == fds[i].fd)
                kill(z->children[k].pid, SIGKILL);
}

static bool receive(struct prq_job *job, int fds[FDS])
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int) * FDS)];
    } control;
    struct iovec iov = { job, sizeof *job };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
                          .msg_controllen = sizeof control };
    ssize_t n = recvmsg(CONTROL, &msg, MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
    if (n != (ssize_t)sizeof *job || job->magic != PRQ_JOB_MAGIC || !c ||
        c->cmsg_len != CMSG_LEN(sizeof(int) * FDS))
        return false;
    memcpy(fds, CMSG_DATA(c), sizeof(int) * FDS);
    return true;
}

static void run_child(struct zygote *z, const struct prq_job *job, const int fds[FDS])
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(CONTROL);
    for (size_t i = 0; i < CHILDREN; i++)
        if (z->children[i].pid)
            close(z->children[i].result);
    const struct prq_worker_env env = { .analyzers = z->analyzers, .result = fds[0],
                                        .blob = fds[1], .spool = fds[2], .sandbox = z->sandbox,
                                        .owns_process = true };
    prq_worker_run(job, &env);
    _exit(0);
}

/* False: the coordinator has gone. */
static bool take_job(struct zygote *z)
{
    struct prq_job job;
    int fds[FDS] = { -1, -1, -1 };
    if (!receive(&job, fds))
        return false;
    size_t slot = 0;
    while (slot < CHILDREN && z->children[slot].pid)
        slot++;
    pid_t pid = slot < CHILDREN ? fork() : -1;
    if (pid == 0)
        run_child(z, &job, fds);
    close(fds[1]);
    close(fds[2]);
    if (pid > 0)
        z->children[slot] = (struct child){ pid, fds[0] };
    else
        close(fds[0]); /* the coordinator sees the end of the results without an 'E' */
    return true;
}

int prq_zygote_main(void)
{
    return prq_zygote_main_over(prq_analyzers);
}

int prq_zygote_main_over(const struct prq_analyzer *const *analyzers)
{
    prq_lib_prepare(); /* while files may still be opened */
    struct zygote z = { .analyzers = analyzers, .sandbox = prq_sandbox_enter(CONTROL) };
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    int sig = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
    if (sig < 0)
        return 1;
    for (;;) {
        struct pollfd fds[2 + CHILDREN] = { { CONTROL, POLLIN, 0 }, { sig, POLLIN, 0 } };
        nfds_t n = 2;
        for (size_t i = 0; i < CHILDREN; i++)
            if (z.children[i].pid)
                fds[n++] = (struct pollfd){ z.children[i].result, 0, 0 };
        if (poll(fds, n, -1) < 0 && errno != EINTR)
            return 1;
        end_unwanted(&z, fds + 2, n - 2);
        struct signalfd_siginfo info;
        while (read(sig, &info, sizeof info) > 0)
            ;
        reap(&z);
        if ((fds[0].revents & (POLLIN | POLLHUP)) && !take_job(&z))
            return 0;
    }
}
