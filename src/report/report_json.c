/* SPDX-License-Identifier: Apache-2.0 */
/* "pratique-report/1": docs/report.schema.json. Members in alphabetical order. */
#include "report/jsonparts.h"
#include "report/output.h"

static void ratings(struct prq_jw *w, const struct prq_rating *r, size_t n)
{
    if (n == 0)
        return;
    prq_jw_key(w, "severities");
    prq_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        prq_jw_object(w);
        prq_jw_kv(w, "scheme", r[i].scheme);
        prq_jw_kv(w, "source", r[i].source);
        if (r[i].is_primary)
            prq_jw_kv(w, "type", PRQ_S("Primary"));
        prq_jw_kv(w, "value", r[i].value);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void references(struct prq_jw *w, const struct prq_finding *f)
{
    prq_jw_key(w, "references");
    prq_jw_array(w);
    for (size_t i = 0; i < f->reference_count; i++) {
        prq_jw_object(w);
        prq_jw_opt(w, "type", f->references[i].type);
        prq_jw_kv(w, "url", f->references[i].url);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void known_exploited(struct prq_jw *w, const struct prq_finding *f)
{
    if (!f->is_kev)
        return;
    prq_jw_key(w, "kev");
    prq_jw_object(w);
    prq_jw_opt(w, "added", f->kev_added);
    prq_jw_opt(w, "due", f->kev_due);
    prq_jw_kv_bool(w, "ransomware", f->kev_ransomware);
    prq_jw_object_end(w);
}

static void epss(struct prq_jw *w, const struct prq_finding *f)
{
    if (!f->epss_score.n)
        return;
    prq_jw_key(w, "epss");
    prq_jw_object(w);
    prq_jw_opt(w, "date", f->epss_date);
    prq_jw_opt(w, "percentile", f->epss_percentile);
    prq_jw_kv(w, "score", f->epss_score);
    prq_jw_object_end(w);
}

static void why(struct prq_jw *w, const struct prq_finding *f)
{
    prq_jw_key(w, "why");
    prq_jw_object(w);
    prq_jw_opt(w, "compared_version", f->compared_version);
    prq_jw_opt(w, "comparison", f->comparison);
    prq_jw_opt(w, "confidence", f->confidence);
    prq_jw_opt(w, "family", f->family);
    prq_jw_opt(w, "matched_name", f->matched_name);
    prq_jw_opt(w, "note", f->note);
    prq_jw_opt(w, "record", f->record_id);
    prq_jw_opt(w, "record_digest", f->record_digest);
    prq_jw_kv(w, "relation", f->is_indirect ? PRQ_S("indirect") : PRQ_S("direct"));
    prq_jw_opt(w, "severity_rule", f->severity_rule);
    prq_jw_opt(w, "source", f->record_source);
    prq_jw_opt(w, "space", f->space);
    prq_jw_trace(w, &f->trace);
    prq_jw_object_end(w);
}

static void by_object(struct prq_jw *w, const struct prq_by *by, const struct prq_by *also, size_t n)
{
    prq_jw_object(w);
    if (n) {
        prq_jw_key(w, "also");
        prq_jw_array(w);
        for (size_t i = 0; i < n; i++)
            by_object(w, &also[i], NULL, 0);
        prq_jw_array_end(w);
    }
    prq_jw_opt(w, "author", by->author);
    prq_jw_opt(w, "id", by->id);
    prq_jw_opt(w, "justification", by->justification);
    prq_jw_kv(w, "kind", by->kind);
    prq_jw_opt(w, "reason", by->reason);
    prq_jw_opt(w, "status", by->status);
    prq_jw_opt(w, "timestamp", by->timestamp);
    if (by->is_unverified)
        prq_jw_kv_bool(w, "unverified", true);
    prq_jw_object_end(w);
}

/* The VEX statements about a finding that count. */
static void vex_of(struct prq_jw *w, const struct prq_finding *f)
{
    if (!f->vex_count)
        return;
    prq_jw_key(w, "vex");
    prq_jw_array(w);
    for (size_t i = 0; i < f->vex_count; i++)
        by_object(w, &f->vex[i], NULL, 0);
    prq_jw_array_end(w);
}

static void package_name(struct prq_jw *w, const struct prq_package *p)
{
    prq_jw_key(w, "package");
    prq_jw_object(w);
    prq_jw_kv(w, "name", p->name);
    prq_jw_kv(w, "purl", p->purl);
    prq_jw_kv(w, "type", p->type);
    prq_jw_shown_version(w, p);
    prq_jw_object_end(w);
}

static void finding(struct prq_jw *w, const struct prq_report *r, const struct prq_finding *f,
                    bool is_suppressed)
{
    const struct prq_package *p = &r->analysis->packages[f->package];
    prq_jw_object(w);
    prq_jw_strs(w, "advisories", f->advisories);
    prq_jw_key(w, "aliases");
    prq_jw_array(w);
    for (size_t i = 0; i < f->aliases.n; i++)
        prq_jw_str(w, f->aliases.v[i]);
    prq_jw_array_end(w);
    if (is_suppressed) {
        prq_jw_key(w, "by");
        by_object(w, &f->by, f->also, f->also_count);
    }
    prq_jw_opt(w, "cvss_score", f->cvss_score);
    prq_jw_strs(w, "cwes", f->cwes);
    if (f->is_disputed)
        prq_jw_kv_bool(w, "disputed", true);
    epss(w, f);
    prq_jw_evidence(w, p);
    prq_jw_key(w, "fixed_in");
    prq_jw_array(w);
    for (size_t i = 0; i < f->fixed_in.n; i++)
        prq_jw_str(w, f->fixed_in.v[i]);
    prq_jw_array_end(w);
    prq_jw_kv(w, "id", f->id);
    known_exploited(w, f);
    prq_jw_kv_u64(w, "layer", p->layer);
    if (f->is_malicious)
        prq_jw_kv_bool(w, "malicious", true);
    prq_jw_opt(w, "modified", f->modified);
    package_name(w, p);
    prq_jw_opt(w, "published", f->published);
    references(w, f);
    ratings(w, f->ratings, f->rating_count);
    prq_jw_kv(w, "severity", prq_str_from(prq_severity_word(f->severity)));
    prq_jw_opt(w, "severity_source", f->severity_source);
    prq_jw_kv(w, "state", prq_str_from(prq_fix_state_word(f->state)));
    prq_jw_opt(w, "summary", f->summary);
    prq_jw_opt(w, "upstream_fix", f->upstream_fix);
    vex_of(w, f);
    why(w, f);
    prq_jw_object_end(w);
}

static void families(struct prq_jw *w, const struct prq_report *r)
{
    prq_jw_key(w, "families");
    prq_jw_array(w);
    for (size_t i = 0; i < r->family_count; i++) {
        const struct prq_family *f = &r->families[i];
        prq_jw_object(w);
        prq_jw_kv(w, "built", f->built);
        prq_jw_kv(w, "digest", f->digest);
        prq_jw_opt(w, "feed_date", f->feed_date);
        prq_jw_kv(w, "name", f->name);
        prq_jw_kv_u64(w, "records", f->records);
        prq_jw_kv(w, "source", f->source);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static bool write_json(const struct prq_report *r, const struct prq_report_style *style,
                       struct prq_buf *out, struct prq_err *err)
{
    struct prq_jw w;
    (void)style;
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    families(&w, r);
    prq_jw_key(&w, "findings");
    prq_jw_array(&w);
    for (size_t i = 0; i < r->finding_count; i++)
        finding(&w, r, &r->findings[i], false);
    prq_jw_array_end(&w);
    prq_jw_key(&w, "gaps");
    prq_jw_array(&w);
    for (size_t i = 0; i < r->gap_count; i++)
        prq_jw_gap(&w, &r->gaps[i]);
    prq_jw_array_end(&w);
    prq_jw_ignores(&w, r->ignores);
    prq_jw_image(&w, r->analysis);
    prq_jw_left_out(&w, r->analysis);
    prq_jw_kv(&w, "now", r->now);
    prq_jw_key(&w, "packages");
    prq_jw_array(&w);
    for (size_t i = 0; i < r->analysis->package_count; i++)
        prq_jw_package(&w, r->analysis, &r->analysis->packages[i]);
    prq_jw_array_end(&w);
    prq_jw_kv(&w, "schema", PRQ_S("pratique-report/1"));
    prq_jw_key(&w, "suppressed");
    prq_jw_array(&w);
    for (size_t i = 0; i < r->suppressed_count; i++)
        finding(&w, r, &r->suppressed[i], true);
    prq_jw_array_end(&w);
    prq_jw_key(&w, "tool");
    prq_jw_object(&w);
    prq_jw_kv(&w, "name", PRQ_S("pratique"));
    prq_jw_kv(&w, "version", r->tool_version);
    prq_jw_object_end(&w);
    prq_jw_vex(&w, r->vex);
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the report is too large");
}

const struct prq_report_sink prq_report_json = {
    .name = "json", .summary = "pratique-report/1 (docs/report.schema.json)", .write = write_json,
};
