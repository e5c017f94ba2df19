/* SPDX-License-Identifier: Apache-2.0 */
#include "format/beamterm.h"

void prq_beam_init(struct prq_beam *b, prq_str in, bool is_elixir)
{
    if (prq_str_starts(in, PRQ_S("\xef\xbb\xbf")))
        in = prq_str_from_at(in, 3);
    *b = (struct prq_beam){ .in = in, .is_elixir = is_elixir };
}

static char peek(const struct prq_beam *b, size_t n)
{
    return n < b->in.n - b->at ? b->in.p[b->at + n] : '\0';
}

static void cut(struct prq_beam *b, size_t at)
{
    if (!b->is_cut)
        b->cut_at = at;
    b->is_cut = true;
}

static void skip_blanks(struct prq_beam *b)
{
    for (; b->at < b->in.n; b->at++) {
        char c = b->in.p[b->at];
        bool is_comment = b->is_elixir ? c == '#' : c == '%';
        if (is_comment)
            b->at += prq_str_find(prq_str_from_at(b->in, b->at), '\n');
        else if (!prq_is_space(c))
            return;
        if (b->at >= b->in.n)
            return;
    }
}

/* The quote has been looked at, not passed. */
static prq_str take_quoted(struct prq_beam *b)
{
    char quote = b->in.p[b->at];
    size_t start = ++b->at;
    while (b->at < b->in.n && b->in.p[b->at] != quote)
        b->at += b->in.p[b->at] == '\\' ? 2 : 1;
    if (b->at >= b->in.n)
        cut(b, start - 1);
    size_t end = prq_min_size(b->at, b->in.n);
    b->at = prq_min_size(end + 1, b->in.n);
    return (prq_str){ b->in.p + start, end - start };
}

static bool is_word_char(char c)
{
    return prq_is_alnum(c) || c == '_' || c == '@' || (unsigned char)c >= 0x80;
}

/* "1.5" is one word, "x.y" is not one that matters, and a dot before white space ends a term. */
static prq_str take_word(struct prq_beam *b)
{
    size_t n = 0;
    while (is_word_char(peek(b, n)) || (peek(b, n) == '.' && is_word_char(peek(b, n + 1))))
        n++;
    prq_str text = prq_str_head(prq_str_from_at(b->in, b->at), n);
    b->at += n;
    return text;
}

/* <<"x">>, <<"x"/utf8>>. False: another binary. */
static bool take_binary(struct prq_beam *b, prq_str *out)
{
    size_t start = b->at;
    b->at += 2;
    skip_blanks(b);
    if (peek(b, 0) == '"') {
        *out = take_quoted(b);
        if (prq_str_starts(prq_str_from_at(b->in, b->at), PRQ_S("/utf8")))
            b->at += strlen("/utf8");
        skip_blanks(b);
        if (peek(b, 0) == '>' && peek(b, 1) == '>') {
            b->at += 2;
            return true;
        }
    }
    b->at = start;
    return false;
}

struct prq_beam_token prq_beam_next(struct prq_beam *b)
{
    skip_blanks(b);
    struct prq_beam_token t = { .kind = PRQ_BEAM_END, .at = b->at };
    char c = peek(b, 0), d = peek(b, 1);
    if (b->at >= b->in.n)
        return t;
    t.text = prq_str_head(prq_str_from_at(b->in, b->at), 1);
    if (c == '<' && d == '<') {
        t.kind = take_binary(b, &t.text) ? PRQ_BEAM_TEXT : PRQ_BEAM_OPEN;
        if (t.kind == PRQ_BEAM_TEXT)
            return t;
        t.text.n = 2;
    } else if (c == '>' && d == '>') {
        t.kind = PRQ_BEAM_CLOSE;
        t.text.n = 2;
    } else if (c == '"' || (c == '\'' && b->is_elixir)) {
        t.kind = PRQ_BEAM_TEXT;
        t.text = take_quoted(b);
        return t;
    } else if (c == '\'') {
        t.kind = PRQ_BEAM_ATOM;
        t.text = take_quoted(b);
        return t;
    } else if (c == ':' && b->is_elixir && (d == '"' || is_word_char(d))) {
        t.kind = PRQ_BEAM_ATOM;
        b->at++;
        t.text = d == '"' ? take_quoted(b) : take_word(b);
        return t;
    } else if (is_word_char(c)) {
        t.kind = PRQ_BEAM_ATOM;
        t.text = take_word(b);
        return t;
    } else if (c == '$' && !b->is_elixir && d) { /* a character */
        t.kind = PRQ_BEAM_ATOM;
        t.text = prq_str_head(prq_str_from_at(b->in, b->at), d == '\\' ? 3 : 2);
    } else if ((c == '%' || c == '#') && d == '{') { /* a map */
        t.kind = PRQ_BEAM_OPEN;
        b->at++;
        t.text.p++;
    } else {
        t.kind = memchr("{[(", c, 3) ? PRQ_BEAM_OPEN : memchr("}])", c, 3) ? PRQ_BEAM_CLOSE
                                                                           : PRQ_BEAM_MARK;
    }
    b->at += t.text.n;
    return t;
}

/* To after the end of what `open` began. */
static prq_str take_nested(struct prq_beam *b, struct prq_beam_token open)
{
    size_t depth = 1, start = (size_t)(open.text.p - b->in.p);
    while (depth) {
        struct prq_beam_token t = prq_beam_next(b);
        if (t.kind == PRQ_BEAM_END) {
            cut(b, start);
            break;
        }
        depth += t.kind == PRQ_BEAM_OPEN;
        depth -= t.kind == PRQ_BEAM_CLOSE;
    }
    return (prq_str){ b->in.p + start, b->at - start };
}

bool prq_beam_member(struct prq_beam *b, struct prq_beam_field *out)
{
    size_t start = b->at;
    *out = (struct prq_beam_field){ 0 };
    for (;;) {
        struct prq_beam_token t = prq_beam_next(b);
        if (t.kind == PRQ_BEAM_END) {
            cut(b, start);
            return out->kind != PRQ_BEAM_END;
        }
        if (t.kind == PRQ_BEAM_CLOSE) {
            /* The last one, whose comma was this; the next call ends. */
            if (out->kind != PRQ_BEAM_END)
                b->at = t.at;
            return out->kind != PRQ_BEAM_END;
        }
        if (prq_beam_is(t, PRQ_BEAM_MARK, PRQ_S(",")))
            return true;
        if (t.kind == PRQ_BEAM_MARK)
            continue;
        out->kind = t.kind;
        out->text = t.kind == PRQ_BEAM_OPEN ? take_nested(b, t) : t.text;
    }
}

size_t prq_beam_members(prq_str nested, bool is_elixir, struct prq_beam_field *out, size_t max)
{
    struct prq_beam b;
    size_t n = 0;
    memset(out, 0, max * sizeof *out);
    prq_beam_init(&b, nested, is_elixir);
    if (prq_beam_next(&b).kind != PRQ_BEAM_OPEN)
        return 0;
    while (n < max && prq_beam_member(&b, &out[n]))
        n++;
    return n;
}
