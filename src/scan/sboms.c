/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that an SBOM lists, as an analysis. Our own SBOMs give back what the image gave (packages,
 * layers, distribution, gaps); others what they say, and a gap for what of them could not be used.
 * Source: catalog.md 9, 11. */
#include <stdlib.h>

#include "base/map.h"
#include "format/sbom.h"
#include "model/sbomimage.h"
#include "scan/analyse.h"
#include "store/document.h"

/* A package with the references that it is known by until the list is sorted. */
struct listed {
    struct prq_package p;
    prq_str ref, owner;
    size_t place;
};

struct work {
    struct prq_ctx *ctx;
    struct prq_arena *a;   /* the analysis' */
    struct prq_arena *tmp;
    struct prq_analysis *an;
    const struct prq_sbom *s;
    bool is_ours;
    struct listed *v;
    size_t n;
    struct prq_map refs;   /* to v, after sorting */
    struct prq_map layers; /* digest to index */
    size_t layer_cap, gap_cap;
    size_t bad_purls, doubles;
};

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "the SBOM exceeds the memory budget");
}

/* ---- the image */

static bool has_key(const struct prq_pair *pairs, size_t n, prq_str key)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(pairs[i].key, key))
            return true;
    return false;
}

static bool read_pairs(struct work *w, const struct prq_pair *pairs, size_t n,
                       struct prq_image_state *state)
{
    for (size_t i = 0; i < n; i++)
        if (!prq_fields_to_image(w->an, pairs[i].key, pairs[i].value, w->ctx->limits, w->a, state))
            return false;
    return true;
}

static bool is_digest(prq_str s)
{
    static const prq_str sha256 = PRQ_SI("sha256:");
    return prq_str_starts(s, sha256) && s.n == sha256.n + 64;
}

/* The index of a layer by its digest; one that was not named before is the next. */
static bool layer_of(struct work *w, prq_str digest, uint32_t *out)
{
    bool added;
    struct prq_analysis *an = w->an;
    size_t *at = prq_map_put(&w->layers, digest, an->layer_count, &added);
    if (!at)
        return false;
    if (added) {
        if (an->layer_count >= w->ctx->limits->layers) {
            *out = 0;
            return true; /* no image has so many: the place in it is not known */
        }
        if (!prq_arena_grow(w->a, &an->layers, sizeof *an->layers, &w->layer_cap,
                            an->layer_count + 1))
            return false;
        an->layers[an->layer_count++] = (struct prq_layer){ .diff_id = digest };
    }
    *out = (uint32_t)*at < an->layer_count ? (uint32_t)*at : 0;
    return true;
}

static bool describe(struct work *w)
{
    const struct prq_sbom *s = w->s;
    struct prq_analysis *an = w->an;
    struct prq_image_state state = { 0 };
    uint32_t layer;
    an->bom_serial = s->serial;
    an->name = s->has_root && s->root.name.n ? s->root.name : s->name;
    w->is_ours = has_key(s->root.pairs, s->root.pair_count, PRQ_S("pratique:image:kind"));
    if (w->is_ours) {
        bool ok = read_pairs(w, s->root.pairs, s->root.pair_count, &state) &&
                  read_pairs(w, s->pairs, s->pair_count, &state);
        w->gap_cap = state.gap_cap;
        return ok;
    }
    an->kind = PRQ_SOURCE_LIST;
    if (is_digest(s->root.version))
        an->digest = s->root.version;
    for (size_t i = 0; i < s->layers.n; i++)
        if (!layer_of(w, s->layers.v[i], &layer))
            return false;
    return true;
}

/* ---- packages */

/* "syft:location:3:layerID": 3 */
static bool location_number(prq_str key, uint64_t *n)
{
    static const prq_str prefix = PRQ_SI("syft:location:");
    prq_str number, rest;
    return prq_str_starts(key, prefix) && prq_str_ends(key, PRQ_S(":layerID")) &&
           prq_str_cut(prq_str_from_at(key, prefix.n), ':', &number, &rest) &&
           prq_str_u64(number, n);
}

/* Where other tools say in which layer something was found. */
static bool place_in_layers(struct work *w, const struct prq_listed *item, struct prq_package *p)
{
    uint32_t layer;
    uint64_t n;
    if (w->is_ours)
        return true;
    for (size_t i = 0; i < item->pair_count; i++) {
        const struct prq_pair *pair = &item->pairs[i];
        bool is_all = prq_str_eq(pair->key, PRQ_S("aquasecurity:trivy:LayerDiffID"));
        if (!is_all && !location_number(pair->key, &n))
            continue;
        if (!layer_of(w, pair->value, &layer))
            return false;
        for (size_t k = 0; k < p->evidence_count; k++)
            if (is_all || k == item->paths.n + n)
                p->evidence[k].layer = layer;
        if (is_all)
            p->layer = layer;
    }
    for (size_t k = 0; k < p->evidence_count; k++)
        if (k == 0 || p->evidence[k].layer < p->layer)
            p->layer = p->evidence[k].layer;
    return true;
}

static bool add_package(struct work *w, const struct prq_listed *item, struct prq_err *err)
{
    struct listed *l = &w->v[w->n];
    const char *why;
    *l = (struct listed){ .ref = item->ref, .place = w->n };
    if (!prq_listed_package(item, w->a, &l->p, &why, err))
        return false;
    w->bad_purls += why != NULL;
    l->owner = prq_listed_property(item, PRQ_S("pratique:owner"));
    if (!place_in_layers(w, item, &l->p))
        return no_room(err);
    w->n++;
    return true;
}

static bool add_distro(struct work *w, const struct prq_listed *item)
{
    if (w->an->has_distro) /* the first one, or our own pairs, which say more */
        return true;
    w->an->has_distro = true;
    return prq_listed_distro(item, w->a, &w->an->distro);
}

static bool add_items(struct work *w, size_t *empty, struct prq_err *err)
{
    w->v = prq_new_n(w->tmp, struct listed, w->s->n + 1);
    if (!w->v)
        return no_room(err);
    for (size_t i = 0; i < w->s->n; i++) {
        const struct prq_listed *item = &w->s->items[i];
        /* SPDX lists what it describes among the rest. */
        if (w->is_ours && item->ref.n && prq_str_eq(item->ref, w->s->root.ref))
            continue;
        switch (prq_listed_role(item)) {
        case PRQ_LISTED_PACKAGE:
            if (!add_package(w, item, err))
                return false;
            break;
        case PRQ_LISTED_DISTRO:
            if (!add_distro(w, item))
                return no_room(err);
            break;
        case PRQ_LISTED_EMPTY:
            ++*empty;
            break;
        case PRQ_LISTED_OTHER:
            break;
        }
    }
    return true;
}

/* "debian-12": the qualifier of purls names the image's distribution when nothing else does, and all
 * packages agree. */
static void guess_distro(struct work *w)
{
    prq_str all = { 0 }, id, version;
    for (size_t i = 0; i < w->n; i++) {
        prq_str one = w->v[i].p.distro;
        if (one.n && all.n && !prq_str_eq(one, all))
            return;
        if (one.n)
            all = one;
    }
    if (w->an->has_distro || all.n == 0)
        return;
    if (!prq_str_rcut(all, '-', &id, &version)) {
        id = all;
        version = (prq_str){ 0 };
    }
    w->an->has_distro = true;
    w->an->distro = (struct prq_distro){ .id = id, .version_id = version };
}

/* ---- references between packages */

static int order(const void *x, const void *y)
{
    const struct listed *a = x, *b = y;
    int c = prq_package_cmp(&a->p, &b->p);
    return c ? c : (a->place > b->place) - (a->place < b->place);
}

static bool append(struct prq_arena *a, struct prq_package *to, const struct prq_package *from)
{
    size_t n = to->evidence_count + from->evidence_count;
    if (from->evidence_count == 0)
        return true;
    struct prq_evidence *v = prq_new_n(a, struct prq_evidence, n);
    if (!v)
        return false;
    if (to->evidence_count)
        memcpy(v, to->evidence, to->evidence_count * sizeof *v);
    memcpy(v + to->evidence_count, from->evidence, from->evidence_count * sizeof *v);
    to->evidence = v;
    to->evidence_count = n;
    if (from->layer < to->layer)
        to->layer = from->layer;
    return true;
}

/* Sorts, makes one of equals (others list a package once a place; ours are what the image had), and
 * knows each reference afterwards. */
static bool settle_order(struct work *w)
{
    size_t kept = 0;
    if (w->n)
        qsort(w->v, w->n, sizeof *w->v, order);
    prq_map_init(&w->refs, w->tmp);
    for (size_t i = 0; i < w->n; i++) {
        struct listed *l = &w->v[i];
        bool is_equal = !w->is_ours && kept && prq_package_cmp(&w->v[kept - 1].p, &l->p) == 0;
        bool added = true;
        size_t at = is_equal ? kept - 1 : kept;
        if (l->ref.n && !prq_map_put(&w->refs, l->ref, at, &added))
            return false;
        w->doubles += !added;
        /* Equals that share a long list of places would be copied over and over: stop at some. */
        if (is_equal && w->v[at].p.evidence_count < 1024 && !append(w->a, &w->v[at].p, &l->p))
            return false;
        if (!is_equal)
            w->v[kept++] = *l;
    }
    w->n = kept;
    return true;
}

static void settle_owners(struct work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const size_t *at = w->v[i].owner.n ? prq_map_find(&w->refs, w->v[i].owner) : NULL;
        w->v[i].p.owner = at && *at != i ? *at + 1 : 0;
    }
    for (size_t i = 0; i < w->s->edge_count && !w->is_ours; i++) {
        const struct prq_sbom_edge *e = &w->s->edges[i];
        if (e->relation != PRQ_SBOM_OWNS)
            continue;
        const size_t *parent = prq_map_find(&w->refs, e->from), *child = prq_map_find(&w->refs, e->to);
        if (parent && child && *parent != *child && prq_package_is_os(&w->v[*parent].p) &&
            !prq_package_is_os(&w->v[*child].p))
            w->v[*child].p.owner = *parent + 1;
    }
}

static int by_from(const void *x, const void *y)
{
    const struct prq_sbom_edge *const *a = x, *const *b = y;
    int c = prq_str_cmp((*a)->from, (*b)->from);
    return c ? c : prq_str_cmp((*a)->to, (*b)->to);
}

/* What others say of dependencies, as names. */
static bool settle_depends(struct work *w)
{
    const struct prq_sbom *s = w->s;
    const struct prq_sbom_edge **edges = prq_new_n(w->tmp, const struct prq_sbom_edge *,
                                                   s->edge_count + 1);
    size_t n = 0;
    if (!edges)
        return false;
    for (size_t i = 0; i < s->edge_count && !w->is_ours; i++)
        if (s->edges[i].relation == PRQ_SBOM_DEPENDS)
            edges[n++] = &s->edges[i];
    if (n)
        qsort(edges, n, sizeof *edges, by_from);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && prq_str_eq(edges[i]->from, edges[end]->from); end++)
            ;
        const size_t *from = prq_map_find(&w->refs, edges[i]->from);
        if (!from || w->v[*from].p.depends.n)
            continue;
        struct prq_strs *list = &w->v[*from].p.depends;
        list->v = prq_new_n(w->a, prq_str, end - i);
        if (!list->v)
            return false;
        for (size_t k = i; k < end; k++) {
            const size_t *to = prq_map_find(&w->refs, edges[k]->to);
            if (to && *to != *from)
                list->v[list->n++] = w->v[*to].p.name;
        }
    }
    return true;
}

/* ---- gaps */

static bool add_gap(struct work *w, bool has_offset, uint64_t offset, prq_str reason)
{
    struct prq_analysis *an = w->an;
    if (!reason.p || !prq_arena_grow(w->a, &an->gaps, sizeof *an->gaps, &w->gap_cap,
                                     an->gap_count + 1))
        return false;
    an->gaps[an->gap_count++] = (struct prq_gap){
        .kind = PRQ_S("format"), .layer = PRQ_GAP_NO_LAYER, .reason = reason,
        .has_offset = has_offset, .offset = offset,
    };
    return true;
}

static int gap_order(const void *x, const void *y)
{
    return prq_gap_cmp(x, y);
}

static bool add_gaps(struct work *w, size_t empty)
{
    const struct prq_sbom *s = w->s;
    const struct {
        size_t count;
        const char *what;
    } counts[] = {
        { w->bad_purls, "with a package URL that does not parse: listed by name" },
        { empty, "without name and package URL: not listed" },
        { w->doubles, "with the reference of another: their relations may be the other's" },
    };
    if (s->lost && !add_gap(w, true, s->first_lost,
                            s->lost == 1 ? prq_str_from(s->lost_why)
                                         : prq_arena_printf(w->a, "%s (and %llu more)", s->lost_why,
                                                            (unsigned long long)(s->lost - 1))))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(counts); i++)
        if (counts[i].count &&
            !add_gap(w, false, 0, prq_arena_printf(w->a, "%zu entr%s %s", counts[i].count,
                                                   counts[i].count == 1 ? "y" : "ies",
                                                   counts[i].what)))
            return false;
    if (w->an->gap_count)
        qsort(w->an->gaps, w->an->gap_count, sizeof *w->an->gaps, gap_order);
    return true;
}

/* ---- all of it */

static bool print_purls(struct work *w)
{
    const struct prq_distro *d = w->an->has_distro ? &w->an->distro : NULL;
    for (size_t i = 0; i < w->n; i++) {
        struct prq_package *p = &w->v[i].p;
        if (p->purl.n == 0)
            p->purl = prq_purl_print(p, d, w->a);
        if (!p->purl.p)
            return false;
    }
    return true;
}

static bool build(struct work *w, struct prq_err *err)
{
    size_t empty = 0;
    prq_map_init(&w->layers, w->tmp);
    if (!describe(w))
        return no_room(err);
    if (!add_items(w, &empty, err))
        return false;
    guess_distro(w);
    if (!print_purls(w) || !settle_order(w) || !settle_depends(w))
        return no_room(err);
    settle_owners(w);
    w->an->packages = prq_new_n(w->a, struct prq_package, w->n + 1);
    if (!w->an->packages)
        return no_room(err);
    for (size_t i = 0; i < w->n; i++)
        w->an->packages[i] = w->v[i].p;
    w->an->package_count = w->n;
    return add_gaps(w, empty) || no_room(err);
}

bool prq_analysis_of_sbom(struct prq_ctx *ctx, prq_str text, struct prq_arena *arena,
                          struct prq_analysis *an, bool *is_complete, struct prq_err *err)
{
    *is_complete = !prq_document_is(text);
    if (!*is_complete)
        return prq_document_read(prq_bytes_of(text), ctx->limits, arena, an, err);
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(2047));
    if (!tmp)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    struct prq_sbom s;
    *an = (struct prq_analysis){ 0 };
    struct work w = { .ctx = ctx, .a = arena, .tmp = tmp, .an = an, .s = &s };
    return prq_sbom_read(text, ctx->limits, arena, &s, err) && build(&w, err);
}
