/* SPDX-License-Identifier: Apache-2.0 */
#include "format/tarfile.h"

#include <stdlib.h>

#include "base/stream.h"
#include "lib/lib.h"

enum { ENTRIES_MAX = 1024 };

/* ---- a stream over bytes that outlive it */

struct bytes_stream {
    struct prq_stream base;
    prq_bytes left;
};

static bool bytes_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                       struct prq_err *err)
{
    (void)err;
    struct bytes_stream *b = (struct bytes_stream *)(void *)s;
    size_t n = prq_min_size(cap, b->left.n);
    if (n)
        memcpy(buf, b->left.p, n);
    b->left = (prq_bytes){ b->left.p ? b->left.p + n : NULL, b->left.n - n };
    *got = n;
    return true;
}

static void bytes_close(struct prq_stream *s)
{
    free(s);
}

static struct prq_stream *bytes_stream(prq_bytes b)
{
    static const struct prq_stream_ops ops = { bytes_read, bytes_close };
    struct bytes_stream *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    *s = (struct bytes_stream){ { &ops }, b };
    return &s->base;
}

/* ---- */

static bool unpack(prq_str name, prq_bytes content, const struct prq_limits *limits,
                   struct prq_stream **out, struct prq_err *err)
{
    struct prq_stream *plain = bytes_stream(content);
    if (!plain)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (prq_str_ends(name, PRQ_S(".gz")))
        return prq_gunzip_open(plain, out, NULL, err);
    if (prq_str_ends(name, PRQ_S(".xz")))
        return prq_xz_open(plain, out, err);
    if (prq_str_ends(name, PRQ_S(".zst")))
        return prq_zstd_open(plain, limits, out, err);
    *out = plain;
    return true;
}

static bool read_member(struct prq_tar *tar, struct prq_buf *out, struct prq_err *err)
{
    const void *p;
    size_t n;
    for (;;) {
        if (!prq_tar_data(tar, &p, &n, err))
            return false;
        if (n == 0)
            return true;
        if (!prq_buf_add(out, p, n))
            return prq_fail(err, PRQ_E_LIMIT, "file is too large");
    }
}

/* The first member of that base name. */
static bool find_file(struct prq_tar *tar, prq_str name, struct prq_buf *out, struct prq_err *err)
{
    struct prq_tar_entry e;
    for (int i = 0; i < ENTRIES_MAX; i++) {
        enum prq_next step = prq_tar_next(tar, &e, err);
        if (step == PRQ_NEXT_FAIL)
            return false;
        if (step == PRQ_NEXT_END)
            break;
        if (e.type == 'f' && prq_str_eq(prq_path_base(e.path), name))
            return read_member(tar, out, err);
    }
    return prq_fail(err, PRQ_E_FORMAT, "no %.*s file in it", PRQ_FMT(name));
}

bool prq_tarfile_read_as(prq_str name, prq_bytes content, prq_str file,
                         const struct prq_limits *limits, struct prq_buf *out, struct prq_err *err)
{
    PRQ_STREAM stream = NULL;
    struct prq_tar *tar = NULL;
    if (!unpack(name, content, limits, &stream, err) || !prq_tar_open(stream, &tar, err))
        return prq_in(err, "%.*s", PRQ_FMT(name));
    prq_tar_limit(tar, limits);
    bool ok = find_file(tar, file, out, err);
    prq_tar_close(tar);
    return ok || prq_in(err, "%.*s", PRQ_FMT(name));
}

bool prq_tarfile_read(prq_bytes tar, prq_str file, const struct prq_limits *limits,
                      struct prq_buf *out, struct prq_err *err)
{
    return prq_tarfile_read_as(PRQ_S("archive"), tar, file, limits, out, err);
}
