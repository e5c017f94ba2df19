/* SPDX-License-Identifier: Apache-2.0 */
/* Components of Bitnami's images, each with a statement of its maker:
 *
 *     opt/bitnami/NAME/.spdx-NAME.spdx        SPDX in JSON: the component and what is built into it
 *     opt/bitnami/.bitnami_components.json    {"NAME": {"version": "1.2.3-4", "arch": …}, …}
 *
 * Source: catalog.md 3.10; SPDX 2.3, "External reference". */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "analyze/owning.h"
#include "format/json.h"
#include "model/purl.h"

struct entry {
    prq_str purl, licence;
};

/* {"referenceType": "purl", "referenceLocator": "pkg:…"} */
static void read_reference(struct prq_json *j, struct entry *e)
{
    prq_str key, type = { 0 }, locator = { 0 };
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("referenceType")))
            prq_json_string_or_skip(j, &type);
        else if (prq_str_eq(key, PRQ_S("referenceLocator")))
            prq_json_string_or_skip(j, &locator);
        else
            prq_json_skip(j);
    }
    if (prq_str_eq(type, PRQ_S("purl")) && !e->purl.n)
        e->purl = locator;
}

static void read_references(struct prq_json *j, struct entry *e)
{
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_item(j))
        read_reference(j, e);
}

/* The qualifiers that prq_package_from_purl keeps in members of their own which only packages of
 * operating systems are printed with. */
static bool keep_qualifiers(struct prq_package *p, struct prq_arena *a)
{
    if (!prq_str_eq(p->type, PRQ_S("bitnami")))
        return true;
    prq_str *v = prq_new_n(a, prq_str, p->qualifiers.n + 1);
    if (!v)
        return false;
    size_t n = 0, i = 0;
    const prq_str distro = p->distro.n ? prq_arena_printf(a, "distro=%.*s", PRQ_FMT(p->distro))
                                       : (prq_str){ 0 };
    if (p->distro.n && !distro.p)
        return false;
    for (; i < p->qualifiers.n && prq_str_cmp(p->qualifiers.v[i], PRQ_S("distro")) < 0; i++)
        v[n++] = p->qualifiers.v[i];
    if (distro.n)
        v[n++] = distro;
    for (; i < p->qualifiers.n; i++)
        v[n++] = p->qualifiers.v[i];
    p->qualifiers = (struct prq_strs){ v, n };
    return true;
}

/* False only when the sink is full or memory ran out. */
static bool put_entry(const struct entry *e, struct prq_arena *a, struct prq_loss *bad, size_t at,
                      struct prq_sink *sink, struct prq_err *err)
{
    struct prq_package p;
    struct prq_err why = PRQ_ERR_INIT;
    if (!e->purl.n)
        return true; /* describes no package: the image's base, a document */
    if (!prq_package_from_purl(e->purl, a, &p, &why)) {
        if (why.code == PRQ_E_LIMIT)
            return prq_fail_at(err, PRQ_E_LIMIT, at, "packages exceed the file's budget");
        prq_loss_add(bad, at, "malformed package URL");
        return true;
    }
    prq_str licence = e->licence;
    bool is_stated = licence.n && !prq_str_eq(licence, PRQ_S("NOASSERTION")) &&
                     !prq_str_eq(licence, PRQ_S("NONE"));
    p.licenses = (struct prq_strs){ &licence, is_stated };
    if (!keep_qualifiers(&p, a))
        return prq_fail_at(err, PRQ_E_LIMIT, at, "packages exceed the file's budget");
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool read_packages(struct prq_ctx *ctx, struct prq_json *j, struct prq_loss *bad,
                          struct prq_sink *sink, struct prq_err *err)
{
    prq_str key;
    while (prq_json_item(j)) {
        struct entry e = { 0 };
        struct prq_mark mark = prq_arena_mark(ctx->scratch);
        size_t at = j->at;
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_key(j, &key)) {
            if (prq_str_eq(key, PRQ_S("externalRefs")))
                read_references(j, &e);
            else if (prq_str_eq(key, PRQ_S("licenseDeclared")))
                prq_json_string_or_skip(j, &e.licence);
            else
                prq_json_skip(j);
        }
        if (j->bad)
            return true; /* the end says why */
        if (!put_entry(&e, ctx->scratch, bad, at, sink, err))
            return false;
        prq_arena_rewind(ctx->scratch, mark);
    }
    return true;
}

/* All that lies beside the document is the component's. */
static bool own_folder(struct prq_ctx *ctx, prq_str path, struct prq_sink *sink,
                       struct prq_err *err)
{
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "bitnami:%.*s", PRQ_FMT(path));
    if (!o || !owner.p)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
    prq_owning_begin(o, owner);
    return (prq_owning_add_below(o, prq_path_dir(path)) && prq_owning_end(o)) || prq_sink_full(err);
}

static bool read_spdx(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                      struct prq_err *err)
{
    struct prq_json j;
    struct prq_loss bad = { 0 };
    prq_str key;
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("packages")) || !prq_json_enter_array(&j))
            prq_json_skip(&j);
        else if (!read_packages(ctx, &j, &bad, sink, err))
            return false;
    }
    if (!prq_json_end(&j, err))
        return false;
    return own_folder(ctx, in->file->path, sink, err) &&
           (prq_loss_report(&bad, sink) || prq_sink_full(err));
}

/* ---- .bitnami_components.json */

static bool read_component(struct prq_ctx *ctx, struct prq_json *j, prq_str name,
                           struct prq_sink *sink, struct prq_err *err)
{
    struct prq_package p = { .type = PRQ_S("bitnami"), .name = name };
    prq_str key, digest = { 0 }, qualifiers[2];
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &p.version);
        else if (prq_str_eq(key, PRQ_S("arch")))
            prq_json_string_or_skip(j, &p.arch);
        else if (prq_str_eq(key, PRQ_S("distro")))
            prq_json_string_or_skip(j, &p.distro);
        else if (prq_str_eq(key, PRQ_S("digest")))
            prq_json_string_or_skip(j, &digest);
        else
            prq_json_skip(j);
    }
    if (j->bad || !name.n)
        return true;
    if (p.arch.n)
        qualifiers[p.qualifiers.n++] = prq_arena_printf(ctx->scratch, "arch=%.*s", PRQ_FMT(p.arch));
    if (p.distro.n)
        qualifiers[p.qualifiers.n++] =
            prq_arena_printf(ctx->scratch, "distro=%.*s", PRQ_FMT(p.distro));
    p.qualifiers.v = qualifiers;
    if (digest.n == 64)
        digest = prq_arena_printf(ctx->scratch, "sha256:%.*s", PRQ_FMT(digest));
    p.digests = (struct prq_strs){ &digest, prq_str_starts(digest, PRQ_S("sha256:")) };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool read_components(struct prq_ctx *ctx, prq_str in, struct prq_sink *sink,
                            struct prq_err *err)
{
    struct prq_json j;
    prq_str name;
    prq_json_init(&j, in, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &name))
        if (!read_component(ctx, &j, name, sink, err))
            return false;
    return prq_json_end(&j, err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path);
    if (prq_str_eq(base, PRQ_S(".bitnami_components.json")))
        return read_components(ctx, prq_str_of(in->data), sink, err);
    return !prq_str_starts(base, PRQ_S(".spdx-")) || read_spdx(ctx, in, sink, err);
}

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".spdx"), .prefix = PRQ_SI("opt/bitnami/"), .contains = PRQ_SI("/.spdx-"),
      .max_bytes = PRQ_MIB(64) },
    { .path = PRQ_SI("opt/bitnami/.bitnami_components.json"), .max_bytes = PRQ_MIB(4) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_bitnamiapp = {
    .name = "bitnamiapp",
    .purl_type = "bitnami",
    .summary = "Bitnami's components: opt/bitnami/**/.spdx-*.spdx, .bitnami_components.json",
    .revision = 1,
    .wants = wants,
    .run = run,
};
