/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/owners.h"

#include <stdlib.h>

#include "analyze/owning.h"
#include "base/limits.h"
#include "base/map.h"
#include "scan/assemblies.h"

/* One evidence path of a package that can have an owner. Owners are 1 + index, 0: none. */
struct place {
    size_t package, next; /* packages with the same evidence path: 1 + index, 0 ends */
    prq_str path;
    size_t direct; /* lists this very path; a vendor's package before a third party's */
    size_t linked; /* lists a path that leads there through a link */
};

/* dpkg-divert: the file that others call FROM lies at TO. Source: dpkg-divert(1). */
struct diversion {
    prq_str to, by; /* by ":": of the administrator, holds for every package */
};

/* Most of the hundred thousand paths of an image are no evidence: a bit each for the ends of those
 * that are keeps them from being hashed. */
enum { FILTER_BITS = 1 << 16, LINK_DEPTH = 3 };

struct job {
    const struct prq_owners *o;
    struct prq_analysis *an;
    struct prq_arena *tmp;
    struct prq_map evidence, packages, links, dirs, diverted;
    uint8_t filter[FILTER_BITS / 8];
    struct place *places;
    size_t place_count, place_cap;
    prq_str *targets;
    size_t target_count, target_cap;
    struct diversion *diversions;
    size_t diversion_count, diversion_cap;
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

static void mark_filter(struct job *j, prq_str path)
{
    size_t bit = filter_bit(path);
    j->filter[bit / 8] |= (uint8_t)(1 << bit % 8);
}

static bool may_matter(const struct job *j, prq_str path)
{
    size_t bit = filter_bit(path);
    return j->filter[bit / 8] >> bit % 8 & 1;
}

static bool add_place(struct job *j, prq_str path, size_t package)
{
    size_t *head = prq_map_put(&j->evidence, path, 0, NULL);
    mark_filter(j, path);
    if (!head || !prq_arena_grow(j->tmp, &j->places, sizeof *j->places, &j->place_cap,
                                 j->place_count + 1))
        return false;
    j->places[j->place_count++] = (struct place){ .package = package, .next = *head, .path = path };
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
            if (!prq_path_is_nobodys(path) && !add_place(j, path, i))
                return false;
        }
    }
    return true;
}

static bool put_package(struct job *j, prq_str key, size_t i)
{
    return key.p && prq_map_put(&j->packages, key, i, NULL);
}

static bool put_names(struct job *j, const struct prq_package *p, size_t i)
{
    if (prq_str_eq(p->type, PRQ_S("rpm")))
        return put_package(j, prq_arena_printf(j->tmp, "rpm:%.*s-%.*s.%.*s", PRQ_FMT(p->name),
                                               PRQ_FMT(p->version), PRQ_FMT(p->arch)), i);
    return put_package(j, prq_arena_printf(j->tmp, "%.*s:%.*s", PRQ_FMT(p->type),
                                           PRQ_FMT(p->name)), i) &&
           put_package(j, prq_arena_printf(j->tmp, "%.*s:%.*s:%.*s", PRQ_FMT(p->type),
                                           PRQ_FMT(p->name), PRQ_FMT(p->arch)), i);
}

/* Lists of systems without a purl type of their own: the namespace tells which. */
static bool is_listed(const struct prq_package *p)
{
    static const prq_str systems[] = { PRQ_SI("freebsd"), PRQ_SI("slackware"), PRQ_SI("void") };
    for (size_t i = 0; prq_str_eq(p->type, PRQ_S("generic")) && i < PRQ_COUNT(systems); i++)
        if (prq_str_eq(p->ns, systems[i]))
            return true;
    return false;
}

static bool put_listed(struct job *j, const struct prq_package *p, size_t i)
{
    return put_package(j, prq_arena_printf(j->tmp, "generic:%.*s:%.*s", PRQ_FMT(p->ns),
                                           PRQ_FMT(p->name)), i);
}

/* Databases of one file a package: what lies beside it belongs to the package. */
static bool put_paths(struct job *j, const struct prq_package *p, size_t i)
{
    for (size_t k = 0; k < p->evidence_count; k++)
        if (!put_package(j, prq_arena_printf(j->tmp, "%.*s:%.*s", PRQ_FMT(p->type),
                                             PRQ_FMT(p->evidence[k].path)), i))
            return false;
    return true;
}

static bool is_distroless(const struct prq_package *p)
{
    return p->evidence_count && prq_str_has(p->evidence[0].path, PRQ_S("dpkg/status.d/"));
}

static bool index_packages(struct job *j)
{
    static const prq_str other_owners[] = { PRQ_SI("binary"), PRQ_SI("bitnami"), PRQ_SI("ebuild"),
                                            PRQ_SI("nix") };
    for (size_t i = 0; i < j->an->package_count; i++) {
        const struct prq_package *p = &j->an->packages[i];
        bool is_os = prq_package_is_os(p), is_other = false;
        for (size_t k = 0; k < PRQ_COUNT(other_owners) && !is_os; k++)
            is_other = is_other || prq_str_eq(p->type, other_owners[k]);
        if ((is_os && !put_names(j, p, i)) || (is_listed(p) && !put_listed(j, p, i)) ||
            ((is_other || (is_os && is_distroless(p))) && !put_paths(j, p, i)))
            return false;
    }
    return true;
}

static bool add_diversion(struct job *j, prq_str from, prq_str to, prq_str by)
{
    size_t *at = prq_map_put(&j->diverted, from, 0, NULL);
    if (!at || !prq_arena_grow(j->tmp, &j->diversions, sizeof *j->diversions, &j->diversion_cap,
                               j->diversion_count + 1))
        return false;
    *at = j->diversion_count;
    j->diversions[j->diversion_count++] = (struct diversion){ to, by };
    mark_filter(j, from);
    return true;
}

/* "dpkg-diversion" notes: from, to, by, in turn. */
static bool index_diversions(struct job *j)
{
    const struct prq_owners *o = j->o;
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; k < o->layers[i].facts.note_count; k++) {
            const struct prq_note *note = &o->layers[i].facts.notes[k];
            if (!prq_str_eq(note->kind, PRQ_S("dpkg-diversion")) ||
                !o->holds(o->user, note->path, (uint32_t)i))
                continue;
            for (size_t p = 0; p + 3 <= note->n; p += 3)
                if (!add_diversion(j, note->pairs[p].value, note->pairs[p + 1].value,
                                   note->pairs[p + 2].value))
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

static bool is_third_party(const struct job *j, size_t owner)
{
    return j->an->packages[owner - 1].flags & PRQ_PKG_THIRD_PARTY;
}

static void claim(struct job *j, prq_str path, size_t owner, bool is_direct)
{
    if (!may_matter(j, path))
        return;
    const size_t *head = prq_map_find(&j->evidence, path);
    for (size_t at = head ? *head : 0; at; at = j->places[at - 1].next) {
        struct place *p = &j->places[at - 1];
        if (p->package == owner)
            continue; /* a Java installation is below its own folder */
        size_t *claimed = is_direct ? &p->direct : &p->linked;
        if (!*claimed || (is_third_party(j, *claimed) && !is_third_party(j, owner + 1)))
            *claimed = owner + 1;
    }
}

/* Where the file that this package calls `path` really is. */
static prq_str undiverted(const struct job *j, prq_str path, size_t owner)
{
    const struct prq_package *p = &j->an->packages[owner];
    if (!j->diverted.n || !may_matter(j, path) || !prq_str_eq(p->type, PRQ_S("deb")))
        return path;
    const size_t *at = prq_map_find(&j->diverted, path);
    return at && !prq_str_eq(j->diversions[*at].by, p->name) ? j->diversions[*at].to : path;
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

static bool claim_dir(struct job *j, prq_str dir, size_t owner)
{
    prq_str kept = prq_arena_copy(j->tmp, dir);
    size_t *at = kept.p ? prq_map_put(&j->dirs, kept, owner + 1, NULL) : NULL;
    return at != NULL;
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
        if (prq_str_ends(path, PRQ_S("/"))) {
            if (!may_go_on(j, path) || !claim_dir(j, prq_str_head(path, path.n - 1), *owner))
                return false;
            continue;
        }
        path = undiverted(j, path, *owner);
        do {
            if (!may_go_on(j, path))
                return false;
            claim(j, path, *owner, hops == 0);
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

/* ---- verdicts */

static size_t owner_of_dir(const struct job *j, const struct place *p)
{
    for (prq_str dir = prq_path_dir(p->path); j->dirs.n && dir.n; dir = prq_path_dir(dir)) {
        const size_t *at = prq_map_find(&j->dirs, dir);
        if (at && *at != p->package + 1)
            return *at;
    }
    return 0;
}

/* Third-party packages do not hide what they bring (catalog.md 3.1, 3.3.7). One that lists the very
 * path is in the way of a package of its own type that only reaches it through a link. */
static size_t owner_of(const struct job *j, const struct place *p)
{
    size_t owner = p->direct;
    if (!owner)
        owner = p->linked;
    else if (is_third_party(j, owner) && p->linked &&
             !prq_str_eq(j->an->packages[p->linked - 1].type, j->an->packages[owner - 1].type))
        owner = p->linked;
    if (!owner)
        owner = owner_of_dir(j, p);
    return owner && !is_third_party(j, owner) ? owner : 0;
}

static bool is_binary(const struct prq_package *p)
{
    return prq_str_eq(p->type, PRQ_S("binary")) || (p->flags & PRQ_PKG_STRAY);
}

/* The file itself, not a list inside of it. */
static bool is_assembly(const struct prq_package *p, prq_str path)
{
    for (size_t i = 0; i < p->evidence_count; i++)
        if (prq_str_eq(p->evidence[i].path, path))
            return prq_assembly_is_evidence(p, path);
    return false;
}

static bool hides_language(const struct prq_package *owner)
{
    return prq_package_is_os(owner) || is_listed(owner) || prq_str_eq(owner->type, PRQ_S("ebuild")) ||
           prq_str_eq(owner->type, PRQ_S("nix"));
}

/* An evidence of a program that something else brought proves nothing further. */
static void drop_evidence(struct prq_package *p, prq_str path)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->evidence_count; i++) {
        prq_str at = p->evidence[i].path;
        if (!prq_str_eq(prq_str_head(at, prq_str_search(at, PRQ_S("!/"))), path))
            p->evidence[kept++] = p->evidence[i];
    }
    p->evidence_count = kept;
    p->layer = UINT32_MAX;
    for (size_t i = 0; i < kept; i++)
        p->layer = p->evidence[i].layer < p->layer ? p->evidence[i].layer : p->layer;
}

static void judge_places(struct job *j)
{
    for (size_t i = 0; i < j->place_count; i++) {
        const struct place *place = &j->places[i];
        size_t owner = owner_of(j, place);
        struct prq_package *p = &j->an->packages[place->package];
        if (!owner)
            continue;
        if (is_binary(p) || (is_assembly(p, place->path) &&
                             hides_language(&j->an->packages[owner - 1])))
            drop_evidence(p, place->path);
        else if (!p->owner && hides_language(&j->an->packages[owner - 1]))
            p->owner = owner;
    }
}

/* Programs that are left without evidence go; indexes of owners follow. */
static bool drop_programs(struct job *j)
{
    struct prq_analysis *an = j->an;
    size_t *at = prq_new_n(j->tmp, size_t, an->package_count + 1), kept = 0;
    if (!at)
        return false;
    for (size_t i = 0; i < an->package_count; i++) {
        struct prq_package *p = &an->packages[i];
        if (p->evidence_count == 0 && (is_binary(p) || prq_str_eq(p->type, PRQ_S("nuget"))))
            continue;
        at[i + 1] = ++kept;
        an->packages[kept - 1] = *p;
    }
    for (size_t i = 0; i < kept; i++)
        an->packages[i].owner = at[an->packages[i].owner];
    an->package_count = kept;
    return true;
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
    prq_map_init(&j->dirs, tmp);
    prq_map_init(&j->diverted, tmp);
    if (!index_evidence(j))
        return false;
    if (j->evidence.n == 0)
        return true;
    if (!index_packages(j) || !index_links(j) || !index_diversions(j))
        return false;
    claim_lists(j, it);
    judge_places(j);
    return drop_programs(j);
}
