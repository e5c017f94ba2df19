/* SPDX-License-Identifier: Apache-2.0 */
/* *.vsix: a zip in the layout of the Open Packaging Conventions.
 *
 *     extension.vsixmanifest      <PackageManifest><Metadata><Identity Id Version Publisher
 *                                 TargetPlatform> and <License>
 *     extension/…/node_modules/[@scope/]name/package.json    npm packages that it brings along
 *
 * Without the manifest no editor installs it: extension/package.json alone is nobody's identity.
 * Sources: VSIX extension schema 2.0; purl-spec, vscode-extension. */
#include "analyze/vsix.h"

#include "analyze/loss.h"
#include "base/buf.h"
#include "format/json.h"
#include "lib/lib.h"
#include "lib/xml.h"

enum { MEMBER_MAX = 4 << 20 };

struct job {
    struct prq_ctx *ctx;
    prq_str path;
    struct prq_sink *sink;
    struct prq_loss loss;
    uint64_t room; /* bytes that members may still unpack to */
    bool has_manifest;
};

/* False: the sink is full, or memory ran out. The views live as long as the arena. */
static bool put_identity(struct job *j, const struct prq_xml_event *e)
{
    prq_str publisher = prq_str_trim(prq_xml_attr(e, PRQ_S("Publisher")));
    prq_str id = prq_str_trim(prq_xml_attr(e, PRQ_S("Id")));
    prq_str platform = prq_xml_attr(e, PRQ_S("TargetPlatform")), qualifier;
    struct prq_package p = {
        .type = PRQ_S("vscode-extension"),
        .ns = publisher,
        .name = id,
        .version = prq_str_trim(prq_xml_attr(e, PRQ_S("Version"))),
    };
    if (id.n == 0) {
        prq_loss_add(&j->loss, 0, "extension.vsixmanifest names no extension");
        return true;
    }
    if (publisher.n)
        p.name = prq_arena_printf(j->ctx->scratch, "%.*s/%.*s", PRQ_FMT(publisher), PRQ_FMT(id));
    if (platform.n && !prq_str_eq(platform, PRQ_S("universal"))) {
        qualifier = prq_arena_printf(j->ctx->scratch, "platform=%.*s", PRQ_FMT(platform));
        p.qualifiers = (struct prq_strs){ &qualifier, 1 };
        if (!qualifier.p)
            return false;
    }
    return p.name.p && prq_sink_package(j->sink, &p);
}

static bool read_manifest(struct job *j, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_xml *x;
    struct prq_xml_event e;
    enum prq_next step = PRQ_NEXT_FAIL;
    bool has_identity = false;
    j->has_manifest = true;
    if (prq_xml_open(data, j->ctx->limits, j->ctx->scratch, &x, &err))
        while ((step = prq_xml_next(x, &e, &err)) == PRQ_NEXT_ITEM)
            if (!has_identity && e.type == PRQ_XML_START &&
                prq_str_eq(e.path, PRQ_S("PackageManifest/Metadata/Identity"))) {
                has_identity = true;
                if (!put_identity(j, &e))
                    return false;
            }
    if (step != PRQ_NEXT_END || !has_identity)
        prq_loss_add(&j->loss, 0, "extension.vsixmanifest cannot be read");
    return true;
}

static bool read_npm(struct job *j, prq_bytes data, prq_str member)
{
    struct prq_json json;
    struct prq_evidence place = { 0 };
    struct prq_package p = { .type = PRQ_S("npm") };
    prq_str key, license = { 0 };
    prq_json_init(&json, prq_str_of(data), j->ctx->scratch, j->ctx->limits);
    if (prq_json_enter_object(&json)) {
        while (prq_json_key(&json, &key)) {
            if (prq_str_eq(key, PRQ_S("name")))
                prq_json_string_or_skip(&json, &p.name);
            else if (prq_str_eq(key, PRQ_S("version")))
                prq_json_string_or_skip(&json, &p.version);
            else if (prq_str_eq(key, PRQ_S("license")))
                prq_json_string_or_skip(&json, &license);
            else
                prq_json_skip(&json);
        }
    } else {
        prq_json_skip(&json);
    }
    if (!prq_json_end(&json, NULL))
        prq_loss_add(&j->loss, 0, "package.json in the archive is malformed");
    p.name = prq_str_trim(p.name);
    p.version = prq_str_trim(p.version);
    if (p.name.n == 0 || p.version.n == 0)
        return true;
    if (license.n)
        p.licenses = (struct prq_strs){ &license, 1 };
    prq_str scope, rest;
    if (p.name.p[0] == '@' && prq_str_cut(p.name, '/', &scope, &rest))
        p.ns = scope;
    place.path = prq_arena_printf(j->ctx->scratch, "%.*s!/%.*s", PRQ_FMT(j->path), PRQ_FMT(member));
    p.evidence = &place;
    p.evidence_count = 1;
    return place.path.p && prq_sink_package(j->sink, &p);
}

/* node_modules/x/package.json and node_modules/@scope/x/package.json; not what lies deeper. */
static bool is_npm(prq_str path)
{
    if (!prq_str_eq(prq_path_base(path), PRQ_S("package.json")))
        return false;
    prq_str root = prq_path_dir(prq_path_dir(path));
    if (prq_path_base(root).n && prq_path_base(root).p[0] == '@')
        root = prq_path_dir(root);
    return prq_str_eq(prq_path_base(root), PRQ_S("node_modules"));
}

static bool read_member(struct job *j, struct prq_zip *z, const struct prq_zip_entry *e)
{
    struct prq_err err = PRQ_ERR_INIT;
    bool is_manifest = !j->has_manifest && prq_str_ieq(e->path, PRQ_S("extension.vsixmanifest"));
    if (e->is_dir || (!is_manifest && !is_npm(e->path)))
        return true;
    PRQ_BUF b;
    prq_buf_init(&b, j->room < MEMBER_MAX ? (size_t)j->room : MEMBER_MAX);
    if (!prq_zip_read(z, &b, &err)) {
        prq_loss_add(&j->loss, 0, "member of the archive cannot be read");
        return true;
    }
    j->room -= b.n;
    struct prq_mark mark = prq_arena_mark(j->ctx->scratch);
    bool ok = is_manifest ? read_manifest(j, prq_buf_bytes(&b)) : read_npm(j, prq_buf_bytes(&b), e->path);
    prq_arena_rewind(j->ctx->scratch, mark);
    return ok;
}

bool prq_vsix_read(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                   struct prq_err *err)
{
    struct prq_zip *z;
    struct prq_zip_entry e;
    enum prq_next step;
    bool ok = true;
    struct job j = { .ctx = ctx, .path = in->file->path, .sink = sink,
                     .room = ctx->limits->archive_bytes };
    if (!prq_zip_open(in->data, &z, err))
        return false;
    while (ok && (step = prq_zip_next(z, &e, err)) == PRQ_NEXT_ITEM)
        ok = read_member(&j, z, &e);
    prq_zip_close(z);
    if (!ok)
        return prq_sink_full(err);
    if (step == PRQ_NEXT_FAIL)
        return false;
    if (!j.has_manifest)
        prq_loss_add(&j.loss, 0, "no extension.vsixmanifest in the archive");
    return prq_loss_report(&j.loss, sink) || prq_sink_full(err);
}
