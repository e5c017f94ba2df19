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
