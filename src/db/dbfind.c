/* SPDX-License-Identifier: Apache-2.0 */
/* Records by any of their names, in every family. */
#include "db/dbfamily.h"
#include "db/dbhandle.h"

enum { FOUND_MAX = 256 };

struct finder {
    struct prq_db *db;
    struct prq_arena *a;
    struct prq_db_named *v;
    size_t n, cap;
    struct prq_err *err;
};

static bool add(struct finder *x, struct prq_db_file *f, prq_str source, prq_str id)
{
    struct prq_record r;
    for (size_t i = 0; i < x->n; i++)
        if (prq_str_eq(x->v[i].family, f->about.name) && prq_str_eq(x->v[i].record.id, id) &&
            prq_str_eq(x->v[i].record.source, source))
            return true;
    if (x->n >= FOUND_MAX)
        return true;
    if (!prq_db_record(x->db, f->def->name, source, id, x->a, &r, x->err))
        return false;
    if (r.id.n == 0)
        return true;
    if (!prq_arena_grow(x->a, &x->v, sizeof *x->v, &x->cap, x->n + 1))
        return prq_fail(x->err, PRQ_E_LIMIT, "too many records");
    x->v[x->n++] = (struct prq_db_named){ f->about.name, r };
    return true;
}

/* The query is done before the records are asked for: they use statements of the same file. */
static bool by_alias(struct finder *x, struct prq_db_file *f, prq_str id)
{
    prq_str found[FOUND_MAX][2];
    size_t n = 0;
    struct prq_sql_stmt *st = prq_db_query(f, PRQ_Q_ALIAS, x->err);
    if (!st)
        return false;
    prq_sql_bind_text(st, 1, id);
    enum prq_next step;
    while ((step = prq_sql_step(st, x->err)) == PRQ_NEXT_ITEM && n < FOUND_MAX) {
        found[n][0] = prq_arena_copy(x->a, prq_sql_text(st, 0));
        found[n][1] = prq_arena_copy(x->a, prq_sql_text(st, 1));
        if (!found[n][0].p || !found[n][1].p)
            return prq_fail(x->err, PRQ_E_LIMIT, "too many records");
        n++;
    }
    prq_sql_reset(st);
    if (step == PRQ_NEXT_FAIL)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!add(x, f, found[i][0], found[i][1]))
            return false;
    return true;
}

bool prq_db_find(struct prq_db *db, prq_str id, struct prq_arena *a, struct prq_db_named **out,
                 size_t *n, struct prq_err *err)
{
    struct finder x = { .db = db, .a = a, .err = err };
    static const prq_str of_cves[] = { PRQ_SI("nvd"), PRQ_SI("kev"), PRQ_SI("epss") };
    for (size_t i = 0; i < db->n; i++) {
        struct prq_db_file *f = &db->files[i];
        bool is_of_cves = false;
        for (size_t k = 0; k < PRQ_COUNT(of_cves); k++)
            is_of_cves = is_of_cves || prq_str_eq(prq_str_from(f->def->name), of_cves[k]);
        if (is_of_cves)
            continue;
        if (!prq_db_ensure(db, f, err) || !add(&x, f, prq_str_from(f->def->source), id) ||
            !by_alias(&x, f, id))
            return prq_in(err, "%s", f->path.p);
    }
    *out = x.v;
    *n = x.n;
    return true;
}

/* "cve-2021-1" is what people type; identifiers are upper case up to GHSA's tail. */
prq_str prq_id_of_typed(prq_str query, struct prq_arena *a)
{
    prq_str copy = prq_arena_copy(a, query);
    char *p = copy.n ? prq_arena_alloc(a, copy.n) : NULL;
    prq_str prefix = prq_str_head(query, prq_str_find(query, '-'));
    bool is_ghsa = prq_str_ieq(prefix, PRQ_S("ghsa"));
    if (!p || !(is_ghsa || prq_str_ieq(prefix, PRQ_S("cve"))))
        return query;
    for (size_t i = 0; i < copy.n; i++) {
        char c = prq_to_lower(copy.p[i]);
        p[i] = prq_is_lower(c) && !(is_ghsa && i > 3) ? (char)(c - 'a' + 'A') : c;
    }
    return (prq_str){ p, copy.n };
}
