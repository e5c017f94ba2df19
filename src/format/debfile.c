/* SPDX-License-Identifier: Apache-2.0 */
#include "format/debfile.h"

#include <stdlib.h>

#include "base/stream.h"
#include "lib/lib.h"

enum { AR_MAGIC = 8, AR_HEADER = 60, MEMBERS_MAX = 64, ENTRIES_MAX = 1024 };

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

/* ---- ar */

/* name[16] mtime[12] uid[6] gid[6] mode[8] size[10] "`\n"; members begin at even offsets. */
static bool next_member(prq_bytes in, size_t *at, prq_str *name, prq_bytes *content,
                        struct prq_err *err)
{
    if (in.n - *at < AR_HEADER || memcmp(in.p + *at + 58, "`\n", 2) != 0)
        return prq_fail_at(err, PRQ_E_FORMAT, *at, "broken member header of an ar archive");
    prq_str header = { (const char *)in.p + *at, AR_HEADER };
    uint64_t size;
    *name = prq_str_trim(prq_str_head(header, 16));
    if (prq_str_ends(*name, PRQ_S("/")))
        name->n--;
    if (!prq_str_u64(prq_str_trim(prq_str_head(prq_str_from_at(header, 48), 10)), &size) ||
        size > in.n - *at - AR_HEADER)
        return prq_fail_at(err, PRQ_E_FORMAT, *at + 48, "size of an ar member");
    *content = (prq_bytes){ in.p + *at + AR_HEADER, (size_t)size };
    *at += AR_HEADER + (size_t)size;
    *at += *at % 2 && *at < in.n;
    return true;
}

static bool find_control(prq_bytes in, prq_str *name, prq_bytes *content, struct prq_err *err)
{
    size_t at = AR_MAGIC;
    for (int i = 0; i < MEMBERS_MAX && at < in.n; i++) {
        if (!next_member(in, &at, name, content, err))
            return false;
        if (prq_str_starts(*name, PRQ_S("control.tar")))
            return true;
    }
    return prq_fail_at(err, PRQ_E_FORMAT, at, "package without control.tar");
}

/* ---- control.tar */

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
            return prq_fail(err, PRQ_E_LIMIT, "control file is too large");
    }
}

static bool find_file(struct prq_tar *tar, struct prq_buf *out, struct prq_err *err)
{
    struct prq_tar_entry e;
    for (int i = 0; i < ENTRIES_MAX; i++) {
        enum prq_next step = prq_tar_next(tar, &e, err);
        if (step == PRQ_NEXT_FAIL)
            return false;
        if (step == PRQ_NEXT_END)
            break;
        if (e.type == 'f' && prq_str_eq(prq_path_base(e.path), PRQ_S("control")))
            return read_member(tar, out, err);
    }
    return prq_fail(err, PRQ_E_FORMAT, "control.tar without a control file");
}

bool prq_debfile_control(prq_bytes deb, const struct prq_limits *limits, struct prq_buf *out,
                         struct prq_err *err)
{
    prq_str name = { 0 };
    prq_bytes content = { 0 };
    if (deb.n < AR_MAGIC || memcmp(deb.p, "!<arch>\n", AR_MAGIC) != 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a Debian package");
    if (!find_control(deb, &name, &content, err))
        return false;
    PRQ_STREAM stream = NULL;
    struct prq_tar *tar = NULL;
    if (!unpack(name, content, limits, &stream, err) || !prq_tar_open(stream, &tar, err))
        return prq_in(err, "%.*s", PRQ_FMT(name));
    prq_tar_limit(tar, limits);
    bool ok = find_file(tar, out, err);
    prq_tar_close(tar);
    return ok || prq_in(err, "%.*s", PRQ_FMT(name));
}
