/* SPDX-License-Identifier: Apache-2.0 */
/* Which image this one was built on, and where it ends. Never a guess without saying what it goes by. */
#ifndef PRQ_STORE_BASEIMAGE_H
#define PRQ_STORE_BASEIMAGE_H

#include "base/ctx.h"
#include "model/analysis.h"
#include "store/cache.h"

/* The chain ids of the lowest 1, 2, … layers, one a layer; those from the first layer without diff
 * id on are empty. Source: OCI image specification, "Layer ChainID". NULL when memory ran out. */
prq_str *prq_chain_ids(const struct prq_analysis *an, struct prq_arena *a);

/* Remembers the image by its chain id, for those that are built on it. */
void prq_base_remember(struct prq_cache *cache, const struct prq_analysis *an, struct prq_arena *a);

/* Fills an->base. The name: of the Dockerfile's last stage, the manifest's annotations or the labels.
 * The boundary: of an image seen before (`cache`, may be NULL), by the Dockerfile's instructions, or
 * by the history alone. `dockerfile` may be empty; FORMAT when it is none. */
PRQ_MUST_USE bool prq_base_find(struct prq_ctx *ctx, struct prq_cache *cache, prq_str dockerfile,
                                struct prq_arena *a, struct prq_analysis *an, struct prq_err *err);

#endif
