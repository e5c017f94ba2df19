/* SPDX-License-Identifier: Apache-2.0 */
/* pom.xml. Source: maven.apache.org, "POM Reference"; "Introduction to the POM", "Project
 * Interpolation and Variables". Profiles and plugins are passed over: what they add is not the
 * project's own. */
#include "analyze/java.h"
#include "lib/xml.h"

enum { STEPS_MAX = 200, DEPTH_MAX = 16, VALUE_MAX = 4096 };

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
        { PRQ_S("groupId"), &d->group },       { PRQ_S("artifactId"), &d->artifact },
        { PRQ_S("version"), &d->version },     { PRQ_S("scope"), &d->scope },
        { PRQ_S("type"), &d->type },           { PRQ_S("classifier"), &d->classifier },
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
    if (!prq_str_starts(name, PRQ_S("project.")) && !prq_str_starts(name, PRQ_S("pom.")) &&
        prq_str_find(name, '.') < name.n)
        return prq_str_eq(name, PRQ_S("parent.version")) &&
               (*out = pom->parent_version, out->n > 0);
    prq_str field = name, prefix;
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
