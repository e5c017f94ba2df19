/* SPDX-License-Identifier: Apache-2.0 */
/* What a Go module asks for: go.mod and vendor/modules.txt.
 * Sources: go.dev/ref/mod, "go.mod files" (lexical elements, directives) and "Vendoring". */
#include "analyze/analyze.h"
#include "analyze/loss.h"
#include "base/map.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("go.mod"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI("/vendor/modules.txt"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

struct module {
    prq_str path, version;
};

/* ---- words of a line */

enum { WORDS = 6 }; /* replace a v => b v */

struct line {
    size_t at; /* byte of the file */
    prq_str word[WORDS];
    size_t n;
    bool is_indirect;
    bool is_broken;
};

/* A word is quoted, or goes on to a blank, a bracket or a comment. */
static bool next_word(prq_str *rest, prq_str *out)
{
    prq_str s = *rest;
    while (s.n && prq_is_space(s.p[0]))
        s = prq_str_from_at(s, 1);
    *rest = s;
    if (s.n == 0 || prq_str_starts(s, PRQ_S("//")))
        return false;
    size_t n = 1;
    if (s.p[0] == '"' || s.p[0] == '`') {
        prq_str in = prq_str_from_at(s, 1);
        n = prq_str_find(in, s.p[0]);
        *out = prq_str_head(in, n);
        *rest = prq_str_from_at(in, n + 1);
        return true;
    }
    if (s.p[0] != '(' && s.p[0] != ')')
        while (n < s.n && !prq_is_space(s.p[n]) && s.p[n] != '(' && s.p[n] != ')' &&
               !prq_str_starts(prq_str_from_at(s, n), PRQ_S("//")))
            n++;
    *out = prq_str_head(s, n);
    *rest = prq_str_from_at(s, n);
    return true;
}

static struct line split_line(prq_str text, size_t at)
{
    struct line l = { .at = at };
    prq_str word;
    while (next_word(&text, &word)) {
        if (l.n == WORDS) {
            l.is_broken = true;
            break;
        }
        l.word[l.n++] = word;
    }
    l.is_indirect = prq_str_has(text, PRQ_S("indirect"));
    return l;
}

/* ---- statements: blocks are opened, so that each line begins with its directive */

struct reader {
    prq_str all, rest;
    prq_str block; /* the directive whose ( is open; empty: none */
};

static bool next_statement(struct reader *r, prq_str *verb, struct line *l)
{
    prq_str text;
    while (prq_str_line(&r->rest, &text)) {
        *l = split_line(text, (size_t)(text.p - r->all.p));
        if (l->n == 0)
            continue;
        if (r->block.n && prq_str_eq(l->word[0], PRQ_S(")"))) {
            r->block = (prq_str){ 0 };
            continue;
        }
        if (r->block.n) {
            *verb = r->block;
            return true;
        }
        if (l->n >= 2 && prq_str_eq(l->word[1], PRQ_S("("))) {
            r->block = l->word[0];
            if (l->n == 3 && prq_str_eq(l->word[2], PRQ_S(")")))
                r->block = (prq_str){ 0 };
            continue;
        }
        *verb = l->word[0];
        memmove(&l->word[0], &l->word[1], (WORDS - 1) * sizeof l->word[0]);
        l->n--;
        return true;
    }
    return false;
}

/* ---- go.mod */

struct gomod {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct module self;
    struct prq_map replaced; /* "path" or "path version" to an index into `by` */
    struct module *by;
    size_t by_count, by_cap;
    struct prq_map excluded; /* "path version" */
    struct prq_strs direct;  /* names of what is required directly */
    size_t direct_cap;
    struct prq_loss loss;
};

static prq_str key_of(struct gomod *g, prq_str path, prq_str version)
{
    return prq_arena_printf(g->ctx->scratch, "%.*s %.*s", PRQ_FMT(path), PRQ_FMT(version));
}

/* a [v] => b [v] */
static bool read_replace(struct gomod *g, const struct line *l)
{
    size_t arrow = l->n >= 2 && prq_str_eq(l->word[1], PRQ_S("=>")) ? 1 : 2;
    if (l->n < arrow + 2 || l->n > arrow + 3 || !prq_str_eq(l->word[arrow], PRQ_S("=>"))) {
        prq_loss_add(&g->loss, l->at, "not a replacement");
        return true;
    }
    prq_str key = arrow == 1 ? l->word[0] : key_of(g, l->word[0], l->word[1]);
    if (!key.p || !prq_arena_grow(g->ctx->scratch, &g->by, sizeof *g->by, &g->by_cap, g->by_count + 1))
        return false;
    g->by[g->by_count] = (struct module){
        l->word[arrow + 1],
        l->n == arrow + 3 ? l->word[arrow + 2] : (prq_str){ 0 },
    };
    bool added;
    size_t *at = prq_map_put(&g->replaced, key, g->by_count, &added);
    if (!at)
        return false;
    *at = g->by_count++;
    return true;
}

static bool read_exclude(struct gomod *g, const struct line *l)
{
    bool added;
    if (l->n != 2) {
        prq_loss_add(&g->loss, l->at, "not an exclusion");
        return true;
    }
    prq_str key = key_of(g, l->word[0], l->word[1]);
    return key.p && prq_map_put(&g->excluded, key, 0, &added);
}

static bool put(struct prq_sink *sink, struct module m, uint32_t flags, struct prq_strs depends)
{
    struct prq_package p = {
        .type = PRQ_S("golang"),
        .ns = prq_path_dir(m.path),
        .name = m.path,
        .version = m.version,
        .depends = depends,
        .flags = flags | PRQ_PKG_DECLARED,
    };
    return prq_sink_package(sink, &p);
}

/* A path without version is a directory: known by name only. */
static uint32_t local_flag(struct module m)
{
    return m.version.n ? 0 : PRQ_PKG_NO_MATCH;
}

static bool put_required(struct gomod *g, const struct line *l, struct prq_err *err)
{
    struct module m = { l->word[0], l->word[1] };
    struct prq_mark mark = prq_arena_mark(g->ctx->scratch);
    prq_str key = key_of(g, m.path, m.version);
    if (!key.p)
        return prq_fail(err, PRQ_E_LIMIT, "line too long");
    const size_t *by = prq_map_find(&g->replaced, key);
    bool is_excluded = prq_map_find(&g->excluded, key);
    prq_arena_rewind(g->ctx->scratch, mark);
    if (is_excluded)
        return true;
    if (!by)
        by = prq_map_find(&g->replaced, m.path);
    if (by)
        m = g->by[*by];
    if (m.path.n == 0)
        return true;
    if (!put(g->sink, m, local_flag(m), (struct prq_strs){ 0 }))
        return prq_sink_full(err);
    if (l->is_indirect)
        return true;
    if (g->direct.n == g->direct_cap &&
        !prq_arena_grow(g->ctx->scratch, &g->direct.v, sizeof(prq_str), &g->direct_cap,
                        g->direct.n + 1))
        return prq_fail(err, PRQ_E_LIMIT, "too many modules");
    g->direct.v[g->direct.n++] = m.path;
    return true;
}

/* "go1.22.1" of the toolchain line; "default" names none. */
static bool put_toolchain(struct gomod *g, prq_str name)
{
    if (!prq_str_starts(name, PRQ_S("go")) || name.n < 3)
        return true;
    prq_str version = prq_str_from_at(name, 2);
    version = prq_str_head(version, prq_str_find(version, '-'));
    return put(g->sink, (struct module){ PRQ_S("stdlib"), version }, 0, (struct prq_strs){ 0 });
}

/* Everything but what is required: that is looked up in what this collects. */
static bool first_pass(struct gomod *g, prq_str text, struct prq_err *err)
{
    static const prq_str others[] = { PRQ_SI("go"),   PRQ_SI("toolchain"), PRQ_SI("retract"),
                                      PRQ_SI("tool"), PRQ_SI("godebug"),   PRQ_SI("ignore") };
    struct reader r = { .all = text, .rest = text };
    struct line l;
    prq_str verb;
    while (next_statement(&r, &verb, &l)) {
        bool ok = true;
        if (prq_str_eq(verb, PRQ_S("replace"))) {
            ok = read_replace(g, &l);
        } else if (prq_str_eq(verb, PRQ_S("exclude"))) {
            ok = read_exclude(g, &l);
        } else if (prq_str_eq(verb, PRQ_S("module"))) {
            g->self.path = l.n ? l.word[0] : (prq_str){ 0 };
        } else if (prq_str_eq(verb, PRQ_S("require"))) {
            if (l.n != 2 || l.is_broken)
                prq_loss_add(&g->loss, l.at, "not a requirement");
        } else {
            bool known = false;
            for (size_t i = 0; i < PRQ_COUNT(others); i++)
                known = known || prq_str_eq(verb, others[i]);
            if (!known)
                prq_loss_add(&g->loss, l.at, "unknown directive");
        }
        if (!ok)
            return prq_fail(err, PRQ_E_LIMIT, "too many replacements");
    }
    return true;
}

static bool second_pass(struct gomod *g, prq_str text, struct prq_err *err)
{
    struct reader r = { .all = text, .rest = text };
    struct line l;
    prq_str verb;
    while (next_statement(&r, &verb, &l)) {
        if (prq_str_eq(verb, PRQ_S("require")) && l.n == 2 && !put_required(g, &l, err))
            return false;
        if (prq_str_eq(verb, PRQ_S("toolchain")) && l.n == 1 && !put_toolchain(g, l.word[0]))
            return prq_sink_full(err);
    }
    return true;
}

static bool run_gomod(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    struct gomod g = { .ctx = ctx, .sink = sink };
    prq_map_init(&g.replaced, ctx->scratch);
    prq_map_init(&g.excluded, ctx->scratch);
    if (prq_str_starts(text, PRQ_S("\xef\xbb\xbf")))
        text = prq_str_from_at(text, 3);
    if (!first_pass(&g, text, err) || !second_pass(&g, text, err))
        return false;
    if (g.self.path.n && !put(sink, g.self, PRQ_PKG_MAIN | PRQ_PKG_APPLICATION, g.direct))
        return prq_sink_full(err);
    return prq_loss_report(&g.loss, sink) || prq_sink_full(err);
}

/* ---- vendor/modules.txt: "# path version [=> path [version]]", then "## explicit" or the packages
 * that were copied. A module that neither follows is only an unused replacement. */

static struct module vendored(const struct line *l)
{
    struct module m = { l->word[1], l->word[2] };
    if (l->n >= 5 && prq_str_eq(l->word[3], PRQ_S("=>")))
        m = (struct module){ l->word[4], l->n == 6 ? l->word[5] : (prq_str){ 0 } };
    return m;
}

static bool run_vendor(prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    struct module pending = { 0 };
    struct prq_loss loss = { 0 };
    prq_str all = text, line;
    while (prq_str_line(&text, &line)) {
        struct line l = split_line(line, (size_t)(line.p - all.p));
        if (l.n == 0)
            continue;
        if (prq_str_eq(l.word[0], PRQ_S("#"))) {
            pending = (struct module){ 0 };
            if (l.n >= 3 && !prq_str_eq(l.word[2], PRQ_S("=>")))
                pending = vendored(&l);
            else if (l.n < 3)
                prq_loss_add(&loss, l.at, "module without a version");
            continue;
        }
        bool is_note = prq_str_starts(l.word[0], PRQ_S("##"));
        if (is_note && !prq_str_has(line, PRQ_S("explicit")))
            continue;
        if (pending.path.n && !put(sink, pending, local_flag(pending), (struct prq_strs){ 0 }))
            return prq_sink_full(err);
        pending = (struct module){ 0 };
    }
    return prq_loss_report(&loss, sink) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (prq_str_ends(in->file->path, PRQ_S("modules.txt")))
        return run_vendor(prq_str_of(in->data), sink, err);
    return run_gomod(ctx, prq_str_of(in->data), sink, err);
}

const struct prq_analyzer prq_analyzer_gomod = {
    .name = "gomod",
    .purl_type = "golang",
    .summary = "Go modules asked for: go.mod, vendor/modules.txt",
    .revision = 1,
    .wants = wants,
    .run = run,
};
