/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"

void prq_buf_init(struct prq_buf *b, size_t max_bytes)
{
    *b = (struct prq_buf){ .max = max_bytes };
}

void prq_buf_release(struct prq_buf *b)
{
    free(b->p);
    *b = (struct prq_buf){ .max = b->max };
}

uint8_t *prq_buf_room(struct prq_buf *b, size_t n)
{
    size_t need;
    if (b->bad)
        return NULL;
    if (!prq_add(b->n, n, &need) || need > b->max) {
        b->bad = true;
        return NULL;
    }
    if (need > b->cap || !b->p) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap < need)
            cap = cap > b->max / 2 ? b->max : cap * 2;
        uint8_t *p = prq_fault_alloc() ? NULL : realloc(b->p, cap);
        if (!p) {
            b->bad = true;
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

bool prq_buf_add(struct prq_buf *b, const void *p, size_t n)
{
    if (n == 0)
        return !b->bad;
    uint8_t *room = prq_buf_room(b, n);
    if (!room)
        return false;
    memcpy(room, p, n);
    b->n += n;
    return true;
}

bool prq_buf_str(struct prq_buf *b, prq_str s)
{
    return prq_buf_add(b, s.p, s.n);
}

bool prq_buf_byte(struct prq_buf *b, uint8_t c)
{
    return prq_buf_add(b, &c, 1);
}

bool prq_buf_printf(struct prq_buf *b, const char *fmt, ...)
{
    va_list args, again;
    size_t ready = b->bad || !b->p ? 0 : b->cap - b->n; /* often enough */
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(ready ? (char *)b->p + b->n : NULL, ready, fmt, args);
    va_end(args);
    uint8_t *room = n >= 0 ? prq_buf_room(b, (size_t)n + 1) : NULL;
    if (room && (size_t)n >= ready)
        vsnprintf((char *)room, (size_t)n + 1, fmt, again);
    if (room)
        b->n += (size_t)n;
    va_end(again);
    return room != NULL;
}

bool prq_buf_varint(struct prq_buf *b, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;
    do {
        bytes[n] = (uint8_t)((v & 127) | (v > 127 ? 128 : 0));
        v >>= 7;
        n++;
    } while (v);
    return prq_buf_add(b, bytes, n);
}
