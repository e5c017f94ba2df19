/* SPDX-License-Identifier: Apache-2.0 */
/* Swift: Package.resolved. Source: swift-package-manager, ResolvedPackagesStore; catalog.md 4.9:
 *
 *     version 1     {"object": {"pins": [{"package", "repositoryURL", "state"}]}, "version": 1}
 *     version 2, 3  {"pins": [{"identity", "kind", "location", "state"}], "version": 2}
 *     state         {"branch", "revision", "version"}, each may be null */
#include "analyze/analyze.h"
#include "analyze/loss.h"
#include "format/json.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("Package.resolved"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI(".package.resolved"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

struct pin {
    prq_str identity, kind, location, branch, revision, version;
};

struct reader {
    struct prq_json j;
    struct prq_sink *sink;
    struct prq_loss loss;
    uint64_t format;
    bool has_pins;
};

static void read_state(struct prq_json *j, struct pin *p)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("branch")))
            prq_json_string_or_skip(j, &p->branch);
        else if (prq_str_eq(key, PRQ_S("revision")))
            prq_json_string_or_skip(j, &p->revision);
        else if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &p->version);
        else
            prq_json_skip(j);
    }
}

static void read_pin(struct prq_json *j, struct pin *p)
{
    prq_str key;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("identity")) || prq_str_eq(key, PRQ_S("package")))
            prq_json_string_or_skip(j, &p->identity);
        else if (prq_str_eq(key, PRQ_S("location")) || prq_str_eq(key, PRQ_S("repositoryURL")))
            prq_json_string_or_skip(j, &p->location);
        else if (prq_str_eq(key, PRQ_S("kind")))
            prq_json_string_or_skip(j, &p->kind);
        else if (prq_str_eq(key, PRQ_S("state")))
            read_state(j, p);
        else
            prq_json_skip(j);
    }
}

/* "https://u@github.com/a/b.git", "git@github.com:a/b" to "github.com/a/b": the name that
 * advisories use. Empty when it is no address of another host. */
static prq_str name_of(prq_str url, struct prq_arena *a)
{
    size_t scheme = prq_str_search(url, PRQ_S("://"));
    bool has_scheme = scheme < url.n;
    prq_str rest = has_scheme ? prq_str_from_at(url, scheme + 3) : url;
    size_t host_end = prq_str_find(rest, '/');
    prq_str host = prq_str_head(rest, host_end), path = prq_str_from_at(rest, host_end + 1);
    prq_str user, before, after;
    if (!has_scheme && prq_str_cut(rest, ':', &before, &after) && before.n < host_end) {
        host = before;
        path = after;
    }
    (void)prq_str_rcut(host, '@', &user, &host);
    if (has_scheme && prq_str_cut(host, ':', &before, &after))
        host = before; /* a port says nothing */
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    if (prq_str_ends(path, PRQ_S(".git")))
        path.n -= strlen(".git");
    while (path.n && path.p[0] == '/')
        path = prq_str_from_at(path, 1);
    if (prq_str_find(host, '.') == host.n || path.n == 0)
        return (prq_str){ 0 };
    char *p = prq_arena_alloc(a, host.n + 1 + path.n);
    if (!p)
        return (prq_str){ 0 };
    for (size_t i = 0; i < host.n; i++)
        p[i] = prq_to_lower(host.p[i]);
    p[host.n] = '/';
    memcpy(p + host.n + 1, path.p, path.n);
    return (prq_str){ p, host.n + 1 + path.n };
}

static bool put(struct reader *r, const struct pin *pin, struct prq_err *err)
{
    struct prq_arena *a = r->j.arena;
    bool is_local = prq_str_starts(pin->kind, PRQ_S("local")) ||
                    prq_str_starts(pin->location, PRQ_S("/"));
    prq_str name = is_local ? (prq_str){ 0 } : name_of(pin->location, a);
    struct prq_package p = {
        .type = PRQ_S("swift"),
        .name = name.n ? name : pin->identity,
        .ns = name.n ? prq_path_dir(name) : (prq_str){ 0 },
        .version = pin->version,
        .flags = PRQ_PKG_DECLARED | (is_local ? PRQ_PKG_APPLICATION : 0),
    };
    if (p.name.n == 0) {
        prq_loss_add(&r->loss, r->j.at, "pin without a name");
        return true;
    }
    prq_str at = pin->revision.n ? pin->revision : pin->branch;
    if (pin->version.n == 0 && name.n && at.n) {
        p.vcs_url = prq_arena_printf(a, "git+%.*s@%.*s", PRQ_FMT(pin->location), PRQ_FMT(at));
        if (!p.vcs_url.p)
            return prq_fail(err, PRQ_E_LIMIT, "file too large");
    }
    return prq_sink_package(r->sink, &p) || prq_sink_full(err);
}

static bool read_pins(struct reader *r, struct prq_err *err)
{
    struct prq_json *j = &r->j;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    r->has_pins = true;
    while (prq_json_item(j)) {
        struct pin pin = { 0 };
        if (!prq_json_enter_object(j)) {
            prq_loss_add(&r->loss, j->at, "pin is not an object");
            prq_json_skip(j);
            continue;
        }
        read_pin(j, &pin);
        if (!j->bad && !put(r, &pin, err))
            return false;
    }
    return true;
}

static bool read_document(struct reader *r, struct prq_err *err)
{
    struct prq_json *j = &r->j;
    prq_str key, inner;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("version"))) {
            prq_json_u64_or_skip(j, &r->format);
        } else if (prq_str_eq(key, PRQ_S("pins"))) {
            if (!read_pins(r, err))
                return false;
        } else if (prq_str_eq(key, PRQ_S("object")) && prq_json_enter_object(j)) {
            while (prq_json_key(j, &inner)) {
                if (!prq_str_eq(inner, PRQ_S("pins")))
                    prq_json_skip(j);
                else if (!read_pins(r, err))
                    return false;
            }
        } else {
            prq_json_skip(j);
        }
    }
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct reader r = { .sink = sink };
    prq_json_init(&r.j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&r.j))
        prq_json_skip(&r.j);
    else if (!read_document(&r, err))
        return false;
    if (!prq_json_end(&r.j, err))
        return false;
    if (!r.has_pins)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no pins");
    if (r.format < 1 || r.format > 3)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "not version 1, 2 or 3 of the format");
    return prq_loss_report(&r.loss, sink) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_swift = {
    .name = "swift",
    .purl_type = "swift",
    .summary = "Swift packages asked for: Package.resolved",
    .revision = 1,
    .wants = wants,
    .run = run,
};
