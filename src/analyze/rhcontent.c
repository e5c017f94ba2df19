/* SPDX-License-Identifier: Apache-2.0 */
/* Where the packages of a Red Hat image came from. No packages here, only notes:
 *
 *     root/buildinfo/content_manifests/, usr/share/buildinfo/ (JSON)          "content-sets"
 *     root/buildinfo/labels.json, usr/share/buildinfo/labels.json            "build-info"
 *     root/buildinfo/Dockerfile-NAME-VERSION-RELEASE                         "build-info"
 *     var/lib/dnf/history.sqlite, usr/lib/sysimage/libdnf5/…                 "package-repositories"
 *     var/lib/yum/yumdb/X/SHA-NEVRA/from_repo                                "package-repositories"
 *
 * Sources: catalog.md 3.12 and 3.13; libdnf, transformer and create_tables.sql. */
#include "analyze/analyze.h"

#include <stdio.h>

#include "base/map.h"
#include "format/json.h"
#include "format/sqlitefile.h"

enum { BATCH = 256 };

/* ---- notes of many pairs, in batches */

struct batch {
    struct prq_sink *sink;
    prq_str kind;
    size_t n;
    struct prq_pair pairs[BATCH];
};

static bool batch_end(struct batch *b)
{
    bool ok = b->n == 0 || prq_sink_note(b->sink, b->kind, b->pairs, b->n);
    b->n = 0;
    return ok;
}

static bool batch_add(struct batch *b, prq_str key, prq_str value)
{
    b->pairs[b->n++] = (struct prq_pair){ key, value };
    return b->n < BATCH || batch_end(b);
}

/* ---- content manifests */

/* "…-rpms__8" is an artefact of the build; "…__9_DOT_2" is not. */
static prq_str without_build(prq_str set)
{
    size_t n = set.n;
    while (n && prq_is_digit(set.p[n - 1]))
        n--;
    return n < set.n && n > 2 && set.p[n - 1] == '_' && set.p[n - 2] == '_'
               ? prq_str_head(set, n - 2)
               : set;
}

static bool read_sets(struct prq_json *j, struct batch *b)
{
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        prq_str set = { 0 };
        prq_json_string_or_skip(j, &set);
        if (set.n && !batch_add(b, PRQ_S("set"), without_build(set)))
            return false;
    }
    return true;
}

/* Labels that say which build an image is; the same are in its config. */
static bool is_label(prq_str key)
{
    static const prq_str labels[] = {
        PRQ_SI("com.redhat.component"), PRQ_SI("name"), PRQ_SI("version"), PRQ_SI("release"),
        PRQ_SI("architecture"), PRQ_SI("cpe"), PRQ_SI("vcs-ref"),
    };
    for (size_t i = 0; i < PRQ_COUNT(labels); i++)
        if (prq_str_eq(key, labels[i]))
            return true;
    return false;
}

static bool read_json(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                      struct prq_err *err)
{
    bool is_labels = prq_str_eq(prq_path_base(in->file->path), PRQ_S("labels.json")), hint = false;
    struct batch *b = prq_new(ctx->scratch, struct batch);
    struct prq_json j;
    prq_str key;
    if (!b)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for notes");
    b->sink = sink;
    b->kind = is_labels ? PRQ_S("build-info") : PRQ_S("content-sets");
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    bool ok = true;
    while (ok && prq_json_key(&j, &key)) {
        prq_str value = { 0 };
        if (is_labels && is_label(key)) {
            if (prq_json_string_or_skip(&j, &value))
                ok = batch_add(b, key, value);
        } else if (!is_labels && prq_str_eq(key, PRQ_S("content_sets"))) {
            ok = read_sets(&j, b);
        } else if (!is_labels && prq_str_eq(key, PRQ_S("from_dnf_hint"))) {
            prq_json_bool_or_skip(&j, &hint);
        } else {
            prq_json_skip(&j);
        }
    }
    ok = ok && (!hint || batch_add(b, PRQ_S("from_dnf_hint"), PRQ_S("true"))) && batch_end(b);
    return ok ? prq_json_end(&j, err) : prq_sink_full(err);
}

/* ---- Dockerfile-NAME-VERSION-RELEASE */

enum { VARIABLES_MAX = 128, INSTRUCTION_MAX = 8192 };

struct variables {
    struct prq_arena *a;
    struct prq_pair v[VARIABLES_MAX];
    size_t n;
    char instruction[INSTRUCTION_MAX];
};

static prq_str value_of(const struct variables *v, prq_str name)
{
    for (size_t i = v->n; i > 0; i--)
        if (prq_str_eq(v->v[i - 1].key, name))
            return v->v[i - 1].value;
    return (prq_str){ 0 };
}

static void put_bytes(char *to, size_t cap, size_t *n, prq_str s)
{
    size_t k = prq_min_size(s.n, cap - *n);
    if (k)
        memcpy(to + *n, s.p, k);
    *n += k;
}

/* $NAME and ${NAME}; without the quotes around it. */
static prq_str expand(const struct variables *v, prq_str raw)
{
    enum { CAP = 1024 };
    char text[CAP];
    size_t n = 0;
    if (raw.n >= 2 && (raw.p[0] == '"' || raw.p[0] == '\'') && raw.p[raw.n - 1] == raw.p[0])
        raw = (prq_str){ raw.p + 1, raw.n - 2 };
    while (raw.n) {
        size_t plain = prq_str_find(raw, '$'), k = 0;
        put_bytes(text, CAP, &n, prq_str_head(raw, plain));
        raw = prq_str_from_at(raw, plain + 1);
        if (raw.n == 0)
            break;
        bool braced = raw.p[0] == '{';
        prq_str name = prq_str_from_at(raw, braced);
        while (k < name.n && (prq_is_alnum(name.p[k]) || name.p[k] == '_'))
            k++;
        put_bytes(text, CAP, &n, value_of(v, prq_str_head(name, k)));
        raw = prq_str_from_at(name, k + (braced && k < name.n && name.p[k] == '}'));
    }
    return prq_arena_copy(v->a, (prq_str){ text, n });
}

/* The next word; blanks within quotes belong to it. */
static bool next_word(prq_str *rest, prq_str *word)
{
    *rest = prq_str_trim(*rest);
    size_t n = 0;
    char quote = 0;
    for (; n < rest->n && (quote || !prq_is_space(rest->p[n])); n++) {
        char c = rest->p[n];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
    }
    *word = prq_str_head(*rest, n);
    *rest = prq_str_from_at(*rest, n);
    return n > 0;
}

struct labels {
    prq_str component, architecture;
};

static bool take_instruction(struct variables *v, prq_str line, struct labels *out)
{
    prq_str keyword, word, key, value;
    if (!next_word(&line, &keyword))
        return true;
    bool is_label_line = prq_str_ieq(keyword, PRQ_S("LABEL"));
    if (!is_label_line && !prq_str_ieq(keyword, PRQ_S("ENV")) &&
        !prq_str_ieq(keyword, PRQ_S("ARG")))
        return true;
    while (next_word(&line, &word)) {
        if (!prq_str_cut(word, '=', &key, &value)) {
            key = word; /* ENV NAME VALUE */
            value = prq_str_trim(line);
            line = (prq_str){ 0 };
        }
        key = expand(v, key);
        value = expand(v, value);
        if (!key.p || !value.p)
            return false;
        if (!is_label_line) {
            if (v->n < VARIABLES_MAX)
                v->v[v->n++] = (struct prq_pair){ key, value };
        } else if (prq_str_eq(key, PRQ_S("com.redhat.component")) ||
                   prq_str_eq(key, PRQ_S("BZComponent"))) {
            out->component = value;
        } else if (prq_str_eq(key, PRQ_S("architecture"))) {
            out->architecture = value;
        }
    }
    return true;
}

/* A line ended by a backslash goes on in the next. What is longer than INSTRUCTION_MAX is cut: no label
 * that matters is so long. */
static bool next_instruction(struct variables *v, prq_str *rest, prq_str *out)
{
    prq_str line;
    size_t n = 0;
    bool any = false, goes_on = true;
    while (goes_on && prq_str_line(rest, &line)) {
        line = prq_str_trim(line);
        if (line.n && line.p[0] == '#')
            continue;
        any = true;
        goes_on = prq_str_ends(line, PRQ_S("\\"));
        line.n -= goes_on;
        put_bytes(v->instruction, INSTRUCTION_MAX, &n, line);
        put_bytes(v->instruction, INSTRUCTION_MAX, &n, PRQ_S(" "));
    }
    *out = (prq_str){ v->instruction, n };
    return any;
}

static bool read_dockerfile(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                            struct prq_err *err)
{
    struct variables *v = prq_new(ctx->scratch, struct variables);
    struct labels labels = { 0 };
    prq_str rest = prq_str_of(in->data), line, name = prq_path_base(in->file->path), version, release;
    if (!v)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for variables");
    v->a = ctx->scratch;
    while (next_instruction(v, &rest, &line))
        if (!take_instruction(v, line, &labels))
            return prq_fail(err, PRQ_E_LIMIT, "labels exceed the file's budget");
    if (!prq_str_rcut(name, '-', &name, &release) || !prq_str_rcut(name, '-', &name, &version) ||
        !labels.component.n)
        return true; /* not one of the build system's */
    const struct prq_pair pairs[] = { { PRQ_S("com.redhat.component"), labels.component },
                                      { PRQ_S("version"), version },
                                      { PRQ_S("release"), release },
                                      { PRQ_S("architecture"), labels.architecture } };
    return prq_sink_note(sink, PRQ_S("build-info"), pairs, PRQ_COUNT(pairs)) || prq_sink_full(err);
}

/* ---- dnf's history */

struct history {
    struct prq_ctx *ctx;
    struct prq_sqlite db;
    struct prq_map repos, names, archs; /* ids as text to 1 + index into texts */
    struct prq_map of_item;             /* to 1 + index of the repository's name */
    prq_str *texts;
    size_t text_count, text_cap;
};

static prq_str id_text(struct history *h, int64_t id)
{
    return prq_arena_printf(h->ctx->scratch, "%lld", (long long)id);
}

static bool integer_at(const struct prq_sqlite_row *row, size_t i, int64_t *out)
{
    if (i == 0 && row->count && row->v[0].type == PRQ_SQLITE_NULL)
        *out = row->rowid;
    else if (i < row->count && row->v[i].type == PRQ_SQLITE_INTEGER)
        *out = row->v[i].integer;
    else
        return false;
    return true;
}

static prq_str text_at(const struct prq_sqlite_row *row, size_t i)
{
    bool is_text = i < row->count && row->v[i].type == PRQ_SQLITE_TEXT;
    return is_text ? prq_str_of(row->v[i].bytes) : (prq_str){ 0 };
}

typedef bool row_fn(struct history *h, const struct prq_sqlite_row *row, void *user,
                    struct prq_err *err);

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "the history exceeds the file's budget");
}

static bool each_row(struct history *h, const char *table, row_fn *take, void *user,
                     struct prq_err *err)
{
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    if (!prq_sqlite_table(&h->db, prq_str_from(table), &rows, err))
        return false;
    for (;;) {
        enum prq_next step = prq_sqlite_next(&rows, &row, err);
        if (step != PRQ_NEXT_ITEM)
            return step == PRQ_NEXT_END;
        if (!take(h, &row, user, err))
            return false;
        if (prq_ctx_is_cancelled(h->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
}

/* (id, text) */
static bool take_text(struct history *h, const struct prq_sqlite_row *row, void *user,
                      struct prq_err *err)
{
    int64_t id;
    if (!integer_at(row, 0, &id) || row->count < 2)
        return true;
    prq_str key = id_text(h, id), text = prq_arena_copy(h->ctx->scratch, text_at(row, 1));
    size_t *at = key.p && text.p ? prq_map_put(user, key, 0, NULL) : NULL;
    if (!at || !prq_arena_grow(h->ctx->scratch, &h->texts, sizeof *h->texts, &h->text_cap,
                               h->text_count + 1))
        return no_room(err);
    h->texts[h->text_count++] = text;
    *at = h->text_count;
    return true;
}

static prq_str found_text(struct history *h, const struct prq_map *map, int64_t id)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)id);
    const size_t *at = prq_map_find(map, (prq_str){ text, (size_t)n });
    return at && *at ? h->texts[*at - 1] : (prq_str){ 0 };
}

/* trans_item(id, trans_id, item_id, repo_id, …): the last one that names a real repository. */
static bool take_item(struct history *h, const struct prq_sqlite_row *row, void *user,
                      struct prq_err *err)
{
    enum { ITEM = 2, REPO = 3 };
    int64_t item, repo;
    (void)user;
    if (!integer_at(row, ITEM, &item) || !integer_at(row, REPO, &repo))
        return true;
    prq_str id = found_text(h, &h->repos, repo);
    if (!id.n || id.p[0] == '@') /* "@System": what was there before */
        return true;
    prq_str key = id_text(h, item), text = id_text(h, repo);
    const size_t *known = text.p ? prq_map_find(&h->repos, text) : NULL;
    size_t *at = key.p && known ? prq_map_put(&h->of_item, key, 0, NULL) : NULL;
    if (!at)
        return no_room(err);
    *at = *known;
    return true;
}

/* rpm(item_id, name, epoch, version, release, arch); from dnf 5 on name and arch are ids. */
static bool take_rpm(struct history *h, const struct prq_sqlite_row *row, void *user,
                     struct prq_err *err)
{
    enum { ITEM, NAME, EPOCH, VERSION, RELEASE, ARCH };
    int64_t item, id, epoch = 0;
    if (!integer_at(row, ITEM, &item))
        return true;
    prq_str repo = found_text(h, &h->of_item, item);
    prq_str name = text_at(row, NAME), arch = text_at(row, ARCH);
    if (!name.n && integer_at(row, NAME, &id))
        name = found_text(h, &h->names, id);
    if (!arch.n && integer_at(row, ARCH, &id))
        arch = found_text(h, &h->archs, id);
    (void)integer_at(row, EPOCH, &epoch);
    if (!repo.n || !name.n)
        return true;
    prq_str nevra = prq_arena_printf(h->ctx->scratch, "%.*s-%lld:%.*s-%.*s.%.*s", PRQ_FMT(name),
                                     (long long)epoch, PRQ_FMT(text_at(row, VERSION)),
                                     PRQ_FMT(text_at(row, RELEASE)), PRQ_FMT(arch));
    if (!nevra.p)
        return no_room(err);
    return batch_add(user, nevra, repo) || prq_sink_full(err);
}

/* Either of two names; neither: these are no ids. */
static bool read_names(struct history *h, const char *one, const char *other, struct prq_map *map,
                       struct prq_err *err)
{
    struct prq_sqlite_rows rows;
    struct prq_err why = PRQ_ERR_INIT;
    const char *const tables[] = { one, other };
    for (size_t i = 0; i < PRQ_COUNT(tables); i++)
        if (prq_sqlite_table(&h->db, prq_str_from(tables[i]), &rows, &why))
            return each_row(h, tables[i], take_text, map, err);
    return true;
}

static bool read_history(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct history h = { .ctx = ctx };
    struct batch *b = prq_new(ctx->scratch, struct batch);
    if (!b)
        return no_room(err);
    b->sink = sink;
    b->kind = PRQ_S("package-repositories");
    prq_map_init(&h.repos, ctx->scratch);
    prq_map_init(&h.names, ctx->scratch);
    prq_map_init(&h.archs, ctx->scratch);
    prq_map_init(&h.of_item, ctx->scratch);
    struct prq_err why = PRQ_ERR_INIT; /* of a broken log: the file alone is read */
    if (!prq_sqlite_open(&h.db, in->data, ctx->scratch, err))
        return false;
    if (!prq_sqlite_wal(&h.db, in->companion, &why)) {
        const struct prq_gap gap = prq_gap_from(&why, (prq_str){ 0 });
        if (!prq_sink_gap(sink, &gap))
            return prq_sink_full(err);
    }
    bool ok = each_row(&h, "repo", take_text, &h.repos, err) &&
              read_names(&h, "pkg_names", "pkg_name", &h.names, err) &&
              read_names(&h, "archs", "arch", &h.archs, err) &&
              each_row(&h, "trans_item", take_item, NULL, err) &&
              each_row(&h, "rpm", take_rpm, b, err);
    if (!batch_end(b))
        return prq_sink_full(err);
    return ok;
}

/* …/yumdb/b/SHA-bash-4.2.46-34.el7-x86_64/from_repo holds the repository's name. */
static bool read_yumdb(const struct prq_input *in, struct prq_sink *sink, struct prq_err *err)
{
    prq_str dir = prq_path_base(prq_path_dir(in->file->path)), sha, nevra;
    prq_str repo = prq_str_trim(prq_str_of(in->data));
    if (!prq_str_cut(dir, '-', &sha, &nevra) || !repo.n)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no package or no repository");
    const struct prq_pair pair = { nevra, repo };
    return prq_sink_note(sink, PRQ_S("package-repositories"), &pair, 1) || prq_sink_full(err);
}

/* ---- */

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path);
    if (prq_str_ends(base, PRQ_S(".sqlite")))
        return read_history(ctx, in, sink, err);
    if (prq_str_eq(base, PRQ_S("from_repo")))
        return read_yumdb(in, sink, err);
    if (prq_str_starts(base, PRQ_S("Dockerfile-")))
        return read_dockerfile(ctx, in, sink, err);
    return read_json(ctx, in, sink, err);
}

static const struct prq_want wants[] = {
    { .prefix = PRQ_SI("root/buildinfo/content_manifests/"), .suffix = PRQ_SI(".json"),
      .max_bytes = PRQ_MIB(16) },
    { .path = PRQ_SI("root/buildinfo/labels.json"), .max_bytes = PRQ_MIB(1) },
    { .prefix = PRQ_SI("usr/share/buildinfo/"), .suffix = PRQ_SI(".json"),
      .max_bytes = PRQ_MIB(16) },
    { .prefix = PRQ_SI("root/buildinfo/Dockerfile-"), .max_bytes = PRQ_MIB(1) },
    { .suffix = PRQ_SI("/var/lib/dnf/history.sqlite"), .companion_suffix = "-wal",
      .max_bytes = PRQ_MIB(256) },
    { .suffix = PRQ_SI("/usr/lib/sysimage/libdnf5/transaction_history.sqlite"),
      .companion_suffix = "-wal", .max_bytes = PRQ_MIB(256) },
    { .basename = PRQ_SI("from_repo"), .contains = PRQ_SI("var/lib/yum/yumdb/"),
      .max_bytes = PRQ_KIB(64) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_rhcontent = {
    .name = "rhcontent",
    .purl_type = "",
    .summary = "Red Hat's content sets and build information, dnf's and yum's history",
    .revision = 1,
    .wants = wants,
    .run = run,
};
