/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two images. Packages are sorted on both sides by what they are and then by version, and
 * the two lists are walked together. */
#include "report/difference.h"

#include <stdlib.h>

#include "base/map.h"
#include "version/version.h"

/* A package with what tells it from others, whatever its version: an OS package's name (the purl's
 * namespace changes with the distribution), else the purl up to the version. */
struct entry {
    const struct prq_package *p;
    prq_str type, name, arch, version;
};

static prq_str identity_of(const struct prq_package *p)
{
    if (prq_package_is_os(p) || p->purl.n == 0)
        return p->name;
    prq_str purl = prq_str_head(p->purl, prq_str_find(p->purl, '?'));
    purl = prq_str_head(purl, prq_str_find(purl, '#'));
    return prq_str_head(purl, prq_str_rfind(purl, '@'));
}

static int same_package(const struct entry *a, const struct entry *b)
{
    int c = prq_str_cmp(a->type, b->type);
    c = c ? c : prq_str_cmp(a->name, b->name);
    return c ? c : prq_str_cmp(a->arch, b->arch);
}

/* A scheme's order holds among valid versions only, so that those that are not come after them. */
static int by_version(const struct entry *a, const struct entry *b)
{
    const struct prq_scheme *s = prq_scheme_of_type(a->type);
    bool x = s && (s->is_total || s->is_valid(a->version));
    bool y = s && (s->is_total || s->is_valid(b->version));
    if (x != y)
        return x ? -1 : 1;
    int c = x ? s->compare(a->version, b->version) : 0;
    return c ? c : prq_str_cmp(a->version, b->version);
}

static int by_package(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int c = same_package(a, b);
    c = c ? c : by_version(a, b);
    return c ? c : (a->p > b->p) - (a->p < b->p);
}

/* One entry a version, wherever in the image it lies. */
static struct entry *entries_of(const struct prq_analysis *an, struct prq_arena *a, size_t *n)
{
    struct entry *v = prq_new_n(a, struct entry, an->package_count + 1);
    *n = 0;
    for (size_t i = 0; v && i < an->package_count; i++) {
        const struct prq_package *p = &an->packages[i];
        v[i] = (struct entry){ p, p->type, identity_of(p), p->arch, prq_package_shown_version(p, a) };
    }
    if (!v)
        return NULL;
    qsort(v, an->package_count, sizeof *v, by_package);
    for (size_t i = 0; i < an->package_count; i++)
        if (*n == 0 || same_package(&v[*n - 1], &v[i]) || !prq_str_eq(v[*n - 1].version, v[i].version))
            v[(*n)++] = v[i];
    return v;
}

struct packing {
    struct prq_difference *d;
    struct prq_arena *a;
    size_t cap;
};

static bool add_change(struct packing *k, const struct entry *from, const struct entry *to)
{
    struct prq_difference *d = k->d;
    struct prq_package_change c = { from ? from->p : NULL, to ? to->p : NULL, PRQ_CHANGED };
    if (!prq_arena_grow(k->a, &d->packages, sizeof c, &k->cap, d->package_count + 1))
        return false;
    if (from && to) {
        const struct prq_scheme *s = prq_scheme_of_type(from->type);
        bool is_ordered = s && (s->is_total || (s->is_valid(from->version) && s->is_valid(to->version)));
        int order = is_ordered ? s->compare(from->version, to->version) : 0;
        c.direction = order < 0 ? PRQ_UPGRADED : order > 0 ? PRQ_DOWNGRADED : PRQ_CHANGED;
    }
    d->changed += from && to;
    d->removed += from && !to;
    d->added += !from && to;
    d->packages[d->package_count++] = c;
    return true;
}

/* What both sides have is taken out of both groups; of the rest the highest versions are pairs. */
static bool compare_group(struct packing *k, struct entry *a, size_t an, struct entry *b, size_t bn)
{
    size_t left = 0, right = 0, i = 0, j = 0;
    while (i < an || j < bn) {
        int c = i == an ? 1 : j == bn ? -1 : by_version(&a[i], &b[j]);
        if (c == 0) {
            k->d->unchanged++;
            i++;
            j++;
        } else if (c < 0) {
            a[left++] = a[i++];
        } else {
            b[right++] = b[j++];
        }
    }
    size_t pairs = left < right ? left : right;
    for (size_t x = 0; x < left - pairs; x++)
        if (!add_change(k, &a[x], NULL))
            return false;
    for (size_t x = 0; x < right - pairs; x++)
        if (!add_change(k, NULL, &b[x]))
            return false;
    for (size_t x = 0; x < pairs; x++)
        if (!add_change(k, &a[left - pairs + x], &b[right - pairs + x]))
            return false;
    return true;
}

static size_t group_end(const struct entry *v, size_t n, size_t from)
{
    size_t end = from;
    while (end < n && same_package(&v[from], &v[end]) == 0)
        end++;
    return end;
}

static bool compare_packages(struct prq_difference *d, struct prq_arena *arena)
{
    struct packing k = { .d = d, .a = arena };
    size_t an, bn, i = 0, j = 0;
    struct entry *a = entries_of(d->a->analysis, arena, &an);
    struct entry *b = entries_of(d->b->analysis, arena, &bn);
    if (!a || !b)
        return false;
    while (i < an || j < bn) {
        int c = i == an ? 1 : j == bn ? -1 : same_package(&a[i], &b[j]);
        size_t i_end = c <= 0 ? group_end(a, an, i) : i;
        size_t j_end = c >= 0 ? group_end(b, bn, j) : j;
        if (!compare_group(&k, a + i, i_end - i, b + j, j_end - j))
            return false;
        i = i_end;
        j = j_end;
    }
    return true;
}

/* ---- findings: of one vulnerability in one package, whatever its version */

static prq_str finding_key(const struct prq_report *r, const struct prq_finding *f, prq_str id,
                           struct prq_arena *a)
{
    const struct prq_package *p = &r->analysis->packages[f->package];
    return prq_arena_printf(a, "%.*s %.*s %.*s", PRQ_FMT(id), PRQ_FMT(p->type),
                            PRQ_FMT(identity_of(p)));
}

static bool learn(const struct prq_report *r, struct prq_map *known, struct prq_arena *a)
{
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct prq_finding *f = &r->findings[i];
        for (size_t k = 0; k <= f->aliases.n; k++) {
            prq_str key = finding_key(r, f, k ? f->aliases.v[k - 1] : f->id, a);
            if (!key.p || !prq_map_put(known, key, i, NULL))
                return false;
        }
    }
    return true;
}

static bool is_known(const struct prq_report *r, const struct prq_finding *f,
                     const struct prq_map *known, struct prq_arena *a)
{
    for (size_t k = 0; k <= f->aliases.n; k++) {
        prq_str key = finding_key(r, f, k ? f->aliases.v[k - 1] : f->id, a);
        if (key.p && prq_map_find(known, key))
            return true;
    }
    return false;
}

/* The findings of `r` that `other` has not. */
static bool only_here(const struct prq_report *r, const struct prq_report *other, struct prq_arena *a,
                      size_t **out, size_t *n)
{
    struct prq_map known;
    prq_map_init(&known, a);
    *out = prq_new_n(a, size_t, r->finding_count + 1);
    if (!*out || !learn(other, &known, a))
        return false;
    for (size_t i = 0; i < r->finding_count; i++)
        if (!is_known(r, &r->findings[i], &known, a))
            (*out)[(*n)++] = i;
    return true;
}

static bool compare_findings(struct prq_difference *d, struct prq_arena *a)
{
    if (!d->is_judged)
        return true;
    if (!only_here(d->b, d->a, a, &d->introduced, &d->introduced_count) ||
        !only_here(d->a, d->b, a, &d->fixed, &d->fixed_count))
        return false;
    d->remaining = d->b->finding_count - d->introduced_count;
    return true;
}

/* ---- configuration and layers */

static bool compare_settings(struct prq_difference *d, struct prq_arena *arena, struct prq_err *err)
{
    struct prq_setting *a, *b;
    size_t an, bn, i = 0, j = 0;
    if (!d->has_config)
        return true;
    if (!prq_settings_of(d->a->analysis, arena, &a, &an, err) ||
        !prq_settings_of(d->b->analysis, arena, &b, &bn, err))
        return false;
    d->settings = prq_new_n(arena, struct prq_setting_change, an + bn + 1);
    if (!d->settings)
        return prq_fail(err, PRQ_E_LIMIT, "the image config is too large");
    while (i < an || j < bn) {
        int c = i == an ? 1 : j == bn ? -1 : prq_setting_cmp(&a[i], &b[j]);
        const struct prq_setting *x = c <= 0 ? &a[i++] : NULL, *y = c >= 0 ? &b[j++] : NULL;
        if (x && y && prq_str_eq(x->value, y->value))
            continue;
        d->settings[d->setting_count++] =
            (struct prq_setting_change){ x ? x->field : y->field, x ? x->key : y->key,
                                         x ? &x->value : NULL, y ? &y->value : NULL };
    }
    return true;
}

static prq_str layer_name(const struct prq_layer *l)
{
    return l->diff_id.n ? l->diff_id : l->digest;
}

static void compare_layers(struct prq_difference *d)
{
    const struct prq_analysis *a = d->a->analysis, *b = d->b->analysis;
    size_t n = 0;
    while (n < a->layer_count && n < b->layer_count && layer_name(&a->layers[n]).n &&
           prq_str_eq(layer_name(&a->layers[n]), layer_name(&b->layers[n])))
        n++;
    d->shared_layers = n;
}

/* ---- what a reader must know */

static void note(struct prq_difference *d, prq_str text)
{
    if (d->note_count < PRQ_COUNT(d->notes))
        d->notes[d->note_count++] = text;
}

static bool same_data(const struct prq_report *a, const struct prq_report *b)
{
    for (size_t i = 0; i < a->family_count; i++)
        for (size_t k = 0; k < b->family_count; k++)
            if (prq_str_eq(a->families[i].name, b->families[k].name) &&
                !prq_str_eq(a->families[i].digest, b->families[k].digest))
                return false;
    return true;
}

static void add_notes(struct prq_difference *d)
{
    if (!d->is_judged)
        note(d, PRQ_S("findings were not compared: there is no advisory database"));
    else if (!same_data(d->a, d->b))
        note(d, PRQ_S("the two were judged by different advisory data: some findings differ for that"));
    if (!d->has_config)
        note(d, PRQ_S("configurations were not compared: a source without one is among the two"));
    if (d->a->gap_count != d->b->gap_count)
        note(d, PRQ_S("the two have different gaps: what was not read cannot be compared"));
}

bool prq_difference_make(const struct prq_report *a, const struct prq_report *b, bool is_judged,
                         struct prq_arena *arena, struct prq_difference *out, struct prq_err *err)
{
    *out = (struct prq_difference){ .a = a, .b = b, .is_judged = is_judged };
    out->has_config = a->analysis->config.n && b->analysis->config.n;
    if (!compare_packages(out, arena) || !compare_findings(out, arena))
        return prq_fail(err, PRQ_E_LIMIT, "no room for the differences");
    if (!compare_settings(out, arena, err))
        return false;
    compare_layers(out);
    add_notes(out);
    return true;
}
