/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of a saved report. Source of the form: docs/report.schema.json. */
#include "store/reportparts.h"

bool prq_report_string(struct prq_report_reader *r, prq_str key, const struct prq_report_field *f)
{
    while (f->name && !prq_report_is(key, f->name))
        f++;
    if (f->name)
        prq_json_string_or_skip(&r->j, f->to);
    return f->name != NULL;
}

bool prq_report_enter(struct prq_report_reader *r)
{
    if (prq_json_enter_object(&r->j))
        return true;
    prq_json_skip(&r->j);
    return false;
}

void prq_report_each(struct prq_report_reader *r, void (*one)(struct prq_report_reader *r))
{
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_item(&r->j))
        one(r);
}

bool prq_report_room(struct prq_report_reader *r, void *items, size_t size, size_t *cap, size_t n,
                     uint64_t max)
{
    r->out_of_memory |= n >= max || !prq_arena_grow(r->a, items, size, cap, n + 1);
    return !r->out_of_memory;
}

void prq_report_strs(struct prq_report_reader *r, struct prq_strs *out)
{
    size_t cap = 0;
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_item(&r->j)) {
        prq_str s = { 0 };
        if (prq_json_string_or_skip(&r->j, &s) &&
            prq_report_room(r, &out->v, sizeof *out->v, &cap, out->n, r->limits->packages))
            out->v[out->n++] = s;
    }
}

enum { MANY = 100000 }; /* of what one finding has; more is an attack */

/* An array of objects: begin, then one round an object that was entered. */
static bool begin(struct prq_report_reader *r)
{
    if (prq_json_enter_array(&r->j))
        return true;
    prq_json_skip(&r->j);
    return false;
}

static bool next(struct prq_report_reader *r)
{
    while (!r->out_of_memory && prq_json_item(&r->j))
        if (prq_report_enter(r))
            return true;
    return false;
}

static void take_ratings(struct prq_report_reader *r, struct prq_finding *f)
{
    size_t cap = 0;
    prq_str key;
    if (!begin(r))
        return;
    while (next(r)) {
        struct prq_rating v = { 0 };
        prq_str type = { 0 };
        const struct prq_report_field fields[] = { { "scheme", &v.scheme }, { "source", &v.source },
                                                   { "type", &type }, { "value", &v.value }, { 0 } };
        while (prq_json_key(&r->j, &key))
            if (!prq_report_string(r, key, fields))
                prq_json_skip(&r->j);
        v.is_primary = prq_report_is(type, "Primary");
        if (prq_report_room(r, &f->ratings, sizeof v, &cap, f->rating_count, MANY))
            f->ratings[f->rating_count++] = v;
    }
}

static void take_references(struct prq_report_reader *r, struct prq_finding *f)
{
    size_t cap = 0;
    prq_str key;
    if (!begin(r))
        return;
    while (next(r)) {
        struct prq_reference v = { 0 };
        const struct prq_report_field fields[] = { { "type", &v.type }, { "url", &v.url }, { 0 } };
        while (prq_json_key(&r->j, &key))
            if (!prq_report_string(r, key, fields))
                prq_json_skip(&r->j);
        if (prq_report_room(r, &f->references, sizeof v, &cap, f->reference_count, MANY))
            f->references[f->reference_count++] = v;
    }
}

static void take_steps(struct prq_report_reader *r, struct prq_traced_range *range)
{
    size_t cap = 0;
    prq_str key;
    if (!begin(r))
        return;
    while (next(r)) {
        struct prq_step v = { 0 };
        prq_str kind = { 0 }, sign = { 0 };
        const struct prq_report_field fields[] = { { "event", &kind }, { "sign", &sign },
                                                   { "version", &v.version }, { 0 } };
        while (prq_json_key(&r->j, &key))
            if (!prq_report_string(r, key, fields))
                prq_json_skip(&r->j);
        bool is_known = sign.n == 1 && strchr("<=>?", sign.p[0]) && sign.p[0];
        v.sign = is_known ? sign.p[0] : '?';
        if (prq_event_parse(kind, &v.kind) &&
            prq_report_room(r, &range->steps, sizeof v, &cap, range->n, MANY))
            range->steps[range->n++] = v;
    }
}

static void take_ranges(struct prq_report_reader *r, struct prq_trace *t)
{
    size_t cap = 0;
    prq_str key;
    if (!begin(r))
        return;
    while (next(r)) {
        struct prq_traced_range v = { 0 };
        while (prq_json_key(&r->j, &key))
            if (prq_report_is(key, "affected"))
                prq_json_bool_or_skip(&r->j, &v.is_hit);
            else if (prq_report_is(key, "events"))
                take_steps(r, &v);
            else
                prq_json_skip(&r->j);
        if (prq_report_room(r, &t->ranges, sizeof v, &cap, t->n, MANY))
            t->ranges[t->n++] = v;
    }
}

static void take_trace(struct prq_report_reader *r, struct prq_trace *t)
{
    prq_str key;
    uint64_t left_out = 0, versions = 0;
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "every_version"))
            prq_json_bool_or_skip(&r->j, &t->is_everything);
        else if (prq_report_is(key, "invalid_version"))
            prq_json_bool_or_skip(&r->j, &t->is_invalid);
        else if (prq_report_is(key, "left_out"))
            prq_json_u64_or_skip(&r->j, &left_out);
        else if (prq_report_is(key, "listed"))
            prq_json_bool_or_skip(&r->j, &t->is_listed);
        else if (prq_report_is(key, "ranges"))
            take_ranges(r, t);
        else if (prq_report_is(key, "scheme"))
            prq_json_string_or_skip(&r->j, &t->scheme);
        else if (prq_report_is(key, "versions"))
            prq_json_u64_or_skip(&r->j, &versions);
        else
            prq_json_skip(&r->j);
    t->left_out = (size_t)left_out;
    t->listed = (size_t)versions;
}

static void take_why(struct prq_report_reader *r, struct prq_finding *f)
{
    prq_str key, relation = { 0 };
    const struct prq_report_field fields[] = {
        { "compared_version", &f->compared_version }, { "comparison", &f->comparison },
        { "confidence", &f->confidence }, { "family", &f->family },
        { "matched_name", &f->matched_name }, { "note", &f->note }, { "record", &f->record_id },
        { "record_digest", &f->record_digest }, { "relation", &relation },
        { "severity_rule", &f->severity_rule }, { "source", &f->record_source },
        { "space", &f->space }, { 0 },
    };
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "trace"))
            take_trace(r, &f->trace);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    f->is_indirect = prq_report_is(relation, "indirect");
}

/* `also` of an entry: NULL, as it has none of its own. */
static void take_by(struct prq_report_reader *r, struct prq_by *by, struct prq_finding *also)
{
    prq_str key;
    size_t cap = 0;
    const struct prq_report_field fields[] = { { "id", &by->id }, { "kind", &by->kind },
                                               { "reason", &by->reason }, { 0 } };
    while (prq_json_key(&r->j, &key)) {
        if (!also || !prq_report_is(key, "also")) {
            if (!prq_report_string(r, key, fields))
                prq_json_skip(&r->j);
            continue;
        }
        if (!begin(r))
            continue;
        while (next(r)) {
            struct prq_by one = { 0 };
            take_by(r, &one, NULL);
            if (prq_report_room(r, &also->also, sizeof one, &cap, also->also_count, MANY))
                also->also[also->also_count++] = one;
        }
        also = NULL; /* once */
    }
}

static void take_kev(struct prq_report_reader *r, struct prq_finding *f)
{
    prq_str key;
    const struct prq_report_field fields[] = { { "added", &f->kev_added }, { "due", &f->kev_due },
                                               { 0 } };
    if (!prq_report_enter(r))
        return;
    f->is_kev = true;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "ransomware"))
            prq_json_bool_or_skip(&r->j, &f->kev_ransomware);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
}

static void take_epss(struct prq_report_reader *r, struct prq_finding *f)
{
    prq_str key;
    const struct prq_report_field fields[] = { { "date", &f->epss_date },
                                               { "percentile", &f->epss_percentile },
                                               { "score", &f->epss_score }, { 0 } };
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
}

static void take_purl(struct prq_report_reader *r, prq_str *purl)
{
    prq_str key;
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "purl"))
            prq_json_string_or_skip(&r->j, purl);
        else
            prq_json_skip(&r->j);
}

/* Members that are no strings. False: `key` is none of them. */
static bool take_member(struct prq_report_reader *r, prq_str key, struct prq_finding *f,
                        prq_str *purl)
{
    if (prq_report_is(key, "advisories"))
        prq_report_strs(r, &f->advisories);
    else if (prq_report_is(key, "aliases"))
        prq_report_strs(r, &f->aliases);
    else if (prq_report_is(key, "by") && prq_report_enter(r))
        take_by(r, &f->by, f);
    else if (prq_report_is(key, "cwes"))
        prq_report_strs(r, &f->cwes);
    else if (prq_report_is(key, "disputed"))
        prq_json_bool_or_skip(&r->j, &f->is_disputed);
    else if (prq_report_is(key, "epss"))
        take_epss(r, f);
    else if (prq_report_is(key, "fixed_in"))
        prq_report_strs(r, &f->fixed_in);
    else if (prq_report_is(key, "kev"))
        take_kev(r, f);
    else if (prq_report_is(key, "malicious"))
        prq_json_bool_or_skip(&r->j, &f->is_malicious);
    else if (prq_report_is(key, "package"))
        take_purl(r, purl);
    else if (prq_report_is(key, "references"))
        take_references(r, f);
    else if (prq_report_is(key, "severities"))
        take_ratings(r, f);
    else if (prq_report_is(key, "why"))
        take_why(r, f);
    else
        return prq_report_is(key, "by"); /* of another type: passed over already */
    return true;
}

static void take_finding(struct prq_report_reader *r, struct prq_report_list *to)
{
    struct prq_finding f = { 0 };
    prq_str key, severity = { 0 }, state = { 0 }, purl = { 0 };
    const struct prq_report_field fields[] = {
        { "cvss_score", &f.cvss_score }, { "id", &f.id }, { "modified", &f.modified },
        { "published", &f.published }, { "severity", &severity },
        { "severity_source", &f.severity_source }, { "state", &state }, { "summary", &f.summary },
        { 0 },
    };
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (!take_member(r, key, &f, &purl) && !prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    if (!prq_severity_parse(severity, &f.severity))
        f.severity = PRQ_SEV_UNKNOWN;
    if (!prq_fix_state_parse(state, &f.state))
        f.state = PRQ_FIX_UNKNOWN;
    if (!prq_report_room(r, &to->v, sizeof f, &to->cap, to->n, SIZE_MAX) ||
        !prq_report_room(r, &to->purls, sizeof purl, &to->purl_cap, to->n, SIZE_MAX))
        return;
    to->v[to->n] = f;
    to->purls[to->n++] = purl;
}

void prq_report_live(struct prq_report_reader *r)
{
    take_finding(r, &r->live);
}

void prq_report_suppressed(struct prq_report_reader *r)
{
    take_finding(r, &r->suppressed);
}
