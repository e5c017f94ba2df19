/* SPDX-License-Identifier: Apache-2.0 */
/*      0        4        8              8+16*count            8+16*count+bytes
 *      | count  | bytes  | index entries | data store          |
 *                          tag, type, offset, count: four big-endian u32
 *
 * The index is searched from its end: entries behind the immutable region ("dribbles") replace
 * those of the same tag in front of them, as rpm does on loading. */
#include "format/rpmheader.h"

#include "base/rd.h"

enum { ENTRY = 16, COUNT_MAX = 65535, DATA_MAX = 0x0fffffff };
enum { REGION_IMAGE = 61, REGION_IMMUTABLE = 63 };

struct entry {
    uint32_t tag, type, offset, count;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct entry load_entry(const uint8_t *p)
{
    return (struct entry){ be32(p), be32(p + 4), be32(p + 8), be32(p + 12) };
}

/* Bytes that one element takes at least. */
static const uint8_t type_size[] = { 0, 1, 1, 2, 4, 8, 1, 1, 1, 1 };

static bool is_region(uint32_t tag)
{
    return tag >= REGION_IMAGE && tag <= REGION_IMMUTABLE;
}

static bool is_string(uint32_t type)
{
    return type == PRQ_RPM_STRING || type == PRQ_RPM_STRING_ARRAY || type == PRQ_RPM_I18NSTRING;
}

/* The region entry points at a trailer in the store, an entry whose negative offset says how many
 * index entries (times 16) the region has. Source: rpm package format, "Header immutable region".
 */
static const char *check_region(const struct prq_rpm_header *h, const struct entry *e)
{
    if (e->type != PRQ_RPM_BIN || e->count != ENTRY)
        return "rpm header has a malformed region";
    struct entry trailer = load_entry(h->data.p + e->offset);
    uint32_t bytes = 0u - trailer.offset;
    if (!is_region(trailer.tag) || trailer.type != PRQ_RPM_BIN || trailer.count != ENTRY ||
        bytes % ENTRY != 0 || bytes / ENTRY < 1 || bytes / ENTRY > h->count)
        return "rpm header has a malformed region trailer";
    return NULL;
}

/* `last_nul`: one past the last NUL of the store, 0 when there is none. */
static const char *check_entry(const struct prq_rpm_header *h, const struct entry *e, bool is_first,
                               size_t last_nul)
{
    if (e->type >= PRQ_COUNT(type_size))
        return "rpm header entry of an unknown type";
    if (e->offset > h->data.n || (e->type != PRQ_RPM_NULL && e->count == 0))
        return "rpm header entry outside of the data";
    uint64_t bytes = (uint64_t)e->count * type_size[e->type];
    if (bytes > h->data.n - e->offset)
        return "rpm header entry outside of the data";
    if (type_size[e->type] > 1 && e->offset % type_size[e->type] != 0)
        return "rpm header entry is not aligned";
    if (is_string(e->type) && e->offset >= last_nul)
        return "rpm header string without an end";
    if (e->type == PRQ_RPM_STRING && e->count != 1)
        return "rpm header string with a count";
    return is_first && is_region(e->tag) ? check_region(h, e) : NULL;
}

bool prq_rpm_header_parse(prq_bytes blob, struct prq_rpm_header *out, struct prq_err *err)
{
    struct prq_rd r = prq_rd_of(blob);
    uint32_t count = prq_rd_u32be(&r);
    uint32_t bytes = prq_rd_u32be(&r);
    if (r.bad || count < 1 || count > COUNT_MAX || bytes > DATA_MAX)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an rpm header");
    if (blob.n != 8 + (size_t)count * ENTRY + bytes)
        return prq_fail_at(err, PRQ_E_FORMAT, blob.n, "rpm header has another size than it says");
    struct prq_rpm_header h = { .count = count };
    h.index = (prq_bytes){ blob.p + 8, (size_t)count * ENTRY };
    h.data = (prq_bytes){ blob.p + 8 + h.index.n, bytes };
    const uint8_t *nul = bytes ? memrchr(h.data.p, 0, bytes) : NULL;
    size_t last_nul = nul ? (size_t)(nul - h.data.p) + 1 : 0;
    for (size_t i = 0; i < count; i++) {
        struct entry e = load_entry(h.index.p + i * ENTRY);
        const char *why = check_entry(&h, &e, i == 0, last_nul);
        if (why)
            return prq_fail_at(err, PRQ_E_FORMAT, 8 + i * ENTRY, why);
    }
    *out = h;
    return true;
}

static bool find(const struct prq_rpm_header *h, uint32_t tag, struct entry *out)
{
    for (size_t i = h->count; i-- > 0;) {
        const uint8_t *p = h->index.p + i * ENTRY;
        if (be32(p) == tag) {
            *out = load_entry(p);
            return true;
        }
    }
    return false;
}

bool prq_rpm_header_has(const struct prq_rpm_header *h, uint32_t tag)
{
    struct entry e;
    return find(h, tag, &e);
}

struct prq_rpm_strings prq_rpm_header_strings(const struct prq_rpm_header *h, uint32_t tag)
{
    struct entry e;
    if (!find(h, tag, &e) || !is_string(e.type))
        return (struct prq_rpm_strings){ 0 };
    return (struct prq_rpm_strings){
        .rest = { (const char *)h->data.p + e.offset, h->data.n - e.offset }, .left = e.count
    };
}

bool prq_rpm_strings_next(struct prq_rpm_strings *s, prq_str *out)
{
    size_t end = s->left ? prq_str_find(s->rest, '\0') : s->rest.n;
    if (end == s->rest.n)
        return false;
    *out = prq_str_head(s->rest, end);
    s->rest = prq_str_from_at(s->rest, end + 1);
    s->left--;
    return true;
}

prq_str prq_rpm_header_string(const struct prq_rpm_header *h, uint32_t tag)
{
    struct prq_rpm_strings s = prq_rpm_header_strings(h, tag);
    prq_str out = { 0 };
    prq_rpm_strings_next(&s, &out);
    return out;
}

struct prq_rpm_ints prq_rpm_header_ints(const struct prq_rpm_header *h, uint32_t tag)
{
    struct entry e;
    if (!find(h, tag, &e) || e.type < PRQ_RPM_CHAR || e.type > PRQ_RPM_INT64)
        return (struct prq_rpm_ints){ 0 };
    return (struct prq_rpm_ints){ h->data.p + e.offset, e.count, type_size[e.type] };
}

uint64_t prq_rpm_int(const struct prq_rpm_ints *v, size_t i)
{
    uint64_t out = 0;
    for (size_t k = 0; k < v->size; k++)
        out = out << 8 | v->p[i * v->size + k];
    return out;
}
