/* SPDX-License-Identifier: Apache-2.0 */
/* npm packages as they lie on the disk: a package.json in the directory of its package, also in the
 * archives of yarn's cache, which Plug'n'Play runs from.
 * Sources: docs.npmjs.com, "package.json" and "folders"; yarnpkg.com, "Cache"; catalog.md 4.2. */
#include "analyze/analyze.h"
#include "format/json.h"
#include "lib/lib.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("package.json"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_IMAGE },
    { .suffix = PRQ_SI(".zip"), .contains = PRQ_SI(".yarn/"), .magic = PRQ_SI("PK\3\4"),
      .max_bytes = PRQ_MIB(256), .modes = PRQ_WANT_IMAGE },
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

static bool read_field(struct prq_json *j, prq_str key, struct manifest *m)
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
            if (!read_field(&j, key, m))
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

/* `inside`: the evidence of a member of an archive; empty for the file itself. */
static bool put(struct prq_sink *sink, const struct manifest *m, enum place place, prq_str inside,
                struct prq_err *err)
{
    struct prq_evidence evidence = { .path = inside };
    struct prq_package p = {
        .type = PRQ_S("npm"),
        .ns = m->name.p[0] == '@' ? prq_path_dir(m->name) : (prq_str){ 0 },
        .name = m->name,
        .version = m->version,
        .licenses = m->licenses,
        .depends = m->depends,
        .flags = place == PLACE_APPLICATION ? PRQ_PKG_APPLICATION : 0,
        .evidence = &evidence,
        .evidence_count = inside.n ? 1 : 0,
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* A broken end does not take away what the beginning said: the package is listed, and the failure
 * told. */
static bool read_one(struct prq_ctx *ctx, prq_bytes data, prq_str dir, prq_str inside,
                     struct prq_sink *sink, struct prq_err *err)
{
    struct manifest m = { 0 };
    enum place place = place_of(dir);
    struct prq_err why = PRQ_ERR_INIT;
    bool ok = read_manifest(ctx, data, &m, &why);
    m.name = prq_str_trim(m.name);
    m.version = prq_str_trim(m.version);
    if (is_template(m.version))
        m.version = (prq_str){ 0 };
    if (is_kept(place, dir, &m) && !put(sink, &m, place, inside, err))
        return false;
    if (!ok && err)
        *err = why;
    return ok;
}

/* ---- archives of yarn's cache: node_modules/NAME/… */

static void drop_zip(struct prq_zip **z)
{
    prq_zip_close(*z);
}

static bool is_package_member(prq_str path)
{
    return prq_str_eq(prq_path_base(path), PRQ_S("package.json")) &&
           place_of(prq_path_dir(path)) == PLACE_PACKAGE;
}

static bool read_member(struct prq_ctx *ctx, struct prq_zip *zip, prq_str outer, prq_str path,
                        struct prq_sink *sink, struct prq_err *err)
{
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(16));
    prq_str inside = prq_arena_printf(ctx->scratch, "%.*s!/%.*s", PRQ_FMT(outer), PRQ_FMT(path));
    if (!inside.p)
        return prq_fail(err, PRQ_E_LIMIT, "too many packages in an archive");
    struct prq_mark mark = prq_arena_mark(ctx->scratch);
    bool ok = prq_zip_read(zip, &text, err) &&
              read_one(ctx, prq_buf_bytes(&text), prq_path_dir(path), inside, sink, err);
    prq_arena_rewind(ctx->scratch, mark);
    return ok || prq_in(err, "%.*s", PRQ_FMT(path));
}

static bool run_zip(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                    struct prq_err *err)
{
    PRQ_CLEANUP(drop_zip) struct prq_zip *zip = NULL;
    struct prq_zip_entry e;
    enum prq_next step;
    if (!prq_str_has(prq_path_dir(in->file->path), PRQ_S("cache")))
        return true;
    if (!prq_zip_open(in->data, &zip, err))
        return false;
    while ((step = prq_zip_next(zip, &e, err)) == PRQ_NEXT_ITEM)
        if (is_package_member(e.path) &&
            !read_member(ctx, zip, in->file->path, e.path, sink, err))
            return false;
    return step == PRQ_NEXT_END;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (prq_str_ends(in->file->path, PRQ_S(".zip")))
        return run_zip(ctx, in, sink, err);
    return read_one(ctx, in->data, prq_path_dir(in->file->path), (prq_str){ 0 }, sink, err);
}

const struct prq_analyzer prq_analyzer_node = {
    .name = "node",
    .purl_type = "npm",
    .summary = "installed npm packages: package.json under node_modules, and applications",
    .revision = 1,
    .wants = wants,
    .run = run,
};
