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

struct prq_source {
    struct prq_ctx *ctx;
    struct prq_arena *a; /* strings of answers */
    prq_str dir;         /* with a NUL after it; empty: remote */
    struct prq_remote *remote;
};

static bool is_url(prq_str s)
{
    return prq_str_starts(s, PRQ_S("https://")) || prq_str_starts(s, PRQ_S("http://"));
}

bool prq_source_open(struct prq_ctx *ctx, prq_str from, struct prq_source **out,
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
    bool ok;
    if (from.n && !is_url(from)) {
        struct stat st;
        s->dir = prq_arena_copy(s->a, from);
        ok = s->dir.p && stat(s->dir.p, &st) == 0;
        if (!ok)
            prq_fail(err, PRQ_E_IO, "feeds in %.*s", PRQ_FMT(from));
    } else {
        ok = prq_remote_open(ctx, from, &s->remote, err);
    }
    if (!ok) {
        prq_source_close(s);
        return false;
    }
    *out = s;
    return true;
}

void prq_source_close(struct prq_source *s)
{
    if (!s)
        return;
    prq_remote_close(s->remote);
    prq_arena_free(s->a);
    free(s);
}

bool prq_source_is_remote(const struct prq_source *s)
{
    return s->remote != NULL;
}

/* Directories are not told apart: the same feeds in another place give the same file. */
prq_str prq_source_name(const struct prq_source *s, const char *family)
{
    return s->remote ? prq_remote_name(s->remote, family) : PRQ_S("directory");
}

bool prq_blob_map(int fd, struct prq_feed_blob *out, struct prq_err *err)
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

static bool get_file(struct prq_source *s, prq_str path, struct prq_feed_blob *out, struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(s->a);
    prq_str full = prq_arena_printf(s->a, "%.*s/%.*s", PRQ_FMT(s->dir), PRQ_FMT(path));
    if (!full.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    PRQ_FD int fd = open(full.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool ok = fd >= 0 ? prq_blob_map(fd, out, err)
                      : errno == ENOENT || errno == ENOTDIR || prq_fail(err, PRQ_E_IO, "open");
    prq_arena_rewind(s->a, mark);
    return ok || prq_in(err, "%.*s", PRQ_FMT(path));
}

bool prq_source_get_if(struct prq_source *s, prq_str path, prq_str etag, prq_str modified,
                       struct prq_feed_blob *out, struct prq_err *err)
{
    *out = (struct prq_feed_blob){ .is_found = false };
    if (!s->remote)
        return get_file(s, path, out, err);
    return prq_remote_get(s->remote, path, etag, modified, s->a, out, err) ||
           prq_in(err, "%.*s", PRQ_FMT(path));
}

bool prq_source_get(struct prq_source *s, prq_str path, struct prq_feed_blob *out, struct prq_err *err)
{
    return prq_source_get_if(s, path, (prq_str){ 0 }, (prq_str){ 0 }, out, err);
}

bool prq_source_newest(struct prq_source *s, const char *folder, prq_str prefix, prq_str suffix,
                       struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    *out = (prq_str){ 0 };
    if (s->remote)
        return true;
    prq_str path = prq_arena_printf(a, "%.*s/%s", PRQ_FMT(s->dir), folder);
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
