/* SPDX-License-Identifier: Apache-2.0 */
/* The security database of Alpine and the distributions that copied its shape.
 * Source: matching.md 3.4, 3.5.
 *
 *   {"packages":[{"pkg":{"name":…,"secfixes":{"<fixed version>":["CVE-… XSA-…", …], "0":[…]}}}]}
 *
 * Each identifier of each entry is a record of its own with one affected package; the builder joins
 * the records of one identifier. */
#include "db/feed.h"
#include "db/jsonutil.h"

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    prq_str source, space;
    bool stopped; /* the sink said no, and *err says why */
};

/* The identifiers of one entry: "CVE-2020-1 CVE-2020-2 (+ regression fix) XSA-1". */
struct ids {
    prq_str cves[16], others[16];
    size_t cve_count, other_count;
};

/* "CVE_2019_1" occurs for "CVE-2019-1"; brackets, commas and colons stand around identifiers. */
static prq_str clean_id(prq_str word, struct prq_arena *a)
{
    while (word.n && !prq_is_alnum(word.p[0]))
        word = prq_str_from_at(word, 1);
    while (word.n && !prq_is_alnum(word.p[word.n - 1]))
        word.n--;
    if (!prq_str_starts(word, PRQ_S("CVE_")))
        return word;
    prq_str copy = prq_arena_copy(a, word);
    char *p = copy.n ? prq_arena_alloc(a, copy.n) : NULL;
    if (!p)
        return (prq_str){ 0 };
    for (size_t i = 0; i < copy.n; i++)
        p[i] = copy.p[i] == '_' ? '-' : copy.p[i];
    return (prq_str){ p, copy.n };
}

static bool is_other_id(prq_str s)
{
    return prq_feed_is_ghsa(s) ||
           (prq_str_starts(s, PRQ_S("CGA-")) && s.n > 4 && prq_is_record_id(s));
}

static struct ids split_ids(prq_str entry, struct prq_arena *a)
{
    struct ids ids = { .cve_count = 0 };
    size_t at = 0;
    while (at < entry.n) {
        while (at < entry.n && prq_is_space(entry.p[at]))
            at++;
        size_t from = at;
        while (at < entry.n && !prq_is_space(entry.p[at]))
            at++;
        prq_str word = clean_id((prq_str){ entry.p + from, at - from }, a);
        if (prq_feed_is_cve(word) && ids.cve_count < PRQ_COUNT(ids.cves))
            ids.cves[ids.cve_count++] = word;
        else if (is_other_id(word) && ids.other_count < PRQ_COUNT(ids.others))
            ids.others[ids.other_count++] = word;
    }
    return ids;
}

static void emit(struct reader *in, prq_str name, prq_str fixed, prq_str id,
                 struct prq_strs aliases)
{
    struct prq_event events[2] = { { PRQ_EVENT_INTRODUCED, PRQ_S("0") },
                                   { PRQ_EVENT_FIXED, fixed } };
    struct prq_range range = { events, PRQ_COUNT(events) };
    struct prq_affected row = { .space = in->space, .name = name, .is_source = true };
    if (prq_str_eq(fixed, PRQ_S("0"))) {
        row.state = PRQ_FIX_NOT_AFFECTED;
    } else {
        row.state = PRQ_FIX_FIXED;
        row.ranges = &range;
        row.range_count = 1;
        row.fixed = (struct prq_strs){ &fixed, 1 };
    }
    struct prq_record r = {
        .source = in->source, .id = id, .aliases = aliases, .affected = &row, .affected_count = 1
    };
    if (!in->sink->record(in->sink->user, &r, in->err))
        in->stopped = true;
}

static void one_entry(struct reader *in, prq_str name, prq_str fixed, prq_str entry)
{
    struct ids ids = split_ids(entry, in->a);
    bool is_alias = ids.cve_count == 1;
    struct prq_strs aliases = { ids.others, is_alias ? ids.other_count : 0 };
    if (ids.cve_count + ids.other_count == 0)
        in->sink->skip(in->sink->user, name, "an entry without a CVE or GHSA id");
    for (size_t i = 0; i < ids.cve_count && !in->stopped; i++)
        emit(in, name, fixed, ids.cves[i], aliases);
    for (size_t i = 0; !is_alias && i < ids.other_count && !in->stopped; i++)
        emit(in, name, fixed, ids.others[i], (struct prq_strs){ 0 });
}

static void read_fixes(struct reader *in, prq_str name)
{
    prq_str fixed, entry;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (!in->stopped && prq_json_key(&in->j, &fixed)) {
        struct prq_mark mark = prq_arena_mark(in->a);
        if (!prq_is_row_text(fixed)) {
            in->sink->skip(in->sink->user, name, "a fixed version that is none");
            prq_json_skip(&in->j);
            continue;
        }
        if (!prq_json_array_or_skip(&in->j))
            continue;
        while (!in->stopped && prq_json_item(&in->j))
            if (prq_json_string_or_skip(&in->j, &entry))
                one_entry(in, name, fixed, entry);
        prq_arena_rewind(in->a, mark);
    }
}

/* {"name":…,"secfixes":{…}}: the name may come after the fixes, so those are kept raw. */
static void read_pkg(struct reader *in)
{
    prq_str key, name = { 0 }, fixes = { 0 };
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(&in->j, &name);
        else if (prq_str_eq(key, PRQ_S("secfixes")))
            prq_json_raw(&in->j, &fixes);
        else
            prq_json_skip(&in->j);
    }
    if (in->j.bad || !fixes.n)
        return;
    if (!prq_is_row_text(name)) {
        in->sink->skip(in->sink->user, name, "a package without a usable name");
        return;
    }
    struct prq_json outer = in->j;
    prq_json_init(&in->j, fixes, in->a, NULL);
    read_fixes(in, name);
    bool bad = in->j.bad;
    in->j = outer;
    if (bad)
        prq_json_no_memory(&in->j); /* its syntax was checked as it was passed over */
}

static void read_packages(struct reader *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (!in->stopped && prq_json_item(&in->j)) {
        struct prq_mark mark = prq_arena_mark(in->a);
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (!in->stopped && prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("pkg")))
                read_pkg(in);
            else
                prq_json_skip(&in->j);
        }
        prq_arena_rewind(in->a, mark);
    }
}

bool prq_secdb_parse(prq_str json, prq_str source, prq_str space, struct prq_arena *a,
                     const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct reader in = { .a = a, .sink = sink, .err = err, .source = source, .space = space };
    bool seen = false;
    prq_str key;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a secdb: no JSON object");
    while (!in.stopped && prq_json_key(&in.j, &key)) {
        if (prq_str_eq(key, PRQ_S("packages"))) {
            seen = true;
            read_packages(&in);
        } else {
            prq_json_skip(&in.j);
        }
    }
    if (in.stopped)
        return false;
    if (!prq_json_end(&in.j, err))
        return false;
    return seen || prq_fail_at(err, PRQ_E_FORMAT, 0, "not a secdb: no packages");
}
