/* SPDX-License-Identifier: Apache-2.0 */
/* A constructor that runs out of memory closes what it was to stand on and answers NULL, and takes
 * a NULL for a failed stage below: a chain of them is checked once, at its end. */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/fd.h"
#include "lib/lib.h"

enum { SPOOL_CHUNK = 256 << 10, READ_CHUNK = 64 << 10, MAGIC_BYTES = 10 };

/* ---- descriptors and memory */

struct fd_stream {
    struct prq_stream base;
    int fd;
    uint64_t at, left;
};

static bool fd_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct fd_stream *f = (struct fd_stream *)s;
    size_t want = f->left < cap ? (size_t)f->left : cap;
    if (want == 0) {
        *got = 0;
        return true;
    }
    ssize_t n;
    do {
        n = pread(f->fd, buf, want, (off_t)f->at);
    } while (n < 0 && errno == EINTR);
    if (n < 0 || prq_fault_io())
        return prq_fail(err, PRQ_E_IO, "read at byte %llu", (unsigned long long)f->at);
    f->at += (uint64_t)n;
    f->left -= (uint64_t)n;
    *got = (size_t)n;
    return true;
}

static void plain_close(struct prq_stream *s)
{
    free(s);
}

static const struct prq_stream_ops fd_ops = { fd_read, plain_close };

struct prq_stream *prq_fd_stream(int fd, uint64_t offset, uint64_t length)
{
    struct fd_stream *f = prq_fault_alloc() ? NULL : malloc(sizeof *f);
    if (!f)
        return NULL;
    *f = (struct fd_stream){ { &fd_ops }, fd, offset, length };
    return &f->base;
}

struct pipe_stream {
    struct prq_stream base;
    int fd;
};

static bool pipe_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct pipe_stream *f = (struct pipe_stream *)s;
    ssize_t n;
    do {
        n = read(f->fd, buf, cap);
    } while (n < 0 && errno == EINTR);
    if (n < 0 || prq_fault_io())
        return prq_fail(err, PRQ_E_IO, "read");
    *got = (size_t)n;
    return true;
}

static void pipe_close(struct prq_stream *s)
{
    close(((struct pipe_stream *)s)->fd);
    free(s);
}

static const struct prq_stream_ops pipe_ops = { pipe_read, pipe_close };

struct prq_stream *prq_pipe_stream(int fd)
{
    struct pipe_stream *f = prq_fault_alloc() ? NULL : malloc(sizeof *f);
    if (!f) {
        close(fd);
        return NULL;
    }
    *f = (struct pipe_stream){ { &pipe_ops }, fd };
    return &f->base;
}

struct mem_stream {
    struct prq_stream base;
    prq_bytes rest;
};

static bool mem_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct mem_stream *m = (struct mem_stream *)s;
    (void)err;
    *got = prq_min_size(cap, m->rest.n);
    if (*got) {
        memcpy(buf, m->rest.p, *got);
        m->rest = (prq_bytes){ m->rest.p + *got, m->rest.n - *got };
    }
    return true;
}

static const struct prq_stream_ops mem_ops = { mem_read, plain_close };

struct prq_stream *prq_mem_stream(prq_bytes b)
{
    struct mem_stream *m = prq_fault_alloc() ? NULL : malloc(sizeof *m);
    if (!m)
        return NULL;
    *m = (struct mem_stream){ { &mem_ops }, b };
    return &m->base;
}

/* ---- stages: one struct for all, since each needs little */

struct stage {
    struct prq_stream base;
    struct prq_stream *below;
    uint64_t seen; /* bytes that passed */
    uint64_t max;  /* limit: of bytes; check: the size declared, UINT64_MAX: none */
    const char *what;
    const uint64_t *below_bytes; /* ratio: what it is a ratio to */
    uint64_t ratio, ratio_after;
    struct prq_digest *digest;
    uint8_t want[64];
    size_t want_n;
    uint8_t head[MAGIC_BYTES]; /* prefix: bytes that were looked at */
    size_t head_at, head_n;
    bool is_done, is_broken;
    struct prq_err why;
};

static bool stage_break(struct stage *t, struct prq_err *err)
{
    t->is_broken = true;
    if (err)
        *err = t->why;
    return false;
}

static bool stage_below(struct stage *t, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    if (t->is_broken || !prq_stream_read(t->below, buf, cap, got, &t->why))
        return stage_break(t, err);
    t->seen += *got;
    return true;
}

static void stage_close(struct prq_stream *s)
{
    struct stage *t = (struct stage *)s;
    prq_stream_close(t->below);
    prq_digest_free(t->digest);
    free(t);
}

static struct stage *stage_new(struct prq_stream *below, const struct prq_stream_ops *ops)
{
    struct stage *t = below && !prq_fault_alloc() ? calloc(1, sizeof *t) : NULL;
    if (!t) {
        prq_stream_close(below);
        return NULL;
    }
    t->base.ops = ops;
    t->below = below;
    return t;
}

static bool limit_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                       struct prq_err *err)
{
    struct stage *t = (struct stage *)s;
    if (!stage_below(t, buf, cap, got, err))
        return false;
    if (t->seen <= t->max)
        return true;
    prq_fail(&t->why, PRQ_E_LIMIT, "more than %llu bytes: limit %s", (unsigned long long)t->max,
             t->what);
    return stage_break(t, err);
}

struct prq_stream *prq_limit_stream(struct prq_stream *below, uint64_t max, const char *what)
{
    static const struct prq_stream_ops ops = { limit_read, stage_close };
    struct stage *t = stage_new(below, &ops);
    if (!t)
        return NULL;
    t->max = max;
    t->what = what;
    return &t->base;
}

static bool ratio_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                       struct prq_err *err)
{
    struct stage *t = (struct stage *)s;
    if (!stage_below(t, buf, cap, got, err))
        return false;
    if (t->seen <= t->ratio_after || t->seen / t->ratio <= *t->below_bytes)
        return true;
    prq_fail(&t->why, PRQ_E_LIMIT, "%llu bytes unpack to over %llu: limit ratio",
             (unsigned long long)*t->below_bytes, (unsigned long long)t->seen);
    return stage_break(t, err);
}

struct prq_stream *prq_ratio_stream(struct prq_stream *below, const uint64_t *below_bytes,
                                    const struct prq_limits *limits)
{
    static const struct prq_stream_ops ops = { ratio_read, stage_close };
    struct stage *t = stage_new(below, &ops);
    if (!t)
        return NULL;
    t->below_bytes = below_bytes;
    t->ratio = limits->ratio ? limits->ratio : 1;
    t->ratio_after = limits->ratio_after;
    return &t->base;
}

static bool check_end(struct stage *t)
{
    if (t->max != UINT64_MAX && t->seen != t->max)
        return prq_fail(&t->why, PRQ_E_FORMAT, "%llu bytes came, %llu were declared",
                        (unsigned long long)t->seen, (unsigned long long)t->max);
    uint8_t raw[64];
    if (t->digest &&
        (prq_digest_end(t->digest, raw) != t->want_n || memcmp(raw, t->want, t->want_n) != 0))
        return prq_fail(&t->why, PRQ_E_FORMAT, "digest differs from the declared one");
    t->is_done = true;
    return true;
}

/* One byte more than declared is enough to know: nobody downloads the rest. */
static bool check_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                       struct prq_err *err)
{
    struct stage *t = (struct stage *)s;
    if (!stage_below(t, buf, cap, got, err))
        return false;
    if (t->seen > t->max) {
        prq_fail(&t->why, PRQ_E_FORMAT, "more than the %llu bytes declared",
                 (unsigned long long)t->max);
        return stage_break(t, err);
    }
    if (t->digest && !t->is_done)
        prq_digest_add(t->digest, buf, *got);
    if (*got == 0 && !t->is_done && !check_end(t))
        return stage_break(t, err);
    return true;
}

bool prq_check_stream(struct prq_stream *below, prq_str digest, uint64_t size,
                      struct prq_stream **out, struct prq_err *err)
{
    static const struct prq_stream_ops ops = { check_read, stage_close };
    enum prq_digest_alg alg;
    prq_str hex = { 0 };
    if (digest.n && !prq_digest_parse(digest, &alg, &hex)) {
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_FORMAT, "digest \"%.*s\" is not sha256 or sha512 in lower case",
                        PRQ_FMT(prq_str_head(digest, 160)));
    }
    struct stage *t = stage_new(below, &ops);
    if (!t)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to check a digest");
    t->max = size;
    t->want_n = hex.n / 2;
    if (hex.n && (!prq_hex_decode(hex, t->want) || !prq_digest_new(alg, &t->digest, err))) {
        stage_close(&t->base);
        return false;
    }
    *out = &t->base;
    return true;
}

/* ---- decompression by magic */

/* Gives back the bytes that were looked at, then what follows; counts both. */
static bool prefix_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                        struct prq_err *err)
{
    struct stage *t = (struct stage *)s;
    size_t n = prq_min_size(cap, t->head_n - t->head_at);
    if (n == 0)
        return stage_below(t, buf, cap, got, err);
    memcpy(buf, t->head + t->head_at, n);
    t->head_at += n;
    t->seen += n;
    *got = n;
    return true;
}

static bool look(struct stage *t, struct prq_err *err)
{
    size_t got = 1;
    while (got && t->head_n < MAGIC_BYTES) {
        if (!prq_stream_read(t->below, t->head + t->head_n, MAGIC_BYTES - t->head_n, &got, err))
            return false;
        t->head_n += got;
    }
    return true;
}

/* Sources: RFC 1952 2.3.1; RFC 8878 3.1.1 and 3.1.2; The .xz File Format 2.1.1.1; bzip2's block and
 * end marks (the digits of pi and of its root) after "BZh" and a level. */
enum prq_packing prq_packing_of(prq_bytes head)
{
    prq_str h = prq_str_of(head);
    if (prq_str_starts(h, PRQ_S("\x1f\x8b\x08")))
        return PRQ_PACKED_GZIP;
    if (prq_str_starts(h, PRQ_S("\x28\xb5\x2f\xfd")))
        return PRQ_PACKED_ZSTD;
    if (h.n >= 4 && ((uint8_t)h.p[0] & 0xf0) == 0x50 && memcmp(h.p + 1, "\x2a\x4d\x18", 3) == 0)
        return PRQ_PACKED_ZSTD;
    if (prq_str_starts(h, PRQ_S("\xfd"
                                "7zXZ\0")))
        return PRQ_PACKED_XZ;
    if (h.n >= 10 && prq_str_starts(h, PRQ_S("BZh")) && h.p[3] >= '1' && h.p[3] <= '9' &&
        (memcmp(h.p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
         memcmp(h.p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0))
        return PRQ_PACKED_BZIP2;
    return PRQ_PACKED_NOT;
}

static bool put_on_top(struct prq_stream *below, enum prq_packing packing,
                       const struct prq_limits *limits, uint64_t *trailing,
                       struct prq_stream **out, struct prq_err *err)
{
    switch (packing) {
    case PRQ_PACKED_GZIP:
        return prq_gunzip_open(below, out, trailing, err);
    case PRQ_PACKED_ZSTD:
        return prq_zstd_open(below, limits, out, err);
    case PRQ_PACKED_XZ:
        return prq_xz_open(below, out, err);
    case PRQ_PACKED_BZIP2:
        return prq_bzip2_open(below, out, err);
    case PRQ_PACKED_NOT:
        break;
    }
    *out = below;
    return true;
}

bool prq_decompress_stream(struct prq_stream *below, const struct prq_limits *limits,
                           struct prq_stream **out, struct prq_err *err)
{
    return prq_decompress_counting(below, limits, NULL, out, err);
}

bool prq_decompress_counting(struct prq_stream *below, const struct prq_limits *limits,
                             uint64_t *trailing, struct prq_stream **out, struct prq_err *err)
{
    static const struct prq_stream_ops ops = { prefix_read, stage_close };
    struct stage *prefix = stage_new(below, &ops);
    if (!prefix)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to decompress");
    if (!look(prefix, err)) {
        stage_close(&prefix->base);
        return false;
    }
    enum prq_packing packing = prq_packing_of((prq_bytes){ prefix->head, prefix->head_n });
    struct prq_stream *top;
    if (!put_on_top(&prefix->base, packing, limits, trailing, &top, err))
        return false;
    if (packing != PRQ_PACKED_NOT) {
        top = prq_ratio_stream(top, &prefix->seen, limits);
        if (!top)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to decompress");
    }
    *out = top;
    return true;
}

/* ---- whole streams */

bool prq_stream_read_all(struct prq_stream *s, struct prq_buf *out, struct prq_err *err)
{
    for (;;) {
        uint8_t beyond;
        size_t got, left = out->max - out->n;
        size_t want = left < READ_CHUNK ? left : READ_CHUNK;
        uint8_t *room = want ? prq_buf_room(out, want) : &beyond;
        if (!room)
            return prq_fail(err, PRQ_E_NOMEM, "no memory for %zu bytes", out->n + want);
        if (!prq_stream_read(s, room, want ? want : 1, &got, err))
            return false;
        if (got == 0)
            return true;
        if (!want)
            return prq_fail(err, PRQ_E_LIMIT, "more than %zu bytes", out->max);
        out->n += got;
    }
}

/* Where O_TMPFILE is not known (some network and overlay file systems), a name is made and removed
 * at once. */
static int named_temporary(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/pratique.XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return -1;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

bool prq_spool_new(int *fd, struct prq_err *err)
{
    const char *dir = secure_getenv("TMPDIR");
    if (!dir || !*dir)
        dir = "/tmp";
    int made = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (made < 0)
        made = named_temporary(dir);
    if (made < 0)
        made = memfd_create("pratique-spool", MFD_CLOEXEC);
    if (made < 0)
        return prq_fail(err, PRQ_E_IO, "make a temporary file in %s", dir);
    *fd = made;
    return true;
}

bool prq_spool(struct prq_stream *s, uint64_t max, int *fd, uint64_t *size, struct prq_err *err)
{
    PRQ_FD int to = -1;
    PRQ_BUF chunk;
    prq_buf_init(&chunk, SPOOL_CHUNK);
    uint8_t *room = prq_buf_room(&chunk, SPOOL_CHUNK);
    if (!room)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to spool");
    if (!prq_spool_new(&to, err))
        return false;
    uint64_t total = 0;
    for (;;) {
        size_t got;
        if (!prq_stream_read(s, room, SPOOL_CHUNK, &got, err))
            return false;
        if (got == 0)
            break;
        total += got;
        if (total > max)
            return prq_fail(err, PRQ_E_LIMIT, "more than %llu bytes", (unsigned long long)max);
        if (!prq_fd_write_all(to, room, got))
            return prq_fail(err, PRQ_E_IO, "write temporary file");
    }
    *size = total;
    *fd = prq_fd_take(&to);
    return true;
}

bool prq_read_file(const char *path, struct prq_buf *out, struct prq_err *err)
{
    PRQ_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "open %s", path);
    struct pipe_stream s = { { &pipe_ops }, fd };
    return prq_stream_read_all(&s.base, out, err) || prq_in(err, "%s", path);
}
