/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the database, asked once each: packages of one source share rows, findings of one
 * CVE share its texts. What findings point at is copied into the report's arena without the long
 * texts that no report shows. */
#include "match/core.h"

bool prq_no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "no room for more findings");
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

/* a NUL b NUL c */
static prq_str joined(struct prq_arena *a, prq_str x, prq_str y, prq_str z)
{
    size_t n;
    if (!prq_add(x.n, y.n, &n) || !prq_add(n, z.n, &n) || !prq_add(n, (size_t)2, &n))
        return (prq_str){ 0 };
    char *p = prq_arena_alloc(a, n);
    if (!p)
        return (prq_str){ 0 };
    if (x.n)
        memcpy(p, x.p, x.n);
    if (y.n)
        memcpy(p + x.n + 1, y.p, y.n);
    if (z.n)
        memcpy(p + x.n + y.n + 2, z.p, z.n);
    return (prq_str){ p, n };
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

static bool keep_record(struct prq_arena *a, const struct prq_record *r,
                        struct prq_known_record *k)
{
    *k = (struct prq_known_record){
        .ratings = r->ratings, .rating_count = r->rating_count,
        .references = r->references, .reference_count = r->reference_count,
        .cwes = r->cwes, .published = r->published, .modified = r->modified,
        .summary = r->summary.n ? r->summary : headline(r->details, a),
    };
    struct prq_reference *refs = prq_new_n(a, struct prq_reference, k->reference_count);
    if (!refs && k->reference_count)
        return false;
    for (size_t i = 0; i < k->reference_count; i++) {
        refs[i] = k->references[i];
        if (!keep(a, &refs[i].type) || !keep(a, &refs[i].url))
            return false;
    }
    k->references = refs;
    return prq_keep_ratings(a, &k->ratings, k->rating_count) && keep_strs(a, &k->cwes) &&
           keep(a, &k->summary) && keep(a, &k->published) && keep(a, &k->modified);
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
        if (!keep_record(m->out, &record, k))
            return prq_no_room(err);
        prq_arena_rewind(m->tmp, mark);
        *place = k;
    }
    *out = *place;
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
    return prq_keep_ratings(a, &k->ratings, k->rating_count) && keep_strs(a, &k->cwes);
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
