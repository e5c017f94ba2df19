/* SPDX-License-Identifier: Apache-2.0 */
/* What a JavaScript project asks for. Sources: catalog.md 4.2 and, for the forms of an address,
 * docs.npmjs.com, "package.json", "dependencies". */
#include "analyze/nodelock.h"

#define LOCK_BYTES PRQ_MIB(128)

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("package-lock.json"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("npm-shrinkwrap.json"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("yarn.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("pnpm-lock.yaml"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("bun.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("deno.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI(".pnp.cjs"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI(".pnp.data.json"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

bool prq_npm_split(prq_str s, prq_str *name, prq_str *rest)
{
    prq_str after = prq_str_from_at(s, 1); /* a scope's own @ */
    size_t at = prq_str_find(after, '@');
    if (s.n < 2 || at == after.n)
        return false;
    *name = prq_str_head(s, at + 1);
    *rest = prq_str_from_at(s, at + 2);
    return true;
}

void prq_npm_declare(struct prq_package *p)
{
    p->type = PRQ_S("npm");
    p->ns = p->name.n && p->name.p[0] == '@' ? prq_path_dir(p->name) : (prq_str){ 0 };
    p->flags |= PRQ_PKG_DECLARED;
}

static bool is_repository(prq_str spec)
{
    static const prq_str starts[] = {
        PRQ_SI("git+"), PRQ_SI("git:"), PRQ_SI("git@"), PRQ_SI("github:"), PRQ_SI("gitlab:"),
        PRQ_SI("bitbucket:"), PRQ_SI("gist:"),
    };
    for (size_t i = 0; i < PRQ_COUNT(starts); i++)
        if (prq_str_starts(spec, starts[i]))
            return true;
    return false;
}

void prq_npm_specify(struct prq_package *p, prq_str spec)
{
    if (prq_str_starts(spec, PRQ_S("npm:"))) {
        prq_str name, version, real = prq_str_from_at(spec, 4);
        bool is_alias = prq_npm_split(real, &name, &version);
        p->name = is_alias ? name : p->name;
        p->version = is_alias ? version : real;
    } else if (is_repository(spec)) {
        p->vcs_url = spec;
    } else if (!prq_str_has(spec, PRQ_S("://"))) {
        p->version = spec; /* also "file:…" and "link:…" as they stand */
    }
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path), text = prq_str_of(in->data);
    /* What a package ships of its own development is nobody's wish. */
    if (prq_str_starts(in->file->path, PRQ_S("node_modules/")) ||
        prq_str_has(in->file->path, PRQ_S("/node_modules/")))
        return true;
    if (prq_str_eq(base, PRQ_S("yarn.lock")))
        return prq_yarnlock_read(ctx, text, sink, err);
    if (prq_str_eq(base, PRQ_S("pnpm-lock.yaml")))
        return prq_pnpmlock_read(ctx, text, sink, err);
    if (prq_str_eq(base, PRQ_S("bun.lock")))
        return prq_bunlock_read(ctx, text, sink, err);
    if (prq_str_eq(base, PRQ_S("deno.lock")))
        return prq_denolock_read(ctx, text, sink, err);
    if (prq_str_starts(base, PRQ_S(".pnp.")))
        return prq_pnpfile_read(ctx, text, sink, err);
    return prq_npmlock_read(ctx, text, sink, err);
}

const struct prq_analyzer prq_analyzer_nodelock = {
    .name = "nodelock",
    .purl_type = "npm",
    .summary = "npm packages asked for: package-lock, yarn, PnP, pnpm, bun, deno",
    .revision = 2,
    .wants = wants,
    .run = run,
};
