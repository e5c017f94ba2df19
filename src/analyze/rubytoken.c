/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/rubytoken.h"

#include "base/buf.h"

enum { LOOK_AHEAD = 1024 }; /* of a regular expression or a here-document's word */

void prq_ruby_init(struct prq_ruby *r, prq_str in)
{
    if (prq_str_starts(in, PRQ_S("\xef\xbb\xbf")))
        in = prq_str_from_at(in, 3);
    *r = (struct prq_ruby){ .in = in, .last = { .kind = PRQ_RUBY_NEWLINE } };
}

/* The byte n places on; NUL past the end. */
static char peek(const struct prq_ruby *r, size_t n)
{
    return n < r->in.n - r->at ? r->in.p[r->at + n] : '\0';
}

static prq_str rest(const struct prq_ruby *r)
{
    return prq_str_from_at(r->in, r->at);
}

static bool is_word_char(char c)
{
    return prq_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static void cut(struct prq_ruby *r, size_t at)
{
    if (!r->is_cut)
        r->cut_at = at;
    r->is_cut = true;
}

/* ---- what is passed over */

static void skip_line(struct prq_ruby *r)
{
    r->at += prq_str_find(rest(r), '\n');
}

/* After a line's end: =begin … =end, __END__, bodies of here-documents. */
static void skip_block_comment(struct prq_ruby *r)
{
    while (r->at < r->in.n && !prq_str_starts(rest(r), PRQ_S("=end"))) {
        skip_line(r);
        r->at += r->at < r->in.n;
    }
    skip_line(r);
}

static void skip_heredoc(struct prq_ruby *r, prq_str word, bool may_indent)
{
    size_t start = r->at;
    while (r->at < r->in.n) {
        prq_str tail = rest(r);
        prq_str line = prq_str_head(tail, prq_str_find(tail, '\n'));
        r->at += prq_min_size(line.n + 1, tail.n);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (prq_str_eq(may_indent ? prq_str_trim(line) : line, word))
            return;
    }
    cut(r, start);
}

static void start_line(struct prq_ruby *r)
{
    for (size_t i = 0; i < r->heredoc_count; i++)
        skip_heredoc(r, r->heredocs[i].word, r->heredocs[i].may_indent);
    r->heredoc_count = 0;
    prq_str tail = rest(r);
    if (prq_str_starts(tail, PRQ_S("=begin")))
        skip_block_comment(r);
    else if (prq_str_starts(tail, PRQ_S("__END__")) && !is_word_char(peek(r, 7)))
        r->at = r->in.n;
}

static void skip_blanks(struct prq_ruby *r)
{
    for (;;) {
        char c = peek(r, 0);
        if (r->at < r->in.n && (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'))
            r->at++;
        else if (c == '\\' && peek(r, 1) == '\n')
            r->at += 2;
        else if (c == '\\' && peek(r, 1) == '\r' && peek(r, 2) == '\n')
            r->at += 3;
        else if (c == '#')
            skip_line(r);
        else
            return;
    }
}

/* ---- strings */

static char closing(char open)
{
    return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : open == '<' ? '>' : open;
}

/* To the end of a string whose opening delimiter has been passed. In #{…} the delimiter does not
 * count while braces are open. */
static prq_str take_string(struct prq_ruby *r, char open, bool is_escaped, bool *is_open)
{
    char close = closing(open);
    size_t start = r->at, depth = 0, braces = 0;
    for (; r->at < r->in.n; r->at++) {
        char c = r->in.p[r->at];
        if (c == '\\') {
            r->at += r->at + 1 < r->in.n;
        } else if (braces) {
            braces += c == '{';
            braces -= c == '}';
        } else if (is_escaped && c == '#' && peek(r, 1) == '{') {
            braces = 1;
            r->at++;
        } else if (c == close && depth == 0) {
            break;
        } else if (c == close) {
            depth--;
        } else if (c == open && open != close) {
            depth++;
        }
    }
    size_t end = prq_min_size(r->at, r->in.n);
    *is_open = r->at >= r->in.n;
    if (*is_open)
        cut(r, start);
    r->at = prq_min_size(r->at + 1, r->in.n);
    return (prq_str){ r->in.p + start, end - start };
}

static struct prq_ruby_token quoted(struct prq_ruby *r, size_t skip, enum prq_ruby_kind kind,
                                    bool is_escaped)
{
    struct prq_ruby_token t = { .kind = kind, .at = r->at, .is_escaped = is_escaped };
    char open = peek(r, skip - 1);
    r->at += skip;
    t.text = take_string(r, open, is_escaped, &t.is_open);
    return t;
}

/* A value stands before: then '/', '%' and '<<' are operators. */
static bool is_after_value(const struct prq_ruby *r)
{
    const struct prq_ruby_token *t = &r->last;
    return t->kind == PRQ_RUBY_WORD || t->kind == PRQ_RUBY_STRING || t->kind == PRQ_RUBY_LIST ||
           (t->kind == PRQ_RUBY_MARK && t->text.n == 1 && memchr(")]}", t->text.p[0], 3));
}

static bool is_delimiter(char c)
{
    return c > ' ' && c < 0x7f && !prq_is_alnum(c);
}

/* %q(…) and its kin. False: an operator. */
static bool take_percent(struct prq_ruby *r, struct prq_ruby_token *out)
{
    char c = peek(r, 1);
    if (c && strchr("qQwWiIrxs", c) && is_delimiter(peek(r, 2)) && peek(r, 2) != '=') {
        bool is_list = strchr("wWiI", c), is_other = strchr("rxs", c);
        *out = quoted(r, 3, is_list ? PRQ_RUBY_LIST : is_other ? PRQ_RUBY_MARK : PRQ_RUBY_STRING,
                      strchr("QWIrx", c));
        if (is_other)
            out->text.n = 0;
        return true;
    }
    if (is_after_value(r) || !c || !strchr("([{<|!/", c))
        return false;
    *out = quoted(r, 2, PRQ_RUBY_STRING, true);
    return true;
}

/* <<WORD, <<-WORD, <<~WORD, the word perhaps in quotes. False: an operator. */
static bool take_heredoc(struct prq_ruby *r, struct prq_ruby_token *out)
{
    size_t n = 2;
    bool is_sure = peek(r, n) == '-' || peek(r, n) == '~';
    n += is_sure;
    char quote = peek(r, n);
    bool is_quoted = quote == '"' || quote == '\'' || quote == '`';
    n += is_quoted;
    size_t start = n;
    while (n < LOOK_AHEAD && peek(r, n) && (is_quoted ? peek(r, n) != quote && peek(r, n) != '\n'
                                    : is_word_char(peek(r, n))))
        n++;
    char first = peek(r, start);
    if (n == start || (!is_quoted && prq_is_digit(first)) || (is_quoted && peek(r, n) != quote))
        return false;
    if (!is_sure && is_after_value(r) && !(prq_is_upper(first) && r->last.kind == PRQ_RUBY_WORD))
        return false;
    if (r->heredoc_count == PRQ_COUNT(r->heredocs))
        return false;
    r->heredocs[r->heredoc_count].word = (prq_str){ r->in.p + r->at + start, n - start };
    r->heredocs[r->heredoc_count++].may_indent = is_sure;
    *out = (struct prq_ruby_token){ .kind = PRQ_RUBY_MARK, .at = r->at };
    r->at += n + is_quoted;
    return true;
}

/* A regular expression on one line. False: a division. */
static bool take_regex(struct prq_ruby *r, struct prq_ruby_token *out)
{
    if ((is_after_value(r) && r->last.kind != PRQ_RUBY_WORD) || r->at < r->no_regex_before)
        return false;
    prq_str line = prq_str_head(rest(r), LOOK_AHEAD);
    line = prq_str_head(line, prq_str_find(line, '\n'));
    size_t n = 1;
    while (n < line.n && line.p[n] != '/')
        n += line.p[n] == '\\' ? 2 : 1;
    bool is_division = r->last.kind == PRQ_RUBY_WORD && n > 1 && prq_is_space(line.p[1]);
    if (n >= line.n)
        r->no_regex_before = r->at + line.n; /* no end for those either that would begin later */
    if (n >= line.n || is_division)
        return false;
    *out = (struct prq_ruby_token){ .kind = PRQ_RUBY_MARK, .at = r->at };
    r->at += n + 1;
    return true;
}

/* ---- the rest */

static struct prq_ruby_token take_word(struct prq_ruby *r)
{
    size_t n = 1;
    while (is_word_char(peek(r, n)))
        n++;
    if ((peek(r, n) == '?' || peek(r, n) == '!') && peek(r, n + 1) != '=')
        n++;
    struct prq_ruby_token t = { PRQ_RUBY_WORD, prq_str_head(rest(r), n), r->at, false, false };
    r->at += n;
    return t;
}

static struct prq_ruby_token take_mark(struct prq_ruby *r)
{
    static const prq_str longer[] = {
        PRQ_SI("::"), PRQ_SI("==="), PRQ_SI("=="), PRQ_SI("=~"), PRQ_SI("=>"), PRQ_SI("!="),
        PRQ_SI("||="), PRQ_SI("||"), PRQ_SI("+="), PRQ_SI("<<"), PRQ_SI(">="), PRQ_SI("<="),
    };
    struct prq_ruby_token t = { PRQ_RUBY_MARK, prq_str_head(rest(r), 1), r->at, false, false };
    for (size_t i = 0; i < PRQ_COUNT(longer); i++)
        if (prq_str_starts(rest(r), longer[i])) {
            t.text = longer[i];
            break;
        }
    r->at += t.text.n;
    return t;
}

static struct prq_ruby_token take(struct prq_ruby *r)
{
    struct prq_ruby_token t;
    char c = peek(r, 0);
    if (r->at >= r->in.n)
        return (struct prq_ruby_token){ .kind = PRQ_RUBY_END, .at = r->at };
    if (c == '\n' || c == ';') {
        t = (struct prq_ruby_token){ .kind = PRQ_RUBY_NEWLINE, .at = r->at };
        r->at++;
        if (c == '\n')
            start_line(r);
        return t;
    }
    if (c == '"' || c == '\'')
        return quoted(r, 1, PRQ_RUBY_STRING, c == '"');
    if (c == '`')
        return quoted(r, 1, PRQ_RUBY_MARK, true);
    if ((c == '%' && take_percent(r, &t)) || (c == '/' && take_regex(r, &t)) ||
        (c == '<' && peek(r, 1) == '<' && take_heredoc(r, &t)))
        return t;
    if (c == '$' && peek(r, 1) > ' ' && !is_word_char(peek(r, 1))) { /* $", $' and such */
        t = (struct prq_ruby_token){ PRQ_RUBY_WORD, prq_str_head(rest(r), 2), r->at, false, false };
        r->at += 2;
        return t;
    }
    return is_word_char(c) || c == '@' || c == '$' ? take_word(r) : take_mark(r);
}

struct prq_ruby_token prq_ruby_next(struct prq_ruby *r)
{
    if (r->at == 0)
        start_line(r);
    skip_blanks(r);
    r->last = take(r);
    return r->last;
}

/* ---- the text of a string */

static void put_utf8(struct prq_buf *b, uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
    if (c < 0x80) {
        prq_buf_byte(b, (uint8_t)c);
        return;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
    prq_buf_byte(b, (uint8_t)(lead[more] | c >> 6 * more));
    while (more--)
        prq_buf_byte(b, (uint8_t)(0x80 | (c >> 6 * more & 0x3f)));
}

/* Up to `most` digits of the base off the front. */
static uint32_t take_number(prq_str *s, size_t most, unsigned base)
{
    uint32_t v = 0;
    for (size_t i = 0; i < most && s->n; i++) {
        int digit = prq_hex_value(s->p[0]);
        if (digit < 0 || (unsigned)digit >= base)
            break;
        v = v * base + (unsigned)digit;
        *s = prq_str_from_at(*s, 1);
    }
    return v;
}

static void put_unicode(struct prq_buf *b, prq_str *s)
{
    if (s->n == 0 || s->p[0] != '{') {
        put_utf8(b, take_number(s, 4, 16));
        return;
    }
    *s = prq_str_from_at(*s, 1);
    while (s->n && s->p[0] != '}') {
        size_t before = s->n;
        while (s->n && prq_is_space(s->p[0]))
            *s = prq_str_from_at(*s, 1);
        if (s->n && prq_hex_value(s->p[0]) >= 0)
            put_utf8(b, take_number(s, 6, 16));
        if (s->n == before)
            break;
    }
    if (s->n)
        *s = prq_str_from_at(*s, 1);
}

/* The backslash has been passed. */
static void put_escape(struct prq_buf *b, prq_str *s)
{
    static const char names[] = "ntrsbaefv", values[] = "\n\t\r \b\a\x1b\f\v";
    char c = s->p[0];
    if (c >= '0' && c <= '7') {
        prq_buf_byte(b, (uint8_t)take_number(s, 3, 8));
        return;
    }
    *s = prq_str_from_at(*s, 1);
    const char *name = c ? strchr(names, c) : NULL;
    if (c == 'x')
        prq_buf_byte(b, (uint8_t)take_number(s, 2, 16));
    else if (c == 'u')
        put_unicode(b, s);
    else if (c != '\n')
        prq_buf_byte(b, (uint8_t)(name ? values[name - names] : c));
}

/* #{name}; the two first characters have been passed. */
static bool put_inner(struct prq_buf *b, prq_str *s, prq_ruby_value value_of, void *user)
{
    size_t end = prq_str_find(*s, '}');
    prq_str name = prq_str_trim(prq_str_head(*s, end));
    prq_str value = value_of && end < s->n ? value_of(user, name) : (prq_str){ 0 };
    *s = prq_str_from_at(*s, end + 1);
    return value.p && prq_buf_str(b, value);
}

static bool put_text(struct prq_buf *b, const struct prq_ruby_token *t, prq_ruby_value value_of,
                     void *user)
{
    prq_str s = t->text;
    while (s.n) {
        char c = s.p[0];
        s = prq_str_from_at(s, 1);
        if (c == '\\' && s.n && t->is_escaped) {
            put_escape(b, &s);
        } else if (c == '\\' && s.n && (s.p[0] == '\\' || s.p[0] == '\'')) {
            prq_buf_byte(b, (uint8_t)s.p[0]);
            s = prq_str_from_at(s, 1);
        } else if (c == '#' && t->is_escaped && s.n && s.p[0] == '{') {
            s = prq_str_from_at(s, 1);
            if (!put_inner(b, &s, value_of, user))
                return false;
        } else {
            prq_buf_byte(b, (uint8_t)c);
        }
    }
    return !b->bad;
}

prq_str prq_ruby_text(const struct prq_ruby_token *t, prq_ruby_value value_of, void *user,
                      struct prq_arena *a)
{
    if (t->is_open)
        return (prq_str){ 0 };
    if (prq_str_find(t->text, '\\') == t->text.n &&
        (!t->is_escaped || !prq_str_has(t->text, PRQ_S("#{"))))
        return (prq_str){ t->text.p ? t->text.p : "", t->text.n };
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(64));
    return put_text(&b, t, value_of, user) ? prq_arena_copy(a, prq_buf_view(&b)) : (prq_str){ 0 };
}
