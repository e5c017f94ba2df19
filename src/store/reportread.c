/* SPDX-License-Identifier: Apache-2.0 */
/* Source of the form: docs/report.schema.json, src/report/report_json.c. Unknown members are passed
 * over: a later version may have more. */
#include "store/reportread.h"

#include "base/map.h"
#include "format/json.h"
#include "store/document.h"

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct prq_analysis *an;
    struct prq_report *report;
    prq_str schema;
    size_t layer_cap, package_cap, finding_cap, family_cap, gap_cap, purl_cap, purl_count;
    prq_str *purls; /* of the findings' packages, which come later in the document */
    bool out_of_memory;
};

struct field {
    const char *name;
    prq_str *to;
};

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

/* Is `key` one of the fields? Then its value was taken. */
static bool take_string(struct reader *r, prq_str key, const struct field *f)
{
    while (f->name && !is(key, f->name))
        f++;
    if (f->name)
        prq_json_string_or_skip(&r->j, f->to);
    return f->name != NULL;
}

static bool enter(struct reader *r)
{
    if (prq_json_enter_object(&r->j))
        return true;
    prq_json_skip(&r->j);
    return false;
}

static void each(struct reader *r, void (*one)(struct reader *r))
{
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_item(&r->j))
        one(r);
}

/* Room for one more in an arena array, bounded by the limit that such things have. */
static bool room(struct reader *r, void *items, size_t size, size_t *cap, size_t n, uint64_t max)
{
    r->out_of_memory |= n >= max || !prq_arena_grow(r->a, items, size, cap, n + 1);
    return !r->out_of_memory;
}

static void take_strs(struct reader *r, struct prq_strs *out)
{
    size_t cap = 0;
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_item(&r->j)) {
        prq_str s = { 0 };
        if (prq_json_string_or_skip(&r->j, &s) &&
            room(r, &out->v, sizeof *out->v, &cap, out->n, r->limits->packages))
            out->v[out->n++] = s;
    }
}

static void take_layer(struct reader *r)
{
    struct prq_layer l = { 0 };
    const struct field fields[] = { { "created", &l.created }, { "diff_id", &l.diff_id },
                                    { "digest", &l.digest }, { "instruction", &l.instruction },
                                    { 0 } };
    prq_str key;
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "files"))
            prq_json_u64_or_skip(&r->j, &l.file_count);
        else if (is(key, "size_bytes"))
            prq_json_u64_or_skip(&r->j, &l.size_bytes);
        else if (is(key, "tar_bytes"))
            prq_json_u64_or_skip(&r->j, &l.tar_bytes);
        else if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
    if (room(r, &r->an->layers, sizeof l, &r->layer_cap, r->an->layer_count, r->limits->layers))
        r->an->layers[r->an->layer_count++] = l;
}

static void take_distro(struct reader *r)
{
    struct prq_distro *d = &r->an->distro;
    const struct field fields[] = { { "codename", &d->codename }, { "id", &d->id },
                                    { "name", &d->pretty_name }, { "path", &d->path },
                                    { "version", &d->version_id }, { 0 } };
    prq_str key;
    if (!enter(r))
        return;
    r->an->has_distro = true;
    while (prq_json_key(&r->j, &key))
        if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
}

static void take_image(struct reader *r)
{
    static const char *const kinds[] = { "image", "rootfs", "dir", "list" };
    struct prq_analysis *an = r->an;
    prq_str key, kind = { 0 };
    const struct field fields[] = { { "architecture", &an->architecture }, { "created", &an->created },
                                    { "digest", &an->digest }, { "id", &an->id }, { "kind", &kind },
                                    { "name", &an->name }, { "os", &an->os },
                                    { "sandbox", &an->sandbox }, { "variant", &an->variant }, { 0 } };
    if (!enter(r))
        return;
    while (!r->out_of_memory && prq_json_key(&r->j, &key))
        if (is(key, "distro"))
            take_distro(r);
        else if (is(key, "layers"))
            each(r, take_layer);
        else if (is(key, "tags"))
            take_strs(r, &an->tags);
        else if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
    for (unsigned i = 0; i < PRQ_COUNT(kinds); i++)
        if (is(kind, kinds[i]))
            an->kind = (enum prq_source_kind)i;
}

static void take_evidence(struct reader *r, struct prq_package *p)
{
    size_t cap = 0;
    prq_str key;
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_item(&r->j)) {
        struct prq_evidence e = { 0 };
        uint64_t layer = 0;
        if (!enter(r))
            continue;
        while (prq_json_key(&r->j, &key))
            if (is(key, "layer"))
                prq_json_u64_or_skip(&r->j, &layer);
            else if (is(key, "path"))
                prq_json_string_or_skip(&r->j, &e.path);
            else
                prq_json_skip(&r->j);
        e.layer = (uint32_t)layer;
        if (room(r, &p->evidence, sizeof e, &cap, p->evidence_count, r->limits->packages))
            p->evidence[p->evidence_count++] = e;
    }
}

/* The version has its epoch in front, as people see it. */
static void take_package(struct reader *r)
{
    struct prq_package p = { 0 };
    const struct field fields[] = { { "arch", &p.arch }, { "found_by", &p.found_by },
                                    { "name", &p.name }, { "purl", &p.purl }, { "type", &p.type },
                                    { "version", &p.version }, { 0 } };
    prq_str key;
    uint64_t layer = 0;
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "layer"))
            prq_json_u64_or_skip(&r->j, &layer);
        else if (is(key, "evidence"))
            take_evidence(r, &p);
        else if (is(key, "licenses"))
            take_strs(r, &p.licenses);
        else if (is(key, "size_bytes"))
            prq_json_u64_or_skip(&r->j, &p.size_bytes);
        else if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
    p.layer = (uint32_t)layer;
    struct prq_analysis *an = r->an;
    if (room(r, &an->packages, sizeof p, &r->package_cap, an->package_count, r->limits->packages))
        an->packages[an->package_count++] = p;
}

static void take_purl(struct reader *r, prq_str *purl)
{
    prq_str key;
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "purl"))
            prq_json_string_or_skip(&r->j, purl);
        else
            prq_json_skip(&r->j);
}

static void take_finding(struct reader *r)
{
    struct prq_finding f = { 0 };
    prq_str key, severity = { 0 }, state = { 0 }, purl = { 0 };
    const struct field fields[] = { { "cvss_score", &f.cvss_score }, { "id", &f.id },
                                    { "severity", &severity }, { "state", &state },
                                    { "summary", &f.summary }, { 0 } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "aliases"))
            take_strs(r, &f.aliases);
        else if (is(key, "fixed_in"))
            take_strs(r, &f.fixed_in);
        else if (is(key, "kev")) {
            f.is_kev = prq_json_peek(&r->j) == PRQ_JSON_OBJECT;
            prq_json_skip(&r->j);
        } else if (is(key, "package"))
            take_purl(r, &purl);
        else if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
    if (!prq_severity_parse(severity, &f.severity))
        f.severity = PRQ_SEV_UNKNOWN;
    if (!prq_fix_state_parse(state, &f.state))
        f.state = PRQ_FIX_UNKNOWN;
    struct prq_report *to = r->report;
    if (!room(r, &to->findings, sizeof f, &r->finding_cap, to->finding_count, SIZE_MAX) ||
        !room(r, &r->purls, sizeof purl, &r->purl_cap, r->purl_count, SIZE_MAX))
        return;
    to->findings[to->finding_count++] = f;
    r->purls[r->purl_count++] = purl;
}

static void take_family(struct reader *r)
{
    struct prq_family f = { 0 };
    const struct field fields[] = { { "built", &f.built }, { "digest", &f.digest },
                                    { "feed_date", &f.feed_date }, { "name", &f.name },
                                    { "source", &f.source }, { 0 } };
    prq_str key;
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "records"))
            prq_json_u64_or_skip(&r->j, &f.records);
        else if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
    struct prq_report *to = r->report;
    if (room(r, &to->families, sizeof f, &r->family_cap, to->family_count, 4096))
        to->families[to->family_count++] = f;
}

static void take_gap(struct reader *r)
{
    struct prq_gap g = { .layer = PRQ_GAP_NO_LAYER };
    const struct field fields[] = { { "kind", &g.kind }, { "path", &g.path },
                                    { "reason", &g.reason }, { 0 } };
    prq_str key;
    uint64_t layer = PRQ_GAP_NO_LAYER;
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "layer"))
            prq_json_u64_or_skip(&r->j, &layer);
        else if (is(key, "offset"))
            g.has_offset = prq_json_u64_or_skip(&r->j, &g.offset);
        else if (!take_string(r, key, fields))
            prq_json_skip(&r->j);
    g.layer = (uint32_t)layer;
    struct prq_report *to = r->report;
    if (room(r, &to->gaps, sizeof g, &r->gap_cap, to->gap_count, SIZE_MAX))
        to->gaps[to->gap_count++] = g;
}

static void take_member(struct reader *r, prq_str key)
{
    if (is(key, "families"))
        each(r, take_family);
    else if (is(key, "findings"))
        each(r, take_finding);
    else if (is(key, "gaps"))
        each(r, take_gap);
    else if (is(key, "image"))
        take_image(r);
    else if (is(key, "packages"))
        each(r, take_package);
    else if (is(key, "now"))
        prq_json_string_or_skip(&r->j, &r->report->now);
    else if (is(key, "schema"))
        prq_json_string_or_skip(&r->j, &r->schema);
    else
        prq_json_skip(&r->j);
}

/* Findings name their package by purl; the list has it. */
static bool find_packages(struct reader *r, struct prq_err *err)
{
    struct prq_map map;
    prq_map_init(&map, r->a);
    for (size_t i = 0; i < r->an->package_count; i++)
        if (!prq_map_put(&map, r->an->packages[i].purl, i, NULL))
            return prq_fail(err, PRQ_E_LIMIT, "the report exceeds the memory budget");
    for (size_t i = 0; i < r->report->finding_count; i++) {
        const size_t *index = prq_map_find(&map, r->purls[i]);
        if (!index)
            return prq_fail(err, PRQ_E_FORMAT, "finding %zu: its package is not in the list", i);
        r->report->findings[i].package = *index;
    }
    return true;
}

bool prq_report_read(prq_bytes bytes, const struct prq_limits *limits, struct prq_arena *a,
                     struct prq_analysis *an, struct prq_report *out, struct prq_err *err)
{
    struct reader r = { .a = a, .limits = limits, .an = an, .report = out };
    prq_str key;
    *an = (struct prq_analysis){ 0 };
    *out = (struct prq_report){ .analysis = an };
    prq_json_init(&r.j, prq_str_of(bytes), a, limits);
    if (prq_json_enter_object(&r.j))
        while (!r.out_of_memory && prq_json_key(&r.j, &key))
            take_member(&r, key);
    if (r.out_of_memory)
        return prq_fail(err, PRQ_E_LIMIT, "the report exceeds the memory budget");
    if (!prq_json_end(&r.j, err))
        return false;
    if (!is(r.schema, "pratique-report/1"))
        return prq_fail(err, PRQ_E_UNSUPPORTED, "not a pratique-report/1 document");
    return find_packages(&r, err);
}

bool prq_report_open(struct prq_ctx *ctx, prq_str path, struct prq_arena *a,
                     struct prq_analysis *an, struct prq_report *out, struct prq_err *err)
{
    prq_str all;
    return prq_document_bytes(path, a, &all, err) &&
           (prq_report_read(prq_bytes_of(all), ctx->limits, a, an, out, err) ||
            prq_in(err, "report %.*s", PRQ_FMT(path)));
}
