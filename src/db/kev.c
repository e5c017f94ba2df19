/* SPDX-License-Identifier: Apache-2.0 */
/* CISA's catalogue of known exploited vulnerabilities. Source: matching.md 3.13. */
#include "db/feed.h"
#include "db/jsonutil.h"

struct entry {
    prq_str cve, ransomware;
    struct prq_cve_info info;
};

static void read_entry(struct prq_json *j, struct prq_arena *a, struct entry *out)
{
    prq_str key;
    const struct {
        prq_str key;
        prq_str *to;
    } members[] = {
        { PRQ_S("cveID"), &out->cve },
        { PRQ_S("vulnerabilityName"), &out->info.summary },
        { PRQ_S("dateAdded"), &out->info.kev_added },
        { PRQ_S("dueDate"), &out->info.kev_due },
        { PRQ_S("requiredAction"), &out->info.kev_action },
        { PRQ_S("knownRansomwareCampaignUse"), &out->ransomware },
    };
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(members) && !prq_str_eq(members[i].key, key))
            i++;
        if (i < PRQ_COUNT(members))
            prq_json_string_or_skip(j, members[i].to);
        else if (prq_str_eq(key, PRQ_S("cwes")))
            prq_db_json_strs(j, a, &out->info.cwes);
        else
            prq_json_skip(j);
    }
}

static bool read_entries(struct prq_json *j, struct prq_arena *a, const struct prq_feed_sink *sink,
                         struct prq_err *err)
{
    if (!prq_json_array_or_skip(j))
        return true;
    while (prq_json_item(j)) {
        struct prq_mark mark = prq_arena_mark(a);
        struct entry e = { .cve = { 0 } };
        read_entry(j, a, &e);
        if (j->bad)
            break;
        e.info.is_kev = true;
        e.info.kev_ransomware = prq_str_eq(e.ransomware, PRQ_S("Known"));
        if (!prq_feed_is_cve(e.cve))
            sink->skip(sink->user, e.cve, "an entry without a CVE id");
        else if (!sink->cve(sink->user, e.cve, &e.info, err))
            return false;
        prq_arena_rewind(a, mark);
    }
    return true;
}

bool prq_kev_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                   prq_str *date, struct prq_err *err)
{
    struct prq_json j;
    prq_str key, released = { 0 };
    bool seen = false;
    prq_json_init(&j, json, a, NULL);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not the KEV catalogue: no JSON object");
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("dateReleased"))) {
            prq_json_string_or_skip(&j, &released);
        } else if (prq_str_eq(key, PRQ_S("vulnerabilities"))) {
            seen = true;
            if (!read_entries(&j, a, sink, err))
                return false;
        } else {
            prq_json_skip(&j);
        }
    }
    if (!prq_json_end(&j, err))
        return false;
    if (!seen)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not the KEV catalogue: no vulnerabilities");
    *date = prq_feed_time(released, a);
    return true;
}
