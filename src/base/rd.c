/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rd.h"

const uint8_t *prq_rd_take(struct prq_rd *r, size_t n)
{
    static const uint8_t nothing[1];
    if (r->bad || n > r->n - r->at) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *p = r->p ? r->p + r->at : nothing;
    r->at += n;
    return p;
}

void prq_rd_seek(struct prq_rd *r, uint64_t at)
{
    if (r->bad || at > r->n)
        r->bad = true;
    else
        r->at = (size_t)at;
}

static uint64_t load(struct prq_rd *r, unsigned size, bool big)
{
    const uint8_t *p = prq_rd_take(r, size);
    uint64_t v = 0;
    for (unsigned i = 0; p && i < size; i++)
        v |= (uint64_t)p[i] << 8 * (big ? size - 1 - i : i);
    return v;
}

uint8_t prq_rd_u8(struct prq_rd *r)
{
    const uint8_t *p = prq_rd_take(r, 1);
    return p ? *p : 0;
}
uint16_t prq_rd_u16le(struct prq_rd *r)
{
    return (uint16_t)load(r, 2, false);
}
uint16_t prq_rd_u16be(struct prq_rd *r)
{
    return (uint16_t)load(r, 2, true);
}
uint32_t prq_rd_u32le(struct prq_rd *r)
{
    return (uint32_t)load(r, 4, false);
}
uint32_t prq_rd_u32be(struct prq_rd *r)
{
    return (uint32_t)load(r, 4, true);
}
uint64_t prq_rd_u64le(struct prq_rd *r)
{
    return load(r, 8, false);
}
uint64_t prq_rd_u64be(struct prq_rd *r)
{
    return load(r, 8, true);
}

uint64_t prq_rd_varint(struct prq_rd *r)
{
    uint64_t v = 0;
    if (!r->bad && r->at < r->n && r->p[r->at] < 128) /* nearly all */
        return r->p[r->at++];
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t b = prq_rd_u8(r);
        if (r->bad)
            return 0;
        if (shift == 63 && b > 1)
            break;
        v |= (uint64_t)(b & 127) << shift;
        if (b < 128)
            return v;
    }
    r->bad = true;
    return 0;
}

prq_str prq_rd_str(struct prq_rd *r, size_t n)
{
    const uint8_t *p = prq_rd_take(r, n);
    return p ? (prq_str){ (const char *)p, n } : (prq_str){ 0 };
}

prq_str prq_rd_lenstr(struct prq_rd *r)
{
    uint64_t n = prq_rd_varint(r);
    if (n > prq_rd_left(r)) {
        r->bad = true;
        return (prq_str){ 0 };
    }
    return prq_rd_str(r, (size_t)n);
}

size_t prq_rd_count(struct prq_rd *r, uint64_t count, size_t size)
{
    uint64_t bytes;
    if (r->bad || !prq_mul(count, (uint64_t)size, &bytes) || bytes > r->n - r->at) {
        r->bad = true;
        return 0;
    }
    return (size_t)count;
}
