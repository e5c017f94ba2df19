/* SPDX-License-Identifier: Apache-2.0 */
/* Only paths that facts came from matter here, so the work is: collect those paths and the
 * directories above them in a table of nodes, then stream each layer's index once past the table.
 *
 *   node.gone    highest layer in which the path itself was deleted or replaced
 *   node.below   highest layer in which everything under it was (deleted, opaque, or the directory
 *                replaced by something that is none)
 *
 * A fact of layer L at path p holds iff no gone(p) > L and no below(d) > L for a directory d above
 * p. Entries of the same layer never delete one another (OCI image specification, "Whiteouts"). */
#include "scan/squash.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyze/analyze.h"
#include "base/map.h"
#include "model/purl.h"
#include "scan/assemblies.h"
#include "scan/claims.h"
#include "scan/contentsets.h"
#include "scan/owners.h"
#include "scan/rpmstores.h"
#include "scan/standins.h"

/* Layers are counted from 1 here, so that 0 means never. */
struct node {
    uint32_t gone, below;
    uint32_t file; /* highest layer that has a file, or a link, of that path */
    size_t parent; /* 1 + index; 0: the root */
};

struct squash {
    struct prq_ctx *ctx;
    const struct prq_layer_facts *layers;
    size_t n;
    struct prq_arena *tmp, *arena;
    struct prq_map paths;
    struct node *nodes;
    size_t node_count, node_cap;
    struct prq_rpm_stores rpm;
    struct prq_assemblies assemblies;
    struct prq_standins standins;
    struct prq_analysis *an;
    bool wants_files; /* whether there is a file of a path matters: so does layer 0 */
};

/* "a.jar!/b.jar" lives and dies with "a.jar". */
static prq_str outer_path(prq_str path)
{
    return prq_str_head(path, prq_str_search(path, PRQ_S("!/")));
}

/* The node of a path, made with those above it. 0: out of memory; else 1 + index. */
static size_t node_of(struct squash *q, prq_str path)
{
    size_t found = 0, below = 0;
    /* From the path upward until a known directory or the root; no recursion. */
    for (prq_str at = path;; at = prq_path_dir(at)) {
        bool added;
        size_t *index = prq_map_put(&q->paths, at, q->node_count, &added);
        if (!index)
            return 0;
        if (added) {
            if (!prq_arena_grow(q->tmp, &q->nodes, sizeof *q->nodes, &q->node_cap,
                                q->node_count + 1))
                return 0;
            q->nodes[q->node_count++] = (struct node){ 0 };
        }
        if (!found)
            found = *index + 1;
        if (below)
            q->nodes[below - 1].parent = *index + 1;
        below = *index + 1;
        if (!added || at.n == 0)
            return found;
    }
}

/* Room for a path in the table. One that no layer may hold is not deleted by any either; a gap has
 * such a path, and a worker gone bad may send any. */
static bool note_path(struct squash *q, prq_str path)
{
    size_t depth = 1;
    if (path.n > q->ctx->limits->path_bytes)
        return true;
    for (size_t i = 0; i < path.n; i++)
        depth += path.p[i] == '/';
    return depth > q->ctx->limits->path_depth || node_of(q, path);
}

static bool want_path(void *user, prq_str path)
{
    struct squash *q = user;
    q->wants_files = true;
    return note_path(q, path);
}

static bool collect_paths(struct squash *q)
{
    for (size_t i = 0; i < q->n; i++) {
        const struct prq_facts *f = &q->layers[i].facts;
        for (size_t k = 0; k < f->package_count; k++)
            if (!note_path(q, outer_path(f->packages[k].evidence[0].path)))
                return false;
        for (size_t k = 0; k < f->note_count; k++)
            if (!note_path(q, f->notes[k].path))
                return false;
        for (size_t k = 0; k < f->owned_count; k++)
            if (!note_path(q, f->owned[k].path))
                return false;
        for (size_t k = 0; k < f->gap_count; k++)
            if (!note_path(q, outer_path(f->gaps[k].path)))
                return false;
    }
    return prq_assemblies_paths(q->layers, q->n, want_path, q, q->tmp, &q->assemblies);
}

static void mark(struct squash *q, const struct prq_file *f, uint32_t layer)
{
    const size_t *index = prq_map_find(&q->paths, f->path);
    if (!index)
        return;
    struct node *n = &q->nodes[*index];
    if (f->type == PRQ_FILE_OPAQUE) {
        n->below = layer;
    } else if (f->type != PRQ_FILE_DIR) {
        n->gone = layer;
        n->below = layer;
        if (f->type != PRQ_FILE_WHITEOUT)
            n->file = layer;
    }
}

static bool stream_indexes(struct squash *q, struct prq_err *err)
{
    struct prq_path_iter *it = malloc(sizeof *it);
    if (!it)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    bool ok = true;
    for (size_t i = q->wants_files ? 0 : 1; ok && i < q->n; i++) { /* nothing lies below layer 0 */
        struct prq_file f;
        uint64_t members = 0;
        prq_index_begin(it, q->layers[i].index);
        while (members <= q->ctx->limits->tar_members && prq_index_next(it, &f)) {
            mark(q, &f, (uint32_t)i + 1);
            members++;
        }
        if (it->bad || members > q->ctx->limits->tar_members)
            ok = prq_fail(err, PRQ_E_FORMAT, "layer %zu: malformed file index", i);
    }
    free(it);
    return ok;
}

static bool holds(const struct squash *q, prq_str path, uint32_t layer)
{
    const size_t *index = prq_map_find(&q->paths, path);
    if (!index)
        return true;
    const struct node *n = &q->nodes[*index];
    if (n->gone > layer + 1)
        return false;
    while (n->parent) {
        n = &q->nodes[n->parent - 1];
        if (n->below > layer + 1)
            return false;
    }
    return true;
}

/* Is there a file of this path, one of those that were asked for, in the merged image? */
static bool is_there(const void *user, prq_str path)
{
    const struct squash *q = user;
    const size_t *index = prq_map_find(&q->paths, path);
    return index && q->nodes[*index].file && holds(q, path, q->nodes[*index].file - 1);
}

/* ---- packages */
/* What makes two records one package, then the path. */
struct key {
    prq_str text;
    size_t bare; /* bytes before the path */
};

static char *put(char *to, prq_str s, char after)
{
    if (s.n)
        memcpy(to, s.p, s.n);
    to[s.n] = after;
    return to + s.n + 1;
}

static bool key_of(const struct prq_package *p, struct prq_arena *a, struct key *out)
{
    char epoch[24];
    int n = p->has_epoch ? snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)p->epoch) : 0;
    /* What a copied program says of itself is no record of a database. */
    prq_str stray = p->flags & PRQ_PKG_STRAY ? PRQ_S("stray") : PRQ_S("");
    const prq_str parts[] = { p->type, p->name, p->version, p->arch, { epoch, (size_t)n }, stray,
                              p->evidence[0].path };
    size_t room = PRQ_COUNT(parts);
    for (size_t i = 0; i < PRQ_COUNT(parts); i++)
        if (!prq_add(room, parts[i].n, &room))
            return false;
    char *text = prq_arena_alloc(a, room), *end = text;
    if (!text)
        return false;
    for (size_t i = 0; i < PRQ_COUNT(parts); i++)
        end = put(end, parts[i], '|');
    *out = (struct key){ { text, room }, room - p->evidence[0].path.n - 1 };
    return true;
}

static prq_str bare_key(const struct key *k)
{
    return prq_str_head(k->text, k->bare);
}

/* Lowest layer in which a fact with this key stands. For OS packages the key has no path: a
 * database may move (var/lib/rpm to usr/lib/sysimage); a claim is no database. */
static prq_str first_seen_key(const struct prq_package *p, const struct key *k)
{
    return prq_package_is_os(p) && !(p->flags & PRQ_PKG_CLAIMED) ? bare_key(k) : k->text;
}

/* *keys: of all layers' packages, one after the other. */
static bool first_layers(struct squash *q, struct prq_map *first, struct key **keys)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < q->n; i++)
        count += q->layers[i].facts.package_count;
    *keys = prq_new_n(q->tmp, struct key, count + 1);
    prq_map_init(first, q->tmp);
    for (size_t i = 0; *keys && i < q->n; i++)
        for (size_t k = 0; k < q->layers[i].facts.package_count; k++, at++) {
            const struct prq_package *p = &q->layers[i].facts.packages[k];
            if (!key_of(p, q->tmp, &(*keys)[at]) ||
                !prq_map_put(first, first_seen_key(p, &(*keys)[at]), i, NULL))
                return false;
        }
    return *keys != NULL;
}

static bool add_evidence(struct prq_package *p, struct prq_evidence e, struct prq_arena *a)
{
    /* A package is rarely in more than a few places: the array is copied as it doubles. */
    if ((p->evidence_count & (p->evidence_count - 1)) == 0) {
        size_t cap = p->evidence_count ? p->evidence_count * 2 : 1;
        struct prq_evidence *grown = prq_new_n(a, struct prq_evidence, cap);
        if (!grown)
            return false;
        if (p->evidence_count)
            memcpy(grown, p->evidence, p->evidence_count * sizeof *grown);
        p->evidence = grown;
    }
    p->evidence[p->evidence_count++] = e;
    if (e.layer < p->layer)
        p->layer = e.layer;
    return true;
}

static void join_flags(struct prq_package *p, uint32_t flags)
{
    /* Said by all of its evidence or not at all. */
    enum { WEAK = PRQ_PKG_DEV | PRQ_PKG_APPLICATION | PRQ_PKG_DECLARED | PRQ_PKG_GUESSED |
                  PRQ_PKG_CLAIMED | PRQ_PKG_NO_CODE };
    p->flags = (p->flags & flags & WEAK) | ((p->flags | flags) & ~(uint32_t)WEAK);
}

/* A better record of the same package takes the place of one from an older rpm database. */
static bool replaces_record(struct prq_package *into, const struct prq_package *p)
{
    if (!prq_str_eq(p->type, PRQ_S("rpm")) || prq_rpm_store_rank(p->evidence[0].path) <=
                                                  prq_rpm_store_rank(into->evidence[0].path))
        return false;
    struct prq_package was = *into;
    *into = *p;
    into->evidence = was.evidence;
    into->evidence_count = was.evidence_count;
    into->layer = was.layer;
    into->flags = was.flags;
    return true;
}

/* Which rpm databases hold data, and what the best of them list. */
static bool weigh_stores(struct squash *q, const struct key *keys)
{
    prq_rpm_stores_init(&q->rpm, q->tmp);
    for (int pass = 0; pass < 2; pass++) {
        size_t at = 0;
        for (size_t i = 0; i < q->n; i++)
            for (size_t k = 0; k < q->layers[i].facts.package_count; k++, at++) {
                const struct prq_package *p = &q->layers[i].facts.packages[k];
                if (!prq_str_eq(p->type, PRQ_S("rpm")) ||
                    !holds(q, p->evidence[0].path, (uint32_t)i))
                    continue;
                if (!(pass == 0 ? prq_rpm_stores_note(&q->rpm, p)
                                : prq_rpm_stores_list(&q->rpm, p, bare_key(&keys[at]))))
                    return false;
            }
        if (!q->rpm.is_mixed)
            return true;
    }
    return true;
}

static bool weigh_standins(struct squash *q)
{
    prq_standins_init(&q->standins, q->tmp);
    for (size_t i = 0; i < q->n; i++)
        for (size_t k = 0; k < q->layers[i].facts.package_count; k++) {
            const struct prq_package *p = &q->layers[i].facts.packages[k];
            if (prq_str_eq(p->type, PRQ_S("composer")) &&
                holds(q, outer_path(p->evidence[0].path), (uint32_t)i) &&
                !prq_standins_note(&q->standins, p))
                return false;
        }
    return true;
}

/* One record that stands; `layer`: where this version first appears. */
static bool merge_record(struct squash *q, const struct prq_package *p, prq_str key,
                         uint32_t layer, struct prq_map *merged)
{
    struct prq_analysis *an = q->an;
    bool added, replaces = false;
    size_t *at = prq_map_put(merged, key, an->package_count, &added);
    if (!at)
        return false;
    struct prq_package *into = &an->packages[*at];
    if (added) {
        *into = *p;
        into->evidence = NULL;
        into->evidence_count = 0;
        into->layer = UINT32_MAX;
        an->package_count++;
    } else {
        join_flags(into, p->flags);
        /* A directory of a Nix store has none to tell; the database beside it does. */
        if (into->depends.n == 0 && prq_str_eq(p->type, PRQ_S("nix")))
            into->depends = p->depends;
        replaces = replaces_record(into, p);
    }
    struct prq_evidence e = { p->evidence[0].path, layer };
    if (!add_evidence(into, e, q->arena))
        return false;
    if (replaces) { /* the first is that of the record */
        into->evidence[into->evidence_count - 1] = into->evidence[0];
        into->evidence[0] = e;
    }
    return true;
}

struct merge {
    struct prq_map first, merged;
    const struct key *keys; /* of all layers' packages */
    bool is_of_claims;
    struct prq_claims claims;
};

static int path_cmp(const struct prq_package *a, const struct prq_package *b)
{
    prq_str x = a->evidence[0].path, y = b->evidence[0].path;
    return x.p == y.p && x.n == y.n ? 0 : prq_str_cmp(x, y);
}

static int by_path(const void *x, const void *y, void *packages)
{
    const struct prq_package *all = packages;
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    int c = path_cmp(&all[a], &all[b]);
    return c ? c : (a > b) - (a < b);
}

/* Of two records of one package the first speaks. Where they come from different files, that is not
 * whose member stood first in the tar: two tars of the same tree say the same. */
static size_t *in_order(const struct prq_facts *f, struct prq_arena *a)
{
    bool is_sorted = true;
    size_t *order = prq_new_n(a, size_t, f->package_count + 1);
    for (size_t k = 0; order && k < f->package_count; k++) {
        order[k] = k;
        is_sorted = is_sorted && (k == 0 || path_cmp(&f->packages[k - 1], &f->packages[k]) <= 0);
    }
    if (order && !is_sorted)
        qsort_r(order, f->package_count, sizeof *order, by_path, f->packages);
    return order;
}

static bool merge_layer(struct squash *q, struct merge *m, size_t i, const struct key *layer_keys)
{
    const struct prq_facts *f = &q->layers[i].facts;
    const size_t *order = in_order(f, q->tmp);
    if (!order)
        return false;
    for (size_t n = 0; n < f->package_count; n++) {
        size_t k = order[n];
        const struct prq_package *p = &f->packages[k];
        prq_str key = bare_key(&layer_keys[k]);
        bool is_claim = p->flags & PRQ_PKG_CLAIMED;
        if (is_claim != m->is_of_claims ||
            !holds(q, outer_path(p->evidence[0].path), (uint32_t)i) ||
            prq_rpm_stores_is_old(&q->rpm, p, key) || prq_standins_is_one(&q->standins, p))
            continue;
        if (is_claim && prq_claims_is_proven(&m->claims, q->an, p))
            continue;
        bool is_proof = true;
        if (!prq_assemblies_prove(&q->assemblies, p, q->tmp, &is_proof))
            return false;
        if (!is_proof)
            continue;
        const size_t *layer = prq_map_find(&m->first, first_seen_key(p, &layer_keys[k]));
        if (!layer || !merge_record(q, p, key, (uint32_t)*layer, &m->merged))
            return false;
    }
    return true;
}

/* The highest layer's record speaks: it is the newest. */
static bool merge_layers(struct squash *q, struct merge *m, size_t keys_end)
{
    for (size_t i = q->n; i-- > 0;)
        if (!merge_layer(q, m, i, m->keys + (keys_end -= q->layers[i].facts.package_count)))
            return false;
    return true;
}

/* What only the notes of all files together tell. */
static bool merge_late(struct squash *q, struct merge *m, const struct prq_java_late *late)
{
    for (size_t i = 0; i < late->n; i++) {
        struct key key;
        const struct prq_package *p = &late->packages[i];
        if (!key_of(p, q->tmp, &key) ||
            !merge_record(q, p, bare_key(&key), p->evidence[0].layer, &m->merged))
            return false;
    }
    return true;
}

/* What is proven first, then what is only claimed. */
static bool merge_packages(struct squash *q, const struct prq_java_late *late)
{
    struct merge m = { .is_of_claims = false };
    size_t count = 0;
    struct key *keys;
    if (!first_layers(q, &m.first, &keys) || !weigh_stores(q, keys) || !weigh_standins(q))
        return false;
    m.keys = keys;
    prq_map_init(&m.merged, q->tmp);
    for (size_t i = 0; i < q->n; i++)
        count += q->layers[i].facts.package_count;
    q->an->packages = prq_new_n(q->arena, struct prq_package, count + late->n + 1);
    if (!q->an->packages || !merge_layers(q, &m, count) || !merge_late(q, &m, late))
        return false;
    m.is_of_claims = true;
    return prq_claims_begin(&m.claims, q->an, q->tmp) && merge_layers(q, &m, count);
}

static bool late_gap(struct squash *q, const struct prq_java_late *late, bool is_whole)
{
    if (is_whole && !late->unnamed)
        return true;
    struct prq_gap *g = &q->an->gaps[q->an->gap_count++]; /* live_gaps left room */
    *g = (struct prq_gap){ .layer = PRQ_GAP_NO_LAYER };
    g->kind = is_whole ? PRQ_S("unsupported") : PRQ_S("limit");
    g->reason = is_whole ? prq_arena_printf(q->arena, "%llu dependencies in pom.xml files have names "
                                            "that no file of the tree tells",
                                            (unsigned long long)late->unnamed)
                         : PRQ_S("dependencies that a pom.xml leaves to its parents: too many");
    return g->reason.p != NULL;
}

/* ---- notes, gaps */
static int note_cmp(const void *x, const void *y)
{
    const struct prq_note *a = x, *b = y;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    int c = prq_str_cmp(a->path, b->path);
    return c ? c : prq_str_cmp(a->kind, b->kind);
}

static bool live_notes(struct squash *q, struct prq_note **out, size_t *n)
{
    size_t count = 0;
    for (size_t i = 0; i < q->n; i++)
        count += q->layers[i].facts.note_count;
    struct prq_note *notes = prq_new_n(q->tmp, struct prq_note, count + 1);
    if (!notes)
        return false;
    *n = 0;
    for (size_t i = 0; i < q->n; i++)
        for (size_t k = 0; k < q->layers[i].facts.note_count; k++)
            if (holds(q, q->layers[i].facts.notes[k].path, (uint32_t)i))
                notes[(*n)++] = q->layers[i].facts.notes[k];
    qsort(notes, *n, sizeof *notes, note_cmp);
    *out = notes;
    return true;
}

enum { OWN_GAPS = 4 }; /* those that squashing itself may find */

static bool live_gaps(struct squash *q)
{
    struct prq_analysis *an = q->an;
    size_t count = an->gap_count;
    for (size_t i = 0; i < q->n; i++)
        count += q->layers[i].facts.gap_count;
    struct prq_gap *gaps = prq_new_n(q->arena, struct prq_gap, count + OWN_GAPS);
    if (!gaps)
        return false;
    if (an->gap_count)
        memcpy(gaps, an->gaps, an->gap_count * sizeof *gaps);
    for (size_t i = 0; i < q->n; i++)
        for (size_t k = 0; k < q->layers[i].facts.gap_count; k++)
            if (holds(q, outer_path(q->layers[i].facts.gaps[k].path), (uint32_t)i))
                gaps[an->gap_count++] = q->layers[i].facts.gaps[k];
    an->gaps = gaps;
    return true;
}

static bool licenses_of(const struct prq_note *note, struct prq_arena *a, struct prq_strs *out)
{
    out->v = prq_new_n(a, prq_str, note->n);
    for (size_t i = 0; out->v && i < note->n; i++)
        if (prq_str_eq(note->pairs[i].key, PRQ_S("license")))
            out->v[out->n++] = note->pairs[i].value;
    return out->v != NULL;
}

/* What a package's licences are kept under: a deb's name, which its folder under usr/share/doc has; of
 * databases with a directory a package, that directory. Empty: nowhere. */
static prq_str licence_key(const struct prq_package *p)
{
    if (prq_str_eq(p->type, PRQ_S("deb")))
        return p->name;
    if (prq_str_eq(p->type, PRQ_S("ebuild")) && p->evidence_count)
        return prq_path_dir(p->evidence[0].path);
    return (prq_str){ 0 };
}

static prq_str licence_key_of_note(const struct prq_note *note)
{
    prq_str dir = prq_path_dir(note->path);
    if (prq_str_eq(note->kind, PRQ_S("dpkg-license")))
        return prq_path_base(dir);
    return prq_str_eq(note->kind, PRQ_S("license-beside")) ? dir : (prq_str){ 0 };
}

/* "dpkg-license" notes are what a copyright file declares, "license-beside" ones belong to the package
 * whose evidence lies in the same directory. */
static bool join_licenses(struct squash *q, const struct prq_note *notes, size_t n)
{
    struct prq_map by_name;
    /* Many versions may have one name: they share the list. */
    struct prq_strs *lists = prq_new_n(q->tmp, struct prq_strs, n);
    if (!lists)
        return false;
    prq_map_init(&by_name, q->tmp);
    for (size_t i = 0; i < n; i++) {
        prq_str key = licence_key_of_note(&notes[i]);
        size_t *at = key.n ? prq_map_put(&by_name, key, i, NULL) : NULL;
        if (key.n && !at)
            return false;
        if (at)
            *at = i;
    }
    for (size_t i = 0; by_name.n && i < q->an->package_count; i++) {
        struct prq_package *p = &q->an->packages[i];
        prq_str key = p->licenses.n == 0 ? licence_key(p) : (prq_str){ 0 };
        const size_t *at = key.n ? prq_map_find(&by_name, key) : NULL;
        if (!at)
            continue;
        struct prq_strs *list = &lists[*at];
        if (!list->v && !licenses_of(&notes[*at], q->arena, list))
            return false;
        p->licenses = *list;
    }
    return true;
}

static int evidence_cmp(const void *x, const void *y)
{
    const struct prq_evidence *a = x, *b = y;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    return prq_str_cmp(a->path, b->path);
}

static int package_order(const void *x, const void *y)
{
    return prq_package_cmp(x, y);
}

static int gap_order(const void *x, const void *y)
{
    return prq_gap_cmp(x, y);
}

static bool finish_packages(struct squash *q)
{
    struct prq_analysis *an = q->an;
    const struct prq_distro *d = an->has_distro ? &an->distro : NULL;
    for (size_t i = 0; i < an->package_count; i++) {
        struct prq_package *p = &an->packages[i];
        qsort(p->evidence, p->evidence_count, sizeof *p->evidence, evidence_cmp);
        p->purl = prq_purl_print(p, d, q->arena);
        if (!p->purl.p)
            return false;
    }
    if (an->package_count)
        qsort(an->packages, an->package_count, sizeof *an->packages, package_order);
    return true;
}

static bool path_holds(const void *user, prq_str path, uint32_t layer)
{
    return holds(user, path, layer);
}

static bool old_store_gap(struct squash *q)
{
    struct prq_gap *g = &q->an->gaps[q->an->gap_count++]; /* live_gaps left room */
    *g = (struct prq_gap){ .kind = PRQ_S("rpm-database-old"), .path = q->rpm.old_path,
                           .layer = PRQ_GAP_NO_LAYER };
    g->reason = prq_arena_printf(q->arena, "%llu packages of an older rpm database were passed over: "
                                 "a newer one lists other versions of them",
                                 (unsigned long long)q->rpm.passed_over);
    return g->reason.p != NULL;
}

static bool run(struct squash *q, struct prq_err *err)
{
    struct prq_analysis *an = q->an;
    struct prq_note *notes = NULL;
    size_t note_count = 0;
    prq_map_init(&q->paths, q->tmp);
    if (!collect_paths(q))
        return false;
    if (!stream_indexes(q, err))
        return false;
    struct prq_java_late late;
    PRQ_ARENA work = prq_arena_new(PRQ_MIB(256));
    if (!work || !live_notes(q, &notes, &note_count) ||
        !prq_assemblies_judge(notes, note_count, is_there, q, q->tmp, &q->assemblies))
        return false;
    bool is_whole = prq_java_settle(notes, note_count, q->arena, work, &late);
    if (!is_whole)
        late = (struct prq_java_late){ 0 };
    if (!merge_packages(q, &late) || !live_gaps(q) || !join_licenses(q, notes, note_count))
        return false;
    if (!late_gap(q, &late, is_whole))
        return false;
    an->has_distro = prq_distro_settle(notes, note_count, q->arena, &an->distro);
    if (!prq_content_sets_settle(q->layers, q->n, notes, note_count, q->arena, an))
        return false;
    bool was_cut = false;
    struct prq_owners owners = { q->layers, q->n, path_holds, q, &was_cut };
    if (!finish_packages(q) || !prq_owners_settle(&owners, an, q->tmp))
        return false;
    if (q->rpm.passed_over && !old_store_gap(q))
        return false;
    if (q->assemblies.was_cut)
        an->gaps[an->gap_count++] = (struct prq_gap){
            .kind = PRQ_S("limit"), .path = PRQ_S("/"), .layer = PRQ_GAP_NO_LAYER,
            .reason = PRQ_S("files that deps.json name were not looked for: there are too many") };
    if (was_cut)
        an->gaps[an->gap_count++] = (struct prq_gap){
            .kind = PRQ_S("limit"), .path = PRQ_S("/"), .layer = PRQ_GAP_NO_LAYER,
            .reason = PRQ_S("not all file lists of packages were followed: limit owned_bytes") };
    return true;
}

/* A layer that had to be read twice says some things twice. */
static void settle_gaps(struct prq_analysis *an)
{
    size_t kept = 0;
    if (an->gap_count)
        qsort(an->gaps, an->gap_count, sizeof *an->gaps, gap_order);
    for (size_t i = 0; i < an->gap_count; i++)
        if (kept == 0 || prq_gap_cmp(&an->gaps[kept - 1], &an->gaps[i]) != 0)
            an->gaps[kept++] = an->gaps[i];
    an->gap_count = kept;
}

bool prq_squash(struct prq_ctx *ctx, const struct prq_layer_facts *layers, size_t n,
                struct prq_arena *arena, struct prq_analysis *an, struct prq_err *err)
{
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(1024));
    struct squash q = { .ctx = ctx, .layers = layers, .n = n, .tmp = tmp, .arena = arena, .an = an };
    struct prq_err why = PRQ_ERR_INIT;
    if (!tmp || !run(&q, &why)) {
        if (why.code == PRQ_E_NONE)
            prq_fail(&why, PRQ_E_LIMIT, "the facts of the image exceed the memory budget");
        if (err)
            *err = why;
        return false;
    }
    settle_gaps(an);
    return true;
}
