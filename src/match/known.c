/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the database, asked once each: packages of one source share rows, findings of one
 * CVE share its texts. What findings point at is copied into the report's arena without the long
 * texts that no report shows. */
#include <stdlib.h>

#include "match/core.h"

bool prq_no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "no room for more findings");
}

prq_str prq_concat(struct prq_arena *a, const prq_str *parts, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        if (!prq_add(size, parts[i].n, &size))
            return (prq_str){ 0 };
    char *p = prq_arena_alloc(a, size ? size : 1), *at = p;
    for (size_t i = 0; p && i < n; at += parts[i++].n)
        if (parts[i].n)
            memcpy(at, parts[i].p, parts[i].n);
    return (prq_str){ p, p ? size : 0 };
}

bool prq_memo_place(struct prq_memo *memo, prq_str key, struct prq_arena *a, void ***out,
                    bool *is_new)
{
    const size_t *have = prq_map_find(&memo->map, key);
    *is_new = !have;
    if (have) {
        *out = &memo->v[*have];
        return true;
    }
    bool added;
    key = prq_arena_copy(a, key);
    if (!key.p || !prq_map_put(&memo->map, key, memo->n, &added) ||
        !prq_arena_grow(a, &memo->v, sizeof *memo->v, &memo->cap, memo->n + 1))
        return false;
    *out = &memo->v[memo->n++];
    return true;
}

/* x NUL y NUL z */
static prq_str joined(struct prq_arena *a, prq_str x, prq_str y, prq_str z)
{
    const prq_str nul = { "", 1 };
    return prq_concat(a, (const prq_str[]){ x, nul, y, nul, z }, 5);
}

bool prq_known_rows(struct prq_matching *m, prq_str space, prq_str name,
                    const struct prq_rows **out, struct prq_err *err)
{
    void **place;
    bool is_new;
    prq_str key = joined(m->tmp, space, name, (prq_str){ 0 });
    if (!key.p || !prq_memo_place(&m->rows, key, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        struct prq_rows *rows = prq_new(m->work, struct prq_rows);
        if (!rows)
            return prq_no_room(err);
        if (!m->facts->lookup(m->facts->user, space, name, m->work, &rows->v, &rows->n, err))
            return false;
        *place = rows;
    }
    *out = *place;
    return true;
}

static bool keep(struct prq_arena *a, prq_str *s)
{
    if (s->n > 0)
        *s = prq_arena_copy(a, *s);
    return s->p || s->n == 0;
}

static bool keep_strs(struct prq_arena *a, struct prq_strs *s)
{
    prq_str *v = prq_new_n(a, prq_str, s->n);
    if (!v)
        return s->n == 0;
    for (size_t i = 0; i < s->n; i++) {
        v[i] = s->v[i];
        if (!keep(a, &v[i]))
            return false;
    }
    s->v = v;
    return true;
}

bool prq_keep_ratings(struct prq_arena *a, struct prq_rating **ratings, size_t n)
{
    struct prq_rating *v = prq_new_n(a, struct prq_rating, n);
    if (!v)
        return n == 0;
    for (size_t i = 0; i < n; i++) {
        v[i] = (*ratings)[i];
        if (!keep(a, &v[i].source) || !keep(a, &v[i].scheme) || !keep(a, &v[i].value))
            return false;
    }
    *ratings = v;
    return true;
}

/* Records without a summary: the first line of the details, cut at a word. */
static prq_str headline(prq_str details, struct prq_arena *a)
{
    enum { MAX = 160 };
    prq_str line = { 0 };
    details = prq_str_trim(details);
    if (!prq_str_line(&details, &line) || line.n <= MAX)
        return line;
    size_t n = MAX;
    while (n > 0 && line.p[n] != ' ')
        n--;
    return n > 0 ? prq_arena_printf(a, "%.*s\xe2\x80\xa6", (int)n, line.p) : (prq_str){ 0 };
}

prq_str prq_cve_in(prq_str url)
{
    prq_str from = prq_str_from_at(url, prq_str_search(url, PRQ_S("CVE-")));
    size_t n = from.n > 4 ? 4 : 0;
    while (n > 0 && n < from.n && (prq_is_digit(from.p[n]) || from.p[n] == '-'))
        n++;
    return prq_str_head(from, n);
}

/* What sorts a reference: its zone (see struct prq_known_record) and the CVE it names. */
struct placed {
    int zone;
    prq_str cve;
    struct prq_reference r;
};

static int placed_cmp(const void *pa, const void *pb)
{
    const struct placed *a = pa, *b = pb;
    int c = a->zone - b->zone;
    if (c == 0)
        c = prq_str_cmp(a->cve, b->cve);
    return c != 0 ? c : prq_str_cmp(a->r.url, b->r.url);
}

/* Only advisories of several CVEs need the order; others are shown whole. */
static bool sort_references(struct prq_arena *tmp, struct prq_known_record *k)
{
    size_t n = k->reference_count;
    struct placed *v = prq_new_n(tmp, struct placed, n);
    if (!v)
        return n == 0;
    k->general_count = k->named_from = 0;
    for (size_t i = 0; i < n; i++) {
        v[i].r = k->references[i];
        v[i].cve = prq_cve_in(v[i].r.url);
        v[i].zone = v[i].cve.n > 0 ? 2 : prq_str_eq(v[i].r.type, PRQ_S("REPORT"));
        k->general_count += v[i].zone == 0;
        k->named_from += v[i].zone < 2;
    }
    qsort(v, n, sizeof *v, placed_cmp);
    for (size_t i = 0; i < n; i++)
        k->references[i] = v[i].r;
    return true;
}

static bool copy_references(struct prq_arena *a, struct prq_reference **references, size_t n)
{
    struct prq_reference *v = prq_new_n(a, struct prq_reference, n);
    if (!v)
        return n == 0;
    for (size_t i = 0; i < n; i++) {
        v[i] = (*references)[i];
        if (!keep(a, &v[i].type) || !keep(a, &v[i].url))
            return false;
    }
    *references = v;
    return true;
}

static bool keep_references(struct prq_arena *a, struct prq_arena *tmp, const struct prq_record *r,
                            struct prq_known_record *k)
{
    k->references = r->references;
    if (!copy_references(a, &k->references, r->reference_count))
        return false;
    k->reference_count = k->general_count = k->named_from = r->reference_count;
    return r->cves.n == 0 || sort_references(tmp, k);
}

static bool keep_record(struct prq_arena *a, struct prq_arena *tmp, const struct prq_record *r,
                        struct prq_known_record *k)
{
    *k = (struct prq_known_record){
        .ratings = r->ratings, .rating_count = r->rating_count,
        .cwes = r->cwes, .published = r->published, .modified = r->modified,
        .summary = r->summary.n ? r->summary : headline(r->details, a),
    };
    return keep_references(a, tmp, r, k) && prq_keep_ratings(a, &k->ratings, k->rating_count) &&
           keep_strs(a, &k->cwes) && keep(a, &k->summary) && keep(a, &k->published) &&
           keep(a, &k->modified);
}

bool prq_known_record(struct prq_matching *m, const char *family, prq_str source, prq_str id,
                      const struct prq_known_record **out, struct prq_err *err)
{
    void **place;
    bool is_new;
    prq_str key = joined(m->tmp, prq_str_from(family), source, id);
    if (!key.p || !prq_memo_place(&m->records, key, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        struct prq_record record = { 0 };
        struct prq_known_record *k = prq_new(m->out, struct prq_known_record);
        if (!k)
            return prq_no_room(err);
        struct prq_mark mark = prq_arena_mark(m->tmp);
        if (!m->facts->record(m->facts->user, family, source, id, m->tmp, &record, err))
            return false;
        if (!keep_record(m->out, m->tmp, &record, k))
            return prq_no_room(err);
        if (!prq_configurations_hold(m, record.configurations, m->work, &k->holding,
                                     &k->holding_count, err))
            return false;
        prq_arena_rewind(m->tmp, mark);
        *place = k;
    }
    *out = *place;
    return true;
}

bool prq_known_digest(struct prq_matching *m, const char *family, prq_str source, prq_str id,
                      prq_str *out, struct prq_err *err)
{
    void **place;
    bool is_new;
    *out = (prq_str){ 0 };
    if (!m->facts->digest)
        return true;
    prq_str key = joined(m->tmp, prq_str_from(family), source, id);
    if (!key.p || !prq_memo_place(&m->digests, key, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        prq_str *digest = prq_new(m->work, prq_str);
        if (!digest)
            return prq_no_room(err);
        if (!m->facts->digest(m->facts->user, family, source, id, m->out, digest, err))
            return false;
        *place = digest;
    }
    *out = *(const prq_str *)*place;
    return true;
}

static bool keep_cve(struct prq_arena *a, struct prq_cve_info *k)
{
    prq_str *texts[] = { &k->summary,   &k->published,  &k->modified,        &k->kev_added,
                         &k->kev_due,   &k->kev_action, &k->epss_score,      &k->epss_percentile,
                         &k->epss_date };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (!keep(a, texts[i]))
            return false;
    return prq_keep_ratings(a, &k->ratings, k->rating_count) && keep_strs(a, &k->cwes) &&
           copy_references(a, &k->references, k->reference_count);
}

bool prq_known_cve(struct prq_matching *m, prq_str cve, const struct prq_cve_info **out,
                   struct prq_err *err)
{
    void **place;
    bool is_new;
    if (!prq_memo_place(&m->cves, cve, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        struct prq_cve_info *k = prq_new(m->out, struct prq_cve_info);
        if (!k)
            return prq_no_room(err);
        struct prq_mark mark = prq_arena_mark(m->tmp);
        if (!m->facts->cve(m->facts->user, cve, m->tmp, k, err))
            return false;
        if (!keep_cve(m->out, k))
            return prq_no_room(err);
        prq_arena_rewind(m->tmp, mark);
        *place = k;
    }
    *out = *place;
    return true;
}
