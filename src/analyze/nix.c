/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs in a Nix store, and the database of those that are valid:
 *
 *     nix/store/HASH-NAME-VERSION[-OUTPUT]/   a directory each; the name is all there is to know
 *     nix/var/nix/db/db.sqlite                ValidPaths: path, deriver, size
 *
 * Images without Nix itself have no database, so the directories are the evidence.
 * Sources: Nix manual, "Store path" and "parseDrvName"; catalog.md 3.7. */
#include "analyze/analyze.h"

#include "analyze/owning.h"
#include "format/sqlitefile.h"

enum { HASH_LENGTH = 32 };

/* HASH-NAME-VERSION[-OUTPUT] taken apart. */
struct output {
    prq_str hash, name, version, output;
};

static bool is_hash(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_digit(s.p[i]) && (!prq_is_lower(s.p[i]) || memchr("eotu", s.p[i], 4)))
            return false;
    return s.n == HASH_LENGTH;
}

/* Inputs of builds: sources, patches, recipes. */
static bool is_input(prq_str name)
{
    static const prq_str ends[] = {
        PRQ_SI(".drv"),    PRQ_SI(".patch"),   PRQ_SI(".diff"),    PRQ_SI(".lock"),
        PRQ_SI(".tar.gz"), PRQ_SI(".tar.xz"),  PRQ_SI(".tar.bz2"), PRQ_SI(".tar.zst"),
        PRQ_SI(".tgz"),    PRQ_SI(".zip"),     PRQ_SI(".sh"),      PRQ_SI(".json"),
        PRQ_SI(".gem"),    PRQ_SI(".tar.lz"),  PRQ_SI(".crate"),   PRQ_SI(".patch.gz"),
    };
    for (size_t i = 0; i < PRQ_COUNT(ends); i++)
        if (prq_str_ends(name, ends[i]))
            return true;
    return false;
}

static void cut_output(struct output *o)
{
    static const prq_str outputs[] = { PRQ_SI("bin"), PRQ_SI("dev"),  PRQ_SI("doc"),
                                       PRQ_SI("lib"), PRQ_SI("man"),  PRQ_SI("info"),
                                       PRQ_SI("static"), PRQ_SI("debug"), PRQ_SI("out") };
    prq_str before, after;
    if (!prq_str_rcut(o->name, '-', &before, &after))
        return;
    for (size_t i = 0; i < PRQ_COUNT(outputs); i++)
        if (prq_str_eq(after, outputs[i])) {
            o->name = before;
            o->output = after;
        }
}

/* The right-most part that begins with a digit, with those before it that do as well ("2.34-210",
 * "2021-03-04") and nixpkgs' word for builds between releases ("0-unstable-2024-01-02"). */
static bool cut_version(struct output *o)
{
    prq_str name = o->name, left, token;
    size_t at = 0;
    while (prq_str_rcut(name, '-', &left, &token)) {
        bool is_number = token.n && prq_is_digit(token.p[0]);
        if (is_number || (at && prq_str_eq(token, PRQ_S("unstable"))))
            at = left.n + 1;
        else if (at)
            break;
        name = left;
    }
    if (at < 2)
        return false;
    o->version = prq_str_from_at(o->name, at);
    o->name = prq_str_head(o->name, at - 1);
    return true;
}

static bool parse_output(prq_str base, struct output *out)
{
    *out = (struct output){ 0 };
    if (!prq_str_cut(base, '-', &out->hash, &out->name) || !is_hash(out->hash) || !out->name.n ||
        is_input(out->name))
        return false;
    cut_output(out);
    return cut_version(out);
}

/* By key, without the empty ones. */
static bool set_qualifiers(const struct output *o, prq_str deriver, struct prq_arena *a,
                           struct prq_package *p)
{
    const struct prq_pair pairs[] = { { PRQ_S("drvpath"), prq_path_base(deriver) },
                                      { PRQ_S("output"), o->output },
                                      { PRQ_S("outputhash"), o->hash } };
    prq_str *v = prq_new_n(a, prq_str, PRQ_COUNT(pairs));
    size_t n = 0;
    for (size_t i = 0; v && i < PRQ_COUNT(pairs); i++) {
        if (!pairs[i].value.n)
            continue;
        v[n] = prq_arena_printf(a, "%.*s=%.*s", PRQ_FMT(pairs[i].key), PRQ_FMT(pairs[i].value));
        if (!v[n++].p)
            return false;
    }
    p->qualifiers = (struct prq_strs){ v, n };
    return v != NULL;
}

/* All below the directory is the output's. */
static bool own_directory(struct prq_ctx *ctx, prq_str path, struct prq_sink *sink,
                          struct prq_err *err)
{
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "nix:%.*s", PRQ_FMT(path));
    if (!o || !owner.p)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
    prq_owning_begin(o, owner);
    return (prq_owning_add_below(o, path) && prq_owning_end(o)) || prq_sink_full(err);
}

static bool put_package(struct prq_ctx *ctx, const struct output *o, prq_str deriver,
                        uint64_t size, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_package p = { .type = PRQ_S("nix"), .name = o->name, .version = o->version,
                             .size_bytes = size };
    if (!set_qualifiers(o, deriver, ctx->scratch, &p))
        return prq_fail(err, PRQ_E_LIMIT, "no memory for a package");
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool lose(struct prq_sink *sink, const struct prq_err *why, struct prq_err *err)
{
    const struct prq_gap gap = prq_gap_from(why, (prq_str){ 0 });
    return prq_sink_gap(sink, &gap) || prq_sink_full(err);
}

/* ValidPaths(id, path, hash, registrationTime, deriver, narSize, …) */
static bool read_row(struct prq_ctx *ctx, const struct prq_sqlite_row *row, struct prq_sink *sink,
                     struct prq_err *err)
{
    enum { PATH = 1, DERIVER = 4, SIZE = 5 };
    struct output o;
    if (row->count <= PATH || row->v[PATH].type != PRQ_SQLITE_TEXT) {
        struct prq_err why = PRQ_ERR_INIT;
        prq_fail_at(&why, PRQ_E_FORMAT, row->at, "row of a store path without the path");
        return lose(sink, &why, err);
    }
    if (!parse_output(prq_path_base(prq_str_of(row->v[PATH].bytes)), &o))
        return true;
    prq_str deriver = { 0 };
    uint64_t size = 0;
    if (row->count > DERIVER && row->v[DERIVER].type == PRQ_SQLITE_TEXT)
        deriver = prq_str_of(row->v[DERIVER].bytes);
    if (row->count > SIZE && row->v[SIZE].type == PRQ_SQLITE_INTEGER && row->v[SIZE].integer > 0)
        size = (uint64_t)row->v[SIZE].integer;
    return put_package(ctx, &o, deriver, size, sink, err);
}

static bool read_database(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                          struct prq_err *err)
{
    struct prq_sqlite db;
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_sqlite_open(&db, in->data, ctx->scratch, err))
        return false;
    if (!prq_sqlite_wal(&db, in->companion, &why)) {
        prq_in(&why, "write-ahead log");
        if (!lose(sink, &why, err))
            return false;
    }
    if (!prq_sqlite_table(&db, PRQ_S("ValidPaths"), &rows, err))
        return false;
    struct prq_mark mark = prq_arena_mark(ctx->scratch);
    for (;;) {
        why = (struct prq_err)PRQ_ERR_INIT;
        enum prq_next step = prq_sqlite_next(&rows, &row, &why);
        if (step == PRQ_NEXT_END)
            return true;
        if (!(step == PRQ_NEXT_FAIL ? lose(sink, &why, err) : read_row(ctx, &row, sink, err)))
            return false;
        prq_arena_rewind(ctx->scratch, mark);
        if (prq_ctx_is_cancelled(ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct output o;
    if (prq_str_ends(in->file->path, PRQ_S("/db.sqlite")))
        return read_database(ctx, in, sink, err);
    if (!parse_output(prq_path_base(in->file->path), &o))
        return true;
    return put_package(ctx, &o, (prq_str){ 0 }, 0, sink, err) &&
           own_directory(ctx, in->file->path, sink, err);
}

static const struct prq_want wants[] = {
    { .prefix = PRQ_SI("nix/store/"), .dir_depth = 3, .max_bytes = 1 },
    { .suffix = PRQ_SI("/nix/var/nix/db/db.sqlite"), .companion_suffix = "-wal",
      .max_bytes = PRQ_GIB(1) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_nix = {
    .name = "nix",
    .purl_type = "nix",
    .summary = "Nix packages: directories of nix/store, nix/var/nix/db/db.sqlite",
    .revision = 1,
    .wants = wants,
    .run = run,
};
