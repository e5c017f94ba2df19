/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs made by the programs that we compare with: a directory, a shell, a file's bytes. */
#ifndef PRQ_LIB_LIB_TEST_H
#define PRQ_LIB_LIB_TEST_H

#include "unit.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/source.h"
#include "lib/lib.h"

extern char **environ;

/* The exit status of `sh -c script`, run in `dir`. */
static inline int unit_sh(const char *dir, const char *script)
{
    char line[4096];
    snprintf(line, sizeof line, "cd '%s' && { %s\n}", dir, script);
    char sh[] = "/bin/sh", c[] = "-c";
    char *argv[] = { sh, c, line, NULL };
    pid_t pid;
    int status = -1;
    if (posix_spawn(&pid, sh, NULL, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline bool unit_has_program(const char *name)
{
    char script[128];
    snprintf(script, sizeof script, "command -v %s >/dev/null", name);
    return unit_sh("/", script) == 0;
}

struct unit_dir {
    char path[64];
};

static inline struct unit_dir unit_dir_new(void)
{
    struct unit_dir d;
    strcpy(d.path, "/tmp/prq-test.XXXXXX");
    assert_non_null(mkdtemp(d.path));
    return d;
}

static inline void unit_dir_free(struct unit_dir *d)
{
    char script[256];
    snprintf(script, sizeof script, "chmod -R u+rwX '%s'; rm -rf '%s'", d->path, d->path);
    unit_sh("/", script);
}

/* dir/name, whole; release with prq_buf_release. */
static inline struct prq_buf unit_slurp(const struct unit_dir *d, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", d->path, name);
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(64));
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_read_file(path, &b, &err))
        print_error("%s\n", err.text);
    return b;
}

static inline void unit_write(const struct unit_dir *d, const char *name, prq_bytes bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", d->path, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
}

/* Bytes in pieces of `step`: what a slow network does to a reader. */
struct unit_drip {
    struct prq_stream base;
    prq_bytes rest;
    size_t step;
};

static inline bool unit_drip_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                                  struct prq_err *err)
{
    (void)err;
    struct unit_drip *d = (struct unit_drip *)s;
    *got = prq_min_size(prq_min_size(cap, d->step), d->rest.n);
    if (*got)
        memcpy(buf, d->rest.p, *got);
    d->rest = (prq_bytes){ d->rest.p + *got, d->rest.n - *got };
    return true;
}

static inline void unit_drip_close(struct prq_stream *s)
{
    free(s);
}

static inline struct prq_stream *unit_drip(prq_bytes b, size_t step)
{
    static const struct prq_stream_ops ops = { unit_drip_read, unit_drip_close };
    struct unit_drip *d = malloc(sizeof *d);
    assert_non_null(d);
    *d = (struct unit_drip){ { &ops }, b, step };
    return &d->base;
}

/* Text that packs like text: words drawn by a fixed generator. */
static inline struct prq_buf unit_text(size_t n, uint32_t seed)
{
    static const char *const words[] = { "alpine",        "busybox", "\n",   "lib/apk",
                                         "0644",          " ",       "musl", "Depends: ",
                                         "usr/share/doc", "\t",      "x",    "deadbeef" };
    struct prq_buf b;
    prq_buf_init(&b, n + 64);
    while (b.n < n) {
        seed = seed * 1664525u + 1013904223u;
        prq_buf_str(&b, prq_str_from(words[(seed >> 24) % PRQ_COUNT(words)]));
        if ((seed >> 20) % 5 == 0)
            prq_buf_byte(&b, (uint8_t)(seed >> 12));
    }
    b.n = n;
    return b;
}

static inline void assert_bytes(prq_bytes actual, prq_bytes expected)
{
    assert_int_equal(actual.n, expected.n);
    if (actual.n)
        assert_memory_equal(actual.p, expected.p, actual.n);
}

/* All of a stream in pieces of `cap`; closes it. False: it broke, with what came before in out. */
static inline bool unit_drain(struct prq_stream *s, size_t cap, struct prq_buf *out,
                              struct prq_err *err)
{
    bool is_good;
    size_t got = 0;
    do {
        uint8_t *room = prq_buf_room(out, cap);
        assert_non_null(room);
        is_good = prq_stream_read(s, room, cap, &got, err);
        out->n += is_good ? got : 0;
    } while (is_good && got);
    prq_stream_close(s);
    return is_good;
}

#endif
