/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables in key order, walked side by side. */
#include "db/dbdelta.h"

#include "db/dbschema.h"
#include "db/dbupdate.h"

/* ---- making */

enum { KEYS_MAX = PRQ_DAY_PARTS };

struct walk {
    struct prq_sql_stmt *st;
    int keys;
    enum prq_next step;
    prq_str key[KEYS_MAX]; /* of the row at hand */
};

static bool advance(struct walk *w, struct prq_err *err)
{
    w->step = prq_sql_step(w->st, err);
    for (int i = 0; i < w->keys && w->step == PRQ_NEXT_ITEM; i++)
        w->key[i] = prq_sql_text(w->st, i);
    return w->step != PRQ_NEXT_FAIL;
}

static bool start(struct walk *w, struct prq_sql *sql, const char *text, int keys,
                  struct prq_err *err)
{
    *w = (struct walk){ .keys = keys };
    return prq_sql_prepare(sql, text, &w->st, err) && advance(w, err);
}

static int order_of(const struct walk *a, const struct walk *b)
{
    if (a->step != b->step)
        return a->step == PRQ_NEXT_ITEM ? -1 : 1; /* an ended one is behind everything */
    int order = 0;
    for (int i = 0; i < a->keys && !order; i++)
        order = prq_str_cmp(a->key[i], b->key[i]);
    return order;
}

struct maker {
    struct prq_arena *a;
    struct prq_delta *d;
    struct prq_sql_stmt *find; /* the document of a record of the new file */
    size_t record_cap, day_cap;
    bool ok; /* memory is left */
};

static prq_str keep(struct maker *m, prq_str s)
{
    prq_str copy = prq_arena_copy(m->a, s);
    m->ok &= copy.p != NULL;
    return copy;
}

/* Puts a difference: `now` NULL where the key is gone. */
typedef bool (*differ)(struct maker *m, const prq_str *key, const struct walk *now,
                       struct prq_err *err);

static bool differ_record(struct maker *m, const prq_str *key, const struct walk *now,
                          struct prq_err *err)
{
    struct prq_delta *d = m->d;
    if (!prq_arena_grow(m->a, &d->records, sizeof *d->records, &m->record_cap, d->record_count + 1))
        return prq_fail(err, PRQ_E_LIMIT, "too many changes for a delta");
    struct prq_delta_record *r = &d->records[d->record_count++];
    *r = (struct prq_delta_record){ keep(m, key[0]), keep(m, key[1]), { 0 } };
    if (!now)
        return true;
    prq_sql_bind_text(m->find, 1, r->source);
    prq_sql_bind_text(m->find, 2, r->id);
    enum prq_next step = prq_sql_step(m->find, err);
    if (step == PRQ_NEXT_ITEM)
        r->doc = keep(m, prq_str_of(prq_sql_blob(m->find, 0)));
    prq_sql_reset(m->find);
    return step != PRQ_NEXT_FAIL;
}

static bool differ_day(struct maker *m, const prq_str *key, const struct walk *now,
                       struct prq_err *err)
{
    struct prq_delta *d = m->d;
    if (!prq_arena_grow(m->a, &d->days, sizeof *d->days, &m->day_cap, d->day_count + 1))
        return prq_fail(err, PRQ_E_LIMIT, "too many changes for a delta");
    struct prq_delta_day *day = &d->days[d->day_count++];
    for (int i = 0; i < PRQ_DAY_PARTS; i++)
        day->part[i] = keep(m, key[i]);
    day->day = now ? keep(m, prq_sql_text(now->st, PRQ_DAY_PARTS)) : (prq_str){ 0 };
    return true;
}

/* What tells two rows of one key apart: the column behind the keys. */
static bool is_same(const struct walk *a, const struct walk *b)
{
    return prq_str_eq(prq_str_of(prq_sql_blob(a->st, a->keys)),
                      prq_str_of(prq_sql_blob(b->st, b->keys)));
}

static bool walk_both(struct maker *m, struct walk *from, struct walk *to, differ put,
                      struct prq_err *err)
{
    while (from->step == PRQ_NEXT_ITEM || to->step == PRQ_NEXT_ITEM) {
        int order = order_of(from, to);
        bool ok = true;
        if (order < 0)
            ok = put(m, from->key, NULL, err);
        else if (order > 0 || !is_same(from, to))
            ok = put(m, to->key, to, err);
        if (!ok)
            return false;
        if (!m->ok)
            return prq_fail(err, PRQ_E_LIMIT, "too many changes for a delta");
        if ((order <= 0 && !advance(from, err)) || (order >= 0 && !advance(to, err)))
            return false;
    }
    return true;
}

static bool walk_table(struct maker *m, struct prq_sql *from, struct prq_sql *to, const char *text,
                       int keys, differ put, struct prq_err *err)
{
    struct walk a = { .st = NULL }, b = { .st = NULL };
    bool ok = start(&a, from, text, keys, err) && start(&b, to, text, keys, err) &&
              walk_both(m, &a, &b, put, err);
    prq_sql_finish(a.st);
    prq_sql_finish(b.st);
    return ok;
}

bool prq_delta_make(struct prq_sql *from, struct prq_sql *to, struct prq_arena *a,
                    struct prq_buf *out, struct prq_err *err)
{
    struct prq_delta d = { .schema = PRQ_DB_SCHEMA };
    struct prq_db_state before;
    struct maker m = { .a = a, .d = &d, .ok = true };
    PRQ_SQL_STMT find = NULL;
    if (!prq_db_state_read(from, a, &before, err) || !prq_db_state_read(to, a, &d.about, err) ||
        !prq_sql_prepare(to, "SELECT doc FROM record WHERE source=?1 AND id=?2", &find, err))
        return false;
    m.find = find;
    d.from = before.digest;
    d.from_observed = before.observed;
    d.to = d.about.digest;
    d.to_observed = d.about.observed;
    if (!walk_table(&m, from, to, "SELECT source,id,sha FROM record ORDER BY source,id", 2,
                    differ_record, err) ||
        !walk_table(&m, from, to,
                    "SELECT source,id,space,name,fix,day FROM observed "
                    "ORDER BY source,id,space,name,fix",
                    PRQ_DAY_PARTS, differ_day, err) ||
        !prq_db_validators(to, a, &d.validators, &d.validator_count, err))
        return false;
    return prq_delta_write(&d, out) || prq_fail(err, PRQ_E_LIMIT, "too many changes for a delta");
}

/* ---- applying */

struct applier {
    struct prq_stage records, days;
    struct prq_arena *a;
};

static bool add_key(struct prq_stage *to, const prq_str *parts, size_t n, prq_str value,
                    struct prq_arena *a, struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(a);
    prq_str key = parts[n - 1];
    for (size_t i = n - 1; i-- > 0;) {
        key = prq_db_key(parts[i], key, a);
        if (!key.p)
            return prq_fail(err, PRQ_E_LIMIT, "a key is too long");
    }
    bool ok = prq_stage_add(to, key, value, err);
    prq_arena_rewind(a, mark);
    return ok;
}

static bool add_delta(struct applier *p, const struct prq_delta *d, struct prq_err *err)
{
    for (size_t i = 0; i < d->record_count; i++) {
        const prq_str key[] = { d->records[i].source, d->records[i].id };
        if (!add_key(&p->records, key, 2, d->records[i].doc, p->a, err))
            return false;
    }
    for (size_t i = 0; i < d->day_count; i++)
        if (!add_key(&p->days, d->days[i].part, PRQ_DAY_PARTS, d->days[i].day, p->a, err))
            return false;
    return true;
}

static bool add_rows(struct prq_sql *from, const char *text, int keys, struct prq_stage *to,
                     struct prq_arena *a, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    prq_str key[KEYS_MAX];
    enum prq_next step;
    if (!prq_sql_prepare(from, text, &st, err))
        return false;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM) {
        for (int i = 0; i < keys; i++)
            key[i] = prq_sql_text(st, i);
        if (!add_key(to, key, (size_t)keys, prq_str_of(prq_sql_blob(st, keys)), a, err))
            return false;
    }
    return step == PRQ_NEXT_END;
}

static bool check_chain(const struct prq_delta *deltas, size_t n, const struct prq_db_state *from,
                        struct prq_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct prq_delta *d = &deltas[i];
        prq_str digest = i + 1 < n ? deltas[i + 1].to : from->digest;
        prq_str observed = i + 1 < n ? deltas[i + 1].to_observed : from->observed;
        if (d->schema != PRQ_DB_SCHEMA || !prq_str_eq(d->about.family, from->family))
            return prq_fail(err, PRQ_E_FORMAT, "a delta of another family or schema");
        if (!prq_str_eq(d->from, digest) || !prq_str_eq(d->from_observed, observed))
            return prq_fail(err, PRQ_E_FORMAT, "a delta that begins at another version");
    }
    return true;
}

static bool write_result(struct applier *p, const struct prq_delta *d, const char *path,
                         struct prq_err *err)
{
    prq_str family = prq_arena_copy(p->a, d->about.family);
    uint64_t skipped = 0;
    if (!family.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a delta");
    if (d->about.observed_since.n != 10 || !prq_str_u64(d->about.skipped, &skipped))
        return prq_fail(err, PRQ_E_FORMAT, "a delta with a malformed head");
    struct prq_db_input input = {
        .records = &p->records,
        .join = PRQ_JOIN_FIRST,
        .about = { .family = family.p,
                   .source = d->about.source,
                   .built = d->about.built,
                   .feed_date = d->about.feed_date,
                   .skipped = skipped,
                   .skip_reason = d->about.skip_reason },
        .validators = d->validators,
        .validator_count = d->validator_count,
        .observed = &p->days,
        .observed_since = d->about.observed_since,
    };
    return prq_stage_sort(&p->records, err) && prq_db_write(path, &input, err);
}

static bool check_result(const char *path, const struct prq_delta *d, struct prq_arena *a,
                         struct prq_err *err)
{
    struct prq_db_state state;
    bool found;
    if (!prq_db_state_of(path, a, &state, &found, err))
        return false;
    return (found && prq_str_eq(state.digest, d->to) &&
            prq_str_eq(state.observed, d->to_observed)) ||
           prq_fail(err, PRQ_E_FORMAT, "a delta leads to another digest than it names");
}

static bool apply(struct applier *p, struct prq_sql *from, const struct prq_delta *deltas, size_t n,
                  const char *path, struct prq_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!add_delta(p, &deltas[i], err))
            return false;
    return add_rows(from, "SELECT source,id,doc FROM record ORDER BY source,id", 2, &p->records,
                    p->a, err) &&
           add_rows(from, "SELECT source,id,space,name,fix,day FROM observed", PRQ_DAY_PARTS,
                    &p->days, p->a, err) &&
           write_result(p, &deltas[0], path, err) && check_result(path, &deltas[0], p->a, err);
}

bool prq_delta_apply(struct prq_sql *from, const struct prq_delta *deltas, size_t n,
                     const char *path, struct prq_arena *a, struct prq_err *err)
{
    struct prq_db_state before;
    struct applier p = { .a = a };
    p.records.fd = p.days.fd = -1;
    if (n == 0 || !prq_db_state_read(from, a, &before, err) || !check_chain(deltas, n, &before, err))
        return n == 0 ? prq_fail(err, PRQ_E_BUG, "no delta") : false;
    bool ok = prq_stage_init(&p.records, err) && prq_stage_init(&p.days, err) &&
              apply(&p, from, deltas, n, path, err);
    prq_stage_release(&p.records);
    prq_stage_release(&p.days);
    return ok;
}
