/* SPDX-License-Identifier: Apache-2.0 */
#include "format/plist.h"

#include "base/buf.h"
#include "base/rd.h"

enum { TRAILER = 32, MEMBERS_MAX = 10000 };
static const prq_str magic = PRQ_SI("bplist00");

struct plist {
    prq_bytes data;
    unsigned offset_bytes, reference_bytes;
    uint64_t objects, root, table;
};

bool prq_plist_is_binary(prq_bytes data)
{
    return prq_str_starts(prq_str_of(data), magic);
}

/* An integer of 1 to 8 bytes. */
static uint64_t read_sized(struct prq_rd *r, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | prq_rd_u8(r);
    return v;
}

static bool open_plist(prq_bytes data, struct plist *p, struct prq_err *err)
{
    if (data.n < magic.n + TRAILER)
        return prq_fail_at(err, PRQ_E_FORMAT, data.n, "property list ends early");
    struct prq_rd r = prq_rd_of(data);
    prq_rd_seek(&r, data.n - TRAILER + 6);
    p->data = data;
    p->offset_bytes = prq_rd_u8(&r);
    p->reference_bytes = prq_rd_u8(&r);
    p->objects = prq_rd_u64be(&r);
    p->root = prq_rd_u64be(&r);
    p->table = prq_rd_u64be(&r);
    uint64_t bytes;
    if (p->offset_bytes - 1 > 7 || p->reference_bytes - 1 > 7 ||
        p->table > data.n - TRAILER || !prq_mul(p->objects, (uint64_t)p->offset_bytes, &bytes) ||
        bytes > data.n - TRAILER - p->table)
        return prq_fail_at(err, PRQ_E_FORMAT, data.n - TRAILER, "broken trailer of a property list");
    return true;
}

/* A cursor at the object; bad when there is none. */
static struct prq_rd object(const struct plist *p, uint64_t i)
{
    struct prq_rd r = prq_rd_of((prq_bytes){ p->data.p, p->data.n - TRAILER });
    if (i >= p->objects) {
        r.bad = true;
        return r;
    }
    prq_rd_seek(&r, p->table + i * p->offset_bytes);
    prq_rd_seek(&r, read_sized(&r, p->offset_bytes));
    return r;
}

/* The marker's type, and its count. */
static unsigned read_marker(struct prq_rd *r, uint64_t *count)
{
    uint8_t marker = prq_rd_u8(r);
    *count = marker & 15;
    if (*count == 15 && marker >> 4 != 0) {
        uint8_t integer = prq_rd_u8(r);
        if (integer >> 4 != 1 || (integer & 15) > 3)
            r->bad = true;
        *count = read_sized(r, 1u << (integer & 3));
    }
    return marker >> 4;
}

static void put_utf8(struct prq_buf *b, uint32_t c)
{
    if (c < 0x80) {
        prq_buf_byte(b, (uint8_t)c);
    } else if (c < 0x800) {
        prq_buf_byte(b, (uint8_t)(0xc0 | c >> 6));
        prq_buf_byte(b, (uint8_t)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        prq_buf_byte(b, (uint8_t)(0xe0 | c >> 12));
        prq_buf_byte(b, (uint8_t)(0x80 | (c >> 6 & 63)));
        prq_buf_byte(b, (uint8_t)(0x80 | (c & 63)));
    } else {
        prq_buf_byte(b, (uint8_t)(0xf0 | c >> 18));
        prq_buf_byte(b, (uint8_t)(0x80 | (c >> 12 & 63)));
        prq_buf_byte(b, (uint8_t)(0x80 | (c >> 6 & 63)));
        prq_buf_byte(b, (uint8_t)(0x80 | (c & 63)));
    }
}

/* `units` are there. Lone surrogates become U+FFFD. */
static prq_str from_utf16(struct prq_rd *r, size_t units, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(16));
    for (size_t i = 0; i < units; i++) {
        uint32_t c = prq_rd_u16be(r);
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < units) {
            uint32_t low = prq_rd_u16be(r);
            i++;
            c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00)
                                              : 0xfffd;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd;
        }
        put_utf8(&b, c);
    }
    return b.bad ? (prq_str){ 0 } : prq_arena_copy(a, prq_buf_view(&b));
}

/* Whether it is a text. */
static bool text_of(const struct plist *p, uint64_t i, struct prq_arena *a, prq_str *out, bool *bad)
{
    struct prq_rd r = object(p, i);
    uint64_t count;
    unsigned type = read_marker(&r, &count);
    *bad |= r.bad;
    if (r.bad || (type != 5 && type != 6))
        return false;
    size_t n = prq_rd_count(&r, count, type == 6 ? 2 : 1);
    *bad |= r.bad;
    *out = type == 6 ? from_utf16(&r, n, a) : prq_rd_str(&r, n);
    return !r.bad;
}

bool prq_plist_texts(prq_bytes data, struct prq_arena *a, struct prq_plist_pair **out, size_t *n,
                     struct prq_err *err)
{
    struct plist p;
    if (!prq_plist_is_binary(data))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no binary property list");
    if (!open_plist(data, &p, err))
        return false;
    struct prq_rd r = object(&p, p.root);
    uint64_t count;
    if (read_marker(&r, &count) != 0xd)
        return prq_fail_at(err, PRQ_E_FORMAT, data.n - TRAILER, "root of a property list is no dictionary");
    uint64_t pairs = prq_rd_count(&r, count, 2 * (size_t)p.reference_bytes);
    if (r.bad || pairs > MEMBERS_MAX)
        return prq_fail_at(err, pairs > MEMBERS_MAX ? PRQ_E_LIMIT : PRQ_E_FORMAT, prq_rd_at(&r),
                           "dictionary of a property list ends early or is too large");
    struct prq_plist_pair *list = prq_new_n(a, struct prq_plist_pair, (size_t)pairs + 1);
    if (!list)
        return prq_fail(err, PRQ_E_LIMIT, "no room for a property list");
    struct prq_rd values = r;
    prq_rd_take(&values, (size_t)pairs * p.reference_bytes);
    size_t kept = 0;
    bool bad = false;
    for (uint64_t i = 0; i < pairs; i++) {
        uint64_t key = read_sized(&r, p.reference_bytes), value = read_sized(&values, p.reference_bytes);
        struct prq_plist_pair pair = { 0 };
        if (text_of(&p, key, a, &pair.key, &bad) && text_of(&p, value, a, &pair.value, &bad))
            list[kept++] = pair;
    }
    if (bad)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&r),
                           "an object of a property list lies outside of it");
    *out = list;
    *n = kept;
    return true;
}
