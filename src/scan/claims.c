/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/claims.h"

/* The version without what ecosystems write or leave out: Go's 'v'. */
static prq_str plain_version(const struct prq_package *p)
{
    bool has_v = prq_str_eq(p->type, PRQ_S("golang")) && p->version.n > 1 && p->version.p[0] == 'v';
    return prq_str_from_at(p->version, has_v);
}

/* Names are one whatever their case: what proves a package spells it as its ecosystem does, and
 * purls of PyPI are lower-case with '-' for '_' and '.'. */
static char fold(char c)
{
    return c == '_' || c == '.' ? '-' : prq_to_lower(c);
}

/* p == NULL: memory ran out. */
static prq_str key_of(struct prq_claims *c, const struct prq_package *p)
{
    prq_str version = plain_version(p);
    prq_str key = prq_arena_printf(c->arena, "%.*s|%.*s|%.*s|%llu", PRQ_FMT(p->type),
                                   PRQ_FMT(p->name), PRQ_FMT(version),
                                   (unsigned long long)(p->has_epoch ? p->epoch : 0));
    if (key.p && prq_str_eq(p->type, PRQ_S("pypi")))
        for (size_t i = 0; i < key.n; i++)
            ((char *)(uintptr_t)key.p)[i] = fold(key.p[i]);
    return key;
}

bool prq_claims_begin(struct prq_claims *c, const struct prq_analysis *an, struct prq_arena *arena)
{
    *c = (struct prq_claims){ .arena = arena };
    prq_map_init(&c->proven, arena);
    c->next = prq_new_n(arena, size_t, an->package_count + 1);
    if (!c->next)
        return false;
    for (size_t i = an->package_count; i-- > 0;) {
        bool added;
        prq_str key = key_of(c, &an->packages[i]);
        size_t *head = key.p ? prq_map_put(&c->proven, key, i, &added) : NULL;
        if (!head)
            return false;
        if (!added) {
            c->next[i] = *head + 1;
            *head = i;
        }
    }
    return true;
}

bool prq_claims_is_proven(struct prq_claims *c, const struct prq_analysis *an,
                          const struct prq_package *claim)
{
    struct prq_mark mark = prq_arena_mark(c->arena);
    prq_str key = key_of(c, claim);
    const size_t *head = key.p ? prq_map_find(&c->proven, key) : NULL;
    prq_arena_rewind(c->arena, mark);
    for (size_t at = head ? *head + 1 : 0; at; at = c->next[at - 1]) {
        prq_str arch = an->packages[at - 1].arch;
        if (claim->arch.n == 0 || arch.n == 0 || prq_str_eq(arch, claim->arch))
            return true;
    }
    return false;
}
