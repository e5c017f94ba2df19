/* SPDX-License-Identifier: Apache-2.0 */
/* Photon OS: cve_data_photonN.json. Source: matching.md 3.10.
 *
 *   [{"cve_id":"CVE-2025-9086","pkg":"curl","cve_score":7.5,"aff_ver":"all versions before … are
 *     vulnerable","res_ver":"8.16.0-1.ph4","status":"Fixed"}]
 *
 * A record for each entry; the builder joins those of one identifier. */
#include "db/feedrow.h"
#include "db/jsonutil.h"

struct entry {
    prq_str id, package, score, fixed, status;
};

static void read_entry(struct prq_json *j, struct entry *e)
{
    prq_str key;
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("cve_id")))
            prq_json_string_or_skip(j, &e->id);
        else if (prq_str_eq(key, PRQ_S("pkg")))
            prq_json_string_or_skip(j, &e->package);
        else if (prq_str_eq(key, PRQ_S("res_ver")))
            prq_json_string_or_skip(j, &e->fixed);
        else if (prq_str_eq(key, PRQ_S("status")))
            prq_json_string_or_skip(j, &e->status);
        else if (prq_str_eq(key, PRQ_S("cve_score")) && prq_json_peek(j) == PRQ_JSON_NUMBER)
            prq_json_number(j, &e->score);
        else
            prq_json_skip(j);
    }
}

/* NULL, or why the entry says nothing. UNK-1 and its like are not the same thing twice. */
static const char *fault_of(const struct entry *e)
{
    if (!prq_is_record_id(e->id) || prq_str_starts(e->id, PRQ_S("UNK-")))
        return "an entry without an identifier";
    if (!prq_is_row_text(e->package))
        return "an entry without a package";
    return NULL;
}

static bool emit(const struct entry *e, prq_str space, struct prq_arena *a,
                 const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_affected row = { .space = space, .name = e->package, .is_source = true };
    struct prq_record r = { .source = PRQ_S("photon"), .id = e->id, .affected = &row,
                            .affected_count = 1 };
    bool is_fixed = prq_is_row_text(e->fixed) && !prq_str_eq(e->fixed, PRQ_S("NA"));
    bool ok = true;
    if (prq_str_eq(e->status, PRQ_S("Not Affected")))
        row.state = PRQ_FIX_NOT_AFFECTED;
    else
        ok = prq_feed_range(&row, PRQ_S("0"), PRQ_EVENT_FIXED,
                            is_fixed ? e->fixed : (prq_str){ 0 }, a);
    ok = ok && prq_feed_rating(PRQ_S("photon"), "score", e->score, &row.ratings,
                               &row.rating_count, a);
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget", PRQ_FMT(e->id));
    return sink->record(sink->user, &r, err);
}

bool prq_photon_parse(prq_str json, prq_str space, struct prq_arena *a,
                      const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_json j;
    prq_json_init(&j, json, a, NULL);
    if (!prq_json_enter_array(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not Photon's list: no JSON array");
    while (prq_json_item(&j)) {
        struct prq_mark mark = prq_arena_mark(a);
        struct entry e = { .id = { 0 } };
        read_entry(&j, &e);
        if (j.bad)
            break;
        const char *fault = fault_of(&e);
        if (fault)
            sink->skip(sink->user, prq_str_head(e.id, 64), fault);
        else if (!emit(&e, space, a, sink, err))
            return false;
        prq_arena_rewind(a, mark);
    }
    return prq_json_end(&j, err);
}
