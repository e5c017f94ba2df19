/* SPDX-License-Identifier: Apache-2.0 */
/* yarn.lock, both kinds. Version 1 is a format of its own, later ones ("berry") are YAML, but what
 * matters here is laid out alike:
 *
 *     "a@^1.0.0", "a@^1.1.0":           "a@npm:^1.0.0, a@npm:^1.1.0":
 *       version "1.2.3"                   version: 1.2.3
 *       resolved "https://…"              resolution: "a@npm:1.2.3"
 *       dependencies:                     dependencies:
 *         b "^2"                            b: ^2
 *
 * Sources: classic.yarnpkg.com, "yarn.lock"; yarnpkg.com, "Lockfile" and "Protocols". */
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "analyze/nodelock.h"

struct entry {
    bool is_open, has_version;
    size_t at;
    prq_str descriptor; /* the first one */
    prq_str version, resolution, resolved;
    struct prq_strs depends;
    size_t depend_cap;
    bool in_depends;
};

struct reader {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct entry e;
    struct prq_loss loss;
};

static prq_str unquote(prq_str s)
{
    s = prq_str_trim(s);
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return (prq_str){ s.p + 1, s.n - 2 };
    return s;
}

/* "key: value" or "key value", either side perhaps quoted. */
static void split_field(prq_str line, prq_str *key, prq_str *value)
{
    size_t n = 0;
    if (line.n && line.p[0] == '"') {
        n = prq_str_find(prq_str_from_at(line, 1), '"') + 2;
    } else {
        while (n < line.n && line.p[n] != ' ' && line.p[n] != ':')
            n++;
    }
    *key = unquote(prq_str_head(line, n));
    prq_str rest = prq_str_from_at(line, n);
    if (rest.n && rest.p[0] == ':')
        rest = prq_str_from_at(rest, 1);
    *value = unquote(rest);
}

/* The name that "name@range" of version 1 stands for: "x@npm:real@^1" and "x@npm:real" are aliases
 * of real, "x@npm:^1" is none. */
static prq_str name_of(prq_str descriptor)
{
    prq_str name, range, real, rest;
    if (!prq_npm_split(descriptor, &name, &range))
        return (prq_str){ 0 };
    if (!prq_str_starts(range, PRQ_S("npm:")))
        return name;
    range = prq_str_from_at(range, 4);
    if (prq_npm_split(range, &real, &rest))
        return real;
    return range.n && (prq_is_alpha(range.p[0]) || range.p[0] == '@') ? range : name;
}

/* What the entry is; false: it has no name. */
static bool package_of(const struct entry *e, struct prq_package *p)
{
    prq_str name, reference;
    *p = (struct prq_package){ .version = e->version, .depends = e->depends };
    if (e->resolution.n && prq_npm_split(e->resolution, &name, &reference)) {
        p->name = name;
        if (prq_str_starts(reference, PRQ_S("workspace:")))
            p->flags = PRQ_PKG_APPLICATION;
        if (prq_str_has(reference, PRQ_S("#commit")))
            p->vcs_url = reference;
    } else {
        p->name = name_of(e->descriptor);
        if (prq_str_starts(e->resolved, PRQ_S("git")))
            p->vcs_url = e->resolved;
    }
    return p->name.n > 0;
}

static bool close_entry(struct reader *r, struct prq_err *err)
{
    struct entry *e = &r->e;
    struct prq_package p;
    bool was_open = e->is_open;
    e->is_open = false;
    if (!was_open || prq_str_eq(e->descriptor, PRQ_S("__metadata")))
        return true;
    if (!e->has_version) {
        prq_loss_add(&r->loss, e->at, "entry without a version");
        return true;
    }
    if (!package_of(e, &p)) {
        prq_loss_add(&r->loss, e->at, "entry without a name");
        return true;
    }
    prq_npm_declare(&p);
    return prq_sink_package(r->sink, &p) || prq_sink_full(err);
}

/* Descriptors are separated by ", "; in berry the whole list stands in one pair of quotes. */
static prq_str first_descriptor(prq_str line)
{
    prq_str s = line;
    if (s.n && s.p[s.n - 1] == ':')
        s.n--;
    if (s.n && s.p[0] == '"') {
        s = prq_str_from_at(s, 1);
        s = prq_str_head(s, prq_str_find(s, '"'));
    }
    return prq_str_trim(prq_str_head(s, prq_str_search(s, PRQ_S(", "))));
}

static void field(struct entry *e, prq_str line)
{
    prq_str key, value;
    split_field(line, &key, &value);
    e->in_depends = prq_str_eq(key, PRQ_S("dependencies")) ||
                    prq_str_eq(key, PRQ_S("optionalDependencies"));
    if (prq_str_eq(key, PRQ_S("version"))) {
        e->version = value;
        e->has_version = true;
    } else if (prq_str_eq(key, PRQ_S("resolution"))) {
        e->resolution = value;
    } else if (prq_str_eq(key, PRQ_S("resolved"))) {
        e->resolved = value;
    }
}

static bool take_line(struct reader *r, prq_str line, size_t at, struct prq_err *err)
{
    size_t indent = 0;
    while (indent < line.n && line.p[indent] == ' ')
        indent++;
    prq_str rest = prq_str_from_at(line, indent), key, value;
    if (indent == 0) {
        if (!close_entry(r, err))
            return false;
        if (rest.p[rest.n - 1] != ':') {
            prq_loss_add(&r->loss, at, "neither an entry nor a field");
            return true;
        }
        r->e = (struct entry){ .is_open = true, .at = at, .descriptor = first_descriptor(rest) };
        return true;
    }
    if (!r->e.is_open)
        return true;
    if (indent == 2) {
        field(&r->e, rest);
        return true;
    }
    if (!r->e.in_depends || indent != 4)
        return true;
    split_field(rest, &key, &value);
    return prq_strs_add(&r->e.depends, &r->e.depend_cap, key, r->ctx->scratch) ||
           prq_fail(err, PRQ_E_LIMIT, "too many dependencies");
}

bool prq_yarnlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                       struct prq_err *err)
{
    struct reader r = { .ctx = ctx, .sink = sink };
    prq_str all = text, line;
    if (prq_str_starts(text, PRQ_S("\xef\xbb\xbf")))
        text = prq_str_from_at(text, 3);
    while (prq_str_line(&text, &line)) {
        prq_str bare = prq_str_trim(line);
        if (bare.n == 0 || bare.p[0] == '#')
            continue;
        line.n = (size_t)(bare.p + bare.n - line.p); /* without what follows */
        if (!take_line(&r, line, (size_t)(line.p - all.p), err))
            return false;
    }
    if (!close_entry(&r, err))
        return false;
    return prq_loss_report(&r.loss, sink) || prq_sink_full(err);
}
