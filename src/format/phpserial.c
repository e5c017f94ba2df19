/* SPDX-License-Identifier: Apache-2.0 */
#include "format/phpserial.h"

void prq_php_init(struct prq_php *s, prq_str in)
{
    *s = (struct prq_php){ .in = in };
}

static bool fail(struct prq_php *s, enum prq_code code, const char *why)
{
    if (!s->bad) {
        s->bad = true;
        s->code = code;
        s->bad_at = s->at;
        s->why = why;
    }
    return false;
}

static char peek(const struct prq_php *s, size_t n)
{
    return !s->bad && n < s->in.n - s->at ? s->in.p[s->at + n] : '\0';
}

static bool expect(struct prq_php *s, char c, const char *why)
{
    if (peek(s, 0) != c)
        return fail(s, PRQ_E_FORMAT, why);
    s->at++;
    return true;
}

/* The text up to `end`, which is passed: a number of some kind, so never long. */
static bool take_until(struct prq_php *s, char end, prq_str *out)
{
    prq_str rest = prq_str_head(prq_str_from_at(s->in, s->at), 400);
    size_t n = prq_str_find(rest, end);
    if (s->bad || n == rest.n)
        return fail(s, PRQ_E_FORMAT, "value has no end");
    *out = prq_str_head(rest, n);
    s->at += n + 1;
    return true;
}

static bool take_count(struct prq_php *s, uint64_t *out)
{
    prq_str digits;
    return take_until(s, ':', &digits) &&
           (prq_str_u64(digits, out) || fail(s, PRQ_E_FORMAT, "length is not a number"));
}

/* LENGTH:"bytes" */
static bool take_quoted(struct prq_php *s, prq_str *out)
{
    uint64_t n;
    if (!take_count(s, &n) || !expect(s, '"', "string does not begin with a quote"))
        return false;
    if (n > s->in.n - s->at)
        return fail(s, PRQ_E_FORMAT, "string ends early");
    *out = (prq_str){ s->in.p + s->at, (size_t)n };
    s->at += (size_t)n;
    return expect(s, '"', "string does not end with a quote");
}

static bool take_head(struct prq_php *s)
{
    s->at++;
    return expect(s, ':', "type without a colon");
}

bool prq_php_enter(struct prq_php *s)
{
    char type = peek(s, 0);
    prq_str class;
    uint64_t n;
    if (s->bad || (type != 'a' && type != 'O'))
        return false;
    if (!take_head(s) ||
        (type == 'O' && (!take_quoted(s, &class) || !expect(s, ':', "class without a colon"))) ||
        !take_count(s, &n) || !expect(s, '{', "array without a brace"))
        return false;
    if (s->depth == PRQ_PHP_DEPTH)
        return fail(s, PRQ_E_LIMIT, "arrays nest too deep");
    if (n > (s->in.n - s->at) / strlen("i:0;N;"))
        return fail(s, PRQ_E_FORMAT, "array of more members than bytes");
    s->left[s->depth++] = n;
    return true;
}

static bool scalar(struct prq_php *s, prq_str *out)
{
    char type = peek(s, 0);
    if (!take_head(s))
        return false;
    if (type != 's')
        return take_until(s, ';', out);
    return take_quoted(s, out) && expect(s, ';', "string without a semicolon");
}

bool prq_php_key(struct prq_php *s, prq_str *key)
{
    if (s->bad || s->depth == 0)
        return false;
    if (s->left[s->depth - 1] == 0) {
        (void)expect(s, '}', "array of more members than it says");
        s->depth--;
        return false;
    }
    s->left[s->depth - 1]--;
    if (peek(s, 0) != 's' && peek(s, 0) != 'i')
        return fail(s, PRQ_E_FORMAT, "key is neither text nor number");
    return scalar(s, key);
}

bool prq_php_string(struct prq_php *s, prq_str *out)
{
    char type = peek(s, 0);
    return (type == 's' || type == 'i' || type == 'd') && scalar(s, out);
}

/* A class with a form of its own: the bytes are its business. */
static void skip_custom(struct prq_php *s)
{
    prq_str class;
    uint64_t n;
    if (!take_head(s) || !take_quoted(s, &class) || !expect(s, ':', "class without a colon") ||
        !take_count(s, &n) || !expect(s, '{', "class without a brace"))
        return;
    if (n > s->in.n - s->at) {
        (void)fail(s, PRQ_E_FORMAT, "class ends early");
        return;
    }
    s->at += (size_t)n;
    (void)expect(s, '}', "class without a closing brace");
}

static void skip_one(struct prq_php *s)
{
    prq_str text;
    switch (peek(s, 0)) {
    case 'N':
        s->at++;
        (void)expect(s, ';', "null without a semicolon");
        break;
    case 'E':
        if (take_head(s) && take_quoted(s, &text))
            (void)expect(s, ';', "case without a semicolon");
        break;
    case 'C':
        skip_custom(s);
        break;
    case 'b':
    case 'i':
    case 'd':
    case 's':
    case 'r':
    case 'R':
        (void)scalar(s, &text);
        break;
    default:
        (void)fail(s, PRQ_E_FORMAT, "unknown type");
    }
}

void prq_php_skip(struct prq_php *s)
{
    uint32_t outer = s->depth;
    prq_str key;
    do {
        if (s->depth > outer && !prq_php_key(s, &key))
            continue;
        if (!prq_php_enter(s))
            skip_one(s);
    } while (!s->bad && s->depth > outer);
}

bool prq_php_end(struct prq_php *s, struct prq_err *err)
{
    while (peek(s, 0) && prq_is_space(peek(s, 0)))
        s->at++;
    if (!s->bad && s->at < s->in.n)
        (void)fail(s, PRQ_E_FORMAT, "something follows the value");
    return !s->bad || prq_fail_at(err, s->code, s->bad_at, s->why);
}
