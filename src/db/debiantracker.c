/* SPDX-License-Identifier: Apache-2.0 */
/* Debian's security tracker. Source: matching.md 3.2; /tracker/data/json.
 *
 *   { "<source package>": { "CVE-…" | "TEMP-…": { "description", "releases": { "<codename>":
 *     { "status", "fixed_version", "urgency", "nodsa", "nodsa_reason",
 *       "repositories": { suite: version } } } } } }
 */
#include "db/dbspace.h"
#include "db/feed.h"
#include "db/jsonutil.h"
#include "version/version.h"

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_debian_lists *lists;
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    bool stopped;
    /* of the record being read */
    struct prq_affected *rows;
    size_t row_count, row_cap;
};

struct release {
    prq_str status, fixed, urgency, nodsa, nodsa_reason;
    bool has_nodsa, has_repositories;
    prq_str highest; /* version in any suite of the release */
};

static void read_repositories(struct reader *in, struct release *out)
{
    prq_str suite;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &suite)) {
        prq_str version = { 0 };
        if (!prq_json_string_or_skip(&in->j, &version) || !version.n)
            continue;
        if (!out->has_repositories || prq_deb_compare(version, out->highest) > 0)
            out->highest = version;
        out->has_repositories = true;
    }
}

static struct release read_release(struct reader *in)
{
    struct release r = { .has_nodsa = false };
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return r;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("status")))
            prq_json_string_or_skip(&in->j, &r.status);
        else if (prq_str_eq(key, PRQ_S("fixed_version")))
            prq_json_string_or_skip(&in->j, &r.fixed);
        else if (prq_str_eq(key, PRQ_S("urgency")))
            prq_json_string_or_skip(&in->j, &r.urgency);
        else if (prq_str_eq(key, PRQ_S("nodsa")))
            r.has_nodsa = prq_json_string_or_skip(&in->j, &r.nodsa);
        else if (prq_str_eq(key, PRQ_S("nodsa_reason")))
            prq_json_string_or_skip(&in->j, &r.nodsa_reason);
        else if (prq_str_eq(key, PRQ_S("repositories")))
            read_repositories(in, &r);
        else
            prq_json_skip(&in->j);
    }
    return r;
}

/* The tracker's word without its footnote marks ("low**"); "not yet assigned" and "end-of-life" are
 * no rating. */
static prq_str rating_of(prq_str urgency)
{
    static const prq_str words[] = { PRQ_SI("unimportant"), PRQ_SI("low"), PRQ_SI("medium"),
                                     PRQ_SI("high") };
    while (urgency.n && urgency.p[urgency.n - 1] == '*')
        urgency.n--;
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_eq(words[i], urgency))
            return words[i];
    return (prq_str){ 0 };
}

static prq_str note_of(struct reader *in, const struct release *r)
{
    if (!r->has_nodsa)
        return prq_str_eq(r->urgency, PRQ_S("end-of-life")) ? r->urgency : (prq_str){ 0 };
    prq_str word = r->nodsa_reason.n ? r->nodsa_reason : PRQ_S("no-dsa");
    prq_str text =
        r->nodsa.n ? prq_arena_printf(in->a, "%.*s: %.*s", PRQ_FMT(word), PRQ_FMT(r->nodsa)) : word;
    return text;
}

/* The state of a release that has no fix (yet). */
static enum prq_fix_state unfixed_state(const struct release *r)
{
    if (prq_str_eq(r->urgency, PRQ_S("end-of-life")))
        return PRQ_FIX_END_OF_LIFE;
    if (prq_str_eq(r->nodsa_reason, PRQ_S("ignored")))
        return PRQ_FIX_WONT_FIX;
    if (prq_str_eq(r->nodsa_reason, PRQ_S("postponed")))
        return PRQ_FIX_DEFERRED;
    return PRQ_FIX_NOT_FIXED;
}

/* NULL: the state and ranges are set; else why the release says nothing. */
static const char *judge(const struct release *r, struct prq_affected *row)
{
    bool has_fix = prq_is_row_text(r->fixed), is_zero = prq_str_eq(r->fixed, PRQ_S("0"));
    bool resolved = prq_str_eq(r->status, PRQ_S("resolved"));
    if (prq_str_eq(r->status, PRQ_S("undetermined"))) {
        row->state = PRQ_FIX_UNDER_INVESTIGATION;
        row->ranges[0].n = 1;
        return NULL;
    }
    if (!resolved && !prq_str_eq(r->status, PRQ_S("open")))
        return "a release without a known status";
    if (resolved && !has_fix)
        return "a resolved release without a fixed version";
    if (resolved && is_zero) {
        row->state = PRQ_FIX_NOT_AFFECTED;
        row->range_count = 0;
        return NULL;
    }
    has_fix = has_fix && !is_zero;
    row->ranges[0].n = has_fix ? 2 : 1;
    /* A fix that no suite of the release has is not there yet. */
    bool is_published = !r->has_repositories || prq_deb_compare(r->fixed, r->highest) <= 0;
    if (resolved && has_fix && is_published) {
        row->state = PRQ_FIX_FIXED;
        row->fixed.n = 1;
    } else {
        row->state = unfixed_state(r);
    }
    return NULL;
}

static bool fill_row(struct reader *in, const struct release *r, struct prq_affected *row)
{
    struct prq_event *events = prq_new_n(in->a, struct prq_event, 2);
    row->ranges = prq_new(in->a, struct prq_range);
    row->fixed.v = prq_new(in->a, prq_str);
    row->ratings = prq_new(in->a, struct prq_rating);
    if (!events || !row->ranges || !row->fixed.v || !row->ratings)
        return prq_json_no_memory(&in->j);
    events[0] = (struct prq_event){ PRQ_EVENT_INTRODUCED, PRQ_S("0") };
    events[1] = (struct prq_event){ PRQ_EVENT_FIXED, r->fixed };
    row->ranges[0].events = events;
    row->range_count = 1;
    row->fixed.v[0] = r->fixed;
    prq_str word = rating_of(r->urgency);
    if (word.n)
        row->ratings[row->rating_count++] =
            (struct prq_rating){ PRQ_S("debian"), PRQ_S("word"), word, false };
    return true;
}

static void one_release(struct reader *in, prq_str package, prq_str id, prq_str codename)
{
    struct release r = read_release(in);
    struct prq_affected row = { .space = prq_space_of_codename(codename),
                                .name = package,
                                .is_source = true };
    if (in->j.bad || !fill_row(in, &r, &row))
        return;
    const char *why = row.space.n ? judge(&r, &row) : "a release of an unknown name";
    if (why) {
        in->sink->skip(in->sink->user, id, why);
        return;
    }
    if (row.state != PRQ_FIX_FIXED && row.state != PRQ_FIX_NOT_AFFECTED)
        row.note = note_of(in, &r);
    if (in->lists && row.state == PRQ_FIX_FIXED)
        row.advisories = prq_debian_advisories(in->lists, package, codename, id, r.fixed, in->a);
    if (!prq_arena_grow(in->a, &in->rows, sizeof *in->rows, &in->row_cap, in->row_count + 1)) {
        prq_json_no_memory(&in->j);
        return;
    }
    in->rows[in->row_count++] = row;
}

static void one_issue(struct reader *in, prq_str package, prq_str id)
{
    prq_str key, description = { 0 };
    in->rows = NULL;
    in->row_count = in->row_cap = 0;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        prq_str codename;
        if (prq_str_eq(key, PRQ_S("description"))) {
            prq_json_string_or_skip(&in->j, &description);
        } else if (prq_str_eq(key, PRQ_S("releases"))) {
            if (prq_json_object_or_skip(&in->j))
                while (prq_json_key(&in->j, &codename))
                    one_release(in, package, id, codename);
        } else {
            prq_json_skip(&in->j);
        }
    }
    if (in->j.bad)
        return;
    bool is_temp = prq_str_starts(id, PRQ_S("TEMP-")) && prq_is_record_id(id);
    if (!prq_feed_is_cve(id) && !is_temp) {
        in->sink->skip(in->sink->user, id, "an issue that is neither CVE nor TEMP");
        return;
    }
    struct prq_record r = { .source = PRQ_S("debian-tracker"),
                            .id = id,
                            .details = description,
                            .is_disputed = prq_str_starts(description, PRQ_S("** DISPUTED **")),
                            .affected = in->rows,
                            .affected_count = in->row_count };
    if (!in->sink->record(in->sink->user, &r, in->err))
        in->stopped = true;
}

static void one_package(struct reader *in, prq_str package)
{
    prq_str id;
    if (!prq_is_row_text(package)) {
        in->sink->skip(in->sink->user, (prq_str){ 0 }, "a package without a usable name");
        prq_json_skip(&in->j);
        return;
    }
    if (!prq_json_object_or_skip(&in->j))
        return;
    struct prq_mark mark = prq_arena_mark(in->a);
    while (!in->stopped && prq_json_key(&in->j, &id)) {
        one_issue(in, package, id);
        prq_arena_rewind(in->a, mark);
    }
}

bool prq_debian_tracker_parse(prq_str json, const struct prq_debian_lists *lists,
                              struct prq_arena *a, const struct prq_feed_sink *sink,
                              struct prq_err *err)
{
    struct reader in = { .a = a, .lists = lists, .sink = sink, .err = err };
    prq_str package;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not the tracker's data: no JSON object");
    struct prq_mark mark = prq_arena_mark(a);
    while (!in.stopped && prq_json_key(&in.j, &package)) {
        one_package(&in, package);
        prq_arena_rewind(a, mark);
    }
    return !in.stopped && prq_json_end(&in.j, err);
}
