/* SPDX-License-Identifier: Apache-2.0 */
/* Gems as they lie on the disk: the specifications that RubyGems writes when it installs, those of
 * the gems that come with Ruby (specifications/default), and Debian's.
 * Source: RubyGems Guides, "Specification Reference"; catalog.md 4.6. */
#include "analyze/gemspec.h"

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".gemspec"), .contains = PRQ_SI("specifications/"),
      .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_gemspec g;
    if (!prq_gem_is_installed(in->file->path))
        return true;
    bool ok = prq_gemspec_read(prq_str_of(in->data), prq_path_base(in->file->path), ctx->scratch,
                               &g, err);
    if (g.name.n == 0 || g.version.n == 0)
        return ok ? prq_fail_at(err, PRQ_E_FORMAT, 0, "no name and version of a gem") : false;
    struct prq_package p = {
        .type = PRQ_S("gem"),
        .name = g.name,
        .version = g.version,
        .licenses = g.licenses,
        .depends = g.depends,
        .flags = g.is_guessed ? PRQ_PKG_GUESSED : 0,
    };
    if (!prq_gem_qualify(&p, g.platform, (prq_str){ 0 }, ctx->scratch))
        return prq_fail(err, PRQ_E_LIMIT, "file too large");
    return prq_sink_package(sink, &p) ? ok : prq_sink_full(ok ? err : NULL);
}

const struct prq_analyzer prq_analyzer_ruby = {
    .name = "ruby",
    .purl_type = "gem",
    .summary = "installed gems: specifications of RubyGems and of Ruby itself",
    .revision = 2,
    .wants = wants,
    .run = run,
};
