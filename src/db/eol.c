/* SPDX-License-Identifier: Apache-2.0 */
/* End of life: endoflife.date, /api/v1/products/full. Source: matching.md 3.13.
 *
 *   {"result":[{"name":"debian","releases":[{"name":"12","eolFrom":"2026-06-10","eoesFrom":…}]}]}
 *
 * A record for each release of each product; its row is found by product and release as the
 * product writes them: no aliases, and a minor release is not its major one. */
#include "db/feedrow.h"
#include "db/jsonutil.h"

struct release {
    prq_str name, codename, end, extended;
};

static void read_release(struct prq_json *j, struct release *r)
{
    prq_str key;
    const struct {
        prq_str key;
        prq_str *to;
    } members[] = { { PRQ_S("name"), &r->name },
                    { PRQ_S("codename"), &r->codename },
                    { PRQ_S("eolFrom"), &r->end },
                    { PRQ_S("eoesFrom"), &r->extended } };
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(members) && !prq_str_eq(members[i].key, key))
            i++;
        if (i < PRQ_COUNT(members))
            prq_json_string_or_skip(j, members[i].to);
        else
            prq_json_skip(j);
    }
}

/* Debian's tracker has what is fixed until the end of long term support, which is free for all;
 * elsewhere extended support is for who pays. */
static prq_str end_of(prq_str product, const struct release *r, struct prq_arena *a)
{
    bool is_extended = prq_str_eq(product, PRQ_S("debian")) && r->extended.n;
    prq_str day = prq_feed_day(is_extended ? r->extended : r->end, a);
    return prq_str_head(day, 10);
}

static bool emit(prq_str product, const struct release *release, struct prq_arena *a,
                 const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_affected row = { .name = release->name, .state = PRQ_FIX_END_OF_LIFE,
                                .note = end_of(product, release, a) };
    struct prq_record r = { .source = PRQ_S("endoflife"), .affected = &row, .affected_count = 1 };
    if (!row.note.n) /* no end is set yet */
        return true;
    r.id = prq_arena_printf(a, "%.*s/%.*s", PRQ_FMT(product), PRQ_FMT(release->name));
    row.space = prq_arena_printf(a, "EOL:%.*s", PRQ_FMT(product));
    if (!r.id.p || !row.space.p)
        return prq_fail(err, PRQ_E_LIMIT, "the products exceed the memory budget");
    if (!prq_is_record_id(r.id) || !prq_is_row_text(row.name)) {
        sink->skip(sink->user, prq_str_head(r.id, 64), "a release without a usable name");
        return true;
    }
    return sink->record(sink->user, &r, err);
}

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    bool stopped;
};

static void read_releases(struct reader *in, prq_str product, prq_str releases)
{
    struct prq_json outer = in->j;
    prq_json_init(&in->j, releases, in->a, NULL);
    if (prq_json_array_or_skip(&in->j))
        while (!in->stopped && prq_json_item(&in->j)) {
            struct prq_mark mark = prq_arena_mark(in->a);
            struct release r = { .name = { 0 } };
            read_release(&in->j, &r);
            if (!in->j.bad && !emit(product, &r, in->a, in->sink, in->err))
                in->stopped = true;
            prq_arena_rewind(in->a, mark);
        }
    bool bad = in->j.bad;
    in->j = outer;
    if (bad)
        prq_json_no_memory(&in->j); /* its syntax was checked as it was passed over */
}

/* The name may come after the releases, so those are kept raw. */
static void read_product(struct reader *in)
{
    prq_str key, name = { 0 }, releases = { 0 };
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(&in->j, &name);
        else if (prq_str_eq(key, PRQ_S("releases")))
            prq_json_raw(&in->j, &releases);
        else
            prq_json_skip(&in->j);
    }
    if (in->j.bad)
        return;
    if (!prq_is_record_id(name))
        in->sink->skip(in->sink->user, prq_str_head(name, 64), "a product without a usable name");
    else if (releases.n)
        read_releases(in, name, releases);
}

bool prq_eol_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                   struct prq_err *err)
{
    struct reader in = { .a = a, .sink = sink, .err = err };
    prq_str key;
    bool seen = false;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a list of products: no JSON object");
    while (!in.stopped && prq_json_key(&in.j, &key)) {
        bool is_list = prq_str_eq(key, PRQ_S("result")) || prq_str_eq(key, PRQ_S("products"));
        if (!is_list) {
            prq_json_skip(&in.j);
            continue;
        }
        seen = true;
        if (!prq_json_array_or_skip(&in.j))
            continue;
        while (!in.stopped && prq_json_item(&in.j)) {
            struct prq_mark mark = prq_arena_mark(a);
            read_product(&in);
            prq_arena_rewind(a, mark);
        }
    }
    if (in.stopped)
        return false;
    if (!prq_json_end(&in.j, err))
        return false;
    return seen || prq_fail_at(err, PRQ_E_FORMAT, 0, "not a list of products");
}
