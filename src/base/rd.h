/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor over bytes from outside. It fails once and stays failed (`bad`): every getter then
 * answers 0, so a parser checks per record instead of per field. */
#ifndef PRQ_BASE_RD_H
#define PRQ_BASE_RD_H

#include "base/str.h"

struct prq_rd {
    const uint8_t *p;
    size_t n, at;
    bool bad;
};

static inline struct prq_rd prq_rd_of(prq_bytes b)
{
    return (struct prq_rd){ .p = b.p, .n = b.n };
}
static inline size_t prq_rd_left(const struct prq_rd *r)
{
    return r->bad ? 0 : r->n - r->at;
}
static inline size_t prq_rd_at(const struct prq_rd *r)
{
    return r->at;
}

/* The next n bytes, lent; NULL and bad when they are not there. n == 0 gives a non-NULL pointer. */
const uint8_t *prq_rd_take(struct prq_rd *r, size_t n);
/* Go to an absolute position; bad when it is past the end. */
void prq_rd_seek(struct prq_rd *r, uint64_t at);

uint8_t prq_rd_u8(struct prq_rd *r);
uint16_t prq_rd_u16le(struct prq_rd *r);
uint16_t prq_rd_u16be(struct prq_rd *r);
uint32_t prq_rd_u32le(struct prq_rd *r);
uint32_t prq_rd_u32be(struct prq_rd *r);
uint64_t prq_rd_u64le(struct prq_rd *r);
uint64_t prq_rd_u64be(struct prq_rd *r);
uint64_t prq_rd_varint(struct prq_rd *r);    /* LEB128, at most 10 bytes */
prq_str prq_rd_str(struct prq_rd *r, size_t n); /* n bytes as text; empty when bad */
prq_str prq_rd_lenstr(struct prq_rd *r);        /* varint length, then the bytes */

/* A count from the wire becomes a loop bound only when count * size bytes are really left;
 * else 0 and bad. */
size_t prq_rd_count(struct prq_rd *r, uint64_t count, size_t size);

#endif
