/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of no known scheme, as CPEs hold them: semantic versions where both sides are some, else
 * numbers and words in turn. Source: matching.md 1.17. Cases: fuzzy.cases. Linear time.
 *
 * Two rules make no order: 1.0-rc1 < 1.0 by the first, 1.0 < 1.0-rc1 beside 1.0_a by the second. */
#include "version/digits.h"
#include "version/semver.h"

static prq_str without_v(prq_str v)
{
    v = prq_str_trim(v);
    bool has_v = v.n > 1 && (v.p[0] == 'v' || v.p[0] == 'V') && prq_is_digit(v.p[1]);
    return has_v ? prq_str_from_at(v, 1) : v;
}

struct piece {
    prq_str text;   /* digits or letters; without bytes: the end */
    bool is_joined; /* to the piece before, without punctuation */
};

static struct piece next_piece(prq_str *v)
{
    struct piece p = { .is_joined = true };
    while (v->n && !prq_is_alnum(v->p[0])) {
        prq_digits_skip(v, 1);
        p.is_joined = false;
    }
    size_t n = prq_digits_front(*v).n;
    if (n == 0)
        while (n < v->n && prq_is_alpha(v->p[n]))
            n++;
    p.text = prq_str_head(*v, n);
    prq_digits_skip(v, n);
    return p;
}

static bool is_number(prq_str text)
{
    return text.n && prq_is_digit(text.p[0]);
}

static int compare_words(prq_str a, prq_str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int diff = (uint8_t)prq_to_lower(a.p[i]) - (uint8_t)prq_to_lower(b.p[i]);
        if (diff)
            return diff;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* The end is older than a further part, and that older than more of the last one: 1.1 < 1.1.1 <
 * 1.1k. */
static int rank_of(const struct piece *p)
{
    if (p->text.n == 0)
        return 0;
    return p->is_joined ? 2 : 1;
}

static int compare_loose(prq_str a, prq_str b)
{
    for (;;) {
        struct piece left = next_piece(&a), right = next_piece(&b);
        int x = rank_of(&left), y = rank_of(&right);
        if (x != y || x == 0)
            return x - y;
        bool is_left = is_number(left.text), is_right = is_number(right.text);
        if (is_left != is_right)
            return is_left ? 1 : -1;
        int c =
            is_left ? prq_digits_cmp(left.text, right.text) : compare_words(left.text, right.text);
        if (c)
            return c;
    }
}

/* A pre-release needs its hyphen and a letter: 1.1.1k and 2019-04-11 are none. */
static bool is_semver(prq_str v)
{
    struct prq_semver s = prq_semver_split(v);
    return prq_semver_is_valid(v) &&
           (!s.has_pre || (s.pre.p[-1] == '-' && prq_is_alpha(s.pre.p[0])));
}

static int compare(prq_str a, prq_str b)
{
    a = without_v(a);
    b = without_v(b);
    if (is_semver(a) && is_semver(b))
        return prq_semver_compare(a, b);
    return compare_loose(a, b);
}

static bool is_valid(prq_str v)
{
    bool has_digit = false;
    for (size_t i = 0; i < v.n; i++)
        has_digit |= prq_is_digit(v.p[i]);
    return has_digit;
}

static const char *const aliases[] = { "cpe", "generic", NULL };

const struct prq_scheme prq_scheme_fuzzy = {
    .name = "fuzzy",
    .aliases = aliases,
    .summary = "no known scheme: semantic if possible, else numbers and words in turn",
    .is_valid = is_valid,
    .compare = compare,
};
