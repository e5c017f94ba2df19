/* SPDX-License-Identifier: Apache-2.0 */
/* Composer (Packagist) versions, as PHP's version_compare() orders them.
 * Source: php.net, version_compare; matching.md 1.10. Cases: composer.cases, checked against PHP.
 * Each side is cut into numbers and words once: linear time. */
#include "version/digits.h"
#include "version/version.h"

/* '#' stands for a number, and so does the end where the other side has a word. */
enum { DEV, ALPHA, BETA, RC, NUMBER, PATCH };

struct word {
    prq_str text;
    int rank;
};
static const struct word words[] = {
    { PRQ_SI("dev"), DEV },   { PRQ_SI("alpha"), ALPHA }, { PRQ_SI("a"), ALPHA },
    { PRQ_SI("beta"), BETA }, { PRQ_SI("b"), BETA },      { PRQ_SI("RC"), RC },
    { PRQ_SI("rc"), RC },     { PRQ_SI("#"), NUMBER },    { PRQ_SI("pl"), PATCH },
    { PRQ_SI("p"), PATCH },
};

static bool is_mark(char c)
{
    return c == '.' || c == '-' || c == '_' || c == '+';
}

/* Without bytes: the end. */
static prq_str next_piece(prq_str *v)
{
    while (v->n && is_mark(v->p[0]))
        prq_digits_skip(v, 1);
    size_t n = prq_digits_front(*v).n;
    if (n == 0)
        while (n < v->n && !is_mark(v->p[n]) && !prq_is_digit(v->p[n]))
            n++;
    prq_str piece = prq_str_head(*v, n);
    prq_digits_skip(v, n);
    return piece;
}

static bool is_number(prq_str piece)
{
    return piece.n && prq_is_digit(piece.p[0]);
}

/* Unknown words rank with "dev". */
static int rank_of(prq_str piece)
{
    if (piece.n == 0 || is_number(piece))
        return NUMBER;
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_eq(piece, words[i].text))
            return words[i].rank;
    return DEV;
}

static prq_str without_v(prq_str v)
{
    return v.n && (v.p[0] == 'v' || v.p[0] == 'V') ? prq_str_from_at(v, 1) : v;
}

static int compare(prq_str a, prq_str b)
{
    a = without_v(a);
    b = without_v(b);
    for (;;) {
        prq_str left = next_piece(&a), right = next_piece(&b);
        if (left.n == 0 && right.n == 0)
            return 0;
        bool is_left = is_number(left), is_right = is_number(right);
        int c = is_left && is_right ? prq_digits_cmp(left, right) : rank_of(left) - rank_of(right);
        if (!c && (left.n == 0 || right.n == 0))
            c = (int)is_left - (int)is_right;
        if (c)
            return c;
    }
}

/* The next piece in a place where there must be a number: without one it is 0. */
static prq_str next_number(prq_str *v)
{
    prq_str rest = *v, piece = next_piece(&rest);
    if (!is_number(piece))
        return PRQ_S("0");
    *v = rest;
    return piece;
}

int prq_composer_compare_bound(prq_str a, prq_str bound)
{
    a = without_v(a);
    bound = without_v(bound);
    for (int i = 0; i < 4; i++) {
        int c = prq_digits_cmp(next_number(&a), next_number(&bound));
        if (c)
            return c;
    }
    return compare(a, bound);
}

/* A release: a number first, no mark last, and no branch ("dev-main", "1.x-dev"). */
static bool is_valid(prq_str v)
{
    v = without_v(v);
    if (v.n == 0 || !prq_is_digit(v.p[0]) || is_mark(v.p[v.n - 1]))
        return false;
    for (size_t i = 0; i < v.n; i++) {
        bool is_wild = (v.p[i] == 'x' || v.p[i] == '*') && v.p[i - 1] == '.';
        if (is_wild || (!prq_is_alnum(v.p[i]) && !is_mark(v.p[i]) && v.p[i] != '#'))
            return false;
    }
    return true;
}

static const char *const aliases[] = { "packagist", "php", NULL };
static const char *const types[] = { "composer", NULL };
static const char *const spaces[] = { "Packagist", NULL };

const struct prq_scheme prq_scheme_composer = {
    .name = "composer",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Composer: 1.0-dev < 1.0-RC1 < 1.0 < 1.0.0",
    .is_valid = is_valid,
    .compare = compare,
};
