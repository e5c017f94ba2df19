/* SPDX-License-Identifier: Apache-2.0 */
#include "db/feedrow.h"

#include <stdlib.h>

#include "db/jsonutil.h"

bool prq_feed_one(prq_str text, struct prq_strs *out, struct prq_arena *a)
{
    *out = (struct prq_strs){ 0 };
    if (!text.n)
        return true;
    out->v = prq_new(a, prq_str);
    if (!out->v)
        return false;
    out->v[out->n++] = text;
    return true;
}

bool prq_feed_range(struct prq_affected *row, prq_str introduced, enum prq_event_kind kind,
                    prq_str bound, struct prq_arena *a)
{
    struct prq_event *events = prq_new_n(a, struct prq_event, 2);
    row->ranges = prq_new(a, struct prq_range);
    if (!events || !row->ranges)
        return false;
    events[0] = (struct prq_event){ PRQ_EVENT_INTRODUCED, introduced };
    events[1] = (struct prq_event){ kind, bound };
    *row->ranges = (struct prq_range){ events, bound.n ? 2 : 1 };
    row->range_count = 1;
    bool is_fixed = bound.n && kind == PRQ_EVENT_FIXED;
    row->state = is_fixed ? PRQ_FIX_FIXED : PRQ_FIX_NOT_FIXED;
    return !is_fixed || prq_feed_one(bound, &row->fixed, a);
}

bool prq_feed_rating(prq_str source, const char *scheme, prq_str value, struct prq_rating **out,
                     size_t *n, struct prq_arena *a)
{
    if (!value.n || value.n > 128 || !prq_is_row_text(value))
        return true;
    struct prq_rating *v = prq_new_n(a, struct prq_rating, *n + 1);
    if (!v)
        return false;
    if (*n)
        memcpy(v, *out, *n * sizeof *v);
    v[(*n)++] = (struct prq_rating){ .source = source, .scheme = prq_str_from(scheme), .value = value };
    *out = v;
    return true;
}

static bool has_shape(prq_str s, const char *shape)
{
    size_t n = strlen(shape);
    for (size_t i = 0; i < n; i++)
        if (s.n < n || (shape[i] == '9' ? !prq_is_digit(s.p[i]) : s.p[i] != shape[i]))
            return false;
    return true;
}

prq_str prq_feed_day(prq_str text, struct prq_arena *a)
{
    prq_str day = prq_str_head(text, 10), rest = prq_str_from_at(text, prq_min_size(10, text.n));
    prq_str clock = PRQ_S("00:00:00");
    if (!has_shape(day, "9999-99-99"))
        return (prq_str){ 0 };
    if (rest.n > 1 && (rest.p[0] == ' ' || rest.p[0] == 'T')) {
        rest = prq_str_from_at(rest, 1);
        if (has_shape(rest, "99:99:99"))
            clock = prq_str_head(rest, 8);
        else if (has_shape(rest, "99:99"))
            clock = prq_arena_printf(a, "%.*s:00", PRQ_FMT(prq_str_head(rest, 5)));
    }
    return prq_feed_time(prq_arena_printf(a, "%.*sT%.*sZ", PRQ_FMT(day), PRQ_FMT(clock)), a);
}

/* ---- merging */

static int by_text(prq_str a, prq_str b, int order)
{
    return order ? order : prq_str_cmp(a, b);
}

static prq_str bound_of(const struct prq_affected *p)
{
    const struct prq_range *r = p->range_count ? &p->ranges[0] : NULL;
    return r && r->n ? r->events[r->n - 1].version : (prq_str){ 0 };
}

static prq_str start_of(const struct prq_affected *p)
{
    return p->range_count && p->ranges[0].n ? p->ranges[0].events[0].version : (prq_str){ 0 };
}

static int by_place(const struct prq_affected *x, const struct prq_affected *y)
{
    return by_text(x->name, y->name, prq_str_cmp(x->space, y->space));
}

static int by_row(const void *a, const void *b)
{
    const struct prq_affected *x = a, *y = b;
    int order = by_text(x->module, y->module, by_place(x, y));
    order = order ? order : (int)x->state - (int)y->state;
    order = by_text(bound_of(x), bound_of(y), order);
    return by_text(start_of(x), start_of(y), order);
}

/* No architecture means every one. */
static bool merge_arches(struct prq_affected *to, const struct prq_affected *from, size_t *cap,
                         struct prq_arena *a)
{
    if (!to->arches.n || !from->arches.n) {
        to->arches = (struct prq_strs){ 0 };
        return true;
    }
    for (size_t i = 0; i < from->arches.n; i++)
        if (!prq_db_strs_has(&to->arches, from->arches.v[i]) &&
            !prq_db_strs_add(&to->arches, cap, from->arches.v[i], a))
            return false;
    return true;
}

/* Of several products of one release one may be affected and another not: a doubt never suppresses. */
static void drop_doubts(struct prq_affected *rows, size_t *n)
{
    size_t kept = 0;
    for (size_t i = 0, end; i < *n; i = end) {
        bool is_affected = false;
        for (end = i; end < *n && by_place(&rows[i], &rows[end]) == 0; end++)
            is_affected |= rows[end].state != PRQ_FIX_NOT_AFFECTED;
        for (size_t k = i; k < end; k++)
            if (!is_affected || rows[k].state != PRQ_FIX_NOT_AFFECTED)
                rows[kept++] = rows[k];
    }
    *n = kept;
}

bool prq_feed_rows_merge(struct prq_affected *rows, size_t *n, struct prq_arena *a)
{
    size_t kept = 0, cap = 0;
    if (*n)
        qsort(rows, *n, sizeof *rows, by_row);
    for (size_t i = 0; i < *n; i++) {
        if (kept && by_row(&rows[kept - 1], &rows[i]) == 0) {
            if (!merge_arches(&rows[kept - 1], &rows[i], &cap, a))
                return false;
            continue;
        }
        rows[kept++] = rows[i];
        cap = rows[i].arches.n;
        prq_db_strs_sort(&rows[kept - 1].arches);
    }
    *n = kept;
    drop_doubts(rows, n);
    return true;
}
