/* SPDX-License-Identifier: Apache-2.0 */
/* bun.lock (JSON with comments and trailing commas) and deno.lock. Sources: bun.sh, "Lockfile";
 * docs.deno.com, "Lockfile"; both as the programs write them:
 *
 *     bun   "workspaces": {"": {"dependencies": {…}, "devDependencies": {…}}},
 *           "packages": {"a": ["a@1.2.3", registry, {"dependencies": {…}}, integrity]}
 *     deno  "npm": {"a@1.2.3_peer@4": {integrity, "dependencies": ["b@2.0.0", "c"]}},
 *           "jsr": {"@std/path@1.0.8": {integrity, "dependencies": ["jsr:@std/x", "npm:a@1"]}}
 *           of versions 4 and 5; in 3 both lie below "packages", in 2 the list is npm.packages;
 *           until 3 dependencies are {"b": "b@2.0.0"} */
#include "analyze/lockgraph.h"
#include "analyze/nodelock.h"
#include "format/json.h"

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many packages");
}

/* ---- bun */

static bool read_names(struct prq_json *j, struct prq_strs *list, size_t *cap)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        prq_json_skip(j);
        if (!prq_strs_add(list, cap, key, j->arena))
            return false;
    }
    return true;
}

static bool is_edge(prq_str key)
{
    return prq_str_eq(key, PRQ_S("dependencies")) ||
           prq_str_eq(key, PRQ_S("optionalDependencies")) ||
           prq_str_eq(key, PRQ_S("peerDependencies"));
}

/* What production wants, of every workspace. */
static bool read_workspaces(struct prq_json *j, struct prq_lockgraph *g)
{
    prq_str place, key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &place)) {
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        g->has_roots = true;
        while (prq_json_key(j, &key)) {
            if (!is_edge(key))
                prq_json_skip(j);
            else if (!read_names(j, &g->roots, &g->root_cap))
                return false;
        }
    }
    return true;
}

/* An array that has been entered: its first string says what it is, an object names dependencies. */
static bool read_tuple(struct prq_json *j, prq_str *ident, struct prq_strs *depends)
{
    prq_str key;
    size_t cap = 0;
    for (size_t i = 0; prq_json_item(j); i++) {
        if (i == 0) {
            prq_json_string_or_skip(j, ident);
        } else if (prq_json_enter_object(j)) {
            while (prq_json_key(j, &key)) {
                if (!is_edge(key))
                    prq_json_skip(j);
                else if (!read_names(j, depends, &cap))
                    return false;
            }
        } else {
            prq_json_skip(j);
        }
    }
    return true;
}

/* "a/b" is b as a needs it; "@s/a/@t/b" likewise. */
static prq_str last_name(prq_str place)
{
    prq_str base = prq_path_base(place), dir = prq_path_dir(place), scope = prq_path_base(dir);
    if (scope.n && scope.p[0] == '@')
        return prq_str_from_at(place, place.n - base.n - 1 - scope.n);
    return base;
}

static bool read_packages(struct prq_json *j, struct prq_lockgraph *g)
{
    prq_str place;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &place)) {
        struct prq_package p = { 0 };
        prq_str ident = { 0 }, spec;
        if (!prq_json_enter_array(j)) {
            prq_json_skip(j);
            continue;
        }
        if (!read_tuple(j, &ident, &p.depends))
            return false;
        if (j->bad || !prq_npm_split(ident, &p.name, &spec))
            continue;
        if (prq_str_starts(spec, PRQ_S("workspace:")) || prq_str_starts(spec, PRQ_S("link:")) ||
            prq_str_starts(spec, PRQ_S("root:")))
            p.flags = PRQ_PKG_APPLICATION;
        else
            prq_npm_specify(&p, spec);
        prq_npm_declare(&p);
        if (!prq_lockgraph_add(g, &p, last_name(place)))
            return false;
    }
    return true;
}

bool prq_bunlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                      struct prq_err *err)
{
    struct prq_lockgraph g;
    struct prq_json j;
    prq_str key;
    prq_lockgraph_init(&g, ctx->scratch);
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    j.allow_comments = true;
    if (!prq_json_enter_object(&j))
        prq_json_skip(&j);
    else
        while (prq_json_key(&j, &key)) {
            bool ok = true;
            if (prq_str_eq(key, PRQ_S("workspaces")))
                ok = read_workspaces(&j, &g);
            else if (prq_str_eq(key, PRQ_S("packages")))
                ok = read_packages(&j, &g);
            else
                prq_json_skip(&j);
            if (!ok)
                return full(err);
        }
    /* A broken end does not take away what the beginning said. */
    return prq_lockgraph_put(&g, sink, err) && prq_json_end(&j, err);
}

/* ---- deno */

/* "a@1.2.3_peer@4": what follows the version tells of peers. */
static prq_str without_peers(prq_str ident)
{
    prq_str name, version;
    if (!prq_npm_split(ident, &name, &version))
        return ident;
    size_t n = prq_str_find(version, '_');
    return prq_str_head(ident, (size_t)(version.p - ident.p) + n);
}

/* The other registry's packages are no edges; "npm:a@^1" is a wish, whose name has to do. */
static bool add_deno_edge(struct prq_json *j, struct prq_strs *list, size_t *cap, prq_str kind,
                          prq_str text)
{
    prq_str from, rest, name, version;
    bool has_kind = prq_str_cut(text, ':', &from, &rest);
    if (has_kind && !prq_str_eq(from, kind))
        return true;
    if (!has_kind)
        return prq_strs_add(list, cap, without_peers(text), j->arena);
    return prq_strs_add(list, cap, prq_npm_split(rest, &name, &version) ? name : rest, j->arena);
}

static bool read_deno_edges(struct prq_json *j, struct prq_strs *list, prq_str kind)
{
    prq_str key, text = { 0 };
    size_t cap = 0;
    if (prq_json_enter_array(j)) {
        while (prq_json_item(j))
            if (prq_json_string_or_skip(j, &text) && !add_deno_edge(j, list, &cap, kind, text))
                return false;
    } else if (prq_json_enter_object(j)) {
        while (prq_json_key(j, &key))
            if (prq_json_string_or_skip(j, &text) && !add_deno_edge(j, list, &cap, kind, text))
                return false;
    } else {
        prq_json_skip(j);
    }
    return true;
}

/* False: memory ran out. */
static bool read_deno_package(struct prq_json *j, struct prq_package *p, prq_str kind)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (!prq_str_eq(key, PRQ_S("dependencies")))
            prq_json_skip(j);
        else if (!read_deno_edges(j, &p->depends, kind))
            return false;
    }
    return true;
}

static bool read_deno_list(struct prq_json *j, prq_str kind, struct prq_sink *sink,
                           struct prq_err *err)
{
    prq_str ident;
    uint32_t outer = j->depth;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (j->depth > outer) {
        if (!prq_json_key(j, &ident)) {
            if (j->bad)
                return true;
            continue; /* out of npm.packages again */
        }
        struct prq_package p = { 0 };
        if (j->depth == outer + 1 && prq_str_eq(ident, PRQ_S("packages")) && prq_json_enter_object(j))
            continue;
        if (!prq_npm_split(ident, &p.name, &p.version)) {
            prq_json_skip(j);
            continue;
        }
        if (!read_deno_package(j, &p, kind))
            return full(err);
        if (j->bad)
            return true;
        p.version = prq_str_head(p.version, prq_str_find(p.version, '_')); /* peers follow */
        prq_npm_declare(&p);
        p.type = kind;
        if (!prq_sink_package(sink, &p))
            return prq_sink_full(err);
    }
    return true;
}

static bool read_deno_member(struct prq_json *j, prq_str key, struct prq_sink *sink,
                             struct prq_err *err)
{
    if (prq_str_eq(key, PRQ_S("npm")) || prq_str_eq(key, PRQ_S("jsr")))
        return read_deno_list(j, key, sink, err);
    prq_json_skip(j);
    return true;
}

bool prq_denolock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                       struct prq_err *err)
{
    struct prq_json j;
    prq_str key, inner;
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("packages")) || !prq_json_enter_object(&j)) {
            if (!read_deno_member(&j, key, sink, err))
                return false;
            continue;
        }
        while (prq_json_key(&j, &inner))
            if (!read_deno_member(&j, inner, sink, err))
                return false;
    }
    return prq_json_end(&j, err);
}
