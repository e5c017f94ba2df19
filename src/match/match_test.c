/* SPDX-License-Identifier: Apache-2.0 */
/* *.cases: small analyses and databases, and what must come out. The database is a table. */
#include "unit.h"

/* The macro shares its name with an enumerator of model/analysis.h. */
static const char cases_path[] = PRQ_SOURCE_DIR "/src/match/match.cases";
static const char red_hat_path[] = PRQ_SOURCE_DIR "/src/match/redhat.cases";
static const char acceptance_path[] = PRQ_SOURCE_DIR "/src/match/acceptance.cases";
#undef PRQ_SOURCE_DIR

#include "base/buf.h"
#include "io/source.h"
#include "match/absence.h"
#include "match/core.h"
<<<<<<< HEAD
#include "matchbench.h"
=======
#include "nvdcase.h"

enum { MAX_ROWS = 32, MAX_PACKAGES = 16 };

struct listed_row {
    prq_str space, name;
    struct prq_db_row row;
};

struct bench {
    struct prq_arena *a;
    prq_str title;
    struct prq_package packages[MAX_PACKAGES];
    size_t package_count;
    struct listed_row rows[MAX_ROWS];
    size_t row_count;
    struct prq_record records[MAX_ROWS];
    size_t record_count;
    struct {
        prq_str id;
        struct prq_cve_info info;
    } cves[MAX_ROWS];
    size_t cve_count;
    struct prq_analysis analysis;
    struct prq_layer layers[4];
    struct prq_match_opts opts;
    prq_str without;
    struct prq_report report;
    bool is_judged;
    size_t wrong;
};

/* ---- the table as a database */

static bool in_list(prq_str list, prq_str word)
{
    prq_str piece;
    while (list.n > 0 && prq_str_split(&list, ',', &piece))
        if (prq_str_eq(piece, word))
            return true;
    return false;
}

static bool has_family(void *user, const char *family)
{
    struct bench *b = user;
    return !in_list(b->without, prq_str_from(family));
}

static bool has_space(void *user, prq_str space)
{
    struct bench *b = user;
    for (size_t i = 0; i < b->row_count; i++)
        if (prq_str_eq(b->rows[i].space, space))
            return true;
    return false;
}

static size_t families(void *user, const struct prq_family **out)
{
    (void)user;
    static const struct prq_family all[] = { { .name = PRQ_SI("alpine"),
                                               .feed_date = PRQ_SI("2023-03-01T00:00:00Z") },
                                             { .name = PRQ_SI("debian") },
                                             { .name = PRQ_SI("nvd") } };
    *out = all;
    return PRQ_COUNT(all);
}

static bool lookup(void *user, prq_str space, prq_str name, struct prq_arena *a,
                   struct prq_db_row **out, size_t *n, struct prq_err *err)
{
    struct bench *b = user;
    (void)err;
    *out = prq_new_n(a, struct prq_db_row, MAX_ROWS);
    name = prq_name_fold(space, name, a);
    *n = 0;
    for (size_t i = 0; i < b->row_count; i++)
        if (prq_str_eq(b->rows[i].space, space) && prq_str_eq(b->rows[i].name, name))
            (*out)[(*n)++] = b->rows[i].row;
    return true;
}

static bool record(void *user, const char *family, prq_str source, prq_str id, struct prq_arena *a,
                   struct prq_record *out, struct prq_err *err)
{
    struct bench *b = user;
    (void)family, (void)source, (void)a, (void)err;
    for (size_t i = 0; i < b->record_count; i++)
        if (prq_str_eq(b->records[i].id, id))
            *out = b->records[i];
    return true;
}

static bool cve(void *user, prq_str id, struct prq_arena *a, struct prq_cve_info *out,
                struct prq_err *err)
{
    struct bench *b = user;
    (void)a, (void)err;
    for (size_t i = 0; i < b->cve_count; i++)
        if (prq_str_eq(b->cves[i].id, id))
            *out = b->cves[i].info;
    return true;
}

/* Each row as a record of its own. */
static bool find_records(void *user, prq_str id, struct prq_arena *a, struct prq_db_named **out,
                         size_t *n, struct prq_err *err)
{
    struct bench *b = user;
    (void)err;
    *out = prq_new_n(a, struct prq_db_named, MAX_ROWS);
    *n = 0;
    for (size_t i = 0; i < b->row_count; i++) {
        struct prq_db_row *r = &b->rows[i].row;
        bool is_it = prq_str_eq(r->id, id);
        for (size_t k = 0; k < r->aliases.n + r->cves.n; k++)
            is_it = is_it || prq_str_eq(k < r->aliases.n ? r->aliases.v[k]
                                                         : r->cves.v[k - r->aliases.n], id);
        if (!is_it)
            continue;
        r->affected.space = b->rows[i].space;
        r->affected.name = b->rows[i].name;
        (*out)[(*n)++] = (struct prq_db_named){
            prq_str_from(prq_db_family_of_space(b->rows[i].space)),
            { .source = r->source, .id = r->id, .aliases = r->aliases, .cves = r->cves,
              .is_withdrawn = r->is_withdrawn, .is_disputed = r->is_disputed,
              .affected = &r->affected, .affected_count = 1 },
        };
    }
    return true;
}

static bool digest(void *user, const char *family, prq_str source, prq_str id, struct prq_arena *a,
                   prq_str *out, struct prq_err *err)
{
    (void)user, (void)err;
    *out = prq_arena_printf(a, "%s/%.*s/%.*s", family, PRQ_FMT(source), PRQ_FMT(id));
    return true;
}

static const struct prq_facts table = {
    .has_family = has_family, .has_space = has_space, .families = families, .lookup = lookup,
    .record = record, .cve = cve, .digest = digest, .find = find_records,
};

/* ---- reading a case */

static prq_str word(prq_str *rest)
{
    prq_str piece = { 0 };
    *rest = prq_str_trim(*rest);
    if (rest->n == 0)
        return piece;
    if (!prq_str_cut(*rest, ' ', &piece, rest)) {
        piece = *rest;
        *rest = (prq_str){ 0 };
    }
    return piece;
}

static prq_str blanks(struct bench *b, prq_str s)
{
    char *p = prq_arena_alloc(b->a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] == '_' ? ' ' : s.p[i];
    return (prq_str){ p, s.n };
}

static struct prq_strs list(struct bench *b, prq_str s)
{
    struct prq_strs out = { prq_new_n(b->a, prq_str, 16), 0 };
    prq_str piece;
    while (s.n > 0 && prq_str_split(&s, ',', &piece))
        out.v[out.n++] = piece;
    return out;
}

static uint64_t number(prq_str s)
{
    uint64_t v = 0;
    assert_true(prq_str_u64(s, &v));
    return v;
}

/* "key=value" or "key" */
static prq_str option(prq_str *rest, prq_str *value)
{
    prq_str w = word(rest), key = w;
    *value = (prq_str){ 0 };
    (void)prq_str_cut(w, '=', &key, value);
    return key;
}

static bool is(prq_str s, const char *literal)
{
    return prq_str_eq(s, prq_str_from(literal));
}

static void bad_line(struct bench *b, prq_str key)
{
    print_error("%.*s: unknown word %.*s\n", PRQ_FMT(b->title), PRQ_FMT(key));
    fail();
}

static void add_package(struct bench *b, prq_str rest)
{
    assert_true(b->package_count < MAX_PACKAGES);
    struct prq_package *p = &b->packages[b->package_count++];
    prq_str v;
    p->type = word(&rest);
    p->name = word(&rest);
    p->version = word(&rest);
    if (is(p->version, "-"))
        p->version = (prq_str){ 0 };
    p->evidence = prq_new(b->a, struct prq_evidence);
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "source"))
            p->source_name = v;
        else if (is(key, "source-version"))
            p->source_version = v;
        else if (is(key, "distro"))
            p->distro = v;
        else if (is(key, "ns"))
            p->ns = v;
        else if (is(key, "arch"))
            p->arch = v;
        else if (is(key, "goos"))
            p->goos = v;
        else if (is(key, "label"))
        {
            p->modularity = v;
            p->has_modularity = true;
        }
        else if (is(key, "epoch"))
        {
            p->has_epoch = true;
            p->epoch = number(v);
        }
        else if (is(key, "repository"))
        {
            p->qualifiers.v = prq_new(b->a, prq_str);
            p->qualifiers.v[0] = prq_arena_printf(b->a, "repository_url=%.*s", PRQ_FMT(v));
            p->qualifiers.n = 1;
        }
        else if (is(key, "owner"))
            p->owner = number(v);
        else if (is(key, "source-rpm"))
            p->source_rpm = v;
        else if (is(key, "content-sets"))
        {
            b->layers[0].content_sets = list(b, v);
            b->analysis.layers = b->layers;
            b->analysis.layer_count = 1;
        }
        else if (is(key, "cpe"))
        {
            if (!p->cpes.v)
                p->cpes.v = prq_new_n(b->a, prq_str, 16);
            p->cpes.v[p->cpes.n++] = nvdcase_cpe(v, b->a);
        }
        else if (is(key, "path"))
        {
            p->evidence[0].path = v;
            p->evidence_count = 1;
        }
        else if (is(key, "layer"))
            p->layer = (uint32_t)number(v);
        else if (is(key, "main"))
            p->flags |= PRQ_PKG_MAIN;
        else if (is(key, "third-party"))
            p->flags |= PRQ_PKG_THIRD_PARTY;
        else if (is(key, "no-match"))
            p->flags |= PRQ_PKG_NO_MATCH;
        else if (is(key, "dev"))
            p->flags |= PRQ_PKG_DEV;
        else
            bad_line(b, key);
    }
}

static struct prq_rating rating(struct bench *b, prq_str s)
{
    struct prq_rating r = { 0 };
    prq_str primary;
    assert_true(prq_str_cut(s, '|', &r.source, &s));
    assert_true(prq_str_cut(s, '|', &r.scheme, &r.value));
    r.is_primary = prq_str_cut(r.value, '|', &r.value, &primary);
    if (is(r.scheme, "word"))
        r.value = blanks(b, r.value);
    return r;
}

static void add_rating(struct bench *b, struct prq_rating **v, size_t *n, prq_str s)
{
    if (!*v)
        *v = prq_new_n(b->a, struct prq_rating, 8);
    (*v)[(*n)++] = rating(b, s);
}

static void add_event(struct prq_range *r, enum prq_event_kind kind, prq_str version)
{
    r->events[r->n++] = (struct prq_event){ kind, version };
}

static struct prq_range *add_range(struct bench *b, struct prq_affected *a)
{
    if (!a->ranges)
        a->ranges = prq_new_n(b->a, struct prq_range, 8);
    struct prq_range *r = &a->ranges[a->range_count++];
    r->events = prq_new_n(b->a, struct prq_event, 16);
    return r;
}

/* "LOW..HIGH", "LOW..=HIGH", "LOW.." */
static void read_range(struct bench *b, struct prq_affected *a, prq_str s)
{
    struct prq_range *r = add_range(b, a);
    size_t at = prq_str_search(s, PRQ_S(".."));
    prq_str high = prq_str_from_at(s, at + 2);
    add_event(r, PRQ_EVENT_INTRODUCED, prq_str_head(s, at));
    if (prq_str_starts(high, PRQ_S("=")))
        add_event(r, PRQ_EVENT_LAST_AFFECTED, prq_str_from_at(high, 1));
    else if (high.n > 0)
        add_event(r, PRQ_EVENT_FIXED, high);
}

static void read_events(struct bench *b, struct prq_affected *a, prq_str s)
{
    static const char *const kinds[] = { "introduced", "fixed", "last_affected", "limit" };
    struct prq_range *r = add_range(b, a);
    prq_str piece, kind, version;
    while (prq_str_split(&s, ';', &piece)) {
        assert_true(prq_str_cut(piece, ':', &kind, &version));
        size_t k = 0;
        while (!is(kind, kinds[k]))
            k++;
        add_event(r, (enum prq_event_kind)k, version);
    }
}

static void add_row(struct bench *b, prq_str rest)
{
    assert_true(b->row_count < MAX_ROWS);
    struct listed_row *l = &b->rows[b->row_count++];
    struct prq_db_row *r = &l->row;
    struct prq_affected *a = &r->affected;
    prq_str v;
    l->space = a->space = blanks(b, word(&rest));
    l->name = a->name = word(&rest);
    r->id = word(&rest);
    r->source = PRQ_S("feed");
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "range"))
            read_range(b, a, v);
        else if (is(key, "events"))
            read_events(b, a, v);
        else if (is(key, "listed"))
            a->versions = list(b, v);
        else if (is(key, "fixed"))
            a->fixed = list(b, v);
        else if (is(key, "state"))
            assert_true(prq_fix_state_parse(v, &a->state));
        else if (is(key, "alias"))
            r->aliases = list(b, v);
        else if (is(key, "cve"))
            r->cves = list(b, v);
        else if (is(key, "arch"))
            a->arches = list(b, v);
        else if (is(key, "advisory"))
            a->advisories = list(b, v);
        else if (is(key, "cpes"))
            a->cpes = list(b, v);
        else if (is(key, "module"))
            a->module = v;
        else if (is(key, "goos"))
            a->goos = v;
        else if (is(key, "note"))
            a->note = blanks(b, v);
        else if (is(key, "spelling"))
            a->spelling = v;
        else if (is(key, "feed"))
            r->source = v;
        else if (is(key, "rating"))
            add_rating(b, &a->ratings, &a->rating_count, v);
        else if (is(key, "source"))
            a->is_source = true;
        else if (is(key, "withdrawn"))
            r->is_withdrawn = true;
        else if (is(key, "disputed"))
            r->is_disputed = true;
        else if (is(key, "malicious"))
            r->is_malicious = true;
        else
            bad_line(b, key);
    }
}

static void add_record(struct bench *b, prq_str rest)
{
    struct prq_record *r = &b->records[b->record_count++];
    prq_str v;
    r->id = word(&rest);
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "summary"))
            r->summary = blanks(b, v);
        else if (is(key, "rating"))
            add_rating(b, &r->ratings, &r->rating_count, v);
        else
            bad_line(b, key);
    }
}

/* As a database gives it: written, and read again. */
static bool take_nvd(void *user, struct prq_record *r, struct prq_err *err)
{
    struct bench *b = user;
    PRQ_BUF doc;
    prq_buf_init(&doc, PRQ_MIB(1));
    struct prq_record *to = &b->records[b->record_count++];
    assert_true(prq_record_write(r, b->a, &doc, err));
    assert_true(prq_record_parse(prq_arena_copy(b->a, prq_buf_view(&doc)), b->a, to, err));
    for (size_t i = 0; i < to->affected_count; i++) {
        assert_true(b->row_count < MAX_ROWS);
        struct listed_row *l = &b->rows[b->row_count++];
        *l = (struct listed_row){ .space = to->affected[i].space, .name = to->affected[i].name };
        l->row = (struct prq_db_row){ .source = to->source, .id = to->id,
                                      .is_withdrawn = to->is_withdrawn,
                                      .affected = to->affected[i] };
    }
    return true;
}

static void skip_nvd(void *user, prq_str what, const char *why)
{
    bad_line(user, what.n ? what : prq_str_from(why));
}

static void add_nvd(struct bench *b, prq_str rest)
{
    PRQ_BUF json;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    prq_buf_init(&json, PRQ_MIB(1));
    prq_str id = word(&rest);
    nvdcase_json(id, rest, b->a, &json);
    struct prq_feed_sink sink = { .user = b, .record = take_nvd, .skip = skip_nvd };
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_nvd_parse(prq_buf_view(&json), a, &sink, &err));
}

static void add_cve(struct bench *b, prq_str rest)
{
    struct prq_cve_info *c = &b->cves[b->cve_count].info;
    prq_str v;
    b->cves[b->cve_count++].id = word(&rest);
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "rating"))
            add_rating(b, &c->ratings, &c->rating_count, v);
        else if (is(key, "rejected"))
            c->is_rejected = true;
        else if (is(key, "kev"))
        {
            c->is_kev = true;
            c->kev_added = v;
        }
        else if (is(key, "epss"))
        {
            c->has_epss = true;
            c->epss_score = v;
        }
        else if (is(key, "summary"))
            c->summary = blanks(b, v);
        else
            bad_line(b, key);
    }
}

static void set_option(struct bench *b, prq_str rest)
{
    prq_str v, key = option(&rest, &v);
    if (is(key, "by-cve"))
        b->opts.by_cve = true;
    else if (is(key, "no-default-ignores"))
        b->opts.no_default_ignores = true;
    else if (is(key, "go-main-pseudo"))
        b->opts.go_main_pseudo = true;
    else if (is(key, "cpe"))
        b->opts.cpe = v;
    else if (is(key, "debian-temp"))
        b->opts.debian_temp = true;
    else if (is(key, "no-rhel-disclosures"))
        b->opts.no_rhel_disclosures = true;
    else if (is(key, "ignore-status"))
        b->opts.ignore_status = v;
    else if (is(key, "severity-from"))
        b->opts.severity_from = v;
    else if (is(key, "distro"))
        b->opts.distro = v;
    else if (is(key, "now"))
        b->opts.now = v;
    else if (is(key, "without"))
        b->without = v;
    else
        bad_line(b, key);
}
>>>>>>> main

/* ---- judging and checking */

static void judge(struct bench *b)
{
    struct prq_facts facts = table;
    facts.user = b;
    b->analysis.kind = PRQ_SOURCE_LIST;
    b->analysis.packages = b->packages;
    b->analysis.package_count = b->package_count;
    struct prq_ctx ctx = unit_ctx(b->a);
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_match_facts(&ctx, &b->analysis, &facts, &b->opts, b->a, &b->report, &err)) {
        print_error("%.*s: %s\n", PRQ_FMT(b->title), err.text);
        fail();
    }
    b->report.analysis = &b->analysis;
    b->is_judged = true;
}

/* "+>0,<1.2;->2.0": ranges that hit and that do not, signs and versions of their events. */
static prq_str traced(struct bench *b, const struct prq_trace *t)
{
    prq_str out = { 0 };
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->ranges[i].n; k++) {
            const struct prq_step *s = &t->ranges[i].steps[k];
            out = prq_arena_printf(b->a, "%.*s%s%c%.*s", PRQ_FMT(out),
                                   k ? "," : t->ranges[i].is_hit ? i ? ";+" : "+" : i ? ";-" : "-",
                                   s->sign, PRQ_FMT(s->version));
        }
    return out;
}

static prq_str joined(struct bench *b, const struct prq_strs *v)
{
    prq_str out = { 0 };
    for (size_t i = 0; i < v->n; i++)
        out = prq_arena_printf(b->a, "%.*s%s%.*s", PRQ_FMT(out), i ? "," : "", PRQ_FMT(v->v[i]));
    return out;
}

static prq_str rated(struct bench *b, const struct prq_finding *f)
{
    prq_str out = { 0 };
    for (size_t i = 0; i < f->rating_count; i++)
        out = prq_arena_printf(b->a, "%.*s%s%.*s|%.*s", PRQ_FMT(out), i ? "," : "",
                               PRQ_FMT(f->ratings[i].source), PRQ_FMT(f->ratings[i].value));
    return out;
}

/* The finding's own text of what `key` asks for; `want` gets blanks where that is a sentence. */
static prq_str property(struct bench *b, const struct prq_finding *f, prq_str key, prq_str *want)
{
    bool is_text = is(key, "text") || is(key, "note") || is(key, "summary");
    if (is_text)
        *want = blanks(b, *want);
    if (is(key, "direct") || is(key, "indirect") || is(key, "disputed"))
        *want = PRQ_S("yes");
    const struct {
        const char *key;
        prq_str value;
    } all[] = {
        { "state", prq_str_from(prq_fix_state_word(f->state)) },
        { "severity", prq_str_from(prq_severity_word(f->severity)) },
        { "source", f->severity_source },
        { "score", f->cvss_score },
        { "fix", joined(b, &f->fixed_in) },
        { "upstream-fix", f->upstream_fix },
        { "space", f->space },
        { "alias", joined(b, &f->aliases) },
        { "advisory", joined(b, &f->advisories) },
        { "confidence", f->confidence },
        { "record", f->record_id },
        { "text", f->comparison },
        { "note", f->note },
        { "summary", f->summary },
        { "rated", rated(b, f) },
        { "kev", f->kev_added },
        { "epss", f->epss_score },
        { "version", b->packages[f->package].version },
        { "direct", f->is_indirect ? PRQ_S("no") : PRQ_S("yes") },
        { "indirect", f->is_indirect ? PRQ_S("yes") : PRQ_S("no") },
        { "disputed", f->is_disputed ? PRQ_S("yes") : PRQ_S("no") },
    };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (is(key, all[i].key))
            return all[i].value;
    bad_line(b, key);
    return (prq_str){ 0 };
}

static const struct prq_finding *find(const struct bench *b, const struct prq_finding *v, size_t n,
                                      prq_str name, prq_str id, prq_str version)
{
    for (size_t i = 0; i < n; i++) {
        const struct prq_package *p = &b->packages[v[i].package];
        if (prq_str_eq(p->name, name) && prq_finding_has_id(&v[i], id) &&
            (version.n == 0 || prq_str_eq(p->version, version)))
            return &v[i];
    }
    return NULL;
}

static bool is_pending(const struct bench *b)
{
    return prq_str_has(prq_str_head(b->title, prq_str_find(b->title, ':')), PRQ_S("(not yet)"));
}

static void wrong(struct bench *b, prq_str line, const char *why, prq_str got)
{
    if (!is_pending(b))
        print_error("%.*s\n    %.*s\n    %s %.*s\n", PRQ_FMT(b->title), PRQ_FMT(line), why,
                PRQ_FMT(got));
    b->wrong++;
}

static void want_reported(struct bench *b, prq_str line, prq_str rest)
{
    prq_str name = word(&rest), id = word(&rest), v, version = { 0 }, again = rest;
    while (prq_str_trim(again).n > 0)
        if (is(option(&again, &v), "version"))
            version = v;
    const struct prq_finding *f =
        find(b, b->report.findings, b->report.finding_count, name, id, version);
    if (!f) {
        wrong(b, line, "not reported", (prq_str){ 0 });
        return;
    }
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "alias")) { /* the id asked for is the finding's own, unless id= says another */
            if (!prq_str_eq(joined(b, &f->aliases), v) && !prq_str_has(rest, PRQ_S("id=")))
                wrong(b, line, "aliases are", joined(b, &f->aliases));
            continue;
        }
        if (is(key, "id")) {
            if (!prq_str_eq(f->id, v))
                wrong(b, line, "the id is", f->id);
            continue;
        }
        prq_str got = property(b, f, key, &v);
        if (!prq_str_eq(got, v))
            wrong(b, line, "but it is", got);
    }
}

static void want_suppressed(struct bench *b, prq_str line, prq_str rest)
{
    prq_str name = word(&rest), id = word(&rest), kind = word(&rest);
    const struct prq_finding *f = find(b, b->report.suppressed, b->report.suppressed_count, name,
                                       id, (prq_str){ 0 });
    if (!f)
        wrong(b, line, "not suppressed", (prq_str){ 0 });
    else if (!prq_str_eq(f->by.kind, kind))
        wrong(b, line, "suppressed by", f->by.kind);
    else if (f->by.id.n == 0 || f->by.reason.n == 0)
        wrong(b, line, "without id or reason", f->by.reason);
}

static void want_gap(struct bench *b, prq_str line, prq_str kind, bool is_wanted)
{
    bool is_there = false;
    for (size_t i = 0; i < b->report.gap_count; i++)
        is_there = is_there || prq_str_eq(b->report.gaps[i].kind, kind);
    if (is_there != is_wanted)
        wrong(b, line, is_there ? "there is one" : "there is none", (prq_str){ 0 });
}

/* A PACKAGE ID CAUSE [text=PART] [trace=…] [names=…] [saved] [nodb] [devless] */
static void want_absence(struct bench *b, prq_str line, prq_str rest)
{
    struct prq_absence_opts o = { .match = b->opts };
    o.package = word(&rest);
    o.id = word(&rest);
    prq_str cause = word(&rest), v, text = { 0 }, trace = { 0 }, names = { 0 };
    bool has_database = true;
    if (!b->is_judged)
        judge(b);
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "text"))
            text = blanks(b, v);
        else if (is(key, "trace"))
            trace = v;
        else if (is(key, "names"))
            names = v;
        else if (is(key, "saved"))
            o.is_saved = true;
        else if (is(key, "nodb"))
            has_database = false;
        else if (is(key, "devless"))
            o.leaves_out_dev = true;
        else
            bad_line(b, key);
    }
    struct prq_facts facts = table;
    facts.user = b;
    struct prq_ctx ctx = unit_ctx(b->a);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_absence *is = NULL;
    size_t n = 0;
    if (!prq_absence_facts(&ctx, &b->report, has_database ? &facts : NULL, &o, b->a, &is, &n, &err))
        wrong(b, line, err.text, (prq_str){ 0 });
    else if (n == 0 || !prq_str_eq(cause, prq_str_from(is[0].cause)))
        wrong(b, line, n ? is[0].cause : "no verdict", n ? is[0].text : (prq_str){ 0 });
    else if (text.n && !prq_str_has(is[0].text, text))
        wrong(b, line, "text is", is[0].text);
    else if (trace.n && !prq_str_eq(traced(b, &is[0].trace), trace))
        wrong(b, line, "trace is", traced(b, &is[0].trace));
    else if (names.n && !prq_str_eq(joined(b, &is[0].names), names))
        wrong(b, line, "names are", joined(b, &is[0].names));
}

static void check(struct bench *b, prq_str line, prq_str kind, prq_str rest)
{
    if (!b->is_judged)
        judge(b);
    if (is(kind, "V")) {
        want_reported(b, line, rest);
    } else if (is(kind, "S")) {
        want_suppressed(b, line, rest);
    } else if (is(kind, "N")) {
        prq_str name = word(&rest), id = word(&rest);
        if (find(b, b->report.findings, b->report.finding_count, name, id, (prq_str){ 0 }))
            wrong(b, line, "reported", (prq_str){ 0 });
    } else if (is(kind, "count")) {
        if (number(word(&rest)) != b->report.finding_count)
            wrong(b, line, "findings are",
                  prq_arena_printf(b->a, "%zu", b->report.finding_count));
    } else if (is(kind, "A")) {
        want_absence(b, line, rest);
    } else if (is(kind, "G") || is(kind, "NG")) {
        want_gap(b, line, word(&rest), is(kind, "G"));
    } else {
        bad_line(b, kind);
    }
}

static void read_line(struct bench *b, prq_str line)
{
    prq_str rest = line, kind = word(&rest);
    if (is(kind, "pkg")) {
        add_package(b, rest);
    } else if (is(kind, "row")) {
        add_row(b, rest);
    } else if (is(kind, "record")) {
        add_record(b, rest);
    } else if (is(kind, "cve")) {
        add_cve(b, rest);
    } else if (is(kind, "nvd")) {
        add_nvd(b, rest);
    } else if (is(kind, "vex")) {
        add_vex(b, rest);
    } else if (is(kind, "opt")) {
        set_option(b, rest);
    } else if (is(kind, "layer")) {
        b->layers[b->analysis.layer_count++].content_sets = list(b, word(&rest));
        b->analysis.layers = b->layers;
    } else if (is(kind, "channel")) {
        b->analysis.distro.channels = list(b, word(&rest));
    } else if (is(kind, "image")) {
        b->analysis.has_distro = true;
        b->analysis.distro.id = word(&rest);
        b->analysis.distro.version_id = word(&rest);
        b->analysis.distro.codename = word(&rest);
    } else {
        check(b, line, kind, rest);
    }
}

/* A case that is known to fail is named, whether it does or not. */
static void end_case(struct bench *b, size_t *wrong_count)
{
    if (is_pending(b))
        print_message("%.*s: %s\n", PRQ_FMT(b->title), b->wrong ? "fails" : "PASSES: unmark it");
    else
        *wrong_count += b->wrong;
}

/* Runs every case of a file; `each` sees their titles. */
static size_t run_cases(const char *path, void (*each)(prq_str title, void *user), void *user)
{
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(1));
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_read_file(path, &text, &err));
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    prq_str rest = prq_buf_view(&text), line;
    size_t cases = 0, wrong_count = 0;
    while (prq_str_line(&rest, &line)) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (prq_str_starts(line, PRQ_S("case "))) {
            end_case(b, &wrong_count);
            memset(b, 0, sizeof *b);
            *b = (struct bench){ .a = a, .title = prq_str_from_at(line, 5) };
            each(b->title, user);
            cases++;
            continue;
        }
        read_line(b, line);
    }
    end_case(b, &wrong_count);
    free(b);
    assert_int_equal(wrong_count, 0);
    return cases;
}

static void no_number(prq_str title, void *user)
{
    (void)title, (void)user;
}

static void test_match_cases(void **state)
{
    (void)state;
    assert_true(run_cases(cases_path, no_number, NULL) > 50);
    assert_true(run_cases(red_hat_path, no_number, NULL) > 30);
}

/* "28, 29: …" */
static void note_numbers(prq_str title, void *user)
{
    uint64_t *seen = user, n;
    prq_str head = prq_str_head(title, prq_str_find(title, ':')), piece;
    size_t mark = prq_str_find(head, '(');
    head = prq_str_head(head, mark);
    while (prq_str_split(&head, ',', &piece)) {
        assert_true(prq_str_u64(prq_str_trim(piece), &n) && n >= 1 && n <= 54);
        *seen |= UINT64_C(1) << n;
    }
}

static void test_acceptance_cases(void **state)
{
    (void)state;
    uint64_t seen = 0;
    run_cases(acceptance_path, note_numbers, &seen);
    for (unsigned n = 1; n <= 54; n++)
        if (!(seen >> n & 1))
            fail_msg("no case %u", n);
}


/* Order: severity descending, id, package; the same for any order of the rows. */
static void test_match_order(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    *b = (struct bench){ .a = a, .title = PRQ_S("order") };
    static const char *const lines[] = {
        "pkg pypi a 1.0", "pkg pypi b 1.0",
        "row PyPI b PYSEC-2 range=0.. rating=x|word|low",
        "row PyPI b PYSEC-1 range=0.. rating=x|word|low",
        "row PyPI a PYSEC-1 range=0.. rating=x|word|low",
        "row PyPI a PYSEC-3 range=0.. rating=x|word|critical",
        "row PyPI a PYSEC-0 range=0..",
    };
    static const struct {
        const char *id;
        size_t package;
    } want[] = { { "PYSEC-3", 0 }, { "PYSEC-1", 0 }, { "PYSEC-1", 1 }, { "PYSEC-2", 1 },
                 { "PYSEC-0", 0 } };
    for (size_t i = 0; i < PRQ_COUNT(lines); i++)
        read_line(b, prq_str_from(lines[i]));
    judge(b);
    assert_int_equal(b->report.finding_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(b->report.findings[i].id, want[i].id);
        assert_int_equal(b->report.findings[i].package, want[i].package);
    }
    free(b);
}

/* Whatever the arena has, matching ends with an error or a report. */
static void test_match_memory(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    *b = (struct bench){ .a = a, .title = PRQ_S("memory") };
    read_line(b, PRQ_S("pkg deb libssl3 1.1.1k-1 source=openssl distro=debian-11"));
    read_line(b, PRQ_S("row Debian:11 openssl CVE-1 source range=0..2 fixed=2 state=fixed"));
    b->analysis.packages = b->packages;
    b->analysis.package_count = b->package_count;
    struct prq_facts facts = table;
    facts.user = b;
    struct prq_ctx ctx = unit_ctx(a);
    bool has_failed = false, has_worked = false;
    for (size_t budget = 16; budget < 8192; budget += 16) {
        PRQ_ARENA small = prq_arena_new(budget);
        struct prq_report report = { 0 };
        struct prq_err err = PRQ_ERR_INIT;
        if (prq_match_facts(&ctx, &b->analysis, &facts, &b->opts, small, &report, &err)) {
            has_worked = true;
            assert_int_equal(report.finding_count, 1);
        } else {
            has_failed = true;
            assert_int_equal(err.code, PRQ_E_LIMIT);
        }
    }
    assert_true(has_failed && has_worked);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match_cases),
        cmocka_unit_test(test_acceptance_cases),
        cmocka_unit_test(test_match_order),
        cmocka_unit_test(test_match_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
