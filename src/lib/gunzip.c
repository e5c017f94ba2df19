/* SPDX-License-Identifier: Apache-2.0 */
/* gzip by ISA-L's inflate. Source: RFC 1952.
 *
 * What is ISA-L's: the deflate bits, skipping header fields, header and data checksums, ISIZE.
 * What is ours: members one after the other, reserved flags, zero padding, what trails.
 *
 *     MEMBER --end of member--> BETWEEN --magic--> MEMBER
 *                                  |--zeros: skipped, stays
 *                                  `--anything else, or the end--> DONE (counted in *trailing)
 *
 * ISA-L decodes straight into the reader's buffer and only copies 32 KiB of history per call, so a
 * reader with a big buffer and our big input buffer run at its full speed. */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

#include "base/fault.h"
#include "lib/lib.h"

enum { IN_BYTES = 256 << 10, HEADER_BYTES = 10, FLAG_RESERVED = 0xe0 };

enum phase { BEFORE_MEMBER, IN_MEMBER, BETWEEN, DONE, BROKEN };

struct gunzip {
    struct prq_stream base;
    struct prq_stream *below;
    uint64_t *trailing;
    uint64_t read_bytes; /* taken from below so far */
    uint64_t members;
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
    case ISAL_INVALID_BLOCK:
    case ISAL_INVALID_SYMBOL:
    case ISAL_INVALID_LOOKBACK:
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: invalid deflate data");
    case ISAL_INCORRECT_CHECKSUM:
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: checksum or length differs");
    case ISAL_UNSUPPORTED_METHOD:
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: method is not deflate");
    default:
        return prq_fail_at(err, PRQ_E_FORMAT, at(g), "gzip: invalid header");
    }
}

/* Source: RFC 1952, 2.3 and 2.3.1.2: reserved flag bits must be zero. */
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
    isal_inflate_reset(&g->z);
    g->z.crc_flag = ISAL_GZIP;
    g->phase = IN_MEMBER;
    g->members++;
    return true;
}

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

/* gzip(1) does the same: after a member come members; after zeros only more zeros are padding. */
static bool after_member(struct gunzip *g, struct prq_err *err)
{
    if (!peek(g, 2, err))
        return false;
    if (g->z.avail_in >= 2 && g->z.next_in[0] == 0x1f && g->z.next_in[1] == 0x8b) {
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
        if (ret < 0)
            return fail_inflate(g, ret, err);
        if (z->block_state == ISAL_BLOCK_FINISH) {
            g->phase = BETWEEN;
            break;
        }
        bool is_stuck = z->avail_in == in_before && z->avail_out == out_before;
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
        bool is_good = g->phase == IN_MEMBER  ? inflate_some(g, buf, cap, got, err)
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

bool prq_gunzip_open(struct prq_stream *below, struct prq_stream **out, uint64_t *trailing,
                     struct prq_err *err)
{
    struct gunzip *g = below && !prq_fault_alloc() ? malloc(sizeof *g) : NULL;
    if (!g) {
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read gzip");
    }
    /* Everything but the input buffer, which is large and need not be zeroed. */
    memset(g, 0, offsetof(struct gunzip, in));
    g->base.ops = &gunzip_ops;
    g->below = below;
    g->trailing = trailing;
    isal_inflate_init(&g->z);
    g->z.next_in = g->in;
    if (trailing)
        *trailing = 0;
    *out = &g->base;
    return true;
}
