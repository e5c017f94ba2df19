/* SPDX-License-Identifier: Apache-2.0 */
/* Dependencies that a pom.xml leaves to its parents: all pom.xml files of a tree together. An
 * analyzer sees one file, so each tells what others may need of it as a note ("maven-pom", written
 * and read here), and what it could not complete itself. Source: maven.apache.org, "Introduction to
 * the POM" (inheritance, aggregation) and "Introduction to the Dependency Mechanism" (importing
 * dependencies). */
#include "analyze/analyze.h"
#include "analyze/java.h"

enum { PARENTS_MAX = 32, IMPORTS_MAX = 64, OPEN_MAX = 100000 };

#define KIND PRQ_S("maven-pom")

/* ---- writing */

struct writer {
    struct prq_arena *a;
    struct prq_pair *pairs;
    size_t n, cap;
    bool bad;
};

static void put(struct writer *w, prq_str key, prq_str value)
{
    if (w->bad || !prq_arena_grow(w->a, &w->pairs, sizeof *w->pairs, &w->cap, w->n + 1)) {
        w->bad = true;
        return;
    }
    w->pairs[w->n++] = (struct prq_pair){ key, value };
}

/* Fields are parted by line feeds: one with a line feed inside is nonsense, and cut there. */
static prq_str line_of(prq_str s)
{
    return prq_str_head(s, prq_str_find(s, '\n'));
}

static void put_dep(struct writer *w, prq_str key, const struct prq_pom_dep *d)
{
    prq_str group = line_of(d->group), artifact = line_of(d->artifact), scope = line_of(d->scope);
    prq_str version = line_of(d->version), type = line_of(d->type);
    prq_str classifier = line_of(d->classifier);
    prq_str v = prq_arena_printf(w->a, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s", PRQ_FMT(group),
                                 PRQ_FMT(artifact), PRQ_FMT(version), PRQ_FMT(scope), PRQ_FMT(type),
                                 PRQ_FMT(classifier));
    w->bad |= !v.p;
    put(w, key, v);
}

bool prq_pom_note(const struct prq_pom *pom, const struct prq_pom_dep *open, size_t open_n,
                  struct prq_arena *a, struct prq_sink *sink, struct prq_err *err)
{
    struct writer w = { .a = a };
    put(&w, PRQ_S("group"), pom->group);
    put(&w, PRQ_S("artifact"), pom->artifact);
    put(&w, PRQ_S("version"), pom->version);
    if (pom->has_parent) {
        put(&w, PRQ_S("parent-group"), pom->parent_group);
        put(&w, PRQ_S("parent-artifact"), pom->parent_artifact);
        put(&w, PRQ_S("parent-version"), pom->parent_version);
    }
    if (pom->has_parent_path)
        put(&w, PRQ_S("parent-path"), pom->parent_path);
    for (size_t i = 0; i < pom->prop_n; i++) {
        prq_str v = prq_arena_printf(a, "%.*s\n%.*s", PRQ_FMT(pom->props[i].key),
                                     PRQ_FMT(pom->props[i].value));
        w.bad |= !v.p;
        put(&w, PRQ_S("property"), v);
    }
    for (size_t i = 0; i < pom->managed_n; i++)
        put_dep(&w, PRQ_S("managed"), &pom->managed[i]);
    for (size_t i = 0; i < open_n; i++)
        put_dep(&w, PRQ_S("open"), &open[i]);
    if (w.bad)
        return prq_fail(err, PRQ_E_LIMIT,
                        "the file exceeds the memory budget: limit scratch_bytes");
    return prq_sink_note(sink, KIND, w.pairs, w.n) || prq_sink_full(err);
}

/* ---- reading */

struct entry {
    const struct prq_note *note;
    struct prq_pom pom; /* its dependencies are the open ones */
};

struct tree {
    struct prq_arena *tmp;
    struct entry *v;
    size_t n;
    struct prq_map by_path, by_name; /* by_name: "group:artifact" as written → the first */
};

static struct prq_pom_dep read_dep(prq_str text)
{
    struct prq_pom_dep d = { 0 };
    prq_str *fields[] = { &d.group, &d.artifact, &d.version, &d.scope, &d.type, &d.classifier };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (!prq_str_split(&text, '\n', fields[i]))
            break;
    return d;
}

static void count_pairs(const struct prq_note *note, size_t *props, size_t *managed, size_t *open)
{
    *props = *managed = *open = 0;
    for (size_t i = 0; i < note->n; i++) {
        *props += prq_str_eq(note->pairs[i].key, PRQ_S("property"));
        *managed += prq_str_eq(note->pairs[i].key, PRQ_S("managed"));
        *open += prq_str_eq(note->pairs[i].key, PRQ_S("open"));
    }
}

static bool read_pair(struct prq_pom *p, const struct prq_pair *pair)
{
    const struct {
        prq_str key;
        prq_str *to;
    } fields[] = {
        { PRQ_S("group"), &p->group },
        { PRQ_S("artifact"), &p->artifact },
        { PRQ_S("version"), &p->version },
        { PRQ_S("parent-group"), &p->parent_group },
        { PRQ_S("parent-artifact"), &p->parent_artifact },
        { PRQ_S("parent-version"), &p->parent_version },
        { PRQ_S("parent-path"), &p->parent_path },
    };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(pair->key, fields[i].key))
            *fields[i].to = pair->value;
    p->has_parent |= prq_str_eq(pair->key, PRQ_S("parent-artifact"));
    p->has_parent_path |= prq_str_eq(pair->key, PRQ_S("parent-path"));
    if (prq_str_eq(pair->key, PRQ_S("managed")))
        p->managed[p->managed_n++] = read_dep(pair->value);
    if (prq_str_eq(pair->key, PRQ_S("open")))
        p->deps[p->dep_n++] = read_dep(pair->value);
    prq_str name, value;
    if (!prq_str_eq(pair->key, PRQ_S("property")) || !prq_str_cut(pair->value, '\n', &name, &value))
        return true;
    p->props[p->prop_n] = (struct prq_pair){ name, value };
    size_t *at = prq_map_put(&p->by_prop, name, 0, NULL);
    if (at)
        *at = p->prop_n++;
    return at != NULL;
}

static bool read_note(struct tree *t, const struct prq_note *note, struct entry *e)
{
    size_t props, managed, open;
    count_pairs(note, &props, &managed, &open);
    *e = (struct entry){ .note = note };
    e->pom.props = prq_new_n(t->tmp, struct prq_pair, props + 1);
    e->pom.managed = prq_new_n(t->tmp, struct prq_pom_dep, managed + 1);
    e->pom.deps = prq_new_n(t->tmp, struct prq_pom_dep, open + 1);
    prq_map_init(&e->pom.by_prop, t->tmp);
    if (!e->pom.props || !e->pom.managed || !e->pom.deps)
        return false;
    for (size_t i = 0; i < note->n; i++)
        if (!read_pair(&e->pom, &note->pairs[i]))
            return false;
    return true;
}

static prq_str name_of(struct tree *t, prq_str group, prq_str artifact)
{
    return prq_arena_printf(t->tmp, "%.*s:%.*s", PRQ_FMT(group), PRQ_FMT(artifact));
}

static bool read_tree(struct tree *t, const struct prq_note *notes, size_t n)
{
    t->v = prq_new_n(t->tmp, struct entry, n + 1);
    prq_map_init(&t->by_path, t->tmp);
    prq_map_init(&t->by_name, t->tmp);
    for (size_t i = 0; t->v && i < n; i++) {
        struct entry *e = &t->v[t->n];
        if (!prq_str_eq(notes[i].kind, KIND))
            continue;
        if (!read_note(t, &notes[i], e))
            return false;
        prq_str group = e->pom.group.n ? e->pom.group : e->pom.parent_group;
        prq_str name = name_of(t, group, e->pom.artifact);
        if (!name.p || !prq_map_put(&t->by_path, notes[i].path, t->n, NULL) ||
            !prq_map_put(&t->by_name, name, t->n, NULL))
            return false;
        t->n++;
    }
    return t->v != NULL;
}

/* ---- parents */

/* dir and a relative path as one normalised path of a pom.xml; p == NULL: memory ran out. */
static prq_str join(struct tree *t, prq_str dir, prq_str relative)
{
    char *out = prq_arena_alloc(t->tmp, dir.n + relative.n + sizeof "//pom.xml");
    prq_str parts[] = { dir, relative, PRQ_S("pom.xml") };
    size_t count = prq_str_ends(relative, PRQ_S(".xml")) ? 2 : 3, n = 0;
    for (size_t i = 0; out && i < count; i++) {
        prq_str one;
        while (prq_str_split(&parts[i], '/', &one)) {
            if (prq_str_eq(one, PRQ_S(".."))) {
                while (n && out[n - 1] != '/')
                    n--;
                n -= n ? 1 : 0;
            } else if (one.n && !prq_str_eq(one, PRQ_S("."))) {
                if (n)
                    out[n++] = '/';
                memcpy(out + n, one.p, one.n);
                n += one.n;
            }
        }
    }
    return (prq_str){ out, n };
}

/* Two coordinates agree unless both are literal and differ. */
static bool agree(prq_str x, prq_str y)
{
    return x.n == 0 || y.n == 0 || prq_str_eq(x, y) || prq_str_has(x, PRQ_S("${")) ||
           prq_str_has(y, PRQ_S("${"));
}

static bool is_parent(const struct prq_pom *child, const struct prq_pom *p)
{
    prq_str group = p->group.n ? p->group : p->parent_group;
    prq_str version = p->version.n ? p->version : p->parent_version;
    return agree(child->parent_artifact, p->artifact) && agree(child->parent_group, group) &&
           agree(child->parent_version, version);
}

static bool find_parent(struct tree *t, struct entry *e)
{
    struct prq_pom *child = &e->pom;
    if (!child->has_parent)
        return true;
    prq_str relative = child->has_parent_path ? child->parent_path : PRQ_S("../pom.xml");
    prq_str path = join(t, prq_path_dir(e->note->path), relative);
    prq_str name = name_of(t, child->parent_group, child->parent_artifact);
    if (!path.p || !name.p)
        return false;
    const size_t *at = relative.n ? prq_map_find(&t->by_path, path) : NULL;
    if (!at || !is_parent(child, &t->v[*at].pom))
        at = prq_map_find(&t->by_name, name);
    if (at && &t->v[*at] != e && is_parent(child, &t->v[*at].pom))
        child->parent = &t->v[*at].pom;
    return true;
}

/* A chain that does not end is a ring, or longer than anybody's. */
static void cut_rings(struct tree *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct prq_pom *p = &t->v[i].pom;
        for (int hops = 0; p && hops <= PARENTS_MAX; hops++)
            p = p->parent;
        if (p)
            t->v[i].pom.parent = NULL;
    }
}

/* ---- what was left open */

/* The version that an imported list of versions gives. */
static bool import_version(struct tree *t, const struct prq_pom *pom, struct prq_pom_dep *d)
{
    unsigned seen = 0;
    for (const struct prq_pom *p = pom; p; p = p->parent)
        for (size_t i = 0; i < p->managed_n && d->version.n == 0; i++) {
            const struct prq_pom_dep *m = &p->managed[i];
            if (!prq_str_eq(m->scope, PRQ_S("import")) || ++seen > IMPORTS_MAX)
                continue;
            prq_str name = name_of(t, prq_pom_resolve(pom, m->group, t->tmp),
                                   prq_pom_resolve(pom, m->artifact, t->tmp));
            const size_t *at = name.p ? prq_map_find(&t->by_name, name) : NULL;
            struct prq_pom_dep bare = *d, out;
            bare.version = (prq_str){ 0 };
            if (!name.p || (at && !prq_pom_settle(&t->v[*at].pom, &bare, t->tmp, &out)))
                return false;
            if (at)
                d->version = out.version;
        }
    return true;
}

static bool settle_one(struct tree *t, const struct entry *e, const struct prq_pom_dep *open,
                       struct prq_arena *a, struct prq_java_late *out)
{
    struct prq_pom_dep d;
    struct prq_package p;
    struct prq_mark mark = prq_arena_mark(t->tmp);
    if (!prq_pom_settle(&e->pom, open, t->tmp, &d))
        return false;
    if (d.group.n == 0 || d.artifact.n == 0) {
        out->unnamed++;
        prq_arena_rewind(t->tmp, mark);
        return true;
    }
    if (d.version.n == 0 && open->version.n == 0 && !import_version(t, &e->pom, &d))
        return false;
    struct prq_evidence at = { e->note->path, e->note->layer };
    if (!prq_pom_declare(&d, t->tmp, &p))
        return false;
    p.found_by = PRQ_S("javalock");
    p.evidence = &at;
    p.evidence_count = 1;
    bool is_good = prq_package_copy(&out->packages[out->n++], &p, a);
    prq_arena_rewind(t->tmp, mark);
    return is_good;
}

bool prq_java_settle(const struct prq_note *notes, size_t n, struct prq_arena *a,
                     struct prq_arena *tmp, struct prq_java_late *out)
{
    struct tree t = { .tmp = tmp };
    size_t open = 0;
    *out = (struct prq_java_late){ 0 };
    if (!read_tree(&t, notes, n))
        return false;
    for (size_t i = 0; i < t.n; i++) {
        open += t.v[i].pom.dep_n;
        if (!find_parent(&t, &t.v[i]))
            return false;
    }
    if (open > OPEN_MAX)
        return false;
    cut_rings(&t);
    for (size_t i = 0; i < t.n; i++)
        if (!prq_pom_index(&t.v[i].pom, tmp))
            return false;
    out->packages = prq_new_n(a, struct prq_package, open + 1);
    for (size_t i = 0; out->packages && i < t.n; i++)
        for (size_t k = 0; k < t.v[i].pom.dep_n; k++)
            if (!settle_one(&t, &t.v[i], &t.v[i].pom.deps[k], a, out))
                return false;
    return out->packages != NULL;
}
