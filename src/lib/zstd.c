/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard by libzstd. Frames may follow each other and skippable frames may stand between them:
 * ZSTD_decompressStream reads through both. Source: RFC 8878, 3. */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/fault.h"
#include "lib/lib.h"

enum { IN_BYTES = 256 << 10, UNPACK_BYTES = 128 << 10, MAGIC_BYTES = 4 };
enum { WINDOW_LOG_MIN = 10, WINDOW_LOG_MAX = 27 };

struct unzstd {
    struct prq_stream base;
    struct prq_stream *below;
    ZSTD_DCtx *ctx;
    ZSTD_inBuffer in;
    uint64_t read_bytes;
    uint64_t frames; /* that ended */
    bool is_in_frame, is_below_done, is_broken;
    struct prq_err why;
    uint8_t buf[IN_BYTES];
};

/* A frame or a skippable frame. libzstd would also read the formats before 1.0, whose old decoders
 * nobody needs to meet. Source: RFC 8878, 3.1.1 and 3.1.2. */
static bool is_frame(const uint8_t *p, size_t n)
{
    if (n < MAGIC_BYTES)
        return false;
    return memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0 ||
           ((p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0);
}

static bool fail_zstd(size_t code, uint64_t at, struct prq_err *err)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return prq_fail_at(err, PRQ_E_LIMIT, at, "zstd: window is larger than allowed");
    case ZSTD_error_memory_allocation:
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read zstd");
    case ZSTD_error_dictionary_wrong:
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, at, "zstd: frame needs a dictionary");
    default:
        /* libzstd's names are constant strings. */
        return prq_fail_at(err, PRQ_E_FORMAT, at, ZSTD_getErrorName(code)) || prq_in(err, "zstd");
    }
}

/* Make at least `want` bytes available, fewer only at the end of the input. */
static bool peek(struct unzstd *z, size_t want, struct prq_err *err)
{
    size_t left = z->in.size - z->in.pos;
    if (left >= want || z->is_below_done)
        return true;
    if (left)
        memmove(z->buf, z->buf + z->in.pos, left);
    while (left < want && !z->is_below_done) {
        size_t got;
        if (!prq_stream_read(z->below, z->buf + left, IN_BYTES - left, &got, err))
            return false;
        z->is_below_done = got == 0;
        z->read_bytes += got;
        left += got;
    }
    z->in = (ZSTD_inBuffer){ z->buf, left, 0 };
    return true;
}

static bool step(struct unzstd *z, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    ZSTD_outBuffer out = { buf, cap, 0 };
    while (out.pos < out.size) {
        if (!peek(z, z->is_in_frame ? 1 : MAGIC_BYTES, err))
            return false;
        size_t left = z->in.size - z->in.pos;
        if (!z->is_in_frame && left == 0 && z->frames)
            break;
        if (!z->is_in_frame && !is_frame(z->buf + z->in.pos, left))
            return prq_fail_at(err, PRQ_E_FORMAT, z->read_bytes - left, "zstd: no frame");
        size_t out_before = out.pos;
        size_t hint = ZSTD_decompressStream(z->ctx, &out, &z->in);
        size_t now_left = z->in.size - z->in.pos;
        if (ZSTD_isError(hint))
            return fail_zstd(hint, z->read_bytes - now_left, err);
        z->is_in_frame = hint != 0;
        z->frames += hint == 0;
        bool is_stuck = hint && out.pos == out_before && now_left == left && z->is_below_done;
        if (is_stuck && out.pos)
            break; /* what came before the end counts; the next call is stuck at once */
        if (is_stuck)
            return prq_fail_at(err, PRQ_E_FORMAT, z->read_bytes, "zstd: data ends early");
    }
    *got = out.pos;
    return true;
}

static bool unzstd_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                        struct prq_err *err)
{
    struct unzstd *z = (struct unzstd *)s;
    if (!z->is_broken) {
        if (step(z, buf, cap, got, &z->why))
            return true;
        z->is_broken = true;
    }
    if (err)
        *err = z->why;
    return false;
}

static void unzstd_close(struct prq_stream *s)
{
    struct unzstd *z = (struct unzstd *)s;
    prq_stream_close(z->below);
    ZSTD_freeDCtx(z->ctx);
    free(z);
}

static const struct prq_stream_ops unzstd_ops = { unzstd_read, unzstd_close };

/* The largest log whose window fits into the limit. */
static int window_log(uint64_t limit_bytes)
{
    int log = WINDOW_LOG_MIN;
    while (log < WINDOW_LOG_MAX && (UINT64_C(2) << log) <= limit_bytes)
        log++;
    return log;
}

bool prq_zstd_open(struct prq_stream *below, const struct prq_limits *limits,
                   struct prq_stream **out, struct prq_err *err)
{
    struct unzstd *z = below && !prq_fault_alloc() ? malloc(sizeof *z) : NULL;
    ZSTD_DCtx *ctx = z ? ZSTD_createDCtx() : NULL;
    if (!ctx) {
        free(z);
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read zstd");
    }
    memset(z, 0, offsetof(struct unzstd, buf));
    z->base.ops = &unzstd_ops;
    z->below = below;
    z->ctx = ctx;
    size_t set = ZSTD_DCtx_setParameter(ctx, ZSTD_d_windowLogMax, window_log(limits->window_bytes));
    if (ZSTD_isError(set)) {
        unzstd_close(&z->base);
        return prq_fail(err, PRQ_E_BUG, "zstd window limit: %s", ZSTD_getErrorName(set));
    }
    *out = &z->base;
    return true;
}

bool prq_zstd_pack(prq_bytes in, int level, struct prq_buf *out, struct prq_err *err)
{
    uint8_t *room = prq_buf_room(out, ZSTD_compressBound(in.n));
    if (!room)
        return prq_fail(err, PRQ_E_LIMIT, "%zu bytes do not fit the buffer when packed", in.n);
    size_t n = ZSTD_compress(room, ZSTD_compressBound(in.n), in.p, in.n, level);
    if (ZSTD_isError(n))
        return prq_fail(err, PRQ_E_NOMEM, "zstd: %s", ZSTD_getErrorName(n));
    out->n += n;
    return true;
}

bool prq_zstd_unpack(prq_bytes in, struct prq_buf *out, struct prq_err *err)
{
    ZSTD_DCtx *ctx = prq_fault_alloc() ? NULL : ZSTD_createDCtx();
    if (!ctx)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read zstd");
    ZSTD_inBuffer from = { in.p, in.n, 0 };
    size_t hint = 0;
    bool is_good = in.n > 0 || prq_fail_at(err, PRQ_E_FORMAT, 0, "zstd: no frame");
    while (is_good && (from.pos < from.size || hint)) {
        if (hint == 0 && !is_frame(in.p + from.pos, in.n - from.pos)) {
            is_good = prq_fail_at(err, PRQ_E_FORMAT, from.pos, "zstd: no frame");
            break;
        }
        uint8_t beyond;
        size_t want = prq_min_size(out->max - out->n, UNPACK_BYTES);
        uint8_t *room = want ? prq_buf_room(out, want) : &beyond;
        ZSTD_outBuffer to = { room, room ? (want ? want : 1) : 0, 0 };
        size_t in_before = from.pos;
        hint = ZSTD_decompressStream(ctx, &to, &from);
        if (!room)
            is_good = prq_fail(err, PRQ_E_NOMEM, "no memory for zstd's output");
        else if (ZSTD_isError(hint))
            is_good = fail_zstd(hint, from.pos, err);
        else if (to.pos && !want)
            is_good = prq_fail(err, PRQ_E_LIMIT, "zstd: more than %zu bytes", out->max);
        else if (to.pos == 0 && from.pos == in_before && hint)
            is_good = prq_fail_at(err, PRQ_E_FORMAT, from.pos, "zstd: data ends early");
        else
            out->n += to.pos;
    }
    ZSTD_freeDCtx(ctx);
    return is_good;
}

bool prq_zstd_unpack_exact(prq_bytes in, uint8_t *out, size_t size, struct prq_err *err)
{
    size_t n = ZSTD_decompress(out, size, in.p, in.n);
    return (!ZSTD_isError(n) && n == size) ||
           prq_fail_at(err, PRQ_E_FORMAT, 0, "zstd: invalid data or size");
}
