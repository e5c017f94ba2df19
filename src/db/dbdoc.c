/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON of records: the writer. The reader is dbdocread.c. */
#include "db/dbdoc.h"

#include "db/dbwords.h"
#include "db/jsonutil.h"
#include "format/json.h"

/* A set-like array: its items are written apart, sorted by their text, and put together. */
struct set {
    size_t n, size;
    const void *items;
    void (*one)(struct prq_jw *w, const void *item, struct prq_arena *scratch);
};

static bool write_items(const struct set *s, struct prq_buf *text, size_t *ends,
                        struct prq_arena *scratch)
{
    for (size_t i = 0; i < s->n; i++) {
        struct prq_jw w;
        prq_jw_init(&w, text, false);
        s->one(&w, (const char *)s->items + i * s->size, scratch);
        ends[i] = text->n;
    }
    return !text->bad;
}

static void put_set(struct prq_jw *w, const char *key, const struct set *s,
                    struct prq_arena *scratch)
{
    if (s->n == 0)
        return;
    prq_jw_key(w, key);
    prq_jw_array(w);
    if (s->n == 1) {
        s->one(w, s->items, scratch);
        prq_jw_array_end(w);
        return;
    }
    struct prq_mark mark = prq_arena_mark(scratch);
    PRQ_BUF text;
    prq_buf_init(&text, w->b->max);
    size_t *ends = prq_new_n(scratch, size_t, s->n);
    struct prq_strs list = { prq_new_n(scratch, prq_str, s->n), 0 };
    if (ends && list.v && write_items(s, &text, ends, scratch)) {
        for (size_t i = 0; i < s->n; i++) {
            size_t from = i ? ends[i - 1] : 0;
            list.v[list.n++] = (prq_str){ (const char *)text.p + from, ends[i] - from };
        }
        prq_db_strs_sort(&list);
        for (size_t i = 0; i < list.n; i++)
            prq_jw_raw(w, list.v[i]);
    } else {
        w->b->bad = true;
    }
    prq_arena_rewind(scratch, mark);
    prq_jw_array_end(w);
}

static void put_strs(struct prq_jw *w, const char *key, struct prq_strs *list, bool is_set)
{
    if (is_set)
        prq_db_strs_sort(list);
    if (list->n == 0)
        return;
    prq_jw_key(w, key);
    prq_jw_array(w);
    for (size_t i = 0; i < list->n; i++)
        prq_jw_str(w, list->v[i]);
    prq_jw_array_end(w);
}

static void put_flag(struct prq_jw *w, const char *key, bool on)
{
    if (on)
        prq_jw_kv_u64(w, key, 1);
}

/* ["introduced","0","fixed","1.2"] */
static void put_range(struct prq_jw *w, const void *item, struct prq_arena *scratch)
{
    (void)scratch;
    const struct prq_range *r = item;
    prq_jw_array(w);
    for (size_t i = 0; i < r->n; i++) {
        prq_jw_str(w, prq_event_words[r->events[i].kind]);
        prq_jw_str(w, r->events[i].version);
    }
    prq_jw_array_end(w);
}

static void put_rating(struct prq_jw *w, const void *item, struct prq_arena *scratch)
{
    (void)scratch;
    const struct prq_rating *r = item;
    prq_jw_object(w);
    put_flag(w, "primary", r->is_primary);
    prq_jw_opt(w, "scheme", r->scheme);
    prq_jw_opt(w, "source", r->source);
    prq_jw_opt(w, "value", r->value);
    prq_jw_object_end(w);
}

static void put_reference(struct prq_jw *w, const void *item, struct prq_arena *scratch)
{
    (void)scratch;
    const struct prq_reference *r = item;
    prq_jw_object(w);
    prq_jw_opt(w, "type", r->type);
    prq_jw_opt(w, "url", r->url);
    prq_jw_object_end(w);
}

bool prq_fixed_is_implied(const struct prq_affected *p)
{
    bool any = false;
    if (p->state != PRQ_FIX_FIXED || p->fixed.n != 1)
        return false;
    for (size_t i = 0; i < p->range_count; i++)
        for (size_t k = 0; k < p->ranges[i].n; k++)
            if (p->ranges[i].events[k].kind == PRQ_EVENT_FIXED) {
                if (!prq_str_eq(p->ranges[i].events[k].version, p->fixed.v[0]))
                    return false;
                any = true;
            }
    return any;
}

static void put_ratings(struct prq_jw *w, const struct prq_rating *v, size_t n,
                        struct prq_arena *scratch)
{
    struct set s = { n, sizeof *v, v, put_rating };
    put_set(w, "ratings", &s, scratch);
}

static void put_affected(struct prq_jw *w, const void *item, struct prq_arena *scratch)
{
    const struct prq_affected *p = item;
    struct prq_strs advisories = p->advisories, arches = p->arches, cpes = p->cpes,
                    fixed = p->fixed, versions = p->versions;
    struct set ranges = { p->range_count, sizeof *p->ranges, p->ranges, put_range };
    prq_jw_object(w);
    put_strs(w, "advisories", &advisories, true);
    put_strs(w, "arches", &arches, true);
    put_strs(w, "cpes", &cpes, true);
    if (!prq_fixed_is_implied(p))
        put_strs(w, "fixed", &fixed, false);
    prq_jw_opt(w, "goos", p->goos);
    put_flag(w, "is_source", p->is_source);
    prq_jw_opt(w, "module", p->module);
    prq_jw_kv(w, "name", p->name);
    prq_jw_opt(w, "note", p->note);
    put_set(w, "ranges", &ranges, scratch);
    put_ratings(w, p->ratings, p->rating_count, scratch);
    prq_jw_kv(w, "space", p->space);
    prq_jw_opt(w, "spelling", p->spelling);
    if (p->state != PRQ_FIX_UNKNOWN)
        prq_jw_kv(w, "state", prq_state_words[p->state]);
    put_strs(w, "versions", &versions, true);
    prq_jw_object_end(w);
}

bool prq_record_write(struct prq_record *r, struct prq_arena *scratch, struct prq_buf *out,
                      struct prq_err *err)
{
    struct set affected = { r->affected_count, sizeof *r->affected, r->affected, put_affected };
    struct set references = { r->reference_count, sizeof *r->references, r->references,
                              put_reference };
    struct prq_jw w;
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    put_set(&w, "affected", &affected, scratch);
    put_strs(&w, "aliases", &r->aliases, true);
    prq_jw_opt(&w, "configurations", r->configurations);
    put_strs(&w, "cves", &r->cves, true);
    put_strs(&w, "cwes", &r->cwes, true);
    prq_jw_opt(&w, "details", r->details);
    put_flag(&w, "disputed", r->is_disputed);
    prq_jw_kv(&w, "id", r->id);
    put_flag(&w, "malicious", r->is_malicious);
    prq_jw_opt(&w, "modified", r->modified);
    prq_jw_opt(&w, "published", r->published);
    put_ratings(&w, r->ratings, r->rating_count, scratch);
    put_set(&w, "references", &references, scratch);
    prq_jw_kv(&w, "source", r->source);
    prq_jw_opt(&w, "summary", r->summary);
    put_strs(&w, "upstream", &r->upstream, true);
    put_flag(&w, "withdrawn", r->is_withdrawn);
    prq_jw_object_end(&w);
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "record %.*s is too large", PRQ_FMT(r->id));
}

bool prq_cve_write(prq_str source, prq_str cve, const struct prq_cve_info *info,
                   struct prq_buf *out)
{
    struct prq_strs cwes = info->cwes;
    struct prq_jw w;
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    prq_jw_opt(&w, "action", info->kev_action);
    prq_jw_opt(&w, "added", info->kev_added);
    put_strs(&w, "cwes", &cwes, true);
    prq_jw_opt(&w, "date", info->epss_date);
    prq_jw_opt(&w, "due", info->kev_due);
    prq_jw_kv(&w, "id", cve);
    prq_jw_opt(&w, "percentile", info->epss_percentile);
    put_flag(&w, "ransomware", info->kev_ransomware);
    prq_jw_opt(&w, "score", info->epss_score);
    prq_jw_kv(&w, "source", source);
    prq_jw_opt(&w, "summary", info->summary);
    prq_jw_object_end(&w);
    return !out->bad;
}
