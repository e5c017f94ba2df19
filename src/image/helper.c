/* SPDX-License-Identifier: Apache-2.0 */
/* docker-credential-NAME: a program that is told a registry on stdin and answers JSON. It runs
 * without a shell, in a process group of its own, with a small environment and ten seconds. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/fd.h"
#include "format/json.h"
#include "image/credentials.h"

enum { HELPER_MS = 10000, ANSWER_BYTES = 1 << 20 };

extern char **environ;

/* What helpers of the desktop and of the clouds need; a name with '*' is a prefix. */
static const prq_str kept[] = {
    PRQ_SI("PATH"), PRQ_SI("HOME"), PRQ_SI("USER"), PRQ_SI("LOGNAME"), PRQ_SI("TMPDIR"),
    PRQ_SI("XDG_*"), PRQ_SI("DBUS_SESSION_BUS_ADDRESS"), PRQ_SI("DISPLAY"),
    PRQ_SI("WAYLAND_DISPLAY"), PRQ_SI("GNUPGHOME"), PRQ_SI("GPG_TTY"),
    PRQ_SI("PASSWORD_STORE_*"), PRQ_SI("DOCKER_CONFIG"), PRQ_SI("AWS_*"), PRQ_SI("GOOGLE_*"),
    PRQ_SI("CLOUDSDK_*"), PRQ_SI("GCLOUD_*"), PRQ_SI("AZURE_*"), PRQ_SI("ACR_*"),
    PRQ_SI("IDENTITY_*"), PRQ_SI("MSI_*"), PRQ_SI("ECR_*"), PRQ_SI("OCI_*"), PRQ_SI("HTTP_PROXY"),
    PRQ_SI("HTTPS_PROXY"), PRQ_SI("NO_PROXY"), PRQ_SI("http_proxy"), PRQ_SI("https_proxy"),
    PRQ_SI("no_proxy"), PRQ_SI("SSL_CERT_FILE"), PRQ_SI("SSL_CERT_DIR"),
};

static bool is_kept(const char *entry)
{
    prq_str name, value;
    if (!prq_str_cut(prq_str_from(entry), '=', &name, &value))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(kept); i++) {
        prq_str k = kept[i];
        if (k.p[k.n - 1] == '*' ? prq_str_starts(name, prq_str_head(k, k.n - 1))
                                : prq_str_eq(name, k))
            return true;
    }
    return false;
}

static char **small_environment(struct prq_arena *a)
{
    size_t n = 0, used = 0;
    while (environ[n])
        n++;
    char **out = prq_new_n(a, char *, n + 1);
    for (size_t i = 0; out && i < n; i++)
        if (is_kept(environ[i]))
            out[used++] = environ[i];
    return out;
}

/* Both ends CLOEXEC; the child's end is dup2ed onto 0 or 1, which clears that. */
struct pipes {
    int in_read, in_write, out_read, out_write;
};

static void drop_pipes(struct pipes *p)
{
    prq_fd_drop(&p->in_read);
    prq_fd_drop(&p->in_write);
    prq_fd_drop(&p->out_read);
    prq_fd_drop(&p->out_write);
}

static bool open_pipes(struct pipes *p, struct prq_err *err)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0)
        return prq_fail(err, PRQ_E_IO, "pipe");
    p->in_read = in[0];
    p->in_write = in[1];
    if (pipe2(out, O_CLOEXEC) < 0)
        return prq_fail(err, PRQ_E_IO, "pipe");
    p->out_read = out[0];
    p->out_write = out[1];
    return true;
}

static bool start(const char *program, const struct pipes *p, char **env, pid_t *pid,
                  struct prq_err *err)
{
    char get[] = "get";
    char *name = strdup(program);
    char *argv[] = { name, get, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t all, none;
    if (!name)
        return prq_fail(err, PRQ_E_NOMEM, "%s", program);
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_adddup2(&actions, p->in_read, 0);
    posix_spawn_file_actions_adddup2(&actions, p->out_write, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawnp(pid, program, &actions, &attr, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    free(name);
    errno = rc;
    return rc == 0 || prq_fail(err, PRQ_E_IO, "run %s", program);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All that comes until the program closes its end, the clock runs out or it says too much. */
static bool read_answer(int fd, int64_t until, struct prq_buf *out, struct prq_err *err)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left = until - now_ms();
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return prq_fail(err, PRQ_E_LIMIT, "no answer within %d s", HELPER_MS / 1000);
        uint8_t *room = prq_buf_room(out, 4096);
        ssize_t n = room ? read(fd, room, 4096) : -1;
        if (!room)
            return prq_fail(err, PRQ_E_LIMIT, "an answer of more than %d bytes", ANSWER_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return prq_fail(err, PRQ_E_IO, "read answer");
        if (n == 0)
            return true;
        out->n += (size_t)n;
    }
}

/* The program's end, waited for no longer than the clock allows; then it is killed. */
static bool reap(pid_t pid, int64_t until, int *status)
{
    for (bool killed = false;;) {
        pid_t r = waitpid(pid, status, killed ? 0 : WNOHANG);
        if (r == pid)
            return !killed;
        if (r < 0 && errno != EINTR)
            return false;
        if (r == 0 && now_ms() >= until) {
            kill(-pid, SIGKILL);
            killed = true;
        } else if (r == 0) {
            nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
        }
    }
}

static bool run(const char *program, prq_str server, struct prq_arena *a, struct prq_buf *answer,
                int *status, struct prq_err *err)
{
    PRQ_CLEANUP(drop_pipes) struct pipes p = { -1, -1, -1, -1 };
    pid_t pid;
    char **env = small_environment(a);
    if (!env)
        return prq_fail(err, PRQ_E_NOMEM, "environment");
    /* The few bytes fit into the pipe, so writing them first cannot block nor raise SIGPIPE. */
    if (!open_pipes(&p, err))
        return false;
    if (server.n > 4000 || !prq_fd_write_all(p.in_write, server.p, server.n))
        return prq_fail(err, PRQ_E_IO, "write to %s", program);
    if (!start(program, &p, env, &pid, err))
        return false;
    close(p.in_write);
    close(p.out_write);
    p.in_write = p.out_write = -1;
    int64_t until = now_ms() + HELPER_MS;
    bool ok = read_answer(p.out_read, until, answer, err);
    bool ended = reap(pid, ok ? until : 0, status);
    if (ok && !ended)
        return prq_fail(err, PRQ_E_LIMIT, "did not end within %d s", HELPER_MS / 1000);
    return ok;
}

static bool is_helper_name(prq_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!prq_is_lower(name.p[i]) && !prq_is_digit(name.p[i]) && name.p[i] != '-')
            return false;
    return name.n > 0 && name.n <= 64;
}

static bool parse_answer(struct prq_ctx *ctx, prq_str answer, struct prq_arena *a,
                         struct prq_credentials *out, struct prq_err *err)
{
    struct prq_json j;
    prq_str key, user = { 0 }, secret = { 0 };
    prq_json_init(&j, prq_arena_copy(a, answer), a, ctx->limits);
    if (prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("Username")))
                prq_json_string_or_skip(&j, &user);
            else if (prq_str_eq(key, PRQ_S("Secret")))
                prq_json_string_or_skip(&j, &secret);
            else
                prq_json_skip(&j);
        }
    if (!prq_json_end(&j, err))
        return false;
    *out = (struct prq_credentials){ 0 };
    if (prq_str_eq(user, PRQ_S("<token>"))) {
        out->identity_token = secret;
    } else {
        out->username = user;
        out->password = secret;
    }
    return true;
}

bool prq_credential_helper(struct prq_ctx *ctx, prq_str name, prq_str server, struct prq_arena *a,
                           bool *found, struct prq_credentials *out, struct prq_err *err)
{
    char program[96];
    PRQ_BUF answer;
    prq_buf_init(&answer, ANSWER_BYTES);
    int status = 0;
    *found = false;
    if (!is_helper_name(name))
        return prq_fail(err, PRQ_E_USAGE, "not the name of a credential helper: %.*s",
                        PRQ_FMT(prq_str_head(name, 64)));
    snprintf(program, sizeof program, "docker-credential-%.*s", PRQ_FMT(name));
    if (!run(program, server, a, &answer, &status, err))
        return prq_in(err, "%s", program);
    prq_str text = prq_str_trim(prq_buf_view(&answer));
    bool ok = true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        ok = parse_answer(ctx, text, a, out, err) || prq_in(err, "%s", program);
        *found = ok && !prq_credentials_are_empty(out);
    } else if (!prq_str_has(text, PRQ_S("credentials not found"))) {
        errno = 0;
        ok = prq_fail(err, PRQ_E_DENIED, "%s fails (status %d)", program,
                      WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
    if (answer.n)
        explicit_bzero(answer.p, answer.n);
    return ok;
}
