/* SPDX-License-Identifier: Apache-2.0 */
#include "format/phparray.h"

static bool fail(struct prq_phparray *s, enum prq_code code, const char *why)
{
    if (!s->bad) {
        s->bad = true;
        s->code = code;
        s->bad_at = s->at;
        s->why = why;
    }
    return false;
}

static prq_str left(const struct prq_phparray *s)
{
    return prq_str_from_at(s->in, s->at);
}

static bool at_text(const struct prq_phparray *s, prq_str text)
{
    return prq_str_starts(left(s), text);
}

/* Up to the end of the line, or behind the mark that ends it. */
static void skip_comment(struct prq_phparray *s)
{
    bool is_block = at_text(s, PRQ_S("/*"));
    prq_str rest = left(s), end = is_block ? PRQ_S("*/") : PRQ_S("\n");
    size_t n = prq_str_search(prq_str_from_at(rest, is_block ? 2 : 0), end);
    size_t all = n + (is_block ? 2 : 0) + end.n;
    s->at += prq_min_size(all, rest.n);
}

/* Also tells whether there is a next byte at all. */
static bool skip_space(struct prq_phparray *s)
{
    while (!s->bad && s->at < s->in.n) {
        if (prq_is_space(s->in.p[s->at]))
            s->at++;
        else if (s->in.p[s->at] == '#' || at_text(s, PRQ_S("//")) || at_text(s, PRQ_S("/*")))
            skip_comment(s);
        else
            return true;
    }
    return false;
}

static bool is_next(struct prq_phparray *s, char c)
{
    return skip_space(s) && s->in.p[s->at] == c;
}

static bool take(struct prq_phparray *s, char c)
{
    bool is_there = is_next(s, c);
    s->at += is_there;
    return is_there;
}

static bool is_word_byte(char c)
{
    return prq_is_alnum(c) || c == '_' || c == '\\' || c == ':' || (unsigned char)c >= 0x80;
}

static prq_str peek_word(struct prq_phparray *s)
{
    prq_str rest = skip_space(s) ? left(s) : (prq_str){ 0 };
    size_t n = 0;
    while (n < rest.n && is_word_byte(rest.p[n]))
        n++;
    return prq_str_head(rest, n);
}

void prq_phparray_init(struct prq_phparray *s, prq_str in, struct prq_arena *arena)
{
    static const prq_str mark = PRQ_SI("<?php"), word = PRQ_SI("return");
    *s = (struct prq_phparray){ .in = in, .arena = arena };
    if (at_text(s, PRQ_S("\xef\xbb\xbf")))
        s->at = 3;
    if (!skip_space(s) || !prq_str_ieq(prq_str_head(left(s), mark.n), mark)) {
        fail(s, PRQ_E_FORMAT, "not a PHP file");
        return;
    }
    s->at += mark.n;
    if (!prq_str_ieq(peek_word(s), word)) {
        fail(s, PRQ_E_FORMAT, "PHP file does not begin with what it returns");
        return;
    }
    s->at += word.n;
}

/* ---- scalars */

enum kind { TEXT, WORD, OTHER };

struct scalar {
    enum kind kind;
    prq_str text;
};

/* '…' knows \\ and \'; the n bytes before the closing quote are `raw`. */
static bool unescape(struct prq_phparray *s, prq_str raw, prq_str *out)
{
    if (prq_str_find(raw, '\\') == raw.n) {
        *out = raw;
        return true;
    }
    char *text = prq_new_n(s->arena, char, raw.n);
    if (!text)
        return fail(s, PRQ_E_LIMIT, "text exceeds the file's budget");
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        bool is_escape = raw.p[i] == '\\' && i + 1 < raw.n &&
                         (raw.p[i + 1] == '\\' || raw.p[i + 1] == '\'');
        i += is_escape;
        text[n++] = raw.p[i];
    }
    *out = (prq_str){ text, n };
    return true;
}

static bool take_quoted(struct prq_phparray *s, struct scalar *out)
{
    char quote = s->in.p[s->at];
    prq_str rest = prq_str_from_at(s->in, s->at + 1);
    size_t n = 0;
    while (n < rest.n && rest.p[n] != quote)
        n += rest.p[n] == '\\' ? 2 : 1;
    if (n >= rest.n)
        return fail(s, PRQ_E_FORMAT, "text has no end");
    prq_str raw = prq_str_head(rest, n);
    bool is_plain = prq_str_find(raw, '\\') == n && prq_str_find(raw, '$') == n;
    *out = (struct scalar){ quote == '\'' || is_plain ? TEXT : OTHER, raw };
    if (quote == '\'' && !unescape(s, raw, &out->text))
        return false;
    s->at += n + 2;
    return true;
}

/* A text, a number, a constant. */
static bool take_one(struct prq_phparray *s, struct scalar *out)
{
    if (is_next(s, '\'') || is_next(s, '"'))
        return take_quoted(s, out);
    if (is_next(s, '-') || is_next(s, '+'))
        s->at++;
    prq_str word = peek_word(s);
    if (word.n == 0)
        return fail(s, PRQ_E_FORMAT, "value expected");
    s->at += word.n;
    if (prq_is_digit(word.p[0]) && s->at < s->in.n && s->in.p[s->at] == '.') {
        s->at++; /* 1.5: no joining */
        while (s->at < s->in.n && is_word_byte(s->in.p[s->at]))
            s->at++;
    }
    *out = (struct scalar){ WORD, word };
    return true;
}

/* With those that dots join to it, which make it something else. */
static bool take_scalar(struct prq_phparray *s, struct scalar *out)
{
    struct scalar more;
    if (!take_one(s, out))
        return false;
    while (take(s, '.')) {
        if (!take_one(s, &more))
            return false;
        out->kind = OTHER;
    }
    return !s->bad;
}

/* ---- arrays */

bool prq_phparray_enter(struct prq_phparray *s)
{
    size_t was = s->at;
    char end = ']';
    if (s->bad)
        return false;
    if (!take(s, '[')) {
        prq_str word = peek_word(s);
        s->at += word.n;
        if (!prq_str_ieq(word, PRQ_S("array")) || !take(s, '(')) {
            s->at = was;
            return false;
        }
        end = ')';
    }
    if (s->depth == PRQ_PHPARRAY_DEPTH)
        return fail(s, PRQ_E_LIMIT, "arrays nest too deep");
    s->ends[s->depth++] = end;
    return true;
}

static bool is_array(struct prq_phparray *s)
{
    return is_next(s, '[') || prq_str_ieq(peek_word(s), PRQ_S("array"));
}

/* A value that is gone over must be followed by a comma or the array's end. */
static bool take_comma(struct prq_phparray *s)
{
    return take(s, ',') || is_next(s, s->ends[s->depth - 1]) ||
           fail(s, PRQ_E_FORMAT, "array without a comma or an end");
}

bool prq_phparray_key(struct prq_phparray *s, prq_str *key)
{
    struct scalar k;
    *key = (prq_str){ 0 };
    if (s->bad || s->depth == 0)
        return false;
    if (take(s, s->ends[s->depth - 1])) {
        s->depth--;
        if (s->depth)
            (void)take_comma(s);
        return false;
    }
    if (is_array(s))
        return true;
    size_t was = s->at;
    if (!take_scalar(s, &k))
        return false;
    if (!skip_space(s) || !at_text(s, PRQ_S("=>"))) {
        s->at = was; /* a value without a key */
        return true;
    }
    s->at += 2;
    *key = k.text;
    return true;
}

static bool take_value(struct prq_phparray *s, struct scalar *out)
{
    *out = (struct scalar){ .kind = OTHER };
    if (s->bad)
        return false;
    if (is_array(s)) {
        prq_phparray_skip(s);
        return false;
    }
    return take_scalar(s, out) && (s->depth == 0 || take_comma(s));
}

bool prq_phparray_text(struct prq_phparray *s, prq_str *out)
{
    struct scalar v;
    bool is_text = take_value(s, &v) && v.kind == TEXT;
    if (is_text)
        *out = v.text;
    return is_text;
}

bool prq_phparray_bool(struct prq_phparray *s, bool *out)
{
    struct scalar v;
    if (!take_value(s, &v) || v.kind != WORD)
        return false;
    bool is_true = prq_str_ieq(v.text, PRQ_S("true"));
    if (!is_true && !prq_str_ieq(v.text, PRQ_S("false")))
        return false;
    *out = is_true;
    return true;
}

void prq_phparray_skip(struct prq_phparray *s)
{
    struct scalar v;
    prq_str key;
    uint32_t outer = s->depth;
    do {
        if (s->depth > outer && !prq_phparray_key(s, &key))
            continue;
        if (prq_phparray_enter(s) || s->bad)
            continue;
        if (is_array(s))
            (void)fail(s, PRQ_E_FORMAT, "array without a parenthesis");
        else
            (void)take_value(s, &v);
    } while (!s->bad && s->depth > outer);
}

bool prq_phparray_end(struct prq_phparray *s, struct prq_err *err)
{
    if (!s->bad && s->depth)
        (void)fail(s, PRQ_E_FORMAT, "array has no end");
    if (!s->bad && !take(s, ';'))
        (void)fail(s, PRQ_E_FORMAT, "statement has no end");
    return !s->bad || prq_fail_at(err, s->code, s->bad_at, s->why);
}
