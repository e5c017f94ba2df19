/* SPDX-License-Identifier: Apache-2.0 */
/* Rocks: the specification that LuaRocks keeps of what it installs, NAME-VERSION.rockspec, a Lua
 * program that only assigns:
 *
 *     package = "kong-pgmoon"
 *     version = "1.16.2-1"
 *     description = { license = "MIT" }
 *     dependencies = { "lua >= 5.1", "lpeg" }
 *
 * Nothing is evaluated; strings, joined by "..", and variables made of them are understood.
 * Source: luarocks.org, "Rockspec format"; Lua 5.4 Reference Manual, 3.1; catalog.md 4.9. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "base/map.h"

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".rockspec"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

enum kind { END, WORD, STRING, MARK };

struct token {
    enum kind kind;
    prq_str text;
    bool is_escaped;
};

struct reader {
    prq_str in;
    size_t at;
    bool is_cut;
    size_t cut_at;
    struct prq_arena *arena;
    struct prq_map names; /* of assigned variables, to an index into values */
    prq_str *values;
    size_t value_count, value_cap;
    struct prq_package package;
    size_t license_cap, depend_cap;
    bool is_full;
};

/* ---- tokens */

static char peek(const struct reader *r, size_t n)
{
    return n < r->in.n - r->at ? r->in.p[r->at + n] : '\0';
}

static void cut(struct reader *r, size_t at)
{
    if (!r->is_cut)
        r->cut_at = at;
    r->is_cut = true;
}

/* The level of "[==[" that begins n places on; -1: there is none. */
static int long_level(const struct reader *r, size_t n)
{
    int level = 0;
    if (peek(r, n) != '[')
        return -1;
    while (peek(r, n + 1 + (size_t)level) == '=' && level < 16)
        level++;
    return peek(r, n + 1 + (size_t)level) == '[' ? level : -1;
}

/* To after "]==]". */
static prq_str take_long(struct reader *r, size_t level)
{
    size_t start = r->at += level + 2;
    for (; r->at < r->in.n; r->at++) {
        if (r->in.p[r->at] != ']')
            continue;
        size_t n = 1;
        while (n <= level && peek(r, n) == '=')
            n++;
        if (n == level + 1 && peek(r, n) == ']') {
            prq_str text = { r->in.p + start, r->at - start };
            r->at += n + 1;
            return text;
        }
    }
    cut(r, start);
    return (prq_str){ r->in.p + prq_min_size(start, r->in.n), 0 };
}

static void skip_blanks(struct reader *r)
{
    for (;;) {
        if (r->at < r->in.n && prq_is_space(r->in.p[r->at])) {
            r->at++;
        } else if (peek(r, 0) == '-' && peek(r, 1) == '-') {
            int level = long_level(r, 2);
            r->at += 2;
            if (level >= 0)
                (void)take_long(r, (size_t)level);
            else
                r->at += prq_str_find(prq_str_from_at(r->in, r->at), '\n');
        } else {
            return;
        }
    }
}

static struct token take_quoted(struct reader *r)
{
    char quote = r->in.p[r->at];
    size_t start = ++r->at;
    struct token t = { .kind = STRING };
    while (r->at < r->in.n && r->in.p[r->at] != quote) {
        t.is_escaped = t.is_escaped || r->in.p[r->at] == '\\';
        r->at += r->in.p[r->at] == '\\' ? 2 : 1;
    }
    if (r->at >= r->in.n)
        cut(r, start);
    size_t end = prq_min_size(r->at, r->in.n);
    t.text = (prq_str){ r->in.p + start, end - start };
    r->at = prq_min_size(end + 1, r->in.n);
    return t;
}

static struct token take(struct reader *r)
{
    skip_blanks(r);
    if (r->at >= r->in.n)
        return (struct token){ .kind = END };
    char c = r->in.p[r->at];
    int level = long_level(r, 0);
    if (c == '"' || c == '\'')
        return take_quoted(r);
    if (level >= 0)
        return (struct token){ STRING, take_long(r, (size_t)level), false };
    size_t n = 0;
    while (prq_is_alnum(peek(r, n)) || peek(r, n) == '_')
        n++;
    struct token t = { n ? WORD : MARK, { r->in.p + r->at, n }, false };
    if (!n)
        t.text.n = c == '.' && peek(r, 1) == '.' ? 2 : c == '=' && peek(r, 1) == '=' ? 2 : 1;
    r->at += t.text.n;
    return t;
}

static bool is_mark(struct token t, char c)
{
    return t.kind == MARK && t.text.n == 1 && t.text.p[0] == c;
}

/* ---- values */

static prq_str variable(const struct reader *r, prq_str name)
{
    const size_t *at = prq_map_find(&r->names, name);
    return at ? r->values[*at] : (prq_str){ 0 };
}

static void assign(struct reader *r, prq_str name, prq_str value)
{
    bool added;
    size_t *at = prq_map_put(&r->names, name, r->value_count, &added);
    if (at && !added) {
        r->values[*at] = value;
    } else if (!at || (r->value_count == r->value_cap &&
                       !prq_arena_grow(r->arena, &r->values, sizeof *r->values, &r->value_cap,
                                       r->value_count + 1))) {
        r->is_full = true;
    } else {
        r->values[r->value_count++] = value;
    }
}

/* A string, a number or a variable; p == NULL: something else, or escapes, which names and versions
 * do not have. */
static prq_str text_of(const struct reader *r, struct token t)
{
    if (t.kind == STRING)
        return t.is_escaped ? (prq_str){ 0 } : t.text;
    if (t.kind != WORD)
        return (prq_str){ 0 };
    return prq_is_digit(t.text.p[0]) ? t.text : variable(r, t.text);
}

/* a .. "b" .. c; *next is the token after it. */
static prq_str take_value(struct reader *r, struct token first, struct token *next)
{
    prq_str value = text_of(r, first);
    for (*next = take(r); next->kind == MARK && next->text.n == 2 && next->text.p[0] == '.';
         *next = take(r)) {
        prq_str more = text_of(r, take(r));
        bool is_known = value.p && more.p && value.n + more.n < 1024;
        value = is_known ? prq_arena_printf(r->arena, "%.*s%.*s", PRQ_FMT(value), PRQ_FMT(more))
                         : (prq_str){ 0 };
    }
    return value;
}

/* ---- tables: only two are of interest, and of them only what lies directly inside */

enum table { NO_TABLE, DESCRIPTION, DEPENDENCIES };

/* "lpeg >= 1.0" to "lpeg". */
static void depend(struct reader *r, prq_str text)
{
    size_t n = 0;
    while (n < text.n && !prq_is_space(text.p[n]) && !memchr("<>=~", text.p[n], 4))
        n++;
    prq_str name = prq_str_head(text, n);
    if (!prq_str_eq(name, PRQ_S("lua")))
        r->is_full |= !prq_strs_add(&r->package.depends, &r->depend_cap, name, r->arena);
}

/* After the brace, to after its end. */
static void read_table(struct reader *r, enum table table)
{
    size_t depth = 1;
    prq_str key = { 0 };
    struct token t, last = { .kind = MARK, .text = PRQ_S("{") };
    while (depth && (t = take(r)).kind != END && !r->is_full) {
        bool is_value = is_mark(last, '=');
        if (is_mark(t, '{') || is_mark(t, '('))
            depth++;
        else if (is_mark(t, '}') || is_mark(t, ')'))
            depth--;
        else if (is_mark(t, '='))
            key = last.text;
        else if (depth == 1 && t.kind == STRING && table == DEPENDENCIES && !is_value)
            depend(r, t.text);
        else if (depth == 1 && t.kind == STRING && table == DESCRIPTION && is_value &&
                 prq_str_eq(key, PRQ_S("license")))
            r->is_full |= !prq_strs_add(&r->package.licenses, &r->license_cap, t.text, r->arena);
        last = t;
    }
    if (depth)
        cut(r, r->in.n);
}

static void read_program(struct reader *r)
{
    struct token t = take(r), name = { .kind = MARK };
    while (t.kind != END && !r->is_full) {
        if (!is_mark(t, '=') || name.kind != WORD) {
            bool is_table = is_mark(t, '{');
            name = t;
            if (is_table)
                read_table(r, NO_TABLE);
            t = take(r);
            continue;
        }
        t = take(r);
        if (is_mark(t, '{')) {
            read_table(r, prq_str_eq(name.text, PRQ_S("description"))    ? DESCRIPTION
                          : prq_str_eq(name.text, PRQ_S("dependencies")) ? DEPENDENCIES
                                                                         : NO_TABLE);
            t = take(r);
        } else {
            prq_str value = take_value(r, t, &t);
            if (value.p)
                assign(r, name.text, value);
        }
        name = (struct token){ .kind = MARK };
    }
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct reader r = { .in = prq_str_of(in->data), .arena = ctx->scratch };
    prq_map_init(&r.names, ctx->scratch);
    read_program(&r);
    struct prq_package *p = &r.package;
    p->type = PRQ_S("luarocks");
    p->name = variable(&r, PRQ_S("package"));
    p->version = variable(&r, PRQ_S("version"));
    if (in->mode == PRQ_WANT_SOURCE && !prq_str_has(in->file->path, PRQ_S("/rocks")))
        p->flags = PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION;
    if (p->name.n && p->version.n && !prq_sink_package(sink, p))
        return prq_sink_full(err);
    if (r.is_full)
        return prq_fail(err, PRQ_E_LIMIT, "too many values");
    if (r.is_cut)
        return prq_fail_at(err, PRQ_E_FORMAT, r.cut_at, "a string or table has no end");
    return (p->name.n && p->version.n) ||
           prq_fail_at(err, PRQ_E_FORMAT, 0, "no package and version");
}

const struct prq_analyzer prq_analyzer_lua = {
    .name = "lua",
    .purl_type = "luarocks",
    .summary = "Lua rocks: .rockspec",
    .revision = 1,
    .wants = wants,
    .run = run,
};
