/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations for people: a block a finding, the links of its chain one below the other. */
#include "report/explanation.h"
#include "report/tabletext.h"

struct sheet {
    const struct prq_explanation *e;
    const struct prq_report_style *style;
    struct prq_arena *a;
    struct prq_buf *out;
};

enum { EVIDENCE_MAX = 10, LISTED_MAX = 40 };

/* "  advisory   TEXT"; an empty word goes on with the link before. */
static void put(const struct sheet *s, const char *word, prq_str text)
{
    prq_buf_printf(s->out, "  %-13s", word);
    for (size_t i = 0; i < text.n && text.p[i] == ' '; i++)
        prq_buf_byte(s->out, ' ');
    prq_put_escaped(s->out, prq_one_line(text, s->a));
    prq_buf_byte(s->out, '\n');
}

#define PUT(s, word, ...) put(s, word, prq_arena_printf((s)->a, __VA_ARGS__))

static prq_str joined(const struct sheet *s, const struct prq_strs *list)
{
    prq_str out = { "", 0 };
    for (size_t i = 0; i < list->n && i < LISTED_MAX && out.p; i++)
        out = prq_arena_printf(s->a, "%.*s%s%.*s", PRQ_FMT(out), i ? ", " : "", PRQ_FMT(list->v[i]));
    return out;
}

static prq_str day(prq_str time)
{
    return prq_str_head(time, 10);
}

/* ---- links */

static void put_evidence(const struct sheet *s, const struct prq_package *p)
{
    const struct prq_analysis *an = s->e->report->analysis;
    for (size_t i = 0; i < p->evidence_count && i < EVIDENCE_MAX; i++) {
        const struct prq_evidence *e = &p->evidence[i];
        PUT(s, i ? "" : "evidence", "%.*s", PRQ_FMT(e->path));
        if (e->layer >= an->layer_count)
            continue;
        const struct prq_layer *l = &an->layers[e->layer];
        prq_str name = l->diff_id.n ? l->diff_id : l->digest;
        prq_str by = prq_shown_instruction(l->instruction);
        PUT(s, "", "  layer %u%s%.*s", e->layer, name.n ? " " : "", PRQ_FMT(name));
        if (by.n)
            PUT(s, "", "  made by: %.*s", PRQ_FMT(by));
    }
    if (p->evidence_count > EVIDENCE_MAX)
        PUT(s, "", "and %zu more places", p->evidence_count - EVIDENCE_MAX);
}

static void put_package(const struct sheet *s, const struct prq_package *p)
{
    PUT(s, "package", "%.*s%s%.*s", PRQ_FMT(p->purl), p->found_by.n ? ", read by " : "",
        PRQ_FMT(p->found_by));
    if (p->source_name.n)
        PUT(s, "", "built from source %.*s %.*s", PRQ_FMT(p->source_name), PRQ_FMT(p->source_version));
    if (p->owner && p->owner <= s->e->report->analysis->package_count)
        PUT(s, "", "its files are those of %.*s",
            PRQ_FMT(s->e->report->analysis->packages[p->owner - 1].purl));
}

static void put_record(const struct sheet *s, prq_str id, prq_str source, prq_str digest,
                       prq_str family, prq_str feed_date)
{
    const struct prq_family *f = prq_family_of(s->e->report, family);
    if (!id.n)
        return;
    PUT(s, "advisory", "%.*s of %.*s", PRQ_FMT(id), PRQ_FMT(source));
    if (digest.n)
        PUT(s, "", "record %.*s", PRQ_FMT(digest));
    if (!feed_date.n && f)
        feed_date = f->feed_date;
    PUT(s, "", "family %.*s%s%.*s%s%.*s", PRQ_FMT(family), feed_date.n ? ", data of " : "",
        PRQ_FMT(day(feed_date)), f && f->built.n ? ", built " : "",
        PRQ_FMT(f ? day(f->built) : (prq_str){ 0 }));
    if (f && f->digest.n)
        PUT(s, "", "family digest %.*s", PRQ_FMT(f->digest));
}

static void put_lookup(const struct sheet *s, prq_str space, prq_str name, bool is_indirect)
{
    if (space.n)
        PUT(s, "looked up", "%.*s in %.*s%s", PRQ_FMT(name), PRQ_FMT(space),
            is_indirect ? ", the source package" : "");
}

static void put_trace(const struct sheet *s, const struct prq_trace *t, prq_str version)
{
    if (!t->scheme.n)
        return;
    PUT(s, "comparison", "scheme %.*s, installed %.*s", PRQ_FMT(t->scheme), PRQ_FMT(version));
    if (t->is_invalid)
        PUT(s, "", "no version of this scheme: compared with no range");
    if (t->is_everything)
        PUT(s, "", "the record names no version: all of them");
    for (size_t i = 0; i < t->n; i++) {
        PUT(s, "", "range %zu: %s", i + 1, t->ranges[i].is_hit ? "affected" : "not affected");
        for (size_t k = 0; k < t->ranges[i].n; k++)
            PUT(s, "", "  %.*s", PRQ_FMT(prq_step_text(&t->ranges[i].steps[k], version, s->a)));
    }
    if (t->listed)
        PUT(s, "", "%s of the %zu versions that are listed", t->is_listed ? "one" : "none", t->listed);
    if (t->left_out)
        PUT(s, "", "and %zu more events", t->left_out);
}

static void put_severity(const struct sheet *s, const struct prq_finding *f)
{
    if (f->state == PRQ_FIX_NOT_AFFECTED)
        return;
    PUT(s, "severity", "%s%s%.*s: %s", prq_severity_word(f->severity),
        f->severity_source.n ? " by " : "", PRQ_FMT(f->severity_source),
        prq_severity_rule_text(f->severity_rule));
    for (size_t i = 0; i < f->rating_count; i++)
        PUT(s, "", "%.*s: %.*s (%.*s%s)", PRQ_FMT(f->ratings[i].source), PRQ_FMT(f->ratings[i].value),
            PRQ_FMT(f->ratings[i].scheme), f->ratings[i].is_primary ? ", primary" : "");
}

static void put_state(const struct sheet *s, const struct prq_finding *f)
{
    PUT(s, "state", "%s%s%.*s%s%.*s", prq_fix_state_word(f->state), f->fixed_in.n ? " in " : "",
        PRQ_FMT(joined(s, &f->fixed_in)), f->advisories.n ? ", by " : "",
        PRQ_FMT(joined(s, &f->advisories)));
    if (f->note.n)
        PUT(s, "", "%.*s", PRQ_FMT(f->note));
    if (f->is_disputed)
        PUT(s, "", "the advisory is disputed");
    if (f->confidence.n && !prq_str_eq(f->confidence, PRQ_S("high")))
        PUT(s, "", "confidence %.*s", PRQ_FMT(f->confidence));
}

static void put_suppression(const struct sheet *s, const struct prq_finding *f)
{
    for (size_t k = 0; f->by.kind.n && k <= f->also_count; k++) {
        const struct prq_by *by = k ? &f->also[k - 1] : &f->by;
        PUT(s, k ? "" : "suppressed", "by %.*s %.*s: %.*s", PRQ_FMT(by->kind), PRQ_FMT(by->id),
            PRQ_FMT(by->reason));
    }
}

static void put_ways(const struct sheet *s, const struct prq_finding *f)
{
    struct prq_way ways[PRQ_WAYS_MAX];
    size_t n = prq_ways_of(s->e->report, f, s->a, ways);
    for (size_t i = 0; i < n; i++)
        put(s, i ? "" : "would change", ways[i].text);
}

/* The record as the database at hand has it, where that is not the one of the verdict. */
static void put_record_now(const struct sheet *s, const struct prq_finding *f, prq_str now)
{
    if (f->record_digest.n && now.n && !prq_str_eq(now, f->record_digest))
        PUT(s, "", "in the database at hand the record is another one: %.*s", PRQ_FMT(now));
    else if (f->record_digest.n && !now.n && s->e->has_database)
        PUT(s, "", "in the database at hand there is no such record");
}

static void put_finding(const struct sheet *s, const struct prq_finding *f, prq_str now)
{
    const struct prq_package *p = &s->e->report->analysis->packages[f->package];
    prq_buf_byte(s->out, '\n');
    prq_put_escaped(s->out, prq_arena_printf(s->a, "%.*s in %.*s %.*s", PRQ_FMT(f->id),
                                             PRQ_FMT(p->name),
                                             PRQ_FMT(prq_package_shown_version(p, s->a))));
    prq_buf_str(s->out, f->by.kind.n ? PRQ_S(": suppressed\n") : PRQ_S(": reported\n"));
    if (f->aliases.n)
        PUT(s, "also", "%.*s", PRQ_FMT(joined(s, &f->aliases)));
    put_evidence(s, p);
    put_package(s, p);
    put_lookup(s, f->space, f->matched_name, f->is_indirect);
    put_record(s, f->record_id, f->record_source, f->record_digest, f->family, (prq_str){ 0 });
    put_record_now(s, f, now);
    put_trace(s, &f->trace, f->compared_version);
    put_severity(s, f);
    put_state(s, f);
    put_suppression(s, f);
    put_ways(s, f);
}

/* ---- absences */

static void put_absence(const struct sheet *s, const struct prq_absence *b)
{
    const struct prq_package *p = b->package;
    prq_buf_byte(s->out, '\n');
    prq_str head = p ? prq_arena_printf(s->a, "%.*s in %.*s %.*s: %s", PRQ_FMT(s->e->id),
                                        PRQ_FMT(p->name),
                                        PRQ_FMT(prq_package_shown_version(p, s->a)), b->cause)
                     : prq_arena_printf(s->a, "%.*s in %.*s: %s", PRQ_FMT(s->e->id),
                                        PRQ_FMT(s->e->package), b->cause);
    prq_put_escaped(s->out, head);
    prq_buf_byte(s->out, '\n');
    put(s, "because", b->text);
    if (!p && b->names.n)
        PUT(s, "perhaps", "%.*s", PRQ_FMT(joined(s, &b->names)));
    if (!p)
        return;
    put_evidence(s, p);
    put_package(s, p);
    put_lookup(s, b->space, b->matched_name, b->is_indirect);
    put_record(s, b->record_id, b->record_source, b->record_digest, b->family, b->feed_date);
    put_trace(s, &b->trace, b->compared_version);
    if (b->is_disputed)
        PUT(s, "", "the advisory is disputed");
    if (b->finding)
        put_suppression(s, b->finding);
    if (b->finding && b->finding->by.kind.n)
        put_ways(s, b->finding);
}

static void put_data(const struct sheet *s)
{
    const struct prq_explanation *e = s->e;
    prq_buf_str(s->out, PRQ_S("image: "));
    prq_put_escaped(s->out, e->report->analysis->name);
    if (e->report->analysis->digest.n) {
        prq_buf_str(s->out, PRQ_S(", "));
        prq_put_escaped(s->out, e->report->analysis->digest);
    }
    prq_buf_byte(s->out, '\n');
    if (!e->is_saved)
        return;
    if (!e->has_database) {
        prq_buf_str(s->out, PRQ_S("note: there is no database at hand: all is from the report\n"));
        return;
    }
    for (size_t i = 0; i < e->change_count; i++) {
        const struct prq_family_change *c = &e->changes[i];
        prq_buf_str(s->out, PRQ_S("note: the family "));
        prq_put_escaped(s->out, c->name);
        prq_buf_str(s->out, c->is.n ? PRQ_S(" of the database at hand is another one than the "
                                            "report's: ")
                                    : PRQ_S(" is not in the database at hand"));
        prq_put_escaped(s->out, c->is);
        prq_buf_str(s->out, c->is.n ? PRQ_S(", was ") : (prq_str){ 0 });
        prq_put_escaped(s->out, c->is.n ? c->was : (prq_str){ 0 });
        prq_buf_byte(s->out, '\n');
    }
}

bool prq_explanation_table(const struct prq_explanation *e, const struct prq_report_style *style,
                           struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    struct sheet s = { e, style, a, out };
    put_data(&s);
    for (size_t i = 0; i < e->finding_count; i++)
        put_finding(&s, e->findings[i], e->digests ? e->digests[i] : (prq_str){ 0 });
    for (size_t i = 0; i < e->absence_count; i++)
        put_absence(&s, &e->absences[i]);
    if (!e->is_not && !e->finding_count) {
        prq_put_escaped(out, e->id);
        if (e->package.n) {
            prq_buf_str(out, PRQ_S(" in "));
            prq_put_escaped(out, e->package);
        }
        prq_buf_str(out, PRQ_S(" is not reported; `pratique explain --not ID PACKAGE IMAGE` says why\n"));
    }
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the explanation is too large");
}
