/* SPDX-License-Identifier: Apache-2.0 */
/* Python versions: [v][N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local].
 * Source: PEP 440, "Version specifiers" and its appendix B; matching.md 1.4. Cases: pep440.cases,
 * checked against `packaging`. A version is cut in one pass and compared in another: linear time. */
#include "version/digits.h"
#include "version/version.h"

enum pre { PRE_NONE, PRE_A, PRE_B, PRE_RC };

struct parts {
    prq_str epoch, release, pre, post, dev, local; /* numbers, dotted numbers, and the local text */
    enum pre pre_kind;
    bool has_post, has_dev, has_local;
};

struct word {
    prq_str text;
    enum pre kind; /* of pre-releases */
};
/* Longer words before their own beginnings. */
static const struct word pre_words[] = {
    { PRQ_SI("alpha"), PRE_A },    { PRQ_SI("a"), PRE_A },    { PRQ_SI("beta"), PRE_B },
    { PRQ_SI("b"), PRE_B },        { PRQ_SI("c"), PRE_RC },   { PRQ_SI("rc"), PRE_RC },
    { PRQ_SI("preview"), PRE_RC }, { PRQ_SI("pre"), PRE_RC },
};
static const struct word post_words[] = {
    { PRQ_SI("post"), PRE_NONE }, { PRQ_SI("rev"), PRE_NONE }, { PRQ_SI("r"), PRE_NONE }
};
static const struct word dev_words[] = { { PRQ_SI("dev"), PRE_NONE } };

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

static void skip_separator(prq_str *v)
{
    if (v->n && is_separator(v->p[0]))
        prq_digits_skip(v, 1);
}

/* `[-_.]? word [-_.]? digits?`; NULL leaves *v where it was. */
static const struct word *take_word(prq_str *v, const struct word *words, size_t n, prq_str *number)
{
    prq_str rest = *v;
    skip_separator(&rest);
    for (size_t i = 0; i < n; i++) {
        if (rest.n < words[i].text.n ||
            !prq_str_ieq(prq_str_head(rest, words[i].text.n), words[i].text))
            continue;
        prq_digits_skip(&rest, words[i].text.n);
        skip_separator(&rest);
        *number = prq_digits_front(rest);
        prq_digits_skip(&rest, number->n);
        *v = rest;
        return &words[i];
    }
    return NULL;
}

static bool take_release(prq_str *v, prq_str *release)
{
    size_t end = prq_digits_front(*v).n;
    if (end == 0)
        return false;
    while (end + 1 < v->n && v->p[end] == '.' && prq_is_digit(v->p[end + 1]))
        end += 1 + prq_digits_front(prq_str_from_at(*v, end + 1)).n;
    *release = prq_str_head(*v, end);
    prq_digits_skip(v, end);
    return true;
}

/* 1.0-1 is 1.0.post1. */
static bool take_implicit_post(prq_str *v, prq_str *number)
{
    if (v->n < 2 || v->p[0] != '-' || !prq_is_digit(v->p[1]))
        return false;
    prq_digits_skip(v, 1);
    *number = prq_digits_front(*v);
    prq_digits_skip(v, number->n);
    return true;
}

static bool is_local(prq_str v)
{
    bool was_separator = true;
    for (size_t i = 0; i < v.n; i++) {
        bool separator = is_separator(v.p[i]);
        if ((separator && was_separator) || (!separator && !prq_is_alnum(v.p[i])))
            return false;
        was_separator = separator;
    }
    return !was_separator;
}

/* False: not a version by PEP 440. */
static bool parse(prq_str text, struct parts *out)
{
    struct parts r = { 0 };
    prq_str v = prq_str_trim(text);
    if (v.n && (v.p[0] == 'v' || v.p[0] == 'V'))
        prq_digits_skip(&v, 1);
    prq_str front = prq_digits_front(v);
    if (front.n && front.n < v.n && v.p[front.n] == '!') {
        r.epoch = front;
        prq_digits_skip(&v, front.n + 1);
    }
    if (!take_release(&v, &r.release))
        return false;
    const struct word *pre = take_word(&v, pre_words, PRQ_COUNT(pre_words), &r.pre);
    r.pre_kind = pre ? pre->kind : PRE_NONE;
    r.has_post = take_implicit_post(&v, &r.post) ||
                 take_word(&v, post_words, PRQ_COUNT(post_words), &r.post);
    r.has_dev = take_word(&v, dev_words, PRQ_COUNT(dev_words), &r.dev);
    if (v.n && v.p[0] == '+') {
        r.has_local = true;
        r.local = prq_str_from_at(v, 1);
        v.n = 0;
    }
    if (v.n || (r.has_local && !is_local(r.local)))
        return false;
    *out = r;
    return true;
}

/* dev alone sorts before every pre-release, none after all of them. */
static int pre_rank(const struct parts *v)
{
    if (v->pre_kind == PRE_NONE)
        return v->has_dev && !v->has_post ? 0 : PRE_RC + 1;
    return (int)v->pre_kind;
}

static int compare_folded(prq_str a, prq_str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int diff = (uint8_t)prq_to_lower(a.p[i]) - (uint8_t)prq_to_lower(b.p[i]);
        if (diff)
            return diff;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static prq_str take_segment(prq_str *v)
{
    size_t n = 0;
    while (n < v->n && !is_separator(v->p[n]))
        n++;
    prq_str segment = prq_str_head(*v, n);
    prq_digits_skip(v, n < v->n ? n + 1 : n);
    return segment;
}

/* Words before numbers, longer after its own beginning. */
static int compare_local(prq_str a, prq_str b)
{
    while (a.n && b.n) {
        prq_str left = take_segment(&a), right = take_segment(&b);
        bool x = prq_digits_only(left), y = prq_digits_only(right);
        if (x != y)
            return x ? 1 : -1;
        int c = x ? prq_digits_cmp(left, right) : compare_folded(left, right);
        if (c)
            return c;
    }
    return (a.n > 0) - (b.n > 0);
}

static int compare_parts(const struct parts *a, const struct parts *b)
{
    int c = prq_digits_cmp(a->epoch, b->epoch);
    if (!c)
        c = prq_digits_dotted_cmp(a->release, b->release);
    if (!c)
        c = pre_rank(a) - pre_rank(b);
    if (!c)
        c = prq_digits_cmp(a->pre, b->pre);
    if (!c)
        c = (int)a->has_post - (int)b->has_post;
    if (!c)
        c = prq_digits_cmp(a->post, b->post);
    if (!c)
        c = (int)b->has_dev - (int)a->has_dev;
    if (!c)
        c = prq_digits_cmp(a->dev, b->dev);
    if (!c)
        c = (int)a->has_local - (int)b->has_local;
    return c ? c : compare_local(a->local, b->local);
}

/* What PEP 440 does not read is older than what it reads, and ordered as setuptools did before 8:
 * runs of digits and words; words are older than numbers, "pre", "preview" and "rc" are "c", "dev"
 * is "@" (oldest), '-' is "final-", the end is "final". Zeros before a word or a hyphen do not
 * count, nor do hyphens before a pre-release word. */
struct legacy {
    prq_str rest;
    size_t hyphens, zeros; /* seen, and to be given before `held` */
    prq_str held;
    bool is_held, is_over;
};
#define FINAL PRQ_S("final")
#define FINAL_HYPHEN PRQ_S("final-")

static char legacy_class(char c)
{
    if (prq_is_digit(c))
        return '0';
    if (prq_is_alpha(c))
        return 'a';
    return c == '.' || c == '-' ? c : '?';
}

static prq_str legacy_raw(prq_str *v)
{
    static const struct {
        prq_str from, to;
    } renamed[] = {
        { PRQ_SI("pre"), PRQ_SI("c") }, { PRQ_SI("preview"), PRQ_SI("c") },
        { PRQ_SI("rc"), PRQ_SI("c") },  { PRQ_SI("dev"), PRQ_SI("@") },
    };
    while (v->n && v->p[0] == '.')
        prq_digits_skip(v, 1);
    if (v->n == 0)
        return FINAL;
    char class = legacy_class(v->p[0]);
    size_t n = 1;
    while (class != '-' && n < v->n && legacy_class(v->p[n]) == class)
        n++;
    prq_str piece = prq_str_head(*v, n);
    prq_digits_skip(v, n);
    if (class == '-')
        return FINAL_HYPHEN;
    for (size_t i = 0; i < PRQ_COUNT(renamed); i++)
        if (prq_str_ieq(piece, renamed[i].from))
            return renamed[i].to;
    return piece;
}

/* Reads on until a piece is held that decides what becomes of the hyphens and zeros before it. */
static void legacy_hold(struct legacy *l)
{
    while (!l->is_held) {
        bool at_end = l->rest.n == 0;
        prq_str piece = legacy_raw(&l->rest);
        if (prq_is_digit(piece.p[0])) {
            if (prq_digits_no_zeros(piece).n == 0) {
                l->zeros++;
                continue;
            }
        } else if (prq_str_eq(piece, FINAL_HYPHEN)) {
            l->zeros = 0;
            l->hyphens++;
            continue;
        } else {
            if (l->zeros == 0 && compare_folded(piece, FINAL) < 0)
                l->hyphens = 0;
            l->zeros = 0;
            l->is_over = at_end;
        }
        l->held = piece;
        l->is_held = true;
    }
}

/* An empty piece: nothing more. */
static prq_str legacy_next(struct legacy *l)
{
    if (l->is_over && !l->is_held)
        return (prq_str){ 0 };
    legacy_hold(l);
    if (l->hyphens) {
        l->hyphens--;
        return FINAL_HYPHEN;
    }
    if (l->zeros) {
        l->zeros--;
        return PRQ_S("0");
    }
    l->is_held = false;
    return l->held;
}

static int compare_legacy(prq_str a, prq_str b)
{
    struct legacy x = { .rest = a }, y = { .rest = b };
    for (;;) {
        prq_str left = legacy_next(&x), right = legacy_next(&y);
        if (left.n == 0 || right.n == 0)
            return (left.n > 0) - (right.n > 0);
        bool is_left = prq_is_digit(left.p[0]), is_right = prq_is_digit(right.p[0]);
        if (is_left != is_right)
            return is_left ? 1 : -1;
        int c = is_left ? prq_digits_cmp(left, right) : compare_folded(left, right);
        if (c)
            return c;
    }
}

static int compare(prq_str a, prq_str b, bool is_bound)
{
    struct parts x, y;
    bool is_left = parse(a, &x), is_right = parse(b, &y);
    if (!is_left || !is_right)
        return is_left == is_right ? compare_legacy(a, b) : (int)is_left - (int)is_right;
    if (is_bound && !y.has_local) {
        x.has_local = false;
        x.local.n = 0;
    }
    return compare_parts(&x, &y);
}

int prq_pep440_compare(prq_str a, prq_str b)
{
    return compare(a, b, false);
}

int prq_pep440_compare_bound(prq_str a, prq_str bound)
{
    return compare(a, bound, true);
}

bool prq_pep440_is_valid(prq_str v)
{
    struct parts r;
    return parse(v, &r);
}

static const char *const aliases[] = { "pypi", "python", NULL };
static const char *const types[] = { "pypi", NULL };
static const char *const spaces[] = { "PyPI", NULL };

const struct prq_scheme prq_scheme_pep440 = {
    .name = "pep440",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Python: PEP 440",
    .is_valid = prq_pep440_is_valid,
    .compare = prq_pep440_compare,
};
