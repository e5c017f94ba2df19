/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of matching walked for one package and one vulnerability, up to the first no: the report
 * itself, what keeps the package from being asked for, the rows that name the vulnerability, and last
 * what the rest of the database knows of it. */
#include "match/absence.h"

#include "model/purl.h"

enum { PACKAGES_MAX = 64, IDS_MAX = 64, NAMES_MAX = 8 };

struct finder {
    const struct prq_absence_opts *opts;
    const struct prq_report *report;
    const struct prq_facts *facts;
    struct prq_ctx *ctx;
    struct prq_arena *a, *work, *tmp;
    struct prq_absence *v;
    size_t n, cap;

    /* what the database has under the asked name */
    struct prq_db_named *records;
    size_t record_count;
    prq_str ids[IDS_MAX]; /* of those records, and the asked one */
    size_t id_count;
};

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "no room for the explanation");
}

static bool says(struct finder *x, struct prq_absence *to, const char *cause, prq_str text,
                 struct prq_err *err)
{
    to->cause = cause;
    to->text = prq_arena_copy(x->a, text);
    return to->text.p || no_room(err);
}

#define SAY(x, to, cause, err, ...)                                                                \
    says(x, to, cause, prq_arena_printf((x)->tmp, __VA_ARGS__), err)

static bool is_asked(const struct finder *x, prq_str id)
{
    for (size_t i = 0; i < x->id_count; i++)
        if (prq_str_ieq(x->ids[i], id))
            return true;
    return false;
}

static bool any_asked(const struct finder *x, const struct prq_strs *ids)
{
    for (size_t i = 0; i < ids->n; i++)
        if (is_asked(x, ids->v[i]))
            return true;
    return false;
}

static void add_id(struct finder *x, prq_str id)
{
    if (id.n && x->id_count < IDS_MAX && !is_asked(x, id))
        x->ids[x->id_count++] = id;
}

/* ---- what the report says itself */

static const char *suppressed_cause(const struct prq_by *by)
{
    static const struct {
        const char *kind, *cause;
    } causes[] = {
        { "rule", "rule" },           { "vex", "vex" },
        { "ownership", "owned" },     { "not-affected", "not-affected" },
        { "duplicate", "overruled" }, { "exclusion", "excluded" },
    };
    for (size_t i = 0; i < PRQ_COUNT(causes); i++)
        if (prq_str_eq(by->kind, prq_str_from(causes[i].kind)))
            return causes[i].cause;
    if (prq_str_eq(by->kind, PRQ_S("status")))
        return prq_str_has(by->reason, PRQ_S("rejected")) ? "rejected" : "status";
    return "suppressed";
}

static bool has_asked_id(const struct finder *x, const struct prq_finding *f)
{
    return is_asked(x, f->id) || any_asked(x, &f->aliases) || any_asked(x, &f->advisories);
}

static void take_finding(struct prq_absence *to, const struct prq_finding *f)
{
    to->finding = f;
    to->record_id = f->record_id;
    to->record_source = f->record_source;
    to->record_digest = f->record_digest;
    to->family = f->family;
    to->space = f->space;
    to->matched_name = f->matched_name;
    to->compared_version = f->compared_version;
    to->is_indirect = f->is_indirect;
    to->is_disputed = f->is_disputed;
    to->fixed_in = f->fixed_in;
    to->trace = f->trace;
}

/* *found: the report speaks of it. */
static bool ask_report(struct finder *x, struct prq_absence *to, bool *found, struct prq_err *err)
{
    const struct prq_report *r = x->report;
    *found = true;
    for (size_t i = 0; i < r->finding_count; i++)
        if (r->findings[i].package == to->place && has_asked_id(x, &r->findings[i])) {
            take_finding(to, &r->findings[i]);
            if (x->opts->leaves_out_dev && (to->package->flags & PRQ_PKG_DEV))
                return SAY(x, to, "dev-left-out", err,
                           "only development needs it: left out without --include-dev");
            to->is_reported = true;
            return SAY(x, to, "reported", err, "it is reported as %.*s",
                       PRQ_FMT(r->findings[i].id));
        }
    for (size_t i = 0; i < r->suppressed_count; i++)
        if (r->suppressed[i].package == to->place && has_asked_id(x, &r->suppressed[i])) {
            const struct prq_by *by = &r->suppressed[i].by;
            take_finding(to, &r->suppressed[i]);
            return SAY(x, to, suppressed_cause(by), err, "suppressed by %.*s %.*s: %.*s",
                       PRQ_FMT(by->kind), PRQ_FMT(by->id), PRQ_FMT(by->reason));
        }
    *found = false;
    return true;
}

/* ---- what keeps a package from being asked for */

/* Gaps that go with packages that were judged. */
static bool is_note(prq_str kind)
{
    static const char *const notes[] = { "distro-eol",    "no-content-sets",  "feed-fixed-only",
                                         "feed-borrowed", "packages-missing", "version-invalid" };
    for (size_t i = 0; i < PRQ_COUNT(notes); i++)
        if (prq_str_eq(kind, prq_str_from(notes[i])))
            return true;
    return false;
}

/* Kinds of gaps that are causes: constant texts for the field. */
static const char *gap_cause(prq_str kind)
{
    static const char *const kinds[] = {
        "distro-unknown",      "distro-unsupported", "release-unknown", "family-missing",
        "feed-ended",          "third-party",        "type-unmatched",  "java-identity-unknown",
        "go-main-version",     "version-missing",    "module-stream-unknown",
    };
    for (size_t i = 0; i < PRQ_COUNT(kinds); i++)
        if (prq_str_eq(kind, prq_str_from(kinds[i])))
            return kinds[i];
    return "not-matched";
}

static bool say_unasked(struct finder *x, struct prq_matching *m, struct prq_absence *to,
                        struct prq_err *err)
{
    const struct prq_package *p = to->package;
    if (!prq_coverage_close(m, err))
        return false;
    for (size_t i = 0; i < m->gap_count; i++)
        if (!is_note(m->gaps[i].kind))
            return says(x, to, gap_cause(m->gaps[i].kind), m->gaps[i].reason, err);
    if (p->flags & PRQ_PKG_NO_MATCH)
        return SAY(x, to, "not-matched", err,
                   "it is listed, but stands for no release of its ecosystem: not matched");
    if (p->version.n == 0)
        return SAY(x, to, "version-missing", err, "it has no version: not matched");
    return SAY(x, to, "debug-package", err, "no advisories are published for debugging packages");
}

/* ---- rows that name the vulnerability */

struct verdict {
    const struct prq_question *q;
    struct prq_candidate c;
    unsigned rank; /* the highest explains best; 0: none yet */
};

static unsigned rank_of(const struct prq_candidate *c)
{
    switch (c->verdict) {
    case PRQ_HIT:
        return 5;
    case PRQ_NAK:
        return 4;
    case PRQ_MISS:
        return 3;
    case PRQ_NO_WORD:
        break;
    }
    return c->aside == PRQ_ASIDE_WITHDRAWN || c->aside == PRQ_ASIDE_KIND ? 1 : 2;
}

static bool names_asked(const struct finder *x, const struct prq_db_row *row)
{
    return is_asked(x, row->id) || any_asked(x, &row->aliases) || any_asked(x, &row->cves);
}

static bool best_row(struct finder *x, struct prq_matching *m, const struct prq_subject *s,
                     struct verdict *best, struct prq_err *err)
{
    *best = (struct verdict){ 0 };
    for (size_t k = 0; k < s->n; k++) {
        const struct prq_rows *rows;
        if (!prq_known_rows(m, s->q[k].space, s->q[k].name, &rows, err))
            return false;
        for (size_t i = 0; i < rows->n; i++) {
            struct verdict v = { .q = &s->q[k] };
            if (!names_asked(x, &rows->v[i]))
                continue;
            if (!prq_row_verdict(m, s, &s->q[k], &rows->v[i], &v.c, err))
                return false;
            v.rank = rank_of(&v.c);
            /* a fix in one of the spaces of a channel counts for both (matching.md 5.5) */
            if (s->has_channel && v.c.verdict == PRQ_MISS)
                v.rank = 6;
            if (v.rank > best->rank)
                *best = v;
        }
    }
    return true;
}

static prq_str join(struct prq_arena *a, const struct prq_strs *list, size_t max)
{
    prq_str out = { "", 0 };
    for (size_t i = 0; i < list->n && i < max && out.p; i++)
        out = prq_arena_printf(a, "%.*s%s%.*s", PRQ_FMT(out), i ? ", " : "", PRQ_FMT(list->v[i]));
    return out;
}

static bool copy_strs(struct prq_arena *a, const struct prq_strs *from, size_t max,
                      struct prq_strs *out)
{
    size_t n = from->n < max ? from->n : max;
    *out = (struct prq_strs){ prq_new_n(a, prq_str, n), 0 };
    while (out->v && out->n < n) {
        out->v[out->n] = prq_arena_copy(a, from->v[out->n]);
        if (!out->v[out->n++].p)
            return false;
    }
    return out->n == n;
}

static bool take_row(struct finder *x, struct prq_matching *m, const struct verdict *v,
                     struct prq_absence *to, struct prq_err *err)
{
    const struct prq_db_row *row = v->c.row;
    const struct prq_question *q = v->q;
    to->family = prq_str_from(prq_db_family_of_space(q->space));
    to->record_id = prq_arena_copy(x->a, row->id);
    to->record_source = prq_arena_copy(x->a, row->source);
    to->space = prq_arena_copy(x->a, q->space);
    to->matched_name = prq_arena_copy(x->a, q->name);
    to->compared_version = prq_arena_copy(x->a, q->version);
    to->is_indirect = q->is_indirect;
    to->is_disputed = row->is_disputed;
    if (!to->record_id.p || !to->record_source.p || !to->space.p || !to->matched_name.p ||
        !to->compared_version.p || !copy_strs(x->a, &row->affected.fixed, NAMES_MAX, &to->fixed_in) ||
        !prq_trace_row(&row->affected, &q->scale, q->version, q->is_valid, x->a, &to->trace))
        return no_room(err);
    prq_str digest;
    if (!prq_known_digest(m, to->family.p, row->source, row->id, &digest, err))
        return false;
    to->record_digest = prq_arena_copy(x->a, digest);
    return to->record_digest.p || digest.n == 0 || no_room(err);
}

static bool say_aside(struct finder *x, const struct verdict *v, const struct prq_subject *s,
                      struct prq_absence *to, struct prq_err *err)
{
    const struct prq_affected *a = &v->c.row->affected;
    const struct prq_package *p = to->package;
    prq_str id = v->c.row->id;
    switch (v->c.aside) {
    case PRQ_ASIDE_WITHDRAWN:
        return SAY(x, to, "withdrawn", err, "%.*s was withdrawn", PRQ_FMT(id));
    case PRQ_ASIDE_KIND:
        return SAY(x, to, "other-kind", err, "%.*s is of the %s package %.*s", PRQ_FMT(id),
                   a->is_source ? "source" : "binary", PRQ_FMT(a->name));
    case PRQ_ASIDE_ARCH:
        return SAY(x, to, "other-architecture", err, "%.*s is of %.*s only, the package of %.*s",
                   PRQ_FMT(id), PRQ_FMT(join(x->tmp, &a->arches, NAMES_MAX)), PRQ_FMT(p->arch));
    case PRQ_ASIDE_GOOS:
        return SAY(x, to, "other-system", err, "%.*s is of %.*s only, the program was built for %.*s",
                   PRQ_FMT(id), PRQ_FMT(a->goos), PRQ_FMT(p->goos));
    case PRQ_ASIDE_FLAVOUR:
        return SAY(x, to, "other-flavour", err,
                   "%.*s is of another build of it (FIPS, ksplice, cloud)", PRQ_FMT(id));
    case PRQ_ASIDE_REPOSITORY:
        return SAY(x, to, "other-repository", err, "%.*s is of the package in %.*s", PRQ_FMT(id),
                   PRQ_FMT(a->module));
    case PRQ_ASIDE_GO_VERSION:
        return SAY(x, to, "other-versions", err, "%.*s speaks of %s alone, and %.*s is none",
                   PRQ_FMT(id), prq_str_eq(a->module, PRQ_S("pseudo")) ? "pseudo-versions" : "tags",
                   PRQ_FMT(p->version));
    case PRQ_ASIDE_MODULE:
        return SAY(x, to, "other-module", err, "%.*s is of %s%.*s, the package of %s%.*s", PRQ_FMT(id),
                   a->module.n ? "the module stream " : "another module stream or of none",
                   PRQ_FMT(a->module), s->module.n ? "the stream " : "no module",
                   PRQ_FMT(s->module));
    case PRQ_ASIDE_PRODUCT:
        return SAY(x, to, "other-product", err, "%.*s is of %.*s, which the package is not of",
                   PRQ_FMT(id), PRQ_FMT(join(x->tmp, &a->cpes, NAMES_MAX)));
    case PRQ_ASIDE_NONE:
        break;
    }
    return SAY(x, to, "not-matched", err, "%.*s says nothing of it", PRQ_FMT(id));
}

static bool say_miss(struct finder *x, const struct verdict *v, struct prq_absence *to,
                     struct prq_err *err)
{
    const struct prq_affected *a = &v->c.row->affected;
    prq_str id = v->c.row->id, version = to->compared_version;
    if (!v->q->is_valid)
        return SAY(x, to, "version-invalid", err,
                   "%.*s is no version of its kind: compared with no range of %.*s",
                   PRQ_FMT(version), PRQ_FMT(id));
    if (a->range_count == 0 && a->versions.n)
        return SAY(x, to, "not-in-range", err, "%.*s is none of the %zu versions that %.*s names",
                   PRQ_FMT(version), a->versions.n, PRQ_FMT(id));
    prq_str fix = a->fixed.n ? a->fixed.v[a->fixed.n - 1] : (prq_str){ 0 };
    if (fix.n && v->q->scale.scheme->is_valid(fix) && v->q->scale.against(version, fix) >= 0)
        return SAY(x, to, "not-in-range", err, "%.*s has the fix: %.*s says fixed in %.*s",
                   PRQ_FMT(version), PRQ_FMT(id), PRQ_FMT(join(x->tmp, &a->fixed, NAMES_MAX)));
    return SAY(x, to, "not-in-range", err, "%.*s is in no affected range of %.*s", PRQ_FMT(version),
               PRQ_FMT(id));
}

static bool say_row(struct finder *x, struct prq_matching *m, const struct prq_subject *s,
                    const struct verdict *v, struct prq_absence *to, struct prq_err *err)
{
    if (!take_row(x, m, v, to, err))
        return false;
    switch (v->c.verdict) {
    case PRQ_MISS:
        return say_miss(x, v, to, err);
    case PRQ_NAK:
        return SAY(x, to, "not-affected", err, "the feed says: not affected (%.*s)",
                   PRQ_FMT(v->c.row->id));
    case PRQ_HIT:
        if (x->opts->is_saved)
            return SAY(x, to, "database-differs", err,
                       "the database at hand would report it, the one of the report did not");
        return SAY(x, to, "no-security", err, "%.*s is no security advisory and names no CVE",
                   PRQ_FMT(v->c.row->id));
    case PRQ_NO_WORD:
        break;
    }
    return say_aside(x, v, s, to, err);
}

/* ---- what else the database knows */

static prq_str stem(prq_str space)
{
    return prq_str_head(space, prq_str_find(space, ':'));
}

enum relation { SAME_SPACE, OTHER_RELEASE, OTHER_SPACE, RELATIONS };

struct elsewhere {
    prq_str own; /* name of the package itself, where a source's is looked up */
    struct prq_strs names[RELATIONS]; /* of packages, or of spaces */
    const struct prq_db_named *record[RELATIONS];
    bool is_withdrawn, is_spelling, is_of_source;
};

static bool note_name(struct finder *x, struct prq_strs *to, prq_str name)
{
    for (size_t i = 0; i < to->n; i++)
        if (prq_str_eq(to->v[i], name))
            return true;
    if (!to->v)
        to->v = prq_new_n(x->a, prq_str, NAMES_MAX);
    if (!to->v)
        return false;
    if (to->n < NAMES_MAX)
        to->v[to->n++] = prq_arena_copy(x->a, name);
    return to->n == 0 || to->v[to->n - 1].p;
}

static bool look_at(struct finder *x, const struct prq_db_named *r, prq_str space, prq_str folded,
                    struct elsewhere *e)
{
    e->is_withdrawn = e->is_withdrawn || r->record.is_withdrawn;
    for (size_t i = 0; i < r->record.affected_count; i++) {
        const struct prq_affected *a = &r->record.affected[i];
        enum relation rel = prq_str_eq(a->space, space)             ? SAME_SPACE
                            : prq_str_eq(stem(a->space), stem(space)) ? OTHER_RELEASE
                                                                      : OTHER_SPACE;
        if (rel == OTHER_RELEASE && !prq_str_eq(a->name, folded))
            continue;
        e->is_of_source = e->is_of_source || (rel == SAME_SPACE && a->is_source &&
                                              prq_str_eq(a->name, e->own));
        e->is_spelling = e->is_spelling || (rel == SAME_SPACE && prq_str_eq(a->name, folded));
        if (!e->record[rel])
            e->record[rel] = r;
        if (!note_name(x, &e->names[rel], rel == SAME_SPACE ? a->spelling.n ? a->spelling : a->name
                                                            : a->space))
            return false;
    }
    return true;
}

static bool take_record(struct finder *x, const struct prq_db_named *r, struct prq_absence *to,
                        struct prq_err *err)
{
    to->family = prq_arena_copy(x->a, r->family);
    to->record_id = prq_arena_copy(x->a, r->record.id);
    to->record_source = prq_arena_copy(x->a, r->record.source);
    to->is_disputed = r->record.is_disputed;
    if (!to->family.p || !to->record_id.p || !to->record_source.p)
        return no_room(err);
    return !x->facts->digest || x->facts->digest(x->facts->user, to->family.p, r->record.source,
                                                 r->record.id, x->a, &to->record_digest, err);
}

static const struct prq_family *family_named(const struct finder *x, prq_str name)
{
    const struct prq_family *all = NULL;
    size_t n = x->facts->families(x->facts->user, &all);
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(all[i].name, name))
            return &all[i];
    return NULL;
}

/* The newest day of which a family can know. */
static prq_str day_of(const struct prq_family *f)
{
    return !f ? (prq_str){ 0 } : f->feed_date.n ? f->feed_date : f->built;
}

/* "CVE-2023-1" is of 2023 at the earliest. */
static prq_str year_of(prq_str id)
{
    prq_str word;
    while (prq_str_split(&id, '-', &word))
        if (word.n == 4 && (word.p[0] == '1' || word.p[0] == '2') && prq_is_digit(word.p[1]) &&
            prq_is_digit(word.p[2]) && prq_is_digit(word.p[3]))
            return word;
    return (prq_str){ 0 };
}

/* No family of packages has a record of it. */
static bool say_unknown(struct finder *x, prq_str family, struct prq_absence *to, struct prq_err *err)
{
    struct prq_cve_info cve = { 0 };
    prq_str id = x->ids[0], day = day_of(family_named(x, family)), year = year_of(id);
    if (prq_id_is_cve(id) && !x->facts->cve(x->facts->user, id, x->tmp, &cve, err))
        return false;
    to->is_disputed = cve.is_disputed;
    if (cve.is_rejected)
        return SAY(x, to, "rejected", err, "%.*s was rejected", PRQ_FMT(id));
    bool is_known = cve.published.n || cve.summary.n || cve.rating_count || cve.is_kev || cve.has_epss;
    bool is_later = day.n >= 10 && ((cve.published.n >= 10 && memcmp(cve.published.p, day.p, 10) > 0) ||
                                    (year.n && memcmp(year.p, day.p, 4) > 0));
    if (is_later)
        return SAY(x, to, "family-too-old", err, "the data of %.*s is of %.*s, %.*s is later",
                   PRQ_FMT(family), PRQ_FMT(prq_str_head(day, 10)), PRQ_FMT(id));
    if (is_known)
        return SAY(x, to, "not-in-feed", err,
                   "%.*s is known, but no feed of packages has a record of it", PRQ_FMT(id));
    return SAY(x, to, "advisory-unknown", err, "the database knows nothing of %.*s", PRQ_FMT(id));
}

static bool say_elsewhere(struct finder *x, prq_str space, prq_str name, struct prq_absence *to,
                          struct prq_err *err)
{
    struct elsewhere e = { .own = to->package->name };
    prq_str folded = prq_name_fold(space, name, x->tmp), id = x->ids[0];
    prq_str family = prq_str_from(prq_db_family_of_space(space));
    for (size_t i = 0; i < x->record_count; i++)
        if (!look_at(x, &x->records[i], space, folded, &e))
            return no_room(err);
    to->family = family;
    to->feed_date = prq_arena_copy(x->a, day_of(family_named(x, family)));
    to->space = prq_arena_copy(x->a, space);
    to->matched_name = prq_arena_copy(x->a, name);
    static const struct {
        enum relation rel;
        const char *cause, *text;
    } ways[] = {
        { SAME_SPACE, "other-package", "is about" },
        { OTHER_RELEASE, "other-release", "is about this package in" },
        { OTHER_SPACE, "other-ecosystem", "is about packages of" },
    };
    for (size_t i = 0; i < PRQ_COUNT(ways); i++) {
        const struct prq_db_named *r = e.record[ways[i].rel];
        if (!r)
            continue;
        to->names = e.names[ways[i].rel];
        if (!take_record(x, r, to, err))
            return false;
        if (e.is_of_source && ways[i].rel == SAME_SPACE)
            return SAY(x, to, "other-kind", err,
                       "%.*s is about the source package %.*s, and this one is built from %.*s",
                       PRQ_FMT(id), PRQ_FMT(e.own), PRQ_FMT(name));
        bool is_spelling = e.is_spelling && ways[i].rel == SAME_SPACE;
        return SAY(x, to, is_spelling ? "other-spelling" : ways[i].cause, err, "%.*s %s %.*s%s",
                   PRQ_FMT(id), ways[i].text, PRQ_FMT(join(x->tmp, &to->names, NAMES_MAX)),
                   is_spelling ? ", written otherwise: another package" : "");
    }
    if (e.is_withdrawn && x->record_count)
        return take_record(x, &x->records[0], to, err) &&
               SAY(x, to, "withdrawn", err, "%.*s was withdrawn", PRQ_FMT(id));
    return say_unknown(x, family, to, err);
}

/* ---- one package */

/* A saved report's package has what its purl keeps beside what the report says. */
static bool as_analysed(struct finder *x, const struct prq_package *p, struct prq_package *out)
{
    struct prq_err why = PRQ_ERR_INIT;
    *out = *p;
    out->owner = 0;
    if (!x->opts->is_saved || !prq_package_from_purl(p->purl, x->tmp, out, &why)) {
        *out = *p;
        return true;
    }
    out->evidence = p->evidence;
    out->evidence_count = p->evidence_count;
    out->flags = p->flags;
    out->name = p->name;
    out->purl = p->purl;
    if (p->source_name.n)
        out->source_name = p->source_name;
    if (p->source_version.n)
        out->source_version = p->source_version;
    if (x->report->analysis->kind != PRQ_SOURCE_LIST)
        out->distro = (prq_str){ 0 };
    return true;
}

static bool ask_database(struct finder *x, struct prq_absence *to, struct prq_err *err)
{
    struct prq_analysis one = *x->report->analysis;
    struct prq_package *p = prq_new(x->tmp, struct prq_package);
    if (!p || !as_analysed(x, to->package, p))
        return no_room(err);
    one.packages = p;
    one.package_count = 1;
    one.gap_count = 0;
    struct prq_matching m = { .ctx = x->ctx, .analysis = &one, .facts = x->facts,
                              .opts = &x->opts->match, .out = x->a, .work = x->work, .tmp = x->tmp };
    struct prq_memo *memos[] = { &m.rows, &m.records, &m.digests, &m.cves, &m.sites, &m.counts,
                                 &m.families };
    for (size_t i = 0; i < PRQ_COUNT(memos); i++)
        prq_map_init(&memos[i]->map, x->work);
    struct prq_subject s;
    struct verdict best;
    if (!prq_subject_of(&m, 0, &s, err))
        return false;
    if (s.n == 0)
        return say_unasked(x, &m, to, err);
    if (!best_row(x, &m, &s, &best, err))
        return false;
    if (best.rank == 0)
        return say_elsewhere(x, s.q[s.n - 1].space, s.q[s.n - 1].name, to, err);
    if (!say_row(x, &m, &s, &best, to, err))
        return false;
    to->feed_date = prq_arena_copy(x->a, day_of(family_named(x, to->family)));
    return to->feed_date.p || no_room(err);
}

/* Without a database: the gaps of the report may say it. */
static bool ask_gaps(struct finder *x, struct prq_absence *to, struct prq_err *err)
{
    const struct prq_report *r = x->report;
    prq_str of_type = prq_arena_printf(x->tmp, "of type %.*s ", PRQ_FMT(to->package->type));
    bool is_os = prq_is_os_type(to->package->type);
    for (size_t i = 0; i < r->gap_count; i++) {
        const struct prq_gap *g = &r->gaps[i];
        if (is_note(g->kind) || strcmp(gap_cause(g->kind), "not-matched") == 0)
            continue;
        bool is_all = prq_str_has(g->reason, of_type) &&
                      (prq_str_eq(g->kind, PRQ_S("family-missing")) ||
                       prq_str_eq(g->kind, PRQ_S("type-unmatched")));
        if (is_all || (is_os && prq_str_has(g->reason, PRQ_S(" OS package"))))
            return says(x, to, gap_cause(g->kind), g->reason, err);
    }
    return SAY(x, to, "undecided", err,
               "the report does not say, and there is no database to ask (--db-dir)");
}

static bool ask_package(struct finder *x, size_t place, struct prq_err *err)
{
    bool found;
    if (!prq_arena_grow(x->a, &x->v, sizeof *x->v, &x->cap, x->n + 1))
        return no_room(err);
    struct prq_absence *to = &x->v[x->n];
    *to = (struct prq_absence){ .package = &x->report->analysis->packages[place], .place = place };
    if (!ask_report(x, to, &found, err))
        return false;
    if (!found && !(x->facts ? ask_database(x, to, err) : ask_gaps(x, to, err)))
        return false;
    x->n++;
    return true;
}

static bool ask_nobody(struct finder *x, struct prq_err *err)
{
    const struct prq_analysis *an = x->report->analysis;
    if (!prq_arena_grow(x->a, &x->v, sizeof *x->v, &x->cap, x->n + 1))
        return no_room(err);
    struct prq_absence *to = &x->v[x->n++];
    *to = (struct prq_absence){ 0 };
    struct prq_strs nearest;
    if (!prq_nearest_names(an, x->opts->package, x->tmp, &nearest) ||
        !copy_strs(x->a, &nearest, nearest.n, &to->names))
        return no_room(err);
    prq_str unread = an->gap_count ? prq_arena_printf(x->tmp, "; %zu things in the image could not be "
                                                      "read (gaps)", an->gap_count)
                                   : (prq_str){ "", 0 };
    prq_str dev = an->dev_left_out
                      ? prq_arena_printf(x->tmp, "; left out, as only development needs them: %zu "
                                         "(--include-dev)", an->dev_left_out)
                      : (prq_str){ "", 0 };
    return SAY(x, to, "package-absent", err, "no package %.*s is in the image%.*s%.*s",
               PRQ_FMT(x->opts->package), PRQ_FMT(dev), PRQ_FMT(unread));
}

/* ---- all */

static bool know_ids(struct finder *x, struct prq_err *err)
{
    add_id(x, x->opts->id);
    if (!x->facts || !x->facts->find)
        return true;
    if (!x->facts->find(x->facts->user, x->opts->id, x->work, &x->records, &x->record_count, err))
        return false;
    for (size_t i = 0; i < x->record_count; i++) {
        const struct prq_record *r = &x->records[i].record;
        bool is_same = is_asked(x, r->id) || any_asked(x, &r->aliases);
        add_id(x, r->id);
        size_t cves = 0;
        for (size_t k = 0; k < r->aliases.n; k++)
            cves += prq_id_is_cve(r->aliases.v[k]);
        for (size_t k = 0; is_same && cves < 2 && k < r->aliases.n; k++)
            add_id(x, r->aliases.v[k]);
    }
    return true;
}

static bool ask_all(struct finder *x, struct prq_err *err)
{
    const struct prq_analysis *an = x->report->analysis;
    int best = 0;
    if (!know_ids(x, err))
        return false;
    for (size_t i = 0; !x->opts->only && i < an->package_count; i++) {
        int is = prq_package_answers(&an->packages[i], x->opts->package);
        best = is > best ? is : best;
    }
    for (size_t i = 0; i < an->package_count && x->n < PACKAGES_MAX; i++) {
        const struct prq_package *p = &an->packages[i];
        bool is_meant = x->opts->only ? p == x->opts->only
                                      : best && prq_package_answers(p, x->opts->package) == best;
        struct prq_mark mark = prq_arena_mark(x->tmp);
        if (is_meant && !ask_package(x, i, err))
            return false;
        prq_arena_rewind(x->tmp, mark);
    }
    return x->n > 0 || ask_nobody(x, err);
}

bool prq_absence_facts(struct prq_ctx *ctx, const struct prq_report *report,
                       const struct prq_facts *facts, const struct prq_absence_opts *opts,
                       struct prq_arena *a, struct prq_absence **out, size_t *n, struct prq_err *err)
{
    PRQ_ARENA work = prq_arena_new(PRQ_GIB(1));
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(256));
    if (!work || !tmp)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for the explanation");
    struct finder x = { .opts = opts, .report = report, .facts = facts, .ctx = ctx, .a = a,
                        .work = work, .tmp = tmp };
    if (!ask_all(&x, err))
        return false;
    *out = x.v;
    *n = x.n;
    return true;
}

bool prq_absence_find(struct prq_ctx *ctx, const struct prq_report *report, struct prq_db *db,
                      const struct prq_absence_opts *opts, struct prq_arena *a,
                      struct prq_absence **out, size_t *n, struct prq_err *err)
{
    const struct prq_facts facts = prq_facts_of(db);
    return prq_absence_facts(ctx, report, db ? &facts : NULL, opts, a, out, n, err) ||
           prq_in(err, "explain");
}
