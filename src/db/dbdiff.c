/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbdiff.h"

#include <inttypes.h>

#include "db/dbfamily.h"
#include "db/dbhandle.h"
#include "db/dbprint.h"
#include "db/dbstate.h"
#include "format/json.h"

enum change { ADDED, REMOVED, CHANGED, CHANGES };
static const char *const words[CHANGES] = { "added", "removed", "changed" };

enum { MEMBERS_MAX = 40 };

struct side {
    struct prq_sql *sql; /* NULL: the family is not there */
    struct prq_db_state state;
    struct prq_sql_stmt *rows, *find;
    enum prq_next step;
    prq_str source, id, sha; /* of the row at hand */
};

struct differ {
    struct side side[2];
    struct prq_arena *a;
    struct prq_buf *out;
    struct prq_jw w;
    bool as_json;
    const char *family;
    struct prq_buf lists[CHANGES]; /* JSON: what stands in each array */
    uint64_t counts[CHANGES];
};

static bool advance(struct side *s, struct prq_err *err)
{
    s->step = s->rows ? prq_sql_step(s->rows, err) : PRQ_NEXT_END;
    if (s->step == PRQ_NEXT_ITEM) {
        s->source = prq_sql_text(s->rows, 0);
        s->id = prq_sql_text(s->rows, 1);
        s->sha = prq_str_of(prq_sql_blob(s->rows, 2));
    }
    return s->step != PRQ_NEXT_FAIL;
}

static bool open_side(struct side *s, struct prq_db *db, const char *family, struct prq_arena *a,
                      struct prq_err *err)
{
    const struct prq_db_file *f = prq_db_file(db, prq_str_from(family));
    *s = (struct side){ .step = PRQ_NEXT_END };
    if (!f)
        return true;
    return (prq_sql_open(f->path.p, PRQ_SQL_IMMUTABLE, &s->sql, err) &&
            prq_db_check_schema(s->sql, err) && prq_db_state_read(s->sql, a, &s->state, err) &&
            prq_sql_prepare(s->sql, "SELECT source,id,sha FROM record ORDER BY source,id", &s->rows,
                            err) &&
            prq_sql_prepare(s->sql, "SELECT doc FROM record WHERE source=?1 AND id=?2", &s->find,
                            err) &&
            advance(s, err)) ||
           prq_in(err, "%s", f->path.p);
}

static void close_side(struct side *s)
{
    prq_sql_finish(s->rows);
    prq_sql_finish(s->find);
    prq_sql_close(s->sql);
}

/* ---- which members of a record changed */

struct members {
    prq_str name[MEMBERS_MAX], value[MEMBERS_MAX];
    size_t n;
};

static bool read_members(struct side *s, prq_str source, prq_str id, struct prq_arena *a,
                         struct members *out, struct prq_err *err)
{
    struct prq_json j;
    out->n = 0;
    prq_sql_bind_text(s->find, 1, source);
    prq_sql_bind_text(s->find, 2, id);
    enum prq_next step = prq_sql_step(s->find, err);
    prq_str doc = { 0 };
    if (step == PRQ_NEXT_ITEM)
        doc = prq_arena_copy(a, prq_str_of(prq_sql_blob(s->find, 0)));
    prq_sql_reset(s->find);
    if (step == PRQ_NEXT_FAIL)
        return false;
    prq_json_init(&j, doc, a, NULL);
    if (prq_json_enter_object(&j))
        while (out->n < MEMBERS_MAX && prq_json_key(&j, &out->name[out->n]) &&
               prq_json_raw(&j, &out->value[out->n]))
            out->n++;
    return !j.bad || prq_fail(err, PRQ_E_FORMAT, "%.*s: a malformed record", PRQ_FMT(id));
}

static const prq_str *find_member(const struct members *m, prq_str name)
{
    for (size_t i = 0; i < m->n; i++)
        if (prq_str_eq(m->name[i], name))
            return &m->value[i];
    return NULL;
}

/* Both lists are sorted: so is what differs, but for what only the old one has. */
static size_t different(const struct members *a, const struct members *b, prq_str *out)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const prq_str *other = find_member(b, a->name[i]);
        if (!other || !prq_str_eq(*other, a->value[i]))
            out[n++] = a->name[i];
    }
    for (size_t i = 0; i < b->n; i++)
        if (!find_member(a, b->name[i]))
            out[n++] = b->name[i];
    return n;
}

/* ---- one difference */

static void put_table(struct differ *d, enum change what, prq_str source, prq_str id,
                      const prq_str *members, size_t n)
{
    prq_print_cell(d->out, prq_str_from(d->family), 14);
    prq_print_cell(d->out, prq_str_from(words[what]), 9);
    prq_print_cell(d->out, source, 15);
    prq_print_cell(d->out, id, 28);
    for (size_t i = 0; i < n; i++) {
        if (i)
            prq_buf_str(d->out, PRQ_S(", "));
        prq_print_text(d->out, members[i]);
    }
    prq_buf_byte(d->out, '\n');
}

static void put_json(struct differ *d, enum change what, prq_str source, prq_str id,
                     const prq_str *members, size_t n)
{
    struct prq_jw w;
    if (d->counts[what] > 1)
        prq_buf_byte(&d->lists[what], ',');
    prq_jw_init(&w, &d->lists[what], false);
    prq_jw_object(&w);
    prq_jw_kv(&w, "source", source);
    prq_jw_kv(&w, "id", id);
    if (n) {
        prq_jw_key(&w, "members");
        prq_jw_array(&w);
        for (size_t i = 0; i < n; i++)
            prq_jw_str(&w, members[i]);
        prq_jw_array_end(&w);
    }
    prq_jw_object_end(&w);
}

static bool put(struct differ *d, enum change what, prq_str source, prq_str id, struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(d->a);
    struct members old = { .n = 0 }, new = { .n = 0 };
    prq_str names[2 * MEMBERS_MAX];
    if (what == CHANGED && (!read_members(&d->side[0], source, id, d->a, &old, err) ||
                            !read_members(&d->side[1], source, id, d->a, &new, err)))
        return false;
    size_t n = what == CHANGED ? different(&old, &new, names) : 0;
    d->counts[what]++;
    (d->as_json ? put_json : put_table)(d, what, source, id, names, n);
    prq_arena_rewind(d->a, mark);
    return true;
}

static int order_of(const struct side *a, const struct side *b)
{
    if (a->step != b->step)
        return a->step == PRQ_NEXT_ITEM ? -1 : 1;
    int order = prq_str_cmp(a->source, b->source);
    return order ? order : prq_str_cmp(a->id, b->id);
}

static bool walk(struct differ *d, struct prq_err *err)
{
    struct side *a = &d->side[0], *b = &d->side[1];
    while (a->step == PRQ_NEXT_ITEM || b->step == PRQ_NEXT_ITEM) {
        int order = order_of(a, b);
        bool ok = true;
        if (order < 0)
            ok = put(d, REMOVED, a->source, a->id, err);
        else if (order > 0)
            ok = put(d, ADDED, b->source, b->id, err);
        else if (!prq_str_eq(a->sha, b->sha))
            ok = put(d, CHANGED, b->source, b->id, err);
        if (!ok || (order <= 0 && !advance(a, err)) || (order >= 0 && !advance(b, err)))
            return false;
    }
    return true;
}

/* ---- one family */

static void json_side(struct prq_jw *w, const char *key, const struct side *s)
{
    if (!s->sql)
        return;
    prq_jw_key(w, key);
    prq_jw_object(w);
    prq_jw_kv(w, "built", s->state.built);
    prq_jw_kv(w, "digest", s->state.digest);
    prq_jw_kv_u64(w, "records", s->state.records);
    prq_jw_object_end(w);
}

static void json_family(struct differ *d)
{
    prq_jw_object(&d->w);
    prq_jw_kv(&d->w, "family", prq_str_from(d->family));
    json_side(&d->w, "from", &d->side[0]);
    json_side(&d->w, "to", &d->side[1]);
    for (size_t i = 0; i < CHANGES; i++) {
        prq_buf_byte(&d->lists[i], ']');
        prq_jw_key(&d->w, words[i]);
        prq_jw_raw(&d->w, prq_buf_view(&d->lists[i]));
        d->out->bad |= d->lists[i].bad;
    }
    prq_jw_object_end(&d->w);
}

static bool diff_family(struct differ *d, struct prq_db *from, struct prq_db *to,
                        struct prq_err *err)
{
    for (size_t i = 0; i < CHANGES; i++) {
        prq_buf_clear(&d->lists[i]);
        prq_buf_byte(&d->lists[i], '[');
        d->counts[i] = 0;
    }
    bool ok = open_side(&d->side[0], from, d->family, d->a, err) &&
              open_side(&d->side[1], to, d->family, d->a, err) && walk(d, err);
    if (ok && d->as_json && (d->side[0].sql || d->side[1].sql))
        json_family(d);
    close_side(&d->side[0]);
    close_side(&d->side[1]);
    d->side[0] = d->side[1] = (struct side){ .sql = NULL };
    return ok;
}

static bool diff_all(struct differ *d, struct prq_db *from, struct prq_db *to, struct prq_err *err)
{
    uint64_t total[CHANGES] = { 0 };
    for (size_t i = 0; i < prq_family_count; i++) {
        struct prq_mark mark = prq_arena_mark(d->a);
        d->family = prq_family_defs[i].name;
        if (!diff_family(d, from, to, err))
            return prq_in(err, "%s", d->family);
        prq_arena_rewind(d->a, mark);
        for (size_t k = 0; k < CHANGES; k++)
            total[k] += d->counts[k];
    }
    if (!d->as_json)
        prq_buf_printf(d->out, "%" PRIu64 " added, %" PRIu64 " removed, %" PRIu64 " changed\n",
                       total[ADDED], total[REMOVED], total[CHANGED]);
    return true;
}

bool prq_db_diff_write(struct prq_db *from, struct prq_db *to, bool as_json, struct prq_buf *out,
                       struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct differ d = { .a = a, .out = out, .as_json = as_json };
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to compare databases");
    for (size_t i = 0; i < CHANGES; i++)
        prq_buf_init(&d.lists[i], out->max);
    prq_jw_init(&d.w, out, false);
    if (as_json) {
        prq_jw_object(&d.w);
        prq_jw_kv_u64(&d.w, "schema", 1);
        prq_jw_key(&d.w, "families");
        prq_jw_array(&d.w);
    }
    bool ok = diff_all(&d, from, to, err);
    if (ok && as_json) {
        prq_jw_array_end(&d.w);
        prq_jw_object_end(&d.w);
        prq_buf_byte(out, '\n');
    }
    for (size_t i = 0; i < CHANGES; i++)
        prq_buf_release(&d.lists[i]);
    return ok && (!out->bad || prq_fail(err, PRQ_E_LIMIT, "the comparison is too long"));
}
