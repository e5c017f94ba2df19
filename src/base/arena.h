/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is freed together. An arena has a byte budget, so a hostile input runs out of its
 * own memory and not of ours: a NULL return is a normal, tested path. One thread at a time. */
#ifndef PRQ_BASE_ARENA_H
#define PRQ_BASE_ARENA_H

#include "base/str.h"

struct prq_arena;

/* NULL only when the system has no memory. `budget_bytes` bounds what the arena hands out. */
struct prq_arena *prq_arena_new(size_t budget_bytes);
void prq_arena_free(struct prq_arena *a); /* NULL is fine */

/* Zeroed, aligned for any type; NULL when the budget or the system is exhausted. */
void *prq_arena_alloc(struct prq_arena *a, size_t bytes);
/* The same, not zeroed: for what is filled at once. */
void *prq_arena_raw(struct prq_arena *a, size_t bytes);
void *prq_arena_alloc_n(struct prq_arena *a, size_t size, size_t count);

#define prq_new(a, type) ((type *)prq_arena_alloc((a), sizeof(type)))
#define prq_new_n(a, type, n) ((type *)prq_arena_alloc_n((a), sizeof(type), (n)))

/* A copy with a NUL after it (not counted in n). p == NULL when memory ran out. */
prq_str prq_arena_copy(struct prq_arena *a, prq_str s);
/* The same for printf results; p == NULL when memory ran out. */
prq_str prq_arena_printf(struct prq_arena *a, const char *fmt, ...) PRQ_PRINTF(2, 3);

/* Give back everything handed out since `mark` was taken (the blocks are kept for reuse). */
struct prq_mark {
    size_t block, used, total;
};
struct prq_mark prq_arena_mark(const struct prq_arena *a);
void prq_arena_rewind(struct prq_arena *a, struct prq_mark mark);

size_t prq_arena_used(const struct prq_arena *a);

/* Grow an arena array: *items has *cap places, `need` are wanted. The old copy stays in the arena.
 * False when memory ran out; then nothing changed. */
bool prq_arena_grow(struct prq_arena *a, void *items, size_t item_size, size_t *cap, size_t need);

static inline void prq_arena_drop(struct prq_arena **a)
{
    prq_arena_free(*a);
}
#define PRQ_ARENA PRQ_CLEANUP(prq_arena_drop) struct prq_arena *

#endif
