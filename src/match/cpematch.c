/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that no feed of their own answers for, by CPE in NVD's records, and what keeps such matches
 * honest: the vendor has to be the same, a criterion has to say a version, what has to be there
 * besides is looked for. Source: matching.md 1.17, 3.12, 5.11. */
#include "match/core.h"

static const struct prq_doubt without_version = {
    "cpe-without-version", "NVD's criterion names no version, and nobody else names this package",
};
static const struct prq_doubt before_release = {
    "cpe-before-first-release", "the CVE is older than the software",
};

/* ---- questions */

static bool is_open(prq_str field)
{
    return prq_str_eq(field, PRQ_S("*")) || prq_str_eq(field, PRQ_S("-"));
}

static bool is_wild(prq_str field)
{
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] == '\\')
            i++;
        else if (field.p[i] == '*' || field.p[i] == '?')
            return true;
    }
    return false;
}

/* Without the backslashes. */
static prq_str plain(prq_str field, struct prq_arena *a)
{
    char *p = prq_arena_alloc(a, field.n + 1);
    size_t n = 0;
    for (size_t i = 0; p && i < field.n; i++) {
        if (field.p[i] == '\\' && i + 1 < field.n)
            i++;
        p[n++] = field.p[i];
    }
    return (prq_str){ p, n };
}

/* Packages of distributions, programs and what Java embeds may be of any language. */
static prq_str language_of(prq_str type)
{
    static const prq_str any[] = { PRQ_SI("binary"), PRQ_SI("generic"), PRQ_SI("maven") };
    for (size_t i = 0; i < PRQ_COUNT(any); i++)
        if (prq_str_eq(type, any[i]))
            return (prq_str){ 0 };
    return prq_is_os_type(type) ? (prq_str){ 0 } : type;
}

/* Java's update is a part of its version in another spelling. */
static bool is_java(prq_str name)
{
    static const prq_str products[] = { PRQ_SI(":jdk"), PRQ_SI(":jre"), PRQ_SI(":openjdk"),
                                        PRQ_SI(":zulu"), PRQ_SI("oracle:graalvm") };
    for (size_t i = 0; i < PRQ_COUNT(products); i++)
        if (prq_str_ends(name, products[i]))
            return true;
    return false;
}

/* 9.2 and p1 are 9.2p1; 1.8.0 and update302 are 1.8.0-update302. */
static prq_str whole_version(prq_str version, prq_str update, bool java, struct prq_arena *a)
{
    version = plain(version, a);
    if (!version.p || is_open(update))
        return version;
    update = plain(update, a);
    if (!update.p)
        return update;
    return prq_concat(a, (const prq_str[]){ version, java ? PRQ_S("-") : PRQ_S(""), update }, 3);
}

/* "9.16.0-r0" of an apk, "1:2.3-4" of a deb or rpm: what their makers call 9.16.0 and 2.3. */
static prq_str upstream(const struct prq_package *p, prq_str version)
{
    prq_str before, after;
    uint64_t n;
    if (!prq_is_os_type(p->type))
        return version;
    if (prq_str_cut(version, ':', &before, &after) && prq_str_u64(before, &n))
        version = after;
    if (prq_str_rcut(version, '-', &before, &after) && before.n)
        version = before;
    return version;
}

bool prq_wants_cpes(const struct prq_matching *m, prq_str type)
{
    static const struct {
        prq_str word, type;
    } words[] = {
        { PRQ_SI("dotnet"), PRQ_SI("nuget") },   { PRQ_SI("go"), PRQ_SI("golang") },
        { PRQ_SI("java"), PRQ_SI("maven") },     { PRQ_SI("javascript"), PRQ_SI("npm") },
        { PRQ_SI("node"), PRQ_SI("npm") },       { PRQ_SI("php"), PRQ_SI("composer") },
        { PRQ_SI("python"), PRQ_SI("pypi") },    { PRQ_SI("ruby"), PRQ_SI("gem") },
        { PRQ_SI("rust"), PRQ_SI("cargo") },
    };
    prq_str rest = m->opts->cpe, piece;
    while (rest.n > 0 && prq_str_split(&rest, ',', &piece)) {
        piece = prq_str_trim(piece);
        for (size_t i = 0; i < PRQ_COUNT(words); i++)
            if (prq_str_ieq(piece, words[i].word))
                piece = words[i].type;
        if (prq_str_ieq(piece, type))
            return true;
    }
    return false;
}

bool prq_question_of_cpe(struct prq_matching *m, const struct prq_package *p, prq_str cpe,
                         struct prq_arena *a, struct prq_question *out)
{
    struct prq_cpe *c = prq_new(a, struct prq_cpe);
    if (!c || !prq_cpe_parse(cpe, a, c, NULL))
        return false;
    prq_str vendor = c->v[PRQ_CPE_VENDOR], product = c->v[PRQ_CPE_PRODUCT];
    if (is_open(vendor) || is_open(product) || is_wild(vendor) || is_wild(product))
        return false;
    prq_str name = prq_concat(a, (const prq_str[]){ vendor, PRQ_S(":"), product }, 3);
    bool java = is_java(name), has_own = !is_open(c->v[PRQ_CPE_VERSION]);
    if (has_own && prq_is_os_type(p->type))
        c->v[PRQ_CPE_VERSION] = prq_cpe_escape(upstream(p, plain(c->v[PRQ_CPE_VERSION], a)), a);
    *out = (struct prq_question){ .space = PRQ_S("cpe"), .name = name, .takes_any = true, .cpe = c };
    out->version = has_own ? whole_version(c->v[PRQ_CPE_VERSION], c->v[PRQ_CPE_UPDATE], java, a)
                           : upstream(p, p->version);
    out->has_no_fix = prq_is_os_type(p->type);
    out->target = language_of(p->type);
    out->scale = prq_scale_of(java ? "jvm" : "fuzzy", false);
    out->is_valid = out->scale.scheme->is_valid(out->version);
    out->is_elsewhere = prq_is_linux(m);
    return name.p && out->version.p && c->v[PRQ_CPE_VERSION].p;
}

/* Go's own advisories speak of its library, which is a package of its own. */
static bool is_answered(const struct prq_matching *m, prq_str name)
{
    if (!prq_str_eq(name, PRQ_S("golang:go")))
        return false;
    for (size_t i = 0; i < m->analysis->package_count; i++)
        if (prq_str_eq(m->analysis->packages[i].type, PRQ_S("golang")) &&
            prq_str_eq(m->analysis->packages[i].name, PRQ_S("stdlib")))
            return true;
    return false;
}

static bool is_asked(const struct prq_subject *s, const struct prq_question *q)
{
    for (size_t i = 0; i < s->n; i++)
        if (prq_str_eq(s->q[i].name, q->name) && prq_str_eq(s->q[i].version, q->version))
            return true;
    return false;
}

bool prq_ask_cpes(struct prq_matching *m, struct prq_subject *s, bool is_quiet, struct prq_err *err)
{
    const struct prq_package *p = s->pkg;
    struct prq_strs cpes;
    if (!prq_cpe_known(p, m->tmp, &cpes))
        return prq_no_room(err);
    if (!m->facts->has_family(m->facts->user, "nvd") ||
        !m->facts->has_space(m->facts->user, PRQ_S("cpe")))
        return is_quiet || cpes.n == 0 ||
               prq_gap_count(m, "family-missing", p->type,
                             "{is|are} not matched by CPE: the database lacks NVD's configurations",
                             err);
    for (size_t i = 0; i < cpes.n; i++) {
        struct prq_question q;
        if (!prq_question_of_cpe(m, p, cpes.v[i], m->tmp, &q)) {
            if (!is_quiet && !prq_gap_count(m, "cpe-unusable", p->type,
                                            "{has|have} a CPE name of no one vendor and product: "
                                            "not asked for", err))
                return false;
            continue;
        }
        if (is_asked(s, &q) || is_answered(m, q.name))
            continue;
        if (s->n == PRQ_QUESTIONS_MAX)
            return is_quiet || prq_gap_count(m, "cpes-limited", p->type,
                                             "{has|have} more CPE names than are asked for", err);
        s->q[s->n++] = q;
    }
    return true;
}

/* ---- one criterion */

/* Names that NVD gives to one thing. */
static prq_str target_of(prq_str field)
{
    static const prq_str node[] = { PRQ_SI("nodejs"), PRQ_SI("node"), PRQ_SI("npm") };
    for (size_t i = 0; i < PRQ_COUNT(node); i++)
        if (prq_str_eq(field, node[i]))
            return PRQ_S("node.js");
    return field;
}

/* The language that a target speaks of; empty: of none that we know. */
static prq_str language_of_target(prq_str target)
{
    static const struct {
        prq_str target, language;
    } all[] = {
        { PRQ_SI(".net"), PRQ_SI("nuget") },       { PRQ_SI("asp.net"), PRQ_SI("nuget") },
        { PRQ_SI("dart"), PRQ_SI("pub") },         { PRQ_SI("drupal"), PRQ_SI("composer") },
        { PRQ_SI("go"), PRQ_SI("golang") },        { PRQ_SI("golang"), PRQ_SI("golang") },
        { PRQ_SI("java"), PRQ_SI("maven") },       { PRQ_SI("jenkins"), PRQ_SI("maven") },
        { PRQ_SI("maven"), PRQ_SI("maven") },      { PRQ_SI("node.js"), PRQ_SI("npm") },
        { PRQ_SI("nuget"), PRQ_SI("nuget") },      { PRQ_SI("perl"), PRQ_SI("cpan") },
        { PRQ_SI("php"), PRQ_SI("composer") },     { PRQ_SI("pypi"), PRQ_SI("pypi") },
        { PRQ_SI("python"), PRQ_SI("pypi") },      { PRQ_SI("rails"), PRQ_SI("gem") },
        { PRQ_SI("ruby"), PRQ_SI("gem") },         { PRQ_SI("rubygems"), PRQ_SI("gem") },
        { PRQ_SI("rust"), PRQ_SI("cargo") },       { PRQ_SI("swift"), PRQ_SI("swift") },
    };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (prq_str_eq(all[i].target, target))
            return all[i].language;
    return (prq_str){ 0 };
}

/* Builds for other systems, and plugins of what a binary is none of. */
static bool is_foreign(prq_str target)
{
    static const prq_str all[] = {
        PRQ_SI("android"), PRQ_SI("chrome"), PRQ_SI("drupal"), PRQ_SI("ipad_os"), PRQ_SI("ipados"),
        PRQ_SI("iphone_os"), PRQ_SI("joomla"), PRQ_SI("joomla\\!"), PRQ_SI("mac_os"),
        PRQ_SI("mac_os_x"), PRQ_SI("macos"), PRQ_SI("windows"), PRQ_SI("wordpress"),
    };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (prq_str_eq(target, all[i]))
            return true;
    return false;
}

/* They refute any package of a language. */
static bool is_plugin(prq_str target)
{
    return prq_str_eq(target, PRQ_S("drupal")) || prq_str_eq(target, PRQ_S("joomla")) ||
           prq_str_eq(target, PRQ_S("joomla\\!")) || prq_str_eq(target, PRQ_S("wordpress"));
}

static bool is_aligned(const struct prq_criterion *c, const struct prq_question *q)
{
    static const enum prq_cpe_field fields[] = { PRQ_CPE_EDITION, PRQ_CPE_LANGUAGE,
                                                 PRQ_CPE_SW_EDITION, PRQ_CPE_TARGET_SW,
                                                 PRQ_CPE_TARGET_HW, PRQ_CPE_OTHER };
    const prq_str any = PRQ_S("*");
    if (!prq_str_eq(c->cpe.v[PRQ_CPE_PART], q->cpe->v[PRQ_CPE_PART]))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(fields); i++) {
        prq_str theirs = c->cpe.v[fields[i]], ours = q->cpe->v[fields[i]];
        if (fields[i] == PRQ_CPE_TARGET_SW) {
            theirs = target_of(theirs);
            ours = target_of(ours);
            prq_str language = language_of_target(theirs);
            if (prq_str_eq(ours, any) &&
                ((q->is_elsewhere && is_foreign(theirs)) ||
                 (q->target.n && (is_plugin(theirs) ||
                                  (language.n && !prq_str_eq(language, q->target))))))
                return false;
        }
        if (!prq_str_eq(ours, any) && !prq_str_eq(theirs, any) && !prq_str_eq(ours, theirs))
            return false;
    }
    return true;
}

/* Letters and digits alone: update_302, update302. */
static bool is_same_word(prq_str a, prq_str b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.n && !prq_is_alnum(a.p[i]))
            i++;
        while (k < b.n && !prq_is_alnum(b.p[k]))
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (prq_to_lower(a.p[i++]) != prq_to_lower(b.p[k++]))
            return false;
    }
}

static bool is_equal(const struct prq_scale *scale, prq_str a, prq_str b)
{
    if (prq_str_ieq(a, b))
        return true;
    return scale->scheme->is_valid(a) && scale->scheme->is_valid(b) &&
           scale->scheme->compare(a, b) == 0;
}

/* "1.2.*": wildcards stand at the ends only. */
static bool is_like(prq_str version, prq_str pattern)
{
    size_t first = 0, end = pattern.n;
    while (first < end && (pattern.p[first] == '*' || pattern.p[first] == '?'))
        first++;
    while (end > first && (pattern.p[end - 1] == '*' || pattern.p[end - 1] == '?'))
        end--;
    prq_str rest = { pattern.p + first, end - first };
    if (first == 0)
        return prq_str_starts(version, rest);
    return end == pattern.n ? prq_str_ends(version, rest) : prq_str_has(version, rest);
}

/* The version that a criterion names, with its update; "*" is any update, "-" none. */
static bool is_named_version(const struct prq_criterion *c, const struct prq_question *q)
{
    char room[2048];
    prq_str version = c->cpe.v[PRQ_CPE_VERSION], update = c->cpe.v[PRQ_CPE_UPDATE];
    prq_str base = q->cpe->v[PRQ_CPE_VERSION], own = q->cpe->v[PRQ_CPE_UPDATE];
    bool has_base = !is_open(base);
    if (is_wild(version))
        return is_like(has_base ? base : q->version, version);
    /* canonical fields on both sides: the escapes are the same, or only on one side and harmless */
    size_t n = 0;
    for (size_t i = 0; i < version.n && n < sizeof room; i++)
        if (version.p[i] != '\\')
            room[n++] = version.p[i];
    prq_str text = { room, n };
    if (is_open(update)) {
        bool any = prq_str_eq(update, PRQ_S("*"));
        return is_equal(&q->scale, q->version, text) ||
               (any && has_base && is_equal(&q->scale, base, text));
    }
    if (has_base && is_equal(&q->scale, base, text) && is_same_word(own, update))
        return true;
    for (size_t i = 0; i < update.n && n < sizeof room; i++)
        if (update.p[i] != '\\')
            room[n++] = update.p[i];
    return is_open(own) && is_equal(&q->scale, q->version, (prq_str){ room, n });
}

/* A bound that the scheme does not know is left out. */
static prq_str bound_of(const struct prq_question *q, prq_str bound)
{
    return q->scale.scheme->is_valid(bound) ? bound : (prq_str){ 0 };
}

static bool is_between(const struct prq_criterion *c, const struct prq_question *q,
                       struct prq_hit *hit)
{
    prq_str low = bound_of(q, c->from), high = bound_of(q, c->to);
    if (low.n) {
        int order = q->scale.against(q->version, low);
        if (order < 0 || (order == 0 && !c->from_counts))
            return false;
    }
    if (high.n) {
        int order = q->scale.against(q->version, high);
        if (order > 0 || (order == 0 && !c->to_counts))
            return false;
    }
    *hit = (struct prq_hit){ .is_hit = true, .low = low, .high = high,
                             .high_counts = c->to_counts, .low_is_out = !c->from_counts };
    return true;
}

enum prq_aligned prq_criterion_meets(const struct prq_criterion *c, const struct prq_question *q,
                                     struct prq_hit *hit)
{
    prq_str version = c->cpe.v[PRQ_CPE_VERSION];
    *hit = (struct prq_hit){ 0 };
    if (!is_aligned(c, q))
        return PRQ_ALIGNED_NOT;
    if (!is_open(version)) {
        hit->is_hit = hit->is_listed = is_named_version(c, q);
        return hit->is_hit ? PRQ_ALIGNED_HIT : PRQ_ALIGNED_MISS;
    }
    if (bound_of(q, c->from).n == 0 && bound_of(q, c->to).n == 0) {
        hit->is_hit = hit->is_everything = true;
        return PRQ_ALIGNED_ANY_VERSION;
    }
    return q->is_valid && is_between(c, q, hit) ? PRQ_ALIGNED_HIT : PRQ_ALIGNED_MISS;
}

/* ---- the criteria of one row */

struct looked {
    struct prq_row_criterion best;
    struct prq_hit hit;
    enum prq_aligned how;
};

static bool holds(const struct prq_known_record *r, uint64_t configuration)
{
    size_t low = 0, high = r->holding_count;
    while (low < high) { /* ascending */
        size_t mid = low + (high - low) / 2;
        if (r->holding[mid] < configuration)
            low = mid + 1;
        else
            high = mid;
    }
    return low < r->holding_count && r->holding[low] == configuration;
}

static bool look(struct prq_matching *m, const struct prq_question *q, const struct prq_db_row *row,
                 struct looked *out, struct prq_err *err)
{
    prq_str rest = row->affected.module, line;
    const struct prq_known_record *record = NULL;
    *out = (struct looked){ .how = PRQ_ALIGNED_NOT };
    while (prq_str_split(&rest, '\n', &line)) {
        struct prq_row_criterion c;
        struct prq_hit hit;
        if (!prq_row_criterion_parse(line, &c))
            return prq_fail(err, PRQ_E_FORMAT, "malformed criterion of %.*s", PRQ_FMT(row->id));
        enum prq_aligned how = prq_criterion_meets(&c.c, q, &hit);
        if (how < PRQ_ALIGNED_HIT || out->how == PRQ_ALIGNED_HIT)
            continue;
        if (c.is_conditional && !record &&
            !prq_known_record(m, "nvd", row->source, row->id, &record, err))
            return false;
        if (c.is_conditional && !holds(record, c.configuration))
            continue;
        if (how == PRQ_ALIGNED_HIT || out->how == PRQ_ALIGNED_NOT)
            *out = (struct looked){ c, hit, how };
    }
    return true;
}

/* Is `version` affected by another criterion; *next: the bound that ends it, empty: nothing does. */
static bool is_affected(const struct prq_question *q, prq_str criteria, prq_str version,
                        prq_str *next)
{
    prq_str line;
    struct prq_question asked = *q;
    struct prq_cpe cpe = *q->cpe;
    cpe.v[PRQ_CPE_VERSION] = cpe.v[PRQ_CPE_UPDATE] = PRQ_S("*");
    asked.cpe = &cpe;
    asked.version = version;
    while (prq_str_split(&criteria, '\n', &line)) {
        struct prq_row_criterion c;
        struct prq_hit hit;
        if (!prq_row_criterion_parse(line, &c) ||
            prq_criterion_meets(&c.c, &asked, &hit) < PRQ_ALIGNED_HIT)
            continue;
        *next = hit.high_counts || hit.is_listed ? (prq_str){ 0 } : hit.high;
        return true;
    }
    return false;
}

/* The upper bound of the criterion, or that of the one which the bound falls into, and so on: what
 * is affected itself is no fix (matching.md 3.12). */
static prq_str fix_of(const struct prq_question *q, prq_str criteria, const struct prq_hit *hit)
{
    enum { STEPS_MAX = 32 };
    prq_str fix = hit->high_counts ? (prq_str){ 0 } : hit->high, next;
    for (int i = 0; fix.n && i < STEPS_MAX; i++) {
        if (!is_affected(q, criteria, fix, &next))
            return fix;
        fix = next;
    }
    return (prq_str){ 0 };
}

/* Source: the projects' own histories. */
static bool is_before_release(prq_str name, prq_str id)
{
    static const struct {
        prq_str name;
        unsigned year;
    } first[] = {
        { PRQ_SI("deno:deno"), 2018 },          { PRQ_SI("elastic:elasticsearch"), 2010 },
        { PRQ_SI("elixir-lang:elixir"), 2011 }, { PRQ_SI("envoyproxy:envoy"), 2016 },
        { PRQ_SI("golang:go"), 2009 },          { PRQ_SI("grafana:grafana"), 2014 },
        { PRQ_SI("istio:istio"), 2017 },        { PRQ_SI("julialang:julia"), 2012 },
        { PRQ_SI("mariadb:mariadb"), 2009 },    { PRQ_SI("mongodb:mongodb"), 2009 },
        { PRQ_SI("nodejs:node.js"), 2009 },     { PRQ_SI("redis:redis"), 2009 },
        { PRQ_SI("rust-lang:rust"), 2012 },     { PRQ_SI("traefik:traefik"), 2015 },
    };
    uint64_t year = 0;
    if (!prq_str_u64(prq_str_head(prq_str_from_at(id, 4), 4), &year))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(first); i++)
        if (prq_str_eq(first[i].name, name))
            return year < first[i].year;
    return false;
}

/* Which name met which criterion of which configuration; the comparison is told beside it. */
static prq_str reason(const struct looked *found, const struct prq_question *q, struct prq_arena *a)
{
    struct prq_cpe theirs = found->best.c.cpe;
    theirs.v[PRQ_CPE_VENDOR] = q->cpe->v[PRQ_CPE_VENDOR];
    theirs.v[PRQ_CPE_PRODUCT] = q->cpe->v[PRQ_CPE_PRODUCT];
    prq_str ours = prq_cpe_print(q->cpe, a), criterion = prq_cpe_print(&theirs, a);
    if (!ours.p || !criterion.p)
        return (prq_str){ 0 };
    return prq_arena_printf(a, "%.*s meets %.*s of NVD's configuration %llu", PRQ_FMT(ours),
                            PRQ_FMT(criterion), (unsigned long long)found->best.configuration);
}

bool prq_cpe_verdict(struct prq_matching *m, const struct prq_question *q,
                     const struct prq_db_row *row, struct prq_candidate *out, struct prq_err *err)
{
    struct looked found;
    if (row->is_withdrawn)
        return true;
    if (!look(m, q, row, &found, err))
        return false;
    if (found.how == PRQ_ALIGNED_NOT)
        return true;
    struct prq_db_row *own = prq_new(m->tmp, struct prq_db_row);
    prq_str *fix = prq_new(m->tmp, prq_str);
    if (!own || !fix)
        return prq_no_room(err);
    *own = *row;
    if (!q->has_no_fix)
        *fix = fix_of(q, row->affected.module, &found.hit);
    if (fix->n) {
        own->affected.fixed = (struct prq_strs){ fix, 1 };
        own->affected.state = PRQ_FIX_FIXED;
    }
    out->row = own;
    out->verdict = PRQ_HIT;
    out->hit = found.hit;
    out->doubt = found.how == PRQ_ALIGNED_ANY_VERSION   ? &without_version
                 : is_before_release(q->name, row->id) ? &before_release
                                                       : NULL;
    out->note = reason(&found, q, m->tmp);
    return out->note.p || prq_no_room(err);
}
