/* SPDX-License-Identifier: Apache-2.0 */
/* gzip by ISA-L's inflate. Source: RFC 1952. ISA-L's are the deflate data, CRC32 and ISIZE; ours
 * are the headers, members one after the other, zero padding, and what trails.
 *
 *     MEMBER --end of member--> BETWEEN --magic--> MEMBER
 *                                  |--zeros: skipped, stays
 *                                  `--anything else, or the end--> DONE (counted in *trailing)
 *
 * ISA-L decodes straight into the reader's buffer and only copies 32 KiB of history per call, so a
 * reader with a big buffer and our big input buffer run at its full speed. */
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/pages.h"
#include "lib/lib.h"

enum { IN_BYTES = 256 << 10, HEADER_BYTES = 10 };
enum {
    FLAG_CRC = 0x02,
    FLAG_EXTRA = 0x04,
    FLAG_NAME = 0x08,
    FLAG_COMMENT = 0x10,
    FLAG_RESERVED = 0xe0
};

enum phase { BEFORE_MEMBER, IN_MEMBER, BETWEEN, DONE, BROKEN };

struct gunzip {
    struct prq_stream base;
    struct prq_stream *below;
    uint64_t *trailing;
    uint64_t read_bytes; /* taken from below so far */
    enum phase phase;
    bool is_below_done;
    struct prq_err why; /* once BROKEN */
    struct inflate_state z;
    uint8_t in[IN_BYTES];
};

/* Of the compressed stream: the next byte that was not taken yet. */
static uint64_t at(const struct gunzip *g)
{
    return g->read_bytes - g->z.avail_in;
}

/* Make at least `want` bytes available at z.next_in, fewer only at the end of the input. */
static bool peek(struct gunzip *g, uint32_t want, struct prq_err *err)
{
    if (g->z.avail_in >= want || g->is_below_done)
        return true;
    if (g->z.avail_in)
        memmove(g->in, g->z.next_in, g->z.avail_in);
    g->z.next_in = g->in;
    while (g->z.avail_in < want && !g->is_below_done) {
        size_t got;
        if (!prq_stream_read(g->below, g->in + g->z.avail_in, IN_BYTES - g->z.avail_in, &got, err))
            return false;
        g->is_below_done = got == 0;
        g->read_bytes += got;
        g->z.avail_in += (uint32_t)got;
    }
    return true;
}

static bool fail_inflate(const struct gunzip *g, int ret, struct prq_err *err)
{
    switch (ret) {
    case ISAL_INCORRECT_CHECKSUM:
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: checksum or length differs");
    default:
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: invalid deflate data");
    }
}

/* ---- header. Ours, because ISA-L forgets the header's checksum when the input comes in pieces. */

/* The next n bytes, or up to and with the next NUL when n is UINT64_MAX. */
static bool skip(struct gunzip *g, uint64_t n, uint32_t *crc, struct prq_err *err)
{
    bool is_string = n == UINT64_MAX;
    while (n) {
        if (!peek(g, 1, err))
            return false;
        if (g->z.avail_in == 0)
            return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: header ends early");
        uint32_t take = n < g->z.avail_in ? (uint32_t)n : g->z.avail_in;
        const uint8_t *nul = is_string ? memchr(g->z.next_in, 0, take) : NULL;
        if (nul)
            take = (uint32_t)(nul - g->z.next_in) + 1;
        *crc = crc32_gzip_refl(*crc, g->z.next_in, take);
        g->z.next_in += take;
        g->z.avail_in -= take;
        n = nul ? 0 : is_string ? n : n - take;
    }
    return true;
}

static bool read_u16(struct gunzip *g, uint32_t *crc, uint32_t *out, struct prq_err *err)
{
    if (!peek(g, 2, err))
        return false;
    uint32_t v = g->z.avail_in < 2 ? 0 : (uint32_t)(g->z.next_in[0] | g->z.next_in[1] << 8);
    if (!skip(g, 2, crc, err))
        return false;
    *out = v;
    return true;
}

static bool read_fields(struct gunzip *g, uint8_t flags, struct prq_err *err)
{
    uint32_t crc = 0, extra, want, ignored = 0;
    if (!skip(g, HEADER_BYTES, &crc, err))
        return false;
    if ((flags & FLAG_EXTRA) && (!read_u16(g, &crc, &extra, err) || !skip(g, extra, &crc, err)))
        return false;
    if ((flags & FLAG_NAME) && !skip(g, UINT64_MAX, &crc, err))
        return false;
    if ((flags & FLAG_COMMENT) && !skip(g, UINT64_MAX, &crc, err))
        return false;
    if (!(flags & FLAG_CRC))
        return true;
    if (!read_u16(g, &ignored, &want, err))
        return false;
    return want == (crc & 0xffff) ||
           prq_fail_at(err, PRQ_E_FORMAT, at(g) - 2, "gzip: header checksum differs");
}

/* Source: RFC 1952, 2.3, and 2.3.1.2: reserved flag bits must be zero. */
static bool start_member(struct gunzip *g, struct prq_err *err)
{
    if (!peek(g, HEADER_BYTES, err))
        return false;
    const uint8_t *h = g->z.next_in;
    if (g->z.avail_in < HEADER_BYTES)
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: header ends early");
    if (h[0] != 0x1f || h[1] != 0x8b)
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "not gzip");
    if (h[2] != 8)
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: method is not deflate");
    if (h[3] & FLAG_RESERVED)
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: reserved flags are set");
    if (!read_fields(g, h[3], err))
        return false;
    isal_inflate_reset(&g->z);
    g->z.crc_flag = ISAL_GZIP_NO_HDR_VER;
    g->phase = IN_MEMBER;
    return true;
}

/* ---- members */

static bool count_trailing(struct gunzip *g, struct prq_err *err)
{
    uint64_t n = 0;
    while (g->z.avail_in) {
        n += g->z.avail_in;
        g->z.avail_in = 0;
        if (!peek(g, 1, err))
            return false;
    }
    if (g->trailing)
        *g->trailing = n;
    g->phase = DONE;
    return true;
}

/* As gzip(1) has it: a member may follow a member, after zeros only zeros are padding, and a lone
 * 0x1f is a member cut short. */
static bool after_member(struct gunzip *g, struct prq_err *err)
{
    if (!peek(g, 2, err))
        return false;
    const uint8_t *p = g->z.next_in;
    if (g->z.avail_in && p[0] == 0x1f && (g->z.avail_in == 1 || p[1] == 0x8b)) {
        g->phase = BEFORE_MEMBER;
        return true;
    }
    while (g->z.avail_in && *g->z.next_in == 0) {
        g->z.next_in++;
        g->z.avail_in--;
        if (!peek(g, 1, err))
            return false;
    }
    return count_trailing(g, err);
}

/* Inflate into the buffer until it is full, the member ends, or the input breaks off. */
static bool inflate_some(struct gunzip *g, uint8_t *buf, uint32_t cap, size_t *got,
                         struct prq_err *err)
{
    struct inflate_state *z = &g->z;
    z->next_out = buf;
    z->avail_out = cap;
    while (z->avail_out) {
        if (!peek(g, 1, err))
            return false;
        uint32_t in_before = z->avail_in, out_before = z->avail_out;
        int ret = isal_inflate(z);
        if (z->avail_in > in_before) { /* ISA-L counts past the end of some invalid data */
            z->avail_in = 0;
            ret = ISAL_INVALID_BLOCK;
        }
        if (ret < 0)
            return fail_inflate(g, ret, err);
        if (z->block_state == ISAL_BLOCK_FINISH) {
            g->phase = BETWEEN;
            break;
        }
        bool is_stuck = z->avail_in == in_before && z->avail_out == out_before;
        if (is_stuck && g->is_below_done && z->avail_out < cap)
            break; /* what came before the end counts; the next call is stuck at once */
        if (is_stuck && g->is_below_done)
            return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: data ends early");
        if (is_stuck && z->avail_in)
            return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: invalid deflate data");
    }
    *got = cap - z->avail_out;
    return true;
}

static bool step(struct gunzip *g, void *buf, uint32_t cap, size_t *got, struct prq_err *err)
{
    *got = 0;
    while (*got == 0 && g->phase != DONE) {
        bool is_good = g->phase == IN_MEMBER ? inflate_some(g, buf, cap, got, err)
                       : g->phase == BETWEEN ? after_member(g, err)
                                             : start_member(g, err);
        if (!is_good)
            return false;
    }
    return true;
}

static bool gunzip_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                        struct prq_err *err)
{
    struct gunzip *g = (struct gunzip *)s;
    if (g->phase != BROKEN) {
        uint32_t cap32 = cap > INT32_MAX ? INT32_MAX : (uint32_t)cap;
        if (step(g, buf, cap32, got, &g->why))
            return true;
        g->phase = BROKEN;
    }
    if (err)
        *err = g->why;
    return false;
}

static void gunzip_close(struct prq_stream *s)
{
    struct gunzip *g = (struct gunzip *)s;
    prq_stream_close(g->below);
    free(g);
}

static const struct prq_stream_ops gunzip_ops = { gunzip_read, gunzip_close };

static void start(struct gunzip *g, struct prq_stream *below, uint64_t *trailing)
{
    /* Everything but the input buffer, which is large and need not be zeroed. */
    memset(g, 0, offsetof(struct gunzip, in));
    g->base.ops = &gunzip_ops;
    g->below = below;
    g->trailing = trailing;
    isal_inflate_init(&g->z);
    g->z.next_in = g->in;
    if (trailing)
        *trailing = 0;
}

bool prq_gunzip_open(struct prq_stream *below, struct prq_stream **out, uint64_t *trailing,
                     struct prq_err *err)
{
    struct gunzip *g = below && !prq_fault_alloc() ? malloc(sizeof *g) : NULL;
    if (!g) {
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read gzip");
    }
    start(g, below, trailing);
    *out = &g->base;
    return true;
}

/* The whole input is there, so it is inflated from where it lies. */
bool prq_gunzip_all(prq_bytes in, struct prq_buf *out, struct prq_err *err)
{
    if (in.n > UINT32_MAX)
        return prq_fail(err, PRQ_E_LIMIT, "gzip: more than 4 GiB in memory");
    struct gunzip *g = prq_fault_alloc() ? NULL : malloc(sizeof *g);
    if (!g)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read gzip");
    start(g, NULL, NULL);
    g->is_below_done = true;
    g->read_bytes = in.n;
    /* ISA-L only reads from next_in, which it takes without const. */
    union {
        const uint8_t *from;
        uint8_t *to;
    } bytes = { .from = in.p };
    g->z.next_in = bytes.to;
    g->z.avail_in = (uint32_t)in.n;
    bool is_good = true;
    for (size_t got = 1; is_good && got;) {
        uint8_t beyond;
        uint32_t want = (uint32_t)prq_min_size(out->max - out->n, PRQ_KIB(256));
        uint8_t *room = want ? prq_buf_room(out, want) : &beyond;
        is_good = room ? step(g, room, want ? want : 1, &got, err)
                       : prq_fail(err, PRQ_E_NOMEM, "no memory for gzip's output");
        if (is_good && got && !want)
            is_good = prq_fail(err, PRQ_E_LIMIT, "gzip: more than %zu bytes", out->max);
        out->n += is_good ? got : 0;
    }
    free(g);
    return is_good;
}

/* ---- raw deflate, for zip */

uint32_t prq_crc32(prq_bytes b)
{
    return crc32_gzip_refl(0, b.p, b.n);
}

bool prq_inflate(prq_bytes in, uint8_t *out, size_t size, struct prq_err *err)
{
    if (in.n > UINT32_MAX || size > UINT32_MAX)
        return prq_fail(err, PRQ_E_LIMIT, "deflate: more than 4 GiB in memory");
    struct inflate_state *z = prq_fault_alloc() ? NULL : malloc(sizeof *z);
    if (!z)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to inflate");
    union {
        const uint8_t *from;
        uint8_t *to;
    } bytes = { .from = in.p };
    isal_inflate_init(z);
    z->next_in = bytes.to;
    z->avail_in = (uint32_t)in.n;
    z->next_out = out;
    z->avail_out = (uint32_t)size;
    int ret = isal_inflate_stateless(z);
    bool is_whole = ret == ISAL_DECOMP_OK && z->avail_out == 0;
    uint64_t at = z->avail_in <= in.n ? in.n - z->avail_in : in.n; /* ISA-L may count past it */
    free(z);
    return is_whole || prq_fail_at(err, PRQ_E_FORMAT, at, "deflate: invalid data or size");
}

uint32_t prq_crc32_add(uint32_t crc, prq_bytes more)
{
    return crc32_gzip_refl(crc, more.p, more.n);
}

enum { PIECE_IN = 1 << 20, PIECE_OUT = 256 << 10 };

struct pieces {
    prq_bytes left; /* of the input: what the state was not shown yet */
    bool is_mapped;
    uint64_t size, put;
    struct inflate_state z;
    uint8_t out[PIECE_OUT];
};

static void show_more(struct pieces *p, const uint8_t *seen)
{
    if (p->z.avail_in || !p->left.n)
        return;
    union {
        const uint8_t *from;
        uint8_t *to;
    } bytes = { .from = p->left.p };
    if (p->is_mapped)
        prq_pages_forget((prq_bytes){ seen, (size_t)(p->left.p - seen) });
    p->z.next_in = bytes.to;
    p->z.avail_in = (uint32_t)prq_min_size(p->left.n, PIECE_IN);
    p->left.p += p->z.avail_in;
    p->left.n -= p->z.avail_in;
}

/* Bytes that were looked at, or might have been: ISA-L counts past the end of invalid data. */
static uint64_t seen_of(const struct pieces *p, prq_bytes in)
{
    size_t shown = in.n - p->left.n;
    return p->z.avail_in <= shown ? shown - p->z.avail_in : shown;
}

static bool next_piece(struct pieces *p, prq_bytes in, prq_put *put, void *user,
                       struct prq_err *err)
{
    show_more(p, in.p);
    uint32_t avail = p->z.avail_in;
    p->z.next_out = p->out;
    p->z.avail_out = PIECE_OUT;
    int ret = isal_inflate(&p->z);
    size_t got = PIECE_OUT - p->z.avail_out;
    bool is_end = p->z.block_state == ISAL_BLOCK_FINISH;
    bool is_stuck = !got && !is_end && !p->left.n && p->z.avail_in == avail;
    if (ret < 0 || p->z.avail_in > avail || is_stuck || got > p->size - p->put ||
        (is_end && got != p->size - p->put))
        return prq_fail_at(err, PRQ_E_FORMAT, seen_of(p, in), "deflate: invalid data or size");
    p->put += got;
    return got == 0 || put(user, (prq_bytes){ p->out, got }, err);
}

bool prq_inflate_pieces(prq_bytes in, bool is_mapped, uint64_t size, prq_put *put, void *user,
                        struct prq_err *err)
{
    struct pieces *p = prq_fault_alloc() ? NULL : malloc(sizeof *p);
    if (!p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to inflate");
    isal_inflate_init(&p->z);
    p->left = in;
    p->is_mapped = is_mapped;
    p->size = size;
    p->put = 0;
    p->z.avail_in = 0;
    bool is_good = true;
    while (is_good && p->z.block_state != ISAL_BLOCK_FINISH)
        is_good = next_piece(p, in, put, user, err);
    free(p);
    return is_good;
}

/* ---- zlib, whole */

static bool zlib_step(struct inflate_state *z, struct prq_buf *out, prq_bytes in,
                      struct prq_err *err)
{
    uint8_t beyond;
    uint32_t want = (uint32_t)prq_min_size(out->max - out->n, PRQ_KIB(64));
    uint8_t *room = want ? prq_buf_room(out, want) : &beyond;
    if (!room)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for zlib's output");
    uint32_t in_before = z->avail_in, cap = want ? want : 1;
    z->next_out = room;
    z->avail_out = cap;
    int ret = isal_inflate(z);
    uint32_t got = cap - z->avail_out;
    if (want)
        out->n += got;
    else if (got)
        return prq_fail(err, PRQ_E_LIMIT, "zlib: more than %zu bytes", out->max);
    if (ret < 0 || z->avail_in > in_before) /* ISA-L counts past the end of some invalid data */
        return prq_fail_at(err, PRQ_E_FORMAT, in.n - prq_min_size(z->avail_in, in.n),
                           "zlib: invalid data or checksum");
    bool is_stuck = got == 0 && z->avail_in == in_before;
    if (is_stuck && z->block_state != ISAL_BLOCK_FINISH)
        return prq_fail_at(err, PRQ_E_FORMAT, in.n, "zlib: data ends early");
    return true;
}

bool prq_zlib_all(prq_bytes in, struct prq_buf *out, struct prq_err *err)
{
    if (in.n > UINT32_MAX)
        return prq_fail(err, PRQ_E_LIMIT, "zlib: more than 4 GiB in memory");
    struct inflate_state *z = prq_fault_alloc() ? NULL : malloc(sizeof *z);
    if (!z)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to inflate");
    union {
        const uint8_t *from;
        uint8_t *to;
    } bytes = { .from = in.p };
    isal_inflate_init(z);
    z->crc_flag = ISAL_ZLIB;
    z->next_in = bytes.to;
    z->avail_in = (uint32_t)in.n;
    bool is_good = true;
    while (is_good && z->block_state != ISAL_BLOCK_FINISH)
        is_good = zlib_step(z, out, in, err);
    free(z);
    return is_good;
}
