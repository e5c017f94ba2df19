/* SPDX-License-Identifier: Apache-2.0 */
/* npm packages as they lie on the disk: a package.json in the directory of its package.
 * Sources: docs.npmjs.com, "package.json" and "folders"; catalog.md 4.2. */
#include "analyze/analyze.h"
#include "format/json.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("package.json"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

struct manifest {
    prq_str name, version;
    struct prq_strs licenses, depends;
    size_t license_cap, depend_cap;
};

/* Where a package.json lies. */
enum place {
    PLACE_PACKAGE,     /* node_modules/x or node_modules/@scope/x: what npm installed */
    PLACE_INNER,       /* somewhere inside of such a package */
    PLACE_APPLICATION, /* elsewhere */
};

/* Debian's own roots: Node.js packaging policy, "Module installation". */
static const prq_str debian_roots[] = { PRQ_SI("usr/share/nodejs/"), PRQ_SI("usr/lib/nodejs/") };

static enum place place_of(prq_str dir)
{
    prq_str root = prq_path_dir(dir);
    if (prq_path_base(root).n && prq_path_base(root).p[0] == '@')
        root = prq_path_dir(root);
    if (prq_str_eq(prq_path_base(root), PRQ_S("node_modules")))
        return PLACE_PACKAGE;
    for (size_t i = 0; i < PRQ_COUNT(debian_roots); i++)
        if (prq_str_starts(dir, debian_roots[i]))
            return root.n + 1 == debian_roots[i].n ? PLACE_PACKAGE : PLACE_INNER;
    for (prq_str up = root; up.n; up = prq_path_dir(up))
        if (prq_str_eq(prq_path_base(up), PRQ_S("node_modules")))
            return PLACE_INNER;
    return PLACE_APPLICATION;
}

/* ---- reading */

static bool add(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a)
{
    if (s.n == 0)
        return true;
    if (list->n == *cap && !prq_arena_grow(a, &list->v, sizeof *list->v, cap, list->n + 1))
        return false;
    list->v[list->n++] = s;
    return true;
}

/* "MIT" or {"type": "MIT", "url": …}; anything else is passed over. */
static bool read_one_license(struct prq_json *j, struct manifest *m)
{
    prq_str text = { 0 }, key;
    if (prq_json_enter_object(j)) {
        while (prq_json_key(j, &key)) {
            if (prq_str_eq(key, PRQ_S("type")) || prq_str_eq(key, PRQ_S("name")))
                prq_json_string_or_skip(j, &text);
            else
                prq_json_skip(j);
        }
    } else {
        prq_json_string_or_skip(j, &text);
    }
    return add(&m->licenses, &m->license_cap, text, j->arena);
}

static bool read_licenses(struct prq_json *j, struct manifest *m)
{
    if (!prq_json_enter_array(j))
        return read_one_license(j, m);
    while (prq_json_item(j))
        if (!read_one_license(j, m))
            return false;
    return true;
}

static bool read_depends(struct prq_json *j, struct manifest *m)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        prq_json_skip(j);
        if (!add(&m->depends, &m->depend_cap, key, j->arena))
            return false;
    }
    return true;
}

static bool read_member(struct prq_json *j, prq_str key, struct manifest *m)
{
    if (prq_str_eq(key, PRQ_S("name")))
        prq_json_string_or_skip(j, &m->name);
    else if (prq_str_eq(key, PRQ_S("version")))
        prq_json_string_or_skip(j, &m->version);
    else if (prq_str_eq(key, PRQ_S("license")) || prq_str_eq(key, PRQ_S("licenses")))
        return read_licenses(j, m);
    else if (prq_str_eq(key, PRQ_S("dependencies")) ||
             prq_str_eq(key, PRQ_S("optionalDependencies")))
        return read_depends(j, m);
    else
        prq_json_skip(j);
    return true;
}

/* What could be read stays in *m, also on failure. */
static bool read_manifest(struct prq_ctx *ctx, prq_bytes data, struct manifest *m,
                          struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, prq_str_of(data), ctx->scratch, ctx->limits);
    if (prq_json_enter_object(&j)) {
        while (prq_json_key(&j, &key))
            if (!read_member(&j, key, m))
                return prq_fail(err, PRQ_E_LIMIT, "too many licences or dependencies");
    } else {
        prq_json_skip(&j);
    }
    return prq_json_end(&j, err);
}

/* ---- judging */

/* "${version}", "{{version}}", "%VERSION%": a template that nobody filled in. */
static bool is_template(prq_str v)
{
    return prq_str_has(v, PRQ_S("${")) || prq_str_has(v, PRQ_S("{{")) ||
           (v.n && (v.p[0] == '%' || v.p[0] == '<'));
}

/* Inside a package a package.json is mostly a stub that tells the module system its type; one that
 * names the directory it lies in is a copy of a package. */
static bool is_kept(enum place place, prq_str dir, const struct manifest *m)
{
    if (m->name.n == 0)
        return false;
    switch (place) {
    case PLACE_PACKAGE:
        return true;
    case PLACE_INNER:
        return m->version.n && prq_str_eq(prq_path_base(dir), prq_path_base(m->name));
    case PLACE_APPLICATION:
        return m->version.n;
    }
    return false;
}

static bool put(struct prq_sink *sink, const struct manifest *m, enum place place,
                struct prq_err *err)
{
    struct prq_package p = {
        .type = PRQ_S("npm"),
        .ns = m->name.p[0] == '@' ? prq_path_dir(m->name) : (prq_str){ 0 },
        .name = m->name,
        .version = m->version,
        .licenses = m->licenses,
        .depends = m->depends,
        .flags = place == PLACE_APPLICATION ? PRQ_PKG_APPLICATION : 0,
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct manifest m = { 0 };
    prq_str dir = prq_path_dir(in->file->path);
    enum place place = place_of(dir);
    bool ok = read_manifest(ctx, in->data, &m, err);
    m.name = prq_str_trim(m.name);
    m.version = prq_str_trim(m.version);
    if (is_template(m.version))
        m.version = (prq_str){ 0 };
    /* A broken end does not take away what the beginning said. */
    if (is_kept(place, dir, &m) && !put(sink, &m, place, ok ? err : NULL))
        return false;
    return ok;
}

const struct prq_analyzer prq_analyzer_node = {
    .name = "node",
    .purl_type = "npm",
    .summary = "installed npm packages: package.json under node_modules, and applications",
    .revision = 1,
    .wants = wants,
    .run = run,
};
