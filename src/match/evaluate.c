/* SPDX-License-Identifier: Apache-2.0 */
/* A version against one row of an advisory. Source: matching.md 3.1 "Evaluate", 7.1; OSV schema,
 * "Evaluation". The events of a range are walked in version order without sorting them: what counts
 * is the nearest event at or below the version, and sometimes the nearest above it.
 *
 * A bound that its scheme does not know is left out. NVD's "-NA" (no update) is not part of the
 * version. Several last_affected of one interval all count: it ends at the highest of them. */
#include "match/core.h"

struct prq_scale prq_scale_of(const char *scheme, bool is_source_rpm)
{
    struct prq_scale s = { .scheme = prq_scheme_find(prq_str_from(scheme)) };
    s.against = s.scheme->compare;
    if (strcmp(scheme, "pep440") == 0)
        s.against = prq_pep440_compare_bound;
    else if (strcmp(scheme, "maven") == 0)
        s.against = prq_maven_compare_bound;
    else if (strcmp(scheme, "composer") == 0)
        s.against = prq_composer_compare_bound;
    else if (is_source_rpm)
        s.against = prq_rpm_compare_auto_epoch;
    return s;
}

/* False: not a version of this scheme. */
static bool bound_of(const struct prq_scale *scale, prq_str text, prq_str *out)
{
    *out = text;
    if (scale->scheme->is_valid(text))
        return true;
    if (prq_str_ends(text, PRQ_S("-NA"))) {
        out->n -= 3;
        return scale->scheme->is_valid(*out);
    }
    return false;
}

static bool is_start(const struct prq_event *e)
{
    return e->kind == PRQ_EVENT_INTRODUCED && prq_str_eq(e->version, PRQ_S("0"));
}

/* Bounds among themselves; NULL and "introduced 0" come before everything. */
static int event_compare(const struct prq_scale *scale, const struct prq_event *a,
                         const struct prq_event *b)
{
    bool first_a = is_start(a), first_b = is_start(b);
    if (first_a || first_b)
        return (int)first_b - (int)first_a;
    prq_str va, vb;
    if (!bound_of(scale, a->version, &va) || !bound_of(scale, b->version, &vb))
        return 0;
    return scale->scheme->compare(va, vb);
}

/* Limits: none, or one above the version. */
static bool is_within_limits(const struct prq_range *r, const struct prq_scale *scale, prq_str v)
{
    bool has_limit = false;
    for (size_t i = 0; i < r->n; i++) {
        prq_str bound;
        if (r->events[i].kind != PRQ_EVENT_LIMIT)
            continue;
        if (prq_str_eq(r->events[i].version, PRQ_S("*")))
            return true;
        if (!bound_of(scale, r->events[i].version, &bound))
            continue;
        if (scale->against(v, bound) < 0)
            return true;
        has_limit = true;
    }
    return !has_limit;
}

static bool range_evaluate(const struct prq_range *r, const struct prq_scale *scale, prq_str v,
                           struct prq_hit *hit)
{
    const struct prq_event *below = NULL, *above = NULL, *opened = NULL;
    for (size_t i = 0; i < r->n; i++) {
        const struct prq_event *e = &r->events[i];
        prq_str bound = { 0 };
        if (e->kind == PRQ_EVENT_LIMIT || (!is_start(e) && !bound_of(scale, e->version, &bound)))
            continue;
        int c = is_start(e) ? 1 : scale->against(v, bound);
        if (e->kind == PRQ_EVENT_LAST_AFFECTED ? c > 0 : c >= 0) {
            if (!below || event_compare(scale, e, below) >= 0)
                below = e;
            if (e->kind == PRQ_EVENT_INTRODUCED &&
                (!opened || event_compare(scale, e, opened) >= 0))
                opened = e;
        } else if (!above || event_compare(scale, e, above) < 0) {
            above = e;
        }
    }
    bool goes_on = above && above->kind == PRQ_EVENT_LAST_AFFECTED;
    if (!below || below->kind == PRQ_EVENT_FIXED ||
        (below->kind == PRQ_EVENT_LAST_AFFECTED && !(goes_on && opened)) ||
        !is_within_limits(r, scale, v))
        return false;
    *hit = (struct prq_hit){ .is_hit = true, .high_counts = goes_on };
    if (opened && !is_start(opened))
        hit->low = opened->version;
    if (above && above->kind != PRQ_EVENT_INTRODUCED)
        hit->high = above->version;
    return true;
}

/* The first two numbers of a version, as a quick no to the question whether two are equal: leading
 * zeros do not count, a missing one is 0; PEP 440's epoch is left out. Only for schemes whose
 * versions begin with them. */
static uint64_t first_numbers(prq_str v)
{
    size_t i = prq_str_find(v, '!');
    i = i < v.n ? i + 1 : 0;
    while (i < v.n && !prq_is_digit(v.p[i]))
        i++;
    uint64_t key = 0;
    for (int part = 0; part < 2; part++) {
        uint32_t number = 0;
        for (; i < v.n && prq_is_digit(v.p[i]); i++)
            number = number * 10 + (uint32_t)(v.p[i] - '0');
        key = key << 32 | number;
        if (i + 1 < v.n && v.p[i] == '.' && prq_is_digit(v.p[i + 1]))
            i++;
    }
    return key;
}

/* deb, rpm, apk: epochs come first. Composer and R: 1-1 is 1.1. */
static bool has_first_numbers(const struct prq_scheme *s)
{
    return !s->is_total && strcmp(s->name, "composer") != 0 && strcmp(s->name, "cran") != 0;
}

static bool is_listed(const struct prq_affected *row, const struct prq_scale *scale, prq_str v,
                      bool is_valid)
{
    for (size_t i = 0; i < row->versions.n; i++)
        if (prq_str_eq(row->versions.v[i], v))
            return true;
    if (!is_valid)
        return false;
    bool has_key = has_first_numbers(scale->scheme);
    uint64_t key = has_key ? first_numbers(v) : 0;
    for (size_t i = 0; i < row->versions.n; i++) {
        prq_str bound;
        if ((!has_key || first_numbers(row->versions.v[i]) == key) &&
            bound_of(scale, row->versions.v[i], &bound) && scale->against(v, bound) == 0)
            return true;
    }
    return false;
}

/* A state that a row without any version states of all of them. */
static bool is_of_all(const struct prq_affected *row)
{
    if (row->range_count || row->versions.n || row->fixed.n)
        return false;
    switch (row->state) {
    case PRQ_FIX_NOT_FIXED:
    case PRQ_FIX_WONT_FIX:
    case PRQ_FIX_DEFERRED:
    case PRQ_FIX_END_OF_LIFE:
    case PRQ_FIX_UNDER_INVESTIGATION:
    case PRQ_FIX_NOT_AFFECTED:
        return true;
    case PRQ_FIX_UNKNOWN:
    case PRQ_FIX_FIXED:
        break;
    }
    return false;
}

struct prq_hit prq_evaluate(const struct prq_affected *row, const struct prq_scale *scale,
                            prq_str version, bool is_valid)
{
    struct prq_hit hit = { 0 };
    if (is_of_all(row)) {
        hit.is_hit = hit.is_everything = true;
        return hit;
    }
    for (size_t i = 0; is_valid && i < row->range_count; i++)
        if (range_evaluate(&row->ranges[i], scale, version, &hit))
            return hit;
    hit.is_hit = hit.is_listed = is_listed(row, scale, version, is_valid);
    return hit;
}

/* ---- the same, told */

enum { STEPS_MAX = 64 };

static char sign_of(const struct prq_event *e, const struct prq_scale *scale, prq_str v)
{
    prq_str bound;
    if (is_start(e) || (e->kind == PRQ_EVENT_LIMIT && prq_str_eq(e->version, PRQ_S("*"))))
        return is_start(e) ? '>' : '<';
    if (!bound_of(scale, e->version, &bound))
        return '?';
    int c = scale->against(v, bound);
    return c < 0 ? '<' : c > 0 ? '>' : '=';
}

static bool trace_range(const struct prq_range *r, const struct prq_scale *scale, prq_str v,
                        struct prq_arena *a, struct prq_traced_range *out)
{
    size_t n = r->n < STEPS_MAX ? r->n : STEPS_MAX;
    out->steps = prq_new_n(a, struct prq_step, n);
    for (; out->steps && out->n < n; out->n++) {
        const struct prq_event *e = &r->events[out->n];
        struct prq_step *s = &out->steps[out->n];
        *s = (struct prq_step){ e->kind, prq_arena_copy(a, e->version), sign_of(e, scale, v) };
        if (!s->version.p)
            return false;
    }
    return out->n == n;
}

static size_t count_events(const struct prq_affected *row)
{
    size_t all = 0;
    for (size_t i = 0; i < row->range_count; i++)
        all += row->ranges[i].n;
    return all;
}

bool prq_trace_row(const struct prq_affected *row, const struct prq_scale *scale, prq_str version,
                   bool is_valid, struct prq_arena *a, struct prq_trace *out)
{
    size_t all = count_events(row), kept = 0;
    *out = (struct prq_trace){ .scheme = prq_str_from(scale->scheme->name),
                               .listed = row->versions.n, .is_invalid = !is_valid };
    out->is_everything = is_of_all(row);
    out->is_listed = is_listed(row, scale, version, is_valid);
    size_t n = all && is_valid ? row->range_count : 0;
    out->ranges = prq_new_n(a, struct prq_traced_range, n < STEPS_MAX ? n : STEPS_MAX);
    if (!out->ranges && n)
        return false;
    bool is_decided = false;
    for (size_t i = 0; i < n; i++) {
        struct prq_hit hit = { 0 };
        bool is_hit = range_evaluate(&row->ranges[i], scale, version, &hit);
        bool is_decisive = is_hit && !is_decided;
        is_decided = is_decided || is_hit;
        if (row->ranges[i].n == 0 || (!is_decisive && all > STEPS_MAX && kept >= STEPS_MAX / 2) ||
            out->n == STEPS_MAX)
            continue;
        struct prq_traced_range *to = &out->ranges[out->n++];
        to->is_hit = is_hit;
        if (!trace_range(&row->ranges[i], scale, version, a, to))
            return false;
        kept += to->n;
    }
    out->left_out = is_valid ? all - kept : 0;
    return true;
}

prq_str prq_hit_text(const struct prq_hit *hit, const struct prq_scale *scale, prq_str version,
                     struct prq_arena *a)
{
    prq_str parts[8], scheme = prq_str_from(scale->scheme->name);
    size_t n = 0;
    if (!hit->is_listed && hit->low.n > 0 && hit->high.n > 0) {
        parts[n++] = hit->low;
        parts[n++] = hit->low_is_out ? PRQ_S(" < ") : PRQ_S(" <= ");
    }
    parts[n++] = version;
    if (hit->is_listed) {
        parts[n++] = PRQ_S(" is listed");
    } else if (hit->high.n > 0) {
        parts[n++] = hit->high_counts ? PRQ_S(" <= ") : PRQ_S(" < ");
        parts[n++] = hit->high;
    } else if (hit->low.n > 0) {
        parts[n++] = hit->low_is_out ? PRQ_S(" > ") : PRQ_S(" >= ");
        parts[n++] = hit->low;
        parts[n++] = PRQ_S(", no fix");
    } else {
        parts[n++] = PRQ_S(": every version");
    }
    parts[n++] = PRQ_S(" (");
    parts[n++] = scheme;
    parts[n++] = PRQ_S(")");
    return prq_concat(a, parts, n);
}

bool prq_has_tag_bounds(const struct prq_affected *row)
{
    for (size_t i = 0; i < row->range_count; i++)
        for (size_t k = 0; k < row->ranges[i].n; k++) {
            const struct prq_event *e = &row->ranges[i].events[k];
            if (!is_start(e) && !prq_go_is_pseudo(e->version))
                return true;
        }
    return false;
}
