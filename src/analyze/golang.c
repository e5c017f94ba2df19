/* SPDX-License-Identifier: Apache-2.0 */
/* Go executables: the modules that went in, the main module, and the standard library.
 * Sources: packages debug/buildinfo and runtime/debug of Go; `go version -m`; catalog.md 4.4. */
#include "analyze/analyze.h"
#include "format/buildinfo.h"
#include "format/upx.h"

/* A Java class file has a fat file's first four bytes, so the count of slices is part of the magic. */
static const prq_str magics[] = {
    PRQ_SI("\x7f" "ELF"),
    PRQ_SI("MZ"),
    PRQ_SI("\xfe\xed\xfa\xce"),
    PRQ_SI("\xfe\xed\xfa\xcf"),
    PRQ_SI("\xce\xfa\xed\xfe"),
    PRQ_SI("\xcf\xfa\xed\xfe"),
    PRQ_SI("\xca\xfe\xba\xbe\0\0\0\1"),
    PRQ_SI("\xca\xfe\xba\xbe\0\0\0\2"),
    PRQ_SI("\xca\xfe\xba\xbe\0\0\0\3"),
    PRQ_SI("\xca\xfe\xba\xbe\0\0\0\4"),
    PRQ_SI("\xca\xfe\xba\xbf\0\0\0\1"),
    PRQ_SI("\xca\xfe\xba\xbf\0\0\0\2"),
    PRQ_SI("\xca\xfe\xba\xbf\0\0\0\3"),
    { 0 },
};

static const struct prq_want wants[] = {
    { .magics = magics, .max_bytes = PRQ_GIB(4), .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

struct module {
    prq_str path, version;
    bool is_replaced, is_local; /* local: replaced by a directory */
};

struct build {
    prq_str main_package;
    struct module main;
    bool has_main;
    struct module *deps;
    size_t dep_count, dep_cap;
    prq_str goos, goarch, ldflags, vcs_revision, vcs_time;
};

/* ---- versions */

/* Digits at the front; how many. */
static size_t digits(prq_str s)
{
    size_t n = 0;
    while (n < s.n && prq_is_digit(s.p[n]))
        n++;
    return n;
}

/* [v]N.N[.N…] and then nothing, or a pre-release or build part: [-+][0-9A-Za-z.+-]… */
static bool looks_semver(prq_str s)
{
    if (s.n && s.p[0] == 'v')
        s = prq_str_from_at(s, 1);
    unsigned parts = 0;
    for (;;) {
        size_t n = digits(s);
        if (n == 0)
            return false;
        parts++;
        s = prq_str_from_at(s, n);
        if (s.n == 0 || s.p[0] != '.')
            break;
        s = prq_str_from_at(s, 1);
    }
    if (parts < 2 || (s.n && s.p[0] != '-' && s.p[0] != '+'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '+')
            return false;
    return s.n != 1;
}

/* …-yyyymmddhhmmss-abcdefabcdef, perhaps with +dirty. Source: go.dev/ref/mod, "Pseudo-versions". */
static bool is_pseudo(prq_str v)
{
    prq_str base, rest;
    if (prq_str_cut(v, '+', &base, &rest))
        v = base;
    prq_str before, hash;
    if (!prq_str_rcut(v, '-', &before, &hash) || hash.n != 12 || before.n < 15)
        return false;
    prq_str time = prq_str_from_at(before, before.n - 14);
    char sep = before.p[before.n - 15];
    return digits(time) == 14 && (sep == '-' || sep == '.');
}

static bool is_devel(prq_str v)
{
    return v.n == 0 || prq_str_eq(v, PRQ_S("(devel)"));
}

/* "2023-01-02T15:04:05Z" and a revision to a pseudo-version. */
static prq_str pseudo_of(const struct build *b, struct prq_arena *a)
{
    static const unsigned char at[] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };
    prq_str t = b->vcs_time;
    char stamp[sizeof at];
    if (b->vcs_revision.n < 12 || t.n != 20 || t.p[19] != 'Z')
        return (prq_str){ 0 };
    for (size_t i = 0; i < sizeof at; i++) {
        if (!prq_is_digit(t.p[at[i]]))
            return (prq_str){ 0 };
        stamp[i] = t.p[at[i]];
    }
    for (size_t i = 0; i < 12; i++)
        if (prq_hex_value(b->vcs_revision.p[i]) < 0)
            return (prq_str){ 0 };
    return prq_arena_printf(a, "v0.0.0-%.*s-%.12s", (int)sizeof stamp, stamp, b->vcs_revision.p);
}

/* ---- -ldflags "-X importpath.name=value": what the build said the version is */

static bool is_among(prq_str s, const prq_str *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_ieq(s, words[i]))
            return true;
    return false;
}

static bool is_version_name(prq_str name)
{
    static const prq_str prefixes[] = { PRQ_SI("release"), PRQ_SI("git"), PRQ_SI("build"),
                                        PRQ_SI("app") };
    static const prq_str words[] = { PRQ_SI("version"), PRQ_SI("ver"), PRQ_SI("tag") };
    for (size_t i = 0; i < PRQ_COUNT(prefixes); i++) {
        if (name.n > prefixes[i].n && prq_str_ieq(prq_str_head(name, prefixes[i].n), prefixes[i])) {
            name = prq_str_from_at(name, prefixes[i].n);
            if (name.n > 1 && name.p[0] == '_')
                name = prq_str_from_at(name, 1);
            break;
        }
    }
    return is_among(name, words, PRQ_COUNT(words));
}

enum { RANKS = 4 };

/* How well the variable speaks for the main module: 0 best, RANKS not at all. */
static unsigned rank_of(prq_str package, prq_str name, prq_str module)
{
    static const prq_str usual[] = { PRQ_SI("main"), PRQ_SI("common"), PRQ_SI("version"),
                                     PRQ_SI("cmd") };
    if (!is_version_name(name))
        return RANKS;
    prq_str below = { 0 };
    bool inside = prq_str_eq(package, PRQ_S("main"));
    if (module.n && prq_str_starts(package, module)) {
        below = prq_str_from_at(package, module.n);
        inside = inside || below.n == 0 || below.p[0] == '/';
    }
    bool is_usual = is_among(prq_path_base(package), usual, PRQ_COUNT(usual));
    if (!inside)
        return is_usual ? 3 : RANKS;
    if (prq_str_starts(below, PRQ_S("/cmd/")))
        return 0;
    return is_usual ? 1 : 2;
}

/* The next word of a flag list: words are separated by white space and may be quoted whole, by '
 * or ", without escapes. Source: cmd/internal/quoted of Go. */
static bool next_flag(prq_str *rest, prq_str *out)
{
    prq_str s = *rest;
    while (s.n && prq_is_space(s.p[0]))
        s = prq_str_from_at(s, 1);
    if (s.n == 0)
        return false;
    size_t n = 0;
    if (s.p[0] == '\'' || s.p[0] == '"') {
        prq_str in = prq_str_from_at(s, 1);
        n = prq_str_find(in, s.p[0]);
        *out = prq_str_head(in, n);
        *rest = prq_str_from_at(in, n + 1);
        return true;
    }
    while (n < s.n && !prq_is_space(s.p[n]))
        n++;
    *out = prq_str_head(s, n);
    *rest = prq_str_from_at(s, n);
    return true;
}

/* The value of -X in either form, else empty. */
static prq_str define_of(prq_str flag, prq_str *rest)
{
    prq_str value = { 0 };
    if (prq_str_starts(flag, PRQ_S("--")))
        flag = prq_str_from_at(flag, 1);
    if (prq_str_eq(flag, PRQ_S("-X")))
        return next_flag(rest, &value) ? value : (prq_str){ 0 };
    if (prq_str_starts(flag, PRQ_S("-X=")))
        return prq_str_from_at(flag, 3);
    return value;
}

static prq_str version_of_ldflags(prq_str flags, prq_str module)
{
    prq_str best[RANKS] = { 0 }, flag;
    bool ambiguous[RANKS] = { false };
    while (next_flag(&flags, &flag)) {
        prq_str key, value, package, name;
        if (!prq_str_cut(define_of(flag, &flags), '=', &key, &value) ||
            !prq_str_rcut(key, '.', &package, &name) || !looks_semver(value))
            continue;
        unsigned rank = rank_of(package, name, module);
        if (rank == RANKS)
            continue;
        if (best[rank].n && !prq_str_eq(best[rank], value))
            ambiguous[rank] = true;
        best[rank] = value;
    }
    for (unsigned i = 0; i < RANKS; i++)
        if (best[i].n)
            return ambiguous[i] ? (prq_str){ 0 } : best[i];
    return (prq_str){ 0 };
}

static prq_str main_version(const struct build *b, struct prq_arena *a)
{
    prq_str own = b->main.version;
    if (!is_devel(own) && !is_pseudo(own))
        return own;
    prq_str said = version_of_ldflags(b->ldflags, b->main.path);
    if (said.n && said.p[0] != 'v')
        said = prq_arena_printf(a, "v%.*s", PRQ_FMT(said));
    if (said.n)
        return said;
    if (!is_devel(own))
        return own;
    prq_str made = pseudo_of(b, a);
    return made.n ? made : own; /* "(devel)" is what the file says: kept, never matched */
}

/* "go1.22.1 X:boringcrypto", "go1.26.5-X:nodwarf5", "go1.20 (vendor)" to 1.22.1, 1.26.5, 1.20.
 * Empty for "devel …", which is no release. */
static prq_str release_of(prq_str go)
{
    if (!prq_str_starts(go, PRQ_S("go")))
        return (prq_str){ 0 };
    go = prq_str_from_at(go, 2);
    go = prq_str_head(go, prq_str_find(go, ' '));
    return prq_str_head(go, prq_str_search(go, PRQ_S("-X:")));
}

/* ---- reading */

static bool add_dep(struct build *b, struct module m, struct prq_arena *a, struct prq_err *err)
{
    if (b->dep_count == b->dep_cap &&
        !prq_arena_grow(a, &b->deps, sizeof *b->deps, &b->dep_cap, b->dep_count + 1))
        return prq_fail(err, PRQ_E_LIMIT, "too many modules");
    b->deps[b->dep_count++] = m;
    return true;
}

static void setting(struct build *b, prq_str key, prq_str value)
{
    static const struct {
        prq_str key;
        size_t field;
    } keys[] = {
        { PRQ_SI("GOOS"), offsetof(struct build, goos) },
        { PRQ_SI("GOARCH"), offsetof(struct build, goarch) },
        { PRQ_SI("-ldflags"), offsetof(struct build, ldflags) },
        { PRQ_SI("vcs.revision"), offsetof(struct build, vcs_revision) },
        { PRQ_SI("vcs.time"), offsetof(struct build, vcs_time) },
    };
    for (size_t i = 0; i < PRQ_COUNT(keys); i++)
        if (prq_str_eq(key, keys[i].key))
            memcpy((char *)b + keys[i].field, &value, sizeof value);
}

static void replace(struct module *m, const struct prq_buildinfo_line *line)
{
    m->path = line->a;
    m->version = line->b;
    m->is_replaced = true;
    m->is_local = is_devel(line->b);
}

static bool read_modules(prq_str text, struct prq_arena *a, struct build *b, struct prq_err *err)
{
    struct prq_buildinfo_line line;
    struct module *last = NULL;
    while (prq_buildinfo_line(&text, a, &line)) {
        switch (line.kind) {
        case PRQ_BUILDINFO_PATH:
            b->main_package = line.a;
            break;
        case PRQ_BUILDINFO_MOD:
            b->main = (struct module){ .path = line.a, .version = line.b };
            b->has_main = line.a.n > 0;
            last = &b->main;
            break;
        case PRQ_BUILDINFO_DEP:
            if (!add_dep(b, (struct module){ .path = line.a, .version = line.b }, a, err))
                return false;
            last = &b->deps[b->dep_count - 1];
            break;
        case PRQ_BUILDINFO_REPLACE:
            if (last)
                replace(last, &line);
            last = NULL;
            break;
        case PRQ_BUILDINFO_SETTING:
            setting(b, line.a, line.b);
            break;
        case PRQ_BUILDINFO_OTHER:
            break;
        }
    }
    return true;
}

/* `go build file.go` names no main module; when its package lies in a dependency, that is it. */
static size_t main_among_deps(const struct build *b)
{
    size_t best = b->dep_count;
    for (size_t i = 0; i < b->dep_count; i++) {
        prq_str path = b->deps[i].path;
        if (path.n && prq_str_starts(b->main_package, path) &&
            (b->main_package.n == path.n || b->main_package.p[path.n] == '/') &&
            (best == b->dep_count || path.n > b->deps[best].path.n))
            best = i;
    }
    return best;
}

/* ---- handing out */

static bool put(struct prq_sink *sink, const struct build *b, prq_str name, prq_str version,
                uint32_t flags, struct prq_strs depends, struct prq_err *err)
{
    struct prq_package p = {
        .type = PRQ_S("golang"),
        .ns = prq_path_dir(name),
        .name = name,
        .version = version,
        .arch = b->goarch,
        .goos = b->goos,
        .depends = depends,
        .flags = flags,
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool put_all(struct prq_ctx *ctx, const struct build *b, prq_str go, struct prq_sink *sink,
                    struct prq_err *err)
{
    static const prq_str stdlib = PRQ_SI("stdlib");
    size_t main_dep = b->has_main ? b->dep_count : main_among_deps(b);
    struct prq_strs names = { prq_new_n(ctx->scratch, prq_str, b->dep_count + 1), 0 };
    if (!names.v)
        return prq_fail(err, PRQ_E_LIMIT, "too many modules");
    names.v[names.n++] = stdlib;
    for (size_t i = 0; i < b->dep_count; i++) {
        const struct module *m = &b->deps[i];
        if (m->path.n == 0 || (b->has_main && prq_str_eq(m->path, b->main.path)))
            continue;
        uint32_t flags = (m->is_local ? PRQ_PKG_NO_MATCH : 0) | (i == main_dep ? PRQ_PKG_MAIN : 0);
        if (!put(sink, b, m->path, m->version, flags, (struct prq_strs){ 0 }, err))
            return false;
        if (i != main_dep)
            names.v[names.n++] = m->path;
    }
    if (b->has_main && !put(sink, b, b->main.path, main_version(b, ctx->scratch), PRQ_PKG_MAIN,
                            names, err))
        return false;
    return put(sink, b, stdlib, release_of(go), 0, (struct prq_strs){ 0 }, err);
}

static bool gap(struct prq_sink *sink, prq_str kind, prq_str reason, struct prq_err *err)
{
    struct prq_gap g = { .kind = kind, .layer = PRQ_GAP_NO_LAYER, .reason = reason };
    return prq_sink_gap(sink, &g) || prq_sink_full(err);
}

static bool read_one(struct prq_ctx *ctx, prq_bytes data, bool *found, struct prq_sink *sink,
                     struct prq_err *err)
{
    struct prq_exe exe;
    struct prq_buildinfo info;
    *found = false;
    if (!prq_exe_open(data, ctx->scratch, &exe, err) ||
        !prq_buildinfo_read(&exe, &info, found, err))
        return false;
    /* Whatever was in it: the other readers of executables look for what they know and stay silent. */
    if (!*found && exe.is_cut)
        return prq_fail_at(err, PRQ_E_FORMAT, data.n, "executable ends early");
    if (!*found && exe.is_go_like)
        return gap(sink, PRQ_S("unsupported"), PRQ_S("Go binary without build information"), err);
    if (!*found)
        return true;
    struct build b = { .goos = exe.goos, .goarch = exe.goarch };
    return read_modules(info.modules, ctx->scratch, &b, err) &&
           put_all(ctx, &b, info.go_version, sink, err);
}

/* Whatever cannot be unpacked is told as such: it may hold anything. */
static bool run_packed(struct prq_ctx *ctx, prq_bytes data, struct prq_sink *sink,
                       struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    prq_bytes unpacked;
    bool found;
    if (prq_upx_unpack(data, ctx->scratch, &unpacked, &why))
        return read_one(ctx, unpacked, &found, sink, err) || prq_in(err, "unpacked");
    prq_str reason = prq_arena_printf(ctx->scratch, "packed by UPX, contents not read: %s", why.text);
    return gap(sink, PRQ_S("packed"), reason.p ? reason : PRQ_S("packed by UPX"), err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    uint32_t slices;
    if (prq_upx_is(in->data))
        return run_packed(ctx, in->data, sink, err);
    if (!prq_exe_slices(in->data, &slices, err))
        return false;
    /* The slices of a fat file are one program for several machines: one of them is enough. */
    bool found = false;
    for (uint32_t i = 0; i < slices && !found; i++) {
        prq_bytes slice;
        if (!prq_exe_slice(in->data, i, &slice, err) || !read_one(ctx, slice, &found, sink, err))
            return false;
    }
    return true;
}

const struct prq_analyzer prq_analyzer_golang = {
    .name = "golang",
    .purl_type = "golang",
    .summary = "Go executables (ELF, PE, Mach-O): modules, main module, standard library",
    .revision = 3,
    .wants = wants,
    .run = run,
};
