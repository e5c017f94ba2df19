/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"

#include <stdlib.h>

#include "match/core.h"
#include "match/decide.h"

/* ---- the real database as facts */

static bool db_has_family(void *user, const char *family)
{
    return prq_db_has_family(user, family);
}

static bool db_has_space(void *user, prq_str space)
{
    return prq_db_has_space(user, space);
}

static size_t db_families(void *user, const struct prq_family **out)
{
    return prq_db_families(user, out);
}

static bool db_lookup(void *user, prq_str space, prq_str name, struct prq_arena *a,
                      struct prq_db_row **out, size_t *n, struct prq_err *err)
{
    return prq_db_lookup(user, space, name, a, out, n, err);
}

static bool db_record(void *user, const char *family, prq_str source, prq_str id,
                      struct prq_arena *a, struct prq_record *out, struct prq_err *err)
{
    return prq_db_brief(user, family, source, id, a, out, err);
}

static bool db_cve(void *user, prq_str cve, struct prq_arena *a, struct prq_cve_info *out,
                   struct prq_err *err)
{
    return prq_db_cve(user, cve, a, out, err);
}

static bool db_digest(void *user, const char *family, prq_str source, prq_str id,
                      struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    return prq_db_record_digest(user, family, source, id, a, out, err);
}

static bool db_find(void *user, prq_str id, struct prq_arena *a, struct prq_db_named **out,
                    size_t *n, struct prq_err *err)
{
    return prq_db_find(user, id, a, out, n, err);
}

struct prq_facts prq_facts_of(struct prq_db *db)
{
    return (struct prq_facts){
        .user = db, .has_family = db_has_family, .has_space = db_has_space,
        .families = db_families, .lookup = db_lookup, .record = db_record, .cve = db_cve,
        .digest = db_digest, .find = db_find,
    };
}

/* ---- order */

/* Severity descending, id, package; then whatever is left to tell two apart. */
static int finding_cmp(const void *pa, const void *pb)
{
    const struct prq_finding *a = *(struct prq_finding *const *)pa;
    const struct prq_finding *b = *(struct prq_finding *const *)pb;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int c = prq_str_cmp(a->id, b->id);
    if (c == 0 && a->package != b->package)
        c = a->package < b->package ? -1 : 1;
    if (c == 0)
        c = prq_str_cmp(a->record_id, b->record_id);
    if (c == 0)
        c = prq_str_cmp(a->record_source, b->record_source);
    return c != 0 ? c : prq_str_cmp(a->matched_name, b->matched_name);
}

static int gap_cmp(const void *a, const void *b)
{
    return prq_gap_cmp(a, b);
}

/* ---- the report */

static bool hand_over_findings(struct prq_matching *m, struct prq_report *r, struct prq_err *err)
{
    size_t live = 0;
    for (size_t i = 0; i < m->found_count; i++)
        live += m->found[i]->by.kind.n == 0;
    r->findings = prq_new_n(m->out, struct prq_finding, live);
    r->suppressed = prq_new_n(m->out, struct prq_finding, m->found_count - live);
    if ((!r->findings && live) || (!r->suppressed && m->found_count > live))
        return prq_no_room(err);
    if (m->found_count > 1)
        qsort(m->found, m->found_count, sizeof *m->found, finding_cmp);
    r->finding_count = r->suppressed_count = 0;
    for (size_t i = 0; i < m->found_count; i++) {
        if (m->found[i]->by.kind.n == 0)
            r->findings[r->finding_count++] = *m->found[i];
        else
            r->suppressed[r->suppressed_count++] = *m->found[i];
    }
    return true;
}

static bool hand_over_gaps(struct prq_matching *m, struct prq_report *r, struct prq_err *err)
{
    const struct prq_analysis *an = m->analysis;
    size_t given = m->opts->gap_count, n = an->gap_count + m->gap_count + given;
    r->gaps = prq_new_n(m->out, struct prq_gap, n);
    if (!r->gaps && n)
        return prq_no_room(err);
    if (an->gap_count)
        memcpy(r->gaps, an->gaps, an->gap_count * sizeof *r->gaps);
    if (m->gap_count)
        memcpy(r->gaps + an->gap_count, m->gaps, m->gap_count * sizeof *r->gaps);
    if (given)
        memcpy(r->gaps + n - given, m->opts->gaps, given * sizeof *r->gaps);
    if (n > 1)
        qsort(r->gaps, n, sizeof *r->gaps, gap_cmp);
    r->gap_count = n;
    return true;
}

/* The families asked, and those of CVEs when there was a CVE to ask about. */
static bool hand_over_families(struct prq_matching *m, struct prq_report *r, struct prq_err *err)
{
    const struct prq_family *all = NULL;
    size_t n = m->facts->families(m->facts->user, &all);
    r->families = prq_new_n(m->out, struct prq_family, n);
    if (!r->families && n)
        return prq_no_room(err);
    r->family_count = 0;
    for (size_t i = 0; i < n; i++) {
        struct prq_family f = all[i];
        bool is_of_cves = prq_str_eq(f.name, PRQ_S("nvd")) || prq_str_eq(f.name, PRQ_S("kev")) ||
                          prq_str_eq(f.name, PRQ_S("epss"));
        if (!(is_of_cves && m->cves.n) && !prq_map_find(&m->families.map, f.name))
            continue;
        prq_str *texts[] = { &f.name, &f.source, &f.digest, &f.built, &f.feed_date };
        for (size_t k = 0; k < PRQ_COUNT(texts); k++) {
            *texts[k] = prq_arena_copy(m->out, *texts[k]);
            if (!texts[k]->p)
                return prq_no_room(err);
        }
        r->families[r->family_count++] = f;
    }
    return true;
}

/* ---- the walk */

static bool match_package(struct prq_matching *m, size_t index, struct prq_err *err)
{
    struct prq_subject s;
    if (!prq_subject_of(m, index, &s, err))
        return false;
    if (s.n == 0)
        return true;
    for (size_t i = 0; i < s.n; i++) {
        void **place;
        bool is_new;
        prq_str family = prq_str_from(prq_db_family_of_space(s.q[i].space));
        if (!prq_memo_place(&m->families, family, m->work, &place, &is_new))
            return prq_no_room(err);
    }
    return prq_judge(m, &s, err);
}

/* ---- what users and others decided (matching.md 6.4: rules, then VEX) */

static bool decide_each(struct prq_matching *m, struct prq_vexing *v, struct prq_ignoring *g,
                        struct prq_err *err)
{
    for (size_t i = 0; i < m->found_count; i++) {
        struct prq_mark mark = prq_arena_mark(m->tmp);
        if (prq_ctx_is_cancelled(m->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "matching was cancelled");
        if ((v && !prq_vex_weigh(v, m->found[i], err)) ||
            (g && !prq_ignore_apply(g, m->found[i], err)) ||
            (v && !prq_vex_settle(v, m->found[i], err)))
            return false;
        prq_arena_rewind(m->tmp, mark);
    }
    return !v || prq_vex_close(v, err);
}

static bool decide(struct prq_matching *m, struct prq_report *report, struct prq_err *err)
{
    struct prq_vexing *v = NULL;
    struct prq_ignoring *g = NULL;
    report->vex = m->opts->vex;
    report->ignores = m->opts->ignores;
    bool ok = (!m->opts->vex || prq_vex_begin(m, &v, err)) &&
              (!m->opts->ignores || prq_ignore_begin(m, &g, err)) && decide_each(m, v, g, err);
    prq_ignore_end(g);
    return ok;
}

static bool match_all(struct prq_matching *m, struct prq_report *report, struct prq_err *err)
{
    for (size_t i = 0; i < m->analysis->package_count; i++) {
        if (prq_ctx_is_cancelled(m->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "matching was cancelled");
        struct prq_mark mark = prq_arena_mark(m->tmp);
        if (!match_package(m, i, err)) {
            const struct prq_package *p = &m->analysis->packages[i];
            return prq_in(err, "%.*s %.*s", PRQ_FMT(p->type), PRQ_FMT(p->name));
        }
        prq_arena_rewind(m->tmp, mark);
    }
    return prq_coverage_close(m, err) && decide(m, report, err) &&
           hand_over_findings(m, report, err) &&
           hand_over_gaps(m, report, err) && hand_over_families(m, report, err);
}

bool prq_match_facts(struct prq_ctx *ctx, const struct prq_analysis *analysis,
                     const struct prq_facts *facts, const struct prq_match_opts *opts,
                     struct prq_arena *arena, struct prq_report *report, struct prq_err *err)
{
    PRQ_ARENA work = prq_arena_new(PRQ_GIB(1));
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(256));
    if (!work || !tmp)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for matching");
    struct prq_matching m = { .ctx = ctx, .analysis = analysis, .facts = facts, .opts = opts,
                              .out = arena, .work = work, .tmp = tmp };
    struct prq_memo *memos[] = { &m.rows, &m.records, &m.digests, &m.cves, &m.sites, &m.counts,
                                 &m.families, &m.products };
    for (size_t i = 0; i < PRQ_COUNT(memos); i++)
        prq_map_init(&memos[i]->map, work);
    return match_all(&m, report, err);
}

bool prq_match(struct prq_ctx *ctx, const struct prq_analysis *analysis, struct prq_db *db,
               const struct prq_match_opts *opts, struct prq_arena *arena,
               struct prq_report *report, struct prq_err *err)
{
    const struct prq_facts facts = prq_facts_of(db);
    return prq_match_facts(ctx, analysis, &facts, opts, arena, report, err) || prq_in(err, "match");
}
