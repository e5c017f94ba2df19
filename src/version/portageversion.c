/* SPDX-License-Identifier: Apache-2.0 */
/* Gentoo versions: N(.N)*[letter](_(alpha|beta|pre|rc|p)N?)*[-rN].
 * Source: Package Manager Specification, "Version comparison"; matching.md 1.14. Cases:
 * portage.cases. Cut once and walked once: linear time. */
#include "version/digits.h"
#include "version/version.h"

/* The end of the suffixes stands between rc and p. */
enum { ALPHA, BETA, PRE, RC, NONE, P, UNKNOWN };
static const struct {
    prq_str word;
    int rank;
} suffixes[] = {
    { PRQ_SI("alpha"), ALPHA }, { PRQ_SI("beta"), BETA }, { PRQ_SI("pre"), PRE },
    { PRQ_SI("rc"), RC },       { PRQ_SI("p"), P },
};

struct parts {
    prq_str numbers, suffixes, revision, tail; /* the tail is what the grammar does not know */
    char letter;
};

static struct parts split(prq_str v)
{
    struct parts s = { 0 };
    size_t n = 0;
    while (n < v.n && (prq_is_digit(v.p[n]) || v.p[n] == '.'))
        n++;
    s.numbers = n ? prq_str_head(v, n) : (prq_str){ 0 };
    v = prq_str_from_at(v, n);
    if (v.n && prq_is_lower(v.p[0])) {
        s.letter = v.p[0];
        prq_digits_skip(&v, 1);
    }
    n = 0;
    if (v.n && v.p[0] == '_')
        while (n < v.n && (v.p[n] == '_' || prq_is_digit(v.p[n]) || prq_is_lower(v.p[n])))
            n++;
    s.suffixes = n ? prq_str_head(prq_str_from_at(v, 1), n - 1) : (prq_str){ 0 };
    v = prq_str_from_at(v, n);
    if (v.n > 2 && v.p[0] == '-' && v.p[1] == 'r' && prq_is_digit(v.p[2])) {
        s.revision = prq_digits_front(prq_str_from_at(v, 2));
        prq_digits_skip(&v, 2 + s.revision.n);
    }
    s.tail = v;
    return s;
}

static prq_str without_end_zeros(prq_str v)
{
    while (v.n && v.p[v.n - 1] == '0')
        v.n--;
    return v;
}

/* With a zero in front of either they are digits behind a decimal point. */
static int compare_fraction(prq_str a, prq_str b)
{
    if ((a.n && a.p[0] == '0') || (b.n && b.p[0] == '0'))
        return prq_str_cmp(without_end_zeros(a), without_end_zeros(b));
    return prq_digits_cmp(a, b);
}

static int compare_numbers(prq_str a, prq_str b)
{
    prq_str left, right;
    for (bool is_first = true;; is_first = false) {
        bool has_left = prq_str_split(&a, '.', &left), has_right = prq_str_split(&b, '.', &right);
        if (!has_left || !has_right)
            return (int)has_left - (int)has_right;
        int c = is_first ? prq_digits_cmp(left, right) : compare_fraction(left, right);
        if (c)
            return c;
    }
}

static int next_suffix(prq_str *rest, prq_str *word, prq_str *number)
{
    *word = *number = (prq_str){ 0 };
    if (!prq_str_split(rest, '_', word))
        return NONE;
    size_t n = 0;
    while (n < word->n && !prq_is_digit(word->p[n]))
        n++;
    *number = prq_str_from_at(*word, n);
    *word = prq_str_head(*word, n);
    for (size_t i = 0; i < PRQ_COUNT(suffixes); i++)
        if (prq_str_eq(*word, suffixes[i].word))
            return suffixes[i].rank;
    return UNKNOWN;
}

/* None is 0; what is no number is newer than any. */
static int compare_suffix_numbers(prq_str a, prq_str b)
{
    bool x = a.n == 0 || prq_digits_only(a), y = b.n == 0 || prq_digits_only(b);
    if (x != y)
        return x ? -1 : 1;
    return x ? prq_digits_cmp(a, b) : prq_str_cmp(a, b);
}

static int compare_suffixes(prq_str a, prq_str b)
{
    for (;;) {
        prq_str word_left, word_right, left, right;
        int x = next_suffix(&a, &word_left, &left), y = next_suffix(&b, &word_right, &right);
        if (x != y || x == NONE)
            return x - y;
        int c = x == UNKNOWN ? prq_str_cmp(word_left, word_right) : 0;
        if (!c)
            c = compare_suffix_numbers(left, right);
        if (c)
            return c;
    }
}

static int compare(prq_str a, prq_str b)
{
    struct parts x = split(a), y = split(b);
    int c = compare_numbers(x.numbers, y.numbers);
    if (!c)
        c = x.letter - y.letter;
    if (!c)
        c = compare_suffixes(x.suffixes, y.suffixes);
    if (!c)
        c = prq_digits_cmp(x.revision, y.revision);
    return c ? c : prq_str_cmp(x.tail, y.tail);
}

static bool is_valid(prq_str v)
{
    struct parts s = split(v);
    prq_str number, word;
    bool is_ok = s.tail.n == 0 && s.numbers.n > 0;
    while (is_ok && prq_str_split(&s.numbers, '.', &number))
        is_ok = number.n > 0;
    bool has_underline = s.suffixes.p != NULL;
    while (is_ok && has_underline && s.suffixes.p) {
        int rank = next_suffix(&s.suffixes, &word, &number);
        is_ok = rank != UNKNOWN && (number.n == 0 || prq_digits_only(number));
    }
    return is_ok;
}

static const char *const aliases[] = { "ebuild", "gentoo", NULL };
static const char *const types[] = { "ebuild", NULL };

const struct prq_scheme prq_scheme_portage = {
    .name = "portage",
    .aliases = aliases,
    .purl_types = types,
    .summary = "Gentoo: 1.0_rc1 < 1.0 < 1.0-r1 < 1.0_p1 < 1.0a",
    .is_valid = is_valid,
    .compare = compare,
};
