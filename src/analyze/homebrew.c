/* SPDX-License-Identifier: Apache-2.0 */
/* What Homebrew installed; the paths say most:
 *
 *     …/Cellar/NAME/VERSION/.brew/NAME.rb            the formula that it was made by
 *     …/Cellar/NAME/VERSION/INSTALL_RECEIPT.json     its tap
 *     …/Caskroom/NAME/.metadata/VERSION/TIME/Casks/NAME.{rb,json}
 *
 * Source: Homebrew documentation, "Formula Cookbook", "Cask Cookbook"; catalog.md 3.11. */
#include "analyze/analyze.h"

#include "format/json.h"

/* The component after `folder` in a path, and those that follow it. */
static bool after(prq_str path, prq_str folder, prq_str *name, prq_str *rest)
{
    prq_str left = path, part;
    while (prq_str_split(&left, '/', &part))
        if (prq_str_eq(part, folder))
            return prq_str_split(&left, '/', name) && name->n && (*rest = left).n;
    return false;
}

/* `license "MIT"`, at the start of a line. More than one name is an expression in Ruby. */
static prq_str licence_of(prq_str formula)
{
    prq_str line, before, inside, rest;
    while (prq_str_line(&formula, &line)) {
        line = prq_str_trim(line);
        if (prq_str_starts(line, PRQ_S("license \"")) && prq_str_cut(line, '"', &before, &inside) &&
            prq_str_cut(inside, '"', &inside, &rest))
            return inside;
    }
    return (prq_str){ 0 };
}

static bool put(prq_str name, prq_str version, prq_str licence, prq_str qualifier,
                struct prq_sink *sink, struct prq_err *err)
{
    const struct prq_package p = { .type = PRQ_S("brew"),
                                   .name = name,
                                   .version = version,
                                   .licenses = { &licence, licence.n != 0 },
                                   .qualifiers = { &qualifier, qualifier.n != 0 } };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* {"source": {"tap": "homebrew/core", …}, …} */
static bool read_tap(struct prq_ctx *ctx, prq_str in, prq_str *tap, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, in, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("source")) || !prq_json_enter_object(&j)) {
            prq_json_skip(&j);
            continue;
        }
        while (prq_json_key(&j, &key))
            if (prq_str_eq(key, PRQ_S("tap")))
                prq_json_string_or_skip(&j, tap);
            else
                prq_json_skip(&j);
    }
    return prq_json_end(&j, err);
}

static bool read_cellar(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                        struct prq_err *err)
{
    prq_str name, rest, version, tap = { 0 }, qualifier = { 0 };
    if (!after(in->file->path, PRQ_S("Cellar"), &name, &rest) ||
        !prq_str_split(&rest, '/', &version) || !version.n)
        return true; /* of no formula */
    if (prq_str_starts(rest, PRQ_S(".brew/")))
        return put(name, version, licence_of(prq_str_of(in->data)), qualifier, sink, err);
    if (!prq_str_eq(rest, PRQ_S("INSTALL_RECEIPT.json")))
        return true;
    if (!read_tap(ctx, prq_str_of(in->data), &tap, err))
        return false;
    if (tap.n) {
        qualifier = prq_arena_printf(ctx->scratch, "tap=%.*s", PRQ_FMT(tap));
        if (!qualifier.p)
            return prq_fail(err, PRQ_E_LIMIT, "no memory for a package");
    }
    return put(name, version, (prq_str){ 0 }, qualifier, sink, err);
}

static bool read_cask(const struct prq_input *in, struct prq_sink *sink, struct prq_err *err)
{
    prq_str name, rest, version, ignored;
    if (!after(in->file->path, PRQ_S("Caskroom"), &name, &rest) ||
        !prq_str_cut(rest, '/', &ignored, &rest) || !prq_str_eq(ignored, PRQ_S(".metadata")) ||
        !prq_str_split(&rest, '/', &version) || !version.n)
        return true;
    return put(name, version, (prq_str){ 0 }, PRQ_S("type=cask"), sink, err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (prq_str_has(in->file->path, PRQ_S("Caskroom/")))
        return read_cask(in, sink, err);
    return read_cellar(ctx, in, sink, err);
}

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".rb"), .contains = PRQ_SI("/.brew/"), .max_bytes = PRQ_MIB(4) },
    { .basename = PRQ_SI("INSTALL_RECEIPT.json"), .contains = PRQ_SI("Cellar/"),
      .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI(".rb"), .contains = PRQ_SI("Caskroom/"), .max_bytes = PRQ_MIB(4) },
    { .suffix = PRQ_SI(".json"), .contains = PRQ_SI("/.metadata/"), .max_bytes = PRQ_MIB(16) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_homebrew = {
    .name = "homebrew",
    .purl_type = "brew",
    .summary = "Homebrew's formulae and casks: Cellar/*/*/.brew, Caskroom",
    .revision = 1,
    .wants = wants,
    .run = run,
};
