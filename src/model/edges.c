/* SPDX-License-Identifier: Apache-2.0 */
/* Names lead to packages through a table of chains:
 *
 *     "deb libc6"  →  entry 17  →  entry 4  →  …     an entry is a package that has, or provides,
 *     "npm ms"     →  entry 80                        the name
 *
 * Several packages of one name: of an OS those of the same architecture are meant; of a language
 * the nearest in the tree of node_modules, else those that lie beside the one that asks (the same
 * lock file, the same site-packages). */
#include "model/edges.h"

#include <stdlib.h>

#include "base/map.h"

enum {
    CHAIN_MAX = 64,     /* packages of one name that are looked at */
    EDGES_MAX = 4 << 20,
};

struct entry {
    uint32_t package;
    uint32_t next; /* 1 + index; 0 ends the chain */
};

struct finder {
    const struct prq_analysis *an;
    struct prq_arena *a;
    struct prq_map names;
    struct entry *entries;
    size_t count, cap;
    size_t edges;
    bool was_cut;
};

/* PyPI names are one whatever their case and marks (PEP 503). */
static void fold_pypi(char *p, size_t *n)
{
    size_t used = 0;
    for (size_t i = 0; i < *n; i++) {
        bool is_mark = p[i] == '_' || p[i] == '.' || p[i] == '-';
        if (is_mark && used && p[used - 1] == '-')
            continue;
        p[used++] = is_mark ? '-' : prq_to_lower(p[i]);
    }
    *n = used;
}

/* "type name" */
static prq_str key_of(struct finder *f, prq_str type, prq_str name)
{
    size_t n;
    char *p = prq_add(type.n + 1, name.n, &n) ? prq_arena_alloc(f->a, n) : NULL;
    if (!p)
        return (prq_str){ 0 };
    if (type.n)
        memcpy(p, type.p, type.n);
    p[type.n] = ' ';
    if (name.n)
        memcpy(p + type.n + 1, name.p, name.n);
    if (prq_str_eq(type, PRQ_S("pypi"))) {
        size_t rest = name.n;
        fold_pypi(p + type.n + 1, &rest);
        n = type.n + 1 + rest;
    }
    return (prq_str){ p, n };
}

static bool add_name(struct finder *f, size_t package, prq_str name)
{
    bool added;
    prq_str key = key_of(f, f->an->packages[package].type, name);
    if (!key.p || !prq_arena_grow(f->a, &f->entries, sizeof *f->entries, &f->cap, f->count + 1))
        return false;
    size_t *head = prq_map_put(&f->names, key, f->count, &added);
    if (!head)
        return false;
    f->entries[f->count] = (struct entry){ .package = (uint32_t)package };
    if (!added) {
        f->entries[f->count].next = (uint32_t)*head + 1;
        *head = f->count;
    }
    f->count++;
    return true;
}

static bool collect(struct finder *f)
{
    for (size_t i = 0; i < f->an->package_count; i++) {
        const struct prq_package *p = &f->an->packages[i];
        if (!add_name(f, i, p->name))
            return false;
        for (size_t k = 0; k < p->provides.n; k++)
            if (!prq_str_eq(p->provides.v[k], p->name) && !add_name(f, i, p->provides.v[k]))
                return false;
    }
    return f->count <= UINT32_MAX;
}

/* Packages of that name; *n of them, at most CHAIN_MAX. */
static void chain_of(struct finder *f, prq_str type, prq_str name, uint32_t *out, size_t *n)
{
    struct prq_mark mark = prq_arena_mark(f->a);
    prq_str key = key_of(f, type, name);
    const size_t *head = key.p ? prq_map_find(&f->names, key) : NULL;
    prq_arena_rewind(f->a, mark);
    *n = 0;
    for (size_t at = head ? *head + 1 : 0; at; at = f->entries[at - 1].next) {
        if (*n == CHAIN_MAX) {
            f->was_cut = true;
            return;
        }
        out[(*n)++] = f->entries[at - 1].package;
    }
}

/* ---- which of several */

static void keep(const struct finder *f, uint32_t *v, size_t *n, const struct prq_package *of,
                 bool (*suits)(const struct prq_package *of, const struct prq_package *p))
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        kept += suits(of, &f->an->packages[v[i]]);
    if (kept == 0)
        return; /* none does: then all */
    kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (suits(of, &f->an->packages[v[i]]))
            v[kept++] = v[i];
    *n = kept;
}

static bool has_arch(const struct prq_package *of, const struct prq_package *p)
{
    return prq_str_eq(of->arch, p->arch) || prq_str_eq(p->arch, PRQ_S("all")) ||
           prq_str_eq(p->arch, PRQ_S("noarch"));
}

/* Where an ecosystem's packages lie side by side: above "x-1.0.dist-info/METADATA"; a lock file. */
static prq_str site_of(const struct prq_package *p)
{
    if (p->evidence_count == 0)
        return (prq_str){ 0 };
    prq_str dir = prq_path_dir(p->evidence[0].path);
    return p->flags & PRQ_PKG_DECLARED ? p->evidence[0].path : prq_path_dir(dir);
}

static bool is_beside(const struct prq_package *of, const struct prq_package *p)
{
    return prq_str_eq(site_of(of), site_of(p));
}

/* The node_modules directory that a package lies in: its path up to and with the last of them. */
static prq_str modules_of(prq_str path)
{
    static const prq_str word = PRQ_SI("node_modules/");
    for (size_t n = path.n; n >= word.n; n--)
        if (prq_str_ends(prq_str_head(path, n), word) &&
            (n == word.n || path.p[n - word.n - 1] == '/'))
            return prq_str_head(path, n);
    return (prq_str){ 0 };
}

/* The longest directory among v's from which node would load for `of`: its own node_modules, then
 * those of the directories above (nodejs.org, "Loading from node_modules folders"). */
static void keep_nearest(const struct finder *f, uint32_t *v, size_t *n,
                         const struct prq_package *of)
{
    size_t best = 0, nearest = 0;
    bool found = false;
    prq_str from = of->evidence_count ? prq_path_dir(of->evidence[0].path) : (prq_str){ 0 };
    for (size_t i = 0; i < *n; i++) {
        const struct prq_package *p = &f->an->packages[v[i]];
        for (size_t k = 0; k < p->evidence_count && k < CHAIN_MAX; k++) {
            prq_str dir = modules_of(p->evidence[k].path);
            prq_str above = dir.n ? prq_str_head(dir, dir.n - strlen("node_modules/")) : dir;
            bool is_above = dir.n && (prq_str_starts(from, above) ||
                                      (prq_str_eq(prq_str_head(above, above.n - 1), from)));
            if (is_above && (!found || above.n > nearest)) {
                found = true;
                nearest = above.n;
                best = i;
            }
        }
    }
    if (found) {
        v[0] = v[best];
        *n = 1;
    }
}

static void choose(const struct finder *f, uint32_t *v, size_t *n, const struct prq_package *of)
{
    if (*n < 2)
        return;
    if (prq_package_is_os(of))
        keep(f, v, n, of, has_arch);
    else if (prq_str_eq(of->type, PRQ_S("npm")) && !(of->flags & PRQ_PKG_DECLARED))
        keep_nearest(f, v, n, of);
    else
        keep(f, v, n, of, is_beside);
}

/* "name", or "name@version" where a lock file tells which. */
static void look_up(struct finder *f, const struct prq_package *of, prq_str wanted, uint32_t *out,
                    size_t *n)
{
    prq_str name, version;
    chain_of(f, of->type, wanted, out, n);
    if (*n == 0 && prq_str_rcut(wanted, '@', &name, &version) && name.n) {
        size_t kept = 0;
        chain_of(f, of->type, name, out, n);
        for (size_t i = 0; i < *n; i++)
            if (prq_str_eq(f->an->packages[out[i]].version, version))
                out[kept++] = out[i];
        *n = kept;
    }
    choose(f, out, n, of);
}

static int by_index(const void *x, const void *y)
{
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static bool find_of(struct finder *f, size_t i, struct prq_edge_list *out)
{
    const struct prq_package *p = &f->an->packages[i];
    uint32_t found[CHAIN_MAX];
    size_t cap = 0, n, kept = 0;
    for (size_t k = 0; k < p->depends.n; k++) {
        look_up(f, p, p->depends.v[k], found, &n);
        if (n > EDGES_MAX - f->edges) {
            f->was_cut = true;
            break;
        }
        f->edges += n;
        if (!prq_arena_grow(f->a, &out->v, sizeof *out->v, &cap, out->n + n))
            return false;
        for (size_t m = 0; m < n; m++)
            if (found[m] != i)
                out->v[out->n++] = found[m];
    }
    if (out->n)
        qsort(out->v, out->n, sizeof *out->v, by_index);
    for (size_t k = 0; k < out->n; k++)
        if (kept == 0 || out->v[kept - 1] != out->v[k])
            out->v[kept++] = out->v[k];
    out->n = kept;
    return true;
}

bool prq_edges_find(const struct prq_analysis *an, struct prq_arena *a, struct prq_edges *out)
{
    struct finder f = { .an = an, .a = a };
    prq_map_init(&f.names, a);
    out->of = prq_new_n(a, struct prq_edge_list, an->package_count + 1);
    if (!out->of || an->package_count > UINT32_MAX || !collect(&f))
        return false;
    for (size_t i = 0; i < an->package_count; i++)
        if (!find_of(&f, i, &out->of[i]))
            return false;
    out->was_cut = f.was_cut;
    return true;
}

/* ---- roots */

struct reach {
    const struct prq_edges *e;
    bool *seen;
    uint32_t *stack;
};

static void reach_from(struct reach *r, uint32_t start)
{
    size_t depth = 0;
    r->seen[start] = true;
    r->stack[depth++] = start;
    while (depth) { /* each package is pushed once */
        const struct prq_edge_list *list = &r->e->of[r->stack[--depth]];
        for (size_t k = 0; k < list->n; k++)
            if (!r->seen[list->v[k]]) {
                r->seen[list->v[k]] = true;
                r->stack[depth++] = list->v[k];
            }
    }
}

uint32_t *prq_edges_roots(const struct prq_edges *e, size_t package_count, struct prq_arena *a,
                          size_t *n)
{
    struct reach r = { .e = e, .seen = prq_new_n(a, bool, package_count + 1),
                       .stack = prq_new_n(a, uint32_t, package_count + 1) };
    uint32_t *roots = prq_new_n(a, uint32_t, package_count + 1);
    bool *is_needed = prq_new_n(a, bool, package_count + 1);
    *n = 0;
    if (!r.seen || !r.stack || !roots || !is_needed)
        return NULL;
    for (size_t i = 0; i < package_count; i++)
        for (size_t k = 0; k < e->of[i].n; k++)
            is_needed[e->of[i].v[k]] = true;
    for (uint32_t i = 0; i < package_count; i++)
        if (!is_needed[i]) {
            roots[(*n)++] = i;
            reach_from(&r, i);
        }
    size_t plain = *n;
    for (uint32_t i = 0; i < package_count; i++)
        if (!r.seen[i]) {
            roots[(*n)++] = i;
            reach_from(&r, i);
        }
    if (*n > plain)
        qsort(roots, *n, sizeof *roots, by_index);
    return roots;
}
