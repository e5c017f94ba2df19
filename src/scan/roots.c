/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/roots.h"

void prq_roots_init(struct prq_roots *r, struct prq_arena *arena)
{
    *r = (struct prq_roots){ .arena = arena };
    prq_map_init(&r->names, arena);
}

struct prq_root prq_roots_of(const struct prq_roots *r, prq_str path, uint64_t member)
{
    const size_t *at = r->count ? prq_map_find(&r->names, path) : NULL;
    return at && *at ? r->list[*at - 1] : (struct prq_root){ path, member };
}

bool prq_roots_add(struct prq_roots *r, prq_str path, struct prq_root root)
{
    /* Many names of one file stand together: they share its name. */
    struct prq_root last = r->count ? r->list[r->count - 1] : (struct prq_root){ 0 };
    bool is_same = r->count && prq_str_eq(last.path, root.path);
    if (!is_same || last.before != root.before) {
        root.path = is_same ? last.path : prq_arena_copy(r->arena, root.path);
        if (!root.path.p ||
            !prq_arena_grow(r->arena, &r->list, sizeof *r->list, &r->cap, r->count + 1))
            return false;
        r->list[r->count++] = root;
    }
    size_t *at = prq_map_find(&r->names, path) ? prq_map_put(&r->names, path, 0, NULL) : NULL;
    if (!at) {
        prq_str kept = prq_arena_copy(r->arena, path);
        at = kept.p ? prq_map_put(&r->names, kept, 0, NULL) : NULL;
    }
    if (at)
        *at = r->count;
    return at != NULL;
}

void prq_roots_remove(struct prq_roots *r, prq_str path)
{
    if (r->count && prq_map_find(&r->names, path))
        *prq_map_put(&r->names, path, 0, NULL) = 0;
}
