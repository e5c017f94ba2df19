/* SPDX-License-Identifier: Apache-2.0 */
/* The per-layer cache of facts: one SQLite file, keyed by diff id, digest of the blob as the
 * coordinator read it, analyzer revision and kind of scan. Several processes may use it at once.
 * Everything that goes wrong with it is a miss, never a failure. */
#ifndef PRQ_STORE_CACHE_H
#define PRQ_STORE_CACHE_H

#include "base/ctx.h"

struct prq_cache;

struct prq_cached_layer {
    prq_bytes facts, index; /* in the arena */
    uint64_t blob_bytes, tar_bytes, file_count;
    uint32_t sandbox;       /* PRQ_BOX_* that the facts were obtained under */
};

/* NULL when the directory cannot be used; *why says so. */
struct prq_cache *prq_cache_open(const char *dir, struct prq_err *why);
void prq_cache_close(struct prq_cache *c);

/* Thread-safe. `key`: "DIFF-ID BLOB-DIGEST REVISION MODE". */
bool prq_cache_get(struct prq_cache *c, prq_str key, struct prq_arena *a,
                   struct prq_cached_layer *out);
void prq_cache_put(struct prq_cache *c, prq_str key, const struct prq_cached_layer *layer);

/* Images seen before, by the chain id of all their layers: what later ones were built on. `name` and
 * `digest` may be empty when found; false: none. Of several names the first in order, but `wanted`
 * (a name, its end after a slash, or a digest) before all others. */
struct prq_cached_image {
    prq_str name, digest;
};
bool prq_cache_find_image(struct prq_cache *c, prq_str chain, prq_str wanted, struct prq_arena *a,
                          struct prq_cached_image *out);
void prq_cache_put_image(struct prq_cache *c, prq_str chain, const struct prq_cached_image *image);

#endif
