/* SPDX-License-Identifier: Apache-2.0 */
/* Source: TOML v1.0.0, sections "Keys", "String", "Integer", "Float", "Boolean" and the four of
 * dates and times (RFC 3339). */
#include "format/toml_scan.h"

static bool bad_at(struct prq_toml_scan *s, size_t at, const char *text)
{
    return prq_fail_at(s->err, PRQ_E_FORMAT, at, text);
}

bool prq_toml_no_room(struct prq_toml_scan *s)
{
    return prq_fail_at(s->err, PRQ_E_LIMIT, s->at, "TOML exceeds the memory of this file");
}

/* ---- strings */

struct quoted {
    size_t from, to, end; /* the text, and behind the closing quotes */
    size_t broken;        /* bytes that are not UTF-8 */
    bool escaped;
};

static size_t quotes_at(prq_str in, size_t at, char quote)
{
    size_t n = 0;
    while (at + n < in.n && in.p[at + n] == quote)
        n++;
    return n;
}

/* Length of what stands at `at` and is text, 0 when it may not stand there. */
static size_t text_len(prq_str in, size_t at, bool multi, struct quoted *q)
{
    uint8_t c = (uint8_t)in.p[at];
    if (c >= 0x80) {
        size_t len = prq_utf8_len(prq_str_from_at(in, at));
        q->broken += len == 0;
        return len ? len : 1;
    }
    if (c == '\t' || (c >= 0x20 && c != 0x7f))
        return 1;
    if (multi && c == '\n')
        return 1;
    return multi && c == '\r' && at + 1 < in.n && in.p[at + 1] == '\n' ? 2 : 0;
}

/* Find the end of the string that opens at s->at. Escapes are checked when they are decoded. */
static bool find_end(struct prq_toml_scan *s, char quote, bool multi, struct quoted *q)
{
    prq_str in = s->in;
    size_t at = s->at + (multi ? 3 : 1);
    if (multi && at < in.n && in.p[at] == '\n')
        at++;
    else if (multi && prq_str_starts(prq_str_from_at(in, at), PRQ_S("\r\n")))
        at += 2;
    *q = (struct quoted){ .from = at };
    while (at < in.n) {
        if (in.p[at] == quote) {
            size_t run = quotes_at(in, at, quote);
            if (!multi || run >= 3) {
                /* Up to two quotes in front of the closing three belong to the text. */
                size_t extra = multi ? prq_min_size(run - 3, 2) : 0;
                q->to = at + extra;
                q->end = q->to + (multi ? 3 : 1);
                return true;
            }
            at += run;
            continue;
        }
        if (quote == '"' && in.p[at] == '\\') {
            q->escaped = true;
            at++;
            if (at == in.n)
                break;
            if (in.p[at] == quote || in.p[at] == '\\') {
                at++;
                continue;
            }
        }
        size_t len = text_len(in, at, multi, q);
        if (!len)
            return bad_at(s, at,
                          in.p[at] == '\n' || in.p[at] == '\r' ? "string without an end"
                                                               : "control character in a string");
        at += len;
    }
    return bad_at(s, s->at, "string without an end");
}

static size_t put_utf8(char *out, uint32_t c)
{
    static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[len > 1 ? len : 0] | c);
    return len;
}

/* \uXXXX and \UXXXXXXXX: a Unicode scalar value. False when malformed. */
static bool code_point(prq_str digits, size_t n, uint32_t *out)
{
    uint32_t c = 0;
    if (digits.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int v = prq_hex_value(digits.p[i]);
        if (v < 0 || c > 0x10ffff)
            return false;
        c = c << 4 | (uint32_t)v;
    }
    *out = c;
    return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

/* A backslash at the end of a line swallows all white space up to the next text: how much of
 * `rest` (which begins behind the backslash), 0 when that is not what it is. */
static size_t line_join_len(prq_str rest)
{
    size_t i = 0;
    bool newline = false;
    while (i < rest.n && prq_is_space(rest.p[i])) {
        newline |= rest.p[i] == '\n';
        i++;
    }
    return newline ? i : 0;
}

/* The escape at the start of `raw`: its length, 0 when malformed. *written tells the bytes put. */
static size_t decode_escape(prq_str raw, bool multi, char *out, size_t *written)
{
    static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    prq_str rest = prq_str_from_at(raw, 1);
    *written = 0;
    if (!rest.n)
        return 0;
    const char *name = rest.p[0] ? strchr(names, rest.p[0]) : NULL;
    if (name) {
        out[0] = values[name - names];
        *written = 1;
        return 2;
    }
    if (rest.p[0] == 'u' || rest.p[0] == 'U') {
        size_t n = rest.p[0] == 'u' ? 4 : 8;
        uint32_t c;
        if (!code_point(prq_str_from_at(rest, 1), n, &c))
            return 0;
        *written = put_utf8(out, c);
        return 2 + n;
    }
    size_t join = multi ? line_join_len(rest) : 0;
    return join ? 1 + join : 0;
}

static bool decode(struct prq_toml_scan *s, const struct quoted *q, bool multi, bool escapes,
                   prq_str *out)
{
    prq_str raw = { s->in.p + q->from, q->to - q->from };
    size_t room;
    char *p = NULL;
    if (prq_mul(q->broken, (size_t)2, &room) && prq_add(room, raw.n, &room))
        p = prq_arena_alloc(s->arena, room);
    if (!p)
        return prq_toml_no_room(s);
    size_t n = 0;
    for (size_t at = 0; at < raw.n;) {
        prq_str rest = prq_str_from_at(raw, at);
        if (escapes && rest.p[0] == '\\') {
            size_t written, len = decode_escape(rest, multi, p + n, &written);
            if (!len)
                return bad_at(s, q->from + at, "malformed escape");
            n += written;
            at += len;
            continue;
        }
        size_t len = prq_utf8_len(rest);
        if (len) {
            memcpy(p + n, rest.p, len);
            n += len;
            at += len;
        } else {
            n += put_utf8(p + n, 0xfffd);
            at++;
        }
    }
    *out = (prq_str){ p, n };
    return true;
}

static bool scan_string(struct prq_toml_scan *s, bool may_be_multi, prq_str *out)
{
    char quote = s->in.p[s->at];
    bool multi = may_be_multi && quotes_at(s->in, s->at, quote) >= 3;
    struct quoted q;
    if (!find_end(s, quote, multi, &q))
        return false;
    if (q.to - q.from > s->limits->string_bytes)
        return prq_fail_at(s->err, PRQ_E_LIMIT, s->at, "string is too long");
    if (!q.escaped && !q.broken)
        *out = (prq_str){ s->in.p + q.from, q.to - q.from };
    else if (!decode(s, &q, multi, quote == '"', out))
        return false;
    for (size_t i = s->at; multi && i < q.end; i++)
        s->line += s->in.p[i] == '\n';
    s->at = q.end;
    return true;
}

static bool is_bare(char c)
{
    return prq_is_alnum(c) || c == '_' || c == '-';
}

bool prq_toml_scan_key(struct prq_toml_scan *s, prq_str *out)
{
    char c = prq_toml_peek(s);
    if (c == '"' || c == '\'')
        return scan_string(s, false, out);
    size_t from = s->at;
    while (s->at < s->in.n && is_bare(s->in.p[s->at]))
        s->at++;
    *out = (prq_str){ s->in.p + from, s->at - from };
    return s->at > from || bad_at(s, s->at, "expected a key");
}

/* ---- numbers */

/* Digits of `base` with single underscores between them: how many bytes, 0 when there are none.
 * The value is added up while it fits. */
static size_t digits_len(prq_str t, unsigned base, uint64_t *value, bool *fits)
{
    size_t i = 0;
    *value = 0;
    *fits = true;
    while (i < t.n) {
        size_t at = i + (i > 0 && t.p[i] == '_');
        int v = at < t.n ? prq_hex_value(t.p[at]) : -1;
        if (v < 0 || (unsigned)v >= base)
            break;
        *fits =
            *fits && prq_mul(*value, (uint64_t)base, value) && prq_add(*value, (uint64_t)v, value);
        i = at + 1;
    }
    return i;
}

static bool is_radix(prq_str t, unsigned *base)
{
    if (t.n < 3 || t.p[0] != '0')
        return false;
    *base = t.p[1] == 'x' ? 16 : t.p[1] == 'o' ? 8 : t.p[1] == 'b' ? 2 : 0;
    return *base != 0;
}

/* The fraction and exponent behind the integer part: is `t` exactly that? */
static bool is_float_tail(prq_str t)
{
    uint64_t value;
    bool fits;
    if (t.n && t.p[0] == '.') {
        size_t n = digits_len(prq_str_from_at(t, 1), 10, &value, &fits);
        if (!n)
            return false;
        t = prq_str_from_at(t, 1 + n);
    }
    if (t.n && (t.p[0] == 'e' || t.p[0] == 'E')) {
        t = prq_str_from_at(t, 1);
        if (t.n && (t.p[0] == '+' || t.p[0] == '-'))
            t = prq_str_from_at(t, 1);
        size_t n = digits_len(t, 10, &value, &fits);
        return n && n == t.n;
    }
    return t.n == 0;
}

static bool set_integer(struct prq_toml *into, uint64_t value, bool fits, bool negative)
{
    into->type = PRQ_TOML_INTEGER;
    into->integer = (int64_t)(negative ? 0 - value : value);
    return fits && value <= (uint64_t)INT64_MAX + negative;
}

static bool number(prq_str t, struct prq_toml *into)
{
    uint64_t value;
    bool fits;
    unsigned base;
    if (is_radix(t, &base)) {
        prq_str digits = prq_str_from_at(t, 2);
        return digits_len(digits, base, &value, &fits) == digits.n &&
               set_integer(into, value, fits, false);
    }
    bool sign = t.n && (t.p[0] == '+' || t.p[0] == '-');
    prq_str body = prq_str_from_at(t, sign);
    into->text = t;
    if (prq_str_eq(body, PRQ_S("inf")) || prq_str_eq(body, PRQ_S("nan"))) {
        into->type = PRQ_TOML_FLOAT;
        return true;
    }
    size_t n = digits_len(body, 10, &value, &fits);
    if (!n || (n > 1 && body.p[0] == '0'))
        return false;
    if (n == body.n) {
        into->text = (prq_str){ 0 };
        return set_integer(into, value, fits, sign && t.p[0] == '-');
    }
    into->type = PRQ_TOML_FLOAT;
    return is_float_tail(prq_str_from_at(body, n));
}

/* ---- dates and times */

/* Does `t` begin with the pattern, where 'd' is any digit? */
static bool looks_like(prq_str t, const char *pattern)
{
    size_t n = strlen(pattern);
    if (t.n < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (pattern[i] == 'd' ? !prq_is_digit(t.p[i]) : t.p[i] != pattern[i])
            return false;
    return true;
}

static unsigned two(prq_str t, size_t at)
{
    return (unsigned)(t.p[at] - '0') * 10 + (unsigned)(t.p[at + 1] - '0');
}

static bool is_date(prq_str t)
{
    static const uint8_t days[] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (!looks_like(t, "dddd-dd-dd"))
        return false;
    unsigned year = two(t, 0) * 100 + two(t, 2), month = two(t, 5), day = two(t, 8);
    if (month < 1 || month > 12)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    unsigned last = month == 2 && leap ? 29 : days[month];
    return day >= 1 && day <= last;
}

static bool is_offset(prq_str t)
{
    if (t.n == 1)
        return t.p[0] == 'Z' || t.p[0] == 'z';
    return t.n == 6 && (looks_like(t, "+dd:dd") || looks_like(t, "-dd:dd")) && two(t, 1) < 24 &&
           two(t, 4) < 60;
}

static bool is_time(prq_str t, bool may_have_offset)
{
    if (!looks_like(t, "dd:dd:dd") || two(t, 0) > 23 || two(t, 3) > 59 || two(t, 6) > 60)
        return false;
    t = prq_str_from_at(t, 8);
    if (t.n && t.p[0] == '.') {
        size_t n = 1;
        while (n < t.n && prq_is_digit(t.p[n]))
            n++;
        if (n == 1)
            return false;
        t = prq_str_from_at(t, n);
    }
    return t.n == 0 || (may_have_offset && is_offset(t));
}

static bool is_datetime(prq_str t)
{
    if (looks_like(t, "dd:"))
        return is_time(t, false);
    if (!is_date(t))
        return false;
    if (t.n == 10)
        return true;
    return (t.p[10] == 'T' || t.p[10] == 't' || t.p[10] == ' ') &&
           is_time(prq_str_from_at(t, 11), true);
}

/* ---- any scalar */

static size_t word_end(prq_str in, size_t at)
{
    while (at < in.n &&
           (is_bare(in.p[at]) || in.p[at] == '+' || in.p[at] == '.' || in.p[at] == ':'))
        at++;
    return at;
}

bool prq_toml_scan_scalar(struct prq_toml_scan *s, struct prq_toml *into)
{
    char c = prq_toml_peek(s);
    if (c == '"' || c == '\'') {
        into->type = PRQ_TOML_STRING;
        return scan_string(s, true, &into->text);
    }
    size_t end = word_end(s->in, s->at);
    prq_str word = { s->in.p + s->at, end - s->at };
    /* The one value with a blank inside: "1979-05-27 07:32:00". */
    if (word.n == 10 && is_date(word) && looks_like(prq_str_from_at(s->in, end), " dd:")) {
        end = word_end(s->in, end + 1);
        word.n = end - s->at;
    }
    bool ok;
    if (prq_str_eq(word, PRQ_S("true")) || prq_str_eq(word, PRQ_S("false"))) {
        into->type = PRQ_TOML_BOOL;
        into->integer = word.p[0] == 't';
        ok = true;
    } else if (looks_like(word, "dd:") || looks_like(word, "dddd-")) {
        into->type = PRQ_TOML_DATETIME;
        into->text = word;
        ok = is_datetime(word);
    } else {
        ok = number(word, into);
    }
    if (!ok)
        return bad_at(s, s->at, word.n ? "malformed value" : "expected a value");
    s->at = end;
    return true;
}
