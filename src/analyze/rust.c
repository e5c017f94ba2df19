/* SPDX-License-Identifier: Apache-2.0 */
/* Rust executables that cargo-auditable built: the section .dep-v0 holds a zlib stream of
 *
 *     {"packages": [{"name", "version", "source": "crates.io"|"git"|"local"|"registry",
 *                    "kind": "runtime"|"build", "dependencies": [index, …], "root": true}, …]}
 *
 * Source: cargo-auditable, PARSING.md and cargo-auditable.schema.json; catalog.md 4.5. What was
 * only needed to build is not in the executable and is left out.
 *
 * The analyzer of Go executables reads the same files: of headers that are broken and of packed
 * files that cannot be unpacked it tells once for both. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "format/exe.h"
#include "format/json.h"
#include "format/upx.h"
#include "lib/lib.h"

#define AUDIT_BYTES PRQ_MIB(8) /* PARSING.md recommends this ceiling */

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

struct crate {
    prq_str name, version, source, kind;
    uint64_t *needs; /* indices of crates, as written */
    size_t need_count, need_cap;
    bool is_root;
};

struct audit {
    struct crate *crates;
    size_t count, cap;
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many crates");
}

/* ---- the list */

/* False: memory ran out. */
static bool read_needs(struct prq_json *j, struct crate *c)
{
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        uint64_t index;
        if (!prq_json_u64_or_skip(j, &index))
            continue;
        if (c->need_count == c->need_cap &&
            !prq_arena_grow(j->arena, &c->needs, sizeof *c->needs, &c->need_cap, c->need_count + 1))
            return false;
        c->needs[c->need_count++] = index;
    }
    return true;
}

static bool read_crate(struct prq_json *j, struct crate *c, struct prq_err *err)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        size_t at = j->at;
        prq_json_skip(j);
        return j->bad || prq_fail_at(err, PRQ_E_FORMAT, at, "crate is not an object");
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(j, &c->name);
        else if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &c->version);
        else if (prq_str_eq(key, PRQ_S("source")))
            prq_json_string_or_skip(j, &c->source);
        else if (prq_str_eq(key, PRQ_S("kind")))
            prq_json_string_or_skip(j, &c->kind);
        else if (prq_str_eq(key, PRQ_S("root")))
            prq_json_bool_or_skip(j, &c->is_root);
        else if (!prq_str_eq(key, PRQ_S("dependencies")))
            prq_json_skip(j);
        else if (!read_needs(j, c))
            return full(err);
    }
    return true;
}

static bool read_crates(struct prq_json *j, struct audit *a, struct prq_err *err)
{
    while (prq_json_item(j)) {
        if (a->count == a->cap &&
            !prq_arena_grow(j->arena, &a->crates, sizeof *a->crates, &a->cap, a->count + 1))
            return full(err);
        struct crate *c = &a->crates[a->count++];
        *c = (struct crate){ 0 };
        if (!read_crate(j, c, err))
            return false;
    }
    return true;
}

static bool read_audit(struct prq_ctx *ctx, prq_str text, struct audit *a, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    bool has_list = false;
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            if (!prq_str_eq(key, PRQ_S("packages")) || !prq_json_enter_array(&j)) {
                prq_json_skip(&j);
                continue;
            }
            has_list = true;
            if (!read_crates(&j, a, err))
                return false;
        }
    if (j.bad || has_list)
        return prq_json_end(&j, err);
    return prq_fail_at(err, PRQ_E_FORMAT, 0, "no list of crates");
}

/* ---- handing out */

static bool is_build(const struct crate *c)
{
    return prq_str_eq(c->kind, PRQ_S("build"));
}

/* Names of what it needs at run time; indices to nowhere are passed over. */
static bool depends_of(const struct audit *a, const struct crate *c, struct prq_arena *arena,
                       struct prq_strs *out)
{
    size_t cap = 0;
    *out = (struct prq_strs){ 0 };
    for (size_t i = 0; i < c->need_count; i++) {
        const struct crate *to = c->needs[i] < a->count ? &a->crates[c->needs[i]] : NULL;
        if (to && !is_build(to) && !prq_strs_add(out, &cap, to->name, arena))
            return false;
    }
    return true;
}

static bool put_all(struct prq_ctx *ctx, const struct audit *a, struct prq_sink *sink,
                    struct prq_err *err)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct crate *c = &a->crates[i];
        struct prq_package p = {
            .type = PRQ_S("cargo"),
            .name = c->name,
            .version = c->version,
            .flags = c->is_root ? PRQ_PKG_MAIN : 0,
        };
        if (c->name.n == 0 || is_build(c))
            continue;
        if (!depends_of(a, c, ctx->scratch, &p.depends))
            return full(err);
        if (!prq_sink_package(sink, &p))
            return prq_sink_full(err);
    }
    return true;
}

static bool read_text(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    struct audit a = { 0 };
    /* What was read before the list breaks off is still told. */
    bool ok = read_audit(ctx, text, &a, err);
    if (!ok)
        (void)prq_in(err, "list of crates, unpacked");
    return put_all(ctx, &a, sink, ok ? err : NULL) && ok;
}

static bool read_section(struct prq_ctx *ctx, prq_bytes data, struct prq_sink *sink,
                         struct prq_err *err)
{
    PRQ_BUF text;
    prq_buf_init(&text, AUDIT_BYTES);
    return prq_zlib_all(data, &text, err) ? read_text(ctx, prq_buf_view(&text), sink, err)
                                          : prq_in(err, "section " PRQ_EXE_AUDIT);
}

/* ---- without sections: only the packer's output is like that, and the stream has to be found by
 * its looks. */

/* RFC 1950, 2.2: deflate, a window of at most 32 KiB, no dictionary, a multiple of 31. */
static bool is_zlib_head(const uint8_t *p)
{
    return (p[0] & 15) == 8 && p[0] >> 4 <= 7 && !(p[1] & 32) && (p[0] << 8 | p[1]) % 31 == 0;
}

/* The start of the list is there once the first bytes are inflated. */
static bool is_audit(prq_bytes at)
{
    static const prq_str start = PRQ_SI("{\"packages\":[");
    PRQ_BUF head;
    prq_buf_init(&head, 16);
    bool is_whole = prq_zlib_all(at, &head, NULL); /* too short for a list */
    return !is_whole && prq_str_starts(prq_buf_view(&head), start);
}

static bool search(prq_bytes data, prq_bytes *out)
{
    enum { TRIES = 20000 };
    /* the standard library names its sources */
    if (!prq_str_has(prq_str_of(data), PRQ_S("/rustc/")))
        return false;
    for (size_t i = 0, tries = 0; i + 2 < data.n && tries < TRIES; i++) {
        if (data.p[i] != 0x78 || !is_zlib_head(data.p + i))
            continue;
        tries++;
        *out = (prq_bytes){ data.p + i, prq_min_size(data.n - i, AUDIT_BYTES) };
        if (is_audit(*out))
            return true;
    }
    return false;
}

static bool read_one(struct prq_ctx *ctx, prq_bytes data, bool is_unpacked, bool *found,
                     struct prq_sink *sink, struct prq_err *err)
{
    struct prq_exe exe;
    prq_bytes stream;
    *found = false;
    if (!prq_exe_open(data, ctx->scratch, &exe, NULL))
        return true;
    if (exe.has_audit_section)
        stream = exe.audit_section;
    else if (!is_unpacked || exe.has_sections || !search(data, &stream))
        return true;
    *found = true;
    return read_section(ctx, stream, sink, err);
}

static bool run_packed(struct prq_ctx *ctx, prq_bytes data, struct prq_sink *sink,
                       struct prq_err *err)
{
    prq_bytes unpacked;
    bool found;
    if (!prq_upx_unpack(data, ctx->scratch, &unpacked, NULL))
        return true;
    return read_one(ctx, unpacked, true, &found, sink, err) || prq_in(err, "unpacked");
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    uint32_t slices;
    if (prq_upx_is(in->data))
        return run_packed(ctx, in->data, sink, err);
    if (!prq_exe_slices(in->data, &slices, NULL))
        return true;
    /* The slices of a fat file are one program for several machines: one of them is enough. */
    bool found = false;
    for (uint32_t i = 0; i < slices && !found; i++) {
        prq_bytes slice;
        if (prq_exe_slice(in->data, i, &slice, NULL) &&
            !read_one(ctx, slice, false, &found, sink, err))
            return false;
    }
    return true;
}

const struct prq_analyzer prq_analyzer_rust = {
    .name = "rust",
    .purl_type = "cargo",
    .summary = "Rust executables (ELF, PE, Mach-O) built with cargo-auditable: crates",
    .revision = 1,
    .wants = wants,
    .run = run,
};
