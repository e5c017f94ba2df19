/* SPDX-License-Identifier: Apache-2.0 */
/* Cargo.lock: what a Rust project asks for; and of Cargo.toml what it is itself, and which crates it
 * pins ("=1.2.3": other requirements name no version). Source: the Cargo Book, "Cargo.toml vs
 * Cargo.lock", and cargo's src/core/resolver/encode.rs for the versions:
 *
 *     [[package]] name, version, source, checksum, dependencies = ["name [version [(source)]]"]
 *     version 1   checksums in [metadata]: "checksum NAME VERSION (SOURCE)" = "…"; older: [root]
 *     version 4   the query of a git source is percent-encoded
 *
 * What has no source lies beside the lock file: the project itself and its members. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "format/toml.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("Cargo.lock"), .max_bytes = PRQ_MIB(64), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("Cargo.toml"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

struct lock {
    struct prq_arena *arena;
    const struct prq_toml *metadata;
    struct prq_sink *sink;
    struct prq_loss loss;
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many crates");
}

static bool is_public(prq_str registry)
{
    return prq_str_eq(registry, PRQ_S("registry+https://github.com/rust-lang/crates.io-index")) ||
           prq_str_starts(registry, PRQ_S("sparse+https://index.crates.io"));
}

/* "git+https://host/x?branch=main#COMMIT" to "git+https://host/x@COMMIT"; a registry that is not
 * the public one to a qualifier. False: memory ran out. */
static bool read_source(prq_str source, struct prq_arena *a, struct prq_package *p)
{
    prq_str kind, url, commit = { 0 };
    if (prq_str_starts(source, PRQ_S("git+"))) {
        (void)prq_str_cut(source, '#', &source, &commit);
        source = prq_str_head(source, prq_str_find(source, '?'));
        p->vcs_url = prq_arena_printf(a, "%.*s%s%.*s", PRQ_FMT(source), commit.n ? "@" : "",
                                      PRQ_FMT(commit));
        return p->vcs_url.p != NULL;
    }
    if (is_public(source) || !prq_str_cut(source, '+', &kind, &url))
        return true;
    p->qualifiers = (struct prq_strs){ prq_new(a, prq_str), 1 };
    if (!p->qualifiers.v)
        return false;
    p->qualifiers.v[0] = prq_arena_printf(a, "repository_url=%.*s", PRQ_FMT(url));
    return p->qualifiers.v[0].p != NULL;
}

/* False: memory ran out. */
static bool read_checksum(const struct lock *l, const struct prq_toml *crate, prq_str source,
                          struct prq_package *p)
{
    prq_str sum = prq_toml_string(crate, PRQ_S("checksum"));
    if (sum.n == 0 && l->metadata) {
        prq_str key = prq_arena_printf(l->arena, "checksum %.*s %.*s (%.*s)", PRQ_FMT(p->name),
                                       PRQ_FMT(p->version), PRQ_FMT(source));
        if (!key.p)
            return false;
        sum = prq_toml_string(l->metadata, key);
    }
    if (sum.n != 64) /* "<none>" of git sources */
        return true;
    p->digests = (struct prq_strs){ prq_new(l->arena, prq_str), 1 };
    if (!p->digests.v)
        return false;
    p->digests.v[0] = prq_arena_printf(l->arena, "sha256:%.*s", PRQ_FMT(sum));
    return p->digests.v[0].p != NULL;
}

/* False: memory ran out. */
static bool read_depends(const struct lock *l, const struct prq_toml *crate, struct prq_package *p)
{
    const struct prq_toml *list = prq_toml_find(crate, PRQ_S("dependencies"));
    size_t cap = 0;
    for (const struct prq_toml *d = prq_toml_first(list); d; d = d->next)
        if (!prq_strs_add(&p->depends, &cap, prq_str_head(d->text, prq_str_find(d->text, ' ')),
                          l->arena))
            return false;
    return true;
}

static bool put(struct lock *l, const struct prq_toml *crate, struct prq_err *err)
{
    prq_str source = prq_toml_string(crate, PRQ_S("source"));
    struct prq_package p = {
        .type = PRQ_S("cargo"),
        .name = prq_toml_string(crate, PRQ_S("name")),
        .version = prq_toml_string(crate, PRQ_S("version")),
        .flags = PRQ_PKG_DECLARED | (source.n ? 0 : PRQ_PKG_APPLICATION),
    };
    if (p.name.n == 0) {
        prq_loss_add(&l->loss, 0, "crate without a name");
        return true;
    }
    if (!read_source(source, l->arena, &p) || !read_checksum(l, crate, source, &p) ||
        !read_depends(l, crate, &p))
        return full(err);
    return prq_sink_package(l->sink, &p) || prq_sink_full(err);
}

static bool run_lock(struct prq_ctx *ctx, const struct prq_toml *doc, struct prq_sink *sink,
                     struct prq_err *err)
{
    struct lock l = { ctx->scratch, prq_toml_find(doc, PRQ_S("metadata")), sink, { 0 } };
    const struct prq_toml *root = prq_toml_find(doc, PRQ_S("root"));
    const struct prq_toml *list = prq_toml_find(doc, PRQ_S("package"));
    if (list && list->type != PRQ_TOML_ARRAY)
        return prq_fail(err, PRQ_E_FORMAT, "line %u: package is not a list", list->line);
    if (root && !put(&l, root, err))
        return false;
    for (const struct prq_toml *crate = prq_toml_first(list); crate; crate = crate->next)
        if (!put(&l, crate, err))
            return false;
    return prq_loss_report(&l.loss, sink) || prq_sink_full(err);
}

/* ---- Cargo.toml. Source: the Cargo Book, "The Manifest Format", "Specifying Dependencies". */

static bool put_named(struct prq_sink *sink, prq_str name, prq_str version, uint32_t flags,
                      struct prq_err *err)
{
    const struct prq_package p = {
        .type = PRQ_S("cargo"),
        .name = name,
        .version = version,
        .flags = PRQ_PKG_DECLARED | flags,
    };
    return name.n == 0 || version.n == 0 || prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* name = "=1.2.3" or name = {version = "=1.2.3", package = "real", git = …, path = …}; version and
 * addresses are texts, or it is no dependency. */
static bool read_wish(const struct prq_toml *wish, prq_str *name, prq_str *version)
{
    static const prq_str texts[] = { PRQ_SI("version"), PRQ_SI("git"),    PRQ_SI("path"),
                                     PRQ_SI("tag"),     PRQ_SI("branch"), PRQ_SI("rev"),
                                     PRQ_SI("package"), PRQ_SI("registry") };
    *name = wish->key;
    *version = wish->text;
    if (wish->type == PRQ_TOML_STRING)
        return true;
    if (wish->type != PRQ_TOML_TABLE)
        return false;
    for (size_t i = 0; i < PRQ_COUNT(texts); i++) {
        const struct prq_toml *member = prq_toml_find(wish, texts[i]);
        if (member && member->type != PRQ_TOML_STRING)
            return false;
    }
    prq_str real = prq_toml_string(wish, PRQ_S("package"));
    if (real.n)
        *name = real;
    *version = prq_toml_string(wish, PRQ_S("version"));
    return true;
}

static bool run_manifest(const struct prq_toml *doc, struct prq_sink *sink, struct prq_err *err)
{
    static const struct {
        prq_str table;
        uint32_t flags;
    } lists[] = {
        { PRQ_SI("dependencies"), 0 },
        { PRQ_SI("dev-dependencies"), PRQ_PKG_DEV },
        { PRQ_SI("build-dependencies"), PRQ_PKG_DEV },
    };
    struct prq_loss loss = { 0 };
    const struct prq_toml *self = prq_toml_find(doc, PRQ_S("package"));
    if (!put_named(sink, prq_toml_string(self, PRQ_S("name")),
                   prq_toml_string(self, PRQ_S("version")), PRQ_PKG_APPLICATION, err))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(lists); i++) {
        const struct prq_toml *list = prq_toml_find(doc, lists[i].table);
        for (const struct prq_toml *wish = prq_toml_first(list); wish; wish = wish->next) {
            prq_str name, version;
            if (!read_wish(wish, &name, &version))
                prq_loss_add(&loss, 0, "not a dependency");
            else if (prq_str_starts(version, PRQ_S("=")) && prq_str_find(version, ',') == version.n &&
                     !put_named(sink, name, prq_str_trim(prq_str_from_at(version, 1)),
                                lists[i].flags, err))
                return false;
        }
    }
    return prq_loss_report(&loss, sink) || prq_sink_full(err);
}

/* Fetched and vendored crates are told by the lock file. */
static bool is_fetched(prq_str path)
{
    return prq_str_starts(path, PRQ_S("vendor/")) || prq_str_has(path, PRQ_S("/vendor/")) ||
           prq_str_has(path, PRQ_S("registry/src/"));
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_toml *doc;
    if (is_fetched(in->file->path))
        return true;
    if (!prq_toml_parse(prq_str_of(in->data), ctx->scratch, ctx->limits, &doc, err))
        return false;
    return prq_str_ends(in->file->path, PRQ_S(".lock")) ? run_lock(ctx, doc, sink, err)
                                                        : run_manifest(doc, sink, err);
}

const struct prq_analyzer prq_analyzer_cargolock = {
    .name = "cargolock",
    .purl_type = "cargo",
    .summary = "Rust crates asked for: Cargo.lock, Cargo.toml",
    .revision = 1,
    .wants = wants,
    .run = run,
};
