/* SPDX-License-Identifier: Apache-2.0 */
/* Julia: Manifest.toml, the resolved packages of a project or of an environment.
 *
 *     format 1    [[Name]] uuid, version, deps, git-tree-sha1, repo-url, path
 *     format 2    manifest_format = "2.0", [[deps.Name]] with the same members
 *
 * A name may stand for several packages, told apart by their uuid. Standard libraries have no version of
 * their own before Julia 1.9: they are listed without one. Source: Pkg's documentation, "Manifest.toml". */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "format/toml.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("Manifest.toml"), .max_bytes = PRQ_MIB(16) },
    { .basename = PRQ_SI("JuliaManifest.toml"), .max_bytes = PRQ_MIB(16) },
    { .max_bytes = 0 },
};

/* deps is a list of names, or a table of names to uuids. */
static bool read_depends(const struct prq_toml *one, struct prq_arena *a, struct prq_package *p)
{
    const struct prq_toml *deps = prq_toml_find(one, PRQ_S("deps"));
    size_t cap = 0;
    for (const struct prq_toml *d = prq_toml_first(deps); d; d = d->next) {
        prq_str name = deps->type == PRQ_TOML_TABLE ? d->key : d->text;
        if (name.n && !prq_strs_add(&p->depends, &cap, name, a))
            return false;
    }
    return true;
}

static bool put(const struct prq_toml *one, prq_str name, struct prq_arena *a, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str uuid = prq_toml_string(one, PRQ_S("uuid")), qualifier;
    if (uuid.n == 0)
        return true; /* some other tool's Manifest.toml */
    struct prq_package p = {
        .type = PRQ_S("julia"),
        .name = name,
        .version = prq_toml_string(one, PRQ_S("version")),
    };
    qualifier = prq_arena_printf(a, "uuid=%.*s", PRQ_FMT(uuid));
    p.qualifiers = (struct prq_strs){ &qualifier, 1 };
    if (!qualifier.p || !read_depends(one, a, &p))
        return prq_fail(err, PRQ_E_LIMIT, "too many packages");
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_toml *doc;
    if (!prq_toml_parse(prq_str_of(in->data), ctx->scratch, ctx->limits, &doc, err))
        return false;
    const struct prq_toml *deps = doc;
    if (prq_toml_find(doc, PRQ_S("manifest_format")))
        deps = prq_toml_find(doc, PRQ_S("deps"));
    for (const struct prq_toml *named = prq_toml_first(deps); named; named = named->next) {
        if (named->type != PRQ_TOML_ARRAY)
            continue;
        for (const struct prq_toml *one = prq_toml_first(named); one; one = one->next)
            if (!put(one, named->key, ctx->scratch, sink, err))
                return false;
    }
    return true;
}

const struct prq_analyzer prq_analyzer_julia = {
    .name = "julia",
    .purl_type = "julia",
    .summary = "Julia packages: Manifest.toml",
    .revision = 1,
    .wants = wants,
    .run = run,
};
