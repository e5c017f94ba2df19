/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbobserved.h"

#include "base/map.h"
#include "db/dbdoc.h"
#include "db/dbschema.h"

static bool day_of(prq_str now, char out[11])
{
    if (now.n < 10 || now.p[4] != '-' || now.p[7] != '-')
        return false;
    for (size_t i = 0; i < 10; i++)
        if (i != 4 && i != 7 && !prq_is_digit(now.p[i]))
            return false;
    memcpy(out, now.p, 10);
    out[10] = 0;
    return true;
}

static bool read_since(struct prq_sql *previous, char out[11], struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_prepare(previous, "SELECT value FROM meta WHERE key='observed_since'", &st, err))
        return false;
    enum prq_next step = prq_sql_step(st, err);
    if (step == PRQ_NEXT_ITEM)
        day_of(prq_sql_text(st, 0), out);
    return step != PRQ_NEXT_FAIL;
}

bool prq_observer_open(struct prq_observer *o, struct prq_sql *previous, prq_str now,
                       struct prq_err *err)
{
    *o = (struct prq_observer){ 0 };
    if (!day_of(now, o->today))
        return prq_fail(err, PRQ_E_USAGE, "\"%.*s\" is no time", PRQ_FMT(now));
    memcpy(o->since, o->today, sizeof o->since);
    if (!previous)
        return true;
    return read_since(previous, o->since, err) &&
           prq_sql_prepare(previous, "SELECT doc FROM record WHERE source=?1 AND id=?2",
                           &o->find_doc, err) &&
           prq_sql_prepare(previous,
                           "SELECT space,name,fix,day FROM observed WHERE source=?1 AND id=?2",
                           &o->find_day, err);
}

void prq_observer_close(struct prq_observer *o)
{
    prq_sql_finish(o->find_doc);
    prq_sql_finish(o->find_day);
    *o = (struct prq_observer){ 0 };
}

/* What was known of a record: "space NUL name NUL fix" → index into days; 0 is observed_since. */
struct known {
    struct prq_map places;
    prq_str *days;
    size_t n, cap;
    struct prq_arena *a;
};

static prq_str place_key(prq_str space, prq_str name, prq_str fix, struct prq_arena *a)
{
    prq_str tail = prq_db_key(name, fix, a);
    return tail.n ? prq_db_key(space, tail, a) : tail;
}

static bool note_day(struct known *k, prq_str key, prq_str day)
{
    if (!key.n || !prq_arena_grow(k->a, &k->days, sizeof *k->days, &k->cap, k->n + 1))
        return false;
    k->days[k->n] = day;
    size_t *at = prq_map_put(&k->places, key, k->n, NULL);
    if (!at)
        return false;
    *at = k->n++;
    return true;
}

/* False when memory ran out. */
static bool note_fixes(struct known *k, const struct prq_record *r)
{
    for (size_t i = 0; i < r->affected_count; i++)
        for (size_t f = 0; f < r->affected[i].fixed.n; f++)
            if (!note_day(k,
                          place_key(r->affected[i].space, r->affected[i].name,
                                    r->affected[i].fixed.v[f], k->a),
                          (prq_str){ 0 }))
                return false;
    return note_day(k, place_key((prq_str){ 0 }, (prq_str){ 0 }, (prq_str){ 0 }, k->a),
                    (prq_str){ 0 });
}

static bool note_days(struct prq_observer *o, struct known *k, struct prq_err *err)
{
    enum prq_next step;
    while ((step = prq_sql_step(o->find_day, err)) == PRQ_NEXT_ITEM) {
        prq_str key = place_key(prq_sql_text(o->find_day, 0), prq_sql_text(o->find_day, 1),
                                prq_sql_text(o->find_day, 2), k->a);
        if (!note_day(k, key, prq_arena_copy(k->a, prq_sql_text(o->find_day, 3))))
            return prq_fail(err, PRQ_E_LIMIT, "too many observed days");
    }
    prq_sql_reset(o->find_day);
    return step == PRQ_NEXT_END;
}

/* *found: the record was there before, and *k tells since when. */
static bool look_back(struct prq_observer *o, const struct prq_record *r, struct known *k,
                      bool *found, struct prq_err *err)
{
    struct prq_sql_stmt *both[] = { o->find_doc, o->find_day };
    for (size_t i = 0; i < PRQ_COUNT(both); i++) {
        prq_sql_bind_text(both[i], 1, r->source);
        prq_sql_bind_text(both[i], 2, r->id);
    }
    enum prq_next step = prq_sql_step(o->find_doc, err);
    struct prq_record old;
    bool ok = step != PRQ_NEXT_FAIL;
    *found = step == PRQ_NEXT_ITEM;
    if (*found) {
        prq_str doc = prq_arena_copy(k->a, prq_str_of(prq_sql_blob(o->find_doc, 0)));
        ok = doc.p ? prq_record_parse(doc, k->a, &old, err) && note_fixes(k, &old)
                   : prq_fail(err, PRQ_E_LIMIT, "a record exceeds the memory budget");
    }
    prq_sql_reset(o->find_doc);
    return ok && note_days(o, k, err);
}

static bool emit(struct prq_observer *o, const struct prq_record *r, const struct known *k,
                 prq_str place, struct prq_stage *out, struct prq_err *err)
{
    const size_t *at = place.n ? prq_map_find(&k->places, place) : NULL;
    prq_str day = at ? k->days[*at] : prq_str_from(o->today);
    if (!place.n)
        return prq_fail(err, PRQ_E_LIMIT, "too many observed days");
    if (!day.n || prq_str_eq(day, prq_str_from(o->since)))
        return true;
    prq_str head = prq_db_key(r->source, r->id, k->a);
    prq_str key = head.n ? prq_db_key(head, place, k->a) : head;
    return key.n ? prq_stage_add(out, key, day, err)
                 : prq_fail(err, PRQ_E_LIMIT, "too many observed days");
}

bool prq_observe(struct prq_observer *o, const struct prq_record *r, struct prq_stage *out,
                 struct prq_arena *a, struct prq_err *err)
{
    if (!o->find_doc)
        return true;
    struct known k = { .a = a };
    prq_map_init(&k.places, a);
    bool found;
    prq_str self = place_key((prq_str){ 0 }, (prq_str){ 0 }, (prq_str){ 0 }, a);
    if (!look_back(o, r, &k, &found, err) || !emit(o, r, &k, self, out, err))
        return false;
    for (size_t i = 0; i < r->affected_count; i++)
        for (size_t f = 0; f < r->affected[i].fixed.n; f++) {
            prq_str place =
                place_key(r->affected[i].space, r->affected[i].name, r->affected[i].fixed.v[f], a);
            if (!emit(o, r, &k, place, out, err))
                return false;
        }
    return true;
}
