/* SPDX-License-Identifier: Apache-2.0 */
#include "format/dockerfile.h"

#include "base/buf.h"

enum { MAX_INSTRUCTIONS = 4096, MAX_HEREDOCS = 16, MAX_WORD = 4096, MAX_ARGS = 256 };

struct reader {
    prq_str text, rest;
    struct prq_arena *a;
    struct prq_dockerfile *out;
    size_t cap;
    uint32_t line; /* of the next line */
    char escape;
};

static bool next_line(struct reader *r, prq_str *line)
{
    if (!prq_str_line(&r->rest, line))
        return false;
    r->line++;
    return true;
}

static bool is_comment(prq_str line)
{
    line = prq_str_trim(line);
    return line.n > 0 && line.p[0] == '#';
}

/* "# escape=`": only before anything that is no directive. */
static void read_directives(struct reader *r)
{
    struct reader ahead = *r;
    prq_str line, name, value;
    while (next_line(&ahead, &line)) {
        line = prq_str_trim(line);
        if (line.n == 0 || line.p[0] != '#' ||
            !prq_str_cut(prq_str_from_at(line, 1), '=', &name, &value))
            return;
        value = prq_str_trim(value);
        if (prq_str_ieq(prq_str_trim(name), PRQ_S("escape")) && prq_str_eq(value, PRQ_S("`")))
            r->escape = '`';
    }
}

/* The line without its continuation mark; *goes_on when it had one. */
static prq_str part_of(const struct reader *r, prq_str line, bool *goes_on)
{
    prq_str end = line;
    while (end.n && (end.p[end.n - 1] == ' ' || end.p[end.n - 1] == '\t' || end.p[end.n - 1] == '\r'))
        end.n--;
    *goes_on = end.n > 0 && end.p[end.n - 1] == r->escape;
    return *goes_on ? prq_str_head(end, end.n - 1) : line;
}

static bool is_word(char c)
{
    return prq_is_alnum(c) || c == '_';
}

struct heredoc {
    prq_str name;
    bool strips_tabs;
};

/* "<<EOF", "<<-EOF", "<<'EOF'": RUN, COPY and ADD have them. */
static size_t find_heredocs(prq_str s, struct heredoc *out)
{
    size_t n = 0;
    for (size_t i = 0; i + 2 < s.n && n < MAX_HEREDOCS; i++) {
        if (s.p[i] != '<' || s.p[i + 1] != '<')
            continue;
        i += 2;
        if (s.p[i] == '<') { /* a here-string of the shell: <<<word */
            continue;
        }
        struct heredoc h = { 0 };
        h.strips_tabs = s.p[i] == '-';
        i += h.strips_tabs;
        char quote = i < s.n && (s.p[i] == '"' || s.p[i] == '\'') ? s.p[i] : 0;
        i += quote != 0;
        size_t start = i;
        while (i < s.n && is_word(s.p[i]))
            i++;
        h.name = (prq_str){ s.p + start, i - start };
        if (h.name.n && (!quote || (i < s.n && s.p[i] == quote)))
            out[n++] = h;
    }
    return n;
}

static void skip_heredocs(struct reader *r, prq_str instruction)
{
    struct heredoc docs[MAX_HEREDOCS];
    size_t n = find_heredocs(instruction, docs);
    for (size_t i = 0; i < n; i++) {
        prq_str line;
        while (next_line(r, &line)) {
            while (docs[i].strips_tabs && line.n && line.p[0] == '\t')
                line = prq_str_from_at(line, 1);
            if (prq_str_eq(line, docs[i].name))
                break;
        }
    }
}

static bool can_have_heredocs(prq_str keyword)
{
    return prq_str_eq(keyword, PRQ_S("RUN")) || prq_str_eq(keyword, PRQ_S("COPY")) ||
           prq_str_eq(keyword, PRQ_S("ADD"));
}

/* The keyword in upper case; empty when it is none. */
static prq_str keyword_of(prq_str text, struct prq_arena *a)
{
    size_t n = 0;
    while (n < text.n && prq_is_alpha(text.p[n]))
        n++;
    if (n == 0 || n > 16 || (n < text.n && !prq_is_space(text.p[n])))
        return (prq_str){ 0 };
    char *upper = prq_arena_alloc(a, n);
    for (size_t i = 0; upper && i < n; i++)
        upper[i] = prq_is_lower(text.p[i]) ? (char)(text.p[i] - 'a' + 'A') : text.p[i];
    return (prq_str){ upper, upper ? n : 0 };
}

static bool add(struct reader *r, prq_str text, uint32_t line, size_t at, struct prq_err *err)
{
    struct prq_instruction i = { .line = line };
    text = prq_str_trim(text);
    i.keyword = keyword_of(text, r->a);
    if (!i.keyword.n)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "not an instruction of a Dockerfile");
    if (r->out->n >= MAX_INSTRUCTIONS)
        return prq_fail_at(err, PRQ_E_LIMIT, at, "more instructions than a Dockerfile has");
    i.rest = prq_arena_copy(r->a, prq_str_trim(prq_str_from_at(text, i.keyword.n)));
    if (!i.rest.p ||
        !prq_arena_grow(r->a, &r->out->v, sizeof i, &r->cap, r->out->n + 1))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    r->out->v[r->out->n++] = i;
    if (can_have_heredocs(i.keyword))
        skip_heredocs(r, i.rest);
    return true;
}

bool prq_dockerfile_parse(prq_str text, struct prq_arena *a, struct prq_dockerfile *out,
                          struct prq_err *err)
{
    struct reader r = { .text = text, .rest = text, .a = a, .out = out, .escape = '\\' };
    prq_str line;
    *out = (struct prq_dockerfile){ 0 };
    if (prq_str_starts(r.rest, PRQ_S("\xef\xbb\xbf")))
        r.rest = prq_str_from_at(r.rest, 3);
    read_directives(&r);
    while (next_line(&r, &line)) {
        size_t at = (size_t)(line.p - text.p);
        uint32_t number = r.line;
        bool goes_on;
        if (is_comment(line) || prq_str_trim(line).n == 0)
            continue;
        PRQ_BUF whole;
        prq_buf_init(&whole, PRQ_MIB(1));
        prq_buf_str(&whole, part_of(&r, line, &goes_on));
        while (goes_on && next_line(&r, &line))
            if (!is_comment(line) && prq_str_trim(line).n > 0)
                prq_buf_str(&whole, part_of(&r, line, &goes_on));
        if (whole.bad)
            return prq_fail_at(err, PRQ_E_LIMIT, at, "instruction too long");
        if (!add(&r, prq_buf_view(&whole), number, at, err))
            return false;
    }
    return true;
}

/* ---- stages */

struct variable {
    prq_str name, value;
};

struct scope {
    struct variable *v;
    size_t n, cap;
};

static prq_str value_of(const struct scope *s, prq_str name)
{
    for (size_t i = s->n; i-- > 0;)
        if (prq_str_eq(s->v[i].name, name))
            return s->v[i].value;
    return (prq_str){ 0 };
}

static prq_str unquoted(prq_str s)
{
    bool is_quoted = s.n > 1 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return is_quoted ? (prq_str){ s.p + 1, s.n - 2 } : s;
}

/* The next word of a line. */
static bool next_word(prq_str *rest, prq_str *word)
{
    *rest = prq_str_trim(*rest);
    size_t n = 0;
    while (n < rest->n && !prq_is_space(rest->p[n]))
        n++;
    *word = prq_str_head(*rest, n);
    *rest = prq_str_from_at(*rest, n);
    return n > 0;
}

/* "${NAME}", "${NAME:-word}", "${NAME:+word}" after the "${". */
static prq_str braces(prq_str inside, const struct scope *s)
{
    size_t n = 0;
    while (n < inside.n && is_word(inside.p[n]))
        n++;
    prq_str name = prq_str_head(inside, n), value = value_of(s, name);
    prq_str op = prq_str_from_at(inside, n);
    if (prq_str_starts(op, PRQ_S(":")))
        op = prq_str_from_at(op, 1);
    if (prq_str_starts(op, PRQ_S("-")))
        return value.n ? value : prq_str_from_at(op, 1);
    if (prq_str_starts(op, PRQ_S("+")))
        return value.n ? prq_str_from_at(op, 1) : PRQ_S("");
    return value;
}

/* p == NULL: a variable has no value, or it is too long. */
static prq_str expand(prq_str s, const struct scope *scope, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, MAX_WORD);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '$') {
            prq_buf_byte(&b, (uint8_t)s.p[i]);
            continue;
        }
        prq_str rest = prq_str_from_at(s, i + 1), value;
        size_t n = 0;
        if (prq_str_starts(rest, PRQ_S("{"))) {
            n = prq_str_find(rest, '}');
            value = braces((prq_str){ rest.p + 1, n - 1 }, scope);
            n += n < rest.n;
        } else {
            while (n < rest.n && is_word(rest.p[n]))
                n++;
            value = value_of(scope, prq_str_head(rest, n));
        }
        if (!value.p)
            return (prq_str){ 0 };
        prq_buf_str(&b, value);
        i += n;
    }
    return b.bad ? (prq_str){ 0 } : prq_arena_copy(a, prq_buf_view(&b));
}

struct stage {
    prq_str base, name;
    size_t from, end; /* instructions after its FROM */
};

static void parse_from(const struct prq_instruction *i, const struct scope *scope,
                       struct prq_arena *a, struct stage *out)
{
    prq_str rest = i->rest, word, image = { 0 };
    while (next_word(&rest, &word))
        if (!prq_str_starts(word, PRQ_S("--"))) {
            image = word;
            break;
        }
    if (next_word(&rest, &word) && prq_str_ieq(word, PRQ_S("AS")) && next_word(&rest, &word))
        out->name = word;
    out->base = expand(unquoted(image), scope, a);
}

/* The stage that `base` names among the first n, by name or number; n: none, it is an image. */
static size_t find_stage(const struct stage *v, size_t n, prq_str base)
{
    uint64_t number;
    for (size_t i = n; i-- > 0;)
        if (v[i].name.n && prq_str_ieq(v[i].name, base))
            return i;
    return prq_str_u64(base, &number) && number < n ? (size_t)number : n;
}

static bool learn_args(struct scope *s, const struct prq_instruction *i, struct prq_arena *a)
{
    prq_str rest = i->rest, word, name, value;
    while (s->n < MAX_ARGS && next_word(&rest, &word)) {
        if (!prq_str_cut(word, '=', &name, &value))
            continue;
        prq_str text = expand(unquoted(value), s, a);
        if (!prq_arena_grow(a, &s->v, sizeof *s->v, &s->cap, s->n + 1))
            return false;
        s->v[s->n++] = (struct variable){ name, text };
    }
    return true;
}

bool prq_dockerfile_last_stage(const struct prq_dockerfile *d, struct prq_arena *a,
                               struct prq_dockerfile_stage *out, struct prq_err *err)
{
    struct stage *v = prq_new_n(a, struct stage, d->n + 1);
    struct scope scope = { 0 };
    size_t n = 0, total = 0;
    *out = (struct prq_dockerfile_stage){ 0 };
    out->v = prq_new_n(a, const struct prq_instruction *, d->n + 1);
    if (!v || !out->v)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    for (size_t i = 0; i < d->n; i++) {
        if (prq_str_eq(d->v[i].keyword, PRQ_S("FROM"))) {
            parse_from(&d->v[i], &scope, a, &v[n]);
            v[n].from = i + 1;
            n++;
        } else if (n == 0 && prq_str_eq(d->v[i].keyword, PRQ_S("ARG")) &&
                   !learn_args(&scope, &d->v[i], a)) {
            return prq_fail(err, PRQ_E_NOMEM, "out of memory");
        }
        if (n)
            v[n - 1].end = i + 1;
    }
    if (n == 0)
        return true;
    /* From the last stage to the one that is built on an image; the order is turned at the end. */
    size_t at = n - 1, up;
    for (;; at = up) {
        for (size_t i = v[at].end; i-- > v[at].from;)
            out->v[total++] = &d->v[i];
        up = find_stage(v, at, v[at].base);
        if (up == at)
            break;
    }
    out->base = v[at].base;
    out->n = total;
    for (size_t i = 0; i < total / 2; i++) {
        const struct prq_instruction *x = out->v[i];
        out->v[i] = out->v[total - 1 - i];
        out->v[total - 1 - i] = x;
    }
    return true;
}
