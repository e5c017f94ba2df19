/* SPDX-License-Identifier: Apache-2.0 */
/* What the comparators share: digit runs of any length, and taking runs off the front of a view. */
#ifndef PRQ_VERSION_DIGITS_H
#define PRQ_VERSION_DIGITS_H

#include "base/str.h"

/* The longest front of `v` that is ASCII digits. */
static inline prq_str prq_digits_front(prq_str v)
{
    size_t n = 0;
    while (n < v.n && prq_is_digit(v.p[n]))
        n++;
    return prq_str_head(v, n);
}

/* Drop the first n bytes; n <= v->n. */
static inline void prq_digits_skip(prq_str *v, size_t n)
{
    v->p += n;
    v->n -= n;
}

static inline bool prq_digits_only(prq_str v)
{
    return v.n > 0 && prq_digits_front(v).n == v.n;
}

static inline prq_str prq_digits_no_zeros(prq_str v)
{
    size_t n = 0;
    while (n < v.n && v.p[n] == '0')
        n++;
    return prq_str_from_at(v, n);
}

/* Runs of digits as unbounded numbers; an empty run is 0. */
static inline int prq_digits_cmp(prq_str a, prq_str b)
{
    a = prq_digits_no_zeros(a);
    b = prq_digits_no_zeros(b);
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

/* The piece before the next '.', which is taken off as well; *at is where to go on. Past the end
 * every piece is empty: missing components read as 0. */
static inline prq_str prq_digits_piece(prq_str v, size_t *at)
{
    size_t start = *at, end = start;
    while (end < v.n && v.p[end] != '.')
        end++;
    *at = end < v.n ? end + 1 : v.n;
    return start < v.n ? (prq_str){ v.p + start, end - start } : (prq_str){ 0 };
}

/* Dotted numbers, the shorter one padded with zeros. */
static inline int prq_digits_dotted_cmp(prq_str a, prq_str b)
{
    size_t i = 0, j = 0;
    while (i < a.n || j < b.n) {
        prq_str x = prq_digits_piece(a, &i), y = prq_digits_piece(b, &j);
        int c = prq_digits_cmp(x, y);
        if (c)
            return c;
    }
    return 0;
}

#endif
