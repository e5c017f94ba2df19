/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

struct prq_map_slot {
    uint64_t hash; /* 0: empty */
    prq_str key;
    size_t value;
};

void prq_map_init(struct prq_map *m, struct prq_arena *arena)
{
    *m = (struct prq_map){ .arena = arena };
}

static uint64_t hash_of(prq_str key)
{
    uint64_t h = prq_str_hash(key);
    return h ? h : 1;
}

static struct prq_map_slot *slot_of(const struct prq_map *m, prq_str key, uint64_t hash)
{
    for (size_t i = (size_t)hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct prq_map_slot *s = &m->slots[i];
        if (s->hash == 0 || (s->hash == hash && prq_str_eq(s->key, key)))
            return s;
    }
}

static bool grow(struct prq_map *m)
{
    struct prq_map old = *m;
    size_t cap = old.cap ? old.cap * 2 : 16;
    struct prq_map_slot *slots = prq_new_n(m->arena, struct prq_map_slot, cap);
    if (!slots)
        return false;
    m->slots = slots;
    m->cap = cap;
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].hash)
            *slot_of(m, old.slots[i].key, old.slots[i].hash) = old.slots[i];
    return true;
}

size_t *prq_map_put(struct prq_map *m, prq_str key, size_t fresh, bool *added)
{
    if ((m->n + 1) * 4 > m->cap * 3 && !grow(m))
        return NULL;
    uint64_t hash = hash_of(key);
    struct prq_map_slot *s = slot_of(m, key, hash);
    bool is_new = s->hash == 0;
    if (is_new) {
        *s = (struct prq_map_slot){ hash, key, fresh };
        m->n++;
    }
    if (added)
        *added = is_new;
    return &s->value;
}

const size_t *prq_map_find(const struct prq_map *m, prq_str key)
{
    if (m->n == 0)
        return NULL;
    struct prq_map_slot *s = slot_of(m, key, hash_of(key));
    return s->hash ? &s->value : NULL;
}
