/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/securebits.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cc.h"
#include "base/limits.h"

/* One place; a test makes each call under the filter. No open, no socket, no exec, no clone. */
const char *const prq_sandbox_calls[] = {
    /* inherited descriptors */
    "read", "pread64", "readv", "write", "pwrite64", "writev", "lseek", "fstat", "close", "recvmsg",
    "sendmsg", "sendto", "poll", "ppoll", "ftruncate", "fsync",
    /* memory (mmap and mprotect get an argument filter) */
    "munmap", "mremap", "madvise", "brk",
    /* threads and signals */
    "futex", "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack", "restart_syscall",
    "rseq", "set_robust_list", "membarrier", "sched_yield", "sched_getaffinity", "exit",
    "exit_group", "getpid", "gettid",
    /* time and entropy */
    "clock_gettime", "clock_nanosleep", "gettimeofday", "getrandom", "getrusage",
    "setitimer",
    NULL,
};

static void set_limit(int what, rlim_t soft, rlim_t hard)
{
    struct rlimit old, now = { soft, hard };
    if (getrlimit((__rlimit_resource_t)what, &old) == 0) {
        if (now.rlim_max > old.rlim_max)
            now.rlim_max = old.rlim_max;
        if (now.rlim_cur > now.rlim_max)
            now.rlim_cur = now.rlim_max;
    }
    setrlimit((__rlimit_resource_t)what, &now);
}

static void set_limits(void)
{
    const struct prq_limits *l = &prq_limits_default;
    set_limit(RLIMIT_CORE, 0, 0);
    set_limit(RLIMIT_AS, PRQ_GIB(4), PRQ_GIB(4));
    set_limit(RLIMIT_CPU, l->image_cpu_s, l->image_cpu_s + 60);
    set_limit(RLIMIT_FSIZE, l->spool_bytes, l->spool_bytes);
    set_limit(RLIMIT_NOFILE, 64, 64);
    set_limit(RLIMIT_STACK, PRQ_MIB(8), PRQ_MIB(8));
    set_limit(RLIMIT_MEMLOCK, PRQ_MIB(64), PRQ_MIB(64));
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return ok;
}

static bool map_ids(unsigned uid, unsigned gid)
{
    char text[64];
    write_file("/proc/self/setgroups", "deny"); /* absent before Linux 3.19 */
    snprintf(text, sizeof text, "65534 %u 1", uid);
    if (!write_file("/proc/self/uid_map", text))
        return false;
    snprintf(text, sizeof text, "65534 %u 1", gid);
    return write_file("/proc/self/gid_map", text);
}

/* An empty, read-only tmpfs as the root. */
static bool empty_root(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/tmp", "tmpfs", MS_NODEV | MS_NOSUID | MS_NOEXEC, "size=4k,mode=500") < 0 ||
        chdir("/tmp") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
        return false;
    return mount(NULL, "/", NULL,
                 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, NULL) == 0 &&
           chdir("/") == 0;
}

/* The first process of a pid namespace is its init: when it ends, all in it end. */
static void become_init(void)
{
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        return;
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    _exit(child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static unsigned enter_namespaces(void)
{
    enum { REST = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWPID |
                  CLONE_NEWCGROUP };
    unsigned uid = geteuid(), gid = getegid();
    bool user = unshare(CLONE_NEWUSER | REST) == 0;
    if (!user && (uid != 0 || unshare(REST) < 0))
        return 0;
    if (user && !map_ids(uid, gid)) {
        become_init();
        return 0; /* no network all the same, but not the whole of it */
    }
    bool ok = empty_root();
    become_init();
    return ok ? PRQ_BOX_NAMESPACES : 0;
}

static void drop_capabilities(void)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long cap = 0; cap < 64; cap++)
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
    syscall(SYS_capset, &head, none);
}

/* Handle every right that the running ABI knows and grant none. */
static unsigned deny_files(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return 0;
    /* Rights by ABI: 1 has bits 0-12, 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV; 4 adds TCP bind and
     * connect in a second word, 6 scopes in a third. */
    struct {
        uint64_t fs, net, scoped;
    } attr = { (1ULL << 13) - 1, 0, 0 };
    size_t size = sizeof attr.fs;
    if (abi >= 2)
        attr.fs |= 1ULL << 13;
    if (abi >= 3)
        attr.fs |= 1ULL << 14;
    if (abi >= 4) {
        attr.net = 3;
        size = sizeof attr.fs + sizeof attr.net;
    }
    if (abi >= 5)
        attr.fs |= 1ULL << 15;
    if (abi >= 6) {
        attr.scoped = 3;
        size = sizeof attr;
    }
    long fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return 0;
    bool ok = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close((int)fd);
    return ok ? PRQ_BOX_LANDLOCK : 0;
}

/* Shadow memory and address space limits do not go together: sanitizer builds run without the
 * sandbox, which has tests of its own. */
#ifdef PRQ_SANITIZED
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

/* What a worker writes there would stand in the report, and a password may be waiting on stdin. */
static void leave_standard_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++)
        if (null < 0)
            close(fd);
        else if (null != fd)
            dup2(null, fd);
    if (null > 2)
        close(null);
}

unsigned prq_sandbox_enter(int keep_fd)
{
    syscall(SYS_close_range, (unsigned)keep_fd + 1, ~0U, 0);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, sig == SIGPIPE || sig == SIGXFSZ ? SIG_IGN : SIG_DFL);
    umask(077);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (is_sanitized)
        return 0; /* and reports on standard error */
    leave_standard_streams();
    set_limits();
    unsigned reached = enter_namespaces();
    prctl(PR_SET_DUMPABLE, 0);
    drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return reached;
    return reached | deny_files();
}

static bool allow_list(scmp_filter_ctx box)
{
    for (const char *const *name = prq_sandbox_calls; *name; name++) {
        int nr = seccomp_syscall_resolve_name(*name);
        if (nr != __NR_SCMP_ERROR && seccomp_rule_add(box, SCMP_ACT_ALLOW, nr, 0) < 0)
            return false;
    }
    /* No page may become executable; fstat through newfstatat has an empty path. */
    const struct {
        int nr;
        struct scmp_arg_cmp arg;
    } rules[] = {
        { SCMP_SYS(mmap), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
        { SCMP_SYS(mprotect), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
        { SCMP_SYS(newfstatat), { 3, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH } },
        { SCMP_SYS(tgkill), { 0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0 } },
    };
    for (size_t i = 0; i < PRQ_COUNT(rules); i++)
        if (seccomp_rule_add_array(box, SCMP_ACT_ALLOW, rules[i].nr, 1, &rules[i].arg) < 0)
            return false;
    return true;
}

unsigned prq_sandbox_lock(void)
{
    if (is_sanitized)
        return 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return 0;
    scmp_filter_ctx box = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!box)
        return 0;
    bool ok = seccomp_attr_set(box, SCMP_FLTATR_CTL_TSYNC, 1) == 0 && allow_list(box) &&
              seccomp_load(box) == 0;
    seccomp_release(box);
    return ok ? PRQ_BOX_SECCOMP : 0;
}

const char *prq_sandbox_word(unsigned reached)
{
    if (!(reached & PRQ_BOX_SECCOMP))
        return reached ? "no-seccomp" : "none";
    switch (reached & (PRQ_BOX_NAMESPACES | PRQ_BOX_LANDLOCK)) {
    case PRQ_BOX_NAMESPACES | PRQ_BOX_LANDLOCK:
        return "full";
    case PRQ_BOX_LANDLOCK:
        return "no-userns";
    case PRQ_BOX_NAMESPACES:
        return "no-landlock";
    default:
        return "seccomp-only";
    }
}
