/* SPDX-License-Identifier: Apache-2.0 */
/* .pnp.cjs, the map that Yarn's Plug'n'Play loads packages by, and .pnp.data.json, the same without
 * the program around it. Source: yarnpkg.com, "PnP Specification":
 *
 *     "packageRegistryData": [["a", [["npm:1.2.3", {"packageLocation": "./.yarn/cache/a.zip/…",
 *                                                   "packageDependencies": [["b", "npm:2.0.0"]]}]]],
 *                             [null, [[null, {…}]]]]
 *
 * The program holds it as JSON, as the argument of hydrateRuntimeState, or since version 4 as a text
 * in quotes whose lines end in backslashes. */
#include "analyze/lockgraph.h"
#include "analyze/nodelock.h"
#include "format/json.h"

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many packages");
}

/* The text of a quoted literal whose first byte is s.p[0]. p == NULL: memory ran out or no end. */
static prq_str unquote(prq_str s, struct prq_arena *a, struct prq_err *err)
{
    char *text = prq_arena_raw(a, s.n);
    size_t n = 0;
    if (!text) {
        prq_fail(err, PRQ_E_LIMIT, "text exceeds the file's budget");
        return (prq_str){ 0 };
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'')
            return (prq_str){ text, n };
        if (s.p[i] == '\\' && i + 1 < s.n)
            i++;
        if (s.p[i] != '\n' && s.p[i] != '\r')
            text[n++] = s.p[i];
    }
    prq_fail_at(err, PRQ_E_FORMAT, 0, "text has no end");
    return (prq_str){ 0 };
}

/* Where the map is; what follows it is program. False: nowhere, or broken. */
static bool find_map(struct prq_ctx *ctx, prq_str text, struct prq_json *j, bool *is_whole,
                     struct prq_err *err)
{
    static const prq_str state = PRQ_SI("RAW_RUNTIME_STATE"), call = PRQ_SI("hydrateRuntimeState({");
    size_t at = prq_str_search(text, state);
    *is_whole = true;
    if (at < text.n) {
        prq_str rest = prq_str_from_at(text, at + state.n);
        rest = prq_str_from_at(rest, prq_str_find(rest, '\'') + 1);
        prq_str map = unquote(rest, ctx->scratch, err);
        prq_json_init(j, map, ctx->scratch, ctx->limits);
        return map.p != NULL;
    }
    prq_json_init(j, text, ctx->scratch, ctx->limits);
    if (prq_json_peek(j) == PRQ_JSON_OBJECT)
        return true;
    prq_json_init(j, text, ctx->scratch, ctx->limits);
    at = prq_str_search(text, call);
    *is_whole = false;
    j->at = at + call.n - 1;
    return at < text.n || prq_fail_at(err, PRQ_E_FORMAT, 0, "no map of packages");
}

/* [["b", "npm:2.0.0"], ["alias", ["b", "npm:2.0.0"]], ["peer", null]], among them itself. */
static bool read_edges(struct prq_json *j, prq_str self, struct prq_strs *out)
{
    size_t cap = 0;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        prq_str name = { 0 };
        if (!prq_json_enter_array(j)) {
            prq_json_skip(j);
            continue;
        }
        for (size_t i = 0; prq_json_item(j); i++) {
            if (i == 1 && prq_json_enter_array(j)) { /* an alias: its real name */
                for (size_t k = 0; prq_json_item(j); k++)
                    if (k || !prq_json_string_or_skip(j, &name))
                        prq_json_skip(j);
            } else if (i || !prq_json_string_or_skip(j, &name)) {
                if (i)
                    prq_json_skip(j);
            }
        }
        if (!prq_str_eq(name, self) && !prq_strs_add(out, &cap, name, j->arena))
            return false;
    }
    return true;
}

/* "npm:1.2.3", "virtual:HASH#npm:1.2.3", "patch:a@npm%3A1.2.3#…::version=1.2.3&hash=…", an address.
 * False: of this project itself. */
static bool take_reference(prq_str reference, struct prq_package *p)
{
    static const prq_str version = PRQ_SI("::version=");
    prq_str before, after;
    if (prq_str_starts(reference, PRQ_S("virtual:")) && prq_str_cut(reference, '#', &before, &after))
        reference = after;
    if (reference.n == 0 || prq_str_starts(reference, PRQ_S("workspace:")) ||
        prq_str_starts(reference, PRQ_S("link:")) || prq_str_starts(reference, PRQ_S("portal:")))
        return false;
    size_t at = prq_str_search(reference, version);
    if (prq_str_starts(reference, PRQ_S("patch:")) && at < reference.n) {
        p->version = prq_str_from_at(reference, at + version.n);
        p->version = prq_str_head(p->version, prq_str_find(p->version, '&'));
        return true;
    }
    prq_str spec = prq_str_head(reference, prq_str_search(reference, PRQ_S("::")));
    if (prq_str_has(spec, PRQ_S(".git#")))
        p->vcs_url = spec;
    else
        prq_npm_specify(p, spec);
    return true;
}

/* [reference, {…}], which has been entered. */
static bool read_one(struct prq_json *j, prq_str name, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_package p = { .name = name };
    prq_str reference = { 0 }, key;
    for (size_t i = 0; prq_json_item(j); i++) {
        if (i == 0) {
            prq_json_string_or_skip(j, &reference);
        } else if (prq_json_enter_object(j)) {
            while (prq_json_key(j, &key)) {
                if (!prq_str_eq(key, PRQ_S("packageDependencies")))
                    prq_json_skip(j);
                else if (!read_edges(j, name, &p.depends))
                    return full(err);
            }
        } else {
            prq_json_skip(j);
        }
    }
    if (j->bad || name.n == 0 || !take_reference(reference, &p))
        return true;
    prq_npm_declare(&p);
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* [name, [[reference, {…}], …]], which has been entered. */
static bool read_versions(struct prq_json *j, struct prq_sink *sink, struct prq_err *err)
{
    prq_str name = { 0 };
    for (size_t i = 0; prq_json_item(j); i++) {
        if (i == 0) {
            prq_json_string_or_skip(j, &name);
            continue;
        }
        if (!prq_json_enter_array(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_item(j)) {
            if (!prq_json_enter_array(j))
                prq_json_skip(j);
            else if (!read_one(j, name, sink, err))
                return false;
        }
    }
    return true;
}

bool prq_pnpfile_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    bool is_whole, has_list = false;
    if (!find_map(ctx, text, &j, &is_whole, err))
        return false;
    if (prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            if (!prq_str_eq(key, PRQ_S("packageRegistryData")) || !prq_json_enter_array(&j)) {
                prq_json_skip(&j);
                continue;
            }
            has_list = true;
            while (prq_json_item(&j)) {
                if (!prq_json_enter_array(&j))
                    prq_json_skip(&j);
                else if (!read_versions(&j, sink, err))
                    return false;
            }
        }
    if ((is_whole || j.bad) && !prq_json_end(&j, err))
        return false;
    return has_list || prq_fail_at(err, PRQ_E_FORMAT, 0, "no map of packages");
}
