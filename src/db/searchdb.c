/* SPDX-License-Identifier: Apache-2.0 */
/* Records by id, alias or package name, for `pratique db search`. */
#include "db/dbdoc.h"
#include "db/dbfamily.h"
#include "db/dbhandle.h"
#include "db/dbprint.h"
#include "db/dbwords.h"
#include "db/jsonutil.h"
#include "format/json.h"

enum { HITS_MAX = 10000 };

/* One line of the answer: a record, and one package of it (or none: facts of a CVE). */
struct hit {
    prq_str family, source, id;
    struct prq_strs aliases;
    const struct prq_affected *affected;
    prq_str summary;
};

struct search {
    struct prq_arena *a;
    struct hit *hits;
    size_t n, cap;
    bool is_cut;
    struct prq_err *err;
};

static bool add_hit(struct search *s, struct hit hit)
{
    if (s->n >= HITS_MAX) {
        s->is_cut = true;
        return true;
    }
    if (!prq_arena_grow(s->a, &s->hits, sizeof *s->hits, &s->cap, s->n + 1))
        return prq_fail(s->err, PRQ_E_LIMIT, "too many hits");
    s->hits[s->n++] = hit;
    return true;
}

static struct prq_strs identities(struct search *s, const struct prq_strs *aliases,
                                  const struct prq_strs *cves)
{
    struct prq_strs all = { 0 };
    size_t cap = 0;
    for (size_t i = 0; i < aliases->n; i++)
        prq_db_strs_add(&all, &cap, aliases->v[i], s->a);
    for (size_t i = 0; i < cves->n; i++)
        prq_db_strs_add(&all, &cap, cves->v[i], s->a);
    return all;
}

/* ---- by id */

static bool add_record(struct search *s, struct prq_db_file *f, prq_str doc)
{
    struct prq_record r;
    if (!prq_record_parse(doc, s->a, &r, s->err))
        return false;
    struct hit hit = { f->about.name, r.source,
                       r.id,          identities(s, &r.aliases, &r.cves),
                       NULL,          r.summary.n ? r.summary : r.details };
    for (size_t i = 0; i < r.affected_count; i++) {
        hit.affected = &r.affected[i];
        if (!add_hit(s, hit))
            return false;
    }
    return r.affected_count || add_hit(s, hit);
}

static bool by_record(struct search *s, struct prq_db_file *f, prq_str source, prq_str id)
{
    struct prq_sql_stmt *st = prq_db_query(f, PRQ_Q_RECORD, s->err);
    if (!st)
        return false;
    prq_sql_bind_text(st, 1, source);
    prq_sql_bind_text(st, 2, id);
    enum prq_next step = prq_sql_step(st, s->err);
    bool ok = step != PRQ_NEXT_FAIL;
    if (step == PRQ_NEXT_ITEM) {
        prq_str doc = prq_arena_copy(s->a, prq_str_of(prq_sql_blob(st, 0)));
        ok = doc.p ? add_record(s, f, doc) : prq_fail(s->err, PRQ_E_LIMIT, "too many hits");
    }
    prq_sql_reset(st);
    return ok;
}

/* Families of several feeds have records of several sources. */
static bool by_id(struct search *s, struct prq_db_file *f, prq_str id)
{
    static const prq_str others[] = { PRQ_SI("osv"), PRQ_SI("redhat-csaf") };
    prq_str own = prq_str_from(f->def->source);
    if (!by_record(s, f, own, id))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(others); i++)
        if (!prq_str_eq(own, others[i]) && !by_record(s, f, others[i], id))
            return false;
    return true;
}

/* The records that name `id` as an alias, as one of their CVEs or as what they derive from. */
static bool by_alias(struct search *s, struct prq_db_file *f, prq_str id)
{
    struct prq_strs sources = { 0 }, ids = { 0 };
    size_t source_cap = 0, id_cap = 0;
    struct prq_sql_stmt *st = prq_db_query(f, PRQ_Q_ALIAS, s->err);
    if (!st)
        return false;
    prq_sql_bind_text(st, 1, id);
    enum prq_next step;
    while ((step = prq_sql_step(st, s->err)) == PRQ_NEXT_ITEM && ids.n < HITS_MAX)
        if (!prq_db_strs_add(&sources, &source_cap, prq_arena_copy(s->a, prq_sql_text(st, 0)),
                             s->a) ||
            !prq_db_strs_add(&ids, &id_cap, prq_arena_copy(s->a, prq_sql_text(st, 1)), s->a))
            return prq_fail(s->err, PRQ_E_LIMIT, "too many hits");
    prq_sql_reset(st);
    if (step == PRQ_NEXT_FAIL)
        return false;
    for (size_t i = 0; i < ids.n; i++)
        if (!by_record(s, f, sources.v[i], ids.v[i]))
            return false;
    return true;
}

/* ---- by package */

static bool by_name(struct search *s, struct prq_db *db, struct prq_db_file *f, prq_str name)
{
    for (size_t i = 0; i < f->space_count; i++) {
        struct prq_db_row *rows;
        size_t n;
        if (!prq_db_lookup(db, f->spaces[i].space, name, s->a, &rows, &n, s->err))
            return false;
        for (size_t k = 0; k < n; k++)
            if (!add_hit(s, (struct hit){ f->about.name,
                                          rows[k].source,
                                          rows[k].id,
                                          identities(s, &rows[k].aliases, &rows[k].cves),
                                          &rows[k].affected,
                                          { 0 } }))
                return false;
    }
    return true;
}

/* ---- printing */

static prq_str join(const struct prq_strs *list, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(64));
    for (size_t i = 0; i < list->n; i++) {
        prq_buf_str(&b, i ? PRQ_S(", ") : (prq_str){ 0 });
        prq_buf_str(&b, list->v[i]);
    }
    return prq_arena_copy(a, prq_buf_view(&b));
}

static void table_hit(const struct hit *h, struct prq_arena *a, struct prq_buf *out)
{
    const struct prq_affected *p = h->affected;
    prq_print_cell(out, h->id, 20);
    prq_print_cell(out, p ? p->space : h->family, 12);
    prq_print_cell(out, p ? p->name : PRQ_S("-"), 24);
    prq_print_cell(out, p ? prq_state_words[p->state] : PRQ_S("-"), 12);
    prq_print_cell(out, p ? join(&p->fixed, a) : PRQ_S("-"), 20);
    prq_print_text(out, h->aliases.n ? join(&h->aliases, a) : prq_str_head(h->summary, 100));
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    prq_buf_byte(out, '\n');
}

static void json_strs(struct prq_jw *w, const char *key, const struct prq_strs *list)
{
    if (!list->n)
        return;
    prq_jw_key(w, key);
    prq_jw_array(w);
    for (size_t i = 0; i < list->n; i++)
        prq_jw_str(w, list->v[i]);
    prq_jw_array_end(w);
}

static void json_hit(struct prq_jw *w, const struct hit *h)
{
    const struct prq_affected *p = h->affected;
    prq_jw_object(w);
    prq_jw_kv(w, "id", h->id);
    prq_jw_kv(w, "family", h->family);
    prq_jw_kv(w, "source", h->source);
    json_strs(w, "aliases", &h->aliases);
    prq_jw_opt(w, "summary", h->summary);
    if (p) {
        prq_jw_kv(w, "space", p->space);
        prq_jw_kv(w, "package", p->spelling.n ? p->spelling : p->name);
        prq_jw_kv(w, "state", prq_state_words[p->state]);
        json_strs(w, "fixed", &p->fixed);
        json_strs(w, "advisories", &p->advisories);
        prq_jw_opt(w, "note", p->note);
    }
    prq_jw_object_end(w);
}

static void print(const struct search *s, prq_str query, bool as_json, struct prq_buf *out)
{
    struct prq_jw w;
    if (as_json) {
        prq_jw_init(&w, out, true);
        prq_jw_array(&w);
        for (size_t i = 0; i < s->n; i++)
            json_hit(&w, &s->hits[i]);
        prq_jw_array_end(&w);
        prq_buf_byte(out, '\n');
        return;
    }
    if (s->n == 0) {
        prq_buf_str(out, PRQ_S("nothing is known of "));
        prq_print_text(out, query);
        prq_buf_byte(out, '\n');
        return;
    }
    prq_buf_printf(out, "%-22s%-14s%-26s%-14s%-22s%s\n", "ID", "SPACE", "PACKAGE", "STATE",
                   "FIXED IN", "ALIASES");
    for (size_t i = 0; i < s->n; i++) {
        struct prq_mark mark = prq_arena_mark(s->a);
        table_hit(&s->hits[i], s->a, out);
        prq_arena_rewind(s->a, mark);
    }
    if (s->is_cut)
        prq_buf_printf(out, "and more: only the first %d are shown\n", HITS_MAX);
}

bool prq_db_search_write(struct prq_db *db, prq_str query, bool as_json, struct prq_arena *a,
                         struct prq_buf *out, struct prq_err *err)
{
    struct search s = { .a = a, .err = err };
    prq_str id = prq_id_of_typed(query, a);
    for (size_t i = 0; i < db->n; i++) {
        struct prq_db_file *f = &db->files[i];
        if (!by_id(&s, f, id) || !by_alias(&s, f, id) ||
            !by_name(&s, db, f, query))
            return prq_in(err, "%s", f->path.p);
    }
    print(&s, query, as_json, out);
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the answer is too long");
}
