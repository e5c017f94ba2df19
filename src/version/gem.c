/* SPDX-License-Identifier: Apache-2.0 */
/* RubyGems versions; CocoaPods orders its own likewise.
 * Source: Gem::Version ("If any part contains letters it is a pre-release"); matching.md 1.8.
 * Cases: gem.cases, checked against Gem::Version. A segment is cut once, and a zero once more to
 * see whether any other number follows it: linear time. */
#include "version/digits.h"
#include "version/version.h"

/* A run of digits or of letters; everything else separates, but '-' also is the word "pre". */
struct segments {
    prq_str rest;
    size_t zeros_kept; /* zeros at the front of `rest` known to be followed by another segment */
    bool in_build;     /* behind the first word */
};

/* Without bytes: the end. */
static prq_str cut(prq_str *v)
{
    while (v->n && !prq_is_alnum(v->p[0])) {
        char c = v->p[0];
        prq_digits_skip(v, 1);
        if (c == '-')
            return PRQ_S("pre");
    }
    prq_str digits = prq_digits_front(*v);
    size_t n = digits.n;
    while (digits.n == 0 && n < v->n && prq_is_alpha(v->p[n]))
        n++;
    prq_str segment = prq_str_head(*v, n);
    prq_digits_skip(v, n);
    return segment;
}

static bool is_zero(prq_str segment)
{
    return segment.n && prq_digits_no_zeros(segment).n == 0;
}

/* Zeros before the end are left out, and before the first word too: 1.0.a is 1.a. */
static void look_ahead(struct segments *s)
{
    prq_str rest = s->rest, next;
    size_t zeros = 1;
    while (is_zero(next = cut(&rest)))
        zeros++;
    if (next.n && (prq_is_digit(next.p[0]) || s->in_build)) {
        s->zeros_kept = zeros;
        return;
    }
    while (--zeros)
        cut(&s->rest);
}

static prq_str next_segment(struct segments *s)
{
    for (;;) {
        prq_str segment = cut(&s->rest);
        if (segment.n && !prq_is_digit(segment.p[0]))
            s->in_build = true;
        if (!is_zero(segment))
            return segment;
        if (s->zeros_kept == 0)
            look_ahead(s);
        if (s->zeros_kept) {
            s->zeros_kept--;
            return segment;
        }
    }
}

/* A missing segment is 0. */
static int compare(prq_str a, prq_str b)
{
    struct segments x = { .rest = a }, y = { .rest = b };
    for (;;) {
        prq_str left = next_segment(&x), right = next_segment(&y);
        if (left.n == 0 && right.n == 0)
            return 0;
        bool is_left = left.n == 0 || prq_is_digit(left.p[0]);
        bool is_right = right.n == 0 || prq_is_digit(right.p[0]);
        if (is_left != is_right)
            return is_left ? 1 : -1;
        int c = is_left ? prq_digits_cmp(left, right) : prq_str_cmp(left, right);
        if (c)
            return c;
    }
}

/* A number first, then segments after dots or, once, a hyphen; later hyphens count as letters.
 * Gem::Version wants a dot before letters, but 1beta occurs and is harmless. */
static bool is_valid(prq_str v)
{
    v = prq_str_trim(v);
    if (prq_digits_front(v).n == 0)
        return false;
    bool was_mark = false, has_hyphen = false;
    for (size_t i = 0; i < v.n; i++) {
        bool is_mark = v.p[i] == '.' || (v.p[i] == '-' && !has_hyphen);
        if ((was_mark && is_mark) || (!is_mark && v.p[i] != '-' && !prq_is_alnum(v.p[i])))
            return false;
        has_hyphen |= v.p[i] == '-';
        was_mark = is_mark;
    }
    return !was_mark;
}

static const char *const aliases[] = { "cocoapods", "ruby", "rubygems", NULL };
static const char *const types[] = { "cocoapods", "gem", NULL };
static const char *const spaces[] = { "RubyGems", NULL };

const struct prq_scheme prq_scheme_gem = {
    .name = "gem",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "RubyGems, CocoaPods: numbers and words, words are pre-releases",
    .is_valid = is_valid,
    .compare = compare,
};
