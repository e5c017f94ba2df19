/* SPDX-License-Identifier: Apache-2.0 */
/* Packages are paired by type, folded name and version; what is left over by name, then by version.
 * Findings are paired by any of their names within a pair of packages. */
#include "report/comparison.h"

#include <stdlib.h>

#include "base/map.h"

static const struct {
    const char *word, *summary;
} causes[] = {
    [PRQ_UNLIKE_PACKAGE] = { "package", "the package is seen by one side only" },
    [PRQ_UNLIKE_VERSION] = { "version", "the package has another version" },
    [PRQ_UNLIKE_NAME] = { "name", "the package has another name or type" },
    [PRQ_UNLIKE_ADVISORY] = { "advisory", "the data of one side lacks the record" },
    [PRQ_UNLIKE_RANGE] = { "range", "the record says otherwise of this version" },
    [PRQ_UNLIKE_STATUS] = { "status", "withdrawn, rejected or not affected on one side" },
    [PRQ_UNLIKE_CPE] = { "cpe", "matched there by a CPE name" },
    [PRQ_UNLIKE_NOT_JUDGED] = { "not-judged", "such packages are not matched on one side" },
    [PRQ_UNLIKE_SUPPRESSED_HERE] = { "suppressed-here", "suppressed here" },
    [PRQ_UNLIKE_SUPPRESSED_THERE] = { "suppressed-there", "suppressed there" },
    [PRQ_UNLIKE_FILTERED] = { "filtered", "the other report leaves such findings out" },
    [PRQ_UNLIKE_SEVERITY] = { "severity", "another severity" },
    [PRQ_UNLIKE_STATE] = { "state", "another fix state" },
    [PRQ_UNLIKE_FIX] = { "fix", "other fixed versions" },
    [PRQ_UNLIKE_UNEXPLAINED] = { "unexplained", "neither report says why" },
};

const char *prq_unlike_word(enum prq_unlike_cause cause)
{
    return causes[cause].word;
}

const char *prq_unlike_summary(enum prq_unlike_cause cause)
{
    return causes[cause].summary;
}

#define NONE SIZE_MAX

struct pairing {
    const struct prq_report *r;
    const struct prq_foreign *f;
    prq_why_absent why;
    void *user;
    struct prq_arena *a;
    struct prq_comparison *out;
    size_t cap;
    size_t *first, *next; /* of each of their packages: ours of the same key, chained */
    size_t *theirs;       /* of each of ours: theirs of the same key, or NONE */
    size_t *mate, *our_mate; /* packages that are nearly the same: of theirs ours, of ours theirs */
    struct prq_map ours_by_id; /* "PACKAGE ID" → 1 + index of a finding, suppressed ones from finding_count */
    bool *is_met;         /* ours: it has a pair */
    bool has_low[PRQ_SEV_CRITICAL + 1], has_unfixed; /* what their report has at all */
};

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "the comparison is too large");
}

static struct prq_unlike *add(struct pairing *x, enum prq_unlike_cause cause,
                              enum prq_unlike_side side)
{
    struct prq_comparison *c = x->out;
    if (!prq_arena_grow(x->a, &c->v, sizeof *c->v, &x->cap, c->n + 1))
        return NULL;
    struct prq_unlike *u = &c->v[c->n++];
    *u = (struct prq_unlike){ .cause = cause, .side = side, .package = NONE };
    return u;
}

static void of_ours(struct pairing *x, struct prq_unlike *u, size_t i)
{
    const struct prq_package *p = &x->r->analysis->packages[i];
    u->package = i;
    u->type = p->type;
    u->name = p->name;
    u->version = prq_package_shown_version(p, x->a);
}

static void of_theirs(struct prq_unlike *u, const struct prq_foreign_package *p)
{
    u->type = p->type;
    u->name = p->name;
    u->version = p->version;
}

/* ---- packages */

static bool pair_packages(struct pairing *x, struct prq_err *err)
{
    const struct prq_analysis *an = x->r->analysis;
    struct prq_map keys;
    prq_map_init(&keys, x->a);
    for (size_t i = 0; i < x->f->package_count; i++) {
        x->first[i] = NONE;
        if (!prq_map_put(&keys, x->f->packages[i].key, i, NULL))
            return no_room(err);
    }
    for (size_t i = an->package_count; i-- > 0;) {
        const struct prq_package *p = &an->packages[i];
        prq_str key = prq_foreign_key(p->type, p->name, prq_package_shown_version(p, x->a), x->a);
        if (!key.p)
            return no_room(err);
        const size_t *at = prq_map_find(&keys, key);
        x->theirs[i] = at ? *at : NONE;
        x->next[i] = NONE;
        if (at) {
            x->next[i] = x->first[*at];
            x->first[*at] = i;
        }
    }
    for (size_t i = 0; i < x->f->package_count; i++)
        x->out->packages_same += x->first[i] != NONE;
    return true;
}

static prq_str last_part(prq_str name)
{
    size_t at = name.n;
    while (at > 0 && name.p[at - 1] != '/' && name.p[at - 1] != ':')
        at--;
    return prq_str_from_at(name, at);
}

/* Why we see what they do not; from the package itself. */
static prq_str why_only_here(const struct pairing *x, const struct prq_package *p)
{
    if (p->flags & PRQ_PKG_CLAIMED)
        return PRQ_S("only an SBOM in the image says so");
    if (p->flags & PRQ_PKG_DECLARED)
        return PRQ_S("from a lock file or manifest");
    if (p->flags & PRQ_PKG_APPLICATION)
        return PRQ_S("an application's own manifest");
    if (p->flags & PRQ_PKG_STRAY)
        return PRQ_S("named by a program that was found by itself");
    if (prq_str_eq(p->type, PRQ_S("binary")))
        return PRQ_S("a program without a package database, by the version that it holds");
    if (p->evidence_count == 0)
        return (prq_str){ 0 };
    return prq_arena_printf(x->a, "%.*s (%.*s)", PRQ_FMT(p->evidence[0].path), PRQ_FMT(p->found_by));
}

/* Ours that have no pair, by a key: name, or type-less version and last part. */
struct leftovers {
    struct prq_map by_name, by_version;
};

static prq_str version_key(const struct pairing *x, prq_str name, prq_str version)
{
    prq_str key = prq_foreign_key(PRQ_S("?"), last_part(name), version, x->a);
    return key;
}

static bool gather_leftovers(struct pairing *x, struct leftovers *l, struct prq_err *err)
{
    const struct prq_analysis *an = x->r->analysis;
    prq_map_init(&l->by_name, x->a);
    prq_map_init(&l->by_version, x->a);
    for (size_t i = 0; i < an->package_count; i++) {
        const struct prq_package *p = &an->packages[i];
        if (x->theirs[i] != NONE)
            continue;
        prq_str name = prq_foreign_name_key(p->type, p->name, x->a);
        prq_str version = version_key(x, p->name, prq_package_shown_version(p, x->a));
        if (!name.p || !version.p || !prq_map_put(&l->by_name, name, i, NULL) ||
            !prq_map_put(&l->by_version, version, i, NULL))
            return no_room(err);
    }
    return true;
}

static bool tell_theirs(struct pairing *x, const struct leftovers *l, size_t i, struct prq_err *err)
{
    const struct prq_foreign_package *t = &x->f->packages[i];
    prq_str name = prq_foreign_name_key(t->type, t->name, x->a);
    prq_str version = version_key(x, t->name, t->version);
    if (!name.p || !version.p)
        return no_room(err);
    const size_t *other = prq_map_find(&l->by_name, name);
    const size_t *renamed = other ? NULL : prq_map_find(&l->by_version, version);
    bool is_new = !(other && x->is_met[*other]) && !(renamed && x->is_met[*renamed]);
    const size_t *mate = is_new ? other ? other : renamed : NULL;
    struct prq_unlike *u = add(x, !mate                  ? PRQ_UNLIKE_PACKAGE
                                  : mate == other        ? PRQ_UNLIKE_VERSION
                                                         : PRQ_UNLIKE_NAME,
                               mate ? PRQ_BOTH : PRQ_ONLY_THERE);
    if (!u)
        return no_room(err);
    of_theirs(u, t);
    if (mate) {
        const struct prq_package *p = &x->r->analysis->packages[*mate];
        x->is_met[*mate] = true;
        x->mate[i] = *mate;
        x->our_mate[*mate] = i;
        of_ours(x, u, *mate);
        u->here = mate == other ? u->version
                                : prq_arena_printf(x->a, "%.*s %.*s", PRQ_FMT(p->type), PRQ_FMT(p->name));
        u->there = mate == other ? t->version
                                 : prq_arena_printf(x->a, "%.*s %.*s", PRQ_FMT(t->type), PRQ_FMT(t->name));
    } else if (t->is_dev && x->r->analysis->dev_left_out) {
        u->text = PRQ_S("only development needs it: left out here (--include-dev)");
    } else if (t->path.n) {
        u->text = prq_arena_printf(x->a, "they found it at %.*s", PRQ_FMT(t->path));
    }
    return true;
}

static bool tell_packages(struct pairing *x, struct prq_err *err)
{
    const struct prq_analysis *an = x->r->analysis;
    struct leftovers l;
    if (!gather_leftovers(x, &l, err))
        return false;
    for (size_t i = 0; i < x->f->package_count; i++)
        if (x->first[i] == NONE && !tell_theirs(x, &l, i, err))
            return false;
    for (size_t i = 0; x->f->lists_packages && i < an->package_count; i++) {
        if (x->theirs[i] != NONE || x->is_met[i])
            continue;
        struct prq_unlike *u = add(x, PRQ_UNLIKE_PACKAGE, PRQ_ONLY_HERE);
        if (!u)
            return no_room(err);
        of_ours(x, u, i);
        u->text = why_only_here(x, &an->packages[i]);
    }
    return true;
}

/* ---- findings */

static prq_str id_key(struct pairing *x, size_t package, prq_str id)
{
    char *lower = prq_arena_alloc(x->a, id.n + 1);
    for (size_t i = 0; lower && i < id.n; i++)
        lower[i] = prq_to_lower(id.p[i]);
    return lower ? prq_arena_printf(x->a, "%zu %.*s", package, (int)id.n, lower) : (prq_str){ 0 };
}

static const struct prq_finding *ours_at(const struct pairing *x, size_t i)
{
    const struct prq_report *r = x->r;
    return i < r->finding_count ? &r->findings[i] : &r->suppressed[i - r->finding_count];
}

static bool index_ours(struct pairing *x, struct prq_err *err)
{
    size_t all = x->r->finding_count + x->r->suppressed_count;
    prq_map_init(&x->ours_by_id, x->a);
    for (size_t i = 0; i < all; i++) {
        const struct prq_finding *f = ours_at(x, i);
        const struct prq_strs *lists[] = { &f->aliases, &f->advisories };
        prq_str key = id_key(x, f->package, f->id);
        if (!key.p || !prq_map_put(&x->ours_by_id, key, i, NULL))
            return no_room(err);
        for (size_t l = 0; l < PRQ_COUNT(lists); l++)
            for (size_t k = 0; k < lists[l]->n; k++) {
                key = id_key(x, f->package, lists[l]->v[k]);
                if (!key.p || !prq_map_put(&x->ours_by_id, key, i, NULL))
                    return no_room(err);
            }
    }
    return true;
}

/* Ours for one of theirs in one of our packages; NONE. *by_alias: under another name. */
static bool find_ours(struct pairing *x, size_t package, const struct prq_foreign_finding *t,
                      size_t *out, bool *by_alias, struct prq_err *err)
{
    *out = NONE;
    *by_alias = false;
    for (size_t k = 0; k <= t->aliases.n; k++) {
        prq_str id = k ? t->aliases.v[k - 1] : t->id, key = id_key(x, package, id);
        if (!key.p)
            return no_room(err);
        const size_t *at = prq_map_find(&x->ours_by_id, key);
        if (!at)
            continue;
        *out = *at;
        *by_alias = k > 0 || !prq_str_ieq(ours_at(x, *at)->id, t->id);
        return true;
    }
    return true;
}

static bool has_version(const struct prq_strs *list, prq_str v)
{
    for (size_t i = 0; i < list->n; i++)
        if (prq_str_eq(list->v[i], v))
            return true;
    return false;
}

static prq_str listed(struct pairing *x, const struct prq_strs *list)
{
    prq_str out = { "", 0 };
    for (size_t i = 0; i < list->n && i < 8 && out.p; i++)
        out = prq_arena_printf(x->a, "%.*s%s%.*s", PRQ_FMT(out), i ? ", " : "", PRQ_FMT(list->v[i]));
    return out.n ? out : PRQ_S("-");
}

static struct prq_unlike *add_finding(struct pairing *x, enum prq_unlike_cause cause,
                                      enum prq_unlike_side side, const struct prq_finding *ours,
                                      const struct prq_foreign_finding *theirs)
{
    struct prq_unlike *u = add(x, cause, side);
    if (!u)
        return NULL;
    u->ours = ours;
    u->theirs = theirs;
    u->id = ours ? ours->id : theirs->id;
    if (ours)
        of_ours(x, u, ours->package);
    else
        of_theirs(u, &x->f->packages[theirs->package]);
    return u;
}

static prq_str rated(struct pairing *x, enum prq_severity severity, prq_str source)
{
    return prq_arena_printf(x->a, "%s%s%.*s", prq_severity_word(severity), source.n ? " by " : "",
                            PRQ_FMT(source));
}

static bool tell_both(struct pairing *x, const struct prq_finding *o,
                      const struct prq_foreign_finding *t, struct prq_err *err)
{
    struct prq_unlike *u;
    if (o->severity != t->severity) {
        if (!(u = add_finding(x, PRQ_UNLIKE_SEVERITY, PRQ_BOTH, o, t)))
            return no_room(err);
        u->here = rated(x, o->severity, o->severity_source);
        u->there = rated(x, t->severity, t->severity_source);
    }
    if (o->state != t->state && t->state != PRQ_FIX_UNKNOWN) {
        if (!(u = add_finding(x, PRQ_UNLIKE_STATE, PRQ_BOTH, o, t)))
            return no_room(err);
        u->here = prq_str_from(prq_fix_state_word(o->state));
        u->there = prq_str_from(prq_fix_state_word(t->state));
        return true;
    }
    bool is_same = o->fixed_in.n == 0 && t->fixed_in.n == 0;
    for (size_t i = 0; i < o->fixed_in.n; i++)
        is_same = is_same || has_version(&t->fixed_in, o->fixed_in.v[i]);
    if (is_same)
        return true;
    if (!(u = add_finding(x, PRQ_UNLIKE_FIX, PRQ_BOTH, o, t)))
        return no_room(err);
    u->here = listed(x, &o->fixed_in);
    u->there = listed(x, &t->fixed_in);
    return true;
}

/* What a reason of ours is in this comparison. */
static enum prq_unlike_cause cause_of(const char *why)
{
    static const struct {
        const char *why;
        enum prq_unlike_cause cause;
    } table[] = {
        { "not-in-range", PRQ_UNLIKE_RANGE },       { "version-invalid", PRQ_UNLIKE_RANGE },
        { "overruled", PRQ_UNLIKE_RANGE },          { "withdrawn", PRQ_UNLIKE_STATUS },
        { "rejected", PRQ_UNLIKE_STATUS },          { "not-affected", PRQ_UNLIKE_STATUS },
        { "status", PRQ_UNLIKE_STATUS },            { "no-security", PRQ_UNLIKE_STATUS },
        { "excluded", PRQ_UNLIKE_SUPPRESSED_HERE }, { "owned", PRQ_UNLIKE_SUPPRESSED_HERE },
        { "rule", PRQ_UNLIKE_SUPPRESSED_HERE },     { "vex", PRQ_UNLIKE_SUPPRESSED_HERE },
        { "dev-left-out", PRQ_UNLIKE_NOT_JUDGED },  { "database-differs", PRQ_UNLIKE_ADVISORY },
        { "not-in-feed", PRQ_UNLIKE_ADVISORY },     { "advisory-unknown", PRQ_UNLIKE_ADVISORY },
        { "family-too-old", PRQ_UNLIKE_ADVISORY },  { "undecided", PRQ_UNLIKE_UNEXPLAINED },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (strcmp(why, table[i].why) == 0)
            return table[i].cause;
    return strncmp(why, "other-", 6) == 0 ? PRQ_UNLIKE_ADVISORY : PRQ_UNLIKE_NOT_JUDGED;
}

static bool meet(struct pairing *x, size_t their_index, size_t ours, bool by_alias,
                 struct prq_err *err)
{
    const struct prq_foreign_finding *t = &x->f->findings[their_index];
    const struct prq_finding *o = ours_at(x, ours);
    bool is_suppressed = ours >= x->r->finding_count;
    bool is_first = !x->is_met[ours];
    x->is_met[ours] = true;
    if (!is_first)
        return true; /* the same under a second name of theirs (Grype: a GHSA and its CVE) */
    if (is_suppressed == t->is_suppressed) {
        if (by_alias)
            x->out->findings_alias++;
        else
            x->out->findings_same++;
        return is_suppressed || tell_both(x, o, t, err);
    }
    struct prq_unlike *u = add_finding(x, is_suppressed ? PRQ_UNLIKE_SUPPRESSED_HERE
                                                        : PRQ_UNLIKE_SUPPRESSED_THERE,
                                       is_suppressed ? PRQ_ONLY_THERE : PRQ_ONLY_HERE, o, t);
    if (!u)
        return no_room(err);
    u->text = is_suppressed ? prq_arena_printf(x->a, "%.*s %.*s: %.*s", PRQ_FMT(o->by.kind),
                                               PRQ_FMT(o->by.id), PRQ_FMT(o->by.reason))
                            : t->reason;
    return true;
}

/* "here 1.0, there 1.1" */
static prq_str apart(struct pairing *x, size_t ours, size_t theirs, enum prq_unlike_cause *cause)
{
    const struct prq_package *p = &x->r->analysis->packages[ours];
    const struct prq_foreign_package *t = &x->f->packages[theirs];
    prq_str a = prq_foreign_name_key(p->type, p->name, x->a);
    prq_str b = prq_foreign_name_key(t->type, t->name, x->a);
    *cause = prq_str_eq(a, b) ? PRQ_UNLIKE_VERSION : PRQ_UNLIKE_NAME;
    if (*cause == PRQ_UNLIKE_VERSION)
        return prq_arena_printf(x->a, "the package is %.*s here, %.*s there",
                                PRQ_FMT(prq_package_shown_version(p, x->a)), PRQ_FMT(t->version));
    return prq_arena_printf(x->a, "the package is %.*s here, %.*s there", PRQ_FMT(a), PRQ_FMT(b));
}

/* One of our findings after all, under a name that only the database knows: its place, or NONE. */
static size_t place_of(const struct pairing *x, const struct prq_finding *f)
{
    const struct prq_report *r = x->r;
    for (size_t i = 0; f && i < r->finding_count + r->suppressed_count; i++)
        if (ours_at(x, i) == f)
            return i;
    return NONE;
}

static bool tell_only_there(struct pairing *x, size_t their_index, size_t package,
                            struct prq_err *err)
{
    const struct prq_foreign_finding *t = &x->f->findings[their_index];
    struct prq_absence why = { 0 };
    if (package != NONE && x->why && !x->why(x->user, t->id, package, &why, err))
        return false;
    size_t ours = place_of(x, why.finding);
    if (ours != NONE)
        return meet(x, their_index, ours, true, err);
    enum prq_unlike_cause cause = package == NONE ? PRQ_UNLIKE_PACKAGE
                                  : why.cause     ? cause_of(why.cause)
                                                  : PRQ_UNLIKE_UNEXPLAINED;
    if (t->is_by_cpe && (cause == PRQ_UNLIKE_ADVISORY || cause == PRQ_UNLIKE_UNEXPLAINED))
        cause = PRQ_UNLIKE_CPE;
    struct prq_unlike *u = add_finding(x, cause, PRQ_ONLY_THERE, NULL, t);
    if (!u)
        return no_room(err);
    u->package = package;
    u->why = why.cause;
    u->text = package == NONE ? PRQ_S("the package is not seen here") : why.text;
    if (package == NONE && x->mate[t->package] != NONE)
        u->text = apart(x, x->mate[t->package], t->package, &u->cause);
    u->there = t->range.n ? prq_arena_printf(x->a, "%.*s: %.*s", PRQ_FMT(t->feed), PRQ_FMT(t->range))
                          : t->feed;
    return true;
}

static bool tell_theirs_findings(struct pairing *x, struct prq_err *err)
{
    for (size_t i = 0; i < x->f->finding_count; i++) {
        const struct prq_foreign_finding *t = &x->f->findings[i];
        bool found = false;
        size_t p = x->first[t->package];
        if (p == NONE)
            p = x->mate[t->package];
        for (; p != NONE; p = x->next[p]) {
            size_t ours;
            bool by_alias;
            if (!find_ours(x, p, t, &ours, &by_alias, err))
                return false;
            if (ours == NONE)
                continue;
            found = true;
            if (!meet(x, i, ours, by_alias, err))
                return false;
        }
        if (!found && !t->is_suppressed &&
            !tell_only_there(x, i, x->first[t->package], err))
            return false;
    }
    return true;
}

/* What their report would have left out, and why theirs lacks one of ours. */
static bool tell_only_here(struct pairing *x, const struct prq_finding *o, struct prq_err *err)
{
    size_t theirs = x->theirs[o->package];
    bool is_unfixed = o->state != PRQ_FIX_FIXED;
    bool is_later = o->published.n >= 10 && x->f->data_built.n >= 10 &&
                    memcmp(o->published.p, x->f->data_built.p, 10) > 0;
    bool is_low = true;
    for (size_t s = 0; s <= o->severity; s++)
        is_low = is_low && !x->has_low[s];
    enum prq_unlike_cause cause = PRQ_UNLIKE_UNEXPLAINED;
    prq_str text = { 0 };
    if (theirs == NONE && x->our_mate[o->package] != NONE) {
        text = apart(x, o->package, x->our_mate[o->package], &cause);
    } else if (theirs == NONE && x->f->lists_packages) {
        cause = PRQ_UNLIKE_PACKAGE;
        text = PRQ_S("the package is not seen there");
    } else if (is_later) {
        cause = PRQ_UNLIKE_ADVISORY;
        text = prq_arena_printf(x->a, "published %.*s, their data is of %.*s",
                                PRQ_FMT(prq_str_head(o->published, 10)),
                                PRQ_FMT(prq_str_head(x->f->data_built, 10)));
    } else if (is_unfixed && !x->has_unfixed && x->f->finding_count) {
        cause = PRQ_UNLIKE_FILTERED;
        text = PRQ_S("it has no fix, and their report has only fixed ones");
    } else if (is_low && x->f->finding_count) {
        cause = PRQ_UNLIKE_FILTERED;
        text = prq_arena_printf(x->a, "it is %s, and their report has nothing as low",
                                prq_severity_word(o->severity));
    } else {
        text = prq_arena_printf(x->a, "here by %.*s of %.*s: %.*s", PRQ_FMT(o->record_id),
                                PRQ_FMT(o->record_source), PRQ_FMT(o->comparison));
    }
    struct prq_unlike *u = add_finding(x, cause, PRQ_ONLY_HERE, o, NULL);
    if (!u)
        return no_room(err);
    u->text = text;
    return true;
}

static bool tell_ours_findings(struct pairing *x, struct prq_err *err)
{
    for (size_t i = 0; i < x->f->finding_count; i++) {
        const struct prq_foreign_finding *t = &x->f->findings[i];
        if (t->is_suppressed)
            continue;
        x->has_low[t->severity] = true;
        x->has_unfixed = x->has_unfixed || (t->state != PRQ_FIX_FIXED && !t->is_by_cpe);
    }
    for (size_t i = 0; i < x->r->finding_count; i++)
        if (!x->is_met[i] && !tell_only_here(x, &x->r->findings[i], err))
            return false;
    return true;
}

/* ---- all */

static void note(struct pairing *x, prq_str text)
{
    if (x->out->note_count < PRQ_COUNT(x->out->notes) && text.p)
        x->out->notes[x->out->note_count++] = text;
}

static void take_notes(struct pairing *x)
{
    const struct prq_analysis *an = x->r->analysis;
    const struct prq_foreign *f = x->f;
    bool has_both_ids = an->id.n && f->image_id.n, has_both = an->digest.n && f->digest.n;
    if ((has_both_ids && !prq_str_eq(an->id, f->image_id)) ||
        (!has_both_ids && has_both && !prq_str_eq(an->digest, f->digest)))
        note(x, PRQ_S("the reports are of different images"));
    if (!f->lists_packages)
        note(x, PRQ_S("their report lists only packages that have findings: packages that only we see "
                      "are not told"));
    if (f->lost)
        note(x, prq_arena_printf(x->a, "%llu entries of their report name no package or no "
                                 "vulnerability", (unsigned long long)f->lost));
    if (f->data_built.n || f->created.n)
        note(x, prq_arena_printf(x->a, "their %s is of %.*s", f->data_built.n ? "data" : "report",
                                 PRQ_FMT(prq_str_head(f->data_built.n ? f->data_built : f->created, 10))));
    if (!x->why)
        note(x, PRQ_S("there is no database at hand to say why something is not reported here"));
}

static int unlike_cmp(const void *pa, const void *pb)
{
    const struct prq_unlike *a = pa, *b = pb;
    if (a->cause != b->cause)
        return a->cause < b->cause ? -1 : 1;
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    int c = prq_str_cmp(a->type, b->type);
    if (c == 0)
        c = prq_str_cmp(a->name, b->name);
    if (c == 0)
        c = prq_str_cmp(a->version, b->version);
    if (c == 0)
        c = prq_str_cmp(a->id, b->id);
    return c ? c : prq_str_cmp(a->there, b->there);
}

static bool make(struct pairing *x, struct prq_err *err)
{
    size_t ours = x->r->analysis->package_count, theirs = x->f->package_count;
    size_t all = x->r->finding_count + x->r->suppressed_count;
    x->theirs = prq_new_n(x->a, size_t, ours);
    x->next = prq_new_n(x->a, size_t, ours);
    x->first = prq_new_n(x->a, size_t, theirs);
    x->is_met = prq_new_n(x->a, bool, ours);
    x->mate = prq_new_n(x->a, size_t, theirs);
    x->our_mate = prq_new_n(x->a, size_t, ours);
    if (((!x->theirs || !x->next || !x->is_met || !x->our_mate) && ours) ||
        ((!x->first || !x->mate) && theirs))
        return no_room(err);
    for (size_t i = 0; i < theirs; i++)
        x->mate[i] = NONE;
    for (size_t i = 0; i < ours; i++)
        x->our_mate[i] = NONE;
    if (!pair_packages(x, err) || !tell_packages(x, err) || !index_ours(x, err))
        return false;
    x->is_met = prq_new_n(x->a, bool, all); /* from here of findings */
    if (!x->is_met && all)
        return no_room(err);
    return tell_theirs_findings(x, err) && tell_ours_findings(x, err);
}

bool prq_comparison_make(const struct prq_report *r, const struct prq_foreign *f, prq_why_absent why,
                         void *user, struct prq_arena *a, struct prq_comparison *out,
                         struct prq_err *err)
{
    struct pairing x = { .r = r, .f = f, .why = why, .user = user, .a = a, .out = out };
    *out = (struct prq_comparison){ .report = r, .foreign = f };
    if (!make(&x, err))
        return false;
    if (out->n > 1)
        qsort(out->v, out->n, sizeof *out->v, unlike_cmp);
    for (size_t i = 0; i < out->n; i++)
        out->counts[out->v[i].cause]++;
    take_notes(&x);
    return true;
}
