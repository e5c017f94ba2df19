/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/explain.h"

#include <stdlib.h>

#include "api/handles.h"
#include "match/absence.h"
#include "report/explanation.h"
#include "scan/now.h"

struct prq_explanation_of {
    struct prq_arena *arena;
    struct prq_explanation x;
};

static bool no_memory(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_NOMEM, "out of memory");
}

/* ---- findings */

static bool is_wanted(const struct prq_explanation *x, const struct prq_report *r,
                      const struct prq_finding *f, int least)
{
    if (!prq_finding_has_id(f, x->id)) {
        size_t i = 0;
        while (i < f->advisories.n && !prq_str_ieq(f->advisories.v[i], x->id))
            i++;
        if (i == f->advisories.n)
            return false;
    }
    return !x->package.n ||
           prq_package_answers(&r->analysis->packages[f->package], x->package) >= least;
}

static bool gather(struct prq_explanation_of *e, const struct prq_report *r, struct prq_err *err)
{
    struct prq_explanation *x = &e->x;
    size_t all = r->finding_count + r->suppressed_count;
    x->findings = prq_new_n(e->arena, const struct prq_finding *, all);
    x->digests = prq_new_n(e->arena, prq_str, all);
    if ((!x->findings || !x->digests) && all)
        return no_memory(err);
    for (int least = 3; least > 0 && !x->finding_count; least--) /* the surest answers only */
        for (size_t i = 0; i < all; i++) {
            const struct prq_finding *f = i < r->finding_count
                                              ? &r->findings[i]
                                              : &r->suppressed[i - r->finding_count];
            if (is_wanted(x, r, f, least))
                x->findings[x->finding_count++] = f;
        }
    return true;
}

/* What the database at hand has of the same records. */
static bool look_again(struct prq_explanation_of *e, struct prq_db *db, struct prq_err *err)
{
    struct prq_explanation *x = &e->x;
    for (size_t i = 0; db && i < x->finding_count; i++) {
        const struct prq_finding *f = x->findings[i];
        prq_str family = prq_arena_printf(e->arena, "%.*s%c", PRQ_FMT(f->family), '\0');
        if (!family.p || !prq_db_record_digest(db, family.p, f->record_source, f->record_id,
                                               e->arena, &x->digests[i], err))
            return family.p ? false : no_memory(err);
    }
    return true;
}

/* ---- the database at hand, and the one of the report */

static prq_str digest_in(struct prq_db *db, prq_str family)
{
    const struct prq_family *all = NULL;
    size_t n = prq_db_families(db, &all);
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(all[i].name, family))
            return all[i].digest;
    return (prq_str){ 0 };
}

bool prq_explain_changes(struct prq_db *db, const struct prq_report *r, struct prq_arena *a,
                         struct prq_family_change **out, size_t *n, struct prq_err *err)
{
    *n = 0;
    *out = prq_new_n(a, struct prq_family_change, r->family_count);
    if (!*out && r->family_count)
        return no_memory(err);
    for (size_t i = 0; i < r->family_count; i++) {
        prq_str is = digest_in(db, r->families[i].name);
        if (!prq_str_eq(is, r->families[i].digest))
            (*out)[(*n)++] = (struct prq_family_change){ r->families[i].name, r->families[i].digest,
                                                         is };
    }
    return true;
}

/* All families, for their digests. None at hand is no fault here. */
bool prq_explain_database(struct prq_scan *s, const char *dir, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    if (s->db || !dir || !*dir || prq_db_open(prq_str_from(dir), &s->db, &why) ||
        why.code == PRQ_E_DATA)
        return true;
    *err = why;
    return false;
}

static bool ask(struct prq_explanation_of *e, struct prq_scan *s, const struct prq_scan_opts *o,
                struct prq_err *err)
{
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = s->scratch };
    struct prq_absence_opts opts = {
        .id = e->x.id, .package = e->x.package, .is_saved = s->is_report,
        .leaves_out_dev = o->leave_out_dev,
        .match = { .no_default_ignores = o->no_default_ignores, .by_cve = o->by_cve,
                   .go_main_pseudo = o->go_main_pseudo, .debian_temp = o->debian_temp,
                   .distro = prq_arena_copy(e->arena, prq_str_from(o->distro)) },
    };
    if (!prq_now(o->now, e->arena, &opts.match.now, err))
        return false;
    return prq_absence_find(&ctx, &s->report, s->db, &opts, e->arena, &e->x.absences,
                            &e->x.absence_count, err);
}

static bool explain(struct prq_explanation_of *e, struct prq_scan *s, const struct prq_scan_opts *o,
                    const char *id, const char *package, struct prq_err *err)
{
    struct prq_explanation *x = &e->x;
    x->report = &s->report;
    x->is_saved = s->is_report;
    x->tool_version = prq_str_from(prq_version());
    prq_str typed = prq_arena_copy(e->arena, prq_str_trim(prq_str_from(id)));
    x->id = typed.p ? prq_id_of_typed(typed, e->arena) : typed;
    x->package = prq_arena_copy(e->arena, prq_str_from(package));
    if (!typed.p || !x->package.p)
        return no_memory(err);
    if (!x->id.n || (x->is_not && !x->package.n))
        return prq_fail(err, PRQ_E_USAGE, "explain: a vulnerability%s must be named",
                        x->is_not ? " and a package" : "");
    if (s->is_report && !prq_explain_database(s, o->db_dir, err))
        return false;
    x->has_database = s->db != NULL;
    if (s->is_report && s->db &&
        !prq_explain_changes(s->db, &s->report, e->arena, &x->changes, &x->change_count, err))
        return false;
    return x->is_not ? ask(e, s, o, err)
                     : gather(e, &s->report, err) && look_again(e, s->db, err);
}

bool prq_explain(struct prq_scan *s, const struct prq_scan_opts *opts, const char *id,
                 const char *package, bool is_not, struct prq_explanation_of **out,
                 struct prq_err *err)
{
    struct prq_scan_opts o = PRQ_SCAN_OPTS_INIT;
    if (opts)
        memcpy(&o, opts, prq_min_size(opts->size, sizeof o));
    if (!s->is_judged)
        return prq_fail(err, PRQ_E_BUG, "explain before judgement");
    struct prq_explanation_of *e = calloc(1, sizeof *e);
    if (!e)
        return no_memory(err);
    e->arena = prq_arena_new(PRQ_MIB(512));
    e->x.is_not = is_not;
    if (!e->arena ? !no_memory(err) : !explain(e, s, &o, id, package, err)) {
        prq_explain_free(e);
        return false;
    }
    *out = e;
    return true;
}

void prq_explain_free(struct prq_explanation_of *e)
{
    if (e)
        prq_arena_free(e->arena);
    free(e);
}

bool prq_explain_write(const struct prq_explanation_of *e, const char *format,
                       const struct prq_style *style, char **text, size_t *n, struct prq_err *err)
{
    struct prq_report_style st = prq_style_of(style);
    struct prq_buf b;
    bool as_json = strcmp(format, "json") == 0;
    if (!as_json && strcmp(format, "table") != 0)
        return prq_fail(err, PRQ_E_USAGE, "format \"%s\": table or json", format);
    prq_buf_init(&b, PRQ_MIB(1024));
    bool ok = as_json ? prq_explanation_json(&e->x, &b, err)
                      : prq_explanation_table(&e->x, &st, &b, err);
    return prq_hand_over(&b, ok, text, n, err);
}

bool prq_explain_is_answered(const struct prq_explanation_of *e)
{
    for (size_t i = 0; i < e->x.absence_count; i++)
        if (e->x.absences[i].is_reported || strcmp(e->x.absences[i].cause, "undecided") == 0)
            return false;
    return e->x.is_not || e->x.finding_count > 0;
}
