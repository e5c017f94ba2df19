/* SPDX-License-Identifier: Apache-2.0 */
/* OSV records. Source: ossf.github.io/osv-schema; matching.md 3.1, 3.8, 7.1.
 *
 * What cannot be told at once (a range's meaning depends on members that may come after it) is kept
 * raw while a package is read and settled at its end. */
#include <stdlib.h>

#include "db/dbspace.h"
#include "db/feed.h"
#include "db/jsonutil.h"
#include "db/osvsettle.h"
#include "version/version.h"

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const char *family;
    struct prq_record *r;
    size_t affected_cap, rating_cap, reference_cap, cwe_cap;
    struct prq_osv_words words;
    size_t report_cap;
};

static bool need(struct reader *in, void *items, size_t size, size_t *cap, size_t want)
{
    return prq_arena_grow(in->a, items, size, cap, want) || prq_json_no_memory(&in->j);
}

/* ---- ratings, references */

static void read_severities(struct reader *in, struct prq_rating **v, size_t *n, size_t *cap)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        struct prq_rating rating = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("type")))
                prq_json_string_or_skip(&in->j, &rating.scheme);
            else if (prq_str_eq(key, PRQ_S("score")))
                prq_json_string_or_skip(&in->j, &rating.value);
            else
                prq_json_skip(&in->j);
        }
        bool is_cvss = prq_str_starts(rating.scheme, PRQ_S("CVSS_V"));
        if (!is_cvss) /* "Ubuntu" and the like: a word */
            rating.scheme = PRQ_S("word");
        if (rating.value.n && need(in, v, sizeof **v, cap, *n + 1))
            (*v)[(*n)++] = rating;
    }
}

static void read_references(struct reader *in)
{
    struct prq_record *r = in->r;
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        struct prq_reference ref = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("type")))
                prq_json_string_or_skip(&in->j, &ref.type);
            else if (prq_str_eq(key, PRQ_S("url")))
                prq_json_string_or_skip(&in->j, &ref.url);
            else
                prq_json_skip(&in->j);
        }
        if (!ref.url.n)
            continue;
        if (!need(in, &r->references, sizeof *r->references, &in->reference_cap,
                  r->reference_count + 1))
            return;
        r->references[r->reference_count++] = ref;
        prq_str cve = prq_path_base(ref.url);
        if (prq_str_ends(cve, PRQ_S(".html")))
            cve.n -= 5;
        if (prq_str_eq(ref.type, PRQ_S("REPORT")) && prq_feed_is_cve(cve) &&
            !prq_db_strs_add(&in->words.reports, &in->report_cap, cve, in->a))
            prq_json_no_memory(&in->j);
    }
}

static void add_cwes(struct reader *in)
{
    struct prq_strs cwes;
    prq_db_json_strs(&in->j, in->a, &cwes);
    for (size_t i = 0; i < cwes.n; i++)
        if (prq_is_record_id(cwes.v[i]) &&
            !prq_db_strs_add(&in->r->cwes, &in->cwe_cap, cwes.v[i], in->a))
            prq_json_no_memory(&in->j);
}

/* ---- affected[] */

struct package {
    struct prq_affected row;
    size_t range_cap, custom_cap, rating_cap;
    struct prq_range *custom; /* custom_ranges of Go records */
    size_t custom_count;
    struct prq_osv_extra extra;
    prq_str last_known; /* GHSA: "<= 1.2.3" or "< 1.2.3" */
    struct prq_strs goos, arches;
    size_t goos_cap, arch_cap, imports;
    bool any_goos, any_arch; /* an import without a list applies everywhere */
};

static void read_events(struct reader *in, struct prq_range *out)
{
    static const struct {
        prq_str key;
        enum prq_event_kind kind;
    } kinds[] = {
        { PRQ_SI("introduced"), PRQ_EVENT_INTRODUCED },
        { PRQ_SI("fixed"), PRQ_EVENT_FIXED },
        { PRQ_SI("last_affected"), PRQ_EVENT_LAST_AFFECTED },
        { PRQ_SI("limit"), PRQ_EVENT_LIMIT },
    };
    size_t cap = 0;
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            prq_str version = { 0 };
            size_t i = 0;
            while (i < PRQ_COUNT(kinds) && !prq_str_eq(kinds[i].key, key))
                i++;
            /* "*" as a limit is infinity: no bound. */
            if (!prq_json_string_or_skip(&in->j, &version) || i == PRQ_COUNT(kinds) ||
                !prq_is_row_text(version) ||
                (kinds[i].kind == PRQ_EVENT_LIMIT && prq_str_eq(version, PRQ_S("*"))))
                continue;
            if (need(in, &out->events, sizeof *out->events, &cap, out->n + 1))
                out->events[out->n++] = (struct prq_event){ kinds[i].kind, version };
        }
    }
}

/* Ranges of versions; those of commits (GIT) are passed over. */
static void read_ranges(struct reader *in, struct prq_range **v, size_t *n, size_t *cap)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        prq_str type = { 0 };
        struct prq_range range = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("type")))
                prq_json_string_or_skip(&in->j, &type);
            else if (prq_str_eq(key, PRQ_S("events")))
                read_events(in, &range);
            else
                prq_json_skip(&in->j);
        }
        if (prq_str_eq(type, PRQ_S("GIT")) || range.n == 0)
            continue;
        if (need(in, v, sizeof **v, cap, *n + 1))
            (*v)[(*n)++] = range;
    }
}

static void add_all(struct reader *in, struct prq_strs *to, size_t *cap, bool *any)
{
    struct prq_strs list;
    prq_db_json_strs(&in->j, in->a, &list);
    *any = list.n == 0;
    for (size_t i = 0; i < list.n; i++)
        if (prq_is_record_id(list.v[i]) && !prq_db_strs_add(to, cap, list.v[i], in->a))
            prq_json_no_memory(&in->j);
}

static void read_imports(struct reader *in, struct package *p)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        bool any_goos = true, any_arch = true;
        p->imports++;
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("goos")))
                add_all(in, &p->goos, &p->goos_cap, &any_goos);
            else if (prq_str_eq(key, PRQ_S("goarch")))
                add_all(in, &p->arches, &p->arch_cap, &any_arch);
            else
                prq_json_skip(&in->j);
        }
        p->any_goos |= any_goos;
        p->any_arch |= any_arch;
    }
}

/* SUSE: [{"name": "version", …}]. Ubuntu's objects of the same name hold other members; its names of
 * sources are enough. */
static void read_binaries(struct reader *in, struct prq_osv_extra *x)
{
    prq_str name, version;
    bool is_suse = !strcmp(in->family, "suse") || !strcmp(in->family, "opensuse");
    if (!is_suse) {
        prq_json_skip(&in->j);
        return;
    }
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &name)) {
            version = (prq_str){ 0 };
            if (!prq_json_string_or_skip(&in->j, &version) || !prq_is_row_text(name) ||
                !prq_is_row_text(version))
                continue;
            if (!prq_db_strs_add(&x->binaries, &x->binary_cap, name, in->a) ||
                !prq_db_strs_add(&x->builds, &x->build_cap, version, in->a))
                prq_json_no_memory(&in->j);
        }
    }
}

/* ecosystem_specific and database_specific of a package: who writes what where differs, so both are
 * read alike. */
static void read_specific(struct reader *in, struct package *p)
{
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("imports")))
            read_imports(in, p);
        else if (prq_str_eq(key, PRQ_S("custom_ranges")))
            read_ranges(in, &p->custom, &p->custom_count, &p->custom_cap);
        else if (prq_str_eq(key, PRQ_S("last_known_affected_version_range")))
            prq_json_string_or_skip(&in->j, &p->last_known);
        else if (prq_str_eq(key, PRQ_S("binaries")))
            read_binaries(in, &p->extra);
        else if (prq_str_eq(key, PRQ_S("status")))
            prq_json_string_or_skip(&in->j, &p->extra.status);
        else if (prq_str_eq(key, PRQ_S("detail")))
            prq_json_string_or_skip(&in->j, &p->extra.detail);
        else if (prq_str_eq(key, PRQ_S("ubuntu_priority")))
            prq_json_string_or_skip(&in->j, &p->extra.priority);
        else if (prq_str_eq(key, PRQ_S("informational")))
            prq_json_string_or_skip(&in->j, &p->extra.informational);
        else if (prq_str_eq(key, PRQ_S("cwes")) && prq_json_peek(&in->j) == PRQ_JSON_ARRAY)
            add_cwes(in);
        else
            prq_json_skip(&in->j);
    }
}

static void read_package(struct reader *in, struct package *p)
{
    prq_str key, ecosystem = { 0 }, name = { 0 };
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("ecosystem")))
            prq_json_string_or_skip(&in->j, &ecosystem);
        else if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(&in->j, &name);
        else if (prq_str_eq(key, PRQ_S("purl")))
            prq_json_string_or_skip(&in->j, &p->extra.purl);
        else
            prq_json_skip(&in->j);
    }
    p->extra.ecosystem = ecosystem;
    prq_str space = prq_space_of_ecosystem(ecosystem, in->a);
    const char *family = space.n ? prq_db_family_of_space(space) : NULL;
    if (!family || strcmp(family, in->family) != 0 || !prq_is_row_text(name))
        return;
    p->row.space = space;
    p->row.name = prq_name_fold(space, name, in->a);
    if (!prq_str_eq(p->row.name, name))
        p->row.spelling = name;
}

/* Go's placeholder for "see custom_ranges": every event is `introduced: 0`. */
static bool is_placeholder(const struct prq_affected *row)
{
    for (size_t i = 0; i < row->range_count; i++)
        for (size_t k = 0; k < row->ranges[i].n; k++) {
            const struct prq_event *e = &row->ranges[i].events[k];
            if (e->kind != PRQ_EVENT_INTRODUCED || !prq_str_eq(e->version, PRQ_S("0")))
                return false;
        }
    return true;
}

static bool is_bounded(const struct prq_range *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->events[i].kind != PRQ_EVENT_INTRODUCED)
            return true;
    return false;
}

/* "<= 1.2" bounds like last_affected; "< 1.2" like a limit, which is no fix. */
static void honour_last_known(struct reader *in, struct package *p)
{
    bool inclusive = prq_str_starts(p->last_known, PRQ_S("<="));
    if (!inclusive && !prq_str_starts(p->last_known, PRQ_S("<")))
        return;
    prq_str version = prq_str_trim(prq_str_from_at(p->last_known, inclusive ? 2 : 1));
    if (!prq_is_row_text(version))
        return;
    for (size_t i = 0; i < p->row.range_count; i++) {
        struct prq_range *r = &p->row.ranges[i];
        if (is_bounded(r))
            continue;
        size_t cap = r->n;
        if (!need(in, &r->events, sizeof *r->events, &cap, r->n + 1))
            return;
        r->events[r->n++] =
            (struct prq_event){ inclusive ? PRQ_EVENT_LAST_AFFECTED : PRQ_EVENT_LIMIT, version };
    }
}

static int by_version(const void *a, const void *b, void *scheme)
{
    const struct prq_scheme *s = scheme;
    const prq_str *x = a, *y = b;
    int order = s->compare(*x, *y);
    return order ? order : prq_str_cmp(*x, *y);
}

static void sort_fixed(struct prq_affected *row)
{
    prq_db_strs_sort(&row->fixed);
    const struct prq_scheme *s = prq_scheme_of_space(row->space);
    if (s && row->fixed.n > 1) {
        struct prq_scheme copy = *s; /* qsort_r wants a pointer that is not const */
        qsort_r(row->fixed.v, row->fixed.n, sizeof *row->fixed.v, by_version, &copy);
    }
}

/* Fixes and state from the ranges. */
static void settle_state(struct reader *in, struct prq_affected *row)
{
    bool other_bound = false;
    size_t cap = 0;
    for (size_t i = 0; i < row->range_count; i++)
        for (size_t k = 0; k < row->ranges[i].n; k++) {
            const struct prq_event *e = &row->ranges[i].events[k];
            other_bound |= e->kind == PRQ_EVENT_LAST_AFFECTED || e->kind == PRQ_EVENT_LIMIT;
            if (e->kind == PRQ_EVENT_FIXED &&
                !prq_db_strs_add(&row->fixed, &cap, e->version, in->a)) {
                prq_json_no_memory(&in->j);
                return;
            }
        }
    sort_fixed(row);
    if (row->fixed.n)
        row->state = PRQ_FIX_FIXED;
    else if (row->range_count && !other_bound)
        row->state = PRQ_FIX_NOT_FIXED;
}

/* "js,windows" */
static prq_str join(struct reader *in, struct prq_strs list)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(4));
    prq_db_strs_sort(&list);
    for (size_t i = 0; i < list.n; i++) {
        if (i)
            prq_buf_byte(&b, ',');
        prq_buf_str(&b, list.v[i]);
    }
    return b.bad ? (prq_str){ 0 } : prq_arena_copy(in->a, prq_buf_view(&b));
}

/* Where a record lists binaries, each is a row with the version that it was fixed in. SUSE repeats
 * the list with every source of an advisory: only the first copy is taken. */
static void add_binaries(struct reader *in, const struct package *p)
{
    struct prq_record *r = in->r;
    for (size_t i = r->affected_count; i > 0; i--)
        if (!r->affected[i - 1].is_source && prq_str_eq(r->affected[i - 1].space, p->row.space) &&
            prq_str_eq(r->affected[i - 1].name, p->extra.binaries.v[0]))
            return;
    for (size_t i = 0; i < p->extra.binaries.n; i++) {
        struct prq_affected row = { .space = p->row.space, .name = p->extra.binaries.v[i] };
        struct prq_event *events = prq_new_n(in->a, struct prq_event, 2);
        row.ranges = prq_new(in->a, struct prq_range);
        row.range_count = 1;
        if (!events || !row.ranges ||
            !need(in, &r->affected, sizeof *r->affected, &in->affected_cap,
                  r->affected_count + 1)) {
            prq_json_no_memory(&in->j);
            return;
        }
        events[0] = (struct prq_event){ PRQ_EVENT_INTRODUCED, PRQ_S("0") };
        events[1] = (struct prq_event){ PRQ_EVENT_FIXED, p->extra.builds.v[i] };
        *row.ranges = (struct prq_range){ events, 2 };
        settle_state(in, &row);
        r->affected[r->affected_count++] = row;
    }
}

/* Is a tag named as the end of a range? */
static bool ends_at_tag(const struct prq_affected *row)
{
    for (size_t i = 0; i < row->range_count; i++)
        for (size_t k = 0; k < row->ranges[i].n; k++) {
            const struct prq_event *e = &row->ranges[i].events[k];
            if (e->kind != PRQ_EVENT_INTRODUCED && !prq_go_is_pseudo(e->version))
                return true;
        }
    return false;
}

/* Go: the ranges speak of versions that the module system knows, custom_ranges of the product's
 * releases. Where the former are a placeholder the latter stand for them; where they end at no tag,
 * they decide on pseudo-versions, and custom_ranges on tags. */
static void settle_custom(struct reader *in, struct package *p)
{
    struct prq_record *r = in->r;
    if (p->custom_count == 0 || ends_at_tag(&p->row))
        return;
    if (!is_placeholder(&p->row)) {
        struct prq_affected pseudo = p->row;
        pseudo.module = PRQ_S("pseudo");
        p->row.module = PRQ_S("tags");
        p->row.fixed = (struct prq_strs){ 0 };
        settle_state(in, &pseudo);
        if (need(in, &r->affected, sizeof *r->affected, &in->affected_cap, r->affected_count + 1))
            r->affected[r->affected_count++] = pseudo;
    }
    p->row.ranges = p->custom;
    p->row.range_count = p->custom_count;
}

static void settle_package(struct reader *in, struct package *p)
{
    struct prq_record *r = in->r;
    settle_custom(in, p);
    honour_last_known(in, p);
    settle_state(in, &p->row);
    if (p->imports && !p->any_goos)
        p->row.goos = join(in, p->goos);
    if (p->imports && !p->any_arch)
        p->row.arches = p->arches;
    if (!prq_osv_settle_row(in->family, &p->extra, in->a, &p->row)) {
        prq_json_no_memory(&in->j);
        return;
    }
    if (p->extra.binaries.n) {
        add_binaries(in, p);
        return;
    }
    if (need(in, &r->affected, sizeof *r->affected, &in->affected_cap, r->affected_count + 1))
        r->affected[r->affected_count++] = p->row;
}

static void drop_bad_versions(struct prq_strs *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (prq_is_row_text(list->v[i]))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

static void read_affected(struct reader *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(&in->j))
        return;
    while (prq_json_item(&in->j)) {
        struct package p = { 0 };
        if (!prq_json_object_or_skip(&in->j))
            continue;
        while (prq_json_key(&in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("package")))
                read_package(in, &p);
            else if (prq_str_eq(key, PRQ_S("ranges")))
                read_ranges(in, &p.row.ranges, &p.row.range_count, &p.range_cap);
            else if (prq_str_eq(key, PRQ_S("versions")))
                prq_db_json_strs(&in->j, in->a, &p.row.versions);
            else if (prq_str_eq(key, PRQ_S("severity")))
                read_severities(in, &p.row.ratings, &p.row.rating_count, &p.rating_cap);
            else if (prq_str_eq(key, PRQ_S("ecosystem_specific")) ||
                     prq_str_eq(key, PRQ_S("database_specific")))
                read_specific(in, &p);
            else
                prq_json_skip(&in->j);
        }
        drop_bad_versions(&p.row.versions);
        if (p.row.name.n && !in->j.bad)
            settle_package(in, &p);
    }
}

/* ---- the record */

/* RubySec: "cvss_v3": 6.1 */
static void add_score(struct reader *in)
{
    struct prq_record *r = in->r;
    prq_str number;
    if (prq_json_number(&in->j, &number) && prq_is_record_id(number) &&
        need(in, &r->ratings, sizeof *r->ratings, &in->rating_cap, r->rating_count + 1))
        r->ratings[r->rating_count++] =
            (struct prq_rating){ .scheme = PRQ_S("score"), .value = number };
}

static void read_database_specific(struct reader *in)
{
    prq_str key;
    if (!prq_json_object_or_skip(&in->j))
        return;
    while (prq_json_key(&in->j, &key)) {
        if (prq_str_eq(key, PRQ_S("severity")))
            prq_json_string_or_skip(&in->j, &in->words.word);
        else if (prq_str_eq(key, PRQ_S("cwe_ids")))
            add_cwes(in);
        else if (prq_str_starts(key, PRQ_S("cvss_v")) && prq_json_peek(&in->j) == PRQ_JSON_NUMBER)
            add_score(in);
        else
            prq_json_skip(&in->j);
    }
}

static void read_member(struct reader *in, prq_str key)
{
    struct prq_record *r = in->r;
    const struct {
        prq_str key;
        prq_str *text;
        struct prq_strs *list;
    } members[] = {
        { PRQ_S("id"), &r->id, NULL },
        { PRQ_S("modified"), &r->modified, NULL },
        { PRQ_S("published"), &r->published, NULL },
        { PRQ_S("summary"), &r->summary, NULL },
        { PRQ_S("details"), &r->details, NULL },
        { PRQ_S("aliases"), NULL, &r->aliases },
        { PRQ_S("upstream"), NULL, &r->upstream },
        { PRQ_S("related"), NULL, &in->words.related },
    };
    for (size_t i = 0; i < PRQ_COUNT(members); i++)
        if (prq_str_eq(members[i].key, key)) {
            if (members[i].text)
                prq_json_string_or_skip(&in->j, members[i].text);
            else
                prq_db_json_strs(&in->j, in->a, members[i].list);
            return;
        }
    prq_str withdrawn = { 0 };
    if (prq_str_eq(key, PRQ_S("withdrawn")))
        r->is_withdrawn = prq_json_string_or_skip(&in->j, &withdrawn) && withdrawn.n;
    else if (prq_str_eq(key, PRQ_S("affected")))
        read_affected(in);
    else if (prq_str_eq(key, PRQ_S("severity")))
        read_severities(in, &r->ratings, &r->rating_count, &in->rating_cap);
    else if (prq_str_eq(key, PRQ_S("references")))
        read_references(in);
    else if (prq_str_eq(key, PRQ_S("database_specific")))
        read_database_specific(in);
    else
        prq_json_skip(&in->j);
}

static void drop_bad_ids(struct prq_strs *list, prq_str self)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (prq_is_record_id(list->v[i]) && !prq_str_eq(list->v[i], self))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

static void settle(struct reader *in)
{
    struct prq_record *r = in->r;
    r->source = PRQ_S("osv");
    r->modified = prq_feed_time(r->modified, in->a);
    r->published = prq_feed_time(r->published, in->a);
    r->is_malicious = prq_str_starts(r->id, PRQ_S("MAL-"));
    r->is_disputed = prq_str_starts(r->details, PRQ_S("** DISPUTED **")) ||
                     prq_str_starts(r->summary, PRQ_S("** DISPUTED **"));
    drop_bad_ids(&r->aliases, r->id);
    drop_bad_ids(&r->upstream, r->id);
    for (size_t i = 0; i < r->aliases.n && !r->is_malicious; i++)
        r->is_malicious = prq_str_starts(r->aliases.v[i], PRQ_S("MAL-"));
    if (!prq_osv_settle_record(in->family, &in->words, in->a, r))
        prq_json_no_memory(&in->j);
}

bool prq_osv_parse(prq_str json, const char *family, struct prq_arena *a, struct prq_record *out,
                   struct prq_err *err)
{
    struct prq_record r = { 0 };
    struct reader in = { .a = a, .family = family, .r = &r };
    prq_str key;
    prq_json_init(&in.j, json, a, NULL);
    if (!prq_json_enter_object(&in.j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an OSV record: no JSON object");
    while (prq_json_key(&in.j, &key))
        read_member(&in, key);
    if (!prq_json_end(&in.j, err))
        return false;
    if (!prq_is_record_id(r.id))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an OSV record: no usable id");
    settle(&in);
    if (in.j.bad)
        return prq_fail_at(err, in.j.code, in.j.bad_at, in.j.why);
    *out = r;
    return true;
}
