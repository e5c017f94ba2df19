/* SPDX-License-Identifier: Apache-2.0 */
/* Perl: distributions of CPAN.
 *
 *     META.json, MYMETA.json    {"meta-spec": …, "name", "version", "license": [ … ],
 *                                "prereqs": {"runtime": {"requires": {"Some::Module": "1.2"}}}}
 *     META.yml, MYMETA.yml      the same of version 1.4: requires, license; YAML
 *
 * MYMETA is what META became while the distribution was configured. cpanm keeps it beside the installed
 * modules (…/.meta/NAME-VERSION/MYMETA.json). What is required are modules, not distributions, so they
 * become no edges. "unknown" is a license that says nothing. META.json is a common name: outside of
 * Perl's places only a meta-spec makes it CPAN's, and not PGXN's, which took the format over.
 * Source: CPAN::Meta::Spec, versions 1.4 and 2; catalog.md 4.9. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "format/json.h"
#include "lib/yaml.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("META.json"), .max_bytes = PRQ_MIB(8), .modes = PRQ_WANT_ALWAYS },
    { .basename = PRQ_SI("MYMETA.json"), .max_bytes = PRQ_MIB(8), .modes = PRQ_WANT_ALWAYS },
    { .basename = PRQ_SI("META.yml"), .max_bytes = PRQ_MIB(8), .modes = PRQ_WANT_ALWAYS },
    { .basename = PRQ_SI("MYMETA.yml"), .max_bytes = PRQ_MIB(8), .modes = PRQ_WANT_ALWAYS },
    { .max_bytes = 0 },
};

struct job {
    struct prq_arena *arena;
    struct prq_package package;
    size_t license_cap;
    bool has_spec; /* "meta-spec", or a mark of the generator */
};

static bool add_license(struct job *j, prq_str license)
{
    if (prq_str_eq(license, PRQ_S("unknown")))
        return true;
    return prq_strs_add(&j->package.licenses, &j->license_cap, license, j->arena);
}

/* ---- JSON */

static bool read_licenses(struct job *job, struct prq_json *j)
{
    prq_str license = { 0 };
    if (!prq_json_enter_array(j))
        return !prq_json_string_or_skip(j, &license) || add_license(job, license);
    while (prq_json_item(j))
        if (prq_json_string_or_skip(j, &license) && !add_license(job, license))
            return false;
    return true;
}

/* A version may be a number: 1.10 is not 1.1. */
static void read_version(struct prq_json *j, prq_str *out)
{
    if (prq_json_peek(j) == PRQ_JSON_NUMBER)
        (void)prq_json_number(j, out);
    else
        (void)prq_json_string_or_skip(j, out);
}

static bool read_json(struct job *job, prq_str text, struct prq_ctx *ctx, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j)) {
        prq_json_skip(&j);
        return prq_json_end(&j, err) && prq_fail_at(err, PRQ_E_FORMAT, 0, "META is not an object");
    }
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("name"))) {
            prq_json_string_or_skip(&j, &job->package.name);
        } else if (prq_str_eq(key, PRQ_S("version"))) {
            read_version(&j, &job->package.version);
        } else if (prq_str_eq(key, PRQ_S("license"))) {
            if (!read_licenses(job, &j))
                return prq_fail(err, PRQ_E_LIMIT, "too many licenses");
        } else if (prq_str_eq(key, PRQ_S("meta-spec"))) {
            prq_str spec;
            job->has_spec = prq_json_raw(&j, &spec) && !prq_str_has(spec, PRQ_S("pgxn.org"));
        } else {
            prq_json_skip(&j);
        }
    }
    return prq_json_end(&j, err);
}

/* ---- YAML */

static bool read_yaml(struct job *job, prq_bytes data, struct prq_ctx *ctx, struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    if (!prq_yaml_parse(data, ctx->limits, ctx->scratch, &doc, err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    if (!prq_yaml_is(root, PRQ_YAML_MAP))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "META is not a mapping");
    job->package.name = prq_yaml_text(prq_yaml_find(root, PRQ_S("name")));
    job->package.version = prq_yaml_text(prq_yaml_find(root, PRQ_S("version")));
    job->has_spec = prq_yaml_find(root, PRQ_S("meta-spec")) ||
                    prq_yaml_find(root, PRQ_S("generated_by"));
    const struct prq_yaml_node *license = prq_yaml_find(root, PRQ_S("license"));
    bool ok = add_license(job, prq_yaml_text(license));
    for (size_t i = 0; ok && prq_yaml_is(license, PRQ_YAML_SEQ) && i < license->n; i++)
        ok = add_license(job, prq_yaml_text(license->items[i]));
    return ok || prq_fail(err, PRQ_E_LIMIT, "too many licenses");
}

/* ---- */

static bool is_perls(prq_str path)
{
    static const prq_str marks[] = { PRQ_SI("MYMETA."), PRQ_SI("perl5"), PRQ_SI("/perl/"),
                                     PRQ_SI("/.meta/") };
    for (size_t i = 0; i < PRQ_COUNT(marks); i++)
        if (prq_str_has(path, marks[i]))
            return true;
    return false;
}

/* Distributions are named with dashes; some old files name the main module instead. */
static bool settle_name(struct job *j)
{
    prq_str name = prq_str_trim(j->package.name);
    if (prq_str_has(name, PRQ_S("::"))) {
        char *to = prq_arena_alloc(j->arena, name.n);
        size_t n = 0;
        if (!to)
            return false;
        for (size_t i = 0; i < name.n; i++) {
            bool is_joint = name.p[i] == ':' && i + 1 < name.n && name.p[i + 1] == ':';
            to[n++] = is_joint ? '-' : name.p[i];
            i += is_joint;
        }
        name = (prq_str){ to, n };
    }
    j->package.name = name;
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str path = in->file->path;
    struct job j = { .arena = ctx->scratch, .package = { .type = PRQ_S("cpan") } };
    bool is_sure = is_perls(path);
    bool ok = prq_str_ends(path, PRQ_S(".json")) ? read_json(&j, prq_str_of(in->data), ctx, err)
                                                 : read_yaml(&j, in->data, ctx, err);
    if (!ok)
        return false;
    if (!is_sure && !j.has_spec)
        return true; /* some other tool's file */
    if (!settle_name(&j))
        return prq_fail(err, PRQ_E_LIMIT, "no room for a name");
    if (j.package.name.n == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "distribution without a name");
    return prq_sink_package(sink, &j.package) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_perl = {
    .name = "perl",
    .purl_type = "cpan",
    .summary = "Perl distributions of CPAN: META.json, META.yml, MYMETA",
    .revision = 1,
    .wants = wants,
    .run = run,
};
