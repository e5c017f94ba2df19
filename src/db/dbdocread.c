/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON of records: the reader. */
#include "db/dbdoc.h"
#include "db/dbwords.h"
#include "db/jsonutil.h"

const prq_str prq_state_words[PRQ_DB_STATES] = {
    [PRQ_FIX_UNKNOWN] = PRQ_SI("unknown"),
    [PRQ_FIX_FIXED] = PRQ_SI("fixed"),
    [PRQ_FIX_NOT_FIXED] = PRQ_SI("not-fixed"),
    [PRQ_FIX_WONT_FIX] = PRQ_SI("wont-fix"),
    [PRQ_FIX_DEFERRED] = PRQ_SI("deferred"),
    [PRQ_FIX_END_OF_LIFE] = PRQ_SI("end-of-life"),
    [PRQ_FIX_UNDER_INVESTIGATION] = PRQ_SI("under-investigation"),
    [PRQ_FIX_NOT_AFFECTED] = PRQ_SI("not-affected"),
};

const prq_str prq_event_words[PRQ_DB_EVENTS] = {
    [PRQ_EVENT_INTRODUCED] = PRQ_SI("introduced"),
    [PRQ_EVENT_FIXED] = PRQ_SI("fixed"),
    [PRQ_EVENT_LAST_AFFECTED] = PRQ_SI("last_affected"),
    [PRQ_EVENT_LIMIT] = PRQ_SI("limit"),
};

size_t prq_word_index(const prq_str *table, size_t n, prq_str word)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(table[i], word))
            return i;
    return n;
}

static void bad_word(struct prq_json *j)
{
    if (!j->bad) {
        j->bad = true;
        j->code = PRQ_E_FORMAT;
        j->bad_at = j->at;
        j->why = "a word that the schema does not have";
    }
}

static bool get_flag(struct prq_json *j)
{
    uint64_t v = 0;
    return prq_json_u64_or_skip(j, &v) && v == 1;
}

/* What a member of an object is read into. */
enum kind { TEXT, LIST, FLAG };
struct member {
    prq_str key;
    enum kind kind;
    size_t offset;
};

static bool read_member(struct prq_json *j, prq_str key, const struct member *table, size_t n,
                        void *to, struct prq_arena *a)
{
    for (size_t i = 0; i < n; i++) {
        if (!prq_str_eq(table[i].key, key))
            continue;
        void *field = (char *)to + table[i].offset;
        if (table[i].kind == TEXT)
            prq_json_string_or_skip(j, field);
        else if (table[i].kind == LIST)
            prq_db_json_strs(j, a, field);
        else
            *(bool *)field = get_flag(j);
        return true;
    }
    return false;
}

static void read_range(struct prq_json *j, struct prq_arena *a, struct prq_range *out)
{
    size_t cap = 0;
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        prq_str word = { 0 }, version = { 0 };
        if (!prq_json_string(j, &word))
            return;
        if (!prq_json_item(j)) { /* a kind without its version */
            bad_word(j);
            return;
        }
        if (!prq_json_string(j, &version))
            return;
        size_t kind = prq_word_index(prq_event_words, PRQ_DB_EVENTS, word);
        if (kind == PRQ_DB_EVENTS) {
            bad_word(j);
            return;
        }
        if (!prq_arena_grow(a, &out->events, sizeof *out->events, &cap, out->n + 1)) {
            prq_json_no_memory(j);
            return;
        }
        out->events[out->n++] = (struct prq_event){ (enum prq_event_kind)kind, version };
    }
}

static void read_rating(struct prq_json *j, struct prq_arena *a, struct prq_rating *out)
{
    static const struct member members[] = {
        { PRQ_SI("primary"), FLAG, offsetof(struct prq_rating, is_primary) },
        { PRQ_SI("scheme"), TEXT, offsetof(struct prq_rating, scheme) },
        { PRQ_SI("source"), TEXT, offsetof(struct prq_rating, source) },
        { PRQ_SI("value"), TEXT, offsetof(struct prq_rating, value) },
    };
    prq_str key;
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key))
        if (!read_member(j, key, members, PRQ_COUNT(members), out, a))
            prq_json_skip(j);
}

static void read_ratings(struct prq_json *j, struct prq_arena *a, struct prq_rating **v, size_t *n)
{
    size_t cap = 0;
    *n = 0;
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        if (!prq_arena_grow(a, v, sizeof **v, &cap, *n + 1)) {
            prq_json_no_memory(j);
            return;
        }
        (*v)[*n] = (struct prq_rating){ 0 };
        read_rating(j, a, &(*v)[(*n)++]);
    }
}

static void read_ranges(struct prq_json *j, struct prq_arena *a, struct prq_affected *out)
{
    size_t cap = 0;
    out->range_count = 0;
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        if (!prq_arena_grow(a, &out->ranges, sizeof *out->ranges, &cap, out->range_count + 1)) {
            prq_json_no_memory(j);
            return;
        }
        out->ranges[out->range_count] = (struct prq_range){ 0 };
        read_range(j, a, &out->ranges[out->range_count++]);
    }
}

/* A fixed row without a list of fixes has the one of its ranges. */
static void imply_fixed(struct prq_json *j, struct prq_arena *a, struct prq_affected *p)
{
    size_t cap = 0;
    if (p->state != PRQ_FIX_FIXED || p->fixed.n)
        return;
    for (size_t i = 0; i < p->range_count; i++)
        for (size_t k = 0; k < p->ranges[i].n; k++)
            if (p->ranges[i].events[k].kind == PRQ_EVENT_FIXED) {
                if (!prq_db_strs_add(&p->fixed, &cap, p->ranges[i].events[k].version, a))
                    prq_json_no_memory(j);
                return;
            }
}

static void read_affected_member(struct prq_json *j, prq_str key, struct prq_arena *a,
                                 struct prq_affected *out)
{
    static const struct member members[] = {
        { PRQ_SI("advisories"), LIST, offsetof(struct prq_affected, advisories) },
        { PRQ_SI("arches"), LIST, offsetof(struct prq_affected, arches) },
        { PRQ_SI("cpes"), LIST, offsetof(struct prq_affected, cpes) },
        { PRQ_SI("fixed"), LIST, offsetof(struct prq_affected, fixed) },
        { PRQ_SI("goos"), TEXT, offsetof(struct prq_affected, goos) },
        { PRQ_SI("is_source"), FLAG, offsetof(struct prq_affected, is_source) },
        { PRQ_SI("module"), TEXT, offsetof(struct prq_affected, module) },
        { PRQ_SI("name"), TEXT, offsetof(struct prq_affected, name) },
        { PRQ_SI("note"), TEXT, offsetof(struct prq_affected, note) },
        { PRQ_SI("space"), TEXT, offsetof(struct prq_affected, space) },
        { PRQ_SI("spelling"), TEXT, offsetof(struct prq_affected, spelling) },
        { PRQ_SI("versions"), LIST, offsetof(struct prq_affected, versions) },
    };
    if (prq_str_eq(key, PRQ_S("ranges"))) {
        read_ranges(j, a, out);
    } else if (prq_str_eq(key, PRQ_S("ratings"))) {
        read_ratings(j, a, &out->ratings, &out->rating_count);
    } else if (prq_str_eq(key, PRQ_S("state"))) {
        prq_str word = { 0 };
        prq_json_string_or_skip(j, &word);
        size_t state = prq_word_index(prq_state_words, PRQ_DB_STATES, word);
        if (state == PRQ_DB_STATES)
            bad_word(j);
        else
            out->state = (enum prq_fix_state)state;
    } else if (!read_member(j, key, members, PRQ_COUNT(members), out, a)) {
        prq_json_skip(j);
    }
}

static void read_affected(struct prq_json *j, struct prq_arena *a, struct prq_record *out)
{
    size_t cap = 0;
    out->affected_count = 0;
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        if (!prq_arena_grow(a, &out->affected, sizeof *out->affected, &cap,
                            out->affected_count + 1)) {
            prq_json_no_memory(j);
            return;
        }
        struct prq_affected *p = &out->affected[out->affected_count++];
        *p = (struct prq_affected){ 0 };
        prq_str key;
        if (!prq_json_object_or_skip(j))
            continue;
        while (prq_json_key(j, &key))
            read_affected_member(j, key, a, p);
        imply_fixed(j, a, p);
    }
}

static void read_references(struct prq_json *j, struct prq_arena *a, struct prq_record *out)
{
    static const struct member members[] = {
        { PRQ_SI("type"), TEXT, offsetof(struct prq_reference, type) },
        { PRQ_SI("url"), TEXT, offsetof(struct prq_reference, url) },
    };
    size_t cap = 0;
    out->reference_count = 0;
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        prq_str key;
        if (!prq_arena_grow(a, &out->references, sizeof *out->references, &cap,
                            out->reference_count + 1)) {
            prq_json_no_memory(j);
            return;
        }
        struct prq_reference *r = &out->references[out->reference_count++];
        *r = (struct prq_reference){ 0 };
        if (!prq_json_object_or_skip(j))
            continue;
        while (prq_json_key(j, &key))
            if (!read_member(j, key, members, PRQ_COUNT(members), r, a))
                prq_json_skip(j);
    }
}

bool prq_record_parse(prq_str doc, struct prq_arena *a, struct prq_record *out, struct prq_err *err)
{
    static const struct member members[] = {
        { PRQ_SI("aliases"), LIST, offsetof(struct prq_record, aliases) },
        { PRQ_SI("configurations"), TEXT, offsetof(struct prq_record, configurations) },
        { PRQ_SI("cves"), LIST, offsetof(struct prq_record, cves) },
        { PRQ_SI("cwes"), LIST, offsetof(struct prq_record, cwes) },
        { PRQ_SI("details"), TEXT, offsetof(struct prq_record, details) },
        { PRQ_SI("disputed"), FLAG, offsetof(struct prq_record, is_disputed) },
        { PRQ_SI("id"), TEXT, offsetof(struct prq_record, id) },
        { PRQ_SI("malicious"), FLAG, offsetof(struct prq_record, is_malicious) },
        { PRQ_SI("modified"), TEXT, offsetof(struct prq_record, modified) },
        { PRQ_SI("published"), TEXT, offsetof(struct prq_record, published) },
        { PRQ_SI("source"), TEXT, offsetof(struct prq_record, source) },
        { PRQ_SI("summary"), TEXT, offsetof(struct prq_record, summary) },
        { PRQ_SI("upstream"), LIST, offsetof(struct prq_record, upstream) },
        { PRQ_SI("withdrawn"), FLAG, offsetof(struct prq_record, is_withdrawn) },
    };
    struct prq_record r = { 0 };
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, doc, a, NULL);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "a record is not a JSON object");
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("affected")))
            read_affected(&j, a, &r);
        else if (prq_str_eq(key, PRQ_S("ratings")))
            read_ratings(&j, a, &r.ratings, &r.rating_count);
        else if (prq_str_eq(key, PRQ_S("references")))
            read_references(&j, a, &r);
        else if (!read_member(&j, key, members, PRQ_COUNT(members), &r, a))
            prq_json_skip(&j);
    }
    if (!prq_json_end(&j, err))
        return false;
    *out = r;
    return true;
}

bool prq_cve_parse(prq_str doc, struct prq_arena *a, struct prq_cve_info *info, struct prq_err *err)
{
    static const struct member members[] = {
        { PRQ_SI("action"), TEXT, offsetof(struct prq_cve_info, kev_action) },
        { PRQ_SI("added"), TEXT, offsetof(struct prq_cve_info, kev_added) },
        { PRQ_SI("date"), TEXT, offsetof(struct prq_cve_info, epss_date) },
        { PRQ_SI("due"), TEXT, offsetof(struct prq_cve_info, kev_due) },
        { PRQ_SI("percentile"), TEXT, offsetof(struct prq_cve_info, epss_percentile) },
        { PRQ_SI("ransomware"), FLAG, offsetof(struct prq_cve_info, kev_ransomware) },
        { PRQ_SI("score"), TEXT, offsetof(struct prq_cve_info, epss_score) },
    };
    struct prq_strs cwes = { 0 };
    prq_str source = { 0 }, summary = { 0 }, key;
    struct prq_json j;
    prq_json_init(&j, doc, a, NULL);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "a record is not a JSON object");
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("cwes")))
            prq_db_json_strs(&j, a, &cwes);
        else if (prq_str_eq(key, PRQ_S("source")))
            prq_json_string_or_skip(&j, &source);
        else if (prq_str_eq(key, PRQ_S("summary")))
            prq_json_string_or_skip(&j, &summary);
        else if (!read_member(&j, key, members, PRQ_COUNT(members), info, a))
            prq_json_skip(&j);
    }
    if (!prq_json_end(&j, err))
        return false;
    if (!info->cwes.n)
        info->cwes = cwes;
    if (!info->summary.n)
        info->summary = summary;
    info->is_kev |= prq_str_eq(source, PRQ_S("kev"));
    info->has_epss |= prq_str_eq(source, PRQ_S("epss"));
    return true;
}
