/* SPDX-License-Identifier: Apache-2.0 */
/* "pratique-explain/1": docs/explain.schema.json. Members in alphabetical order. */
#include "report/explanation.h"
#include "report/jsonparts.h"

static void package(struct prq_jw *w, const struct prq_report *r, const struct prq_package *p)
{
    prq_jw_key(w, "package");
    prq_jw_object(w);
    prq_jw_opt(w, "found_by", p->found_by);
    prq_jw_kv(w, "name", p->name);
    if (p->owner && p->owner <= r->analysis->package_count)
        prq_jw_kv(w, "owner", r->analysis->packages[p->owner - 1].purl);
    prq_jw_kv(w, "purl", p->purl);
    prq_jw_kv(w, "type", p->type);
    prq_jw_shown_version(w, p);
    prq_jw_object_end(w);
}

static void evidence(struct prq_jw *w, const struct prq_report *r, const struct prq_package *p)
{
    const struct prq_analysis *an = r->analysis;
    prq_jw_key(w, "evidence");
    prq_jw_array(w);
    for (size_t i = 0; i < p->evidence_count; i++) {
        const struct prq_evidence *e = &p->evidence[i];
        prq_jw_object(w);
        if (e->layer < an->layer_count) {
            const struct prq_layer *l = &an->layers[e->layer];
            prq_jw_opt(w, "diff_id", l->diff_id);
            prq_jw_opt(w, "digest", l->digest);
            prq_jw_opt(w, "instruction", l->instruction);
        }
        prq_jw_kv_u64(w, "layer", e->layer);
        prq_jw_kv(w, "path", e->path);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

struct advisory {
    prq_str id, source, digest, family, feed_date, digest_now;
};

static void advisory(struct prq_jw *w, const struct prq_report *r, const struct advisory *v)
{
    const struct prq_family *f = prq_family_of(r, v->family);
    if (!v->id.n)
        return;
    prq_jw_key(w, "advisory");
    prq_jw_object(w);
    prq_jw_opt(w, "built", f ? f->built : (prq_str){ 0 });
    prq_jw_opt(w, "digest", v->digest);
    if (!prq_str_eq(v->digest, v->digest_now))
        prq_jw_opt(w, "digest_now", v->digest_now);
    prq_jw_opt(w, "family", v->family);
    prq_jw_opt(w, "family_digest", f ? f->digest : (prq_str){ 0 });
    prq_jw_opt(w, "feed_date", v->feed_date.n || !f ? v->feed_date : f->feed_date);
    prq_jw_kv(w, "record", v->id);
    prq_jw_opt(w, "source", v->source);
    prq_jw_object_end(w);
}

static void comparison(struct prq_jw *w, prq_str version, prq_str text, const struct prq_trace *t)
{
    if (!t->scheme.n)
        return;
    prq_jw_key(w, "comparison");
    prq_jw_object(w);
    prq_jw_opt(w, "text", text);
    prq_jw_trace(w, t);
    prq_jw_kv(w, "version", version);
    prq_jw_object_end(w);
}

static void looked_up(struct prq_jw *w, prq_str space, prq_str name, bool is_indirect)
{
    if (!space.n)
        return;
    prq_jw_key(w, "looked_up");
    prq_jw_object(w);
    prq_jw_kv(w, "name", name);
    prq_jw_kv(w, "relation", is_indirect ? PRQ_S("indirect") : PRQ_S("direct"));
    prq_jw_kv(w, "space", space);
    prq_jw_object_end(w);
}

static void severity(struct prq_jw *w, const struct prq_finding *f)
{
    prq_jw_key(w, "severity");
    prq_jw_object(w);
    prq_jw_key(w, "ratings");
    prq_jw_array(w);
    for (size_t i = 0; i < f->rating_count; i++) {
        prq_jw_object(w);
        prq_jw_kv(w, "scheme", f->ratings[i].scheme);
        prq_jw_kv(w, "source", f->ratings[i].source);
        if (f->ratings[i].is_primary)
            prq_jw_kv(w, "type", PRQ_S("Primary"));
        prq_jw_kv(w, "value", f->ratings[i].value);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
    prq_jw_opt(w, "rule", f->severity_rule);
    prq_jw_opt(w, "source", f->severity_source);
    prq_jw_kv(w, "value", prq_str_from(prq_severity_word(f->severity)));
    prq_jw_object_end(w);
}

static void suppressed(struct prq_jw *w, const struct prq_finding *f)
{
    if (!f->by.kind.n)
        return;
    prq_jw_key(w, "suppressed");
    prq_jw_array(w);
    for (size_t k = 0; k <= f->also_count; k++) {
        const struct prq_by *by = k ? &f->also[k - 1] : &f->by;
        prq_jw_object(w);
        prq_jw_opt(w, "id", by->id);
        prq_jw_kv(w, "kind", by->kind);
        prq_jw_opt(w, "reason", by->reason);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void ways(struct prq_jw *w, const struct prq_report *r, const struct prq_finding *f,
                 struct prq_arena *a)
{
    struct prq_way list[PRQ_WAYS_MAX];
    size_t n = prq_ways_of(r, f, a, list);
    prq_jw_key(w, "would_change");
    prq_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        prq_jw_object(w);
        prq_jw_kv(w, "kind", prq_str_from(list[i].kind));
        prq_jw_kv(w, "text", list[i].text);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void finding(struct prq_jw *w, const struct prq_explanation *e, size_t index,
                    struct prq_arena *a)
{
    const struct prq_finding *f = e->findings[index];
    prq_str now = e->digests ? e->digests[index] : (prq_str){ 0 };
    const struct prq_report *r = e->report;
    const struct prq_package *p = &r->analysis->packages[f->package];
    prq_jw_object(w);
    advisory(w, r, &(struct advisory){ f->record_id, f->record_source, f->record_digest, f->family,
                                       { 0 }, now });
    prq_jw_strs(w, "aliases", f->aliases);
    comparison(w, f->compared_version, f->comparison, &f->trace);
    prq_jw_opt(w, "confidence", f->confidence);
    if (f->is_disputed)
        prq_jw_kv_bool(w, "disputed", true);
    evidence(w, r, p);
    prq_jw_strs(w, "fixed_in", f->fixed_in);
    prq_jw_kv(w, "id", f->id);
    looked_up(w, f->space, f->matched_name, f->is_indirect);
    prq_jw_opt(w, "note", f->note);
    package(w, r, p);
    severity(w, f);
    prq_jw_kv(w, "state", prq_str_from(prq_fix_state_word(f->state)));
    suppressed(w, f);
    ways(w, r, f, a);
    prq_jw_object_end(w);
}

static void absence(struct prq_jw *w, const struct prq_explanation *e, const struct prq_absence *b)
{
    const struct prq_report *r = e->report;
    prq_jw_object(w);
    advisory(w, r, &(struct advisory){ b->record_id, b->record_source, b->record_digest, b->family,
                                       b->feed_date, { 0 } });
    prq_jw_kv(w, "cause", prq_str_from(b->cause));
    comparison(w, b->compared_version, (prq_str){ 0 }, &b->trace);
    if (b->is_disputed)
        prq_jw_kv_bool(w, "disputed", true);
    if (b->package)
        evidence(w, r, b->package);
    prq_jw_strs(w, "fixed_in", b->fixed_in);
    looked_up(w, b->space, b->matched_name, b->is_indirect);
    prq_jw_strs(w, "names", b->names);
    if (b->package)
        package(w, r, b->package);
    if (b->finding)
        suppressed(w, b->finding);
    prq_jw_kv(w, "text", b->text);
    prq_jw_object_end(w);
}

static void database(struct prq_jw *w, const struct prq_explanation *e)
{
    prq_jw_key(w, "database");
    prq_jw_object(w);
    if (e->change_count) {
        prq_jw_key(w, "changed");
        prq_jw_array(w);
        for (size_t i = 0; i < e->change_count; i++) {
            prq_jw_object(w);
            prq_jw_opt(w, "is", e->changes[i].is);
            prq_jw_kv(w, "name", e->changes[i].name);
            prq_jw_kv(w, "was", e->changes[i].was);
            prq_jw_object_end(w);
        }
        prq_jw_array_end(w);
    }
    prq_jw_kv(w, "state", !e->has_database  ? PRQ_S("absent")
                          : e->change_count ? PRQ_S("differs")
                                            : PRQ_S("same"));
    prq_jw_object_end(w);
}

bool prq_explanation_json(const struct prq_explanation *e, struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_jw w;
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    if (e->is_not) {
        prq_jw_key(&w, "absences");
        prq_jw_array(&w);
        for (size_t i = 0; i < e->absence_count; i++)
            absence(&w, e, &e->absences[i]);
        prq_jw_array_end(&w);
    }
    prq_jw_key(&w, "asked");
    prq_jw_object(&w);
    prq_jw_kv(&w, "id", e->id);
    prq_jw_opt(&w, "package", e->package);
    prq_jw_object_end(&w);
    database(&w, e);
    if (!e->is_not) {
        prq_jw_key(&w, "findings");
        prq_jw_array(&w);
        for (size_t i = 0; i < e->finding_count; i++)
            finding(&w, e, i, a);
        prq_jw_array_end(&w);
    }
    prq_jw_key(&w, "image");
    prq_jw_object(&w);
    prq_jw_opt(&w, "digest", e->report->analysis->digest);
    prq_jw_kv(&w, "name", e->report->analysis->name);
    prq_jw_object_end(&w);
    prq_jw_kv(&w, "schema", PRQ_S("pratique-explain/1"));
    prq_jw_key(&w, "tool");
    prq_jw_object(&w);
    prq_jw_kv(&w, "name", PRQ_S("pratique"));
    prq_jw_kv(&w, "version", e->tool_version);
    prq_jw_object_end(&w);
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the explanation is too large");
}
