/* SPDX-License-Identifier: Apache-2.0 */
/* Which package somebody means, and which they may have meant. */
#include "match/absence.h"

static prq_str last_part(prq_str name)
{
    size_t at = name.n;
    while (at > 0 && name.p[at - 1] != '/' && name.p[at - 1] != ':')
        at--;
    return prq_str_from_at(name, at);
}

/* PEP 503 and the like: '-', '_' and '.' are one. */
static bool is_same_folded(prq_str a, prq_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        char x = prq_to_lower(a.p[i]), y = prq_to_lower(b.p[i]);
        x = x == '_' || x == '.' ? '-' : x;
        y = y == '_' || y == '.' ? '-' : y;
        if (x != y)
            return false;
    }
    return true;
}

int prq_package_answers(const struct prq_package *p, prq_str asked)
{
    if (asked.n == 0)
        return 0;
    if (prq_str_eq(p->name, asked) || (p->purl.n && prq_str_eq(p->purl, asked)))
        return 3;
    if (prq_str_starts(asked, PRQ_S("pkg:")))
        return p->purl.n > asked.n && prq_str_starts(p->purl, asked) &&
               (p->purl.p[asked.n] == '?' || p->purl.p[asked.n] == '@') ? 2 : 0;
    if (is_same_folded(p->name, asked))
        return 2;
    return is_same_folded(last_part(p->name), asked) || prq_str_eq(p->source_name, asked);
}

/* ---- names that look alike */

enum { FAR = 3, LONGEST = 64, NEAREST = 5 };

/* Levenshtein's distance where it is at most FAR, else FAR + 1: a band of 2 * FAR + 1 cells. */
static unsigned distance(prq_str a, prq_str b)
{
    if (a.n > LONGEST || b.n > LONGEST || (a.n > b.n ? a.n - b.n : b.n - a.n) > FAR)
        return FAR + 1;
    unsigned row[LONGEST + 1];
    for (size_t k = 0; k <= b.n; k++)
        row[k] = (unsigned)k;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned before = row[0], least = row[0] = (unsigned)i;
        for (size_t k = 1; k <= b.n; k++) {
            bool is_same = prq_to_lower(a.p[i - 1]) == prq_to_lower(b.p[k - 1]);
            unsigned change = before + !is_same, skip = row[k] < row[k - 1] ? row[k] : row[k - 1];
            before = row[k];
            row[k] = change < skip + 1 ? change : skip + 1;
            least = row[k] < least ? row[k] : least;
        }
        if (least > FAR)
            return FAR + 1;
    }
    return row[b.n];
}

/* Small is near. A name that holds the other comes after those that are a slip of the finger. */
static unsigned farness(prq_str name, prq_str asked)
{
    prq_str last = last_part(name);
    unsigned far = distance(name, asked), short_far = distance(last, asked);
    far = short_far < far ? short_far : far;
    if (far <= FAR && far * 3 <= asked.n)
        return far;
    bool holds = asked.n >= 3 && (prq_str_has(name, asked) ||
                                  (last.n >= 4 && prq_str_has(asked, last)));
    return holds ? FAR + 1 : FAR + 2;
}

bool prq_nearest_names(const struct prq_analysis *an, prq_str asked, struct prq_arena *a,
                       struct prq_strs *out)
{
    unsigned far[NEAREST];
    *out = (struct prq_strs){ prq_new_n(a, prq_str, NEAREST), 0 };
    if (!out->v)
        return false;
    asked = last_part(asked);
    for (size_t i = 0; i < an->package_count; i++) {
        prq_str name = an->packages[i].name;
        unsigned is = farness(name, asked);
        size_t at = out->n, k = 0;
        while (k < out->n && !prq_str_eq(out->v[k], name))
            k++;
        if (is > FAR + 1 || k < out->n)
            continue;
        while (at > 0 && far[at - 1] > is)
            at--;
        if (at == NEAREST)
            continue;
        size_t kept = out->n < NEAREST ? out->n : NEAREST - 1;
        memmove(&out->v[at + 1], &out->v[at], (kept - at) * sizeof *out->v);
        memmove(&far[at + 1], &far[at], (kept - at) * sizeof *far);
        out->v[at] = name;
        far[at] = is;
        out->n = kept + 1;
    }
    return true;
}
