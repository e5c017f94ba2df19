/* SPDX-License-Identifier: Apache-2.0 */
/* The security tracker of Arch Linux: all.json. Source: matching.md 3.10.
 *
 *   [{"name":"AVG-1","packages":["a"],"status":"Fixed","severity":"Medium","type":"…",
 *     "affected":"1-1","fixed":"2-1","issues":["CVE-…"],"advisories":["ASA-…"]}]
 *
 * A group is one record of several CVEs. */
#include "db/feedrow.h"
#include "db/jsonutil.h"

struct group {
    prq_str name, status, severity, type, affected, fixed;
    struct prq_strs packages, issues, advisories;
};

static void read_group(struct prq_json *j, struct prq_arena *a, struct group *g)
{
    prq_str key;
    const struct {
        prq_str key;
        prq_str *text;
        struct prq_strs *list;
    } members[] = {
        { PRQ_S("name"), &g->name, NULL },         { PRQ_S("status"), &g->status, NULL },
        { PRQ_S("severity"), &g->severity, NULL }, { PRQ_S("type"), &g->type, NULL },
        { PRQ_S("affected"), &g->affected, NULL }, { PRQ_S("fixed"), &g->fixed, NULL },
        { PRQ_S("packages"), NULL, &g->packages }, { PRQ_S("issues"), NULL, &g->issues },
        { PRQ_S("advisories"), NULL, &g->advisories },
    };
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(members) && !prq_str_eq(members[i].key, key))
            i++;
        if (i == PRQ_COUNT(members))
            prq_json_skip(j);
        else if (members[i].text)
            prq_json_string_or_skip(j, members[i].text);
        else
            prq_db_json_strs(j, a, members[i].list);
    }
}

static void keep_usable(struct prq_strs *list, bool (*is_usable)(prq_str))
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (is_usable(list->v[i]))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

static const char *settle(struct group *g)
{
    static const prq_str known[] = { PRQ_SI("Vulnerable"), PRQ_SI("Fixed"), PRQ_SI("Testing"),
                                     PRQ_SI("Not affected"), PRQ_SI("Unknown") };
    bool is_known = false;
    for (size_t i = 0; i < PRQ_COUNT(known); i++)
        is_known |= prq_str_eq(g->status, known[i]);
    keep_usable(&g->packages, prq_is_row_text);
    keep_usable(&g->issues, prq_feed_is_cve);
    keep_usable(&g->advisories, prq_is_record_id);
    if (!prq_is_record_id(g->name))
        return "a group without a name";
    if (!is_known)
        return "a group without a known status";
    if (!g->packages.n)
        return "a group without a package";
    if (!g->issues.n)
        return "a group without a CVE";
    return NULL;
}

/* Vulnerable when affected ≤ v, and v < fixed where there is a fix; one that is in "testing" only
 * counts, as its version says what has it. */
static bool fill_row(const struct group *g, struct prq_affected *row, struct prq_arena *a)
{
    row->advisories = g->advisories;
    if (prq_str_eq(g->status, PRQ_S("Not affected"))) {
        row->state = PRQ_FIX_NOT_AFFECTED;
        return true;
    }
    prq_str from = prq_is_row_text(g->affected) ? g->affected : PRQ_S("0");
    prq_str fixed = prq_is_row_text(g->fixed) ? g->fixed : (prq_str){ 0 };
    if (!prq_feed_range(row, from, PRQ_EVENT_FIXED, fixed, a))
        return false;
    if (prq_str_eq(g->status, PRQ_S("Unknown")))
        row->state = PRQ_FIX_UNDER_INVESTIGATION;
    else if (prq_str_eq(g->status, PRQ_S("Testing")))
        row->note = PRQ_S("testing");
    return true;
}

static bool emit(const struct group *g, struct prq_arena *a, const struct prq_feed_sink *sink,
                 struct prq_err *err)
{
    struct prq_record r = { .source = PRQ_S("arch-tracker"), .id = g->name, .cves = g->issues,
                            .affected_count = g->packages.n };
    bool ok = prq_feed_rating(PRQ_S("arch"), "word", g->severity, &r.ratings, &r.rating_count, a);
    r.affected = prq_new_n(a, struct prq_affected, g->packages.n);
    r.summary = prq_is_row_text(g->type) ? g->type : (prq_str){ 0 };
    ok = ok && r.affected;
    for (size_t i = 0; ok && i < g->packages.n; i++) {
        r.affected[i] = (struct prq_affected){ .space = PRQ_S("Arch Linux"),
                                               .name = g->packages.v[i] };
        ok = fill_row(g, &r.affected[i], a);
    }
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget",
                        PRQ_FMT(g->name));
    return sink->record(sink->user, &r, err);
}

bool prq_arch_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                    struct prq_err *err)
{
    struct prq_json j;
    prq_json_init(&j, json, a, NULL);
    if (!prq_json_enter_array(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not Arch's tracker: no JSON array");
    while (prq_json_item(&j)) {
        struct prq_mark mark = prq_arena_mark(a);
        struct group g = { .name = { 0 } };
        read_group(&j, a, &g);
        if (j.bad)
            break;
        const char *fault = settle(&g);
        if (fault)
            sink->skip(sink->user, prq_str_head(g.name, 64), fault);
        else if (!emit(&g, a, sink, err))
            return false;
        prq_arena_rewind(a, mark);
    }
    return prq_json_end(&j, err);
}
