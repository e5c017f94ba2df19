/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as CycloneDX vulnerabilities: those that differ by the package alone are one entry with
 * several "affects". Source: CycloneDX 1.6 JSON, "vulnerabilities"; catalog.md 11.1. */
#include "base/map.h"
#include "report/cdxparts.h"

#define NONE SIZE_MAX

struct group {
    size_t first, last; /* indices of findings, chained by next[] */
};

struct groups {
    const struct prq_finding *findings;
    struct group *v;
    size_t n;
    size_t *next;
};

static bool find_groups(const struct prq_finding *f, size_t n, struct prq_arena *a,
                        struct groups *out)
{
    struct prq_map map;
    *out = (struct groups){ .findings = f, .v = prq_new_n(a, struct group, n + 1),
                            .next = prq_new_n(a, size_t, n + 1) };
    prq_map_init(&map, a);
    if (!out->v || !out->next)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool added;
        prq_str key = prq_arena_printf(a, "%.*s\n%.*s\n%.*s\n%d\n%.*s\n%.*s", PRQ_FMT(f[i].id),
                                       PRQ_FMT(f[i].record_source), PRQ_FMT(f[i].record_id),
                                       (int)f[i].severity, PRQ_FMT(f[i].by.kind),
                                       PRQ_FMT(f[i].by.reason));
        size_t *at = key.p ? prq_map_put(&map, key, out->n, &added) : NULL;
        if (!at)
            return false;
        out->next[i] = NONE;
        if (added) {
            out->v[out->n++] = (struct group){ i, i };
        } else {
            out->next[out->v[*at].last] = i;
            out->v[*at].last = i;
        }
    }
    return true;
}

static void source(struct prq_jw *w, const char *key, prq_str name, prq_str url)
{
    prq_jw_key(w, key);
    prq_jw_object(w);
    prq_jw_opt(w, "name", name);
    prq_jw_opt(w, "url", url);
    prq_jw_object_end(w);
}

/* Where people read about an id. Empty for ids of no known home. */
static prq_str home_of(prq_str id, struct prq_arena *a)
{
    static const struct {
        prq_str prefix;
        const char *url;
    } homes[] = {
        { PRQ_SI("CVE-"), "https://nvd.nist.gov/vuln/detail/" },
        { PRQ_SI("GHSA-"), "https://github.com/advisories/" },
        { PRQ_SI("GO-"), "https://pkg.go.dev/vuln/" },
        { PRQ_SI("PYSEC-"), "https://osv.dev/vulnerability/" },
        { PRQ_SI("RUSTSEC-"), "https://rustsec.org/advisories/" },
    };
    for (size_t i = 0; i < PRQ_COUNT(homes); i++)
        if (prq_str_starts(id, homes[i].prefix))
            return prq_arena_printf(a, "%s%.*s", homes[i].url, PRQ_FMT(id));
    return (prq_str){ 0 };
}

static const char *severity_word(enum prq_severity s)
{
    static const char *const words[] = {
        [PRQ_SEV_UNKNOWN] = "unknown", [PRQ_SEV_INFO] = "info",   [PRQ_SEV_NEGLIGIBLE] = "info",
        [PRQ_SEV_LOW] = "low",         [PRQ_SEV_MEDIUM] = "medium", [PRQ_SEV_HIGH] = "high",
        [PRQ_SEV_CRITICAL] = "critical",
    };
    return words[s];
}

static const char *method_of(const struct prq_rating *r)
{
    if (prq_str_eq(r->scheme, PRQ_S("CVSS_V2")))
        return "CVSSv2";
    if (prq_str_eq(r->scheme, PRQ_S("CVSS_V4")))
        return "CVSSv4";
    if (prq_str_eq(r->scheme, PRQ_S("CVSS_V3")))
        return prq_str_starts(r->value, PRQ_S("CVSS:3.1")) ? "CVSSv31" : "CVSSv3";
    return "other";
}

/* A JSON number: "9.8", "10". */
static bool is_score(prq_str s)
{
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.')
            dots++;
        else if (!prq_is_digit(s.p[i]))
            return false;
    }
    return s.n && s.n < 8 && dots <= 1 && s.p[0] != '.' && s.p[s.n - 1] != '.' &&
           (s.n == 1 || s.p[0] != '0' || s.p[1] == '.');
}

static void rating(struct prq_jw *w, const struct prq_rating *r)
{
    enum prq_severity severity;
    bool is_word = prq_str_eq(r->scheme, PRQ_S("word")), is_number = is_score(r->value);
    prq_jw_object(w);
    source(w, "source", r->source, (prq_str){ 0 });
    if (is_word && prq_severity_parse(r->value, &severity))
        prq_jw_kv(w, "severity", prq_str_from(severity_word(severity)));
    if (is_number) {
        prq_jw_key(w, "score");
        prq_jw_raw(w, r->value);
    }
    prq_jw_kv(w, "method", prq_str_from(method_of(r)));
    if (!is_word && !is_number)
        prq_jw_kv(w, "vector", r->value);
    prq_jw_object_end(w);
}

/* First what the report goes by, then what each source said. */
static void ratings(struct prq_jw *w, const struct prq_finding *f)
{
    prq_jw_key(w, "ratings");
    prq_jw_array(w);
    prq_jw_object(w);
    if (f->severity_source.n)
        source(w, "source", f->severity_source, (prq_str){ 0 });
    if (is_score(f->cvss_score)) {
        prq_jw_key(w, "score");
        prq_jw_raw(w, f->cvss_score);
    }
    prq_jw_kv(w, "severity", prq_str_from(severity_word(f->severity)));
    prq_jw_object_end(w);
    for (size_t i = 0; i < f->rating_count; i++)
        rating(w, &f->ratings[i]);
    prq_jw_array_end(w);
}

static void cwes(struct prq_jw *w, const struct prq_finding *f)
{
    static const prq_str prefix = PRQ_SI("CWE-");
    bool any = false;
    for (size_t i = 0; i < f->cwes.n; i++) {
        uint64_t number;
        if (!prq_str_starts(f->cwes.v[i], prefix) ||
            !prq_str_u64(prq_str_from_at(f->cwes.v[i], prefix.n), &number) || number == 0)
            continue;
        if (!any) {
            prq_jw_key(w, "cwes");
            prq_jw_array(w);
        }
        any = true;
        prq_jw_u64(w, number);
    }
    if (any)
        prq_jw_array_end(w);
}

static void aliases(struct prq_jw *w, const struct prq_finding *f, struct prq_arena *a)
{
    bool any = false;
    for (size_t i = 0; i < f->aliases.n; i++) {
        if (prq_str_eq(f->aliases.v[i], f->id))
            continue;
        if (!any) {
            prq_jw_key(w, "references");
            prq_jw_array(w);
        }
        any = true;
        prq_jw_object(w);
        prq_jw_kv(w, "id", f->aliases.v[i]);
        source(w, "source", f->record_source, home_of(f->aliases.v[i], a));
        prq_jw_object_end(w);
    }
    if (any)
        prq_jw_array_end(w);
}

/* An IRI reference: nothing that would have to be encoded. */
static bool is_url(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] <= ' ' || (uint8_t)s.p[i] >= 0x7f || strchr("\"<>\\^`{|}[]", s.p[i]))
            return false;
    return prq_str_starts(s, PRQ_S("http://")) || prq_str_starts(s, PRQ_S("https://"));
}

static void advisories(struct prq_jw *w, const struct prq_finding *f)
{
    bool any = false;
    for (size_t i = 0; i < f->reference_count; i++) {
        if (!is_url(f->references[i].url))
            continue;
        if (!any) {
            prq_jw_key(w, "advisories");
            prq_jw_array(w);
        }
        any = true;
        prq_jw_object(w);
        prq_jw_opt(w, "title", f->references[i].type);
        prq_jw_kv(w, "url", f->references[i].url);
        prq_jw_object_end(w);
    }
    if (any)
        prq_jw_array_end(w);
}

static void affects(struct prq_jw *w, const struct prq_report *r, struct prq_sbom_work *work,
                    const struct groups *g, const struct group *of)
{
    prq_jw_key(w, "affects");
    prq_jw_array(w);
    for (size_t i = of->first; i != NONE; i = g->next[i]) {
        const struct prq_finding *f = &g->findings[i];
        const struct prq_package *p = &r->analysis->packages[f->package];
        bool is_affected = f->by.kind.n == 0;
        prq_str version = prq_package_shown_version(p, work->tmp);
        prq_jw_object(w);
        prq_jw_kv(w, "ref", work->refs[f->package]);
        prq_jw_key(w, "versions");
        prq_jw_array(w);
        if (version.n) {
            prq_jw_object(w);
            prq_jw_kv(w, "version", version);
            prq_jw_kv(w, "status", is_affected ? PRQ_S("affected") : PRQ_S("unknown"));
            prq_jw_object_end(w);
        }
        for (size_t k = 0; k < f->fixed_in.n; k++) {
            prq_jw_object(w);
            prq_jw_kv(w, "version", f->fixed_in.v[k]);
            prq_jw_kv(w, "status", PRQ_S("unaffected"));
            prq_jw_object_end(w);
        }
        prq_jw_array_end(w);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

/* What took it away. A word of not being affected only where somebody said so: a rule of the user
 * is no such word. */
static void analysis(struct prq_jw *w, const struct prq_finding *f, struct prq_arena *a)
{
    static const prq_str not_affected[] = { PRQ_SI("not-affected"), PRQ_SI("ownership"),
                                            PRQ_SI("vex") };
    if (f->by.kind.n == 0)
        return;
    prq_jw_key(w, "analysis");
    prq_jw_object(w);
    for (size_t i = 0; i < PRQ_COUNT(not_affected); i++)
        if (prq_str_eq(f->by.kind, not_affected[i]))
            prq_jw_kv(w, "state", PRQ_S("not_affected"));
    prq_jw_opt(w, "detail", prq_arena_printf(a, "%.*s%s%.*s%s%.*s", PRQ_FMT(f->by.kind),
                                             f->by.id.n ? " " : "", PRQ_FMT(f->by.id),
                                             f->by.reason.n ? ": " : "", PRQ_FMT(f->by.reason)));
    prq_jw_object_end(w);
}

static void properties(struct prq_jw *w, const struct prq_finding *f)
{
    prq_jw_key(w, "properties");
    prq_jw_array(w);
    prq_cdx_property(w, PRQ_S("pratique:state"), prq_str_from(prq_fix_state_word(f->state)));
    if (f->comparison.n)
        prq_cdx_property(w, PRQ_S("pratique:comparison"), f->comparison);
    if (f->confidence.n)
        prq_cdx_property(w, PRQ_S("pratique:confidence"), f->confidence);
    if (f->is_kev)
        prq_cdx_property(w, PRQ_S("pratique:kev"), f->kev_added.n ? f->kev_added : PRQ_S("true"));
    if (f->epss_score.n)
        prq_cdx_property(w, PRQ_S("pratique:epss"), f->epss_score);
    for (size_t i = 0; i < f->advisories.n; i++)
        prq_cdx_property(w, PRQ_S("pratique:advisory"), f->advisories.v[i]);
    prq_jw_array_end(w);
}

/* "2026-01-31T12:00:00Z"; a date alone is none. */
static void time_of(struct prq_jw *w, const char *key, prq_str s)
{
    if (s.n >= 20 && s.p[10] == 'T')
        prq_jw_kv(w, key, s);
}

static void recommendation(struct prq_jw *w, const struct prq_finding *f, struct prq_arena *a)
{
    if (f->fixed_in.n && f->by.kind.n == 0)
        prq_jw_opt(w, "recommendation",
                   prq_arena_printf(a, "Update to %.*s or later.", PRQ_FMT(f->fixed_in.v[0])));
}

static void vulnerability(struct prq_jw *w, const struct prq_report *r, struct prq_sbom_work *work,
                          const struct groups *g, const struct group *of)
{
    const struct prq_finding *f = &g->findings[of->first];
    struct prq_mark mark = prq_arena_mark(work->tmp);
    prq_jw_object(w);
    prq_jw_kv(w, "id", f->id);
    source(w, "source", f->record_source, home_of(f->id, work->tmp));
    aliases(w, f, work->tmp);
    ratings(w, f);
    cwes(w, f);
    prq_jw_opt(w, "description", f->summary);
    recommendation(w, f, work->tmp);
    advisories(w, f);
    time_of(w, "published", f->published);
    time_of(w, "updated", f->modified);
    analysis(w, f, work->tmp);
    affects(w, r, work, g, of);
    properties(w, f);
    prq_jw_object_end(w);
    prq_arena_rewind(work->tmp, mark);
}

bool prq_cdx_vulnerabilities(struct prq_jw *w, const struct prq_report *r,
                             struct prq_sbom_work *work)
{
    struct groups open, closed;
    if (!find_groups(r->findings, r->finding_count, work->a, &open) ||
        !find_groups(r->suppressed, r->suppressed_count, work->a, &closed))
        return false;
    prq_jw_key(w, "vulnerabilities");
    prq_jw_array(w);
    for (size_t i = 0; i < open.n; i++)
        vulnerability(w, r, work, &open, &open.v[i]);
    for (size_t i = 0; i < closed.n; i++)
        vulnerability(w, r, work, &closed, &closed.v[i]);
    prq_jw_array_end(w);
    return true;
}
