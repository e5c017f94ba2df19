/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs taken apart: scheme:type/namespace/name@version?qualifiers#subpath.
 * Source: package-url/purl-spec, "How to parse" and "Rules for each component". What a package
 * makes of the parts, and the way back, is in purlpackage.c.
 *
 * The text is copied once into the arena and decoded in place there: no part grows. */
#include "model/purl.h"

#include <stdlib.h>

struct text {
    char *base; /* the copy */
    struct prq_err *err;
};

/* A part of the copy that is still to be read. */
struct part {
    char *p;
    size_t n;
};

static prq_str view(struct part s)
{
    return (prq_str){ s.p, s.n };
}

static bool fail(const struct text *t, const char *at, const char *why)
{
    return prq_fail_at(t->err, PRQ_E_FORMAT, (uint64_t)(at - t->base), why);
}

static struct part front(struct part s, size_t n)
{
    return (struct part){ s.p, n };
}

static struct part behind(struct part s, size_t n)
{
    return (struct part){ s.p + n, s.n - n };
}

static struct part without_slashes(struct part s)
{
    while (s.n && s.p[0] == '/')
        s = behind(s, 1);
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

/* Printable ASCII only: everything else has to be percent-encoded. */
static bool is_ascii(const struct text *t, struct part s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return fail(t, s.p + i, "byte in a package URL that needs percent-encoding");
    return true;
}

static bool decode(const struct text *t, struct part *s)
{
    size_t used = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->p[i] != '%') {
            s->p[used++] = s->p[i];
            continue;
        }
        int hi = s->n - i > 2 ? prq_hex_value(s->p[i + 1]) : -1;
        int lo = s->n - i > 2 ? prq_hex_value(s->p[i + 2]) : -1;
        if (hi < 0 || lo < 0)
            return fail(t, s->p + i, "'%' without two hex digits");
        s->p[used++] = (char)(hi * 16 + lo);
        i += 2;
    }
    s->n = used;
    return true;
}

/* Segments between slashes: decoded, joined again without the empty ones. */
static bool decode_segments(const struct text *t, struct part *s, bool skips_dots)
{
    char *out = s->p, *end = s->p + s->n, *at = s->p;
    size_t used = 0;
    while (at < end) {
        char *slash = memchr(at, '/', (size_t)(end - at));
        struct part segment = { at, (size_t)((slash ? slash : end) - at) };
        if (!decode(t, &segment))
            return false;
        if (prq_str_find(view(segment), '/') < segment.n)
            return fail(t, at, "encoded slash inside a segment");
        bool is_dots = prq_str_eq(view(segment), PRQ_S(".")) ||
                       prq_str_eq(view(segment), PRQ_S(".."));
        if (segment.n && !(skips_dots && is_dots)) {
            if (used)
                out[used++] = '/';
            memmove(out + used, segment.p, segment.n);
            used += segment.n;
        }
        at = slash ? slash + 1 : end;
    }
    s->n = used;
    return true;
}

/* A type or a qualifier's key: letters first, then also digits and `marks`; lower-cased in place. */
static bool fold_word(struct part s, const char *marks)
{
    if (s.n == 0 || !prq_is_alpha(s.p[0]))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!prq_is_alnum(s.p[i]) && !strchr(marks, s.p[i]))
            return false;
        s.p[i] = prq_to_lower(s.p[i]);
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct prq_purl_qual *x = a, *y = b;
    return prq_str_cmp(x->key, y->key);
}

static bool take_pair(const struct text *t, struct part pair, struct prq_purl *out)
{
    size_t at = prq_str_find(view(pair), '=');
    if (at == pair.n)
        return fail(t, pair.p, "qualifier without '='");
    struct part key = front(pair, at), value = behind(pair, at + 1);
    if (!fold_word(key, ".-_"))
        return fail(t, pair.p, "malformed qualifier key");
    if (!decode(t, &value))
        return false;
    if (value.n) /* an empty value is no qualifier */
        out->quals[out->qual_count++] =
            (struct prq_purl_qual){ .key = view(key), .value = view(value) };
    return true;
}

static bool parse_quals(const struct text *t, struct part s, struct prq_arena *a,
                        struct prq_purl *out)
{
    size_t most = 1;
    for (size_t i = 0; i < s.n; i++)
        most += s.p[i] == '&';
    out->quals = prq_new_n(a, struct prq_purl_qual, most);
    if (!out->quals)
        return prq_fail(t->err, PRQ_E_LIMIT, "no room for %zu qualifiers", most);
    struct part rest = s;
    while (rest.n) {
        size_t at = prq_str_find(view(rest), '&');
        if (at && !take_pair(t, front(rest, at), out))
            return false;
        rest = behind(rest, at < rest.n ? at + 1 : at);
    }
    if (out->qual_count > 1)
        qsort(out->quals, out->qual_count, sizeof *out->quals, by_key);
    for (size_t i = 1; i < out->qual_count; i++)
        if (prq_str_eq(out->quals[i - 1].key, out->quals[i].key))
            return fail(t, s.p, "the same qualifier twice");
    return true;
}

/* Where the version starts. An '@' that opens a segment before the last one is an npm scope that
 * nobody encoded: pkg:npm/@scope/name. */
static size_t version_at(struct part s)
{
    size_t at = prq_str_rfind(view(s), '@');
    bool opens = at < s.n && (at == 0 || s.p[at - 1] == '/');
    return opens && memchr(s.p + at, '/', s.n - at) ? s.n : at;
}

static bool parse_path(const struct text *t, struct part s, struct prq_purl *out)
{
    struct part rest = without_slashes(s), name, version = { rest.p + rest.n, 0 };
    size_t at = prq_str_find(view(rest), '/');
    struct part type = front(rest, at);
    if (!fold_word(type, ".+-"))
        return fail(t, type.p, "malformed package type");
    if (at == rest.n)
        return fail(t, rest.p + at, "package URL without a name");
    rest = behind(rest, at + 1);
    at = version_at(rest);
    if (at < rest.n) {
        version = behind(rest, at + 1);
        rest.n = at;
    }
    at = prq_str_rfind(view(rest), '/');
    name = at == rest.n ? rest : behind(rest, at + 1);
    rest.n = at == rest.n ? 0 : at;
    if (!decode(t, &name) || !decode(t, &version) || !decode_segments(t, &rest, false))
        return false;
    if (name.n == 0)
        return fail(t, name.p, "package URL without a name");
    out->type = view(type);
    out->ns = view(rest);
    out->name = view(name);
    out->version = view(version);
    return true;
}

bool prq_purl_parse(prq_str text, struct prq_arena *a, struct prq_purl *out, struct prq_err *err)
{
    struct text t = { .base = prq_arena_alloc(a, text.n + 1), .err = err };
    if (!t.base)
        return prq_fail(err, PRQ_E_LIMIT, "no room for a package URL of %zu bytes", text.n);
    if (text.n)
        memcpy(t.base, text.p, text.n);
    struct part rest = { t.base, text.n };
    struct prq_purl purl = { 0 };
    if (!is_ascii(&t, rest))
        return false;
    if (rest.n < 4 || !prq_str_ieq(prq_str_head(view(rest), 4), PRQ_S("pkg:")))
        return fail(&t, t.base, "not a package URL: it starts with \"pkg:\"");
    rest = behind(rest, 4);
    size_t at = prq_str_rfind(view(rest), '#');
    if (at < rest.n) {
        struct part subpath = behind(rest, at + 1);
        if (!decode_segments(&t, &subpath, true))
            return false;
        purl.subpath = view(subpath);
        rest.n = at;
    }
    at = prq_str_rfind(view(rest), '?');
    if (at < rest.n) {
        if (!parse_quals(&t, behind(rest, at + 1), a, &purl))
            return false;
        rest.n = at;
    }
    if (!parse_path(&t, rest, &purl))
        return false;
    *out = purl;
    return true;
}

prq_str prq_purl_qual(const struct prq_purl *p, prq_str key)
{
    for (size_t i = 0; i < p->qual_count; i++)
        if (prq_str_eq(p->quals[i].key, key))
            return p->quals[i].value;
    return (prq_str){ 0 };
}
