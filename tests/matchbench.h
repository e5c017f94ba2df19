/* SPDX-License-Identifier: Apache-2.0 */
/* A block of match.cases: its packages, its database (a table), its options. */
#ifndef PRQ_TESTS_MATCHBENCH_H
#define PRQ_TESTS_MATCHBENCH_H

#include "base/buf.h"
#include "match/absence.h"
#include "match/core.h"
#include "nvdcase.h"
#include "unit.h"

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
        else if (is(key, "purl"))
            p->purl = v;
        else if (is(key, "found-by"))
            p->found_by = v;
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

/* vex STATUS ID PURL: one document with one statement */
static void add_vex(struct bench *b, prq_str rest)
{
    struct prq_vex_doc *doc = prq_new(b->a, struct prq_vex_doc);
    struct prq_vex_statement *s = prq_new(b->a, struct prq_vex_statement);
    if (!b->opts.vex)
        b->opts.vex = prq_new(b->a, struct prq_vex_set);
    struct prq_vex_set *set = b->opts.vex;
    assert_true(prq_vex_status_parse(word(&rest), &s->status));
    s->number = 1;
    s->ids = list(b, word(&rest));
    s->timestamp = PRQ_S("2024-01-01T00:00:00Z");
    s->product_count = 1;
    s->products = prq_new(b->a, struct prq_vex_product);
    s->products->self.names = list(b, word(&rest));
    *doc = (struct prq_vex_doc){ .path = PRQ_S("vex.json"), .format = "openvex",
                                 .digest = PRQ_S("sha256:00"), .statements = s, .count = 1 };
    assert_true(prq_arena_grow(b->a, &set->docs, sizeof(struct prq_vex_doc *), &set->cap,
                               set->n + 1));
    set->docs[set->n++] = doc;
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

#endif

