/* SPDX-License-Identifier: Apache-2.0 */
/* Java runtimes: 1.8.0_302-b08, 8u302, 17.0.9+9. Until 8 the number behind "1." is the release and
 * the update is a word of its own; both forms are read as one row of numbers.
 * Source: JEP 223, "New Version-String Scheme"; matching.md 1.15. Cases: jvm.cases. Linear time. */
#include "version/digits.h"
#include "version/version.h"

struct parts {
    prq_str numbers; /* dotted, without the "1." of old */
    prq_str update;  /* the third number, written apart */
    prq_str pre;
    bool has_pre;
};

/* The update at the front of `v`, behind '_', 'u' or "-update" and the like. */
static bool take_update(prq_str *v, prq_str *update)
{
    static const prq_str marks[] = {
        PRQ_SI("-update_"), PRQ_SI("_update_"), PRQ_SI("-update"), PRQ_SI("_update"),
        PRQ_SI("_u"),       PRQ_SI("-u"),       PRQ_SI("u"),       PRQ_SI("_"),
    };
    for (size_t i = 0; i < PRQ_COUNT(marks); i++) {
        prq_str rest = prq_str_from_at(*v, marks[i].n), digits = prq_digits_front(rest);
        if (!prq_str_starts(*v, marks[i]) || digits.n == 0)
            continue;
        *update = digits;
        *v = prq_str_from_at(rest, digits.n);
        return true;
    }
    return false;
}

/* "b08", the build of old, does not count. */
static bool is_build(prq_str v)
{
    return v.n > 1 && v.p[0] == 'b' && prq_digits_only(prq_str_from_at(v, 1));
}

static struct parts split(prq_str v)
{
    struct parts s = { 0 };
    prq_str build;
    v = prq_str_trim(v);
    if (prq_str_starts(v, PRQ_S("jdk-")))
        v = prq_str_from_at(v, 4);
    prq_str_cut(v, '+', &v, &build);
    if (v.n > 2 && prq_str_starts(v, PRQ_S("1.")) && prq_is_digit(v.p[2]))
        prq_digits_skip(&v, 2);
    size_t n = 0;
    while (n < v.n && (prq_is_digit(v.p[n]) || v.p[n] == '.'))
        n++;
    s.numbers = prq_str_head(v, n);
    v = prq_str_from_at(v, n);
    take_update(&v, &s.update);
    if (v.n && v.p[0] == '-')
        prq_digits_skip(&v, 1);
    prq_str word, last;
    if (prq_str_rcut(v, '-', &word, &last) && is_build(last))
        v = word;
    s.has_pre = v.n && !is_build(v);
    s.pre = s.has_pre ? v : (prq_str){ 0 };
    return s;
}

/* The update is the third number; what the numbers say in that place of old is 0. */
static prq_str next_number(struct parts *s, size_t at)
{
    prq_str number = { 0 };
    prq_str_split(&s->numbers, '.', &number);
    return at == 2 && s->update.n && prq_digits_no_zeros(number).n == 0 ? s->update : number;
}

static int compare(prq_str a, prq_str b)
{
    struct parts x = split(a), y = split(b);
    for (size_t at = 0; at < 3 || x.numbers.p || y.numbers.p; at++) {
        int c = prq_digits_cmp(next_number(&x, at), next_number(&y, at));
        if (c)
            return c;
    }
    if (!x.has_pre || !y.has_pre)
        return (int)y.has_pre - (int)x.has_pre;
    return prq_str_cmp(x.pre, y.pre);
}

static bool is_valid(prq_str v)
{
    struct parts s = split(v);
    prq_str number;
    bool is_ok = s.numbers.n > 0;
    while (is_ok && prq_str_split(&s.numbers, '.', &number))
        is_ok = number.n > 0;
    for (size_t i = 0; i < s.pre.n; i++)
        is_ok &= prq_is_alnum(s.pre.p[i]) || s.pre.p[i] == '-' || s.pre.p[i] == '.';
    return is_ok;
}

static const char *const aliases[] = { "jdk", "jre", NULL };

const struct prq_scheme prq_scheme_jvm = {
    .name = "jvm",
    .aliases = aliases,
    .summary = "Java runtimes: 1.8.0_302-b08 = 8u302 < 17.0.9+9",
    .is_valid = is_valid,
    .compare = compare,
};
