/* SPDX-License-Identifier: Apache-2.0 */
/* From a group of candidates to the finding that reports show: ids, fixes, why, and what the
 * records and the CVE's own families say. Source: matching.md 4, 5.7, 5.12, 5.15. */
#include "match/core.h"

/* The smallest item at or above `s` by bytes. */
static size_t sorted_place(const prq_str *v, size_t n, prq_str s)
{
    size_t low = 0;
    while (low < n) {
        size_t mid = low + (n - low) / 2;
        if (prq_str_cmp(v[mid], s) < 0)
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

static bool sorted_add(struct prq_arena *a, prq_str **v, size_t *n, size_t *cap, prq_str s)
{
    size_t at = sorted_place(*v, *n, s);
    if (s.n == 0 || (at < *n && prq_str_eq((*v)[at], s)))
        return true;
    if (!prq_arena_grow(a, v, sizeof **v, cap, *n + 1))
        return false;
    memmove(*v + at + 1, *v + at, (*n - at) * sizeof **v);
    (*v)[at] = s;
    ++*n;
    return true;
}

static bool gather_ids(struct prq_fill *x)
{
    for (size_t i = x->root; i < x->pile->n; i = x->pile->v[i].next) {
        const struct prq_candidate *c = &x->pile->v[i];
        prq_str own = c->cve.n > 0 ? c->cve : c->row->id;
        if (!sorted_add(x->m->tmp, &x->ids, &x->id_count, &x->id_cap, own))
            return false;
        for (size_t k = 0; c->cve.n == 0 && k < c->row->aliases.n; k++)
            if (!sorted_add(x->m->tmp, &x->ids, &x->id_count, &x->id_cap, c->row->aliases.v[k]))
                return false;
    }
    return true;
}

static size_t count_ids(const struct prq_fill *x, bool (*is)(prq_str), prq_str *first)
{
    size_t n = 0;
    for (size_t i = 0; i < x->id_count; i++)
        if (is(x->ids[i]) && n++ == 0)
            *first = x->ids[i];
    return n;
}

/* CVE for OS packages; GHSA, else the record's own, for languages. */
static prq_str primary_id(const struct prq_fill *x)
{
    const struct prq_candidate *best = x->choice.best;
    prq_str own = best->cve.n > 0 ? best->cve : best->row->id, id = own;
    if (x->s->matcher->flags & PRQ_OS)
        return prq_id_is_cve(own) || count_ids(x, prq_id_is_cve, &id) == 0 ? own : id;
    if (x->m->opts->by_cve && count_ids(x, prq_id_is_cve, &id) == 1)
        return id;
    return prq_id_is_ghsa(own) || count_ids(x, prq_id_is_ghsa, &id) == 0 ? own : id;
}

static bool fill_ids(struct prq_fill *x)
{
    struct prq_finding *f = x->f;
    if (!gather_ids(x))
        return false;
    prq_str id = primary_id(x);
    f->id = prq_arena_copy(x->m->out, id);
    f->aliases.v = prq_new_n(x->m->out, prq_str, x->id_count);
    if (!f->id.p || (!f->aliases.v && x->id_count))
        return false;
    for (size_t i = 0; i < x->id_count; i++) {
        if (prq_str_eq(x->ids[i], id))
            continue;
        prq_str copy = prq_arena_copy(x->m->out, x->ids[i]);
        if (!copy.p)
            return false;
        f->aliases.v[f->aliases.n++] = copy;
    }
    return true;
}

/* Versions in the order of their scheme, without doubles; what it does not know comes last. */
static bool versions_add(struct prq_fill *x, struct prq_strs *to, size_t *cap, prq_str version)
{
    const struct prq_scheme *scheme = x->choice.best->q->scale.scheme;
    bool is_valid = scheme->is_valid(version);
    size_t at = to->n;
    while (at > 0) {
        prq_str before = to->v[at - 1];
        bool before_valid = scheme->is_valid(before);
        int c = is_valid && before_valid ? scheme->compare(before, version)
                : is_valid               ? 1
                : before_valid           ? -1
                                         : prq_str_cmp(before, version);
        if (c == 0)
            return true;
        if (c < 0)
            break;
        at--;
    }
    if (!prq_arena_grow(x->m->tmp, &to->v, sizeof *to->v, cap, to->n + 1))
        return false;
    memmove(to->v + at + 1, to->v + at, (to->n - at) * sizeof *to->v);
    to->v[at] = version;
    to->n++;
    return true;
}

/* What a row gives as fixes: its list, else the upper bounds of its ranges, unless it says that
 * there is no fix (a bound may be a version that nobody can install yet). */
static bool row_fixes(struct prq_fill *x, const struct prq_affected *a, struct prq_strs *to,
                      size_t *cap)
{
    enum { MAX = 256 }; /* nobody reads more, and inserting is quadratic */
    for (size_t i = 0; i < a->fixed.n && to->n < MAX; i++)
        if (!versions_add(x, to, cap, a->fixed.v[i]))
            return false;
    bool may_guess = a->fixed.n == 0 &&
                     (a->state == PRQ_FIX_FIXED || a->state == PRQ_FIX_UNKNOWN);
    for (size_t i = 0; may_guess && i < a->range_count; i++)
        for (size_t k = 0; k < a->ranges[i].n && to->n < MAX; k++)
            if (a->ranges[i].events[k].kind == PRQ_EVENT_FIXED &&
                !versions_add(x, to, cap, a->ranges[i].events[k].version))
                return false;
    return true;
}

/* A fix of RHEL is none of a rebuild, one of a later release none of a stream that ends before it. */
static bool fill_no_fix(struct prq_fill *x, prq_str upstream)
{
    x->f->state = x->choice.best->row->affected.state;
    if (x->f->state == PRQ_FIX_FIXED)
        x->f->state = PRQ_FIX_NOT_FIXED;
    x->f->upstream_fix = prq_arena_copy(x->m->out, upstream);
    return x->f->upstream_fix.p != NULL;
}

/* Languages: all fixes, the smallest above the installed version first. OS packages: a lower fix of
 * an earlier advisory does not fix the later one, so only the highest (matching.md 5.4). */
static bool fill_fixes(struct prq_fill *x)
{
    const struct prq_question *q = x->choice.best->q;
    bool is_os = x->s->matcher->flags & PRQ_OS;
    struct prq_strs all = { 0 };
    size_t cap = 0;
    for (size_t i = x->root; i < x->pile->n; i = x->pile->v[i].next) {
        const struct prq_candidate *c = &x->pile->v[i];
        if (c->verdict == PRQ_HIT && (is_os ? c == x->choice.best : c->q == q) &&
            !row_fixes(x, &c->row->affected, &all, &cap))
            return false;
    }
    size_t first = 0;
    while (first < all.n && !(q->is_valid && q->scale.scheme->is_valid(all.v[first]) &&
                              q->scale.against(q->version, all.v[first]) < 0))
        first++;
    bool has_way_out = first < all.n;
    if (is_os && all.n > 0) {
        all.v += all.n - 1;
        all.n = 1;
        first = 0;
    }
    if (x->choice.best->q->is_borrowed || x->choice.best->is_unreachable)
        return fill_no_fix(x, all.n ? all.v[all.n - 1] : (prq_str){ 0 });
    x->f->fixed_in.v = prq_new_n(x->m->out, prq_str, all.n);
    if (!x->f->fixed_in.v && all.n)
        return false;
    for (size_t i = 0; i < all.n; i++) {
        size_t from = !has_way_out ? i : i == 0 ? first : i <= first ? i - 1 : i;
        prq_str copy = prq_arena_copy(x->m->out, all.v[from]);
        if (!copy.p)
            return false;
        x->f->fixed_in.v[x->f->fixed_in.n++] = copy;
    }
    x->f->state = x->choice.best->row->affected.state;
    if (has_way_out)
        x->f->state = PRQ_FIX_FIXED;
    else if (x->f->state == PRQ_FIX_FIXED)
        x->f->state = PRQ_FIX_NOT_FIXED;
    return true;
}

/* The vendor's ids of the fix. */
static bool fill_advisories(struct prq_fill *x)
{
    prq_str *v = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = x->root; i < x->pile->n; i = x->pile->v[i].next) {
        const struct prq_candidate *c = &x->pile->v[i];
        if (c->verdict != PRQ_HIT || c->q->is_borrowed || c->is_unreachable)
            continue;
        if (c->cve.n > 0 && !sorted_add(x->m->tmp, &v, &n, &cap, c->row->id))
            return false;
        for (size_t k = 0; k < c->row->affected.advisories.n; k++)
            if (!sorted_add(x->m->tmp, &v, &n, &cap, c->row->affected.advisories.v[k]))
                return false;
    }
    x->f->advisories.v = prq_new_n(x->m->out, prq_str, n);
    if (!x->f->advisories.v && n)
        return false;
    for (size_t i = 0; i < n; i++) {
        x->f->advisories.v[i] = prq_arena_copy(x->m->out, v[i]);
        if (!x->f->advisories.v[i].p)
            return false;
    }
    x->f->advisories.n = n;
    return true;
}

static bool is_fixture_path(prq_str path)
{
    return prq_str_has(path, PRQ_S("/test/")) || prq_str_has(path, PRQ_S("/tests/"));
}

/* Packages that lie in somebody's test data are listed, but with a doubt (matching.md 7, 10). */
static bool is_fixture(const struct prq_package *p)
{
    for (size_t i = 0; i < p->evidence_count; i++)
        if (!is_fixture_path(p->evidence[i].path))
            return false;
    return p->evidence_count > 0 && !prq_is_os_type(p->type);
}

static bool fill_reason(struct prq_fill *x)
{
    struct prq_finding *f = x->f;
    const struct prq_candidate *best = x->choice.best;
    struct prq_arena *a = x->m->out;
    f->package = x->s->index;
    f->record_id = prq_arena_copy(a, best->row->id);
    f->record_source = prq_arena_copy(a, best->row->source);
    f->family = prq_str_from(prq_db_family_of_space(best->q->space));
    f->space = prq_arena_copy(a, best->q->space);
    f->matched_name = prq_arena_copy(a, best->q->name);
    f->is_indirect = best->q->is_indirect;
    f->compared_version = prq_arena_copy(a, best->q->version);
    f->comparison = prq_hit_text(&best->hit, &best->q->scale, best->q->version, a);
    f->confidence = best->is_unsure || is_fixture(x->s->pkg) ? PRQ_S("low")
                    : best->q->cpe                           ? PRQ_S("medium")
                                                             : PRQ_S("high");
    f->note = prq_arena_copy(a, best->note.n ? best->note : best->row->affected.note);
    if (x->choice.other) {
        prq_str other = x->choice.other->row->id;
        const char *gap = f->note.n > 0 ? "; " : "";
        f->note = prq_arena_printf(a, "%.*s%sdisputed range: %.*s says otherwise", PRQ_FMT(f->note),
                                   gap, PRQ_FMT(other));
    }
    f->is_disputed = best->row->is_disputed;
    f->is_malicious = best->row->is_malicious;
    return f->record_id.p && f->record_source.p && f->space.p && f->matched_name.p &&
           f->compared_version.p && f->comparison.p && f->note.p;
}

/* ---- what records and CVE families say */

enum { MANY = 128 }; /* of ratings, references and the like: more is noise or an attack */

/* A first list is shared with its record: with the capacity set to its length, appending copies it. */

static bool ratings_add(struct prq_fill *x, size_t *cap, struct prq_sources list)
{
    struct prq_finding *f = x->f;
    if (f->rating_count == 0 && list.n <= MANY) {
        f->ratings = list.v;
        f->rating_count = *cap = list.n;
        return true;
    }
    for (size_t i = 0; i < list.n && f->rating_count < MANY; i++) {
        const struct prq_rating *r = &list.v[i];
        size_t k = 0;
        while (k < f->rating_count && !(prq_str_eq(f->ratings[k].source, r->source) &&
                                        prq_str_eq(f->ratings[k].value, r->value)))
            k++;
        if (k < f->rating_count)
            continue;
        if (!prq_arena_grow(x->m->out, &f->ratings, sizeof *f->ratings, cap, k + 1))
            return false;
        f->ratings[f->rating_count++] = *r;
    }
    return true;
}

/* Appends to a list of one step. The list may become the finding's own (ratings_add shares it), so
 * it lives as long. */
static bool step_add(struct prq_fill *x, struct prq_sources *step, struct prq_rating *v, size_t n)
{
    if (step->n == 0 || n == 0) {
        if (n > 0)
            *step = (struct prq_sources){ step->name, v, n };
        return true;
    }
    struct prq_rating *to = prq_new_n(x->m->out, struct prq_rating, step->n + n);
    if (!to)
        return false;
    memcpy(to, step->v, step->n * sizeof *to);
    memcpy(to + step->n, v, n * sizeof *to);
    step->v = to;
    step->n += n;
    return true;
}

static bool strs_add(struct prq_arena *a, struct prq_strs *to, size_t *cap,
                     const struct prq_strs *from)
{
    if (to->n == 0 && from->n <= MANY) {
        *to = *from;
        *cap = from->n;
        return true;
    }
    for (size_t i = 0; i < from->n && to->n < MANY; i++) {
        size_t k = 0;
        while (k < to->n && !prq_str_eq(to->v[k], from->v[i]))
            k++;
        if (k < to->n)
            continue;
        if (!prq_arena_grow(a, &to->v, sizeof *to->v, cap, to->n + 1))
            return false;
        to->v[to->n++] = from->v[i];
    }
    return true;
}

static bool has_reference(const struct prq_finding *f, prq_str url)
{
    for (size_t i = 0; i < f->reference_count; i++)
        if (prq_str_eq(f->references[i].url, url))
            return true;
    return false;
}

static bool references_of(struct prq_fill *x, size_t *cap, const struct prq_reference *v, size_t n)
{
    struct prq_finding *f = x->f;
    for (size_t i = 0; i < n && f->reference_count < MANY; i++) {
        if (has_reference(f, v[i].url))
            continue;
        if (!prq_arena_grow(x->m->out, &f->references, sizeof *f->references, cap,
                            f->reference_count + 1))
            return false;
        f->references[f->reference_count++] = v[i];
    }
    return true;
}

/* The first of the references that name `cve`, or where it would be. */
static size_t first_named(const struct prq_known_record *r, prq_str cve)
{
    size_t low = r->named_from, high = r->reference_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (prq_str_cmp(prq_cve_in(r->references[mid].url), cve) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* `cve`: of an advisory of several, whose references to the other ones are of no use here. */
static bool references_add(struct prq_fill *x, size_t *cap, const struct prq_known_record *r,
                           prq_str cve)
{
    struct prq_finding *f = x->f;
    if (cve.n > 0) {
        size_t from = first_named(r, cve), to = from;
        while (to < r->reference_count && prq_str_eq(prq_cve_in(r->references[to].url), cve))
            to++;
        return references_of(x, cap, r->references, r->general_count) &&
               references_of(x, cap, r->references + from, to - from);
    }
    if (f->reference_count == 0 && r->reference_count <= MANY) {
        f->references = r->references;
        f->reference_count = *cap = r->reference_count;
        return true;
    }
    return references_of(x, cap, r->references, r->reference_count);
}

static void text_take(prq_str *to, prq_str from)
{
    if (to->n == 0 && !prq_str_starts(from, PRQ_S("0001-01-01")))
        *to = from;
}

enum { STEP_PACKAGE, STEP_RECORD, STEP_GHSA, STEP_NVD, STEPS };

struct told {
    struct prq_sources steps[STEPS];
    size_t rating_cap, reference_cap, cwe_cap;
    bool has_cve, all_rejected;
};

/* Feeds whose records hold nothing beside the rows, or only the CVE's own text: not worth asking
 * for (a third of the time of matching). */
static bool has_nothing_new(const struct prq_fill *x, const struct prq_candidate *c)
{
    static const prq_str bare[] = { PRQ_SI("alpine-secdb"), PRQ_SI("wolfi-secdb") };
    for (size_t i = 0; i < PRQ_COUNT(bare); i++)
        if (prq_str_eq(c->row->source, bare[i]))
            return true;
    return prq_str_eq(c->row->source, PRQ_S("debian-tracker")) && x->f->summary.n > 0;
}

static bool tell_record(struct prq_fill *x, struct told *t, const struct prq_candidate *c,
                        struct prq_err *err)
{
    const struct prq_known_record *r;
    struct prq_finding *f = x->f;
    if (has_nothing_new(x, c))
        return true;
    if (!prq_known_record(x->m, prq_db_family_of_space(c->q->space), c->row->source, c->row->id, &r,
                          err))
        return false;
    if (c == x->choice.best)
        t->steps[STEP_RECORD] = (struct prq_sources){ c->q->cpe ? "nvd" : NULL, r->ratings,
                                                      r->rating_count };
    if (prq_id_is_ghsa(c->row->id) &&
        !step_add(x, &t->steps[STEP_GHSA], r->ratings, r->rating_count))
        return prq_no_room(err);
    text_take(&f->summary, r->summary);
    text_take(&f->published, r->published);
    text_take(&f->modified, r->modified);
    if (!references_add(x, &t->reference_cap, r, c->cve) ||
        !strs_add(x->m->out, &f->cwes, &t->cwe_cap, &r->cwes))
        return prq_no_room(err);
    struct prq_sources all = { NULL, r->ratings, r->rating_count };
    return ratings_add(x, &t->rating_cap, all) || prq_no_room(err);
}

/* GHSA records that are only named: their ratings count (step 3), their ranges do not. */
static bool tell_ghsa(struct prq_fill *x, struct told *t, struct prq_err *err)
{
    const struct prq_candidate *best = x->choice.best;
    for (size_t i = 0; i < x->id_count && !(x->s->matcher->flags & PRQ_OS); i++) {
        const struct prq_known_record *r;
        if (!prq_id_is_ghsa(x->ids[i]) || prq_str_eq(x->ids[i], best->row->id))
            continue;
        if (!prq_known_record(x->m, x->f->family.p, best->row->source, x->ids[i], &r, err))
            return false;
        if (!step_add(x, &t->steps[STEP_GHSA], r->ratings, r->rating_count))
            return prq_no_room(err);
    }
    return true;
}

static bool is_less_likely(const struct prq_finding *f, const struct prq_cve_info *c)
{
    return !c->has_epss || prq_str_cmp(c->epss_score, f->epss_score) <= 0;
}

static bool tell_cve(struct prq_fill *x, struct told *t, prq_str cve, struct prq_err *err)
{
    const struct prq_cve_info *c;
    struct prq_finding *f = x->f;
    if (!prq_known_cve(x->m, cve, &c, err))
        return false;
    t->all_rejected = c->is_rejected && (t->all_rejected || !t->has_cve);
    t->has_cve = true;
    f->is_disputed = f->is_disputed || c->is_disputed;
    text_take(&f->summary, c->summary);
    text_take(&f->published, c->published);
    text_take(&f->modified, c->modified);
    if (c->is_kev && !f->is_kev) {
        f->is_kev = true;
        f->kev_added = c->kev_added;
        f->kev_due = c->kev_due;
    }
    f->kev_ransomware = f->kev_ransomware || c->kev_ransomware;
    if (!is_less_likely(f, c)) { /* several CVEs: the likeliest */
        f->epss_score = c->epss_score;
        f->epss_percentile = c->epss_percentile;
        f->epss_date = c->epss_date;
    }
    if (!strs_add(x->m->out, &f->cwes, &t->cwe_cap, &c->cwes) ||
        !step_add(x, &t->steps[STEP_NVD], c->ratings, c->rating_count))
        return prq_no_room(err);
    return true;
}

static bool tell_cves(struct prq_fill *x, struct told *t, struct prq_err *err)
{
    for (size_t i = 0; i < x->id_count; i++)
        if (prq_id_is_cve(x->ids[i]) && !tell_cve(x, t, x->ids[i], err))
            return false;
    return true;
}

static bool page_add(struct prq_fill *x, struct told *t, const char *site, prq_str id)
{
    struct prq_reference page = { PRQ_S("ADVISORY"), { 0 } };
    page.url = prq_concat(x->m->out, (const prq_str[]){ prq_str_from(site), id }, 2);
    return page.url.p && references_of(x, &t->reference_cap, &page, 1);
}

/* After what the records themselves refer to: the page of the feed that decided, GitHub's, and where
 * NVD knows the CVE what it refers to, and its page. Sources: the feeds' own sites. */
static bool fill_pages(struct prq_fill *x, struct told *t, struct prq_err *err)
{
    static const struct {
        prq_str source;
        const char *site;
        bool cves_only;
    } sites[] = {
        { PRQ_SI("alpine-secdb"), "https://security.alpinelinux.org/vuln/", true },
        { PRQ_SI("debian-tracker"), "https://security-tracker.debian.org/tracker/", false },
        { PRQ_SI("redhat-vex"), "https://access.redhat.com/security/cve/", true },
        { PRQ_SI("osv"), "https://osv.dev/vulnerability/", false },
    };
    struct prq_finding *f = x->f;
    for (size_t i = 0; i < PRQ_COUNT(sites); i++)
        if (prq_str_eq(f->record_source, sites[i].source) &&
            (!sites[i].cves_only || prq_id_is_cve(f->record_id)) &&
            !page_add(x, t, sites[i].site, f->record_id))
            return prq_no_room(err);
    if (prq_id_is_ghsa(f->id) && !page_add(x, t, "https://github.com/advisories/", f->id))
        return prq_no_room(err);
    for (size_t i = 0; i < x->id_count; i++) {
        const struct prq_cve_info *c;
        if (!prq_id_is_cve(x->ids[i]))
            continue;
        if (!prq_known_cve(x->m, x->ids[i], &c, err))
            return false;
        if (!references_of(x, &t->reference_cap, c->references, c->reference_count))
            return prq_no_room(err);
        if ((c->published.n || c->summary.n || c->rating_count) &&
            !page_add(x, t, "https://nvd.nist.gov/vuln/detail/", x->ids[i]))
            return prq_no_room(err);
    }
    return true;
}

static bool fill_told(struct prq_fill *x, struct prq_err *err)
{
    struct told t = { .steps = { [STEP_NVD] = { .name = "nvd" } } };
    struct prq_finding *f = x->f;
    const struct prq_affected *a = &x->choice.best->row->affected;
    struct prq_rating *own = a->ratings;
    if (!prq_keep_ratings(x->m->out, &own, a->rating_count))
        return prq_no_room(err);
    t.steps[STEP_PACKAGE] = (struct prq_sources){ NULL, own, a->rating_count };
    if (!ratings_add(x, &t.rating_cap, t.steps[STEP_PACKAGE]))
        return prq_no_room(err);
    /* The tracker's description is the CVE's own text: NVD's is asked for anyway. */
    bool cve_first = prq_str_eq(x->choice.best->row->source, PRQ_S("debian-tracker")) ||
                     x->choice.best->q->cpe;
    if ((cve_first && !tell_cves(x, &t, err)) || !tell_record(x, &t, x->choice.best, err))
        return false;
    for (size_t i = x->root; i < x->pile->n; i = x->pile->v[i].next) {
        const struct prq_candidate *c = &x->pile->v[i];
        if (c != x->choice.best && c->verdict == PRQ_HIT && !tell_record(x, &t, c, err))
            return false;
    }
    if (!tell_ghsa(x, &t, err))
        return false;
    if (!cve_first && !tell_cves(x, &t, err))
        return false;
    if (!ratings_add(x, &t.rating_cap, t.steps[STEP_GHSA]) ||
        !ratings_add(x, &t.rating_cap, t.steps[STEP_NVD]))
        return prq_no_room(err);
    x->is_rejected = t.all_rejected && prq_id_is_cve(f->id) && (x->s->matcher->flags & PRQ_OS);
    prq_rate(f, t.steps, STEPS, x->m->opts->severity_from);
    if (f->is_malicious && f->severity_source.n == 0) { /* a MAL- record is its own rating */
        f->severity = PRQ_SEV_CRITICAL;
        f->severity_source = f->record_source;
        f->severity_rule = PRQ_S("malicious");
    }
    return fill_pages(x, &t, err);
}

/* What anybody needs to check the verdict: the record's digest and the comparison event by event. */
static bool fill_proof(struct prq_fill *x, struct prq_err *err)
{
    const struct prq_candidate *best = x->choice.best;
    struct prq_finding *f = x->f;
    if (!prq_trace(best, x->m->out, &f->trace))
        return prq_no_room(err);
    return prq_known_digest(x->m, f->family.p, best->row->source, best->row->id,
                            &f->record_digest, err);
}

bool prq_fill(struct prq_fill *x, struct prq_err *err)
{
    if (!fill_ids(x) || !fill_reason(x) || !fill_fixes(x) || !fill_advisories(x))
        return prq_no_room(err);
    return fill_proof(x, err) && fill_told(x, err);
}

/* A not-affected record that met no other candidate: ids, package and who says so. */
bool prq_fill_short(struct prq_fill *x, struct prq_err *err)
{
    const struct prq_candidate *best = x->choice.best;
    struct prq_finding *f = x->f;
    if (!fill_ids(x))
        return prq_no_room(err);
    f->package = x->s->index;
    f->state = PRQ_FIX_NOT_AFFECTED;
    f->family = prq_str_from(prq_db_family_of_space(best->q->space));
    f->record_id = prq_arena_copy(x->m->out, best->row->id);
    f->record_source = prq_arena_copy(x->m->out, best->row->source);
    f->space = prq_arena_copy(x->m->out, best->q->space);
    f->matched_name = prq_arena_copy(x->m->out, best->q->name);
    f->compared_version = prq_arena_copy(x->m->out, best->q->version);
    f->is_indirect = best->q->is_indirect;
    if (!f->record_id.p || !f->record_source.p || !f->space.p || !f->matched_name.p ||
        !f->compared_version.p)
        return prq_no_room(err);
    return fill_proof(x, err);
}
