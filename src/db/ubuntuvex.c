/* SPDX-License-Identifier: Apache-2.0 */
/* Ubuntu's OpenVEX documents: vex-all.tar.xz, one document a CVE below cve/. Source: matching.md
 * 3.3; OpenVEX 0.2.0.
 *
 *   {"metadata":{…},"statements":[{"vulnerability":{"name":"CVE-2025-0167","description":…},
 *     "status":"not_affected","products":[{"@id":
 *       "pkg:deb/ubuntu/curl@7.47.0-1ubuntu2.19+esm13?arch=source&distro=esm-infra/xenial"},…]}]}
 *
 * A record has the key of Ubuntu's OSV record of the same CVE and no date: where that one knows the
 * package in the release, it decides, else this. Products of binaries repeat their source's word. */
#include "db/dbspace.h"
#include "db/feedrow.h"
#include "db/jsonutil.h"
#include "io/source.h"
#include "lib/lib.h"
#include "model/purl.h"

enum { DOCUMENT_MAX = 64 << 20 };

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    prq_str cve, description;
    struct prq_affected *rows;
    size_t row_count, row_cap;
    unsigned odd; /* products of a release, or statements of a status, that we do not know */
};

/* "jammy" → "Ubuntu:22.04"; Pro's archives are the channel: "esm-infra/xenial", "trusty/esm",
 * "esm-infra-legacy/trusty" → "Ubuntu:14.04+esm". Others ("fips-updates/focal") are builds of their
 * own. */
static prq_str space_of(prq_str distro, struct prq_arena *a)
{
    prq_str archive = { 0 }, codename = distro, channel = { 0 };
    prq_str_cut(distro, '/', &archive, &codename);
    if (prq_str_eq(codename, PRQ_S("esm"))) {
        codename = archive;
        archive = PRQ_S("esm");
    }
    prq_str release = prq_ubuntu_release_of(codename);
    if (prq_str_starts(archive, PRQ_S("esm")))
        channel = PRQ_S("esm");
    else if (archive.n)
        channel = prq_is_record_id(archive) ? archive : (prq_str){ 0 };
    if (!release.n || (archive.n && !channel.n))
        return (prq_str){ 0 };
    return prq_arena_printf(a, "Ubuntu:%.*s%s%.*s", PRQ_FMT(release), channel.n ? "+" : "",
                            PRQ_FMT(channel));
}

static void add_product(struct reader *in, prq_str id)
{
    struct prq_purl purl;
    if (!prq_str_has(id, PRQ_S("arch=source")) || !prq_purl_parse(id, in->a, &purl, NULL))
        return;
    prq_str space = space_of(prq_purl_qual(&purl, PRQ_S("distro")), in->a);
    if (!space.n || !prq_is_row_text(purl.name)) {
        in->odd++;
        return;
    }
    if (!prq_arena_grow(in->a, &in->rows, sizeof *in->rows, &in->row_cap, in->row_count + 1)) {
        prq_json_no_memory(&in->j);
        return;
    }
    in->rows[in->row_count++] = (struct prq_affected){
        .space = space,
        .name = purl.name,
        .is_source = true,
        .note = purl.version, /* until the status is known */
    };
}

static void read_products(struct reader *in)
{
    prq_str key, id;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            id = (prq_str){ 0 };
            if (!prq_str_eq(key, PRQ_S("@id")))
                prq_json_skip(&in->j);
            else if (prq_json_string_or_skip(&in->j, &id))
                add_product(in, id);
        }
    }
}

/* The version of a product that is fixed is the one that fixed it. False: nothing is said. */
static bool settle_row(struct reader *in, prq_str status, struct prq_affected *row)
{
    prq_str version = row->note, none = { 0 };
    bool is_fixed = prq_str_eq(status, PRQ_S("fixed"));
    bool ok = true;
    row->note = none;
    if (is_fixed && !prq_is_row_text(version))
        return false;
    if (prq_str_eq(status, PRQ_S("not_affected")))
        row->state = PRQ_FIX_NOT_AFFECTED;
    else
        ok = prq_feed_range(row, PRQ_S("0"), PRQ_EVENT_FIXED, is_fixed ? version : none, in->a);
    row->note = is_fixed ? none : prq_arena_printf(in->a, "vex: %.*s", PRQ_FMT(status));
    if (!ok || (!is_fixed && !row->note.p))
        prq_json_no_memory(&in->j);
    return ok;
}

static void settle(struct reader *in, prq_str status, size_t from)
{
    static const prq_str known[] = { PRQ_SI("affected"), PRQ_SI("fixed"), PRQ_SI("not_affected"),
                                     PRQ_SI("under_investigation") };
    bool is_known = false;
    size_t kept = from;
    for (size_t i = 0; i < PRQ_COUNT(known); i++)
        is_known |= prq_str_eq(status, known[i]);
    in->odd += !is_known;
    for (size_t i = from; is_known && i < in->row_count && !in->j.bad; i++)
        if (settle_row(in, status, &in->rows[i]))
            in->rows[kept++] = in->rows[i];
    in->row_count = kept;
}

static void read_vulnerability(struct reader *in)
{
    prq_str key, name = { 0 };
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(&in->j, &name);
        else if (prq_str_eq(key, PRQ_S("description")))
            prq_json_string_or_skip(&in->j, &in->description);
        else
            prq_json_skip(&in->j);
    }
    if (prq_feed_is_cve(name))
        in->cve = name;
}

static void read_statements(struct reader *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        prq_str status = { 0 };
        size_t from = in->row_count;
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("vulnerability")))
                read_vulnerability(in);
            else if (prq_str_eq(key, PRQ_S("products")))
                read_products(in);
            else if (prq_str_eq(key, PRQ_S("status")))
                prq_json_string_or_skip(&in->j, &status);
            else
                prq_json_skip(&in->j);
        }
        if (!in->j.bad)
            settle(in, status, from);
    }
}

static bool emit(struct reader *in, const struct prq_feed_sink *sink, struct prq_err *err)
{
    if (in->odd)
        sink->skip(sink->user, in->cve, "a VEX statement of an unknown release or status");
    if (!in->row_count)
        return true;
    struct prq_record r = { .source = PRQ_S("osv"), .details = in->description,
                            .affected = in->rows, .affected_count = in->row_count };
    r.id = prq_arena_printf(in->a, "UBUNTU-%.*s", PRQ_FMT(in->cve));
    if (!r.id.p || !prq_feed_one(in->cve, &r.cves, in->a) ||
        !prq_feed_one(in->cve, &r.upstream, in->a) ||
        !prq_feed_rows_merge(r.affected, &r.affected_count, in->a))
        return prq_fail(err, PRQ_E_LIMIT, "a VEX document exceeds the memory budget");
    return sink->record(sink->user, &r, err);
}

bool prq_ubuntu_vex_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                          struct prq_err *err)
{
    struct reader in = { .a = a };
    prq_str key;
    bool seen = false;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a VEX document: no JSON object");
    while (prq_json_key(&in.j, &key)) {
        if (prq_str_eq(key, PRQ_S("statements"))) {
            seen = true;
            read_statements(&in);
        } else {
            prq_json_skip(&in.j);
        }
    }
    if (!prq_json_end(&in.j, err))
        return false;
    if (!seen)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a VEX document: no statements");
    if (!in.cve.n && in.row_count) {
        sink->skip(sink->user, PRQ_S("vex"), "a VEX document without a CVE");
        return true;
    }
    return emit(&in, sink, err);
}

/* ---- archives of documents */

typedef bool (*document_reader)(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                                struct prq_err *err);

static bool read_osv(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                     struct prq_err *err)
{
    struct prq_record r;
    return prq_osv_parse(json, "ubuntu", a, &r, err) && sink->record(sink->user, &r, err);
}

static bool read_member(struct prq_tar *tar, struct prq_buf *text, struct prq_err *err)
{
    const void *p;
    size_t n;
    prq_buf_clear(text);
    do {
        if (!prq_tar_data(tar, &p, &n, err))
            return false;
        if (!prq_buf_str(text, (prq_str){ p, n }))
            return prq_fail(err, PRQ_E_LIMIT, "a document is too large");
    } while (n > 0);
    return true;
}

/* A document that makes no sense is passed over; an archive that breaks off fails. */
static bool one(struct prq_tar *tar, prq_str path, struct prq_buf *text, document_reader read,
                struct prq_arena *a, const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    path = prq_arena_copy(a, path);
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    if (!read_member(tar, text, err))
        return false;
    if (read(prq_buf_view(text), a, sink, &why))
        return true;
    if (why.code == PRQ_E_FORMAT || why.code == PRQ_E_LIMIT) {
        sink->skip(sink->user, path, why.text);
        return true;
    }
    return prq_fail(err, why.code, "%s", why.text);
}

static bool read_archive(prq_bytes file, prq_str folder, document_reader read, struct prq_arena *a,
                         const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_stream *plain;
    struct prq_tar *tar;
    struct prq_tar_entry e;
    enum prq_next step = PRQ_NEXT_FAIL;
    bool ok = true;
    if (!prq_decompress_stream(prq_mem_stream(file), &prq_limits_default, &plain, err))
        return false;
    PRQ_STREAM owned = plain;
    PRQ_BUF text;
    prq_buf_init(&text, DOCUMENT_MAX);
    if (!prq_tar_open(owned, &tar, err))
        return false;
    while (ok && (step = prq_tar_next(tar, &e, err)) == PRQ_NEXT_ITEM) {
        struct prq_mark mark = prq_arena_mark(a);
        if (e.type == 'f' && prq_str_ends(e.path, PRQ_S(".json")) && prq_str_has(e.path, folder))
            ok = one(tar, e.path, &text, read, a, sink, err);
        prq_arena_rewind(a, mark);
    }
    prq_tar_close(tar);
    return ok && step == PRQ_NEXT_END;
}

bool prq_ubuntu_vex_tar(prq_bytes file, struct prq_arena *a, const struct prq_feed_sink *sink,
                        struct prq_err *err)
{
    return read_archive(file, PRQ_S("cve/"), prq_ubuntu_vex_parse, a, sink, err);
}

bool prq_ubuntu_osv_tar(prq_bytes file, struct prq_arena *a, const struct prq_feed_sink *sink,
                        struct prq_err *err)
{
    return read_archive(file, PRQ_S("osv/"), read_osv, a, sink, err);
}
