/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's records. Source: matching.md 3.12; nvd.nist.gov/developers/vulnerabilities (API 2.0, and the
 * yearly files of the same shape). */
#include "db/feed.h"
#include "db/jsonutil.h"
#include "db/nvdconf.h"

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_feed_sink *sink;
    struct prq_err *err;
    bool stopped;
    struct prq_record r;
    size_t rating_cap, cwe_cap, reference_cap;
    prq_str status;
    bool has_text;
};

static prq_str source_of(prq_str source)
{
    return prq_str_eq(source, PRQ_S("nvd@nist.gov")) ? PRQ_S("nvd") : source;
}

static void add_rating(struct reader *in, struct prq_rating rating)
{
    struct prq_record *r = &in->r;
    if (!rating.value.n)
        return;
    if (!prq_arena_grow(in->a, &r->ratings, sizeof *r->ratings, &in->rating_cap,
                        r->rating_count + 1)) {
        prq_json_no_memory(&in->j);
        return;
    }
    r->ratings[r->rating_count++] = rating;
}

static void read_cvss_data(struct reader *in, struct prq_rating *rating)
{
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("vectorString")))
            prq_json_string_or_skip(&in->j, &rating->value);
        else
            prq_json_skip(&in->j);
    }
}

static void read_metric(struct reader *in, prq_str scheme)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        struct prq_rating rating = { .scheme = scheme };
        prq_str type = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("source")))
                prq_json_string_or_skip(&in->j, &rating.source);
            else if (prq_str_eq(key, PRQ_S("type")))
                prq_json_string_or_skip(&in->j, &type);
            else if (prq_str_eq(key, PRQ_S("cvssData")))
                read_cvss_data(in, &rating);
            else
                prq_json_skip(&in->j);
        }
        rating.source = source_of(rating.source);
        rating.is_primary = prq_str_eq(type, PRQ_S("Primary"));
        add_rating(in, rating);
    }
}

static void read_metrics(struct reader *in)
{
    static const struct {
        prq_str key, scheme;
    } kinds[] = {
        { PRQ_SI("cvssMetricV40"), PRQ_SI("CVSS_V4") },
        { PRQ_SI("cvssMetricV31"), PRQ_SI("CVSS_V3") },
        { PRQ_SI("cvssMetricV30"), PRQ_SI("CVSS_V3") },
        { PRQ_SI("cvssMetricV2"), PRQ_SI("CVSS_V2") },
    };
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(kinds) && !prq_str_eq(kinds[i].key, key))
            i++;
        if (i < PRQ_COUNT(kinds))
            read_metric(in, kinds[i].scheme);
        else
            prq_json_skip(&in->j);
    }
}

/* [{"lang":"en","value":…}]: the first English text; `each` gets every one of them. */
static prq_str read_texts(struct reader *in, void (*each)(struct reader *in, prq_str value))
{
    prq_str key, first = { 0 };
    if (!prq_json_array_or_skip(&in->j))
        return first;
    while (prq_json_item(&in->j)) {
        prq_str lang = { 0 }, value = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("lang")))
                prq_json_string_or_skip(&in->j, &lang);
            else if (prq_str_eq(key, PRQ_S("value")))
                prq_json_string_or_skip(&in->j, &value);
            else
                prq_json_skip(&in->j);
        }
        if (!prq_str_starts(lang, PRQ_S("en")))
            continue;
        if (!first.n)
            first = value;
        if (each)
            each(in, value);
    }
    return first;
}

/* "NVD-CWE-noinfo" says nothing; "NVD-CWE-Other" does. */
static void add_cwe(struct reader *in, prq_str value)
{
    if (!prq_is_record_id(value) || prq_str_eq(value, PRQ_S("NVD-CWE-noinfo")))
        return;
    if (!prq_db_strs_add(&in->r.cwes, &in->cwe_cap, value, in->a))
        prq_json_no_memory(&in->j);
}

static void read_weaknesses(struct reader *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("description")))
                read_texts(in, add_cwe);
            else
                prq_json_skip(&in->j);
        }
    }
}

/* cveTags: [{"sourceIdentifier":…,"tags":["disputed"]}] */
static void read_tags(struct reader *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            struct prq_strs tags = { 0 };
            if (prq_str_eq(key, PRQ_S("tags")))
                prq_db_json_strs(&in->j, in->a, &tags);
            else
                prq_json_skip(&in->j);
            in->r.is_disputed |= prq_db_strs_has(&tags, PRQ_S("disputed"));
        }
    }
}

/* NVD's words for what a reference is, and OSV's. */
static prq_str type_of_tags(const struct prq_strs *tags)
{
    static const struct {
        prq_str tag, type;
    } table[] = {
        { PRQ_SI("Patch"), PRQ_SI("FIX") },
        { PRQ_SI("Vendor Advisory"), PRQ_SI("ADVISORY") },
        { PRQ_SI("Third Party Advisory"), PRQ_SI("ADVISORY") },
        { PRQ_SI("VDB Entry"), PRQ_SI("ADVISORY") },
        { PRQ_SI("Exploit"), PRQ_SI("EVIDENCE") },
        { PRQ_SI("Issue Tracking"), PRQ_SI("REPORT") },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_db_strs_has(tags, table[i].tag))
            return table[i].type;
    return PRQ_S("WEB");
}

static void read_references(struct reader *in)
{
    struct prq_record *r = &in->r;
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        struct prq_reference ref = { 0 };
        struct prq_strs tags = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("url")))
                prq_json_string_or_skip(&in->j, &ref.url);
            else if (prq_str_eq(key, PRQ_S("tags")))
                prq_db_json_strs(&in->j, in->a, &tags);
            else
                prq_json_skip(&in->j);
        }
        ref.type = type_of_tags(&tags);
        if (!ref.url.n)
            continue;
        if (!prq_arena_grow(in->a, &r->references, sizeof *r->references, &in->reference_cap,
                            r->reference_count + 1)) {
            prq_json_no_memory(&in->j);
            return;
        }
        r->references[r->reference_count++] = ref;
    }
}

static void read_cve(struct reader *in)
{
    struct prq_record *r = &in->r;
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("id")))
            prq_json_string_or_skip(&in->j, &r->id);
        else if (prq_str_eq(key, PRQ_S("published")))
            prq_json_string_or_skip(&in->j, &r->published);
        else if (prq_str_eq(key, PRQ_S("lastModified")))
            prq_json_string_or_skip(&in->j, &r->modified);
        else if (prq_str_eq(key, PRQ_S("vulnStatus")))
            prq_json_string_or_skip(&in->j, &in->status);
        else if (prq_str_eq(key, PRQ_S("descriptions")))
            r->details = read_texts(in, NULL);
        else if (prq_str_eq(key, PRQ_S("metrics")))
            read_metrics(in);
        else if (prq_str_eq(key, PRQ_S("weaknesses")))
            read_weaknesses(in);
        else if (prq_str_eq(key, PRQ_S("cveTags")))
            read_tags(in);
        else if (prq_str_eq(key, PRQ_S("references")))
            read_references(in);
        else if (prq_str_eq(key, PRQ_S("configurations")))
            prq_nvd_read_configurations(&in->j, in->a, r, in->sink);
        else
            prq_json_skip(&in->j);
    }
}

static bool is_rejected(prq_str status, prq_str text)
{
    return prq_str_eq(status, PRQ_S("Rejected")) || prq_str_starts(text, PRQ_S("** REJECT **")) ||
           prq_str_starts(text, PRQ_S("Rejected reason:")) ||
           prq_str_has(text, PRQ_S("DO NOT USE THIS CANDIDATE NUMBER"));
}

static void emit(struct reader *in)
{
    struct prq_record *r = &in->r;
    if (in->j.bad)
        return;
    if (!prq_feed_is_cve(r->id)) {
        in->sink->skip(in->sink->user, r->id, "a record without a CVE id");
        return;
    }
    r->source = PRQ_S("nvd");
    r->published = prq_feed_time(r->published, in->a);
    r->modified = prq_feed_time(r->modified, in->a);
    r->is_withdrawn = is_rejected(in->status, r->details);
    r->is_disputed |= prq_str_eq(in->status, PRQ_S("Disputed")) ||
                      prq_str_starts(r->details, PRQ_S("** DISPUTED **"));
    if (!in->sink->record(in->sink->user, r, in->err))
        in->stopped = true;
}

static void read_vulnerabilities(struct reader *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (!in->stopped && prq_json_item(&in->j)) {
        struct prq_mark mark = prq_arena_mark(in->a);
        in->r = (struct prq_record){ 0 };
        in->rating_cap = in->cwe_cap = in->reference_cap = 0;
        in->status = (prq_str){ 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("cve")))
                read_cve(in);
            else
                prq_json_skip(&in->j);
        }
        emit(in);
        prq_arena_rewind(in->a, mark);
    }
}

bool prq_nvd_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                   struct prq_err *err)
{
    struct reader in = { .a = a, .sink = sink, .err = err };
    bool seen = false;
    prq_str key;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not NVD data: no JSON object");
    while (!in.stopped && prq_json_key(&in.j, &key)) {
        if (prq_str_eq(key, PRQ_S("vulnerabilities"))) {
            seen = true;
            read_vulnerabilities(&in);
        } else {
            prq_json_skip(&in.j);
        }
    }
    if (in.stopped || !prq_json_end(&in.j, err))
        return false;
    return seen || prq_fail_at(err, PRQ_E_FORMAT, 0, "not NVD data: no vulnerabilities");
}
