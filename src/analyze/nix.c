/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs in a Nix store, and the database of those that are valid:
 *
 *     nix/store/HASH-NAME-VERSION[-OUTPUT]/   a directory each; the name is all there is to know
 *     nix/var/nix/db/db.sqlite                ValidPaths: path, deriver, size;
 *                                     Refs: which path names which other one
 *
 * Images without Nix itself have no database, so the directories are the evidence.
 * Sources: Nix manual, "Store path" and "parseDrvName"; catalog.md 3.7. */
#include "analyze/analyze.h"

#include <stdlib.h>

#include "analyze/owning.h"
#include "base/map.h"
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
                        uint64_t size, struct prq_strs depends, struct prq_sink *sink,
                        struct prq_err *err)
{
    struct prq_package p = { .type = PRQ_S("nix"), .name = o->name, .version = o->version,
                             .size_bytes = size, .depends = depends };
    if (!set_qualifiers(o, deriver, ctx->scratch, &p))
        return prq_fail(err, PRQ_E_LIMIT, "no memory for a package");
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool lose(struct prq_sink *sink, const struct prq_err *why, struct prq_err *err)
{
    const struct prq_gap gap = prq_gap_from(why, (prq_str){ 0 });
    return prq_sink_gap(sink, &gap) || prq_sink_full(err);
}

/* ---- the database. Outputs of one version are one package, so edges are between "NAME@VERSION"s:
 * the paths that any of its outputs names. */

struct edge {
    uint32_t from, to; /* indexes into names */
};

struct database {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct prq_arena *kept; /* what outlives a row */
    struct prq_map by_id;   /* text of a row's number, to an index into names */
    struct prq_map by_name;
    prq_str *names;
    size_t name_count, name_cap;
    struct edge *edges;
    size_t edge_count, edge_cap;
    prq_str *depends; /* of all edges, in their order */
    bool is_full;     /* memory for edges ran out: there are none */
};

typedef bool row_fn(struct database *d, const struct prq_sqlite_row *row, struct prq_err *err);

/* ValidPaths(id, path, hash, registrationTime, deriver, narSize, …) */
enum { PATH = 1, DERIVER = 4, SIZE = 5 };

static bool output_of(const struct prq_sqlite_row *row, struct output *o)
{
    return row->count > PATH && row->v[PATH].type == PRQ_SQLITE_TEXT &&
           parse_output(prq_path_base(prq_str_of(row->v[PATH].bytes)), o);
}

static prq_str id_key(int64_t id, char buf[sizeof(int64_t)])
{
    memcpy(buf, &id, sizeof id);
    return (prq_str){ buf, sizeof id };
}

/* The index of its name, which is added when new. False: memory ran out. */
static bool index_name(struct database *d, const struct output *o, size_t *out)
{
    bool added;
    prq_str name = prq_arena_printf(d->kept, "%.*s@%.*s", PRQ_FMT(o->name), PRQ_FMT(o->version));
    size_t *at = name.p ? prq_map_put(&d->by_name, name, d->name_count, &added) : NULL;
    if (!at)
        return false;
    *out = *at;
    if (!added)
        return true;
    if (d->name_count >= UINT32_MAX ||
        !prq_arena_grow(d->kept, &d->names, sizeof *d->names, &d->name_cap, d->name_count + 1))
        return false;
    d->names[d->name_count++] = name;
    return true;
}

static bool index_row(struct database *d, const struct prq_sqlite_row *row, struct prq_err *err)
{
    (void)err;
    struct output o;
    size_t index;
    char buf[sizeof(int64_t)];
    if (d->is_full || !output_of(row, &o))
        return true;
    prq_str id = prq_arena_copy(d->kept, id_key(row->rowid, buf));
    d->is_full = !id.p || !index_name(d, &o, &index) || !prq_map_put(&d->by_id, id, index, NULL);
    return true;
}

static bool find_id(const struct database *d, const struct prq_sqlite_value *v, uint32_t *out)
{
    char buf[sizeof(int64_t)];
    const size_t *at = v->type == PRQ_SQLITE_INTEGER ? prq_map_find(&d->by_id, id_key(v->integer, buf))
                                                     : NULL;
    if (at)
        *out = (uint32_t)*at;
    return at != NULL;
}

/* Refs(referrer, reference) */
static bool edge_row(struct database *d, const struct prq_sqlite_row *row, struct prq_err *err)
{
    (void)err;
    struct edge e;
    if (d->is_full || row->count < 2 || !find_id(d, &row->v[0], &e.from) ||
        !find_id(d, &row->v[1], &e.to) || e.from == e.to)
        return true;
    d->is_full = !prq_arena_grow(d->kept, &d->edges, sizeof *d->edges, &d->edge_cap,
                                 d->edge_count + 1);
    if (!d->is_full)
        d->edges[d->edge_count++] = e;
    return true;
}

static int edge_cmp(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

static void sort_edges(struct database *d)
{
    size_t kept = 0;
    if (d->is_full || d->edge_count == 0)
        return;
    qsort(d->edges, d->edge_count, sizeof *d->edges, edge_cmp);
    for (size_t i = 0; i < d->edge_count; i++)
        if (kept == 0 || edge_cmp(&d->edges[kept - 1], &d->edges[i]) != 0)
            d->edges[kept++] = d->edges[i];
    d->edge_count = kept;
    d->depends = prq_new_n(d->kept, prq_str, kept);
    d->is_full = !d->depends;
    for (size_t i = 0; d->depends && i < kept; i++)
        d->depends[i] = d->names[d->edges[i].to];
}

static struct prq_strs depends_of(const struct database *d, int64_t id)
{
    uint32_t from;
    const struct prq_sqlite_value v = { .type = PRQ_SQLITE_INTEGER, .integer = id };
    if (d->is_full || !d->edge_count || !find_id(d, &v, &from))
        return (struct prq_strs){ 0 };
    size_t low = 0, high = d->edge_count, end;
    while (low < high) {
        size_t at = low + (high - low) / 2;
        if (d->edges[at].from < from)
            low = at + 1;
        else
            high = at;
    }
    for (end = low; end < d->edge_count && d->edges[end].from == from;)
        end++;
    return (struct prq_strs){ d->depends + low, end - low };
}

static bool put_row(struct database *d, const struct prq_sqlite_row *row, struct prq_err *err)
{
    struct output o;
    if (row->count <= PATH || row->v[PATH].type != PRQ_SQLITE_TEXT) {
        struct prq_err why = PRQ_ERR_INIT;
        prq_fail_at(&why, PRQ_E_FORMAT, row->at, "row of a store path without the path");
        return lose(d->sink, &why, err);
    }
    if (!output_of(row, &o))
        return true;
    prq_str deriver = { 0 };
    uint64_t size = 0;
    if (row->count > DERIVER && row->v[DERIVER].type == PRQ_SQLITE_TEXT)
        deriver = prq_str_of(row->v[DERIVER].bytes);
    if (row->count > SIZE && row->v[SIZE].type == PRQ_SQLITE_INTEGER && row->v[SIZE].integer > 0)
        size = (uint64_t)row->v[SIZE].integer;
    return put_package(d->ctx, &o, deriver, size, depends_of(d, row->rowid), d->sink, err);
}

/* What is broken is told when `tells`. */
static bool each_row(struct database *d, const struct prq_sqlite *db, prq_str table, row_fn *take,
                     bool tells, struct prq_err *err)
{
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    struct prq_mark start = prq_arena_mark(d->ctx->scratch);
    if (!prq_sqlite_table(db, table, &rows, err))
        return false;
    struct prq_mark mark = prq_arena_mark(d->ctx->scratch);
    for (;;) {
        struct prq_err why = PRQ_ERR_INIT;
        enum prq_next step = prq_sqlite_next(&rows, &row, &why);
        if (step == PRQ_NEXT_END)
            break;
        if (step == PRQ_NEXT_ITEM ? !take(d, &row, err) : tells && !lose(d->sink, &why, err))
            return false;
        prq_arena_rewind(d->ctx->scratch, mark);
        if (prq_ctx_is_cancelled(d->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
    prq_arena_rewind(d->ctx->scratch, start);
    return true;
}

/* Edges are extra: without their table the packages count all the same. */
static bool read_edges(struct database *d, const struct prq_sqlite *db, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    prq_map_init(&d->by_id, d->kept);
    prq_map_init(&d->by_name, d->kept);
    if (!each_row(d, db, PRQ_S("ValidPaths"), index_row, false, err))
        return false;
    if (!each_row(d, db, PRQ_S("Refs"), edge_row, true, &why)) {
        if (why.code != PRQ_E_FORMAT) {
            if (err)
                *err = why;
            return false;
        }
        prq_in(&why, "references");
        return lose(d->sink, &why, err);
    }
    sort_edges(d);
    if (!d->is_full)
        return true;
    prq_fail(&why, PRQ_E_LIMIT, "references between store paths exceed the file's budget");
    return lose(d->sink, &why, err);
}

static bool read_database(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                          struct prq_err *err)
{
    PRQ_ARENA kept = prq_arena_new(PRQ_MIB(128));
    struct database d = { .ctx = ctx, .sink = sink, .kept = kept };
    struct prq_sqlite db;
    struct prq_err why = PRQ_ERR_INIT;
    if (!kept)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!prq_sqlite_open(&db, in->data, ctx->scratch, err))
        return false;
    if (!prq_sqlite_wal(&db, in->companion, &why)) {
        prq_in(&why, "write-ahead log");
        if (!lose(sink, &why, err))
            return false;
    }
    return read_edges(&d, &db, err) &&
           each_row(&d, &db, PRQ_S("ValidPaths"), put_row, true, err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct output o;
    if (prq_str_ends(in->file->path, PRQ_S("/db.sqlite")))
        return read_database(ctx, in, sink, err);
    if (!parse_output(prq_path_base(in->file->path), &o))
        return true;
    return put_package(ctx, &o, (prq_str){ 0 }, 0, (struct prq_strs){ 0 }, sink, err) &&
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
    .revision = 2,
    .wants = wants,
    .run = run,
};
