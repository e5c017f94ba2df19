/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from text to a size_t (an index into the caller's array). Open addressing over a
 * keyed hash, memory from an arena; keys are views and must live as long as the map. Iterate over
 * the caller's array, never over the map: its order differs from run to run. */
#ifndef PRQ_BASE_MAP_H
#define PRQ_BASE_MAP_H

#include "base/arena.h"

struct prq_map {
    struct prq_arena *arena;
    struct prq_map_slot *slots;
    size_t cap, n;
};

void prq_map_init(struct prq_map *m, struct prq_arena *arena);
/* The value's place: inserted with `fresh` when new (*added tells). NULL when memory ran out. */
size_t *prq_map_put(struct prq_map *m, prq_str key, size_t fresh, bool *added);
/* NULL when absent. */
const size_t *prq_map_find(const struct prq_map *m, prq_str key);

#endif
