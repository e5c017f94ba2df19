/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbinstall.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fd.h"
#include "db/dbschema.h"

/* mkdir -p */
static bool make_directory(prq_str path, struct prq_arena *a, struct prq_err *err)
{
    prq_str copy = prq_arena_copy(a, path);
    char *p = copy.p ? prq_arena_alloc(a, copy.n + 1) : NULL;
    if (!p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a path");
    for (size_t i = 0; i <= copy.n; i++) {
        if (i && (i == copy.n || copy.p[i] == '/') && mkdir(p, 0777) < 0 && errno != EEXIST &&
            errno != EISDIR)
            return prq_fail(err, PRQ_E_IO, "make directory %s", p);
        if (i < copy.n)
            p[i] = copy.p[i];
    }
    return true;
}

static bool is_leftover(const char *name)
{
    prq_str s = prq_str_from(name);
    return s.n > 5 && s.p[0] == '.' &&
           (prq_str_ends(s, PRQ_S(".tmp")) || prq_str_ends(s, PRQ_S(".tmp-journal")));
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

static void sweep(int dirfd)
{
    int own = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    PRQ_CLEANUP(close_dir) DIR *d = own < 0 ? NULL : fdopendir(own);
    if (!d && own >= 0)
        close(own);
    for (struct dirent *e; d && (e = readdir(d));)
        if (is_leftover(e->d_name))
            unlinkat(dirfd, e->d_name, 0);
}

bool prq_db_take(prq_str dir, struct prq_arena *a, int *lock, struct prq_err *err)
{
    prq_str path = prq_arena_copy(a, dir);
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a path");
    if (!make_directory(path, a, err))
        return false;
    PRQ_FD int fd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "open directory %s", path.p);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        sweep(fd);
    else if (errno == EWOULDBLOCK)
        return prq_fail(err, PRQ_E_IO, "another process is writing the database in %s", path.p);
    /* Else a file system without locks: temporary names bear the process, renames are atomic. */
    *lock = prq_fd_take(&fd);
    return true;
}

bool prq_db_place_of(prq_str dir, const char *family, unsigned retain, struct prq_arena *a,
                     struct prq_db_place *out, struct prq_err *err)
{
    *out = (struct prq_db_place){
        .dir = prq_arena_copy(a, dir),
        .family = prq_str_from(family),
        .final = prq_arena_printf(a, "%.*s/%s.db", PRQ_FMT(dir), family),
        .temporary = prq_arena_printf(a, "%.*s/.%s.%ld.tmp", PRQ_FMT(dir), family, (long)getpid()),
        .retain = retain,
    };
    if (!out->dir.p || !out->final.p || !out->temporary.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for paths");
    unlink(out->temporary.p);
    return true;
}

/* ---- older files: DIR/retained/FAMILY/BUILT.db */

/* "2026-01-31T12:00:00Z": times of one form sort as text. */
static bool is_time(prq_str s)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    for (size_t i = 0; i < s.n && i < sizeof form - 1; i++)
        if (form[i] == 'd' ? !prq_is_digit(s.p[i]) : form[i] != s.p[i])
            return false;
    return s.n == sizeof form - 1;
}

/* Of the file at `path`; empty when it tells none. */
static prq_str built_of(const char *path, struct prq_arena *a)
{
    PRQ_SQL sql = NULL;
    PRQ_SQL_STMT st = NULL;
    if (access(path, R_OK) != 0 || !prq_sql_open(path, PRQ_SQL_READ, &sql, NULL) ||
        !prq_sql_prepare(sql, "SELECT value FROM meta WHERE key='built'", &st, NULL) ||
        prq_sql_step(st, NULL) != PRQ_NEXT_ITEM || !is_time(prq_sql_text(st, 0)))
        return (prq_str){ 0 };
    return prq_arena_copy(a, prq_sql_text(st, 0));
}

static prq_str retained_folder(prq_str dir, prq_str family, struct prq_arena *a)
{
    return prq_arena_printf(a, "%.*s/retained/%.*s", PRQ_FMT(dir), PRQ_FMT(family));
}

static int by_bytes(const void *a, const void *b)
{
    return prq_str_cmp(*(const prq_str *)a, *(const prq_str *)b);
}

/* The times of what is kept, oldest first. */
static bool list_retained(prq_str folder, struct prq_arena *a, prq_str **out, size_t *n)
{
    PRQ_CLEANUP(close_dir) DIR *d = opendir(folder.p);
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        prq_str name = prq_str_from(e->d_name), time = prq_str_head(name, 20);
        if (!is_time(time) || !prq_str_eq(prq_str_from_at(name, 20), PRQ_S(".db")))
            continue;
        if (!prq_arena_grow(a, out, sizeof **out, &cap, *n + 1))
            return false;
        (*out)[(*n)++] = prq_arena_copy(a, time);
    }
    if (*n)
        qsort(*out, *n, sizeof **out, by_bytes);
    return true;
}

static bool copy_file(const char *from, const char *to, struct prq_err *err)
{
    PRQ_FD int in = open(from, O_RDONLY | O_CLOEXEC);
    PRQ_FD int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    PRQ_BUF chunk;
    prq_buf_init(&chunk, PRQ_MIB(1));
    uint8_t *p = prq_buf_room(&chunk, PRQ_MIB(1));
    if (in < 0 || out < 0)
        return prq_fail(err, PRQ_E_IO, "copy %s", from);
    if (!p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to copy");
    for (;;) {
        ssize_t n = read(in, p, PRQ_MIB(1));
        if (n == 0)
            return true;
        if ((n < 0 && errno != EINTR) || (n > 0 && !prq_fd_write_all(out, p, (size_t)n)))
            return prq_fail(err, PRQ_E_IO, "copy %s", from);
    }
}

/* A second name for the file that is about to be replaced; a copy where there are no hard links. */
static bool keep(const struct prq_db_place *p, struct prq_arena *a, struct prq_err *err)
{
    prq_str built = built_of(p->final.p, a);
    if (!built.n || prq_str_eq(built, built_of(p->temporary.p, a)))
        return true;
    prq_str folder = retained_folder(p->dir, p->family, a);
    prq_str kept = prq_arena_printf(a, "%.*s/%.*s.db", PRQ_FMT(folder), PRQ_FMT(built));
    prq_str copy = prq_arena_printf(a, "%.*s.copy.tmp", PRQ_FMT(p->temporary));
    if (!folder.p || !kept.p || !copy.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for paths");
    if (!make_directory(folder, a, err))
        return false;
    if (link(p->final.p, kept.p) == 0 || errno == EEXIST)
        return true;
    unlink(copy.p);
    if (!copy_file(p->final.p, copy.p, err) || rename(copy.p, kept.p) < 0) {
        unlink(copy.p);
        return prq_fail(err, PRQ_E_IO, "keep the old file as %s", kept.p);
    }
    return true;
}

static void prune(const struct prq_db_place *p, struct prq_arena *a)
{
    prq_str folder = retained_folder(p->dir, p->family, a), *times;
    size_t n;
    if (!folder.p || !list_retained(folder, a, &times, &n))
        return;
    for (size_t i = 0; i + p->retain < n; i++) {
        prq_str path = prq_arena_printf(a, "%.*s/%.*s.db", PRQ_FMT(folder), PRQ_FMT(times[i]));
        if (path.p)
            unlink(path.p);
    }
}

bool prq_db_path_at(prq_str dir, const char *family, prq_str time, struct prq_arena *a,
                    prq_str *path, struct prq_err *err)
{
    prq_str folder = retained_folder(dir, prq_str_from(family), a), *times;
    prq_str final = prq_arena_printf(a, "%.*s/%s.db", PRQ_FMT(dir), family);
    size_t n;
    *path = (prq_str){ 0 };
    if (!folder.p || !final.p || !list_retained(folder, a, &times, &n))
        return prq_fail(err, PRQ_E_NOMEM, "no memory for paths");
    prq_str built = built_of(final.p, a), best = { 0 };
    if (built.n && prq_str_cmp(built, time) <= 0) {
        best = built;
        *path = final;
    }
    for (size_t i = n; i-- > 0;)
        if (prq_str_cmp(times[i], time) <= 0) {
            if (prq_str_cmp(times[i], best) > 0)
                *path = prq_arena_printf(a, "%.*s/%.*s.db", PRQ_FMT(folder), PRQ_FMT(times[i]));
            break;
        }
    return true;
}

/* ---- in place */

bool prq_db_publish(const struct prq_db_place *p, struct prq_arena *a, struct prq_err *err)
{
    if (!prq_db_check_file(p->temporary.p, err))
        return false;
    PRQ_FD int fd = open(p->temporary.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return prq_fail(err, PRQ_E_IO, "sync %s", p->temporary.p);
    if (p->retain && !keep(p, a, err))
        return false;
    if (rename(p->temporary.p, p->final.p) < 0)
        return prq_fail(err, PRQ_E_IO, "rename to %s", p->final.p);
    PRQ_FD int parent = open(p->dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0)
        fsync(parent);
    if (p->retain)
        prune(p, a);
    return true;
}

bool prq_db_tell(const char *path, const struct prq_db_value *values, size_t n,
                 struct prq_err *err)
{
    PRQ_SQL sql = NULL;
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_open(path, PRQ_SQL_WRITE, &sql, err) || !prq_sql_exec(sql, "BEGIN", err) ||
        !prq_sql_prepare(sql, "UPDATE meta SET value=?2 WHERE key=?1", &st, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        prq_sql_bind_text(st, 1, prq_str_from(values[i].key));
        prq_sql_bind_text(st, 2, values[i].value);
        if (!prq_sql_run(st, err))
            return false;
    }
    return prq_sql_exec(sql, "COMMIT", err);
}

/* Readers have the installed file mapped, so it is not written to in place. */
bool prq_db_retell(const struct prq_db_place *p, const struct prq_db_value *values, size_t n,
                   struct prq_err *err)
{
    return copy_file(p->final.p, p->temporary.p, err) &&
           prq_db_tell(p->temporary.p, values, n, err);
}
