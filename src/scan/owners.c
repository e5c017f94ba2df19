/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/owners.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"

struct place {
    size_t package, next; /* packages with the same evidence path: 1 + index, 0 ends */
};

/* Most of the hundred thousand paths of an image are no evidence: a bit each for the ends of those
 * that are keeps them from being hashed. */
enum { FILTER_BITS = 1 << 16, LINK_DEPTH = 3 };

struct job {
    const struct prq_owners *o;
    struct prq_analysis *an;
    struct prq_arena *tmp;
    struct prq_map evidence, packages, links;
    uint8_t filter[FILTER_BITS / 8];
    struct place *places;
    size_t place_count, place_cap;
    prq_str *targets;
    size_t target_count, target_cap;
    char plain[4096]; /* the last leading part of LINK_DEPTH components without a link, and a '/' */
    size_t plain_n;
    uint64_t bytes; /* of paths looked up: front coding makes a lot of them of few */
    char path[4096 * 2];
};

static size_t filter_bit(prq_str path)
{
    uint64_t tail = 0;
    size_t n = prq_min_size(path.n, sizeof tail);
    if (n)
        memcpy(&tail, path.p + (path.n - n), n);
    return (size_t)(((tail ^ path.n) * 0x9e3779b97f4a7c15ULL) >> 48) % FILTER_BITS;
}

/* Databases list themselves: nobody owns what proves everybody (catalog.md 7). */
static bool is_database(prq_str path)
{
    static const prq_str ends[] = {
        PRQ_SI("lib/apk/db/installed"), PRQ_SI("lib/dpkg/status"), PRQ_SI("rpm/Packages"),
        PRQ_SI("rpm/Packages.db"), PRQ_SI("rpm/rpmdb.sqlite"),
    };
    for (size_t i = 0; i < PRQ_COUNT(ends); i++)
        if (prq_str_ends(path, ends[i]))
            return true;
    return false;
}

static bool add_place(struct job *j, prq_str path, size_t package)
{
    size_t *head = prq_map_put(&j->evidence, path, 0, NULL), bit = filter_bit(path);
    j->filter[bit / 8] |= (uint8_t)(1 << bit % 8);
    if (!head || !prq_arena_grow(j->tmp, &j->places, sizeof *j->places, &j->place_cap,
                                 j->place_count + 1))
        return false;
    j->places[j->place_count++] = (struct place){ package, *head };
    *head = j->place_count;
    return true;
}

static bool index_evidence(struct job *j)
{
    for (size_t i = 0; i < j->an->package_count; i++) {
        const struct prq_package *p = &j->an->packages[i];
        if (prq_package_is_os(p))
            continue;
        for (size_t k = 0; k < p->evidence_count; k++) {
            prq_str path = p->evidence[k].path;
            path = prq_str_head(path, prq_str_search(path, PRQ_S("!/")));
            if (!is_database(path) && !add_place(j, path, i))
                return false;
        }
    }
    return true;
}

static bool put_package(struct job *j, prq_str key, size_t i)
{
    return key.p && prq_map_put(&j->packages, key, i, NULL);
}

/* Third-party packages do not hide what they bring (catalog.md 3.1, 3.3.7). */
static bool index_packages(struct job *j)
{
    for (size_t i = 0; i < j->an->package_count; i++) {
        const struct prq_package *p = &j->an->packages[i];
        if (!prq_package_is_os(p) || (p->flags & PRQ_PKG_THIRD_PARTY))
            continue;
        bool ok;
        if (prq_str_eq(p->type, PRQ_S("rpm")))
            ok = put_package(j, prq_arena_printf(j->tmp, "rpm:%.*s-%.*s.%.*s", PRQ_FMT(p->name),
                                                 PRQ_FMT(p->version), PRQ_FMT(p->arch)), i);
        else
            ok = put_package(j, prq_arena_printf(j->tmp, "%.*s:%.*s", PRQ_FMT(p->type),
                                                 PRQ_FMT(p->name)), i) &&
                 put_package(j, prq_arena_printf(j->tmp, "%.*s:%.*s:%.*s", PRQ_FMT(p->type),
                                                 PRQ_FMT(p->name), PRQ_FMT(p->arch)), i);
        if (!ok)
            return false;
    }
    return true;
}

static bool index_links(struct job *j)
{
    for (size_t i = 0; i < j->o->n; i++)
        for (size_t k = 0; k < j->o->layers[i].facts.link_count; k++) {
            const struct prq_link *l = &j->o->layers[i].facts.links[k];
            size_t *at = prq_map_put(&j->links, l->path, 0, NULL);
            if (!at || !prq_arena_grow(j->tmp, &j->targets, sizeof *j->targets, &j->target_cap,
                                       j->target_count + 1))
                return false;
            *at = j->target_count; /* the higher layer's target */
            j->targets[j->target_count++] = l->target;
        }
    return true;
}

static void claim(struct job *j, prq_str path, size_t owner)
{
    size_t bit = filter_bit(path);
    if (!(j->filter[bit / 8] >> bit % 8 & 1))
        return;
    const size_t *head = prq_map_find(&j->evidence, path);
    for (size_t at = head ? *head : 0; at; at = j->places[at - 1].next) {
        struct prq_package *p = &j->an->packages[j->places[at - 1].package];
        if (!p->owner)
            p->owner = owner + 1;
    }
}

/* Paths of a list stand together by directory: what was found plain need not be looked up again. */
static bool is_plain(const struct job *j, prq_str path)
{
    return j->plain_n && prq_str_starts(path, (prq_str){ j->plain, j->plain_n });
}

static void note_plain(struct job *j, prq_str lead)
{
    if (lead.n > sizeof j->plain)
        return;
    memcpy(j->plain, lead.p, lead.n);
    j->plain_n = lead.n;
}

/* One step: a leading part of `path` (at most LINK_DEPTH components) that is a link is replaced by its
 * target. False when there is none, or the result is too long. */
static bool follow(struct job *j, prq_str *path)
{
    size_t end = 0;
    if (is_plain(j, *path))
        return false;
    for (int depth = 0; depth < LINK_DEPTH; depth++) {
        end += prq_str_find(prq_str_from_at(*path, end), '/');
        if (end >= path->n)
            return false;
        prq_str lead = prq_str_head(*path, end);
        const size_t *at = prq_map_find(&j->links, lead);
        if (at) {
            prq_str target = j->targets[*at], dir = prq_path_dir(lead);
            prq_str rest = prq_str_from_at(*path, end);
            char out[sizeof j->path];
            bool absolute = prq_str_starts(target, PRQ_S("/"));
            prq_str parts = absolute ? prq_str_from_at(target, 1) : target;
            size_t n = 0;
            if (!absolute && dir.n) {
                memcpy(out, dir.p, dir.n);
                n = dir.n;
            }
            prq_str part;
            while (prq_str_split(&parts, '/', &part)) {
                if (part.n == 0 || prq_str_eq(part, PRQ_S(".")))
                    continue;
                if (prq_str_eq(part, PRQ_S(".."))) {
                    n = prq_path_dir((prq_str){ out, n }).n;
                    continue;
                }
                if (n + part.n + 1 + rest.n >= sizeof out)
                    return false;
                if (n)
                    out[n++] = '/';
                memcpy(out + n, part.p, part.n);
                n += part.n;
            }
            if (n == 0)
                rest = prq_str_from_at(rest, 1);
            memcpy(out + n, rest.p, rest.n);
            n += rest.n;
            memcpy(j->path, out, n);
            *path = (prq_str){ j->path, n };
            return true;
        }
        end++;
    }
    note_plain(j, prq_str_head(*path, end));
    return false;
}

static bool may_go_on(struct job *j, prq_str path)
{
    j->bytes += path.n + 1;
    return j->bytes <= prq_limits_default.owned_bytes;
}

/* False: the limit is reached. */
static bool claim_all(struct job *j, const struct prq_owned *owned, struct prq_path_iter *it)
{
    const size_t *owner = prq_map_find(&j->packages, owned->owner);
    if (!owner)
        return true;
    prq_str path;
    prq_owned_begin(it, owned);
    while (prq_owned_next(it, &path)) {
        uint64_t hops = 0;
        do {
            if (!may_go_on(j, path))
                return false;
            claim(j, path, *owner);
        } while (hops++ < prq_limits_default.link_hops && follow(j, &path));
    }
    return true;
}

static void claim_lists(struct job *j, struct prq_path_iter *it)
{
    const struct prq_owners *o = j->o;
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; k < o->layers[i].facts.owned_count; k++) {
            const struct prq_owned *owned = &o->layers[i].facts.owned[k];
            if (o->holds(o->user, owned->path, (uint32_t)i) && !claim_all(j, owned, it)) {
                if (o->was_cut)
                    *o->was_cut = true;
                return;
            }
        }
}

bool prq_owners_settle(const struct prq_owners *o, struct prq_analysis *an, struct prq_arena *tmp)
{
    struct job *j = prq_new(tmp, struct job);
    struct prq_path_iter *it = prq_new(tmp, struct prq_path_iter);
    if (!j || !it)
        return false;
    j->o = o;
    j->an = an;
    j->tmp = tmp;
    prq_map_init(&j->evidence, tmp);
    prq_map_init(&j->packages, tmp);
    prq_map_init(&j->links, tmp);
    if (!index_evidence(j))
        return false;
    if (j->evidence.n == 0)
        return true;
    if (!index_packages(j) || !index_links(j))
        return false;
    claim_lists(j, it);
    return true;
}
