/* SPDX-License-Identifier: Apache-2.0 */
/* package-lock.json and npm-shrinkwrap.json. Source: docs.npmjs.com, "package-lock.json":
 *
 *     version 1     "dependencies": {name: {version, dev, requires, "dependencies": {…}}}
 *     version 2, 3  "packages": {"node_modules/a/node_modules/b": {version, dev, name, link, …}};
 *                   version 2 has "dependencies" too, for old readers */
#include "analyze/lockgraph.h"
#include "analyze/nodelock.h"
#include "format/json.h"

struct entry {
    struct prq_package package;
    size_t depend_cap;
    prq_str version, resolved, name;
    bool is_dev, is_link, is_extraneous;
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many dependencies");
}

/* False: memory ran out. */
static bool read_depends(struct prq_json *j, struct entry *e)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        prq_json_skip(j);
        if (!prq_strs_add(&e->package.depends, &e->depend_cap, key, j->arena))
            return false;
    }
    return true;
}

static void read_field(struct prq_json *j, prq_str key, struct entry *e)
{
    if (prq_str_eq(key, PRQ_S("version")))
        prq_json_string_or_skip(j, &e->version);
    else if (prq_str_eq(key, PRQ_S("resolved")))
        prq_json_string_or_skip(j, &e->resolved);
    else if (prq_str_eq(key, PRQ_S("name")))
        prq_json_string_or_skip(j, &e->name);
    else if (prq_str_eq(key, PRQ_S("dev")))
        prq_json_bool_or_skip(j, &e->is_dev);
    else if (prq_str_eq(key, PRQ_S("link")))
        prq_json_bool_or_skip(j, &e->is_link);
    else if (prq_str_eq(key, PRQ_S("extraneous")))
        prq_json_bool_or_skip(j, &e->is_extraneous);
    else
        prq_json_skip(j);
}

static bool put(struct prq_sink *sink, struct entry *e, struct prq_err *err)
{
    struct prq_package *p = &e->package;
    prq_npm_specify(p, e->version);
    if (p->vcs_url.n == 0 && prq_str_starts(e->resolved, PRQ_S("git")))
        p->vcs_url = e->resolved;
    if (p->name.n == 0 || e->is_link || e->is_extraneous)
        return true;
    if (e->is_dev)
        p->flags |= PRQ_PKG_DEV;
    prq_npm_declare(p);
    return prq_sink_package(sink, p) || prq_sink_full(err);
}

/* ---- version 2 and 3 */

/* "node_modules/a/node_modules/@s/b" is @s/b; what lies elsewhere is the project's own. */
static prq_str name_of_place(prq_str place, bool *is_own)
{
    static const prq_str root = PRQ_SI("node_modules/");
    for (size_t at = place.n; at-- > 0;) {
        prq_str tail = prq_str_from_at(place, at);
        if (prq_str_starts(tail, root) && (at == 0 || place.p[at - 1] == '/')) {
            *is_own = false;
            return prq_str_from_at(tail, root.n);
        }
    }
    *is_own = true;
    return prq_path_base(place);
}

static bool read_packages(struct prq_json *j, prq_str own_name, prq_str own_version,
                          struct prq_sink *sink, struct prq_err *err)
{
    prq_str place, key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &place)) {
        struct entry e = { 0 };
        bool is_own;
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_key(j, &key)) {
            if (!prq_str_eq(key, PRQ_S("dependencies")) &&
                !prq_str_eq(key, PRQ_S("optionalDependencies")))
                read_field(j, key, &e);
            else if (!read_depends(j, &e))
                return full(err);
        }
        if (j->bad)
            return true;
        e.package.name = name_of_place(place, &is_own);
        if (place.n == 0) {
            e.package.name = own_name;
            e.version = e.version.n ? e.version : own_version;
        }
        if (e.name.n)
            e.package.name = e.name;
        e.package.flags = is_own ? PRQ_PKG_APPLICATION : 0;
        if (!put(sink, &e, err))
            return false;
    }
    return true;
}

/* ---- version 1: entries in entries, so a stack of those that are open */

enum { NESTED = 64 };

struct stack {
    struct entry *open; /* NESTED of them */
    size_t n;
    bool in_list; /* the names of a "dependencies" object come next, not the fields of an entry */
};

static bool open_entry(struct prq_json *j, struct stack *s, prq_str name, struct prq_err *err)
{
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    if (s->n == NESTED)
        return prq_fail_at(err, PRQ_E_LIMIT, j->at, "dependencies nest too deep");
    s->open[s->n] = (struct entry){ .package.name = name };
    s->n++;
    s->in_list = false;
    return true;
}

/* False: memory ran out. */
static bool entry_field(struct prq_json *j, struct stack *s, prq_str key)
{
    struct entry *e = &s->open[s->n - 1];
    if (prq_str_eq(key, PRQ_S("requires")))
        return read_depends(j, e);
    if (prq_str_eq(key, PRQ_S("dependencies")) && prq_json_enter_object(j))
        s->in_list = true;
    else
        read_field(j, key, e);
    return true;
}

/* The "dependencies" object has been entered. */
static bool read_nested(struct prq_json *j, struct prq_sink *sink, struct prq_err *err)
{
    struct stack s = { .open = prq_new_n(j->arena, struct entry, NESTED), .in_list = true };
    prq_str key;
    if (!s.open)
        return prq_fail(err, PRQ_E_LIMIT, "file too large");
    while (!j->bad) {
        if (prq_json_key(j, &key)) {
            bool ok = s.in_list ? open_entry(j, &s, key, err) : entry_field(j, &s, key) || full(err);
            if (!ok)
                return false;
        } else if (j->bad) {
            break;
        } else if (!s.in_list) {
            if (!put(sink, &s.open[--s.n], err))
                return false;
            s.in_list = true;
        } else if (s.n == 0) {
            break;
        } else {
            s.in_list = false;
        }
    }
    return true;
}

/* ---- the document, twice: the first time only for what it has */

struct document {
    prq_str name, version;
    bool has_packages, has_dependencies;
};

static bool survey(struct prq_ctx *ctx, prq_str text, struct document *d, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j)) {
        prq_json_skip(&j);
        return prq_json_end(&j, err) && prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    }
    while (prq_json_key(&j, &key)) {
        enum prq_json_type type = prq_json_peek(&j);
        if (prq_str_eq(key, PRQ_S("packages")))
            d->has_packages = type == PRQ_JSON_OBJECT;
        else if (prq_str_eq(key, PRQ_S("dependencies")))
            d->has_dependencies = type == PRQ_JSON_OBJECT;
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(&j, &d->name);
        else if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(&j, &d->version);
        else
            prq_json_skip(&j);
    }
    return true; /* what is broken is told the second time */
}

bool prq_npmlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                      struct prq_err *err)
{
    struct document d = { 0 };
    struct prq_json j;
    prq_str key;
    if (!survey(ctx, text, &d, err))
        return false;
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_json_end(&j, err);
    while (prq_json_key(&j, &key)) {
        bool ok = true;
        if (d.has_packages && prq_str_eq(key, PRQ_S("packages")))
            ok = read_packages(&j, d.name, d.version, sink, err);
        else if (!d.has_packages && prq_str_eq(key, PRQ_S("dependencies")) &&
                 prq_json_enter_object(&j))
            ok = read_nested(&j, sink, err);
        else
            prq_json_skip(&j);
        if (!ok)
            return false;
    }
    return prq_json_end(&j, err);
}
