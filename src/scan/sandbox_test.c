/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox from inside: what an exploited worker would try must end it, what a worker needs must
 * not. Sanitizer builds have no sandbox and skip. */
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/sandbox.h"

enum { KEEP = 3 };

/* Runs `act` behind all locks; returns waitpid's status. */
static int behind(void (*act)(void), bool lock, unsigned *level)
{
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (pair[1] != KEEP)
            dup2(pair[1], KEEP);
        unsigned reached = prq_sandbox_enter(KEEP);
        if (lock)
            reached |= prq_sandbox_lock();
        ssize_t n = write(KEEP, &reached, sizeof reached);
        (void)n;
        act();
        _exit(0);
    }
    int status = -1;
    close(pair[1]);
    unsigned reached = 0;
    ssize_t n = read(pair[0], &reached, sizeof reached);
    assert_int_equal(n, sizeof reached);
    close(pair[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (level)
        *level = reached;
    return status;
}

static void nothing(void)
{
}

static bool has_sandbox(void)
{
    unsigned level = 0;
    behind(nothing, true, &level);
    return level != 0;
}

#define CALL(name, expr)                            \
    static void name(void)                          \
    {                                               \
        if ((expr) < 0)                             \
            _exit(0);                               \
    }
CALL(act_open, syscall(SYS_open, "/etc/passwd", O_RDONLY))
CALL(act_openat, syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY))
CALL(act_socket, socket(AF_INET, SOCK_STREAM, 0))
CALL(act_connect, syscall(SYS_connect, 0, NULL, 0))
CALL(act_execve, syscall(SYS_execve, "/bin/sh", NULL, NULL))
CALL(act_fork, syscall(SYS_fork))
CALL(act_clone, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))
CALL(act_ptrace, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
CALL(act_kill, syscall(SYS_kill, getppid(), SIGKILL))
CALL(act_io_uring, syscall(SYS_io_uring_setup, 1, NULL))
CALL(act_bpf, syscall(SYS_bpf, 0, NULL, 0))
CALL(act_keyctl, syscall(SYS_keyctl, 0, 0, 0, 0, 0))
CALL(act_userfaultfd, syscall(SYS_userfaultfd, 0))
CALL(act_perf, syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0))
CALL(act_vm_read, syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0))
CALL(act_vm_write, syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0))
CALL(act_mount, syscall(SYS_mount, NULL, NULL, NULL, 0, NULL))
CALL(act_unshare, syscall(SYS_unshare, 0x10000000))
CALL(act_mkdir, syscall(SYS_mkdir, "/x", 0700))
CALL(act_unlink, syscall(SYS_unlink, "/x"))
CALL(act_ioctl, syscall(SYS_ioctl, 0, 0x5412, "x")) /* TIOCSTI */
CALL(act_exec_page, syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))

static void test_every_denied_class_kills(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*act)(void);
    } denied[] = {
        { "open", act_open }, { "openat", act_openat }, { "socket", act_socket },
        { "connect", act_connect }, { "execve", act_execve }, { "fork", act_fork },
        { "clone", act_clone }, { "ptrace", act_ptrace }, { "kill", act_kill },
        { "io_uring_setup", act_io_uring }, { "bpf", act_bpf }, { "keyctl", act_keyctl },
        { "userfaultfd", act_userfaultfd }, { "perf_event_open", act_perf },
        { "process_vm_readv", act_vm_read }, { "process_vm_writev", act_vm_write },
        { "mount", act_mount }, { "unshare", act_unshare }, { "mkdir", act_mkdir },
        { "unlink", act_unlink }, { "ioctl", act_ioctl }, { "executable page", act_exec_page },
    };
    if (!has_sandbox())
        skip();
    for (size_t i = 0; i < PRQ_COUNT(denied); i++) {
        unsigned level;
        int status = behind(denied[i].act, true, &level);
        /* The init of the pid namespace dies of the signal; its parent reports it as 1. */
        bool killed = (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) ||
                      (WIFEXITED(status) && WEXITSTATUS(status) == 1);
        if (!killed)
            print_error("%s was not stopped (status %x)\n", denied[i].name, (unsigned)status);
        assert_true(killed);
    }
}

/* Without seccomp the other layers still keep files and network away. */
static void try_files(void)
{
    if (open("/etc/passwd", O_RDONLY) >= 0 || open("/", O_RDONLY) >= 0 ||
        open("/tmp", O_RDWR | O_TMPFILE, 0600) >= 0)
        _exit(7);
}

static void test_files_are_out_of_reach_without_seccomp(void **state)
{
    (void)state;
    unsigned level;
    int status = behind(try_files, false, &level);
    if (!(level & (PRQ_BOX_LANDLOCK | PRQ_BOX_NAMESPACES)))
        skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void work(void)
{
    void *p = malloc(1 << 22);
    struct timespec t;
    char c[8] = { 0 };
    struct stat st;
    if (!p || clock_gettime(CLOCK_MONOTONIC, &t) < 0)
        _exit(8);
    memset(p, 1, 1 << 22);
    free(p);
    void *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED || mprotect(m, 4096, PROT_READ) < 0 || munmap(m, 8192) < 0)
        _exit(9);
    if (syscall(SYS_getrandom, c, sizeof c, 0) != sizeof c || fstat(KEEP, &st) < 0)
        _exit(10);
    lseek(KEEP, 0, SEEK_CUR);
    sched_yield();
    if (setitimer(ITIMER_PROF, &(struct itimerval){ 0 }, NULL) < 0)
        _exit(11);
}

static void test_work_goes_on(void **state)
{
    (void)state;
    unsigned level;
    int status = behind(work, true, &level);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void speak(void)
{
    static const char forged[] = "{\"packages\":[]}";
    ssize_t n = write(1, forged, sizeof forged - 1) + write(2, forged, sizeof forged - 1);
    char c;
    /* Both vanish, and nothing comes in. */
    if (n < 0 || read(0, &c, 1) > 0)
        _exit(11);
}

/* A worker that could write to the coordinator's standard output would write the report. */
static void test_standard_streams_are_out_of_reach(void **state)
{
    (void)state;
    char name[] = "/tmp/sandbox-out-XXXXXX", got[64];
    if (!has_sandbox())
        skip();
    int file = mkstemp(name), kept[3];
    assert_true(file >= 0);
    unlink(name);
    assert_int_equal(write(file, "secret", 6), 6);
    for (int i = 0; i < 3; i++) {
        kept[i] = fcntl(i, F_DUPFD, 10);
        dup2(file, i);
    }
    lseek(file, 0, SEEK_SET);
    int status = behind(speak, true, NULL);
    for (int i = 0; i < 3; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    assert_int_equal(status, 0);
    assert_int_equal(pread(file, got, sizeof got, 0), 6);
    assert_memory_equal(got, "secret", 6);
    close(file);
}

static void test_words(void **state)
{
    (void)state;
    enum { N = PRQ_BOX_NAMESPACES, L = PRQ_BOX_LANDLOCK, S = PRQ_BOX_SECCOMP };
    assert_string_equal(prq_sandbox_word(N | L | S), "full");
    assert_string_equal(prq_sandbox_word(L | S), "no-userns");
    assert_string_equal(prq_sandbox_word(N | S), "no-landlock");
    assert_string_equal(prq_sandbox_word(S), "seccomp-only");
    assert_string_equal(prq_sandbox_word(0), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_denied_class_kills),
        cmocka_unit_test(test_files_are_out_of_reach_without_seccomp),
        cmocka_unit_test(test_work_goes_on),
        cmocka_unit_test(test_standard_streams_are_out_of_reach),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
