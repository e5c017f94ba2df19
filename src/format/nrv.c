/* SPDX-License-Identifier: Apache-2.0 */
/* A one bit stands for a literal byte, a zero bit for a match: an offset, then a length. The upper part
 * of an offset is written as bits, the lower one as a byte; the upper part 2 means the last offset
 * again, all ones the end. The lowest bit of an offset already belongs to the length. */
#include "format/nrv.h"

#include "base/rd.h"

struct bits {
    struct prq_rd in;
    uint32_t word;
    unsigned left;
};

static uint32_t bit(struct bits *b)
{
    if (b->left == 0) {
        b->word = prq_rd_u32le(&b->in);
        b->left = 32;
    }
    b->left--;
    return b->word >> b->left & 1;
}

/* 1, then bits as long as a zero follows each. */
static uint32_t stretch(struct bits *b)
{
    uint32_t v = 1;
    do
        v = v << 1 | bit(b);
    while (!bit(b) && !b->in.bad && v < UINT32_MAX >> 2);
    return v;
}

/* The upper part of an offset: two bits a step, less one in between. */
static uint32_t upper(struct bits *b)
{
    uint32_t v = 1;
    while (!b->in.bad && v < UINT32_MAX >> 3) {
        v = v << 1 | bit(b);
        if (bit(b))
            break;
        v = (v - 1) << 1 | bit(b);
    }
    return v;
}

struct match {
    uint32_t offset;
    bool is_short; /* what the offset told of the length */
    bool is_end;
};

static struct match read_offset(struct bits *b, uint32_t last)
{
    uint32_t high = upper(b);
    if (high == 2)
        return (struct match){ .offset = last, .is_short = bit(b) };
    uint32_t v = (high - 3) << 8 | prq_rd_u8(&b->in);
    if (v == UINT32_MAX)
        return (struct match){ .is_end = true };
    return (struct match){ .offset = (v >> 1) + 1, .is_short = !(v & 1) };
}

/* How many bytes to copy; far matches are one longer. */
static uint32_t read_length(struct bits *b, struct match m)
{
    uint32_t more = m.offset > 0x500;
    if (m.is_short)
        return 2 + bit(b) + more;
    if (bit(b))
        return 4 + bit(b) + more;
    return stretch(b) + 4 + more;
}

bool prq_nrv_unpack(prq_bytes in, uint8_t *out, size_t n, struct prq_err *err)
{
    struct bits b = { .in = prq_rd_of(in) };
    uint32_t last = 1;
    size_t done = 0;
    while (!b.in.bad) {
        if (bit(&b)) {
            uint8_t c = prq_rd_u8(&b.in);
            if (done == n)
                break;
            out[done++] = c;
            continue;
        }
        struct match m = read_offset(&b, last);
        if (m.is_end && done == n && !b.in.bad)
            return true;
        uint32_t length = m.is_end || b.in.bad ? 0 : read_length(&b, m);
        if (length == 0 || b.in.bad || m.offset > done || length > n - done)
            break;
        last = m.offset;
        for (; length; length--, done++)
            out[done] = out[done - m.offset];
    }
    return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&b.in), "damaged NRV data");
}
