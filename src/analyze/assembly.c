/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/assembly.h"

enum { NAME_MAX_BYTES = 256 };

/* ---- name */

static prq_str without_suffix(prq_str s)
{
    static const prq_str suffixes[] = { PRQ_SI(".dll"), PRQ_SI(".exe") };
    for (size_t i = 0; i < PRQ_COUNT(suffixes); i++)
        if (s.n > suffixes[i].n &&
            prq_str_ieq(prq_str_from_at(s, s.n - suffixes[i].n), suffixes[i]))
            return prq_str_head(s, s.n - suffixes[i].n);
    return s;
}

/* Runs of white space are one blank, none at the ends; control characters go. */
static prq_str tidy(prq_str s, struct prq_arena *a)
{
    char *out = prq_arena_raw(a, s.n + 1);
    size_t n = 0;
    bool gap = false;
    for (size_t i = 0; out && i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (prq_is_space(s.p[i])) {
            gap = n > 0;
            continue;
        }
        if (c < 0x20 || c == 0x7f)
            continue;
        if (gap)
            out[n++] = ' ';
        gap = false;
        out[n++] = s.p[i];
    }
    return (prq_str){ out, n };
}

static bool has_word(prq_str s, prq_str lower)
{
    for (size_t i = 0; i + lower.n <= s.n; i++)
        if (prq_str_ieq(prq_str_head(prq_str_from_at(s, i), lower.n), lower))
            return true;
    return false;
}

prq_str prq_assembly_name(const struct prq_peversion *v, struct prq_arena *a)
{
    const prq_str others[] = { v->product_name, v->file_description, v->internal_name,
                               v->original_filename };
    const prq_str microsoft[] = { v->file_description, v->internal_name, v->original_filename,
                                  v->product_name };
    bool is_microsoft = has_word(v->company_name, PRQ_S("microsoft")) ||
                        has_word(v->product_name, PRQ_S("microsoft"));
    const prq_str *order = is_microsoft ? microsoft : others;
    for (size_t i = 0; i < PRQ_COUNT(others); i++) {
        prq_str name = tidy(order[i], a);
        if (!name.p)
            return name;
        name = without_suffix(name);
        if (name.n && name.n <= NAME_MAX_BYTES)
            return name;
    }
    return PRQ_S("");
}

/* ---- version */

/* 0.0.0.0 is what compilers write where nobody gave a version. */
static bool is_unset(const char *s, size_t n)
{
    for (size_t i = 0; s && i < n; i++)
        if (s[i] != '0' && s[i] != '.')
            return false;
    return s != NULL;
}

/* "1, 0, 0, 0" is 1.0.0.0; of "4.7.3190.0 built by: X" the version; of "1.2.3+commit" what is before.
 * *is_exact: a commit followed, as builds write that put the package's own version there. */
static prq_str clean(prq_str s, struct prq_arena *a, bool *is_exact)
{
    s = prq_str_trim(s);
    char *out = prq_arena_raw(a, s.n + 1);
    size_t n = 0, i = 0;
    *is_exact = false;
    /* A word before the number ("Release 73", "v1.0") is not part of it. */
    while (i < s.n && !prq_is_digit(s.p[i]))
        i++;
    if (i && prq_is_alnum(s.p[i - 1]) && !(i == 1 && (s.p[0] == 'v' || s.p[0] == 'V')))
        i = s.n; /* "c61f0436": no version */
    for (; out && i < s.n; i++) {
        char c = s.p[i];
        if (c == '+') {
            *is_exact = true;
            break;
        }
        if (c == ',') {
            while (i + 1 < s.n && s.p[i + 1] == ' ')
                i++;
            c = '.';
        } else if (!prq_is_alnum(c) && c != '.' && c != '-' && c != '_') {
            break;
        }
        out[n++] = c;
    }
    while (n && !prq_is_alnum(out[n - 1]))
        n--;
    return is_unset(out, n) ? PRQ_S("") : (prq_str){ out, n };
}

/* The next number of a dotted version, 0 behind its end. *is_there: it was written. */
static uint64_t next_number(prq_str *s, bool *is_there)
{
    uint64_t v = 0;
    *is_there = s->n && prq_is_digit(s->p[0]);
    while (s->n && prq_is_digit(s->p[0])) {
        v = v < UINT64_MAX / 20 ? v * 10 + (uint64_t)(s->p[0] - '0') : v;
        *s = prq_str_from_at(*s, 1);
    }
    if (s->n > 1 && s->p[0] == '.' && prq_is_digit(s->p[1]))
        *s = prq_str_from_at(*s, 1);
    return v;
}

struct order {
    int cmp;         /* of the numbers, missing ones are 0 */
    bool x_extended; /* y has all numbers of x and more of them */
    bool y_extended;
    bool x_tagged, y_tagged; /* "-beta" and the like behind the numbers */
};

static struct order compare(prq_str x, prq_str y)
{
    struct order o = { 0 };
    bool differ = false, x_there = true, y_there = true;
    size_t x_n = 0, y_n = 0;
    while (x_there || y_there) {
        uint64_t p = next_number(&x, &x_there), q = next_number(&y, &y_there);
        x_n += x_there;
        y_n += y_there;
        if (x_there && y_there && p != q)
            differ = true;
        if (o.cmp == 0 && p != q)
            o.cmp = p < q ? -1 : 1;
    }
    o.x_extended = !differ && y_n > x_n;
    o.y_extended = !differ && x_n > y_n;
    o.x_tagged = x.n > 0;
    o.y_tagged = y.n > 0;
    return o;
}

/* Of two that differ the one that says more: the other's numbers and further ones, a pre-release tag. A
 * file version may count builds where the product version counts patches (8.0.123.58001 of 8.0.1): then
 * the product version, when it is one that the build itself wrote; else the greater. */
static prq_str more_specific(prq_str product, bool is_exact, prq_str file)
{
    struct order o = compare(product, file);
    if (o.x_tagged != o.y_tagged && (o.cmp == 0 || o.x_extended || o.y_extended))
        return o.x_tagged ? product : file;
    if (o.x_extended || o.y_extended)
        return o.x_extended ? file : product;
    if (is_exact || o.cmp >= 0)
        return product;
    return file;
}

prq_str prq_assembly_version(const struct prq_peversion *v, struct prq_arena *a)
{
    bool is_exact, ignored;
    prq_str product = clean(v->product_version, a, &is_exact);
    prq_str file = clean(v->file_version, a, &ignored);
    if (!product.p || !file.p)
        return (prq_str){ 0 };
    if (product.n == 0 || file.n == 0)
        return product.n ? product : file;
    return more_specific(product, is_exact, file);
}
