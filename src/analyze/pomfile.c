/* SPDX-License-Identifier: Apache-2.0 */
/* pom.xml. Source: maven.apache.org, "POM Reference"; "Introduction to the POM", "Project
 * Interpolation and Variables". Profiles and plugins are passed over: what they add is not the
 * project's own. */
#include "analyze/java.h"
#include "lib/xml.h"

enum { STEPS_MAX = 200, DEPTH_MAX = 16, VALUE_MAX = 512 };

#define MANAGED "project/dependencyManagement/dependencies/dependency"
#define DEPS "project/dependencies/dependency"

struct reading {
    struct prq_pom *pom;
    struct prq_arena *a;
    struct prq_pom_dep dep;
};

static bool add_str(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a)
{
    if (s.n == 0)
        return true;
    if (list->n == *cap && !prq_arena_grow(a, &list->v, sizeof *list->v, cap, list->n + 1))
        return false;
    list->v[list->n++] = s;
    return true;
}

static bool add_property(struct reading *r, prq_str name, prq_str value)
{
    struct prq_pom *p = r->pom;
    bool added;
    size_t *at = prq_map_put(&p->by_prop, name, p->prop_n, &added);
    if (!at)
        return false;
    *at = p->prop_n;
    if (p->prop_n == p->prop_cap &&
        !prq_arena_grow(r->a, &p->props, sizeof *p->props, &p->prop_cap, p->prop_n + 1))
        return false;
    p->props[p->prop_n++] = (struct prq_pair){ name, value };
    return true;
}

static bool add_dep(struct reading *r, bool is_managed)
{
    struct prq_pom *p = r->pom;
    struct prq_pom_dep **v = is_managed ? &p->managed : &p->deps;
    size_t *n = is_managed ? &p->managed_n : &p->dep_n;
    size_t *cap = is_managed ? &p->managed_cap : &p->dep_cap;
    if (*n == *cap && !prq_arena_grow(r->a, v, sizeof **v, cap, *n + 1))
        return false;
    (*v)[(*n)++] = r->dep;
    return true;
}

static void read_dep_field(struct prq_pom_dep *d, prq_str field, prq_str text)
{
    const struct {
        prq_str name;
        prq_str *to;
    } fields[] = {
        { PRQ_S("groupId"), &d->group },   { PRQ_S("artifactId"), &d->artifact },
        { PRQ_S("version"), &d->version }, { PRQ_S("scope"), &d->scope },
        { PRQ_S("type"), &d->type },       { PRQ_S("classifier"), &d->classifier },
    };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(field, fields[i].name))
            *fields[i].to = text;
    if (prq_str_eq(field, PRQ_S("optional")))
        d->is_optional = prq_str_eq(text, PRQ_S("true"));
}

static void read_project_field(struct prq_pom *p, prq_str path, prq_str text)
{
    const struct {
        prq_str path;
        prq_str *to;
    } fields[] = {
        { PRQ_S("project/groupId"), &p->group },
        { PRQ_S("project/artifactId"), &p->artifact },
        { PRQ_S("project/version"), &p->version },
        { PRQ_S("project/packaging"), &p->packaging },
        { PRQ_S("project/parent/groupId"), &p->parent_group },
        { PRQ_S("project/parent/artifactId"), &p->parent_artifact },
        { PRQ_S("project/parent/version"), &p->parent_version },
        { PRQ_S("project/parent/relativePath"), &p->parent_path },
    };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(path, fields[i].path))
            *fields[i].to = text;
    if (prq_str_eq(path, PRQ_S("project/parent")))
        p->has_parent = true;
    if (prq_str_eq(path, PRQ_S("project/parent/relativePath")))
        p->has_parent_path = true;
}

/* An element has ended. */
static bool read_element(struct reading *r, const struct prq_xml_event *e)
{
    struct prq_pom *p = r->pom;
    prq_str dir = prq_path_dir(e->path);
    if (prq_str_eq(e->path, PRQ_S(DEPS)) || prq_str_eq(e->path, PRQ_S(MANAGED)))
        return add_dep(r, prq_str_eq(e->path, PRQ_S(MANAGED)));
    if (prq_str_eq(dir, PRQ_S(DEPS)) || prq_str_eq(dir, PRQ_S(MANAGED)))
        read_dep_field(&r->dep, e->name, e->text);
    else if (prq_str_eq(dir, PRQ_S("project/properties")))
        return add_property(r, e->name, e->text);
    else if (prq_str_eq(e->path, PRQ_S("project/licenses/license/name")))
        return add_str(&p->licenses, &p->license_cap, e->text, r->a);
    else if (prq_str_eq(e->path, PRQ_S("project/modules/module")))
        return add_str(&p->modules, &p->module_cap, e->text, r->a);
    else if (e->depth <= 2)
        read_project_field(p, e->path, e->text);
    return true;
}

bool prq_pom_parse(prq_bytes data, const struct prq_limits *limits, struct prq_arena *a,
                   struct prq_pom *out, struct prq_err *err)
{
    *out = (struct prq_pom){ 0 };
    prq_map_init(&out->by_prop, a);
    struct reading r = { .pom = out, .a = a };
    struct prq_xml *x;
    struct prq_xml_event e;
    enum prq_next step;
    if (!prq_xml_open(data, limits, a, &x, err))
        return false;
    out->unexpanded = prq_xml_leftovers(x).references;
    while ((step = prq_xml_next(x, &e, err)) == PRQ_NEXT_ITEM) {
        if (e.depth == 0 && e.type == PRQ_XML_START && !prq_str_eq(e.name, PRQ_S("project")))
            return prq_fail_at(err, PRQ_E_FORMAT, e.at, "pom.xml without a project");
        if (e.type == PRQ_XML_START && prq_str_eq(e.name, PRQ_S("dependency")))
            r.dep = (struct prq_pom_dep){ 0 };
        if (e.type == PRQ_XML_END && !read_element(&r, &e))
            return prq_fail(err, PRQ_E_LIMIT, "pom.xml exceeds the memory budget");
    }
    return step == PRQ_NEXT_END;
}

/* ---- interpolation */

struct expansion {
    const struct prq_pom *pom;
    struct prq_buf out;
    unsigned steps;
};

/* The raw value of a name; false: unknown. The nearest project that has it wins. */
static bool find_value(const struct prq_pom *pom, prq_str name, prq_str *out)
{
    for (const struct prq_pom *p = pom; p; p = p->parent) {
        const size_t *at = prq_map_find(&p->by_prop, name);
        if (at) {
            *out = p->props[*at].value;
            return true;
        }
    }
    bool is_prefixed =
        prq_str_starts(name, PRQ_S("project.")) || prq_str_starts(name, PRQ_S("pom."));
    if (!is_prefixed && prq_str_find(name, '.') < name.n && !prq_str_starts(name, PRQ_S("parent.")))
        return false;
    prq_str field = name, prefix;
    if (is_prefixed)
        (void)prq_str_cut(name, '.', &prefix, &field);
    const struct {
        prq_str name, value;
    } own[] = {
        { PRQ_S("groupId"), pom->group.n ? pom->group : pom->parent_group },
        { PRQ_S("artifactId"), pom->artifact },
        { PRQ_S("version"), pom->version.n ? pom->version : pom->parent_version },
        { PRQ_S("packaging"), pom->packaging },
        { PRQ_S("parent.groupId"), pom->parent_group },
        { PRQ_S("parent.artifactId"), pom->parent_artifact },
        { PRQ_S("parent.version"), pom->parent_version },
    };
    for (size_t i = 0; i < PRQ_COUNT(own); i++)
        if (prq_str_eq(field, own[i].name)) {
            *out = own[i].value;
            return out->n > 0;
        }
    return false;
}

/* False: unknown, too long or too deep. Recursion is bounded by DEPTH_MAX, work by STEPS_MAX. */
static bool expand(struct expansion *x, prq_str raw, unsigned depth)
{
    if (depth > DEPTH_MAX || ++x->steps > STEPS_MAX)
        return false;
    while (raw.n) {
        size_t at = prq_str_search(raw, PRQ_S("${"));
        if (!prq_buf_str(&x->out, prq_str_head(raw, at)))
            return false;
        raw = prq_str_from_at(raw, at);
        if (raw.n == 0)
            return true;
        prq_str name, value;
        if (!prq_str_cut(prq_str_from_at(raw, 2), '}', &name, &raw) ||
            !find_value(x->pom, name, &value) || !expand(x, value, depth + 1))
            return false;
    }
    return true;
}

prq_str prq_pom_resolve(const struct prq_pom *pom, prq_str raw, struct prq_arena *a)
{
    if (!prq_str_has(raw, PRQ_S("${")))
        return raw;
    struct expansion x = { .pom = pom };
    prq_buf_init(&x.out, VALUE_MAX);
    prq_str out = { 0 };
    if (expand(&x, raw, 0))
        out = prq_arena_copy(a, prq_str_trim(prq_buf_view(&x.out)));
    prq_buf_release(&x.out);
    return out;
}

prq_str prq_pom_group(const struct prq_pom *pom, struct prq_arena *a)
{
    return prq_pom_resolve(pom, pom->group.n ? pom->group : pom->parent_group, a);
}

prq_str prq_pom_version(const struct prq_pom *pom, struct prq_arena *a)
{
    return prq_pom_resolve(pom, pom->version.n ? pom->version : pom->parent_version, a);
}

/* ---- dependencies */

static prq_str key_of(prq_str group, prq_str artifact, struct prq_arena *a)
{
    return prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(group), PRQ_FMT(artifact));
}

static prq_str full_key_of(prq_str key, const struct prq_pom_dep *d, struct prq_arena *a)
{
    prq_str type = d->type.n ? d->type : PRQ_S("jar");
    return prq_arena_printf(a, "%.*s:%.*s:%.*s", PRQ_FMT(key), PRQ_FMT(type),
                            PRQ_FMT(d->classifier));
}

/* The first of a name counts. */
bool prq_pom_index(struct prq_pom *pom, struct prq_arena *a)
{
    prq_map_init(&pom->by_managed, a);
    for (size_t i = 0; i < pom->managed_n; i++) {
        const struct prq_pom_dep *d = &pom->managed[i];
        prq_str key =
            key_of(prq_pom_resolve(pom, d->group, a), prq_pom_resolve(pom, d->artifact, a), a);
        prq_str full = full_key_of(key, d, a);
        if (!full.p || !key.p || !prq_map_put(&pom->by_managed, key, i, NULL) ||
            !prq_map_put(&pom->by_managed, full, i, NULL))
            return false;
    }
    return true;
}

/* What the nearest project manages under that name; NULL: nobody does. */
static const struct prq_pom_dep *find_managed(const struct prq_pom *pom, prq_str key)
{
    for (const struct prq_pom *p = pom; p; p = p->parent) {
        const size_t *at = p->managed_n ? prq_map_find(&p->by_managed, key) : NULL;
        if (at)
            return &p->managed[*at];
    }
    return NULL;
}

/* "[1.2]" is 1.2; other ranges could be anything. Source: "POM Reference", "Dependency Version
 * Requirement Specification". */
static prq_str exact(prq_str v)
{
    if (v.n > 2 && v.p[0] == '[' && v.p[v.n - 1] == ']' && prq_str_find(v, ',') == v.n)
        v = prq_str_trim((prq_str){ v.p + 1, v.n - 2 });
    bool is_range = v.n && (v.p[0] == '[' || v.p[0] == '(' || prq_str_find(v, ',') < v.n);
    return is_range || !prq_java_is_version(v) ? (prq_str){ 0 } : v;
}

bool prq_pom_settle(const struct prq_pom *pom, const struct prq_pom_dep *dep, struct prq_arena *a,
                    struct prq_pom_dep *out)
{
    *out = *dep;
    out->group = prq_pom_resolve(pom, dep->group, a);
    out->artifact = prq_pom_resolve(pom, dep->artifact, a);
    prq_str key = key_of(out->group, out->artifact, a), full = full_key_of(key, dep, a);
    if (!key.p || !full.p)
        return false;
    const struct prq_pom_dep *m = find_managed(pom, full);
    m = m ? m : find_managed(pom, key);
    prq_str version = dep->version.n ? dep->version : m ? m->version : (prq_str){ 0 };
    prq_str scope = dep->scope.n ? dep->scope : m ? m->scope : (prq_str){ 0 };
    out->version = exact(prq_pom_resolve(pom, version, a));
    out->scope = prq_pom_resolve(pom, scope, a);
    return true;
}

bool prq_pom_declare(const struct prq_pom_dep *dep, struct prq_arena *a, struct prq_package *out)
{
    *out = (struct prq_package){ .flags = PRQ_PKG_DECLARED };
    if (prq_str_eq(dep->scope, PRQ_S("test")) || prq_str_eq(dep->scope, PRQ_S("provided")))
        out->flags |= PRQ_PKG_DEV;
    return prq_java_package(out, dep->group, dep->artifact, dep->version, a);
}
