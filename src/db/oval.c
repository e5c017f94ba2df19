/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of OVAL. Source: OVAL 5.11; matching.md 3.8 (Oracle), 3.9 (SUSE), 3.10 (Azure Linux,
 * Photon). oval.h draws the way. */
#include "db/oval.h"

#include "db/feedrow.h"
#include "db/jsonutil.h"
#include "db/xmlslice.h"
#include "io/source.h"

static const struct {
    prq_str source, rater;
} vendors[] = {
    [PRQ_OVAL_ORACLE] = { PRQ_SI("oracle-oval"), PRQ_SI("oracle") },
    [PRQ_OVAL_SUSE] = { PRQ_SI("suse-oval"), PRQ_SI("suse") },
    [PRQ_OVAL_AZURE] = { PRQ_SI("azurelinux-oval"), PRQ_SI("azurelinux") },
    [PRQ_OVAL_PHOTON] = { PRQ_SI("photon-oval"), PRQ_SI("photon") },
};

struct reader {
    enum prq_oval_vendor vendor;
    const char *family;
    prq_str space;
    struct prq_arena *work; /* of one slice */
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    struct prq_oval_index index;
    struct prq_oval_entry entry;
    uint64_t unknown; /* tests that are named and not there */

    /* the definition */
    struct prq_oval_rules rules;
    struct prq_record r;
    prq_str title, advisory, severity, vector;
    size_t cve_cap, reference_cap, fix_cap;
    struct prq_strs fixes; /* advisories that it names */
    bool is_open, is_patch, is_full;
};

/* ---- metadata */

static void start_definition(struct reader *in, const struct prq_xml_event *e)
{
    in->r = (struct prq_record){ .source = vendors[in->vendor].source };
    in->title = in->advisory = in->severity = in->vector = (prq_str){ 0 };
    in->fixes = (struct prq_strs){ 0 };
    in->cve_cap = in->reference_cap = in->fix_cap = 0;
    in->is_open = true;
    in->is_full = false;
    in->is_patch = prq_str_eq(prq_xml_attr(e, PRQ_S("class")), PRQ_S("patch"));
    in->rules = (struct prq_oval_rules){ .index = &in->index,
                                         .a = in->work,
                                         .vendor = in->vendor,
                                         .family = in->family,
                                         .space = in->space };
}

/* "CVE-2010-2322", "Mitre CVE-2010-2322", "CVE:00001:CVE-2019-16168", "CVE-1999-0077 at SUSE" */
static prq_str cve_in(prq_str text)
{
    size_t at = prq_str_search(text, PRQ_S("CVE-"));
    prq_str rest = prq_str_from_at(text, at), word = rest, more;
    prq_str_cut(rest, ' ', &word, &more);
    return prq_feed_is_cve(word) ? word : (prq_str){ 0 };
}

static void add_cve(struct reader *in, prq_str text)
{
    prq_str cve = cve_in(text);
    if (cve.n && !prq_db_strs_add(&in->r.cves, &in->cve_cap, cve, in->work))
        in->is_full = true;
}

static void add_reference(struct reader *in, const struct prq_xml_event *e)
{
    prq_str source = prq_xml_attr(e, PRQ_S("source")), id = prq_xml_attr(e, PRQ_S("ref_id"));
    prq_str url = prq_xml_attr(e, PRQ_S("ref_url"));
    bool is_cve = prq_str_has(source, PRQ_S("CVE"));
    if (is_cve)
        add_cve(in, id);
    else if (prq_is_record_id(id) && !prq_db_strs_add(&in->fixes, &in->fix_cap, id, in->work))
        in->is_full = true;
    if (!url.n)
        return;
    if (!prq_arena_grow(in->work, &in->r.references, sizeof *in->r.references, &in->reference_cap,
                        in->r.reference_count + 1))
        in->is_full = true;
    else
        in->r.references[in->r.reference_count++] =
            (struct prq_reference){ is_cve ? PRQ_S("WEB") : PRQ_S("ADVISORY"), url };
}

/* cvss3="3.7/CVSS:3.1/AV:N/…" */
static void take_cve(struct reader *in, const struct prq_xml_event *e)
{
    prq_str score, vector;
    add_cve(in, e->text);
    if (prq_str_cut(prq_xml_attr(e, PRQ_S("cvss3")), '/', &score, &vector) &&
        prq_str_starts(vector, PRQ_S("CVSS:3")) && !in->vector.n)
        in->vector = vector;
}

static void take_member(struct reader *in, const struct prq_xml_event *e)
{
    if (prq_str_eq(e->name, PRQ_S("title")))
        in->title = e->text;
    else if (prq_str_eq(e->name, PRQ_S("reference")))
        add_reference(in, e);
    else if (prq_str_eq(e->name, PRQ_S("description")))
        in->r.details = e->text;
    else if (prq_str_eq(e->name, PRQ_S("severity")))
        in->severity = e->text;
    else if (prq_str_eq(e->name, PRQ_S("cve")))
        take_cve(in, e);
    else if (prq_str_eq(e->name, PRQ_S("issued")))
        in->r.published = prq_feed_day(prq_xml_attr(e, PRQ_S("date")), in->work);
    else if (prq_str_eq(e->name, PRQ_S("updated")))
        in->r.modified = prq_feed_day(prq_xml_attr(e, PRQ_S("date")), in->work);
    else if (prq_str_eq(e->name, PRQ_S("advisory_date")))
        in->r.published = prq_feed_day(e->text, in->work);
    else if (prq_str_eq(e->name, PRQ_S("advisory_id")))
        in->advisory = e->text;
    else if (prq_str_eq(e->name, PRQ_S("patchable")))
        in->rules.is_not_affected = prq_str_ieq(e->text, PRQ_S("Not Applicable"));
}

/* ---- the record */

/* "ELSA-2007-0057:  Moderate: bind security update  (MODERATE)", "PHSA-2020:00001 sqlite …" */
static prq_str id_in_title(prq_str title)
{
    size_t n = 0;
    while (n < title.n && !prq_is_space(title.p[n]))
        n++;
    prq_str id = prq_str_head(title, n);
    while (id.n && id.p[id.n - 1] == ':')
        id.n--;
    return id;
}

/* A patch has an id of its own and CVEs; a vulnerability is its CVE. */
static bool settle_id(struct reader *in)
{
    struct prq_record *r = &in->r;
    prq_db_strs_sort(&r->cves);
    if (in->is_patch) {
        r->id = id_in_title(in->title);
        r->summary = prq_str_trim(prq_str_from_at(in->title, r->id.n));
        while (r->summary.n && (r->summary.p[0] == ':' || prq_is_space(r->summary.p[0])))
            r->summary = prq_str_from_at(r->summary, 1);
        return prq_is_record_id(r->id);
    }
    r->id = cve_in(in->title);
    if (!r->id.n && r->cves.n == 1)
        r->id = r->cves.v[0];
    r->cves = (struct prq_strs){ 0 };
    if (in->vendor == PRQ_OVAL_AZURE) /* a definition for each package: texts of one are not the others' */
        r->details = (prq_str){ 0 };
    return r->id.n > 0;
}

/* Which advisory fixed a row is known where there is only one. */
static bool settle_rows(struct reader *in)
{
    struct prq_record *r = &in->r;
    prq_str rater = vendors[in->vendor].rater;
    struct prq_strs advisories = { 0 };
    prq_str one = in->is_patch ? r->id : in->fixes.n == 1 ? in->fixes.v[0] : in->advisory;
    if (!prq_feed_one(prq_is_record_id(one) ? one : (prq_str){ 0 }, &advisories, in->work))
        return false;
    bool is_own = in->vendor == PRQ_OVAL_AZURE; /* the severity is that of this package */
    for (size_t i = 0; i < r->affected_count; i++) {
        struct prq_affected *row = &r->affected[i];
        if (row->state == PRQ_FIX_FIXED)
            row->advisories = advisories;
        if (is_own && !prq_feed_rating(rater, "word", in->severity, &row->ratings,
                                       &row->rating_count, in->work))
            return false;
    }
    return (is_own || prq_feed_rating(rater, "word", in->severity, &r->ratings, &r->rating_count,
                                      in->work)) &&
           prq_feed_rating(rater, "CVSS_V3", in->vector, &r->ratings, &r->rating_count, in->work);
}

static bool end_definition(struct reader *in)
{
    struct prq_record *r = &in->r;
    in->is_open = false;
    if (in->is_full || !prq_oval_rows(&in->rules))
        return prq_fail(in->err, PRQ_E_LIMIT, "a definition exceeds the memory budget");
    in->unknown += in->rules.unknown;
    r->affected = in->rules.rows;
    r->affected_count = in->rules.row_count;
    if (!settle_id(in)) {
        in->sink->skip(in->sink->user, prq_str_head(in->title, 64), "a definition without an id");
        return true;
    }
    if (!r->affected_count) /* of products that no image is of */
        return true;
    if (!r->modified.n)
        r->modified = r->published;
    if (!settle_rows(in))
        return prq_fail(in->err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget",
                        PRQ_FMT(r->id));
    return in->sink->record(in->sink->user, r, in->err);
}

static bool definition_event(struct reader *in, const struct prq_xml_event *e)
{
    bool is_start = e->type == PRQ_XML_START, is_end = e->type == PRQ_XML_END;
    if (prq_str_eq(e->name, PRQ_S("definition")) && e->depth == 2) {
        if (is_start)
            start_definition(in, e);
        return !is_end || !in->is_open || end_definition(in);
    }
    if (!in->is_open)
        return true;
    if (prq_str_eq(e->name, PRQ_S("criteria"))) {
        if (is_start)
            prq_oval_criteria_start(&in->rules, e);
        else if (is_end)
            prq_oval_criteria_end(&in->rules);
    } else if (is_start && prq_str_eq(e->name, PRQ_S("criterion"))) {
        prq_oval_criterion(&in->rules, e);
    } else if (is_end) {
        take_member(in, e);
    }
    return true;
}

/* ---- the document */

static bool read_piece(struct reader *in, const struct prq_xmlslice_piece *piece, bool is_first)
{
    struct prq_xml *x;
    struct prq_xml_event e;
    enum prq_next step;
    in->entry = (struct prq_oval_entry){ .has_id = false };
    in->is_open = false;
    if (!prq_xml_open(piece->bytes, &prq_limits_default, in->work, &x, in->err))
        return false;
    while ((step = prq_xml_next(x, &e, in->err)) == PRQ_NEXT_ITEM)
        if (!(is_first ? prq_oval_index_event(&in->index, &in->entry, &e, in->err)
                       : definition_event(in, &e)))
            return false;
    return step == PRQ_NEXT_END;
}

static bool read_pass(struct reader *in, prq_bytes file, bool is_first)
{
    static const prq_str firsts[] = { PRQ_SI("tests"), PRQ_SI("objects"), PRQ_SI("states") };
    struct prq_xmlslice_piece piece;
    struct prq_stream *plain;
    PRQ_XMLSLICE slices = NULL;
    enum prq_next step;
    if (!prq_decompress_stream(prq_mem_stream(file), &prq_limits_default, &plain, in->err) ||
        !prq_xmlslice_open(plain, 2, &slices, in->err))
        return false;
    while ((step = prq_xmlslice_next(slices, &piece, in->err)) == PRQ_NEXT_ITEM) {
        bool wanted = !is_first && prq_str_eq(piece.parent, PRQ_S("definitions"));
        for (size_t i = 0; is_first && i < PRQ_COUNT(firsts); i++)
            wanted |= prq_str_eq(piece.parent, firsts[i]);
        struct prq_mark mark = prq_arena_mark(in->work);
        if (wanted && !read_piece(in, &piece, is_first))
            return false;
        prq_arena_rewind(in->work, mark);
    }
    return step == PRQ_NEXT_END;
}

static bool read_both(struct reader *in, prq_bytes file)
{
    if (!read_pass(in, file, true))
        return false;
    prq_oval_index_sort(&in->index);
    if (!read_pass(in, file, false))
        return false;
    if (in->unknown)
        in->sink->skip(in->sink->user, vendors[in->vendor].source,
                       "criteria with tests that are not in the file");
    return true;
}

bool prq_oval_parse(prq_bytes file, enum prq_oval_vendor vendor, const char *family, prq_str space,
                    struct prq_arena *a, const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct reader in = { .vendor = vendor, .family = family, .space = space, .sink = sink,
                         .err = err };
    struct prq_mark mark = prq_arena_mark(a);
    PRQ_ARENA work = prq_arena_new(PRQ_MIB(512));
    if (!work)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    in.work = work;
    prq_oval_index_init(&in.index, a);
    bool ok = read_both(&in, file);
    prq_arena_rewind(a, mark);
    return ok;
}
