/* SPDX-License-Identifier: Apache-2.0 */
/* Trivy's JSON report, SchemaVersion 2. Source: what Trivy 0.20 and later write (its documentation,
 * "Reporting", and the golden files of its integration tests). Older reports are a bare array and are
 * refused. */
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

/* The member `name` of an object, the rest of it passed over. */
static void take_text_of(struct prq_foreign_reader *r, const char *name, prq_str *to)
{
    const struct prq_json_text wanted[] = { { prq_str_from(name), to } };
    if (enter(r))
        prq_json_texts(&r->j, wanted, 1);
}

static void take_metadata(struct prq_foreign_reader *r)
{
    prq_str key;
    const struct prq_json_text of_os[] = { { PRQ_SI("Family"), &r->out->distro },
                                           { PRQ_SI("Name"), &r->out->release } };
    if (!enter(r))
        return;
    while (prq_json_key(&r->j, &key))
        if (is(key, "OS") && enter(r))
            prq_json_texts(&r->j, of_os, PRQ_COUNT(of_os));
        else if (is(key, "ImageID"))
            prq_json_string_or_skip(&r->j, &r->out->image_id);
        else if (!is(key, "OS"))
            prq_json_skip(&r->j);
}

static void take_package(struct prq_foreign_reader *r, prq_str type)
{
    struct prq_foreign_package p = { .type = type };
    prq_str key, release = { 0 };
    uint64_t epoch = 0;
    size_t index;
    const struct prq_json_text texts[] = { { PRQ_SI("Name"), &p.name }, { PRQ_SI("Version"), &p.version },
                                           { PRQ_SI("Release"), &release }, { PRQ_SI("Arch"), &p.arch },
                                           { PRQ_SI("FilePath"), &p.path } };
    while (prq_json_key(&r->j, &key))
        if (is(key, "Identifier"))
            take_text_of(r, "PURL", &p.purl);
        else if (is(key, "Epoch"))
            prq_json_u64_or_skip(&r->j, &epoch);
        else if (is(key, "Dev"))
            prq_json_bool_or_skip(&r->j, &p.is_dev);
        else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            prq_json_skip(&r->j);
    if (release.n && p.version.n)
        p.version = prq_arena_printf(r->a, "%.*s-%.*s", PRQ_FMT(p.version), PRQ_FMT(release));
    if (epoch && p.version.n)
        p.version = prq_arena_printf(r->a, "%llu:%.*s", (unsigned long long)epoch, PRQ_FMT(p.version));
    r->out_of_memory |= p.version.n && !p.version.p;
    prq_foreign_add_package(r, &p, &index);
}

/* "2.6.9, 3.1.0" */
static void take_fixes(struct prq_foreign_reader *r, prq_str list, struct prq_foreign_finding *f)
{
    prq_str piece;
    size_t cap = 0;
    while (list.n && prq_str_split(&list, ',', &piece)) {
        piece = prq_str_trim(piece);
        if (piece.n && !prq_foreign_add_str(r, &f->fixed_in, &cap, piece))
            return;
    }
}

static void take_strs(struct prq_foreign_reader *r, struct prq_strs *to)
{
    size_t cap = 0;
    if (!prq_foreign_enter_list(r))
        return;
    while (!r->out_of_memory && prq_json_item(&r->j)) {
        prq_str s = { 0 };
        if (prq_json_string_or_skip(&r->j, &s))
            prq_foreign_add_str(r, to, &cap, s);
    }
}

/* In an object that was entered. "Status" is missing before 0.42: then a fix says it. */
static void take_vulnerability(struct prq_foreign_reader *r, prq_str type,
                               struct prq_foreign_finding *f)
{
    struct prq_foreign_package p = { .type = type };
    prq_str key, fixes = { 0 }, status = { 0 }, severity = { 0 };
    const struct prq_json_text texts[] = {
        { PRQ_SI("VulnerabilityID"), &f->id }, { PRQ_SI("PkgName"), &p.name },
        { PRQ_SI("InstalledVersion"), &p.version }, { PRQ_SI("FixedVersion"), &fixes },
        { PRQ_SI("Status"), &status }, { PRQ_SI("Severity"), &severity },
        { PRQ_SI("SeveritySource"), &f->severity_source }, { PRQ_SI("PkgPath"), &p.path },
        { PRQ_SI("PublishedDate"), &f->published },
    };
    while (prq_json_key(&r->j, &key))
        if (is(key, "PkgIdentifier"))
            take_text_of(r, "PURL", &p.purl);
        else if (is(key, "DataSource"))
            take_text_of(r, "ID", &f->feed);
        else if (is(key, "VendorIDs"))
            take_strs(r, &f->aliases);
        else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            prq_json_skip(&r->j);
    take_fixes(r, fixes, f);
    if (!prq_severity_parse(severity, &f->severity))
        f->severity = PRQ_SEV_UNKNOWN;
    if (!prq_fix_state_parse(status, &f->state) || !status.n)
        f->state = fixes.n ? PRQ_FIX_FIXED : PRQ_FIX_UNKNOWN;
    if (prq_foreign_add_package(r, &p, &f->package))
        prq_foreign_add_finding(r, f);
}

/* Findings that a rule or a VEX statement took away (--show-suppressed). */
static void take_modified(struct prq_foreign_reader *r, prq_str type)
{
    struct prq_foreign_finding f = { .is_suppressed = true };
    prq_str key, kind = { 0 }, statement = { 0 }, source = { 0 }, status = { 0 };
    const struct prq_json_text texts[] = { { PRQ_SI("Type"), &kind }, { PRQ_SI("Statement"), &statement },
                                           { PRQ_SI("Source"), &source }, { PRQ_SI("Status"), &status } };
    size_t before = r->out->finding_count;
    while (prq_json_key(&r->j, &key))
        if (is(key, "Finding") && (!kind.n || is(kind, "vulnerability")) && enter(r))
            take_vulnerability(r, type, &f);
        else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            prq_json_skip(&r->j);
    prq_str reason = prq_arena_printf(r->a, "%.*s %.*s %.*s", PRQ_FMT(status), PRQ_FMT(source),
                                      PRQ_FMT(statement));
    r->out_of_memory |= !reason.p;
    if (r->out->finding_count > before && reason.p)
        r->out->findings[before].reason = prq_str_trim(reason);
}

/* "Class" and "Type" come before the lists in what Trivy writes; a list that came first has no type of
 * its own then, and the purls have it. */
static void take_result(struct prq_foreign_reader *r)
{
    prq_str key, type = { 0 }, target = { 0 };
    const struct prq_json_text texts[] = { { PRQ_SI("Type"), &type }, { PRQ_SI("Target"), &target } };
    while (!r->out_of_memory && prq_json_key(&r->j, &key)) {
        if (is(key, "Packages") && prq_foreign_enter_list(r)) {
            r->out->lists_packages = true;
            while (prq_foreign_next(r))
                take_package(r, type);
        } else if (is(key, "Vulnerabilities") && prq_foreign_enter_list(r)) {
            while (prq_foreign_next(r))
                take_vulnerability(r, type, &(struct prq_foreign_finding){ 0 });
        } else if (is(key, "ExperimentalModifiedFindings") && prq_foreign_enter_list(r)) {
            while (prq_foreign_next(r))
                take_modified(r, type);
        } else if (!is(key, "Packages") && !is(key, "Vulnerabilities") &&
                   !is(key, "ExperimentalModifiedFindings") &&
                   !prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts))) {
            prq_json_skip(&r->j);
        }
    }
}

void prq_trivy_member(struct prq_foreign_reader *r, prq_str key)
{
    const struct prq_json_text texts[] = { { PRQ_SI("ArtifactName"), &r->out->name },
                                           { PRQ_SI("CreatedAt"), &r->out->created } };
    if (is(key, "Metadata"))
        take_metadata(r);
    else if (is(key, "Trivy"))
        take_text_of(r, "Version", &r->out->tool_version);
    else if (is(key, "Results")) {
        if (prq_foreign_enter_list(r))
            while (prq_foreign_next(r))
                take_result(r);
    } else if (!prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
        prq_json_skip(&r->j);
}
