/* SPDX-License-Identifier: Apache-2.0 */
/* Alpine versions: digits(.digits)* letter? (_suffix digits?)* (~hash)? (-r digits)?
 * Source: apk-package(5), "VERSION", as apk-tools 3 reads it; matching.md 1.3. Cases: apk.cases.
 * One pass over both sides, token by token: linear time. */
#include "version/digits.h"
#include "version/version.h"

/* In this order: where two sides go on differently, the side with the higher kind is older, so a
 * version that ends is older than one with a revision, that one than one with a letter … */
enum kind { INITIAL, DIGIT, LETTER, SUFFIX, SUFFIX_NUMBER, HASH, REVISION, END, INVALID };

/* Suffixes below `PLAIN` come before the version without a suffix. */
enum { ALPHA, BETA, PRE, RC, PLAIN, CVS, SVN, GIT, HG, P };
static const struct {
    prq_str word;
    int rank;
} suffixes[] = {
    { PRQ_SI("alpha"), ALPHA }, { PRQ_SI("beta"), BETA }, { PRQ_SI("pre"), PRE },
    { PRQ_SI("rc"), RC },       { PRQ_SI("cvs"), CVS },   { PRQ_SI("svn"), SVN },
    { PRQ_SI("git"), GIT },     { PRQ_SI("hg"), HG },     { PRQ_SI("p"), P },
};

struct token {
    enum kind kind;
    int suffix;
    prq_str text;
    prq_str rest; /* what follows the token */
};

static enum kind take_digits(struct token *t, enum kind kind)
{
    t->text = prq_digits_front(t->rest);
    if (t->text.n == 0)
        return INVALID;
    prq_digits_skip(&t->rest, t->text.n);
    return kind;
}

static enum kind take_suffix(struct token *t)
{
    size_t n = 0;
    while (n < t->rest.n && prq_is_lower(t->rest.p[n]))
        n++;
    prq_str word = prq_str_head(t->rest, n);
    for (size_t i = 0; i < PRQ_COUNT(suffixes); i++)
        if (prq_str_eq(word, suffixes[i].word)) {
            t->suffix = suffixes[i].rank;
            prq_digits_skip(&t->rest, n);
            return SUFFIX;
        }
    return INVALID;
}

static enum kind take_hash(struct token *t)
{
    size_t n = 0;
    while (n < t->rest.n && prq_hex_value(t->rest.p[n]) >= 0 && !prq_is_upper(t->rest.p[n]))
        n++;
    t->text = prq_str_head(t->rest, n);
    prq_digits_skip(&t->rest, n);
    return n ? HASH : INVALID;
}

/* The kind of what follows `t->kind`; each case says what it may follow. */
static enum kind next_kind(struct token *t)
{
    if (t->rest.n == 0)
        return END;
    enum kind had = t->kind;
    char c = t->rest.p[0];
    if (prq_is_digit(c))
        return had == SUFFIX ? take_digits(t, SUFFIX_NUMBER) : INVALID;
    t->text = prq_str_head(t->rest, 1);
    prq_digits_skip(&t->rest, 1);
    if (prq_is_lower(c))
        return had <= DIGIT ? LETTER : INVALID;
    switch (c) {
    case '.':
        return had <= DIGIT ? take_digits(t, DIGIT) : INVALID;
    case '_':
        return had <= SUFFIX_NUMBER ? take_suffix(t) : INVALID;
    case '~':
        return had < HASH ? take_hash(t) : INVALID;
    case '-':
        if (had >= REVISION || t->rest.n == 0 || t->rest.p[0] != 'r')
            return INVALID;
        prq_digits_skip(&t->rest, 1);
        return take_digits(t, REVISION);
    default:
        return INVALID;
    }
}

static inline void next_token(struct token *t)
{
    t->kind = next_kind(t);
}

static inline struct token first_token(prq_str v)
{
    struct token t = { .rest = v };
    t.kind = take_digits(&t, INITIAL);
    return t;
}

static int compare_same_kind(const struct token *a, const struct token *b)
{
    switch (a->kind) {
    case INITIAL:
    case SUFFIX_NUMBER:
    case REVISION:
        return prq_digits_cmp(a->text, b->text);
    case DIGIT:
        /* A leading zero on either side makes them fractions: text, as Gentoo has it. */
        if (a->text.p[0] == '0' || b->text.p[0] == '0')
            return prq_str_cmp(a->text, b->text);
        return prq_digits_cmp(a->text, b->text);
    case SUFFIX:
        return a->suffix - b->suffix;
    default: /* LETTER, HASH */
        return prq_str_cmp(a->text, b->text);
    }
}

int prq_apk_compare(prq_str a, prq_str b)
{
    struct token x = first_token(a), y = first_token(b);
    while (x.kind == y.kind) {
        if (x.kind >= END)
            return 0;
        int c = compare_same_kind(&x, &y);
        if (c)
            return c;
        next_token(&x);
        next_token(&y);
    }
    if (x.kind == SUFFIX && x.suffix < PLAIN)
        return -1;
    if (y.kind == SUFFIX && y.suffix < PLAIN)
        return 1;
    return x.kind > y.kind ? -1 : 1;
}

bool prq_apk_is_valid(prq_str v)
{
    struct token t = first_token(v);
    while (t.kind < END)
        next_token(&t);
    return t.kind == END;
}

static const char *const aliases[] = { "alpine", NULL };
static const char *const types[] = { "apk", NULL };
static const char *const spaces[] = {
    "Alpaquita", "Alpine", "BellSoft Hardened Containers", "Chainguard", "MinimOS", "Wolfi", NULL,
};

const struct prq_scheme prq_scheme_apk = {
    .name = "apk",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Alpine, Wolfi, Chainguard: 1.2.3a_rc1-r0, as apk-tools orders it",
    .is_total = true,
    .is_valid = prq_apk_is_valid,
    .compare = prq_apk_compare,
};
