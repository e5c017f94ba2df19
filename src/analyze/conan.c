/* SPDX-License-Identifier: Apache-2.0 */
/* Conan: C and C++ packages.
 *
 *     conan.lock 0.4    graph_lock{nodes{"1": {ref, context: host | build, requires: ["2"]}}}
 *     conan.lock 0.5    requires, build_requires, python_requires: lists of references
 *     conanfile.txt     [requires], [tool_requires], [build_requires]: a reference a line
 *     conaninfo.txt     [full_requires] of an installed package; [requires] of newer ones; in the
 *                       cache of Conan 1 the package itself is in the path:
 *                       data/NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt
 *     p/cache.sqlite3   the cache of Conan 2: packages(reference, …)
 *     a reference       name/version[@user/channel][#recipe-revision][:package][%time]
 *
 * A version in brackets is a range and no version; nor is "1.Y.Z", what an ID keeps of one. Source: Conan's
 * documentation, "Lockfiles", "conanfile.txt", "Package ID modes"; its conan/internal/cache/db;
 * catalog.md 4.9. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "format/json.h"
#include "format/sqlitefile.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("conan.lock"), .max_bytes = PRQ_MIB(64), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("conanfile.txt"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("conaninfo.txt"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_IMAGE },
    { .suffix = PRQ_SI("/p/cache.sqlite3"), .companion_suffix = "-wal",
      .max_bytes = PRQ_MIB(256), .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

struct job {
    struct prq_arena *arena;
    struct prq_sink *sink;
    struct prq_loss loss;
    uint32_t declared; /* PRQ_PKG_DECLARED for lock files */
};

static bool is_range(prq_str version)
{
    return version.n && version.p[0] == '[';
}

/* "1.Y.Z", "1.2.Z": the modes of IDs put these letters where a part does not count. */
static bool is_mask(prq_str version)
{
    prq_str part;
    while (prq_str_split(&version, '.', &part))
        if (prq_str_eq(part, PRQ_S("Y")) || prq_str_eq(part, PRQ_S("Z")))
            return true;
    return false;
}

/* False: the sink is full, or memory ran out. A reference without a version is a loss when it claims
 * to be one, and nothing at all when it is the name of a file or a version alone. */
static bool put(struct job *j, prq_str ref, size_t at, uint32_t flags)
{
    struct prq_package p = { .type = PRQ_S("conan"), .flags = j->declared | flags };
    prq_str rest = prq_str_trim(ref), place = { 0 }, user = { 0 }, channel = { 0 }, list[2];
    rest = prq_str_head(rest, prq_str_find(rest, '%'));
    rest = prq_str_head(rest, prq_str_find(rest, '#'));
    (void)prq_str_cut(rest, '@', &rest, &place);
    place = prq_str_head(place, prq_str_find(place, ':'));
    if (!prq_str_cut(rest, '/', &p.name, &p.version) || p.name.n == 0) {
        if (ref.n)
            prq_loss_add(&j->loss, at, "reference without a name and a version");
        return true;
    }
    p.version = prq_str_head(p.version, prq_str_find(p.version, ':'));
    if (is_range(p.version) || is_mask(p.version))
        p.version = (prq_str){ 0 };
    size_t n = 0;
    if (prq_str_cut(place, '/', &user, &channel) && user.n && user.p[0] != '_') {
        list[n++] = prq_arena_printf(j->arena, "channel=%.*s", PRQ_FMT(channel));
        list[n++] = prq_arena_printf(j->arena, "user=%.*s", PRQ_FMT(user));
        if (!list[0].p || !list[1].p)
            return false;
        p.qualifiers = (struct prq_strs){ list, n };
    }
    return prq_sink_package(j->sink, &p);
}

/* ---- JSON */

static bool read_references(struct job *job, struct prq_json *j, uint32_t flags)
{
    prq_str ref;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        size_t at = j->at;
        if (!prq_json_string_or_skip(j, &ref))
            prq_loss_add(&job->loss, at, "reference is no text");
        else if (!j->bad && !put(job, ref, at, flags))
            return false;
    }
    return true;
}

static bool read_node(struct job *job, struct prq_json *j)
{
    prq_str key, ref = { 0 }, context = { 0 };
    size_t at = j->at;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("ref")))
            prq_json_string_or_skip(j, &ref);
        else if (prq_str_eq(key, PRQ_S("context")))
            prq_json_string_or_skip(j, &context);
        else
            prq_json_skip(j);
    }
    uint32_t flags = prq_str_eq(context, PRQ_S("build")) ? PRQ_PKG_DEV : 0;
    return j->bad || ref.n == 0 || put(job, ref, at, flags);
}

static bool read_graph(struct job *job, struct prq_json *j)
{
    prq_str key, id;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (!prq_str_eq(key, PRQ_S("nodes")) || !prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_key(j, &id))
            if (!read_node(job, j))
                return false;
    }
    return true;
}

static bool read_lock(struct job *job, const struct prq_input *in, struct prq_ctx *ctx,
                      struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j)) {
        prq_json_skip(&j);
        return prq_json_end(&j, err) &&
               prq_fail_at(err, PRQ_E_FORMAT, 0, "lock file is not an object");
    }
    while (prq_json_key(&j, &key)) {
        bool ok = true;
        if (prq_str_eq(key, PRQ_S("graph_lock")))
            ok = read_graph(job, &j);
        else if (prq_str_eq(key, PRQ_S("requires")))
            ok = read_references(job, &j, 0);
        else if (prq_str_eq(key, PRQ_S("build_requires")) ||
                 prq_str_eq(key, PRQ_S("python_requires")))
            ok = read_references(job, &j, PRQ_PKG_DEV);
        else
            prq_json_skip(&j);
        if (!ok)
            return prq_sink_full(err);
    }
    return prq_json_end(&j, err);
}

/* ---- text in sections */

enum section { OTHER, REQUIRES, FULL_REQUIRES, TOOLS };

static enum section section_of(prq_str line)
{
    static const struct {
        prq_str name;
        enum section is;
    } names[] = {
        { PRQ_SI("[requires]"), REQUIRES },       { PRQ_SI("[full_requires]"), FULL_REQUIRES },
        { PRQ_SI("[tool_requires]"), TOOLS },     { PRQ_SI("[build_requires]"), TOOLS },
        { PRQ_SI("[test_requires]"), TOOLS },
    };
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        if (prq_str_eq(line, names[i].name))
            return names[i].is;
    return OTHER;
}

/* …/NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt, the package itself. */
static bool put_self(struct job *j, prq_str path)
{
    enum { ID, PACKAGE, CHANNEL, USER, VERSION, NAME, PARTS };
    prq_str part[PARTS], dir = prq_path_dir(path);
    for (size_t i = 0; i < PARTS; i++) {
        part[i] = prq_path_base(dir);
        dir = prq_path_dir(dir);
    }
    if (!prq_str_eq(part[PACKAGE], PRQ_S("package")) || part[NAME].n == 0 ||
        !prq_str_eq(prq_path_base(dir), PRQ_S("data")))
        return true;
    prq_str ref = prq_arena_printf(j->arena, "%.*s/%.*s@%.*s/%.*s", PRQ_FMT(part[NAME]),
                                   PRQ_FMT(part[VERSION]), PRQ_FMT(part[USER]),
                                   PRQ_FMT(part[CHANNEL]));
    return ref.p && put(j, ref, 0, 0);
}

/* In conaninfo.txt the short list repeats the full one without the versions. */
static bool read_sections(struct job *j, prq_str text, bool is_info, struct prq_err *err)
{
    enum section section = OTHER;
    const char *start = text.p;
    prq_str line;
    bool has_full = prq_str_has(text, PRQ_S("[full_requires]"));
    while (prq_str_split(&text, '\n', &line)) {
        size_t at = (size_t)(line.p - start);
        line = prq_str_trim(prq_str_head(line, prq_str_search(line, PRQ_S(" #"))));
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
            section = section_of(line);
            continue;
        }
        bool counts = is_info && has_full ? section == FULL_REQUIRES : section != OTHER;
        if (counts && !put(j, line, at, section == TOOLS ? PRQ_PKG_DEV : 0))
            return prq_sink_full(err);
    }
    return true;
}

/* ---- the cache of Conan 2 */

static bool lose(struct job *j, const struct prq_err *why)
{
    const struct prq_gap gap = prq_gap_from(why, (prq_str){ 0 });
    return prq_sink_gap(j->sink, &gap);
}

/* packages(reference, rrev, pkgid, …): one row for each build; the sink knows equal ones. */
static bool read_cache(struct job *j, const struct prq_input *in, struct prq_ctx *ctx,
                       struct prq_err *err)
{
    struct prq_sqlite db;
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_sqlite_open(&db, in->data, ctx->scratch, err))
        return false;
    if (!prq_sqlite_wal(&db, in->companion, &why) && !lose(j, &why))
        return prq_sink_full(err);
    if (!prq_sqlite_table(&db, PRQ_S("packages"), &rows, err))
        return false;
    for (;;) {
        why = (struct prq_err)PRQ_ERR_INIT;
        enum prq_next step = prq_sqlite_next(&rows, &row, &why);
        if (step == PRQ_NEXT_END)
            return true;
        bool is_text = step == PRQ_NEXT_ITEM && row.count && row.v[0].type == PRQ_SQLITE_TEXT;
        if (step == PRQ_NEXT_FAIL ? !lose(j, &why)
                                  : is_text && !put(j, prq_str_of(row.v[0].bytes), row.at, 0))
            return prq_sink_full(err);
        if (prq_ctx_is_cancelled(ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path);
    bool is_info = prq_str_eq(base, PRQ_S("conaninfo.txt"));
    bool is_cache = prq_str_eq(base, PRQ_S("cache.sqlite3")), ok;
    struct job j = { .arena = ctx->scratch, .sink = sink,
                     .declared = is_info || is_cache ? 0 : PRQ_PKG_DECLARED };
    if (is_info && !put_self(&j, in->file->path))
        return prq_sink_full(err);
    if (is_cache)
        ok = read_cache(&j, in, ctx, err);
    else if (prq_str_eq(base, PRQ_S("conan.lock")))
        ok = read_lock(&j, in, ctx, err);
    else
        ok = read_sections(&j, prq_str_of(in->data), is_info, err);
    if (!prq_loss_report(&j.loss, sink))
        return prq_sink_full(err);
    return ok;
}

const struct prq_analyzer prq_analyzer_conan = {
    .name = "conan",
    .purl_type = "conan",
    .summary = "C and C++ packages of Conan: conan.lock, conanfile.txt, conaninfo.txt, its cache",
    .revision = 2,
    .wants = wants,
    .run = run,
};
