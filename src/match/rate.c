/* SPDX-License-Identifier: Apache-2.0 */
/* Which rating decides. Source: matching.md 4: the first source that has one; within it words
 * before vectors, the newest CVSS, Primary, the highest score. */
#include "match/core.h"
#include "match/cvss.h"

/* A rating read; `rank` orders those of one source, the highest decides. */
struct reading {
    bool is_rating;
    bool has_score;
    unsigned rank, tenths;
    enum prq_severity severity;
};

enum { RANK_NUMBER = 1, RANK_V2, RANK_V30, RANK_V31, RANK_V4, RANK_WORD };

static unsigned rank_of(const struct prq_cvss *c)
{
    if (c->major == 4)
        return RANK_V4;
    if (c->major == 3)
        return c->minor ? RANK_V31 : RANK_V30;
    return RANK_V2;
}

/* "7.5" or "10" */
static bool number_parse(prq_str s, unsigned *tenths)
{
    prq_str whole = s, part = PRQ_S("0");
    uint64_t a, b;
    (void)prq_str_cut(s, '.', &whole, &part);
    if (!prq_str_u64(whole, &a) || a > 10 || !prq_str_u64(prq_str_head(part, 1), &b) ||
        a * 10 + b > 100)
        return false;
    *tenths = (unsigned)(a * 10 + b);
    return true;
}

static struct reading read_rating(const struct prq_rating *r)
{
    struct reading out = { 0 };
    struct prq_cvss c = { 0 };
    if (prq_str_eq(r->scheme, PRQ_S("word"))) {
        /* untriaged, "not yet assigned" and unknown are no rating */
        if (prq_severity_parse(r->value, &out.severity) && out.severity != PRQ_SEV_UNKNOWN)
            out.is_rating = true;
        out.rank = RANK_WORD * 2;
        return out;
    }
    if (prq_str_eq(r->scheme, PRQ_S("score"))) {
        c.major = 3;
        if (!number_parse(r->value, &c.tenths))
            return out;
        out.rank = RANK_NUMBER * 2;
    } else {
        if (!prq_cvss_score(r->value, &c, NULL))
            return out;
        out.rank = rank_of(&c) * 2;
    }
    out.rank += r->is_primary;
    out.is_rating = out.has_score = true;
    out.tenths = c.tenths;
    out.severity = prq_cvss_severity(&c);
    return out;
}

static bool is_better(const struct reading *a, const struct reading *b)
{
    if (!b->is_rating || a->rank != b->rank)
        return !b->is_rating || a->rank > b->rank;
    return a->tenths != b->tenths ? a->tenths > b->tenths : a->severity > b->severity;
}

/* The best of `list` that `source` gave (empty: anyone) becomes the finding's severity. */
static bool decide(struct prq_finding *f, const struct prq_sources *list, prq_str source)
{
    struct reading best = { 0 };
    bool is_all = source.n == 0 || (list->name && prq_str_ieq(source, prq_str_from(list->name)));
    for (size_t i = 0; i < list->n; i++) {
        if (!is_all && !prq_str_ieq(source, list->v[i].source))
            continue;
        struct reading r = read_rating(&list->v[i]);
        if (r.is_rating && is_better(&r, &best)) {
            best = r;
            f->severity_source = list->name ? prq_str_from(list->name) : list->v[i].source;
        }
    }
    if (best.is_rating)
        f->severity = best.severity;
    return best.is_rating;
}

/* The newest CVSS of a list, and of that the highest. */
static void score_of(const struct prq_sources *list, struct reading *best)
{
    for (size_t i = 0; i < list->n; i++) {
        struct reading r = read_rating(&list->v[i]);
        if (r.has_score && is_better(&r, best))
            *best = r;
    }
}
static prq_str score_text(unsigned tenths)
{
    static const char text[101][5] = {
#define TEN(n) n ".0", n ".1", n ".2", n ".3", n ".4", n ".5", n ".6", n ".7", n ".8", n ".9"
        TEN("0"), TEN("1"), TEN("2"), TEN("3"), TEN("4"),
        TEN("5"), TEN("6"), TEN("7"), TEN("8"), TEN("9"), "10.0",
#undef TEN
    };
    return prq_str_from(text[tenths]);
}

void prq_rate(struct prq_finding *f, const struct prq_sources *steps, size_t n, prq_str first)
{
    static const char *const rules[] = { "package", "record", "ghsa", "nvd" };
    size_t by = n;
    prq_str piece;
    while (by == n && first.n > 0 && prq_str_split(&first, ',', &piece)) {
        piece = prq_str_trim(piece);
        for (size_t i = 0; by == n && piece.n > 0 && i < n; i++)
            by = decide(f, &steps[i], piece) ? i : n;
    }
    if (by < n)
        f->severity_rule = PRQ_S("preferred");
    for (size_t i = 0; by == n && i < n; i++)
        if (decide(f, &steps[i], (prq_str){ 0 })) {
            f->severity_rule = prq_str_from(i < PRQ_COUNT(rules) ? rules[i] : "");
            by = i;
        }
    /* the score shown: that of the deciding list, else the first that has one */
    struct reading best = { 0 };
    if (by < n)
        score_of(&steps[by], &best);
    for (size_t i = 0; !best.has_score && i < n; i++)
        score_of(&steps[i], &best);
    if (best.has_score)
        f->cvss_score = score_text(best.tenths);
}
