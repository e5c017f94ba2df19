/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/composerjson.h"

#include "analyze/lockgraph.h"

struct entry {
    struct prq_package package;
    size_t license_cap, depend_cap;
    prq_str vcs, url, reference, shasum;
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many packages");
}

/* {"type": "git", "url": …, "reference": …, "shasum": …}: of a source or an archive. */
static void read_origin(struct prq_json *j, struct entry *e, bool is_source)
{
    prq_str key, unused;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("type")))
            prq_json_string_or_skip(j, is_source ? &e->vcs : &unused);
        else if (prq_str_eq(key, PRQ_S("url")))
            prq_json_string_or_skip(j, is_source ? &e->url : &unused);
        else if (prq_str_eq(key, PRQ_S("reference")))
            prq_json_string_or_skip(j, is_source ? &e->reference : &unused);
        else if (prq_str_eq(key, PRQ_S("shasum")))
            prq_json_string_or_skip(j, is_source ? &unused : &e->shasum);
        else
            prq_json_skip(j);
    }
}

/* False: memory ran out. */
static bool read_licenses(struct prq_json *j, struct entry *e)
{
    prq_str one = { 0 };
    struct prq_strs *list = &e->package.licenses;
    if (!prq_json_enter_array(j)) {
        prq_json_string_or_skip(j, &one);
        return prq_strs_add(list, &e->license_cap, one, j->arena);
    }
    while (prq_json_item(j))
        if (prq_json_string_or_skip(j, &one) &&
            !prq_strs_add(list, &e->license_cap, one, j->arena))
            return false;
    return true;
}

/* Names without a vendor are of PHP itself and its extensions. */
static bool read_require(struct prq_json *j, struct entry *e)
{
    prq_str name;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &name)) {
        prq_json_skip(j);
        if (prq_str_find(name, '/') < name.n &&
            !prq_strs_add(&e->package.depends, &e->depend_cap, name, j->arena))
            return false;
    }
    return true;
}

/* False: memory ran out. */
static bool read_fields(struct prq_json *j, struct entry *e)
{
    prq_str key;
    bool ok = true;
    while (ok && prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(j, &e->package.name);
        else if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &e->package.version);
        else if (prq_str_eq(key, PRQ_S("source")) || prq_str_eq(key, PRQ_S("dist")))
            read_origin(j, e, key.n == strlen("source"));
        else if (prq_str_eq(key, PRQ_S("license")))
            ok = read_licenses(j, e);
        else if (prq_str_eq(key, PRQ_S("require")))
            ok = read_require(j, e);
        else
            prq_json_skip(j);
    }
    return ok;
}

/* "dev-main", "2.x-dev": no release, so the commit is what tells. False: memory ran out. */
static bool place(struct entry *e, struct prq_arena *a)
{
    struct prq_package *p = &e->package;
    bool is_branch = prq_str_starts(p->version, PRQ_S("dev-")) ||
                     prq_str_ends(p->version, PRQ_S("-dev"));
    p->ns = prq_path_dir(p->name);
    if (is_branch && e->url.n) {
        p->vcs_url = prq_arena_printf(a, "%.*s%s%.*s%s%.*s", PRQ_FMT(e->vcs), e->vcs.n ? "+" : "",
                                      PRQ_FMT(e->url), e->reference.n ? "@" : "",
                                      PRQ_FMT(e->reference));
        if (!p->vcs_url.p)
            return false;
    }
    if (e->shasum.n != 40)
        return true;
    p->digests = (struct prq_strs){ prq_new(a, prq_str), 1 };
    if (!p->digests.v)
        return false;
    p->digests.v[0] = prq_arena_printf(a, "sha1:%.*s", PRQ_FMT(e->shasum));
    return p->digests.v[0].p != NULL;
}

static bool is_package_name(prq_str name)
{
    size_t at = prq_str_find(name, '/');
    return at > 0 && at + 1 < name.n;
}

static bool read_one(struct prq_composer *c, struct prq_json *j, uint32_t flags,
                     struct prq_err *err)
{
    struct entry e = { .package = { .type = PRQ_S("composer"), .flags = flags } };
    if (!prq_json_enter_object(j)) {
        c->strange++;
        prq_json_skip(j);
        return true;
    }
    if (!read_fields(j, &e))
        return full(err);
    if (j->bad)
        return true;
    if (!is_package_name(e.package.name)) {
        c->strange++;
        return true;
    }
    if (!place(&e, j->arena) ||
        (c->count == c->cap && !prq_arena_grow(c->arena, &c->packages, sizeof *c->packages, &c->cap,
                                               c->count + 1)))
        return full(err);
    c->packages[c->count++] = e.package;
    return true;
}

bool prq_composer_read(struct prq_composer *c, struct prq_json *j, uint32_t flags, bool *is_list,
                       struct prq_err *err)
{
    *is_list = prq_json_enter_array(j);
    if (!*is_list) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j))
        if (!read_one(c, j, flags, err))
            return false;
    return true;
}

bool prq_composer_put(const struct prq_composer *c, struct prq_sink *sink, struct prq_err *err)
{
    for (size_t i = 0; i < c->count; i++)
        if (!prq_sink_package(sink, &c->packages[i]))
            return prq_sink_full(err);
    return true;
}
