/* SPDX-License-Identifier: Apache-2.0 */
/* .NET programs: NAME.deps.json beside them, or inside a single-file program; the shared frameworks.
 *
 *     runtimeTarget.name   the key of "targets" that counts
 *     targets{T{"Name/Version": {dependencies, runtime, native, resources, runtimeTargets}}}
 *     libraries{"Name/Version": {type: project | package | reference | runtimepack}}
 *
 * A package whose target entry brings no file was needed for the build only. Which files it brings is
 * told in a note ("dotnet-deps": a pair a package, "Name/Version" and the files, a line each), for only
 * the merged image shows whether they are there (scan/assemblies.h).
 *
 * An assembly that no deps.json tells of speaks for itself, by its version resource.
 * Sources: the .NET runtime's "runtime-configuration-file" document; catalog.md 4.8. */
#include "analyze/analyze.h"
#include "analyze/assembly.h"
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
    struct prq_strs assets;
    size_t asset_cap;
    bool is_target, is_library;
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

/* {"lib/x.dll": {…}}. "lib/_._" stands for no file at all. */
static void read_assets(struct deps *d, struct entry *e)
{
    prq_str key;
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return;
    }
    while (prq_json_key(&d->j, &key)) {
        prq_json_skip(&d->j);
        if (prq_str_eq(prq_path_base(key), PRQ_S("_._")))
            continue;
        if (!prq_strs_add(&e->assets, &e->asset_cap, key, d->arena))
            d->is_full = true;
    }
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
    struct entry read = { 0 };
    if (!prq_json_enter_object(&d->j)) {
        prq_json_skip(&d->j);
        return;
    }
    while (prq_json_key(&d->j, &key)) {
        if (prq_str_eq(key, PRQ_S("dependencies")))
            read_depends(d, &read);
        else if (is_assets(key))
            read_assets(d, e);
        else
            prq_json_skip(&d->j);
    }
    e->is_target = true;
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
            if (chosen && !e->is_chosen) /* another target's files do not count */
                e->assets.n = 0;
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
    return !e->is_target || e->assets.n > 0;
}

/* Name, version and flags of what an entry is; false for what is no package. */
static bool read_entry(const struct deps *d, const struct entry *e, struct prq_package *p)
{
    static const prq_str pack = PRQ_SI("runtimepack.");
    bool is_project = prq_str_eq(e->type, PRQ_S("project"));
    bool is_pack = prq_str_eq(e->type, PRQ_S("runtimepack"));
    bool is_package = e->type.n == 0 || prq_str_eq(e->type, PRQ_S("package"));
    if (!is_project && !is_pack && !is_package) /* "reference": a file beside it, from nowhere */
        return false;
    if (!prq_str_rcut(e->key, '/', &p->name, &p->version) || p->name.n == 0)
        return false;
    if (is_pack && prq_str_starts(p->name, pack))
        p->name = prq_str_from_at(p->name, pack.n);
    if (is_project)
        p->flags = PRQ_PKG_APPLICATION;
    return is_project || is_shipped(d, e);
}

static bool put_entry(const struct deps *d, const struct entry *e, prq_str inside,
                      struct prq_sink *sink, struct prq_err *err)
{
    struct prq_package p = { .type = PRQ_S("nuget"), .depends = e->depends };
    struct prq_evidence place = { .path = inside };
    if (inside.n) {
        p.evidence = &place;
        p.evidence_count = 1;
    }
    if (!read_entry(d, e, &p))
        return true;
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* The files of an entry, a line each; a name with a line feed in it is none that a tool writes. */
static prq_str join_assets(const struct entry *e, struct prq_arena *a)
{
    size_t room = 1, n = 0;
    for (size_t i = 0; i < e->assets.n; i++)
        room += e->assets.v[i].n + 1;
    char *text = prq_arena_raw(a, room);
    for (size_t i = 0; text && i < e->assets.n; i++) {
        prq_str one = e->assets.v[i];
        if (one.n == 0 || prq_str_find(one, '\n') < one.n)
            continue;
        if (n)
            text[n++] = '\n';
        memcpy(text + n, one.p, one.n);
        n += one.n;
    }
    return (prq_str){ text, n };
}

/* Of those that bring files: what is told of the files of the other targets is no matter. */
static bool put_note(const struct deps *d, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_pair *pairs = prq_new_n(d->arena, struct prq_pair, d->count + 1);
    size_t n = 0;
    if (!pairs)
        return prq_fail(err, PRQ_E_LIMIT, "too many libraries");
    for (size_t i = 0; i < d->count; i++) {
        struct prq_package p = { .name = { 0 } };
        const struct entry *e = &d->entries[i];
        if (!e->assets.n || (d->has_target && !e->is_chosen) || !read_entry(d, e, &p))
            continue;
        bool is_project = p.flags & PRQ_PKG_APPLICATION;
        pairs[n].key = prq_arena_printf(d->arena, "%s%.*s/%.*s", is_project ? "project:" : "",
                                        PRQ_FMT(p.name), PRQ_FMT(p.version));
        pairs[n].value = join_assets(e, d->arena);
        if (!pairs[n].key.p || !pairs[n].value.p)
            return prq_fail(err, PRQ_E_LIMIT, "too many libraries");
        n++;
    }
    return n == 0 || prq_sink_note(sink, PRQ_S("dotnet-deps"), pairs, n) || prq_sink_full(err);
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
    /* A single-file program holds its files itself. */
    return (inside.n || d.is_full || put_note(&d, sink, ok ? err : NULL)) && ok;
}

/* ---- assemblies */

/* What only compilers read (a targeting pack's "ref" folder), and translations of another assembly. */
static bool is_without_code(prq_str path)
{
    return (prq_str_has(path, PRQ_S("/packs/")) && prq_str_has(path, PRQ_S(".Ref/"))) ||
           prq_str_ends(path, PRQ_S(".resources.dll"));
}

static bool put_assembly(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct prq_exe exe;
    struct prq_peversion v;
    /* Broken headers are a gap of the analyzers that read every program. */
    if (!prq_exe_open(in->data, ctx->scratch, &exe, NULL) || !prq_peversion_is_managed(&exe) ||
        is_without_code(in->file->path))
        return true;
    bool ok = prq_peversion_read(in->data, &exe, ctx->scratch, &v, err);
    struct prq_package p = { .type = PRQ_S("nuget"), .flags = PRQ_PKG_GUESSED,
                             .name = prq_assembly_name(&v, ctx->scratch),
                             .version = prq_assembly_version(&v, ctx->scratch) };
    if (p.name.n && p.version.n && !prq_sink_package(sink, &p))
        return prq_sink_full(err);
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
    if (prq_str_starts(prq_str_of(in->data), PRQ_S("MZ")) && !put_assembly(ctx, in, sink, err))
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
    .summary = ".NET libraries of programs and frameworks: *.deps.json, single-file programs, "
               "assemblies",
    .revision = 2,
    .wants = wants,
    .run = run,
};
