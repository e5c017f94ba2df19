/* SPDX-License-Identifier: Apache-2.0 */
/* Tools that a source tree asks its version manager for.
 *
 *     .tool-versions    asdf: "nodejs 18.2.0 system # why", a tool and its versions a line
 *     mise.toml         mise: [tools] node = "18", python = ["3.10", "3.11"], go = {version = "1.21"}
 *
 * "system", "ref:…", "path:…" and "latest" are no versions; a prefix such as "18" is kept as it is: that
 * is what is asked for. Sources: asdf's and mise's documentation of their files. */
#include "analyze/analyze.h"
#include "format/toml.h"

#define DECLARED(name) \
    { .basename = PRQ_SI(name), .max_bytes = PRQ_MIB(1), .modes = PRQ_WANT_SOURCE }

static const struct prq_want wants[] = {
    DECLARED(".tool-versions"),
    DECLARED("mise.toml"),
    DECLARED(".mise.toml"),
    { .max_bytes = 0 },
};

static bool is_version(prq_str v)
{
    return v.n && prq_is_digit(v.p[v.p[0] == 'v' && v.n > 1]);
}

static bool put(prq_str name, prq_str version, struct prq_sink *sink)
{
    if (name.n == 0 || !is_version(version))
        return true;
    const struct prq_package p = { .type = PRQ_S("binary"), .name = name, .version = version,
                                   .flags = PRQ_PKG_DECLARED };
    return prq_sink_package(sink, &p);
}

static bool next_word(prq_str *line, prq_str *word)
{
    *line = prq_str_trim(*line);
    size_t n = 0;
    while (n < line->n && !prq_is_space(line->p[n]))
        n++;
    *word = prq_str_head(*line, n);
    *line = prq_str_from_at(*line, n);
    return n > 0;
}

static bool read_lines(prq_str text, struct prq_sink *sink)
{
    prq_str line, name, version;
    while (prq_str_split(&text, '\n', &line)) {
        line = prq_str_head(line, prq_str_find(line, '#'));
        if (!next_word(&line, &name))
            continue;
        while (next_word(&line, &version))
            if (!put(name, version, sink))
                return false;
    }
    return true;
}

static bool put_tool(const struct prq_toml *tool, struct prq_sink *sink)
{
    switch (tool->type) {
    case PRQ_TOML_STRING:
        return put(tool->key, tool->text, sink);
    case PRQ_TOML_TABLE:
        return put(tool->key, prq_toml_string(tool, PRQ_S("version")), sink);
    case PRQ_TOML_ARRAY:
        for (const struct prq_toml *v = prq_toml_first(tool); v; v = v->next) {
            prq_str text = v->type == PRQ_TOML_STRING ? v->text : prq_toml_string(v, PRQ_S("version"));
            if (!put(tool->key, text, sink))
                return false;
        }
        return true;
    default:
        return true;
    }
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_toml *doc;
    prq_str text = prq_str_of(in->data);
    if (prq_str_eq(prq_path_base(in->file->path), PRQ_S(".tool-versions")))
        return read_lines(text, sink) || prq_sink_full(err);
    if (!prq_toml_parse(text, ctx->scratch, ctx->limits, &doc, err))
        return false;
    const struct prq_toml *tools = prq_toml_find(doc, PRQ_S("tools"));
    for (const struct prq_toml *t = prq_toml_first(tools); t; t = t->next)
        if (!put_tool(t, sink))
            return prq_sink_full(err);
    return true;
}

const struct prq_analyzer prq_analyzer_toolversions = {
    .name = "toolversions",
    .purl_type = "generic",
    .summary = "tools asked for: .tool-versions, mise.toml",
    .revision = 1,
    .wants = wants,
    .run = run,
};
