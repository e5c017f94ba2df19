/* SPDX-License-Identifier: Apache-2.0 */
/* Amazon Linux: updateinfo.xml of a repository. Source: matching.md 3.8, 5.5; createrepo's
 * updateinfo format.
 *
 *   <updates><update type="security"><id>ALAS2-2018-939</id><severity>critical</severity>
 *     <references><reference type="cve" id="CVE-2017-5715"/>
 *     <pkglist><collection><package name="kernel" epoch="0" version="4.9.76" release="38.79.amzn2"
 *       arch="x86_64"/> */
#include "db/feedrow.h"
#include "db/jsonutil.h"
#include "db/xmlslice.h"
#include "io/source.h"
#include "lib/xml.h"

struct reader {
    struct prq_arena *a;
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    prq_str space;
    struct prq_record r;
    prq_str severity, line;
    size_t cve_cap, row_cap, reference_cap;
    bool is_full;
};

/* "ALAS2KERNEL-5.15-2022-001" → "5.15", "ALAS2PHP8.1-2023-001" → "8.1": an advisory of a topic's
 * repository speaks of that line alone. Empty for "ALAS2-2018-939" and names without a number. */
static prq_str line_of(prq_str id)
{
    prq_str rest = prq_str_from_at(id, 4), before, number, year;
    if (!prq_str_starts(id, PRQ_S("ALAS")) || !prq_str_rcut(rest, '-', &before, &number) ||
        !prq_str_rcut(before, '-', &rest, &year))
        return (prq_str){ 0 };
    size_t at = 0, end;
    while (at < rest.n && prq_is_digit(rest.p[at])) /* the release */
        at++;
    if (at == rest.n)
        return (prq_str){ 0 };
    while (at < rest.n && !prq_is_digit(rest.p[at]))
        at++;
    for (end = at; end < rest.n; end++)
        if (!prq_is_digit(rest.p[end]) && rest.p[end] != '.')
            return (prq_str){ 0 };
    return prq_str_from_at(rest, at);
}

/* Is the fix of this line: "5.15.43-20.123.amzn2" of "5.15"? */
static bool is_of_line(prq_str version, prq_str line)
{
    return line.n && prq_str_starts(version, line) && version.n > line.n &&
           !prq_is_digit(version.p[line.n]);
}

static void add_package(struct reader *in, const struct prq_xml_event *e)
{
    prq_str name = prq_xml_attr(e, PRQ_S("name")), version = prq_xml_attr(e, PRQ_S("version"));
    prq_str release = prq_xml_attr(e, PRQ_S("release")), arch = prq_xml_attr(e, PRQ_S("arch"));
    prq_str epoch = prq_xml_attr(e, PRQ_S("epoch"));
    bool is_zero = !epoch.n || prq_str_eq(epoch, PRQ_S("0"));
    prq_str fixed = prq_arena_printf(in->a, "%.*s%s%.*s-%.*s", PRQ_FMT(is_zero ? PRQ_S("") : epoch),
                                     is_zero ? "" : ":", PRQ_FMT(version), PRQ_FMT(release));
    if (prq_str_eq(arch, PRQ_S("src")))
        return;
    if (!prq_is_row_text(name) || !version.n || !release.n || !prq_is_row_text(fixed)) {
        in->sink->skip(in->sink->user, prq_str_head(in->r.id, 64), "a package without a version");
        return;
    }
    struct prq_affected row = { .space = in->space, .name = name };
    bool is_any = prq_str_eq(arch, PRQ_S("noarch")) || !prq_is_record_id(arch);
    prq_str from = is_of_line(version, in->line) ? in->line : PRQ_S("0");
    if (!prq_feed_range(&row, from, PRQ_EVENT_FIXED, fixed, in->a) ||
        !prq_feed_one(is_any ? (prq_str){ 0 } : arch, &row.arches, in->a) ||
        !prq_arena_grow(in->a, &in->r.affected, sizeof *in->r.affected, &in->row_cap,
                        in->r.affected_count + 1)) {
        in->is_full = true;
        return;
    }
    in->r.affected[in->r.affected_count++] = row;
}

static void add_reference(struct reader *in, const struct prq_xml_event *e)
{
    prq_str id = prq_xml_attr(e, PRQ_S("id")), url = prq_xml_attr(e, PRQ_S("href"));
    if (prq_feed_is_cve(id)) {
        in->is_full |= !prq_db_strs_add(&in->r.cves, &in->cve_cap, id, in->a);
    } else if (url.n) {
        if (!prq_arena_grow(in->a, &in->r.references, sizeof *in->r.references, &in->reference_cap,
                            in->r.reference_count + 1))
            in->is_full = true;
        else
            in->r.references[in->r.reference_count++] =
                (struct prq_reference){ PRQ_S("WEB"), url };
    }
}

static void on_start(struct reader *in, const struct prq_xml_event *e)
{
    if (prq_str_eq(e->name, PRQ_S("update")))
        *in = (struct reader){ .a = in->a, .sink = in->sink, .err = in->err, .space = in->space };
    else if (prq_str_eq(e->name, PRQ_S("package")))
        add_package(in, e);
    else if (prq_str_eq(e->name, PRQ_S("reference")))
        add_reference(in, e);
    else if (prq_str_eq(e->name, PRQ_S("issued")))
        in->r.published = prq_feed_day(prq_xml_attr(e, PRQ_S("date")), in->a);
    else if (prq_str_eq(e->name, PRQ_S("updated")))
        in->r.modified = prq_feed_day(prq_xml_attr(e, PRQ_S("date")), in->a);
}

static bool emit(struct reader *in)
{
    struct prq_record *r = &in->r;
    r->source = PRQ_S("amazon");
    if (!r->modified.n)
        r->modified = r->published;
    if (!prq_is_record_id(r->id) || !r->affected_count) {
        in->sink->skip(in->sink->user, prq_str_head(r->id, 64), "an update without id or packages");
        return true;
    }
    bool ok = !in->is_full &&
              prq_feed_rating(PRQ_S("amazon"), "word", in->severity, &r->ratings, &r->rating_count,
                              in->a) &&
              prq_feed_rows_merge(r->affected, &r->affected_count, in->a);
    for (size_t i = 0; ok && i < r->affected_count; i++)
        ok = prq_feed_one(r->id, &r->affected[i].advisories, in->a);
    if (!ok)
        return prq_fail(in->err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget",
                        PRQ_FMT(r->id));
    return in->sink->record(in->sink->user, r, in->err);
}

static bool on_end(struct reader *in, const struct prq_xml_event *e)
{
    bool is_member = prq_str_ends(e->path, PRQ_S("update/id")) ||
                     prq_str_ends(e->path, PRQ_S("update/title")) ||
                     prq_str_ends(e->path, PRQ_S("update/severity")) ||
                     prq_str_ends(e->path, PRQ_S("update/description"));
    if (prq_str_eq(e->name, PRQ_S("update")))
        return emit(in);
    if (!is_member)
        return true;
    if (prq_str_eq(e->name, PRQ_S("id"))) {
        in->r.id = e->text;
        in->line = line_of(e->text);
    } else if (prq_str_eq(e->name, PRQ_S("title"))) {
        in->r.summary = e->text;
    } else if (prq_str_eq(e->name, PRQ_S("severity"))) {
        in->severity = e->text;
    } else {
        in->r.details = e->text;
    }
    return true;
}

static bool read_piece(struct reader *in, const struct prq_xmlslice_piece *piece)
{
    struct prq_xml *x;
    struct prq_xml_event e;
    enum prq_next step;
    if (!prq_xml_open(piece->bytes, &prq_limits_default, in->a, &x, in->err))
        return false;
    while ((step = prq_xml_next(x, &e, in->err)) == PRQ_NEXT_ITEM) {
        if (e.type == PRQ_XML_START)
            on_start(in, &e);
        else if (e.type == PRQ_XML_END && !on_end(in, &e))
            return false;
    }
    return step == PRQ_NEXT_END;
}

bool prq_amazon_parse(prq_bytes file, prq_str space, struct prq_arena *a,
                      const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct reader in = { .a = a, .sink = sink, .err = err, .space = space };
    struct prq_xmlslice_piece piece;
    struct prq_stream *plain;
    PRQ_XMLSLICE slices = NULL;
    enum prq_next step;
    if (!prq_decompress_stream(prq_mem_stream(file), &prq_limits_default, &plain, err) ||
        !prq_xmlslice_open(plain, 1, &slices, err))
        return false;
    while ((step = prq_xmlslice_next(slices, &piece, err)) == PRQ_NEXT_ITEM) {
        struct prq_mark mark = prq_arena_mark(a);
        if (!prq_str_eq(piece.parent, PRQ_S("updates")))
            return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an updateinfo.xml: no updates");
        if (!read_piece(&in, &piece))
            return false;
        prq_arena_rewind(a, mark);
    }
    return step == PRQ_NEXT_END;
}
