/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"

struct block {
    size_t cap;
    uint8_t *p;
};

struct prq_arena {
    size_t budget, total; /* bytes handed out, alignment included */
    size_t cur, used;     /* current block and what is used of it */
    size_t count, cap;
    struct block *blocks;
};

enum { ALIGN = 16, FIRST_BLOCK = 4096, BLOCK_MAX = 1 << 20 };

struct prq_arena *prq_arena_new(size_t budget_bytes)
{
    if (prq_fault_alloc())
        return NULL;
    struct prq_arena *a = calloc(1, sizeof *a);
    if (a)
        a->budget = budget_bytes;
    return a;
}

void prq_arena_free(struct prq_arena *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->count; i++)
        free(a->blocks[i].p);
    free(a->blocks);
    free(a);
}

static bool add_block(struct prq_arena *a, size_t bytes)
{
    if (prq_fault_alloc())
        return false;
    size_t last = a->count ? a->blocks[a->count - 1].cap : FIRST_BLOCK / 2;
    size_t want = last >= BLOCK_MAX / 2 ? BLOCK_MAX : last * 2;
    if (want < bytes)
        want = bytes;
    if (a->count == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : 8;
        struct block *grown = realloc(a->blocks, cap * sizeof *grown);
        if (!grown)
            return false;
        a->blocks = grown;
        a->cap = cap;
    }
    uint8_t *p = malloc(want);
    if (!p)
        return false;
    a->blocks[a->count++] = (struct block){ want, p };
    return true;
}

void *prq_arena_raw(struct prq_arena *a, size_t bytes)
{
    size_t need, total;
    if (!prq_add(bytes, (size_t)(ALIGN - 1), &need))
        return NULL;
    need &= ~(size_t)(ALIGN - 1);
    if (!prq_add(a->total, need, &total) || total > a->budget)
        return NULL;
    /* After a rewind later blocks are reused; one too small for this request is passed over. */
    while (a->cur < a->count && a->blocks[a->cur].cap - a->used < need) {
        a->cur++;
        a->used = 0;
    }
    if (a->cur == a->count) {
        if (!add_block(a, need))
            return NULL;
        a->cur = a->count - 1;
        a->used = 0;
    }
    void *p = a->blocks[a->cur].p + a->used;
    a->used += need;
    a->total = total;
    return p;
}

void *prq_arena_alloc(struct prq_arena *a, size_t bytes)
{
    void *p = prq_arena_raw(a, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

void *prq_arena_alloc_n(struct prq_arena *a, size_t size, size_t count)
{
    size_t bytes;
    return prq_mul(size, count, &bytes) ? prq_arena_alloc(a, bytes) : NULL;
}

prq_str prq_arena_copy(struct prq_arena *a, prq_str s)
{
    size_t bytes;
    char *p = prq_add(s.n, (size_t)1, &bytes) ? prq_arena_raw(a, bytes) : NULL;
    if (!p)
        return (prq_str){ 0 };
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (prq_str){ p, s.n };
}

prq_str prq_arena_printf(struct prq_arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *p = n >= 0 ? prq_arena_alloc(a, (size_t)n + 1) : NULL;
    if (p)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p ? (prq_str){ p, (size_t)n } : (prq_str){ 0 };
}

struct prq_mark prq_arena_mark(const struct prq_arena *a)
{
    return (struct prq_mark){ a->cur, a->used, a->total };
}

void prq_arena_rewind(struct prq_arena *a, struct prq_mark mark)
{
    a->cur = mark.block;
    a->used = mark.used;
    a->total = mark.total;
}

size_t prq_arena_used(const struct prq_arena *a)
{
    return a->total;
}

bool prq_arena_grow(struct prq_arena *a, void *items, size_t item_size, size_t *cap, size_t need)
{
    if (need <= *cap)
        return true;
    size_t grown = *cap ? *cap : 8;
    while (grown < need)
        if (!prq_mul(grown, (size_t)2, &grown))
            return false;
    void *old;
    memcpy(&old, items, sizeof old);
    void *p = prq_arena_alloc_n(a, item_size, grown);
    if (!p)
        return false;
    if (old)
        memcpy(p, old, *cap * item_size);
    memcpy(items, &p, sizeof p);
    *cap = grown;
    return true;
}
