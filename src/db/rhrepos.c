/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's map from repositories (content sets) to products. Source: matching.md 3.7;
 * /data/metrics/repository-to-cpe.json.
 *
 *   { "data": { "rhel-9-for-x86_64-baseos-rpms": { "cpes": [ "cpe:/o:redhat:…" ] } } }
 */
#include "db/dbspace.h"
#include "db/feed.h"
#include "db/jsonutil.h"

static void read_cpes(struct prq_json *j, struct prq_arena *a, struct prq_strs *out)
{
    prq_str key;
    size_t cap = 0;
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        struct prq_strs list = { 0 };
        if (!prq_str_eq(key, PRQ_S("cpes"))) {
            prq_json_skip(j);
            continue;
        }
        prq_db_json_strs(j, a, &list);
        for (size_t i = 0; i < list.n; i++) {
            prq_str product = prq_db_red_hat_cpe(list.v[i]);
            if (!product.n && prq_str_starts(list.v[i], PRQ_S("cpe:/")) && prq_is_record_id(list.v[i]))
                product = list.v[i]; /* some lack the vendor: they match nothing, but are known */
            if (product.n && !prq_db_strs_add(out, &cap, product, a)) {
                prq_json_no_memory(j);
                return;
            }
        }
    }
    prq_db_strs_sort(out);
}

static bool one_repository(struct prq_json *j, prq_str name, struct prq_arena *a,
                           const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_affected row = { .space = PRQ_S(PRQ_RED_HAT_REPOSITORIES), .name = name };
    read_cpes(j, a, &row.cpes);
    if (j->bad)
        return true;
    if (!prq_is_record_id(name) || row.cpes.n == 0) {
        sink->skip(sink->user, prq_str_head(name, 128), "a repository without a usable name or product");
        return true;
    }
    struct prq_record r = { .source = PRQ_S("redhat-repositories"),
                            .id = name,
                            .affected = &row,
                            .affected_count = 1 };
    return sink->record(sink->user, &r, err);
}

bool prq_red_hat_repositories_parse(prq_str json, struct prq_arena *a,
                                    const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_json j;
    prq_str key, name;
    bool ok = true;
    prq_json_init(&j, json, a, NULL);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a map of repositories: no JSON object");
    while (ok && prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("data"))) {
            prq_json_skip(&j);
            continue;
        }
        if (!prq_json_object_or_skip(&j))
            continue;
        struct prq_mark mark = prq_arena_mark(a);
        while (ok && prq_json_key(&j, &name)) {
            ok = one_repository(&j, name, a, sink, err);
            prq_arena_rewind(a, mark);
        }
    }
    return ok && prq_json_end(&j, err);
}
