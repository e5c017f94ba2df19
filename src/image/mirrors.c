/* SPDX-License-Identifier: Apache-2.0 */
#include "image/mirrors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "format/toml.h"
#include "image/opening.h"
#include "io/source.h"

enum { MIRRORS = 64, CONF_BYTES = 4 << 20 };

static bool flag(const struct prq_toml *table, prq_str key)
{
    const struct prq_toml *v = prq_toml_find(table, key);
    return v && v->type == PRQ_TOML_BOOL && v->integer;
}

/* How much of "host/repository" the prefix covers; 0: it is for something else. */
static size_t prefix_fits(prq_str prefix, prq_str host, prq_str full)
{
    if (prq_str_starts(prefix, PRQ_S("*.")))
        return prq_str_ends(host, prq_str_from_at(prefix, 1)) ? prefix.n : 0;
    bool fits = prq_str_starts(full, prefix) &&
                (full.n == prefix.n || full.p[prefix.n] == '/');
    return fits ? prefix.n : 0;
}

/* `location` in the place of the prefix; an empty one, or "*." which has none, changes nothing. */
static bool rewrite(prq_str location, prq_str prefix, prq_str full, struct prq_arena *a,
                    struct prq_endpoint *out, struct prq_err *err)
{
    prq_str rest = prq_str_from_at(full, prefix.n), name = full;
    if (prq_str_starts(prefix, PRQ_S("*.")))
        rest = prq_str_from_at(full, prq_str_find(full, '/'));
    if (location.n)
        name = prq_arena_printf(a, "%.*s%.*s", PRQ_FMT(location), PRQ_FMT(rest));
    if (!name.p)
        return prq_fail(err, PRQ_E_NOMEM, "registries.conf");
    if (!prq_str_cut(name, '/', &out->host, &out->repository) || !prq_is_host(out->host) ||
        !prq_is_repository(out->repository))
        return prq_fail(err, PRQ_E_USAGE, "location %.*s makes no image name of %.*s",
                        PRQ_FMT(prq_str_head(location, 150)), PRQ_FMT(prq_str_head(full, 150)));
    return true;
}

static bool takes_mirror(const struct prq_toml *registry, const struct prq_toml *mirror,
                         bool by_digest)
{
    prq_str from = prq_toml_string(mirror, PRQ_S("pull-from-mirror"));
    if (prq_str_eq(from, PRQ_S("digest-only")) || flag(registry, PRQ_S("mirror-by-digest-only")))
        return by_digest;
    return !prq_str_eq(from, PRQ_S("tag-only")) || !by_digest;
}

static bool take_registry(const struct prq_toml *t, prq_str prefix, prq_str full, bool by_digest,
                          struct prq_arena *a, struct prq_mirrors *m, struct prq_err *err)
{
    struct prq_endpoint *e = prq_new_n(a, struct prq_endpoint, MIRRORS + 1);
    size_t n = 0;
    if (!e)
        return prq_fail(err, PRQ_E_NOMEM, "registries.conf");
    const struct prq_toml *mirror = prq_toml_first(prq_toml_find(t, PRQ_S("mirror")));
    for (; mirror && n < MIRRORS; mirror = mirror->next) {
        prq_str location = prq_toml_string(mirror, PRQ_S("location"));
        if (!takes_mirror(t, mirror, by_digest))
            continue;
        if (location.n == 0)
            return prq_fail(err, PRQ_E_USAGE, "mirror without a location (line %u)", mirror->line);
        if (!rewrite(location, prefix, full, a, &e[n], err))
            return false;
        e[n++].insecure = flag(mirror, PRQ_S("insecure"));
    }
    if (!rewrite(prq_toml_string(t, PRQ_S("location")), prefix, full, a, &e[n], err))
        return false;
    e[n++].insecure = flag(t, PRQ_S("insecure"));
    m->endpoints = e;
    m->count = n;
    m->is_blocked = flag(t, PRQ_S("blocked"));
    return true;
}

bool prq_registries_conf_apply(prq_str text, const struct prq_image_ref *ref, struct prq_arena *a,
                               const struct prq_limits *limits, struct prq_mirrors *m,
                               struct prq_err *err)
{
    const struct prq_toml *doc;
    prq_str full = prq_arena_printf(a, "%.*s/%.*s", PRQ_FMT(ref->host), PRQ_FMT(ref->repository));
    if (!full.p)
        return prq_fail(err, PRQ_E_NOMEM, "registries.conf");
    if (!prq_toml_parse(text, a, limits, &doc, err))
        return false;
    const struct prq_toml *t = prq_toml_first(prq_toml_find(doc, PRQ_S("registry")));
    for (; t; t = t->next) {
        prq_str prefix = prq_toml_string(t, PRQ_S("prefix"));
        if (prefix.n == 0)
            prefix = prq_toml_string(t, PRQ_S("location"));
        size_t fit = prefix.n ? prefix_fits(prefix, ref->host, full) : 0;
        if (fit == 0 || fit < m->fit)
            continue;
        if (!take_registry(t, prefix, full, ref->digest.n > 0, a, m, err))
            return false;
        m->fit = fit;
    }
    return true;
}

static bool apply_file(struct prq_ctx *ctx, const char *path, const struct prq_image_ref *ref,
                       struct prq_arena *a, struct prq_mirrors *m, bool *found,
                       struct prq_err *err)
{
    PRQ_BUF b;
    struct prq_err why = PRQ_ERR_INIT;
    prq_buf_init(&b, CONF_BYTES);
    *found = prq_read_file(path, &b, &why);
    if (!*found && (why.sys == ENOENT || why.sys == ENOTDIR))
        return true;
    if (!*found) {
        if (err)
            *err = why;
        return false;
    }
    prq_str text = prq_arena_copy(a, prq_buf_view(&b));
    if (!text.p)
        return prq_fail(err, PRQ_E_NOMEM, "%s", path);
    return prq_registries_conf_apply(text, ref, a, ctx->limits, m, err) || prq_in(err, "%s", path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool apply_dir(struct prq_ctx *ctx, const char *dir, const struct prq_image_ref *ref,
                      struct prq_arena *a, struct prq_mirrors *m, struct prq_err *err)
{
    struct dirent **names;
    int n = scandir(dir, &names, NULL, by_name);
    bool ok = true, found;
    for (int i = 0; i < n; i++) {
        char path[4096];
        int len = snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        if (ok && len > 0 && (size_t)len < sizeof path &&
            prq_str_ends(prq_str_from(path), PRQ_S(".conf")))
            ok = apply_file(ctx, path, ref, a, m, &found, err);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return ok;
}

static bool apply_all(struct prq_ctx *ctx, const struct prq_image_ref *ref, struct prq_arena *a,
                      struct prq_mirrors *m, struct prq_err *err)
{
    char own[4096] = "", own_dir[4096] = "";
    const char *given = getenv("CONTAINERS_REGISTRIES_CONF"), *home = getenv("HOME");
    bool found = false;
    if (given && *given)
        return apply_file(ctx, given, ref, a, m, &found, err);
    if (home && *home) {
        snprintf(own, sizeof own, "%s/.config/containers/registries.conf", home);
        snprintf(own_dir, sizeof own_dir, "%s.d", own);
    }
    if (*own && !apply_file(ctx, own, ref, a, m, &found, err))
        return false;
    if (!found && !apply_file(ctx, "/etc/containers/registries.conf", ref, a, m, &found, err))
        return false;
    return apply_dir(ctx, "/etc/containers/registries.conf.d", ref, a, m, err) &&
           (!*own_dir || apply_dir(ctx, own_dir, ref, a, m, err));
}

bool prq_endpoints_find(struct prq_ctx *ctx, const struct prq_image_ref *ref, struct prq_arena *a,
                        struct prq_endpoint **out, size_t *count, struct prq_err *err)
{
    struct prq_mirrors m = { 0 };
    if (!apply_all(ctx, ref, a, &m, err))
        return false;
    if (m.is_blocked)
        return prq_deny(err, "registries.conf blocks %.*s/%.*s", PRQ_FMT(ref->host),
                        PRQ_FMT(ref->repository));
    if (m.count == 0) {
        m.endpoints = prq_new(a, struct prq_endpoint);
        if (!m.endpoints)
            return prq_fail(err, PRQ_E_NOMEM, "registry");
        *m.endpoints = (struct prq_endpoint){ ref->host, ref->repository, false };
        m.count = 1;
    }
    *out = m.endpoints;
    *count = m.count;
    return true;
}
