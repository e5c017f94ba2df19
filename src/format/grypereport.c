/* SPDX-License-Identifier: Apache-2.0 */
/* Grype's JSON report. Source: what Grype 0.30 and later write (its documentation, "Output formats", and
 * the golden files of its presenters). It lists only packages that have matches. */
#include "format/foreignreport.h"

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

static bool enter(struct prq_foreign_reader *r)
{
    if (prq_json_enter_object(&r->j))
        return true;
    prq_json_skip(&r->j);
    return false;
}

static void take_fix(struct prq_foreign_reader *r, struct prq_foreign_finding *f)
{
    prq_str key, state = { 0 };
    size_t cap = 0;
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key)) {
        if (is(key, "state")) {
            prq_json_string_or_skip(&r->j, &state);
        } else if (is(key, "versions") && prq_foreign_enter_list(r)) {
            while (!r->out_of_memory && prq_json_item(&r->j)) {
                prq_str s = { 0 };
                if (prq_json_string_or_skip(&r->j, &s))
                    prq_foreign_add_str(r, &f->fixed_in, &cap, s);
            }
        } else if (!is(key, "versions")) {
            prq_json_skip(&r->j);
        }
    }
    if (!state.n || !prq_fix_state_parse(state, &f->state))
        f->state = f->fixed_in.n ? PRQ_FIX_FIXED : PRQ_FIX_UNKNOWN;
}

static void take_vulnerability(struct prq_foreign_reader *r, struct prq_foreign_finding *f)
{
    prq_str key, severity = { 0 };
    const struct prq_json_text texts[] = { { PRQ_SI("id"), &f->id }, { PRQ_SI("severity"), &severity },
                                           { PRQ_SI("namespace"), &f->feed } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "fix"))
            take_fix(r, f);
        else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            prq_json_skip(&r->j);
    if (!prq_severity_parse(severity, &f->severity))
        f->severity = PRQ_SEV_UNKNOWN;
    f->severity_source = f->feed;
    f->is_by_cpe |= prq_str_eq(f->feed, PRQ_S("nvd:cpe"));
}

static void take_related(struct prq_foreign_reader *r, struct prq_foreign_finding *f)
{
    size_t cap = 0;
    if (!prq_foreign_enter_list(r))
        return;
    while (prq_foreign_next(r)) {
        prq_str id = { 0 };
        const struct prq_json_text texts[] = { { PRQ_SI("id"), &id } };
        prq_json_texts(&r->j, texts, 1);
        if (id.n)
            prq_foreign_add_str(r, &f->aliases, &cap, id);
    }
}

/* How it was found; of several the first one's range. */
static void take_details(struct prq_foreign_reader *r, struct prq_foreign_finding *f)
{
    if (!prq_foreign_enter_list(r))
        return;
    while (prq_foreign_next(r)) {
        prq_str key, kind = { 0 }, range = { 0 };
        const struct prq_json_text found[] = { { PRQ_SI("versionConstraint"), &range },
                                               { PRQ_SI("constraint"), &range } };
        while (prq_json_key(&r->j, &key))
            if (is(key, "type"))
                prq_json_string_or_skip(&r->j, &kind);
            else if (is(key, "found") && enter(r))
                prq_json_texts(&r->j, found, PRQ_COUNT(found));
            else if (!is(key, "found"))
                prq_json_skip(&r->j);
        f->is_by_cpe |= is(kind, "cpe-match");
        if (!f->range.n)
            f->range = range;
    }
}

static void take_first_path(struct prq_foreign_reader *r, prq_str *path)
{
    if (!prq_foreign_enter_list(r))
        return;
    while (prq_foreign_next(r)) {
        prq_str one = { 0 };
        const struct prq_json_text texts[] = { { PRQ_SI("path"), &one } };
        prq_json_texts(&r->j, texts, 1);
        if (!path->n)
            *path = one;
    }
}

static void take_artifact(struct prq_foreign_reader *r, struct prq_foreign_package *p)
{
    prq_str key;
    const struct prq_json_text texts[] = { { PRQ_SI("name"), &p->name }, { PRQ_SI("version"), &p->version },
                                           { PRQ_SI("type"), &p->type }, { PRQ_SI("purl"), &p->purl } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "locations"))
            take_first_path(r, &p->path);
        else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            prq_json_skip(&r->j);
}

/* The first rule that took it away: its reason, else what it names. */
static void take_rules(struct prq_foreign_reader *r, struct prq_foreign_finding *f)
{
    if (!prq_foreign_enter_list(r))
        return;
    while (prq_foreign_next(r)) {
        prq_str reason = { 0 }, id = { 0 }, state = { 0 }, status = { 0 }, match = { 0 };
        const struct prq_json_text texts[] = {
            { PRQ_SI("reason"), &reason }, { PRQ_SI("vulnerability"), &id },
            { PRQ_SI("fix-state"), &state }, { PRQ_SI("vex-status"), &status },
            { PRQ_SI("match-type"), &match },
        };
        prq_json_texts(&r->j, texts, PRQ_COUNT(texts));
        const prq_str words[] = { reason, status, state, match, id };
        for (size_t i = 0; i < PRQ_COUNT(words) && !f->reason.n; i++)
            f->reason = words[i];
    }
    if (!f->reason.n)
        f->reason = PRQ_S("an ignore rule");
}

static void take_match(struct prq_foreign_reader *r, bool is_suppressed)
{
    struct prq_foreign_finding f = { .is_suppressed = is_suppressed };
    struct prq_foreign_package p = { 0 };
    prq_str key;
    while (prq_json_key(&r->j, &key))
        if (is(key, "vulnerability"))
            take_vulnerability(r, &f);
        else if (is(key, "relatedVulnerabilities"))
            take_related(r, &f);
        else if (is(key, "matchDetails"))
            take_details(r, &f);
        else if (is(key, "artifact"))
            take_artifact(r, &p);
        else if (is(key, "appliedIgnoreRules"))
            take_rules(r, &f);
        else
            prq_json_skip(&r->j);
    if (!f.id.n) {
        r->out->lost++;
        return;
    }
    if (prq_foreign_add_package(r, &p, &f.package))
        prq_foreign_add_finding(r, &f);
}

static void take_matches(struct prq_foreign_reader *r, bool is_suppressed)
{
    if (prq_foreign_enter_list(r))
        while (prq_foreign_next(r))
            take_match(r, is_suppressed);
}

static void take_source(struct prq_foreign_reader *r)
{
    prq_str key;
    const struct prq_json_text texts[] = { { PRQ_SI("userInput"), &r->out->name },
                                           { PRQ_SI("imageID"), &r->out->image_id },
                                           { PRQ_SI("manifestDigest"), &r->out->digest } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "target") && prq_json_peek(&r->j) == PRQ_JSON_STRING) /* of directories */
            prq_json_string_or_skip(&r->j, &r->out->name);
        else if (is(key, "target") && enter(r))
            prq_json_texts(&r->j, texts, PRQ_COUNT(texts));
        else if (!is(key, "target"))
            prq_json_skip(&r->j);
}

/* "db": {"built": …}, since 0.88 {"status": {"built": …}} */
static void take_data(struct prq_foreign_reader *r)
{
    prq_str key;
    const struct prq_json_text texts[] = { { PRQ_SI("built"), &r->out->data_built } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "status") && enter(r))
            prq_json_texts(&r->j, texts, 1);
        else if (!is(key, "status") && !prq_json_text_of(&r->j, key, texts, 1))
            prq_json_skip(&r->j);
}

static void take_descriptor(struct prq_foreign_reader *r)
{
    prq_str key;
    const struct prq_json_text texts[] = { { PRQ_SI("version"), &r->out->tool_version },
                                           { PRQ_SI("timestamp"), &r->out->created } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "db"))
            take_data(r);
        else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            prq_json_skip(&r->j);
}

void prq_grype_member(struct prq_foreign_reader *r, prq_str key)
{
    const struct prq_json_text of_distro[] = { { PRQ_SI("name"), &r->out->distro },
                                               { PRQ_SI("version"), &r->out->release } };
    if (is(key, "matches"))
        take_matches(r, false);
    else if (is(key, "ignoredMatches"))
        take_matches(r, true);
    else if (is(key, "source"))
        take_source(r);
    else if (is(key, "distro")) {
        if (enter(r))
            prq_json_texts(&r->j, of_distro, PRQ_COUNT(of_distro));
    } else if (is(key, "descriptor"))
        take_descriptor(r);
    else
        prq_json_skip(&r->j);
}
