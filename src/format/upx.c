/* SPDX-License-Identifier: Apache-2.0 */
#include "format/upx.h"

#include "base/rd.h"
#include "format/elf.h"
#include "format/nrv.h"
#include "lib/lib.h"

enum {
    MARK_WITHIN = 4096,
    NRV2E = 8,
    LZMA = 14,
    FILTER_CALLS = 0x49, /* x86: targets of calls and jumps made absolute */
};

static size_t mark_at(prq_bytes data)
{
    prq_str head = prq_str_head(prq_str_of(data), MARK_WITHIN);
    size_t at = prq_str_search(head, PRQ_S("UPX!"));
    return at < head.n ? at : 0;
}

bool prq_upx_is(prq_bytes data)
{
    return prq_elf_is(data) && mark_at(data) != 0;
}

struct block {
    size_t at; /* of its header */
    uint32_t size, packed;
    uint8_t method, filter, filter_byte;
    prq_bytes data;
};

static struct block read_block(struct prq_rd *r)
{
    struct block b = { .at = prq_rd_at(r) };
    b.size = prq_rd_u32le(r);
    b.packed = prq_rd_u32le(r);
    b.method = prq_rd_u8(r);
    b.filter = prq_rd_u8(r);
    b.filter_byte = prq_rd_u8(r);
    prq_rd_u8(r);
    return b;
}

/* Two bytes in front: pb in the low three bits of the first; lp and lc, high and low, in the second. */
static bool unpack_lzma(const struct block *b, uint8_t *out, struct prq_err *err)
{
    if (b->data.n < 2)
        return prq_fail_at(err, PRQ_E_FORMAT, b->at, "packed block without its properties");
    struct prq_lzma_props props = {
        .pb = b->data.p[0] & 7,
        .lp = b->data.p[1] >> 4,
        .lc = b->data.p[1] & 15,
    };
    prq_bytes stream = { b->data.p + 2, b->data.n - 2 };
    return prq_lzma_unpack(stream, props, out, b->size, err);
}

/* At p an E8 or E9 with its operand behind it, or 0F 80 to 0F 8F likewise: an operand that begins
 * with the filter's byte was made absolute and big-endian. */
static void unfilter_calls(uint8_t *p, size_t n, uint8_t mark)
{
    size_t i = 0;
    while (i + 5 <= n) {
        size_t operand = p[i] == 0xe8 || p[i] == 0xe9 ? i + 1 : 0;
        if (p[i] == 0x0f && p[i + 1] >= 0x80 && p[i + 1] <= 0x8f)
            operand = i + 2;
        if (!operand || operand + 4 > n || p[operand] != mark) {
            i++;
            continue;
        }
        uint32_t v = (uint32_t)p[operand] << 24 | (uint32_t)p[operand + 1] << 16 |
                     (uint32_t)p[operand + 2] << 8 | p[operand + 3];
        v -= (uint32_t)operand + ((uint32_t)mark << 24);
        for (unsigned k = 0; k < 4; k++)
            p[operand + k] = (uint8_t)(v >> 8 * k);
        i = operand + 4;
    }
}

static bool unpack_block(const struct block *b, uint8_t *out, struct prq_err *err)
{
    bool ok;
    if (b->packed == b->size) { /* did not get smaller */
        memcpy(out, b->data.p, b->size);
        return true;
    }
    switch (b->method) {
    case NRV2E:
        ok = prq_nrv_unpack(b->data, out, b->size, err);
        break;
    case LZMA:
        ok = unpack_lzma(b, out, err);
        break;
    default:
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, b->at, "unknown method of packing");
    }
    if (!ok)
        return prq_in(err, "block at byte %zu", b->at);
    if (b->filter == FILTER_CALLS)
        unfilter_calls(out, b->size, b->filter_byte);
    return true; /* other filters change code only, and data is what is looked for */
}

/* The file offset of the i-th loaded segment; `next` when there is none. */
static uint64_t segment_offset(const struct prq_elf *e, size_t i, uint64_t next)
{
    size_t seen = 0;
    for (uint32_t k = 0; k < e->segment_count; k++) {
        struct prq_elf_segment s = prq_elf_segment(e, k);
        if (s.type == PRQ_ELF_PT_LOAD && seen++ == i)
            return s.offset;
    }
    return next;
}

/* The program headers that the first block holds. The section headers are gone, so what points to
 * them is cleared: one, where the reader would look, and their number. */
static bool read_headers(uint8_t *out, size_t size, struct prq_elf *e, struct prq_err *err)
{
    if (size < 64)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "packed file without an ELF header");
    bool is_64 = out[4] == 2;
    memset(out + (is_64 ? 40 : 32), 0, is_64 ? 8 : 4);
    memset(out + (is_64 ? 60 : 48), 0, 4);
    return prq_elf_open((prq_bytes){ out, size }, e, err);
}

static bool unpack_blocks(struct prq_rd *r, uint8_t *out, size_t size, struct prq_err *err)
{
    struct prq_elf e = { 0 };
    uint64_t next = 0;
    for (size_t n = 1; next < size || n <= 2; n++) {
        struct block b = read_block(r);
        if (!r->bad && b.size == 0 && n > 1)
            break;
        const uint8_t *p = prq_rd_take(r, b.packed);
        if (!p)
            return prq_fail_at(err, PRQ_E_FORMAT, b.at, "packed block outside the file");
        b.data = (prq_bytes){ p, b.packed };
        uint64_t at = n <= 2 ? next : segment_offset(&e, n - 2, next);
        if (at < next)
            return prq_fail_at(err, PRQ_E_FORMAT, b.at, "packed blocks overlap");
        if (at > size || b.size > size - at)
            return prq_fail_at(err, PRQ_E_FORMAT, b.at, "block outside the unpacked file");
        if (!unpack_block(&b, out + at, err))
            return false;
        next = at + b.size;
        if (n == 1 && !read_headers(out, b.size, &e, err))
            return false;
    }
    return true;
}

bool prq_upx_unpack(prq_bytes data, struct prq_arena *a, prq_bytes *out, struct prq_err *err)
{
    struct prq_rd r = prq_rd_of(data);
    if (data.n < 6 || data.p[5] != 1)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 5, "packed file of the other byte order");
    prq_rd_seek(&r, mark_at(data) + 4);
    prq_rd_take(&r, 4); /* loader size, version, format */
    prq_rd_take(&r, 4); /* program id */
    uint32_t size = prq_rd_u32le(&r);
    prq_rd_take(&r, 4); /* block size */
    if (r.bad || size == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&r), "packed file without its size");
    uint8_t *p = prq_arena_alloc(a, size);
    if (!p)
        return prq_fail(err, PRQ_E_LIMIT, "unpacked file of %u bytes", size);
    if (!unpack_blocks(&r, p, size, err))
        return false;
    *out = (prq_bytes){ p, size };
    return true;
}
