/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's CSAF VEX documents. Source: CSAF 2.0; matching.md 3.6.
 *
 *   { "document": { "title", "aggregate_severity": { "text" }, "tracking": { dates } },
 *     "product_tree": …, "vulnerabilities": [ { "cve", "title", "cwe": { "id" }, "release_date",
 *       "notes": [ { "category", "text" } ], "references": [ { "category", "url" } ],
 *       "product_status": { "fixed" | "known_affected" | … : [ product id ] },
 *       "remediations": [ { "category", "details", "url", "product_ids" } ],
 *       "threats": [ { "category": "impact", "details", "product_ids" } ],
 *       "flags": [ { "label", "product_ids" } ], "scores": [ { "cvss_v3": { "vectorString" } } ] } ] }
 *
 * A product id with a status is a package in a product: what the document says of it is gathered in an
 * item, the items of rpm packages become rows, and rows that differ in their architecture or product
 * alone are one. Members come in any order, so the tree is read in a pass of its own where it
 * follows the vulnerabilities. */
#include <stdlib.h>

#include "db/csafrefs.h"
#include "db/csaftree.h"
#include "db/dbspace.h"
#include "db/feed.h"
#include "db/jsonutil.h"
#include "model/purl.h"

enum status { NO_STATUS, UNDER_INVESTIGATION, NOT_AFFECTED, AFFECTED, FIXED };

/* What is said of one product id. */
struct item {
    prq_str id;
    enum status status;
    enum prq_fix_state unfixed; /* of an affected one; UNKNOWN: nothing is said of a fix */
    prq_str word;               /* the vendor's own: "Will not fix", "vulnerable_code_not_present" */
    prq_str advisory, impact;
};

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    bool stopped, had_tree;
    struct prq_csaf_tree tree;
    prq_str title, impact, published, modified;
    /* of the vulnerability being read */
    struct prq_record r;
    struct prq_map by_id;
    struct item *items;
    size_t item_count, item_cap, rating_cap, reference_cap;
};

/* ---- the document */

static void read_tracking(struct reader *in)
{
    const struct prq_json_text wanted[] = {
        { PRQ_SI("current_release_date"), &in->modified },
        { PRQ_SI("initial_release_date"), &in->published },
    };
    if (prq_json_object_or_skip(&in->j))
        prq_json_texts(&in->j, wanted, PRQ_COUNT(wanted));
}

static void read_document(struct reader *in)
{
    const struct prq_json_text text = { PRQ_SI("text"), &in->impact };
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("title"))) {
            prq_json_string_or_skip(&in->j, &in->title);
        } else if (prq_str_eq(key, PRQ_S("tracking"))) {
            read_tracking(in);
        } else if (prq_str_eq(key, PRQ_S("aggregate_severity"))) {
            if (prq_json_object_or_skip(&in->j))
                prq_json_texts(&in->j, &text, 1);
        } else {
            prq_json_skip(&in->j);
        }
    }
}

/* ---- what is said of products */

/* NULL without memory. */
static struct item *item_of(struct reader *in, prq_str id)
{
    bool added;
    size_t *at = prq_map_put(&in->by_id, id, in->item_count, &added);
    if (!at || (added && !prq_arena_grow(in->a, &in->items, sizeof *in->items, &in->item_cap,
                                         in->item_count + 1))) {
        prq_json_no_memory(&in->j);
        return NULL;
    }
    if (added)
        in->items[in->item_count++] = (struct item){ .id = id };
    return &in->items[*at];
}

static void read_statuses(struct reader *in)
{
    static const struct {
        prq_str key;
        enum status status;
    } table[] = {
        { PRQ_SI("fixed"), FIXED },
        { PRQ_SI("first_fixed"), FIXED },
        { PRQ_SI("known_affected"), AFFECTED },
        { PRQ_SI("first_affected"), AFFECTED },
        { PRQ_SI("last_affected"), AFFECTED },
        { PRQ_SI("known_not_affected"), NOT_AFFECTED },
        { PRQ_SI("under_investigation"), UNDER_INVESTIGATION },
    };
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(table) && !prq_str_eq(table[i].key, key))
            i++;
        if (i == PRQ_COUNT(table)) {
            prq_json_skip(&in->j);
            continue;
        }
        if (!prq_json_array_or_skip(&in->j))
            continue;
        while (prq_json_item(&in->j)) {
            prq_str id = { 0 };
            struct item *it;
            if (!prq_json_string_or_skip(&in->j, &id) || !(it = item_of(in, id)))
                continue;
            /* one product in two lists contradicts itself: what reports more counts */
            it->status = it->status > table[i].status ? it->status : table[i].status;
        }
    }
}

/* An entry of remediations, threats or flags, and the products that it is about. */
struct entry {
    prq_str category, details, url, label;
    struct prq_strs ids;
};

static void read_entry(struct reader *in, struct entry *e)
{
    const struct prq_json_text wanted[] = {
        { PRQ_SI("category"), &e->category },
        { PRQ_SI("details"), &e->details },
        { PRQ_SI("label"), &e->label },
        { PRQ_SI("url"), &e->url },
    };
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("product_ids")))
            prq_db_json_strs(&in->j, in->a, &e->ids);
        else if (!prq_json_text_of(&in->j, key, wanted, PRQ_COUNT(wanted)))
            prq_json_skip(&in->j);
    }
}

/* What a remediation says of a package without a fix. Source: Red Hat's "Security Data guidelines",
 * VEX; matching.md 3.6. */
static enum prq_fix_state state_of(const struct entry *e)
{
    static const struct {
        prq_str category, details;
        enum prq_fix_state state;
    } table[] = {
        { PRQ_SI("none_available"), PRQ_SI("Affected"), PRQ_FIX_NOT_FIXED },
        { PRQ_SI("none_available"), PRQ_SI("Fix deferred"), PRQ_FIX_DEFERRED },
        { PRQ_SI("none_available"), PRQ_SI("Deferred"), PRQ_FIX_DEFERRED },
        { PRQ_SI("none_available"), PRQ_SI("Will not fix"), PRQ_FIX_WONT_FIX },
        { PRQ_SI("no_fix_planned"), PRQ_SI("Out of support scope"), PRQ_FIX_END_OF_LIFE },
        { PRQ_SI("no_fix_planned"), PRQ_SI("Will not fix"), PRQ_FIX_WONT_FIX },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_str_eq(e->category, table[i].category) &&
            prq_str_ieq(prq_str_trim(e->details), table[i].details))
            return table[i].state;
    if (prq_str_eq(e->category, PRQ_S("no_fix_planned")))
        return PRQ_FIX_WONT_FIX;
    return prq_str_eq(e->category, PRQ_S("none_available")) ? PRQ_FIX_NOT_FIXED : PRQ_FIX_UNKNOWN;
}

static prq_str short_word(prq_str s)
{
    s = prq_str_trim(s);
    return s.n <= 80 && prq_is_row_text(s) ? s : (prq_str){ 0 };
}

static void take_remediation(struct item *it, const struct entry *e)
{
    if (prq_str_eq(e->category, PRQ_S("vendor_fix"))) {
        prq_str id = prq_path_base(e->url); /* …/errata/RHSA-2024:6163 */
        if (!it->advisory.n && prq_is_record_id(id))
            it->advisory = id;
        return;
    }
    enum prq_fix_state state = state_of(e);
    if (state == PRQ_FIX_UNKNOWN || it->unfixed != PRQ_FIX_UNKNOWN) /* workaround, mitigation */
        return;
    it->unfixed = state;
    it->word = short_word(e->details);
}

static void take_impact(struct item *it, const struct entry *e)
{
    if (prq_str_eq(e->category, PRQ_S("impact")) && !it->impact.n)
        it->impact = short_word(e->details);
}

static void take_flag(struct item *it, const struct entry *e)
{
    if (!it->word.n)
        it->word = short_word(e->label);
}

static void read_entries(struct reader *in, void (*take)(struct item *it, const struct entry *e))
{
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        struct entry e = { 0 };
        read_entry(in, &e);
        for (size_t i = 0; i < e.ids.n; i++) {
            struct item *it = item_of(in, e.ids.v[i]);
            if (!it)
                return;
            take(it, &e);
        }
    }
}

/* ---- the record */

static void add_rating(struct reader *in, const char *scheme, prq_str value)
{
    struct prq_record *r = &in->r;
    const struct prq_rating rating = { PRQ_S("redhat"), prq_str_from(scheme), value, false };
    if (!short_word(value).n)
        return;
    for (size_t i = 0; i < r->rating_count; i++)
        if (prq_str_eq(r->ratings[i].value, value))
            return;
    if (r->rating_count >= 16) /* one a product family; more is an attack */
        return;
    if (!prq_arena_grow(in->a, &r->ratings, sizeof *r->ratings, &in->rating_cap,
                        r->rating_count + 1)) {
        prq_json_no_memory(&in->j);
        return;
    }
    r->ratings[r->rating_count++] = rating;
}

static void read_scores(struct reader *in)
{
    static const struct {
        prq_str key;
        const char *scheme;
    } schemes[] = {
        { PRQ_SI("cvss_v2"), "CVSS_V2" },
        { PRQ_SI("cvss_v3"), "CVSS_V3" },
        { PRQ_SI("cvss_v4"), "CVSS_V4" },
    };
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            prq_str vector = { 0 };
            const struct prq_json_text wanted = { PRQ_SI("vectorString"), &vector };
            size_t i = 0;
            while (i < PRQ_COUNT(schemes) && !prq_str_eq(schemes[i].key, key))
                i++;
            if (i == PRQ_COUNT(schemes)) {
                prq_json_skip(&in->j);
            } else if (prq_json_object_or_skip(&in->j)) {
                prq_json_texts(&in->j, &wanted, 1);
                add_rating(in, schemes[i].scheme, vector);
            }
        }
    }
}

static void read_notes(struct reader *in)
{
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        prq_str category = { 0 }, text = { 0 };
        const struct prq_json_text wanted[] = { { PRQ_SI("category"), &category },
                                                { PRQ_SI("text"), &text } };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        prq_json_texts(&in->j, wanted, PRQ_COUNT(wanted));
        if (prq_str_eq(category, PRQ_S("description")) && !in->r.details.n)
            in->r.details = text;
    }
}

static void read_cwe(struct reader *in)
{
    prq_str id = { 0 };
    const struct prq_json_text wanted = { PRQ_SI("id"), &id };
    if (!prq_json_object_or_skip(&in->j))
        return;
    prq_json_texts(&in->j, &wanted, 1);
    size_t cap = 0;
    if (prq_is_record_id(id) && !in->r.cwes.n && !prq_db_strs_add(&in->r.cwes, &cap, id, in->a))
        prq_json_no_memory(&in->j);
}

/* ---- rows */

struct row {
    prq_str name, version, module, space, cpe, arch;
    bool is_source;
    const struct item *item;
    prq_str advisory; /* of a fix */
    prq_str arches;   /* all of the row's, joined: what tells rows of one product apart */
};

/* "nodejs:18:8070020230306160735:bd1311ed" → "nodejs:18" */
static prq_str stream_of(prq_str module)
{
    prq_str name, stream, rest;
    if (!prq_str_cut(module, ':', &name, &rest))
        return (prq_str){ 0 };
    stream = prq_str_head(rest, prq_str_find(rest, ':'));
    return stream.n ? prq_str_head(module, name.n + 1 + stream.n) : (prq_str){ 0 };
}

/* The module is in the package URL; older documents have it only in the product id, behind "::". */
static prq_str module_of(const struct prq_purl *purl, prq_str component)
{
    prq_str module = stream_of(prq_purl_qual(purl, PRQ_S("rpmmod")));
    size_t at = prq_str_search(component, PRQ_S("::"));
    if (!module.n && at < component.n)
        module = stream_of(prq_str_from_at(component, at + 2));
    return prq_is_row_text(module) ? module : (prq_str){ 0 };
}

/* NULL: filled; "": another kind of product; else why it makes no sense. */
static const char *component_of(struct reader *in, const struct prq_csaf_product *p, prq_str id,
                                struct row *row)
{
    struct prq_purl purl;
    if (!prq_str_starts(p->purl, PRQ_S("pkg:rpm/")))
        return "";
    if (!prq_purl_parse(p->purl, in->a, &purl, NULL) || !prq_is_row_text(purl.name))
        return "a package URL that makes no sense";
    prq_str epoch = prq_purl_qual(&purl, PRQ_S("epoch"));
    uint64_t number;
    row->name = purl.name;
    row->version = purl.version;
    if (purl.version.n && prq_str_u64(epoch, &number) && number)
        row->version = prq_arena_printf(in->a, "%.*s:%.*s", PRQ_FMT(epoch), PRQ_FMT(purl.version));
    row->arch = prq_purl_qual(&purl, PRQ_S("arch"));
    row->is_source = prq_str_eq(row->arch, PRQ_S("src"));
    /* noarch packages are installed as such: they meet every list of architectures */
    if (row->is_source || prq_str_eq(row->arch, PRQ_S("noarch")) || !prq_is_record_id(row->arch))
        row->arch = (prq_str){ 0 };
    row->module = module_of(&purl, id);
    return NULL;
}

static const char *row_of(struct reader *in, const struct item *it, struct row *row)
{
    const struct prq_csaf_product *p = prq_csaf_product_of(&in->tree, it->id);
    if (!p)
        return "a product that is not in the tree";
    if (!p->component.n)
        return ""; /* a product as a whole */
    const struct prq_csaf_product *component = prq_csaf_product_of(&in->tree, p->component);
    const struct prq_csaf_product *platform = prq_csaf_product_of(&in->tree, p->platform);
    if (!component || !platform)
        return "a relationship of products that are not in the tree";
    const char *why = component_of(in, component, p->component, row);
    if (why)
        return why;
    row->cpe = prq_db_red_hat_cpe(platform->cpe);
    row->space = prq_db_red_hat_space(row->cpe, in->a);
    if (!row->space.n)
        return "a product without a CPE";
    if (it->status == FIXED && !prq_is_row_text(row->version))
        return "a fixed package without a version";
    if (it->status != FIXED)
        row->version = (prq_str){ 0 }; /* what is not fixed is so in every version */
    row->advisory = it->status == FIXED ? it->advisory : (prq_str){ 0 };
    row->item = it;
    return NULL;
}

static int compare_texts(const prq_str *a, const prq_str *b, size_t n)
{
    int c = 0;
    for (size_t i = 0; i < n && c == 0; i++)
        c = prq_str_cmp(a[i], b[i]);
    return c;
}

static enum prq_fix_state fix_state(const struct item *it)
{
    switch (it->status) {
    case FIXED:
        return PRQ_FIX_FIXED;
    case NOT_AFFECTED:
        return PRQ_FIX_NOT_AFFECTED;
    case UNDER_INVESTIGATION:
        return PRQ_FIX_UNDER_INVESTIGATION;
    case AFFECTED:
    case NO_STATUS:
        break;
    }
    return it->unfixed == PRQ_FIX_UNKNOWN ? PRQ_FIX_NOT_FIXED : it->unfixed;
}

static prq_str note_of(const struct item *it)
{
    return it->status == FIXED || it->status == UNDER_INVESTIGATION ? (prq_str){ 0 } : it->word;
}

/* What rows share that become one, but for products and architectures. */
static int compare_kinds(const struct row *a, const struct row *b)
{
    const prq_str x[] = { a->space,    a->name,       a->module,       a->version,
                          a->advisory, note_of(a->item), a->item->impact };
    const prq_str y[] = { b->space,    b->name,       b->module,       b->version,
                          b->advisory, note_of(b->item), b->item->impact };
    int c = (int)a->is_source - (int)b->is_source;
    c = c ? c : (int)fix_state(a->item) - (int)fix_state(b->item);
    return c ? c : compare_texts(x, y, PRQ_COUNT(x));
}

static int by_product(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int c = compare_kinds(a, b);
    c = c ? c : prq_str_cmp(a->cpe, b->cpe);
    return c ? c : prq_str_cmp(a->arch, b->arch);
}

static int by_arches(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int c = compare_kinds(a, b);
    c = c ? c : prq_str_cmp(a->arches, b->arches);
    return c ? c : prq_str_cmp(a->cpe, b->cpe);
}

/* Rows of one package in one product become the first of them, with all architectures: none (any)
 * when one of them has none. False without memory. */
static bool join_arches(struct reader *in, struct row *v, size_t *count)
{
    size_t kept = 0;
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_KIB(4));
    for (size_t i = 0, to; i < *count; i = to) {
        prq_buf_clear(&text);
        for (to = i; to < *count && compare_kinds(&v[i], &v[to]) == 0 &&
                     prq_str_eq(v[i].cpe, v[to].cpe); to++) {
            if (to > i && prq_str_eq(v[to].arch, v[to - 1].arch))
                continue;
            if (to > i)
                prq_buf_byte(&text, ' ');
            prq_buf_str(&text, v[to].arch);
        }
        v[i].arches = v[i].arch.n ? prq_arena_copy(in->a, prq_buf_view(&text)) : v[i].arch;
        if (text.bad || (v[i].arch.n && !v[i].arches.p))
            return prq_json_no_memory(&in->j);
        v[kept++] = v[i];
    }
    *count = kept;
    return true;
}

static bool fill_affected(struct reader *in, const struct row *row, struct prq_affected *out)
{
    *out = (struct prq_affected){ .space = row->space,
                                  .name = row->name,
                                  .is_source = row->is_source,
                                  .state = fix_state(row->item),
                                  .module = row->module,
                                  .note = note_of(row->item) };
    prq_str rest = row->arches, arch;
    size_t arch_cap = 0, cap = 0;
    while (row->arches.n && prq_str_split(&rest, ' ', &arch))
        if (!prq_db_strs_add(&out->arches, &arch_cap, arch, in->a))
            return false;
    if (row->item->impact.n && !prq_str_ieq(row->item->impact, in->impact)) {
        out->ratings = prq_new(in->a, struct prq_rating);
        if (!out->ratings)
            return false;
        out->ratings[out->rating_count++] =
            (struct prq_rating){ PRQ_S("redhat"), PRQ_S("word"), row->item->impact, false };
    }
    if (row->advisory.n && !prq_db_strs_add(&out->advisories, &cap, row->advisory, in->a))
        return false;
    if (row->item->status != FIXED)
        return true;
    struct prq_event *events = prq_new_n(in->a, struct prq_event, 2);
    out->ranges = prq_new(in->a, struct prq_range);
    cap = 0;
    if (!events || !out->ranges || !prq_db_strs_add(&out->fixed, &cap, row->version, in->a))
        return false;
    events[0] = (struct prq_event){ PRQ_EVENT_INTRODUCED, PRQ_S("0") };
    events[1] = (struct prq_event){ PRQ_EVENT_FIXED, row->version };
    *out->ranges = (struct prq_range){ events, 2 };
    out->range_count = 1;
    return true;
}

static bool join_products(struct reader *in, const struct row *v, size_t n)
{
    struct prq_record *r = &in->r;
    r->affected = prq_new_n(in->a, struct prq_affected, n);
    if (!r->affected && n)
        return prq_json_no_memory(&in->j);
    for (size_t i = 0, to; i < n; i = to) {
        struct prq_affected *out = &r->affected[r->affected_count++];
        size_t cap = 0;
        if (!fill_affected(in, &v[i], out))
            return prq_json_no_memory(&in->j);
        for (to = i; to < n && compare_kinds(&v[i], &v[to]) == 0 &&
                     prq_str_eq(v[i].arches, v[to].arches); to++)
            if (!prq_db_strs_add(&out->cpes, &cap, v[to].cpe, in->a))
                return prq_json_no_memory(&in->j);
        prq_db_strs_sort(&out->cpes);
    }
    return true;
}

static bool settle_rows(struct reader *in)
{
    struct row *v = prq_new_n(in->a, struct row, in->item_count);
    size_t n = 0;
    if (!v && in->item_count)
        return prq_json_no_memory(&in->j);
    for (size_t i = 0; i < in->item_count; i++) {
        if (in->items[i].status == NO_STATUS)
            continue;
        const char *why = row_of(in, &in->items[i], &v[n]);
        n += !why;
        if (why && *why)
            in->sink->skip(in->sink->user, in->r.id, why);
    }
    if (n > 1)
        qsort(v, n, sizeof *v, by_product);
    if (!join_arches(in, v, &n))
        return false;
    if (n > 1)
        qsort(v, n, sizeof *v, by_arches);
    return join_products(in, v, n);
}

/* ---- */

static void read_member(struct reader *in, prq_str key, prq_str *title)
{
    if (prq_str_eq(key, PRQ_S("cve")))
        prq_json_string_or_skip(&in->j, &in->r.id);
    else if (prq_str_eq(key, PRQ_S("title")))
        prq_json_string_or_skip(&in->j, title);
    else if (prq_str_eq(key, PRQ_S("release_date")))
        prq_json_string_or_skip(&in->j, &in->r.published);
    else if (prq_str_eq(key, PRQ_S("cwe")))
        read_cwe(in);
    else if (prq_str_eq(key, PRQ_S("notes")))
        read_notes(in);
    else if (prq_str_eq(key, PRQ_S("references")))
        prq_csaf_references(&in->j, in->a, &in->r, &in->reference_cap, false);
    else if (prq_str_eq(key, PRQ_S("scores")))
        read_scores(in);
    else if (prq_str_eq(key, PRQ_S("product_status")))
        read_statuses(in);
    else if (prq_str_eq(key, PRQ_S("remediations")))
        read_entries(in, take_remediation);
    else if (prq_str_eq(key, PRQ_S("threats")))
        read_entries(in, take_impact);
    else if (prq_str_eq(key, PRQ_S("flags")))
        read_entries(in, take_flag);
    else
        prq_json_skip(&in->j);
}

static void one_vulnerability(struct reader *in)
{
    prq_str key, title = { 0 };
    in->r = (struct prq_record){ .source = PRQ_S("redhat-vex") };
    prq_map_init(&in->by_id, in->a);
    in->items = NULL;
    in->item_count = in->item_cap = in->rating_cap = in->reference_cap = 0;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key))
        read_member(in, key, &title);
    if (in->j.bad)
        return;
    if (!prq_feed_is_cve(in->r.id)) {
        in->sink->skip(in->sink->user, prq_str_head(in->r.id, 40), "a vulnerability without a CVE id");
        return;
    }
    struct prq_record *r = &in->r;
    r->summary = title.n ? title : in->title;
    r->published = prq_feed_time_utc(r->published.n ? r->published : in->published, in->a);
    r->modified = prq_feed_time_utc(in->modified, in->a);
    add_rating(in, "word", in->impact);
    if (!settle_rows(in) || in->j.bad)
        return;
    if (!in->sink->record(in->sink->user, r, in->err))
        in->stopped = true;
}

static void read_vulnerabilities(struct reader *in)
{
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (!in->stopped && prq_json_item(&in->j)) {
        struct prq_mark mark = prq_arena_mark(in->a);
        one_vulnerability(in);
        prq_arena_rewind(in->a, mark);
    }
}

/* One pass over the document; *late: vulnerabilities came before what they speak of. */
static bool pass(struct reader *in, prq_str json, bool is_second, bool *late)
{
    bool has_document = is_second;
    prq_str key;
    prq_json_init(&in->j, json, in->a, NULL);
    if (!prq_json_enter_object(&in->j))
        return false;
    while (!in->stopped && prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("vulnerabilities")) && in->had_tree && has_document) {
            read_vulnerabilities(in);
            *late = false;
        } else if (prq_str_eq(key, PRQ_S("vulnerabilities"))) {
            prq_json_skip(&in->j);
            *late = true;
        } else if (prq_str_eq(key, PRQ_S("document")) && !is_second) {
            read_document(in);
            has_document = true;
        } else if (prq_str_eq(key, PRQ_S("product_tree")) && !is_second) {
            prq_csaf_tree_read(&in->tree, &in->j);
            in->had_tree = true;
        } else {
            prq_json_skip(&in->j);
        }
    }
    return true;
}

bool prq_csaf_vex_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                        struct prq_err *err)
{
    struct reader in = { .a = a, .sink = sink, .err = err };
    struct prq_mark mark = prq_arena_mark(a);
    bool late = false;
    prq_csaf_tree_init(&in.tree, a);
    if (!pass(&in, json, false, &late))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a CSAF document: no JSON object");
    bool ok = !in.stopped && prq_json_end(&in.j, err);
    if (ok && late) {
        in.had_tree = true;
        pass(&in, json, true, &late);
        ok = !in.stopped && prq_json_end(&in.j, err);
    }
    prq_arena_rewind(a, mark);
    return ok;
}
