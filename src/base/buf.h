/* SPDX-License-Identifier: Apache-2.0 */
/* The only growable buffer. It is born with its maximum; an append past it fails and the buffer
 * stays failed (`bad`), so a writer checks once at the end. */
#ifndef PRQ_BASE_BUF_H
#define PRQ_BASE_BUF_H

#include "base/str.h"

struct prq_buf {
    uint8_t *p;
    size_t n, cap, max;
    bool bad; /* an append did not fit, or memory ran out */
};

void prq_buf_init(struct prq_buf *b, size_t max_bytes);
void prq_buf_release(struct prq_buf *b);

/* Each returns !b->bad afterwards. */
bool prq_buf_add(struct prq_buf *b, const void *p, size_t n);
bool prq_buf_str(struct prq_buf *b, prq_str s);
bool prq_buf_byte(struct prq_buf *b, uint8_t c);
bool prq_buf_printf(struct prq_buf *b, const char *fmt, ...) PRQ_PRINTF(2, 3);
bool prq_buf_varint(struct prq_buf *b, uint64_t v); /* LEB128 */

/* Room for n more bytes, to be filled by the caller and then counted with b->n += used. */
uint8_t *prq_buf_room(struct prq_buf *b, size_t n);

static inline prq_str prq_buf_view(const struct prq_buf *b)
{
    return (prq_str){ (const char *)b->p, b->n };
}
static inline prq_bytes prq_buf_bytes(const struct prq_buf *b)
{
    return (prq_bytes){ b->p, b->n };
}
static inline void prq_buf_clear(struct prq_buf *b)
{
    b->n = 0;
    b->bad = false;
}

#define PRQ_BUF PRQ_CLEANUP(prq_buf_release) struct prq_buf

#endif
