/* SPDX-License-Identifier: Apache-2.0 */
/* Maven versions: tokens after '.', '-' and at each change between digits and letters.
 * Source: Maven's POM reference, "Version Order Specification"; matching.md 1.7. Cases:
 * maven.cases, checked against org.apache.maven.artifact.versioning.ComparableVersion. A token is
 * cut once, and once more to see where a run of nulls before it ends: linear time.
 *
 * The rule is no order: 1 < 1.foo < 1.0.alpha < 1. What sorts by it must bear that. */
#include "version/digits.h"
#include "version/version.h"

struct token {
    prq_str text;
    char separator; /* '.' or '-'; 0: the first */
    bool is_number, is_padding;
    int rank; /* of a word */
};

/* Words between the pre-releases and the unknown ones, which come last. */
enum { ALPHA, BETA, MILESTONE, RC, SNAPSHOT, RELEASE, SP, UNKNOWN };

struct word {
    prq_str text;
    int rank;
    bool before_digit; /* only when a digit follows at once */
};
static const struct word words[] = {
    { PRQ_SI(""), RELEASE, false },
    { PRQ_SI("ga"), RELEASE, false },
    { PRQ_SI("final"), RELEASE, false },
    { PRQ_SI("release"), RELEASE, false },
    { PRQ_SI("alpha"), ALPHA, false },
    { PRQ_SI("a"), ALPHA, true },
    { PRQ_SI("beta"), BETA, false },
    { PRQ_SI("b"), BETA, true },
    { PRQ_SI("milestone"), MILESTONE, false },
    { PRQ_SI("m"), MILESTONE, true },
    { PRQ_SI("rc"), RC, false },
    { PRQ_SI("cr"), RC, false },
    { PRQ_SI("snapshot"), SNAPSHOT, false },
    { PRQ_SI("sp"), SP, false },
};

struct tokens {
    prq_str text;
    size_t at;                 /* past the end after the last token */
    size_t keep_from, keep_to; /* of the run of nulls looked at last */
    bool has_started;
};

static int rank_of(prq_str text, bool before_digit)
{
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if ((before_digit || !words[i].before_digit) && prq_str_ieq(text, words[i].text))
            return words[i].rank;
    return UNKNOWN;
}

static bool is_mark(char c)
{
    return c == '.' || c == '-';
}

/* The token at *at, which moves behind it. A token without bytes is 0. */
static struct token cut(prq_str v, size_t *at, bool is_first)
{
    struct token t = { 0 };
    size_t start = *at;
    if (!is_first) {
        t.separator = is_mark(v.p[start]) ? v.p[start] : '-';
        start += is_mark(v.p[start]);
    }
    size_t end = start;
    t.is_number = end >= v.n || is_mark(v.p[end]) || prq_is_digit(v.p[end]);
    while (end < v.n && !is_mark(v.p[end]) && prq_is_digit(v.p[end]) == t.is_number)
        end++;
    t.text = prq_str_head(prq_str_from_at(v, start), end - start);
    if (!t.is_number)
        t.rank = rank_of(t.text, end < v.n && prq_is_digit(v.p[end]));
    *at = end < v.n ? end : v.n + 1;
    return t;
}

static bool is_null(const struct token *t)
{
    return t->is_number ? prq_digits_no_zeros(t->text).n == 0 : t->rank == RELEASE;
}

/* What of the run of nulls at `at` stays: nulls before the end or a hyphen are left out, be it the
 * hyphen of another null. */
static void look_ahead(struct tokens *s, size_t at)
{
    struct token t;
    size_t next = at;
    s->keep_from = at;
    do {
        at = next;
        if (at > s->text.n) {
            s->keep_from = at;
            break;
        }
        t = cut(s->text, &next, false);
        if (t.separator == '-')
            s->keep_from = at;
    } while (is_null(&t));
    s->keep_to = at;
}

/* False at the end. The first token always stays. */
static bool next_token(struct tokens *s, struct token *t)
{
    bool is_first = !s->has_started;
    s->has_started = true;
    while (s->at <= s->text.n) {
        size_t at = s->at;
        *t = cut(s->text, &s->at, is_first);
        if (is_first || !is_null(t))
            return true;
        if (at >= s->keep_to)
            look_ahead(s, at);
        if (at >= s->keep_from)
            return true;
        s->at = s->keep_from;
    }
    return false;
}

/* What stands against a token that has no partner. */
static struct token padding(const struct token *other)
{
    struct token t = { .separator = other->separator, .is_padding = true, .rank = RELEASE };
    t.is_number = other->separator == '.';
    return t;
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

/* .word < -word < -number < .number */
static int class_of(const struct token *t)
{
    if (!t->is_number)
        return t->separator == '-';
    return t->separator == '-' ? 2 : 3;
}

static int compare_tokens(const struct token *a, const struct token *b)
{
    if (a->separator != b->separator)
        return class_of(a) - class_of(b);
    if ((a->is_padding && is_null(b)) || (b->is_padding && is_null(a)))
        return 0;
    if (a->is_number && b->is_number)
        return prq_digits_cmp(a->text, b->text);
    if (a->is_number && !a->is_padding)
        return 1;
    if (b->is_number && !b->is_padding)
        return -1;
    if (a->rank != b->rank)
        return a->rank - b->rank;
    return a->rank == UNKNOWN ? compare_words(a->text, b->text) : 0;
}

/* Builds for one Java platform, ".jre11" or ".jdk8", are one version to an advisory. */
static prq_str without_platform(prq_str v)
{
    size_t n = v.n;
    while (n > 0 && prq_is_digit(v.p[n - 1]))
        n--;
    if (n == v.n || n < 4)
        return v;
    prq_str word = { v.p + n - 4, 4 };
    bool is_platform = prq_str_ieq(word, PRQ_S(".jre")) || prq_str_ieq(word, PRQ_S(".jdk"));
    return is_platform ? prq_str_head(v, n - 4) : v;
}

int prq_maven_compare(prq_str a, prq_str b)
{
    struct tokens x = { .text = a }, y = { .text = b };
    for (;;) {
        struct token left, right;
        bool has_left = next_token(&x, &left), has_right = next_token(&y, &right);
        if (!has_left && !has_right)
            return 0;
        if (!has_left)
            left = padding(&right);
        if (!has_right)
            right = padding(&left);
        int c = compare_tokens(&left, &right);
        if (c)
            return c;
    }
}

int prq_maven_compare_bound(prq_str a, prq_str bound)
{
    return prq_maven_compare(without_platform(a), without_platform(bound));
}

/* Maven takes any text. Ranges, placeholders, paths and words without a number ("LATEST") are not
 * versions that anything was released as. */
static bool is_valid(prq_str v)
{
    static const char marks[] = ".-_+~@#!%^&=;'";
    bool has_digit = false;
    for (size_t i = 0; i < v.n; i++) {
        has_digit |= prq_is_digit(v.p[i]);
        if (!prq_is_alnum(v.p[i]) && (v.p[i] == '\0' || !strchr(marks, v.p[i])))
            return false;
    }
    return has_digit;
}

static const char *const aliases[] = { "java", NULL };
static const char *const types[] = { "maven", NULL };
static const char *const spaces[] = { "Maven", NULL };

const struct prq_scheme prq_scheme_maven = {
    .name = "maven",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Maven: 1.0-rc-1 < 1.0 = 1.0.0.Final < 1.0-sp1",
    .is_valid = is_valid,
    .compare = prq_maven_compare,
};
