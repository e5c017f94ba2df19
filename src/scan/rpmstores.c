/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/rpmstores.h"

static const struct {
    prq_str base;
    unsigned rank;
} kinds[] = {
    { PRQ_SI("rpmdb.sqlite"), 3 },
    { PRQ_SI("Packages.db"), 2 },
    { PRQ_SI("Packages"), 1 },
};

static const prq_str places[] = {
    PRQ_SI("var/lib/rpm/"), PRQ_SI("usr/lib/sysimage/rpm/"), PRQ_SI("usr/share/rpm/"),
};

unsigned prq_rpm_store_rank(prq_str path)
{
    prq_str base = prq_path_base(path);
    for (size_t i = 0; i < PRQ_COUNT(kinds); i++)
        if (prq_str_eq(base, kinds[i].base))
            return kinds[i].rank;
    return 0;
}

/* "opt/sysroot/" of "opt/sysroot/var/lib/rpm/Packages". */
static prq_str root_of(prq_str path)
{
    prq_str dir = prq_str_head(path, path.n - prq_path_base(path).n);
    for (size_t i = 0; i < PRQ_COUNT(places); i++)
        if (prq_str_ends(dir, places[i]))
            return prq_str_head(dir, dir.n - places[i].n);
    return dir;
}

static bool is_rpm(const struct prq_package *p)
{
    return prq_str_eq(p->type, PRQ_S("rpm")) && p->evidence_count > 0;
}

void prq_rpm_stores_init(struct prq_rpm_stores *s, struct prq_arena *arena)
{
    *s = (struct prq_rpm_stores){ .arena = arena };
    prq_map_init(&s->roots, arena);
    prq_map_init(&s->listed, arena);
}

bool prq_rpm_stores_note(struct prq_rpm_stores *s, const struct prq_package *p)
{
    unsigned rank = is_rpm(p) ? prq_rpm_store_rank(p->evidence[0].path) : 0;
    if (!rank)
        return true;
    size_t *best = prq_map_put(&s->roots, root_of(p->evidence[0].path), rank, NULL);
    if (!best)
        return false;
    s->is_mixed = s->is_mixed || *best != rank;
    *best = rank > *best ? rank : *best;
    return true;
}

/* Names are told from versions by the tags: "V" and the key, "N" and name and architecture. */
static prq_str version_key(const struct prq_rpm_stores *s, prq_str root, prq_str key)
{
    return prq_arena_printf(s->arena, "V%.*s|%.*s", PRQ_FMT(root), PRQ_FMT(key));
}

static prq_str name_key(const struct prq_rpm_stores *s, prq_str root, const struct prq_package *p)
{
    return prq_arena_printf(s->arena, "N%.*s|%.*s|%.*s", PRQ_FMT(root), PRQ_FMT(p->name),
                            PRQ_FMT(p->arch));
}

static bool is_best(const struct prq_rpm_stores *s, const struct prq_package *p, prq_str root)
{
    const size_t *best = prq_map_find(&s->roots, root);
    return !best || *best <= prq_rpm_store_rank(p->evidence[0].path);
}

bool prq_rpm_stores_list(struct prq_rpm_stores *s, const struct prq_package *p, prq_str key)
{
    if (!s->is_mixed || !is_rpm(p) || !prq_rpm_store_rank(p->evidence[0].path))
        return true;
    prq_str root = root_of(p->evidence[0].path);
    if (!is_best(s, p, root))
        return true;
    prq_str version = version_key(s, root, key), name = name_key(s, root, p);
    return version.p && name.p && prq_map_put(&s->listed, version, 0, NULL) &&
           prq_map_put(&s->listed, name, 0, NULL);
}

bool prq_rpm_stores_is_old(struct prq_rpm_stores *s, const struct prq_package *p, prq_str key)
{
    if (!s->is_mixed || !is_rpm(p) || !prq_rpm_store_rank(p->evidence[0].path))
        return false;
    prq_str root = root_of(p->evidence[0].path);
    if (is_best(s, p, root))
        return false;
    struct prq_mark mark = prq_arena_mark(s->arena);
    prq_str version = version_key(s, root, key), name = name_key(s, root, p);
    bool is_old = version.p && name.p && prq_map_find(&s->listed, name) &&
                  !prq_map_find(&s->listed, version);
    prq_arena_rewind(s->arena, mark);
    if (is_old && s->passed_over++ == 0)
        s->old_path = p->evidence[0].path;
    return is_old;
}
