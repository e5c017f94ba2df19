/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbsource.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "db/dbremote.h"
#include "db/jsonutil.h"

/* An answer of this family: its body, if it had one, and its validators. */
struct kept {
    int fd;
    struct prq_db_validator validator;
};

struct prq_source {
    struct prq_ctx *ctx;
    struct prq_arena *a; /* of the source, and from `begin` on of the family */
    struct prq_mark mark;
    prq_str from; /* a directory has a NUL after it */
    struct prq_remote *remote;
    bool lacks_address;
    struct kept *kept;
    size_t kept_count, kept_cap;
    struct prq_db_validator *seen;
    const struct prq_db_validator *expected;
    size_t expected_count;
};

static bool is_url(prq_str s)
{
    return prq_str_starts(s, PRQ_S("https://")) || prq_str_starts(s, PRQ_S("http://"));
}

static bool open_directory(struct prq_source *s, struct prq_err *err)
{
    struct stat st;
    s->from = prq_arena_copy(s->a, s->from);
    if (!s->from.p || stat(s->from.p, &st) < 0)
        return prq_fail(err, PRQ_E_IO, "feeds in %.*s", PRQ_FMT(s->from));
    return S_ISDIR(st.st_mode) ||
           prq_fail(err, PRQ_E_USAGE, "%.*s is not a directory", PRQ_FMT(s->from));
}

bool prq_source_open(struct prq_ctx *ctx, prq_str from, prq_str addresses, struct prq_source **out,
                     struct prq_err *err)
{
    struct prq_source *s = calloc(1, sizeof *s);
    if (s)
        s->a = prq_arena_new(PRQ_MIB(16));
    if (!s || !s->a) {
        free(s);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    }
    s->ctx = ctx;
    s->from = from;
    bool ok = from.n && !is_url(from) ? open_directory(s, err)
                                      : prq_remote_open(ctx, from, addresses, &s->remote, err);
    if (!ok) {
        prq_source_close(s);
        return false;
    }
    s->mark = prq_arena_mark(s->a);
    *out = s;
    return true;
}

void prq_source_begin(struct prq_source *s)
{
    for (size_t i = 0; i < s->kept_count; i++)
        if (s->kept[i].fd >= 0)
            close(s->kept[i].fd);
    s->kept = NULL;
    s->kept_count = s->kept_cap = 0;
    s->lacks_address = false;
    s->expected_count = 0;
    if (s->a)
        prq_arena_rewind(s->a, s->mark);
}

void prq_source_close(struct prq_source *s)
{
    if (!s)
        return;
    prq_source_begin(s);
    prq_remote_close(s->remote);
    prq_arena_free(s->a);
    free(s);
}

bool prq_source_is_remote(const struct prq_source *s)
{
    return s->remote != NULL;
}

bool prq_source_may_lack_feeds(const struct prq_source *s)
{
    return s->from.n > 0 || s->lacks_address;
}

/* Directories are not told apart: the same feeds in another place give the same file. */
prq_str prq_source_name(const struct prq_source *s)
{
    if (!s->remote)
        return PRQ_S("directory");
    return s->from.n ? s->from : PRQ_S("public addresses");
}

/* ---- bytes */

static bool map_fd(int fd, struct prq_feed_blob *out, struct prq_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return prq_fail(err, PRQ_E_IO, "stat a feed");
    if (!S_ISREG(st.st_mode))
        return prq_fail(err, PRQ_E_FORMAT, "not a regular file");
    if (st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            return prq_fail(err, PRQ_E_IO, "map a feed");
        out->bytes = (prq_bytes){ p, (size_t)st.st_size };
    }
    out->is_found = true;
    return true;
}

void prq_feed_blob_release(struct prq_feed_blob *b)
{
    if (b->bytes.n)
        munmap((void *)(uintptr_t)b->bytes.p, b->bytes.n);
    b->bytes = (prq_bytes){ 0 };
}

static bool get_file(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                     struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(s->a);
    prq_str full = prq_arena_printf(s->a, "%.*s/%.*s", PRQ_FMT(s->from), PRQ_FMT(path));
    if (!full.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    PRQ_FD int fd = open(full.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool ok = fd >= 0 ? map_fd(fd, out, err)
                      : errno == ENOENT || errno == ENOTDIR || prq_fail(err, PRQ_E_IO, "open");
    prq_arena_rewind(s->a, mark);
    return ok;
}

/* ---- over HTTP */

static struct kept *find_kept(struct prq_source *s, prq_str path)
{
    for (size_t i = 0; i < s->kept_count; i++)
        if (prq_str_eq(s->kept[i].validator.path, path))
            return &s->kept[i];
    return NULL;
}

static const struct prq_db_validator *find_expected(const struct prq_source *s, prq_str path)
{
    static const struct prq_db_validator none;
    for (size_t i = 0; i < s->expected_count; i++)
        if (prq_str_eq(s->expected[i].path, path))
            return &s->expected[i];
    return &none;
}

static bool keep(struct prq_source *s, prq_str path, const struct prq_remote_answer *answer,
                 const struct prq_db_validator *expected, struct prq_err *err)
{
    struct kept *k = find_kept(s, path);
    if (!k) {
        if (!prq_arena_grow(s->a, &s->kept, sizeof *s->kept, &s->kept_cap, s->kept_count + 1))
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        k = &s->kept[s->kept_count++];
        *k = (struct kept){ .fd = -1 };
    }
    k->fd = answer->fd;
    k->validator.path = prq_arena_copy(s->a, path);
    k->validator.etag = answer->is_unchanged ? expected->etag : answer->etag;
    k->validator.modified = answer->is_unchanged ? expected->modified : answer->modified;
    return k->validator.path.p != NULL || prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
}

static bool get_remote(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                       struct prq_err *err)
{
    const struct kept *had = find_kept(s, path);
    if (had && had->fd >= 0)
        return map_fd(had->fd, out, err);
    struct prq_remote_answer answer;
    const struct prq_db_validator *expected = find_expected(s, path);
    if (!prq_remote_get(s->remote, path, expected->etag, expected->modified, s->a, &answer, err))
        return false;
    s->lacks_address |= answer.has_no_address;
    out->is_found = answer.is_found;
    out->is_unchanged = answer.is_unchanged;
    if (answer.is_found && !keep(s, path, &answer, expected, err)) {
        if (answer.fd >= 0)
            close(answer.fd);
        return false;
    }
    return answer.fd < 0 || map_fd(answer.fd, out, err);
}

bool prq_source_get(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                    struct prq_err *err)
{
    *out = (struct prq_feed_blob){ .is_found = false };
    bool ok = s->remote ? get_remote(s, path, out, err) : get_file(s, path, out, err);
    return ok || prq_in(err, "%.*s", PRQ_FMT(path));
}

static bool get_remote_once(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                            struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(s->a);
    struct prq_remote_answer answer;
    prq_str none = { 0 };
    if (!prq_remote_get(s->remote, path, none, none, s->a, &answer, err))
        return false;
    PRQ_FD int fd = answer.fd;
    out->is_found = answer.is_found;
    prq_arena_rewind(s->a, mark);
    return fd < 0 || map_fd(fd, out, err);
}

bool prq_source_get_once(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                         struct prq_err *err)
{
    *out = (struct prq_feed_blob){ .is_found = false };
    bool ok = s->remote ? get_remote_once(s, path, out, err) : get_file(s, path, out, err);
    return ok || prq_in(err, "%.*s", PRQ_FMT(path));
}

void prq_source_expect(struct prq_source *s, const struct prq_db_validator *v, size_t n)
{
    s->expected = v;
    s->expected_count = n;
}

static int by_path(const void *a, const void *b)
{
    const struct prq_db_validator *x = a, *y = b;
    return prq_str_cmp(x->path, y->path);
}

size_t prq_source_seen(struct prq_source *s, const struct prq_db_validator **out)
{
    *out = NULL;
    size_t n = 0;
    s->seen = prq_new_n(s->a, struct prq_db_validator, s->kept_count);
    if (!s->seen || s->kept_count == 0)
        return 0;
    for (size_t i = 0; i < s->kept_count; i++)
        if (s->kept[i].validator.etag.n || s->kept[i].validator.modified.n)
            s->seen[n++] = s->kept[i].validator;
    qsort(s->seen, n, sizeof *s->seen, by_path);
    *out = s->seen;
    return n;
}

bool prq_source_newest(struct prq_source *s, const char *folder, prq_str prefix, prq_str suffix,
                       struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    *out = (prq_str){ 0 };
    if (s->remote)
        return true;
    prq_str path = prq_arena_printf(a, "%.*s/%s", PRQ_FMT(s->from), folder);
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    DIR *d = opendir(path.p);
    if (!d)
        return true;
    for (struct dirent *e; (e = readdir(d));) {
        prq_str name = prq_str_from(e->d_name);
        if (prq_str_starts(name, prefix) && prq_str_ends(name, suffix) &&
            prq_str_cmp(name, *out) > 0)
            *out = prq_arena_copy(a, name);
    }
    closedir(d);
    return true;
}

bool prq_source_list(struct prq_source *s, const char *folder, struct prq_arena *a,
                     struct prq_strs *out, struct prq_err *err)
{
    size_t cap = 0;
    bool ok = true;
    *out = (struct prq_strs){ 0 };
    if (s->remote)
        return true;
    prq_str path = prq_arena_printf(a, "%.*s/%s", PRQ_FMT(s->from), folder);
    DIR *d = path.p ? opendir(path.p) : NULL;
    for (struct dirent *e; d && ok && (e = readdir(d));) {
        prq_str name = prq_arena_copy(a, prq_str_from(e->d_name));
        ok = name.p && (name.p[0] == '.' || prq_db_strs_add(out, &cap, name, a));
    }
    if (d)
        closedir(d);
    prq_db_strs_sort(out);
    return (path.p && ok) || prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
}
