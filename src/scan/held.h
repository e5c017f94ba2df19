/* SPDX-License-Identifier: Apache-2.0 */
/* Contents of files while a layer is walked: memory first, then the spool. Most are looked at and
 * forgotten; a file that waits for its companion is kept until the end of the layer. */
#ifndef PRQ_SCAN_HELD_H
#define PRQ_SCAN_HELD_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/spare.h"

struct prq_content {
    uint64_t n;
    uint64_t at;         /* in the spool */
    bool is_spooled, is_lost; /* lost: no spool, or it is full */
};

struct prq_holder {
    const struct prq_limits *limits;
    int spool;           /* -1: none */
    uint64_t spool_used; /* by contents that are kept */
    struct prq_buf memory;
};

void prq_holder_init(struct prq_holder *h, const struct prq_limits *limits, int spool);
void prq_holder_release(struct prq_holder *h);
/* A new content; what was in memory is forgotten. */
struct prq_content prq_holder_begin(struct prq_holder *h);
void prq_holder_add(struct prq_holder *h, struct prq_content *c, const void *p, size_t n);
/* Moves it where the next one will not overwrite it. False: lost. */
bool prq_holder_keep(struct prq_holder *h, struct prq_content *c);
/* Its bytes; *map is to be given to prq_holder_unmap. False: lost, or it cannot be mapped. */
bool prq_holder_bytes(struct prq_holder *h, const struct prq_content *c, prq_bytes *out,
                      prq_bytes *map);
void prq_holder_unmap(prq_bytes map);
/* The spool behind this content and all that are kept, until the next prq_holder_begin. */
struct prq_spare prq_holder_spare(const struct prq_holder *h, const struct prq_content *c);

#endif
