/* SPDX-License-Identifier: Apache-2.0 */
/* What travels with a piece of work: limits, scratch memory, log, cancel flag. No globals, so two
 * scans in one process never meet. One thread at a time; make one per thread. */
#ifndef PRQ_BASE_CTX_H
#define PRQ_BASE_CTX_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/spare.h"

/* A second pair of hands: whoever has nothing to do at the moment. One piece of work at a time; it must
 * not touch the context. `start` hands it over, `join` returns when it is done, and does it itself when
 * nobody has begun. */
struct prq_hand {
    void (*start)(struct prq_hand *self, void (*work)(void *), void *arg);
    void (*join)(struct prq_hand *self);
};

struct prq_ctx {
    const struct prq_limits *limits;
    struct prq_arena *scratch; /* rewound by its owner (the dispatcher: after each file) */
    const struct prq_log *log; /* may be NULL */
    const atomic_bool *cancel; /* may be NULL */
    struct prq_spare *spare;   /* may be NULL: nothing can be put on the disk */
    struct prq_hand *aside;   /* may be NULL: there is nobody else */
};

static inline bool prq_ctx_is_cancelled(const struct prq_ctx *ctx)
{
    return ctx->cancel && atomic_load_explicit(ctx->cancel, memory_order_relaxed);
}

#endif
