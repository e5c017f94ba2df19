/* SPDX-License-Identifier: Apache-2.0 */
/* .NET programs: NAME.deps.json beside them, or inside a single-file program; the shared frameworks.
 *
 *     runtimeTarget.name   the key of "targets" that counts
 *     targets{T{"Name/Version": {dependencies, runtime, native, resources, runtimeTargets}}}
 *     libraries{"Name/Version": {type: project | package | reference | runtimepack}}
 *
 * A package whose target entry brings no file was needed for the build only.
 * Sources: the .NET runtime's "runtime-configuration-file" document; catalog.md 4.8. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "base/map.h"
#include "format/json.h"
#include "format/netbundle.h"

static const prq_str executables[] = {
    PRQ_SI("\x7f" "ELF"),
    PRQ_SI("MZ"),
    PRQ_SI("\xcf\xfa\xed\xfe"),
    { 0 },
};

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".deps.json"), .max_bytes = PRQ_MIB(64) },
    { .magics = executables, .max_bytes = PRQ_GIB(4) },
    { .max_bytes = 0 },
};

/* One "Name/Version" of the file. */
struct entry {
    prq_str key, type;
    struct prq_strs depends;
    size_t depend_cap;
    bool is_target, has_assets, is_library;
    bool is_chosen; /* from the target that counts */
};

struct deps {
    struct prq_json j;
    struct prq_arena *arena;
    struct prq_map index;
    struct entry *entries;
    size_t count, cap;
    prq_str target; /* runtimeTarget.name */
    bool has_target;
    bool is_full;
};

static struct entry *entry_of(struct deps *d, prq_str key)
{
    bool added;
    size_t *at = prq_map_put(&d->index, key, d->count, &added);
    if (!at || (added && !prq_arena_grow(d->arena, &d->entries, sizeof *d->entries, &d->cap,
                                         d->count + 1))) {
        d->is_full = true;
        return NULL;
    }
    if (added)
        d->entries[d->count++] = (struct entry){ .key = key };
    return &d->entries[*at];
}

static void read_depends(struct deps *d, struct entry *e)
{
    prq_str name;
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return;
    }
    while (prq_json_key(&d->j, &name)) {
        prq_json_skip(&d->j);
        if (!prq_strs_add(&e->depends, &e->depend_cap, name, d->arena))
            d->is_full = true;
    }
}

/* {"lib/x.dll": {…}}: is there any? */
static bool has_members(struct prq_json *j)
{
    prq_str key;
    bool any = false;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return false;
    }
    while (prq_json_key(j, &key)) {
        prq_json_skip(j);
        any = true;
    }
    return any;
}

static bool is_assets(prq_str key)
{
    static const prq_str words[] = { PRQ_SI("runtime"), PRQ_SI("runtimeTargets"), PRQ_SI("native"),
                                     PRQ_SI("resources") };
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_eq(key, words[i]))
            return true;
    return false;
}

static void read_target_entry(struct deps *d, struct entry *e)
{
    prq_str key;
    bool has_assets = false;
    struct entry read = { 0 };
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return;
    }
    while (prq_json_key(&d->j, &key)) {
        if (prq_str_eq(key, PRQ_S("dependencies")))
            read_depends(d, &read);
        else if (is_assets(key))
            has_assets |= has_members(&d->j);
        else
            prq_json_skip(&d->j);
    }
    e->is_target = true;
    e->has_assets |= has_assets;
    if (!e->depends.n)
        e->depends = read.depends;
}

static bool is_chosen(const struct deps *d, prq_str name)
{
    return d->target.n && prq_str_eq(name, d->target);
}

static void read_targets(struct deps *d)
{
    prq_str name, key;
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return;
    }
    while (prq_json_key(&d->j, &name)) {
        if (!prq_json_enter_object(&d->j)) {
            prq_json_skip(&d->j);
            continue;
        }
        bool chosen = is_chosen(d, name);
        d->has_target |= chosen;
        while (prq_json_key(&d->j, &key)) {
            struct entry *e = entry_of(d, key);
            if (!e) {
                prq_json_skip(&d->j);
                continue;
            }
            e->is_chosen |= chosen;
            read_target_entry(d, e);
        }
    }
}

static void read_libraries(struct deps *d)
{
    prq_str name, key;
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return;
    }
    while (prq_json_key(&d->j, &name)) {
        struct entry *e = entry_of(d, name);
        prq_str type = { 0 };
        if (!e || !prq_json_enter_object(&d->j)) {
            prq_json_skip(&d->j);
            continue;
        }
        while (prq_json_key(&d->j, &key))
            if (prq_str_eq(key, PRQ_S("type")))
                prq_json_string_or_skip(&d->j, &type);
            else
                prq_json_skip(&d->j);
        e->is_library = true;
        e->type = type;
    }
}

/* {"name": "…"} or, of early files, the name itself. */
static void read_runtime_target(struct deps *d)
{
    prq_str key;
    if (!prq_json_enter_object(&d->j)) {
        prq_json_string_or_skip(&d->j, &d->target);
        return;
    }
    while (prq_json_key(&d->j, &key))
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(&d->j, &d->target);
        else
            prq_json_skip(&d->j);
}

static bool read_deps(struct deps *d, struct prq_err *err)
{
    prq_str key;
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return prq_json_end(&d->j, err) &&
               prq_fail_at(err, PRQ_E_FORMAT, 0, "deps.json is not an object");
    }
    while (prq_json_key(&d->j, &key)) {
        if (prq_str_eq(key, PRQ_S("runtimeTarget")))
            read_runtime_target(d);
        else if (prq_str_eq(key, PRQ_S("targets")))
            read_targets(d);
        else if (prq_str_eq(key, PRQ_S("libraries")))
            read_libraries(d);
        else
            prq_json_skip(&d->j);
    }
    if (d->is_full)
        return prq_fail(err, PRQ_E_LIMIT, "too many libraries");
    return prq_json_end(&d->j, err);
}

/* Does the library go into the program? What no target lists is taken at its word. */
static bool is_shipped(const struct deps *d, const struct entry *e)
{
    if (d->has_target && e->is_target && !e->is_chosen)
        return false;
    return !e->is_target || e->has_assets;
}

static bool put_entry(const struct deps *d, const struct entry *e, prq_str inside,
                      struct prq_sink *sink, struct prq_err *err)
{
    static const prq_str pack = PRQ_SI("runtimepack.");
    struct prq_package p = { .type = PRQ_S("nuget"), .depends = e->depends };
    struct prq_evidence place = { .path = inside };
    if (inside.n) {
        p.evidence = &place;
        p.evidence_count = 1;
    }
    bool is_project = prq_str_eq(e->type, PRQ_S("project"));
    bool is_pack = prq_str_eq(e->type, PRQ_S("runtimepack"));
    bool is_package = e->type.n == 0 || prq_str_eq(e->type, PRQ_S("package"));
    if (!is_project && !is_pack && !is_package) /* "reference": a file beside it, from nowhere */
        return true;
    if (!prq_str_rcut(e->key, '/', &p.name, &p.version) || p.name.n == 0)
        return true;
    if (is_pack && prq_str_starts(p.name, pack))
        p.name = prq_str_from_at(p.name, pack.n);
    if (is_project)
        p.flags = PRQ_PKG_APPLICATION;
    else if (!is_shipped(d, e))
        return true;
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* ---- shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json */

static const struct {
    prq_str name;
    const char *product;
} frameworks[] = {
    { PRQ_SI("Microsoft.NETCore.App"), ".net" },
    { PRQ_SI("Microsoft.AspNetCore.App"), "asp.net_core" },
    { PRQ_SI("Microsoft.WindowsDesktop.App"), ".net" },
};

static bool put_framework(prq_str path, struct prq_arena *a, struct prq_sink *sink,
                          struct prq_err *err)
{
    prq_str rest, file, version, name, above;
    if (!prq_str_rcut(path, '/', &rest, &file) || !prq_str_rcut(rest, '/', &rest, &version) ||
        !prq_str_rcut(rest, '/', &rest, &name) || version.n == 0 || !prq_is_digit(version.p[0]))
        return true;
    above = prq_path_base(rest);
    if (!prq_str_eq(above, PRQ_S("shared")) || !prq_str_starts(file, name) ||
        file.n != name.n + strlen(".deps.json"))
        return true;
    for (size_t i = 0; i < PRQ_COUNT(frameworks); i++) {
        if (!prq_str_eq(name, frameworks[i].name))
            continue;
        prq_str cpe = prq_arena_printf(a, "cpe:2.3:a:microsoft:%s:%.*s:*:*:*:*:*:*:*",
                                       frameworks[i].product, PRQ_FMT(version));
        const struct prq_package p = { .type = PRQ_S("nuget"), .name = name, .version = version,
                                       .cpes = { &cpe, cpe.p ? 1 : 0 } };
        return prq_sink_package(sink, &p) || prq_sink_full(err);
    }
    return true;
}

static bool read_document(struct prq_ctx *ctx, prq_bytes text, prq_str inside, struct prq_sink *sink,
                          struct prq_err *err)
{
    struct deps d = { .arena = ctx->scratch };
    prq_json_init(&d.j, prq_str_of(text), ctx->scratch, ctx->limits);
    prq_map_init(&d.index, ctx->scratch);
    bool ok = read_deps(&d, err);
    for (size_t i = 0; i < d.count; i++) /* of a broken file, what stood before the fault */
        if (!put_entry(&d, &d.entries[i], inside, sink, err))
            return false;
    return ok;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str path = in->file->path, inside;
    if (prq_str_ends(path, PRQ_S(".deps.json")))
        return put_framework(path, ctx->scratch, sink, err) &&
               read_document(ctx, in->data, (prq_str){ 0 }, sink, err);
    prq_bytes deps;
    if (!prq_netbundle_deps(in->data, &deps, err))
        return false;
    if (deps.n == 0)
        return true;
    inside = prq_arena_printf(ctx->scratch, "%.*s!/%.*s.deps.json", PRQ_FMT(path),
                              PRQ_FMT(prq_path_base(path)));
    if (!inside.p)
        return prq_fail(err, PRQ_E_LIMIT, "no room for a path");
    return read_document(ctx, deps, inside, sink, err);
}

const struct prq_analyzer prq_analyzer_dotnet = {
    .name = "dotnet",
    .purl_type = "nuget",
    .summary = ".NET libraries of programs and frameworks: *.deps.json, single-file programs",
    .revision = 1,
    .wants = wants,
    .run = run,
};
