/* SPDX-License-Identifier: Apache-2.0 */
/* Source of the form: docs/report.schema.json, src/report/report_json.c. Unknown members are passed
 * over: a later version may have more. */
#include "store/reportread.h"

#include "base/map.h"
#include "store/document.h"
#include "store/reportparts.h"

static void take_layer(struct prq_report_reader *r)
{
    struct prq_layer l = { 0 };
    const struct prq_report_field fields[] = { { "created", &l.created },
                                               { "diff_id", &l.diff_id }, { "digest", &l.digest },
                                               { "instruction", &l.instruction }, { 0 } };
    prq_str key;
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "files"))
            prq_json_u64_or_skip(&r->j, &l.file_count);
        else if (prq_report_is(key, "size_bytes"))
            prq_json_u64_or_skip(&r->j, &l.size_bytes);
        else if (prq_report_is(key, "tar_bytes"))
            prq_json_u64_or_skip(&r->j, &l.tar_bytes);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    if (prq_report_room(r, &r->an->layers, sizeof l, &r->layer_cap, r->an->layer_count,
                        r->limits->layers))
        r->an->layers[r->an->layer_count++] = l;
}

static void take_distro(struct prq_report_reader *r)
{
    struct prq_distro *d = &r->an->distro;
    const struct prq_report_field fields[] = { { "codename", &d->codename }, { "id", &d->id },
                                               { "name", &d->pretty_name }, { "path", &d->path },
                                               { "version", &d->version_id }, { 0 } };
    prq_str key;
    if (!prq_report_enter(r))
        return;
    r->an->has_distro = true;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "channels"))
            prq_report_strs(r, &d->channels);
        else if (prq_report_is(key, "like"))
            prq_report_strs(r, &d->like);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
}

static void take_left_out(struct prq_report_reader *r)
{
    prq_str key;
    uint64_t dev = 0;
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "dev"))
            prq_json_u64_or_skip(&r->j, &dev);
        else
            prq_json_skip(&r->j);
    r->an->dev_left_out = (size_t)dev;
}

static void take_image(struct prq_report_reader *r)
{
    static const char *const kinds[] = { "image", "rootfs", "dir", "list" };
    struct prq_analysis *an = r->an;
    prq_str key, kind = { 0 };
    const struct prq_report_field fields[] = {
        { "architecture", &an->architecture }, { "created", &an->created },
        { "digest", &an->digest }, { "id", &an->id }, { "kind", &kind }, { "name", &an->name },
        { "os", &an->os }, { "sandbox", &an->sandbox }, { "variant", &an->variant }, { 0 },
    };
    if (!prq_report_enter(r))
        return;
    while (!r->out_of_memory && prq_json_key(&r->j, &key))
        if (prq_report_is(key, "distro"))
            take_distro(r);
        else if (prq_report_is(key, "layers"))
            prq_report_each(r, take_layer);
        else if (prq_report_is(key, "tags"))
            prq_report_strs(r, &an->tags);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    for (unsigned i = 0; i < PRQ_COUNT(kinds); i++)
        if (prq_report_is(kind, kinds[i]))
            an->kind = (enum prq_source_kind)i;
}

static void take_evidence(struct prq_report_reader *r, struct prq_package *p)
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
        if (!prq_report_enter(r))
            continue;
        while (prq_json_key(&r->j, &key))
            if (prq_report_is(key, "layer"))
                prq_json_u64_or_skip(&r->j, &layer);
            else if (prq_report_is(key, "path"))
                prq_json_string_or_skip(&r->j, &e.path);
            else
                prq_json_skip(&r->j);
        e.layer = (uint32_t)layer;
        if (prq_report_room(r, &p->evidence, sizeof e, &cap, p->evidence_count,
                            r->limits->packages))
            p->evidence[p->evidence_count++] = e;
    }
}

static void take_source(struct prq_report_reader *r, struct prq_package *p)
{
    prq_str key;
    const struct prq_report_field fields[] = { { "name", &p->source_name },
                                               { "version", &p->source_version }, { 0 } };
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
}

static void take_flags(struct prq_report_reader *r, struct prq_package *p)
{
    struct prq_strs words = { 0 };
    prq_report_strs(r, &words);
    for (size_t i = 0; i < words.n; i++)
        p->flags |= prq_package_flag_of(words.v[i]);
}

/* The version has its epoch in front, as people see it. */
static void take_package(struct prq_report_reader *r)
{
    struct prq_package p = { 0 };
    prq_str key, owner = { 0 };
    uint64_t layer = 0;
    const struct prq_report_field fields[] = { { "arch", &p.arch }, { "found_by", &p.found_by },
                                               { "name", &p.name }, { "owner", &owner },
                                               { "purl", &p.purl }, { "type", &p.type },
                                               { "version", &p.version }, { 0 } };
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "layer"))
            prq_json_u64_or_skip(&r->j, &layer);
        else if (prq_report_is(key, "evidence"))
            take_evidence(r, &p);
        else if (prq_report_is(key, "flags"))
            take_flags(r, &p);
        else if (prq_report_is(key, "licenses"))
            prq_report_strs(r, &p.licenses);
        else if (prq_report_is(key, "size_bytes"))
            prq_json_u64_or_skip(&r->j, &p.size_bytes);
        else if (prq_report_is(key, "source"))
            take_source(r, &p);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    p.layer = (uint32_t)layer;
    struct prq_analysis *an = r->an;
    size_t n = an->package_count;
    if (!prq_report_room(r, &an->packages, sizeof p, &r->package_cap, n, r->limits->packages) ||
        !prq_report_room(r, &r->owners, sizeof owner, &r->owner_cap, n, r->limits->packages))
        return;
    an->packages[n] = p;
    r->owners[an->package_count++] = owner;
}

static void take_family(struct prq_report_reader *r)
{
    struct prq_family f = { 0 };
    const struct prq_report_field fields[] = { { "built", &f.built }, { "digest", &f.digest },
                                               { "feed_date", &f.feed_date }, { "name", &f.name },
                                               { "source", &f.source }, { 0 } };
    prq_str key;
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "records"))
            prq_json_u64_or_skip(&r->j, &f.records);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    struct prq_report *to = r->report;
    if (prq_report_room(r, &to->families, sizeof f, &r->family_cap, to->family_count, 4096))
        to->families[to->family_count++] = f;
}

static void take_gap(struct prq_report_reader *r)
{
    struct prq_gap g = { .layer = PRQ_GAP_NO_LAYER };
    const struct prq_report_field fields[] = { { "kind", &g.kind }, { "path", &g.path },
                                               { "reason", &g.reason }, { 0 } };
    prq_str key;
    uint64_t layer = PRQ_GAP_NO_LAYER;
    if (!prq_report_enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (prq_report_is(key, "layer"))
            prq_json_u64_or_skip(&r->j, &layer);
        else if (prq_report_is(key, "offset"))
            g.has_offset = prq_json_u64_or_skip(&r->j, &g.offset);
        else if (!prq_report_string(r, key, fields))
            prq_json_skip(&r->j);
    g.layer = (uint32_t)layer;
    struct prq_report *to = r->report;
    if (prq_report_room(r, &to->gaps, sizeof g, &r->gap_cap, to->gap_count, SIZE_MAX))
        to->gaps[to->gap_count++] = g;
}

static void take_member(struct prq_report_reader *r, prq_str key)
{
    if (prq_report_is(key, "families"))
        prq_report_each(r, take_family);
    else if (prq_report_is(key, "findings"))
        prq_report_each(r, prq_report_live);
    else if (prq_report_is(key, "left_out"))
        take_left_out(r);
    else if (prq_report_is(key, "suppressed"))
        prq_report_each(r, prq_report_suppressed);
    else if (prq_report_is(key, "gaps"))
        prq_report_each(r, take_gap);
    else if (prq_report_is(key, "image"))
        take_image(r);
    else if (prq_report_is(key, "packages"))
        prq_report_each(r, take_package);
    else if (prq_report_is(key, "now"))
        prq_json_string_or_skip(&r->j, &r->report->now);
    else if (prq_report_is(key, "schema"))
        prq_json_string_or_skip(&r->j, &r->schema);
    else
        prq_json_skip(&r->j);
}

static bool find_of_list(struct prq_report_list *list, const struct prq_map *map, const char *what,
                         struct prq_err *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const size_t *index = prq_map_find(map, list->purls[i]);
        if (!index)
            return prq_fail(err, PRQ_E_FORMAT, "%s %zu: its package is not in the list", what, i);
        list->v[i].package = *index;
    }
    return true;
}

/* Findings and what is owned name packages by purl; the list has them. */
static bool find_packages(struct prq_report_reader *r, struct prq_err *err)
{
    struct prq_map map;
    prq_map_init(&map, r->a);
    for (size_t i = 0; i < r->an->package_count; i++)
        if (!prq_map_put(&map, r->an->packages[i].purl, i, NULL))
            return prq_fail(err, PRQ_E_LIMIT, "the report exceeds the memory budget");
    for (size_t i = 0; i < r->an->package_count; i++) {
        const size_t *owner = r->owners[i].n ? prq_map_find(&map, r->owners[i]) : NULL;
        r->an->packages[i].owner = owner ? *owner + 1 : 0;
    }
    if (!find_of_list(&r->live, &map, "finding", err) ||
        !find_of_list(&r->suppressed, &map, "suppressed finding", err))
        return false;
    r->report->findings = r->live.v;
    r->report->finding_count = r->live.n;
    r->report->suppressed = r->suppressed.v;
    r->report->suppressed_count = r->suppressed.n;
    return true;
}

bool prq_report_read(prq_bytes bytes, const struct prq_limits *limits, struct prq_arena *a,
                     struct prq_analysis *an, struct prq_report *out, struct prq_err *err)
{
    struct prq_report_reader r = { .a = a, .limits = limits, .an = an, .report = out };
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
    if (!prq_report_is(r.schema, "pratique-report/1"))
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
