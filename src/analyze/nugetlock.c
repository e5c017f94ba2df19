/* SPDX-License-Identifier: Apache-2.0 */
/* What .NET projects ask for.
 *
 *     packages.lock.json          dependencies{framework{Name: {type, resolved, dependencies}}}
 *     project.assets.json         libraries{"Name/Version": {type: package | project}}
 *     packages.config             <package id version developmentDependency>
 *     *.csproj, *.fsproj, *.vbproj, *Packages.props
 *                                 <PackageReference Include Version>, <PackageVersion …>; Version may
 *                                 be an element, and may name properties of the same file
 *     *.nuspec                    package/metadata/id and version: the package itself
 *     paket.lock                  "    Name (1.2.3)" below NUGET
 *
 * Sources: NuGet's documentation of these files; Paket's of paket.lock; catalog.md 4.8. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "base/map.h"
#include "format/json.h"
#include "lib/xml.h"

#define DECLARED(member, text) \
    { .member = PRQ_SI(text), .max_bytes = PRQ_MIB(64), .modes = PRQ_WANT_SOURCE }

static const struct prq_want wants[] = {
    DECLARED(basename, "packages.lock.json"),
    DECLARED(basename, "project.assets.json"),
    DECLARED(basename, "packages.config"),
    DECLARED(basename, "paket.lock"),
    DECLARED(suffix, ".csproj"),
    DECLARED(suffix, ".fsproj"),
    DECLARED(suffix, ".vbproj"),
    DECLARED(suffix, "Packages.props"),
    DECLARED(suffix, ".nuspec"),
    { .max_bytes = 0 },
};

struct job {
    struct prq_ctx *ctx;
    struct prq_arena *arena;
    struct prq_sink *sink;
    struct prq_loss loss;
};

static bool put(struct job *j, struct prq_package *p, struct prq_err *err)
{
    p->type = PRQ_S("nuget");
    p->flags |= PRQ_PKG_DECLARED;
    return p->name.n == 0 || prq_sink_package(j->sink, p) || prq_sink_full(err);
}

/* ---- JSON */

static bool read_names(struct prq_json *j, struct prq_strs *out, struct prq_arena *a)
{
    prq_str name;
    size_t cap = 0;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    bool ok = true;
    while (prq_json_key(j, &name)) {
        prq_json_skip(j);
        ok = ok && prq_strs_add(out, &cap, name, a);
    }
    return ok;
}

static bool read_locked(struct job *job, struct prq_json *j, prq_str name, struct prq_err *err)
{
    struct prq_package p = { .name = name };
    prq_str key, type = { 0 };
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("type")))
            prq_json_string_or_skip(j, &type);
        else if (prq_str_eq(key, PRQ_S("resolved")))
            prq_json_string_or_skip(j, &p.version);
        else if (!prq_str_eq(key, PRQ_S("dependencies")))
            prq_json_skip(j);
        else if (!read_names(j, &p.depends, job->arena))
            return prq_fail(err, PRQ_E_LIMIT, "too many dependencies");
    }
    if (prq_str_ieq(type, PRQ_S("Project")))
        p.flags = PRQ_PKG_APPLICATION;
    return j->bad || put(job, &p, err);
}

static bool read_frameworks(struct job *job, struct prq_json *j, struct prq_err *err)
{
    prq_str framework, name;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &framework)) {
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_key(j, &name))
            if (!read_locked(job, j, name, err))
                return false;
    }
    return true;
}

/* "Name/Version": {type} */
static bool read_libraries(struct job *job, struct prq_json *j, struct prq_err *err)
{
    prq_str name, key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &name)) {
        struct prq_package p = { 0 };
        prq_str type = { 0 };
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_key(j, &key))
            if (prq_str_eq(key, PRQ_S("type")))
                prq_json_string_or_skip(j, &type);
            else
                prq_json_skip(j);
        if (!prq_str_rcut(name, '/', &p.name, &p.version))
            p.name = name;
        if (prq_str_ieq(type, PRQ_S("project")))
            p.flags = PRQ_PKG_APPLICATION;
        if (!j->bad && !put(job, &p, err))
            return false;
    }
    return true;
}

static bool read_json(struct job *job, prq_bytes data, bool is_assets, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, prq_str_of(data), job->arena, job->ctx->limits);
    if (!prq_json_enter_object(&j)) {
        prq_json_skip(&j);
        return prq_json_end(&j, err) && prq_fail_at(err, PRQ_E_FORMAT, 0, "lock file is not an object");
    }
    while (prq_json_key(&j, &key)) {
        bool ok = true;
        if (!is_assets && prq_str_eq(key, PRQ_S("dependencies")))
            ok = read_frameworks(job, &j, err);
        else if (is_assets && prq_str_eq(key, PRQ_S("libraries")))
            ok = read_libraries(job, &j, err);
        else
            prq_json_skip(&j);
        if (!ok)
            return false;
    }
    return prq_json_end(&j, err);
}

/* ---- XML */

/* A project file as it is read: properties by name, and the reference whose elements are open. */
struct project {
    struct prq_map index;
    prq_str *values;
    size_t count, cap;
    prq_str name, version; /* of the open reference */
    bool is_dev;
};

/* Names of properties are case-insensitive. p == NULL when memory ran out. */
static prq_str lower(prq_str s, struct prq_arena *a)
{
    char *p = prq_arena_alloc(a, s.n ? s.n : 1);
    for (size_t i = 0; p && i < s.n; i++)
        p[i] = prq_to_lower(s.p[i]);
    return (prq_str){ p, p ? s.n : 0 };
}

static bool set_property(struct job *job, struct project *x, prq_str name, prq_str value)
{
    prq_str key = lower(name, job->arena);
    bool added;
    size_t *at = key.p ? prq_map_put(&x->index, key, x->count, &added) : NULL;
    if (!at || (added && !prq_arena_grow(job->arena, &x->values, sizeof *x->values, &x->cap,
                                         x->count + 1)))
        return false;
    if (added)
        x->count++;
    x->values[*at] = value;
    return true;
}

/* "1.2.3", "[1.2.3]", "$(LibVersion)", "$(Major).2.3" to a version; empty for ranges, floating
 * versions and properties of other files. */
static prq_str version_of(struct job *job, const struct project *x, prq_str text)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(1));
    text = prq_str_trim(text);
    for (unsigned hops = 0; hops < 8 && prq_str_has(text, PRQ_S("$(")); hops++) {
        size_t at = prq_str_search(text, PRQ_S("$("));
        prq_str rest = prq_str_from_at(text, at + 2), name;
        if (!prq_str_cut(rest, ')', &name, &rest))
            return (prq_str){ 0 };
        prq_str key = lower(name, job->arena);
        const size_t *value = key.p ? prq_map_find(&x->index, key) : NULL;
        if (!value)
            return (prq_str){ 0 };
        b.n = 0;
        prq_buf_str(&b, prq_str_head(text, at));
        prq_buf_str(&b, prq_str_trim(x->values[*value]));
        prq_buf_str(&b, rest);
        text = b.bad ? (prq_str){ 0 } : prq_arena_copy(job->arena, prq_buf_view(&b));
    }
    if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
        text = prq_str_trim((prq_str){ text.p + 1, text.n - 2 });
    for (size_t i = 0; i < text.n; i++)
        if (strchr("*,[]()$ ", text.p[i]) || text.p[i] == '\0')
            return (prq_str){ 0 };
    return text;
}

static bool is_reference(prq_str name)
{
    static const prq_str words[] = { PRQ_SI("PackageReference"), PRQ_SI("PackageVersion"),
                                     PRQ_SI("GlobalPackageReference"),
                                     PRQ_SI("PackageDownload") };
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_eq(name, words[i]))
            return true;
    return false;
}

static prq_str first_of(const struct prq_xml_event *e, const char *const *names)
{
    prq_str value = { 0 };
    for (; *names && value.n == 0; names++)
        value = prq_xml_attr(e, prq_str_from(*names));
    return value;
}

static void open_reference(struct project *x, const struct prq_xml_event *e)
{
    static const char *const names[] = { "Include", "Update", NULL };
    static const char *const versions[] = { "VersionOverride", "Version", "version", NULL };
    x->name = prq_str_trim(first_of(e, names));
    x->version = first_of(e, versions);
    /* What is only built with: its files do not go into the program. */
    x->is_dev = prq_str_ieq(prq_str_trim(prq_xml_attr(e, PRQ_S("PrivateAssets"))), PRQ_S("all"));
}

/* A reference without a version has one elsewhere (central package management): that file lists it.
 * One whose version is a riddle is listed without. */
static bool close_reference(struct job *job, struct project *x, struct prq_err *err)
{
    struct prq_package p = { .name = x->name, .flags = x->is_dev ? PRQ_PKG_DEV : 0 };
    bool has_text = prq_str_trim(x->version).n > 0;
    p.version = version_of(job, x, x->version);
    x->name = (prq_str){ 0 };
    return !has_text || put(job, &p, err);
}

static bool project_event(struct job *job, struct project *x, const struct prq_xml_event *e,
                          struct prq_err *err)
{
    if (e->type == PRQ_XML_START && is_reference(e->name)) {
        open_reference(x, e);
        return true;
    }
    if (e->type != PRQ_XML_END)
        return true;
    if (is_reference(e->name))
        return close_reference(job, x, err);
    if (x->name.n && (prq_str_eq(e->name, PRQ_S("Version")) ||
                      prq_str_eq(e->name, PRQ_S("VersionOverride"))))
        x->version = e->text;
    else if (x->name.n && prq_str_eq(e->name, PRQ_S("PrivateAssets")))
        x->is_dev = prq_str_ieq(prq_str_trim(e->text), PRQ_S("all"));
    else if (prq_str_has(e->path, PRQ_S("PropertyGroup/")) &&
             !set_property(job, x, e->name, e->text))
        return prq_fail(err, PRQ_E_LIMIT, "too many properties");
    return true;
}

static bool config_event(struct job *job, const struct prq_xml_event *e, struct prq_err *err)
{
    if (e->type != PRQ_XML_START || !prq_str_eq(e->path, PRQ_S("packages/package")))
        return true;
    struct prq_package p = { .name = prq_str_trim(prq_xml_attr(e, PRQ_S("id"))),
                             .version = prq_str_trim(prq_xml_attr(e, PRQ_S("version"))) };
    if (prq_str_ieq(prq_xml_attr(e, PRQ_S("developmentDependency")), PRQ_S("true")))
        p.flags = PRQ_PKG_DEV;
    if (p.name.n == 0)
        prq_loss_add(&job->loss, (size_t)e->at, "package without an id");
    return put(job, &p, err);
}

struct nuspec {
    prq_str id, version, license;
};

static void nuspec_event(struct nuspec *s, const struct prq_xml_event *e)
{
    if (e->type != PRQ_XML_END)
        return;
    if (prq_str_eq(e->path, PRQ_S("package/metadata/id")))
        s->id = e->text;
    else if (prq_str_eq(e->path, PRQ_S("package/metadata/version")))
        s->version = e->text;
    else if (prq_str_eq(e->path, PRQ_S("package/metadata/license")) &&
             prq_str_eq(prq_xml_attr(e, PRQ_S("type")), PRQ_S("expression")))
        s->license = e->text;
}

/* "$id$" is filled in when the package is made. */
static bool put_nuspec(struct job *job, struct nuspec *s, struct prq_err *err)
{
    if (s->id.n == 0 || s->id.p[0] == '$')
        return true;
    struct prq_package p = { .name = s->id, .flags = PRQ_PKG_APPLICATION,
                             .licenses = { &s->license, s->license.n ? 1 : 0 } };
    if (s->version.n && !prq_str_has(s->version, PRQ_S("$")))
        p.version = s->version;
    return put(job, &p, err);
}

enum xml_kind { CONFIG, NUSPEC, PROJECT };

static bool read_xml(struct job *job, prq_bytes data, enum xml_kind kind, struct prq_err *err)
{
    struct prq_xml *x;
    struct prq_xml_event e;
    struct project project = { 0 };
    struct nuspec nuspec = { 0 };
    enum prq_next step;
    prq_map_init(&project.index, job->arena);
    if (!prq_xml_open(data, job->ctx->limits, job->arena, &x, err))
        return false;
    while ((step = prq_xml_next(x, &e, err)) == PRQ_NEXT_ITEM) {
        if (kind == NUSPEC)
            nuspec_event(&nuspec, &e);
        else if (kind == CONFIG ? !config_event(job, &e, err)
                                : !project_event(job, &project, &e, err))
            return false;
    }
    return step == PRQ_NEXT_END && (kind != NUSPEC || put_nuspec(job, &nuspec, err));
}

/* ---- paket.lock: a section is a line without indent; packages have 4 blanks, what they need 6 */

static size_t indent_of(prq_str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static bool read_paket(struct job *job, prq_str text, struct prq_err *err)
{
    prq_str line, name, rest, version;
    bool is_nuget = false;
    const char *start = text.p;
    while (prq_str_split(&text, '\n', &line)) {
        size_t at = (size_t)(line.p - start), indent = indent_of(line);
        line = prq_str_trim(line);
        if (line.n == 0)
            continue;
        if (indent == 0)
            is_nuget = prq_str_eq(line, PRQ_S("NUGET"));
        if (!is_nuget || indent != 4)
            continue;
        if (!prq_str_cut(line, '(', &name, &rest) || !prq_str_cut(rest, ')', &version, &rest)) {
            prq_loss_add(&job->loss, at, "package without a version");
            continue;
        }
        struct prq_package p = { .name = prq_str_trim(name), .version = prq_str_trim(version) };
        if (!put(job, &p, err))
            return false;
    }
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct job job = { .ctx = ctx, .arena = ctx->scratch, .sink = sink };
    prq_str base = prq_path_base(in->file->path);
    bool ok;
    if (prq_str_eq(base, PRQ_S("packages.lock.json")))
        ok = read_json(&job, in->data, false, err);
    else if (prq_str_eq(base, PRQ_S("project.assets.json")))
        ok = read_json(&job, in->data, true, err);
    else if (prq_str_eq(base, PRQ_S("paket.lock")))
        ok = read_paket(&job, prq_str_of(in->data), err);
    else if (prq_str_eq(base, PRQ_S("packages.config")))
        ok = read_xml(&job, in->data, CONFIG, err);
    else
        ok = read_xml(&job, in->data, prq_str_ends(base, PRQ_S(".nuspec")) ? NUSPEC : PROJECT, err);
    if (!prq_loss_report(&job.loss, sink))
        return prq_sink_full(err);
    return ok;
}

const struct prq_analyzer prq_analyzer_nugetlock = {
    .name = "nugetlock",
    .purl_type = "nuget",
    .summary = ".NET packages asked for: packages.lock.json, packages.config, project files, paket.lock",
    .revision = 1,
    .wants = wants,
    .run = run,
};
