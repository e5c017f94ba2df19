/* SPDX-License-Identifier: Apache-2.0 */
/* Source: RFC 8259 (grammar), RFC 3629 (UTF-8), RFC 2781 2.2 (surrogate pairs).
 *
 * The reader keeps no tree: `at` is always in front of the next token, `depth` and one bit per
 * level say which containers are open, `first` whether the innermost has a value yet. Nothing
 * recurses, so nesting costs a bit and not a stack frame. */
#include "format/json.h"

#include <endian.h>

enum { DEPTH_MAX = 64 };

/* A scanned string: the bytes between its quotes and what stands in the way of lending them. */
struct text {
    size_t from, to;
    size_t broken; /* bytes that are not UTF-8: each becomes three */
    bool escaped;
};

static bool fail(struct prq_json *j, enum prq_code code, size_t at, const char *why)
{
    if (!j->bad) {
        j->bad = true;
        j->code = code;
        j->bad_at = at;
        j->why = why;
    }
    return false;
}

void prq_json_init(struct prq_json *j, prq_str in, struct prq_arena *arena,
                   const struct prq_limits *limits)
{
    *j = (struct prq_json){ .in = in,
                            .arena = arena,
                            .limits = limits ? limits : &prq_limits_default };
    if (prq_str_starts(in, PRQ_S("\xef\xbb\xbf")))
        j->at = 3;
}

/* ---- white space and comments */

static bool skip_comment(struct prq_json *j)
{
    prq_str rest = prq_str_from_at(j->in, j->at);
    if (prq_str_starts(rest, PRQ_S("//"))) {
        j->at += prq_str_find(rest, '\n');
        return true;
    }
    if (!prq_str_starts(rest, PRQ_S("/*")))
        return false;
    prq_str body = prq_str_from_at(rest, 2);
    size_t end = prq_str_search(body, PRQ_S("*/"));
    if (end == body.n)
        return fail(j, PRQ_E_FORMAT, j->at, "comment without an end");
    j->at += 2 + end + 2;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The next byte that is not white space, or 0 at the end (a NUL byte is never valid either). */
static char next_char(struct prq_json *j)
{
    if (j->bad)
        return 0;
    do {
        while (j->at < j->in.n && is_blank(j->in.p[j->at]))
            j->at++;
    } while (j->allow_comments && j->at < j->in.n && j->in.p[j->at] == '/' && skip_comment(j));
    return !j->bad && j->at < j->in.n ? j->in.p[j->at] : 0;
}

/* ---- strings */

/* A high bit for each byte of `v` that ends a plain run: '"', '\\', below 0x20, or 0x80 and above.
 * Borrows may set bits behind the first real one, never in front of it. */
static uint64_t specials(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101ULL, highs = 0x8080808080808080ULL;
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');
    return (v | (v - ones * 0x20) | (quote - ones) | (slash - ones)) & highs;
}

static size_t plain_run(prq_str in, size_t at)
{
    for (; in.n - at >= 8; at += 8) {
        uint64_t v;
        memcpy(&v, in.p + at, 8);
        uint64_t hit = specials(le64toh(v));
        if (hit)
            return at + (size_t)__builtin_ctzll(hit) / 8;
    }
    while (at < in.n) {
        uint8_t c = (uint8_t)in.p[at];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            break;
        at++;
    }
    return at;
}

/* The four digits after "\u", or -1. */
static int32_t hex4(prq_str s)
{
    int32_t v = 0;
    if (s.n < 6)
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int digit = prq_hex_value(s.p[i]);
        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

/* `s` starts with a backslash: length of the escape, 0 when malformed. */
static size_t escape_len(prq_str s)
{
    if (s.n < 2)
        return 0;
    if (s.p[1] == 'u')
        return hex4(s) < 0 ? 0 : 6;
    return s.p[1] && strchr("\"\\/bfnrt", s.p[1]) ? 2 : 0;
}

/* From the opening quote to behind the closing one. */
static bool scan_string(struct prq_json *j, struct text *t)
{
    prq_str in = j->in;
    size_t at = j->at + 1;
    *t = (struct text){ .from = at };
    for (;;) {
        at = plain_run(in, at);
        if (at == in.n)
            return fail(j, PRQ_E_FORMAT, j->at, "string without an end");
        uint8_t c = (uint8_t)in.p[at];
        if (c == '"')
            break;
        if (c < 0x20)
            return fail(j, PRQ_E_FORMAT, at, "control character in a string");
        size_t len;
        if (c == '\\') {
            len = escape_len(prq_str_from_at(in, at));
            if (!len)
                return fail(j, PRQ_E_FORMAT, at, "malformed escape");
            t->escaped = true;
        } else {
            len = prq_utf8_len(prq_str_from_at(in, at));
            t->broken += len == 0;
            len += len == 0;
        }
        at += len;
    }
    if (at - t->from > j->limits->string_bytes)
        return fail(j, PRQ_E_LIMIT, j->at, "string is too long");
    t->to = at;
    j->at = at + 1;
    return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[len] | c);
    return len;
}

static uint32_t short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return (uint8_t)c;
    }
}

/* Decode the (already checked) escape at the start of `s`; returns its length. */
static size_t decode_escape(prq_str s, uint32_t *c)
{
    if (s.p[1] != 'u') {
        *c = short_escape(s.p[1]);
        return 2;
    }
    int32_t high = hex4(s);
    *c = high < 0xd800 || high > 0xdfff ? (uint32_t)high : 0xfffd;
    if (high < 0xd800 || high > 0xdbff)
        return 6;
    prq_str next = prq_str_from_at(s, 6);
    int32_t low = prq_str_starts(next, PRQ_S("\\u")) ? hex4(next) : -1;
    if (low < 0xdc00 || low > 0xdfff)
        return 6;
    *c = 0x10000U + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    return 12;
}

/* An escape never grows (six bytes become three, twelve four); a broken byte becomes three. */
static bool decode(struct prq_json *j, const struct text *t, prq_str *out)
{
    prq_str raw = { j->in.p + t->from, t->to - t->from };
    size_t room;
    char *p = NULL;
    if (j->arena && prq_mul(t->broken, (size_t)2, &room) && prq_add(room, raw.n, &room))
        p = prq_arena_alloc(j->arena, room);
    if (!p)
        return fail(j, PRQ_E_LIMIT, t->from, "strings exceed the memory of this file");
    size_t n = 0;
    for (size_t at = 0; at < raw.n;) {
        size_t run = plain_run(raw, at) - at;
        memcpy(p + n, raw.p + at, run);
        n += run;
        at += run;
        if (at == raw.n)
            break;
        prq_str rest = prq_str_from_at(raw, at);
        size_t len = prq_utf8_len(rest);
        uint32_t c = 0xfffd;
        if (rest.p[0] == '\\') {
            at += decode_escape(rest, &c);
            n += put_utf8(p + n, c);
        } else if (len) {
            memcpy(p + n, rest.p, len);
            n += len;
            at += len;
        } else {
            n += put_utf8(p + n, c);
            at++;
        }
    }
    *out = (prq_str){ p, n };
    return true;
}

static bool text_of(struct prq_json *j, const struct text *t, prq_str *out)
{
    if (t->escaped || t->broken)
        return decode(j, t, out);
    *out = (prq_str){ j->in.p + t->from, t->to - t->from };
    return true;
}

/* ---- numbers and words */

static size_t digits(prq_str in, size_t at)
{
    while (at < in.n && prq_is_digit(in.p[at]))
        at++;
    return at;
}

static bool scan_number(struct prq_json *j, prq_str *out)
{
    prq_str in = j->in;
    size_t at = j->at + (in.p[j->at] == '-'), end = digits(in, at);
    if (end > at && in.p[at] == '0')
        end = at + 1; /* no leading zeros: what follows is then out of place */
    bool ok = end > at;
    at = end;
    if (ok && at < in.n && in.p[at] == '.') {
        end = digits(in, at + 1);
        ok = end > at + 1;
        at = end;
    }
    if (ok && at < in.n && (in.p[at] == 'e' || in.p[at] == 'E')) {
        at++;
        at += at < in.n && (in.p[at] == '+' || in.p[at] == '-');
        end = digits(in, at);
        ok = end > at;
        at = end;
    }
    if (!ok)
        return fail(j, PRQ_E_FORMAT, at < in.n ? at : in.n, "malformed number");
    *out = (prq_str){ in.p + j->at, at - j->at };
    j->at = at;
    return true;
}

static bool scan_word(struct prq_json *j, prq_str word)
{
    if (!prq_str_starts(prq_str_from_at(j->in, j->at), word))
        return fail(j, PRQ_E_FORMAT, j->at, "not a JSON value");
    j->at += word.n;
    return true;
}

/* ---- the reader */

static bool count_token(struct prq_json *j)
{
    if (j->tokens >= j->limits->json_tokens)
        return fail(j, PRQ_E_LIMIT, j->at, "too many JSON tokens");
    j->tokens++;
    return true;
}

enum prq_json_type prq_json_peek(struct prq_json *j)
{
    char c = next_char(j);
    switch (c) {
    case '{':
        return PRQ_JSON_OBJECT;
    case '[':
        return PRQ_JSON_ARRAY;
    case '"':
        return PRQ_JSON_STRING;
    case 't':
    case 'f':
        return PRQ_JSON_BOOL;
    case 'n':
        return PRQ_JSON_NULL;
    default:
        if (c == '-' || prq_is_digit(c))
            return PRQ_JSON_NUMBER;
        fail(j, PRQ_E_FORMAT, j->at, j->at == j->in.n ? "JSON ends early" : "not a JSON value");
        return PRQ_JSON_BAD;
    }
}

static bool enter(struct prq_json *j, bool is_object)
{
    if (prq_json_peek(j) != (is_object ? PRQ_JSON_OBJECT : PRQ_JSON_ARRAY) || !count_token(j))
        return false;
    if (j->depth >= DEPTH_MAX || j->depth >= j->limits->json_depth)
        return fail(j, PRQ_E_LIMIT, j->at, "JSON is nested too deeply");
    uint64_t bit = 1ULL << j->depth;
    j->is_object = is_object ? j->is_object | bit : j->is_object & ~bit;
    j->keys[j->depth] = 0;
    j->depth++;
    j->at++;
    j->first = true;
    return true;
}

bool prq_json_enter_object(struct prq_json *j)
{
    return enter(j, true);
}

bool prq_json_enter_array(struct prq_json *j)
{
    return enter(j, false);
}

static bool in_object(const struct prq_json *j)
{
    return j->depth && (j->is_object >> (j->depth - 1) & 1);
}

static bool leave(struct prq_json *j)
{
    j->at++;
    j->depth--;
    j->first = false;
    return false;
}

/* In front of the next member of the innermost container; false at its end or when broken. */
static bool next_member(struct prq_json *j, bool is_object)
{
    if (j->bad)
        return false;
    if (!j->depth || in_object(j) != is_object)
        return fail(j, PRQ_E_BUG, j->at, "no such container is open");
    char close = is_object ? '}' : ']';
    char c = next_char(j);
    if (c == close)
        return leave(j);
    if (!j->first) {
        if (c != ',')
            return fail(j, PRQ_E_FORMAT, j->at,
                        j->at == j->in.n ? "JSON ends early"
                        : is_object      ? "expected ',' or '}'"
                                         : "expected ',' or ']'");
        j->at++;
        if (next_char(j) == close && j->allow_comments)
            return leave(j);
    }
    j->first = false;
    return !j->bad;
}

static bool next_key(struct prq_json *j, struct text *t)
{
    if (!next_member(j, true))
        return false;
    if (next_char(j) != '"')
        return fail(j, PRQ_E_FORMAT, j->at,
                    j->at == j->in.n ? "JSON ends early" : "expected a key");
    uint32_t *keys = &j->keys[j->depth - 1];
    if (*keys >= j->limits->json_keys)
        return fail(j, PRQ_E_LIMIT, j->at, "too many keys in a JSON object");
    ++*keys;
    if (!count_token(j) || !scan_string(j, t))
        return false;
    if (next_char(j) != ':')
        return fail(j, PRQ_E_FORMAT, j->at, "expected ':'");
    j->at++;
    return true;
}

bool prq_json_key(struct prq_json *j, prq_str *key)
{
    struct text t;
    return next_key(j, &t) && text_of(j, &t, key);
}

bool prq_json_item(struct prq_json *j)
{
    return next_member(j, false) && prq_json_peek(j) != PRQ_JSON_BAD;
}

static bool want(struct prq_json *j, enum prq_json_type type, const char *why)
{
    enum prq_json_type t = prq_json_peek(j);
    if (t == type)
        return count_token(j);
    return t == PRQ_JSON_BAD ? false : fail(j, PRQ_E_FORMAT, j->at, why);
}

bool prq_json_string(struct prq_json *j, prq_str *out)
{
    struct text t;
    return want(j, PRQ_JSON_STRING, "expected a string") && scan_string(j, &t) &&
           text_of(j, &t, out);
}

bool prq_json_bool(struct prq_json *j, bool *out)
{
    if (!want(j, PRQ_JSON_BOOL, "expected true or false"))
        return false;
    bool v = j->in.p[j->at] == 't';
    if (!scan_word(j, v ? PRQ_S("true") : PRQ_S("false")))
        return false;
    *out = v;
    return true;
}

bool prq_json_number(struct prq_json *j, prq_str *out)
{
    return want(j, PRQ_JSON_NUMBER, "expected a number") && scan_number(j, out);
}

bool prq_json_u64(struct prq_json *j, uint64_t *out)
{
    prq_str text;
    if (!prq_json_number(j, &text))
        return false;
    if (!prq_str_u64(text, out))
        return fail(j, PRQ_E_FORMAT, j->at - text.n, "expected a non-negative integer");
    return true;
}

static bool to_i64(prq_str text, int64_t *out)
{
    bool negative = text.n && text.p[0] == '-';
    uint64_t v;
    if (!prq_str_u64(prq_str_from_at(text, negative), &v) || v > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool prq_json_i64(struct prq_json *j, int64_t *out)
{
    prq_str text;
    if (!prq_json_number(j, &text))
        return false;
    if (!to_i64(text, out))
        return fail(j, PRQ_E_FORMAT, j->at - text.n, "expected an integer");
    return true;
}

/* Consume a scalar, or enter a container. */
static bool skip_token(struct prq_json *j)
{
    struct text t;
    prq_str number;
    switch (prq_json_peek(j)) {
    case PRQ_JSON_NULL:
        return count_token(j) && scan_word(j, PRQ_S("null"));
    case PRQ_JSON_BOOL:
        return count_token(j) &&
               scan_word(j, j->in.p[j->at] == 't' ? PRQ_S("true") : PRQ_S("false"));
    case PRQ_JSON_NUMBER:
        return count_token(j) && scan_number(j, &number);
    case PRQ_JSON_STRING:
        return count_token(j) && scan_string(j, &t);
    case PRQ_JSON_ARRAY:
        return prq_json_enter_array(j);
    case PRQ_JSON_OBJECT:
        return prq_json_enter_object(j);
    case PRQ_JSON_BAD:
        break;
    }
    return false;
}

void prq_json_skip(struct prq_json *j)
{
    uint32_t outer = j->depth;
    struct text t;
    while (skip_token(j)) {
        /* Close what ends here; stop in front of the next value. */
        while (j->depth > outer && !(in_object(j) ? next_key(j, &t) : prq_json_item(j)))
            if (j->bad)
                return;
        if (j->depth == outer)
            return;
    }
}

bool prq_json_raw(struct prq_json *j, prq_str *out)
{
    if (prq_json_peek(j) == PRQ_JSON_BAD)
        return false;
    size_t from = j->at;
    prq_json_skip(j);
    if (j->bad)
        return false;
    *out = (prq_str){ j->in.p + from, j->at - from };
    return true;
}

bool prq_json_string_or_skip(struct prq_json *j, prq_str *out)
{
    if (prq_json_peek(j) == PRQ_JSON_STRING)
        return prq_json_string(j, out);
    prq_json_skip(j);
    return false;
}

bool prq_json_u64_or_skip(struct prq_json *j, uint64_t *out)
{
    prq_str text;
    if (prq_json_peek(j) == PRQ_JSON_NUMBER)
        return prq_json_number(j, &text) && prq_str_u64(text, out);
    prq_json_skip(j);
    return false;
}

bool prq_json_bool_or_skip(struct prq_json *j, bool *out)
{
    if (prq_json_peek(j) == PRQ_JSON_BOOL)
        return prq_json_bool(j, out);
    prq_json_skip(j);
    return false;
}

bool prq_json_text_of(struct prq_json *j, prq_str key, const struct prq_json_text *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(key, wanted[i].name)) {
            prq_json_string_or_skip(j, wanted[i].to);
            return true;
        }
    return false;
}

void prq_json_texts(struct prq_json *j, const struct prq_json_text *wanted, size_t n)
{
    prq_str key;
    while (prq_json_key(j, &key))
        if (!prq_json_text_of(j, key, wanted, n))
            prq_json_skip(j);
}

bool prq_json_end(struct prq_json *j, struct prq_err *err)
{
    next_char(j);
    if (!j->bad && j->at < j->in.n)
        fail(j, PRQ_E_FORMAT, j->at, "unexpected JSON text");
    if (!j->bad && j->depth)
        fail(j, PRQ_E_FORMAT, j->at, "JSON ends early");
    return j->bad ? prq_fail_at(err, j->code, j->bad_at, j->why) : true;
}
