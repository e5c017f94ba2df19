/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's advisories in CSAF: of RHSA-2024:6163 its title, its dates and the CVEs that it fixes. The
 * packages are those of the VEX documents, so the product tree is passed over. Source: CSAF 2.0;
 * matching.md 3 ("CSAF advisories for RHSA dates and titles").
 *
 *   { "document": { "title", "aggregate_severity": { "text" }, "references": [ { "category", "url" } ],
 *       "tracking": { "id", "initial_release_date", "current_release_date" } },
 *     "vulnerabilities": [ { "cve" } ] }
 */
#include "db/csafrefs.h"
#include "db/feed.h"
#include "db/jsonutil.h"

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    struct prq_record r;
    prq_str impact;
    size_t cve_cap, reference_cap;
};

static void read_tracking(struct reader *in)
{
    const struct prq_json_text wanted[] = {
        { PRQ_SI("id"), &in->r.id },
        { PRQ_SI("current_release_date"), &in->r.modified },
        { PRQ_SI("initial_release_date"), &in->r.published },
    };
    if (prq_json_object_or_skip(&in->j))
        prq_json_texts(&in->j, wanted, PRQ_COUNT(wanted));
}

static void read_document(struct reader *in)
{
    const struct prq_json_text text = { PRQ_SI("text"), &in->impact };
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("title"))) {
            prq_json_string_or_skip(&in->j, &in->r.summary);
        } else if (prq_str_eq(key, PRQ_S("tracking"))) {
            read_tracking(in);
        } else if (prq_str_eq(key, PRQ_S("references"))) {
            prq_csaf_references(&in->j, in->a, &in->r, &in->reference_cap, true); /* CVEs have theirs */
        } else if (prq_str_eq(key, PRQ_S("aggregate_severity"))) {
            if (prq_json_object_or_skip(&in->j))
                prq_json_texts(&in->j, &text, 1);
        } else {
            prq_json_skip(&in->j);
        }
    }
}

static void read_vulnerabilities(struct reader *in)
{
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        prq_str cve = { 0 };
        const struct prq_json_text wanted = { PRQ_SI("cve"), &cve };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        prq_json_texts(&in->j, &wanted, 1);
        if (prq_feed_is_cve(cve) && !prq_db_strs_add(&in->r.cves, &in->cve_cap, cve, in->a))
            prq_json_no_memory(&in->j);
    }
}

bool prq_csaf_advisory_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                             struct prq_err *err)
{
    struct reader in = { .a = a, .r = { .source = PRQ_S("redhat-csaf") } };
    struct prq_mark mark = prq_arena_mark(a);
    struct prq_rating rating = { PRQ_S("redhat"), PRQ_S("word"), { 0 }, false };
    prq_str key;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a CSAF document: no JSON object");
    while (prq_json_key(&in.j, &key)) {
        if (prq_str_eq(key, PRQ_S("document")))
            read_document(&in);
        else if (prq_str_eq(key, PRQ_S("vulnerabilities")))
            read_vulnerabilities(&in);
        else
            prq_json_skip(&in.j);
    }
    bool ok = prq_json_end(&in.j, err);
    if (ok && !prq_is_record_id(in.r.id)) {
        sink->skip(sink->user, prq_str_head(in.r.id, 40), "an advisory without a usable id");
    } else if (ok) {
        in.r.published = prq_feed_time_utc(in.r.published, a);
        in.r.modified = prq_feed_time_utc(in.r.modified, a);
        rating.value = in.impact;
        in.r.ratings = &rating;
        in.r.rating_count = prq_is_row_text(in.impact);
        /* a bug-fix advisory counts only if it names a CVE (matching.md 3) */
        ok = !prq_osv_counts(&in.r) || sink->record(sink->user, &in.r, err);
    }
    prq_arena_rewind(a, mark);
    return ok;
}
