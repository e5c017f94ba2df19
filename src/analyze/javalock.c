/* SPDX-License-Identifier: Apache-2.0 */
/* What a Java project asks for: Maven's pom.xml, Gradle's lock files, catalogs and verification
 * metadata, sbt's lock file.
 * Sources: maven.apache.org, "POM Reference"; docs.gradle.org, "Locking dependency versions",
 * "Sharing dependency versions between projects" and "Verifying dependencies"; the files that the
 * sbt-dependency-lock plugin writes; catalog.md 4.3. */
#include "analyze/analyze.h"
#include "analyze/java.h"
#include "analyze/loss.h"
#include "format/json.h"
#include "format/toml.h"
#include "lib/xml.h"

#define LOCK_BYTES PRQ_MIB(64)
#define WANT(field, name)                                                                          \
    {                                                                                              \
        .field = PRQ_SI(name), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE                   \
    }

static const struct prq_want wants[] = {
    WANT(basename, "pom.xml"),
    WANT(basename, "gradle.lockfile"),
    WANT(basename, "buildscript-gradle.lockfile"),
    WANT(basename, "settings-gradle.lockfile"),
    { .suffix = PRQ_SI(".lockfile"),
      .contains = PRQ_SI("gradle/dependency-locks/"),
      .max_bytes = LOCK_BYTES,
      .modes = PRQ_WANT_SOURCE },
    WANT(suffix, ".versions.toml"),
    WANT(suffix, "gradle/verification-metadata.xml"),
    WANT(suffix, ".sbt.lock"),
    { .max_bytes = 0 },
};

struct job {
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct prq_sink *sink;
    struct prq_loss lost;
};

static bool no_memory(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "the file exceeds the memory budget: limit scratch_bytes");
}

static bool put_dep(struct job *j, const struct prq_pom_dep *d, struct prq_err *err)
{
    struct prq_package p;
    if (!prq_pom_declare(d, j->a, &p))
        return no_memory(err);
    return prq_sink_package(j->sink, &p) || prq_sink_full(err);
}

/* ---- pom.xml */

static bool pom_entities(struct job *j, const struct prq_pom *pom, struct prq_err *err)
{
    if (!pom->unexpanded)
        return true;
    const struct prq_gap gap = { .kind = PRQ_S("unsupported"),
                                 .layer = PRQ_GAP_NO_LAYER,
                                 .reason = PRQ_S("XML entities are not expanded") };
    return prq_sink_gap(j->sink, &gap) || prq_sink_full(err);
}

/* A parent, or an imported list of versions. */
static bool has_others(const struct prq_pom *pom)
{
    for (size_t i = 0; i < pom->managed_n; i++)
        if (prq_str_eq(pom->managed[i].scope, PRQ_S("import")))
            return true;
    return pom->has_parent;
}

/* May another file know what is missing? */
static bool is_open(bool has_others, const struct prq_pom_dep *d)
{
    return has_others && (d->group.n == 0 || d->artifact.n == 0 || d->version.n == 0);
}

static bool put_pom(struct job *j, struct prq_pom *pom, struct prq_err *err)
{
    struct prq_pom_dep *open = prq_new_n(j->a, struct prq_pom_dep, pom->dep_n + 1);
    size_t open_n = 0;
    bool others = has_others(pom);
    if (!open || !prq_pom_index(pom, j->a))
        return no_memory(err);
    for (size_t i = 0; i < pom->dep_n; i++) {
        struct prq_pom_dep d;
        struct prq_mark mark = prq_arena_mark(j->a);
        if (!prq_pom_settle(pom, &pom->deps[i], j->a, &d))
            return no_memory(err);
        if (is_open(others, &d))
            open[open_n++] = pom->deps[i];
        else if (d.group.n == 0 || d.artifact.n == 0)
            prq_loss_add(&j->lost, 0, "a dependency whose name is not in this file");
        else if (!put_dep(j, &d, err))
            return false;
        prq_arena_rewind(j->a, mark);
    }
    return prq_pom_note(pom, open, open_n, j->a, j->sink, err) && pom_entities(j, pom, err);
}

static bool run_pom(struct job *j, prq_bytes data, struct prq_err *err)
{
    struct prq_pom pom;
    struct prq_err why = PRQ_ERR_INIT;
    bool is_good = prq_pom_parse(data, j->limits, j->a, &pom, &why);
    j->lost.code = PRQ_E_UNSUPPORTED;
    if (!put_pom(j, &pom, err))
        return false;
    if (!is_good && err)
        *err = why;
    return is_good;
}

/* ---- gradle.lockfile: "group:artifact:version=configuration,…" */

/* testCompileClasspath, androidTestRuntimeClasspath, … and nothing else. */
static bool is_for_tests(prq_str configurations)
{
    prq_str one;
    bool any = false;
    while (prq_str_split(&configurations, ',', &one)) {
        one = prq_str_trim(one);
        any = true;
        if (!prq_str_starts(one, PRQ_S("test")) && !prq_str_has(one, PRQ_S("Test")))
            return false;
    }
    return any;
}

static bool run_gradle(struct job *j, prq_bytes data, struct prq_err *err)
{
    prq_str rest = prq_str_of(data), line;
    while (prq_str_line(&rest, &line)) {
        struct prq_pom_dep d = { 0 };
        struct prq_mark mark = prq_arena_mark(j->a);
        prq_str names = prq_str_trim(line), configurations = { 0 }, tail;
        size_t at = (size_t)((const uint8_t *)line.p - data.p);
        (void)prq_str_cut(names, '=', &names, &configurations);
        if (names.n == 0 || names.p[0] == '#' || prq_str_eq(names, PRQ_S("empty")))
            continue;
        if (!prq_str_cut(names, ':', &d.group, &tail) ||
            !prq_str_cut(tail, ':', &d.artifact, &d.version) || d.group.n == 0 ||
            d.artifact.n == 0 || d.version.n == 0) {
            prq_loss_add(&j->lost, at, "a line without group:artifact:version");
            continue;
        }
        if (is_for_tests(configurations))
            d.scope = PRQ_S("test");
        if (!put_dep(j, &d, err))
            return false;
        prq_arena_rewind(j->a, mark);
    }
    return true;
}

/* ---- libs.versions.toml */

/* "1.2", or a table whose `strictly`, `require` or `prefer` says one. */
static prq_str rich_version(const struct prq_toml *v)
{
    static const prq_str keys[] = { PRQ_SI("strictly"), PRQ_SI("require"), PRQ_SI("prefer") };
    if (v && v->type == PRQ_TOML_STRING)
        return v->text;
    for (size_t i = 0; i < PRQ_COUNT(keys); i++) {
        prq_str s = prq_toml_string(v, keys[i]);
        if (s.n)
            return s;
    }
    return (prq_str){ 0 };
}

/* What may be anything is no version. */
static prq_str fixed_version(prq_str v)
{
    bool is_range = v.n && (prq_str_find(v, ',') < v.n || prq_str_find(v, '+') == v.n - 1 ||
                            prq_str_find(v, '[') < v.n || prq_str_starts(v, PRQ_S("latest.")));
    return is_range ? (prq_str){ 0 } : v;
}

static bool read_library(const struct prq_toml *versions, const struct prq_toml *lib,
                         struct prq_pom_dep *d)
{
    prq_str module =
        lib->type == PRQ_TOML_STRING ? lib->text : prq_toml_string(lib, PRQ_S("module"));
    const struct prq_toml *v = prq_toml_find(lib, PRQ_S("version"));
    prq_str ref = prq_toml_string(v, PRQ_S("ref"));
    d->group = prq_toml_string(lib, PRQ_S("group"));
    d->artifact = prq_toml_string(lib, PRQ_S("name"));
    d->version = rich_version(ref.n ? prq_toml_find(versions, ref) : v);
    if (module.n) {
        (void)prq_str_cut(module, ':', &d->group, &d->artifact);
        (void)prq_str_cut(d->artifact, ':', &d->artifact, &d->version);
    }
    d->version = fixed_version(d->version);
    return d->group.n && d->artifact.n;
}

static bool run_catalog(struct job *j, prq_bytes data, struct prq_err *err)
{
    const struct prq_toml *doc;
    if (!prq_toml_parse(prq_str_of(data), j->a, j->limits, &doc, err))
        return false;
    const struct prq_toml *versions = prq_toml_find(doc, PRQ_S("versions"));
    const struct prq_toml *libraries = prq_toml_find(doc, PRQ_S("libraries"));
    for (const struct prq_toml *lib = prq_toml_first(libraries); lib; lib = lib->next) {
        struct prq_pom_dep d = { 0 };
        struct prq_mark mark = prq_arena_mark(j->a);
        if (!read_library(versions, lib, &d))
            prq_loss_add(&j->lost, 0, "a library without group and name");
        else if (!put_dep(j, &d, err))
            return false;
        prq_arena_rewind(j->a, mark);
    }
    return true;
}

/* ---- gradle/verification-metadata.xml: all that was ever resolved */

static bool run_verification(struct job *j, prq_bytes data, struct prq_err *err)
{
    struct prq_xml *x;
    struct prq_xml_event e;
    enum prq_next step;
    if (!prq_xml_open(data, j->limits, j->a, &x, err))
        return false;
    while ((step = prq_xml_next(x, &e, err)) == PRQ_NEXT_ITEM) {
        if (e.type != PRQ_XML_START ||
            !prq_str_eq(e.path, PRQ_S("verification-metadata/components/component")))
            continue;
        const struct prq_pom_dep d = {
            .group = prq_xml_attr(&e, PRQ_S("group")),
            .artifact = prq_xml_attr(&e, PRQ_S("name")),
            .version = prq_xml_attr(&e, PRQ_S("version")),
        };
        if (d.group.n == 0 || d.artifact.n == 0)
            prq_loss_add(&j->lost, (size_t)e.at, "a component without group and name");
        else if (!put_dep(j, &d, err))
            return false;
    }
    return step == PRQ_NEXT_END;
}

/* ---- build.sbt.lock */

static void read_configurations(struct prq_json *j, bool *is_for_tests_only)
{
    prq_str one;
    bool any = false, other = false;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_item(j))
        if (prq_json_string_or_skip(j, &one)) {
            any = true;
            other |= !prq_str_eq(one, PRQ_S("test")) && !prq_str_eq(one, PRQ_S("provided"));
        }
    *is_for_tests_only = any && !other;
}

static bool read_sbt_dependency(struct job *job, struct prq_json *j, struct prq_err *err)
{
    struct prq_pom_dep d = { 0 };
    prq_str key;
    bool is_test = false;
    size_t at = j->at;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        prq_loss_add(&job->lost, at, "a dependency that is no object");
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("org")))
            prq_json_string_or_skip(j, &d.group);
        else if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(j, &d.artifact);
        else if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &d.version);
        else if (prq_str_eq(key, PRQ_S("configurations")))
            read_configurations(j, &is_test);
        else
            prq_json_skip(j);
    }
    if (j->bad)
        return true;
    if (is_test)
        d.scope = PRQ_S("test");
    if (d.group.n == 0 || d.artifact.n == 0) {
        prq_loss_add(&job->lost, at, "a dependency without org and name");
        return true;
    }
    return put_dep(job, &d, err);
}

static bool run_sbt(struct job *job, prq_bytes data, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, prq_str_of(data), job->a, job->limits);
    if (!prq_json_enter_object(&j))
        prq_json_skip(&j);
    else
        while (prq_json_key(&j, &key)) {
            if (!prq_str_eq(key, PRQ_S("dependencies")) || !prq_json_enter_array(&j)) {
                prq_json_skip(&j);
                continue;
            }
            while (prq_json_item(&j))
                if (!read_sbt_dependency(job, &j, err))
                    return false;
        }
    return prq_json_end(&j, err);
}

/* ---- */

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    static const struct {
        prq_str end;
        bool (*run)(struct job *j, prq_bytes data, struct prq_err *err);
    } forms[] = {
        { PRQ_SI("pom.xml"), run_pom },   { PRQ_SI(".lockfile"), run_gradle },
        { PRQ_SI(".toml"), run_catalog }, { PRQ_SI(".xml"), run_verification },
        { PRQ_SI(".sbt.lock"), run_sbt },
    };
    struct job j = { .a = ctx->scratch, .limits = ctx->limits, .sink = sink };
    /* A pom inside of an unpacked archive says what the archive was built from. */
    if (prq_str_has(in->file->path, PRQ_S("META-INF/maven/")))
        return true;
    for (size_t i = 0; i < PRQ_COUNT(forms); i++)
        if (prq_str_ends(in->file->path, forms[i].end)) {
            bool is_good = forms[i].run(&j, in->data, err);
            return (prq_loss_report(&j.lost, sink) || prq_sink_full(err)) && is_good;
        }
    return true;
}

const struct prq_analyzer prq_analyzer_javalock = {
    .name = "javalock",
    .purl_type = "maven",
    .summary = "Maven artefacts asked for: pom.xml, Gradle lock files and catalogs, sbt lock files",
    .revision = 1,
    .wants = wants,
    .run = run,
};
