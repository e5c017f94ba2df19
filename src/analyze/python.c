/* SPDX-License-Identifier: Apache-2.0 */
/* Python distributions as they lie on the disk: .dist-info and .egg-info directories, single
 * .egg-info files, zipped eggs, and what belongs to them (RECORD, direct_url.json). Wheels that lie
 * around count as asked for, and in a source tree only.
 * Sources: packaging.python.org, "Core metadata", "Recording installed projects", "Recording the
 * Direct URL Origin"; setuptools, "The Internal Structure of Python Eggs"; catalog.md 4.1. */
#include "analyze/analyze.h"
#include "analyze/owning.h"
#include "format/json.h"
#include "lib/lib.h"

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".dist-info/METADATA"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI("DIST-INFO/METADATA"), .max_bytes = PRQ_MIB(16) },
    /* copied without its directory */
    { .suffix = PRQ_SI("/site-packages/METADATA"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI(".egg-info/PKG-INFO"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI("/EGG-INFO/PKG-INFO"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI(".egg-info"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI(".dist-info/RECORD"), .max_bytes = PRQ_MIB(64) },
    { .suffix = PRQ_SI(".dist-info/direct_url.json"), .max_bytes = PRQ_MIB(1) },
    { .suffix = PRQ_SI(".egg-info/installed-files.txt"), .max_bytes = PRQ_MIB(64) },
    { .suffix = PRQ_SI(".egg"), .magic = PRQ_SI("PK\3\4"), .max_bytes = PRQ_MIB(512) },
    { .suffix = PRQ_SI(".whl"), .magic = PRQ_SI("PK\3\4"), .max_bytes = PRQ_GIB(2),
      .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

/* ---- core metadata: header lines up to the first blank one. Real files break the mail rules and
 * are not always UTF-8, so nothing here refuses a line. */

struct metadata {
    prq_str name, version, expression, license;
    struct prq_strs classifiers; /* licence ones, their last part */
    struct prq_strs depends;
    size_t classifier_cap, depend_cap;
};

static bool add(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a)
{
    if (s.n == 0)
        return true;
    if (list->n == *cap && !prq_arena_grow(a, &list->v, sizeof *list->v, cap, list->n + 1))
        return false;
    list->v[list->n++] = s;
    return true;
}

/* "License :: OSI Approved :: MIT License" to "MIT License". */
static prq_str classified_license(prq_str value)
{
    if (!prq_str_starts(value, PRQ_S("License ::")))
        return (prq_str){ 0 };
    size_t at = prq_str_rfind(value, ':');
    prq_str last = prq_str_trim(prq_str_from_at(value, at + 1));
    return prq_str_eq(last, PRQ_S("OSI Approved")) ? (prq_str){ 0 } : last;
}

/* "requests[socks] (>=2.0) ; extra == 'x'" to "requests"; what only an extra asks for is left out.
 * Source: packaging.python.org, "Dependency specifiers". */
static prq_str required_name(prq_str value)
{
    prq_str before, marker;
    if (prq_str_cut(value, ';', &before, &marker) && prq_str_has(marker, PRQ_S("extra")))
        return (prq_str){ 0 };
    size_t n = 0;
    while (n < value.n && (prq_is_alnum(value.p[n]) || value.p[n] == '-' || value.p[n] == '_' ||
                           value.p[n] == '.'))
        n++;
    return prq_str_head(value, n);
}

static bool read_field(struct metadata *m, prq_str key, prq_str value, struct prq_arena *a)
{
    if (prq_str_ieq(key, PRQ_S("Name"))) {
        if (m->name.n == 0)
            m->name = value;
    } else if (prq_str_ieq(key, PRQ_S("Version"))) {
        if (m->version.n == 0)
            m->version = value;
    } else if (prq_str_ieq(key, PRQ_S("License-Expression"))) {
        m->expression = value;
    } else if (prq_str_ieq(key, PRQ_S("License"))) {
        if (!prq_str_ieq(value, PRQ_S("UNKNOWN")))
            m->license = value;
    } else if (prq_str_ieq(key, PRQ_S("Classifier"))) {
        return add(&m->classifiers, &m->classifier_cap, classified_license(value), a);
    } else if (prq_str_ieq(key, PRQ_S("Requires-Dist"))) {
        return add(&m->depends, &m->depend_cap, required_name(value), a);
    }
    return true;
}

static bool read_metadata(prq_str text, struct metadata *m, struct prq_arena *a,
                          struct prq_err *err)
{
    prq_str line, key, value;
    if (prq_str_starts(text, PRQ_S("\xef\xbb\xbf")))
        text = prq_str_from_at(text, 3);
    while (prq_str_line(&text, &line)) {
        if (prq_str_trim(line).n == 0)
            break;
        if (prq_is_space(line.p[0]) || !prq_str_cut(line, ':', &key, &value))
            continue; /* continuation, or no field */
        if (!read_field(m, prq_str_trim(key), prq_str_trim(value), a))
            return prq_fail(err, PRQ_E_LIMIT, "too many fields");
    }
    return true;
}

/* The licences as declared: the expression says all there is to say. */
static bool licenses_of(const struct metadata *m, struct prq_arena *a, struct prq_strs *out)
{
    size_t cap = 0;
    *out = (struct prq_strs){ 0 };
    if (m->expression.n)
        return add(out, &cap, m->expression, a);
    if (!add(out, &cap, m->license, a))
        return false;
    for (size_t i = 0; i < m->classifiers.n; i++)
        if (!add(out, &cap, m->classifiers.v[i], a))
            return false;
    return true;
}

static bool put_metadata(struct prq_ctx *ctx, prq_str text, uint32_t flags, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct metadata m = { 0 };
    struct prq_package p = { .type = PRQ_S("pypi"), .flags = flags };
    if (!read_metadata(text, &m, ctx->scratch, err))
        return false;
    if (!licenses_of(&m, ctx->scratch, &p.licenses))
        return prq_fail(err, PRQ_E_LIMIT, "too many licences");
    if (m.name.n == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no Name field");
    /* Interpreters of distributions left Python-2.7.egg-info, which is no package. */
    if (prq_str_eq(m.name, PRQ_S("Python")))
        return true;
    p.name = m.name;
    p.version = m.version;
    p.depends = m.depends;
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* ---- who put which file there */

/* `rel` seen from the directory `base`, without "." and ".."; empty when it leaves the image.
 * False when memory ran out. */
static bool resolve(prq_str base, prq_str rel, struct prq_arena *a, prq_str *out)
{
    if (rel.n && rel.p[0] == '/')
        base = (prq_str){ 0 };
    char *text = prq_new_n(a, char, base.n + rel.n + 2);
    if (!text)
        return false;
    if (base.n)
        memcpy(text, base.p, base.n);
    prq_str done = { text, base.n }, part;
    *out = (prq_str){ 0 };
    while (prq_str_split(&rel, '/', &part)) {
        if (part.n == 0 || prq_str_eq(part, PRQ_S(".")))
            continue;
        if (prq_str_eq(part, PRQ_S(".."))) {
            if (done.n == 0)
                return true;
            done = prq_path_dir(done);
            continue;
        }
        if (done.n)
            text[done.n++] = '/';
        memcpy(text + done.n, part.p, part.n);
        done.n += part.n;
    }
    *out = done;
    return true;
}

/* The quoted field at the front of *rest, which is moved behind it. False: memory ran out. */
static bool quoted_field(prq_str *rest, prq_str *out, struct prq_arena *a)
{
    prq_str s = *rest;
    size_t end = 1, n = 0;
    while (end < s.n && (s.p[end] != '"' || (end + 1 < s.n && s.p[end + 1] == '"')))
        end += s.p[end] == '"' ? 2 : 1;
    char *text = prq_new_n(a, char, end);
    if (!text)
        return false;
    for (size_t i = 1; i < end; i++) {
        text[n++] = s.p[i];
        if (s.p[i] == '"')
            i++;
    }
    *out = (prq_str){ text, n };
    *rest = prq_str_from_at(s, end + 1);
    return true;
}

/* The first field of the next record. Source: RFC 4180; a quote in quotes is doubled. False at the
 * end, and with *bad when memory ran out. */
static bool next_record(prq_str *rest, prq_str *out, struct prq_arena *a, bool *bad)
{
    prq_str line;
    if (rest->n == 0)
        return false;
    if (rest->p[0] == '"') {
        *bad = !quoted_field(rest, out, a);
        prq_str_line(rest, &line); /* the other fields */
        return !*bad;
    }
    prq_str_line(rest, &line);
    *out = prq_str_head(line, prq_str_find(line, ','));
    return true;
}

/* A list of paths relative to `base`, one at the start of each line or record. */
static bool put_owned(struct prq_ctx *ctx, prq_str text, prq_str base, prq_str metadata, bool csv,
                      struct prq_sink *sink, struct prq_err *err)
{
    struct prq_owning *owning = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "pypi:%.*s", PRQ_FMT(metadata)), rel, path;
    if (!owning || !metadata.p || !owner.p)
        return prq_fail(err, PRQ_E_LIMIT, "no room for a list of files");
    prq_owning_begin(owning, owner);
    struct prq_mark mark = prq_arena_mark(ctx->scratch);
    bool bad = false;
    while (csv ? next_record(&text, &rel, ctx->scratch, &bad) : prq_str_line(&text, &rel)) {
        if (!resolve(base, rel, ctx->scratch, &path))
            return prq_fail(err, PRQ_E_LIMIT, "path too long");
        if (rel.n && !prq_owning_add(owning, (prq_str){ 0 }, path))
            return prq_sink_full(err);
        prq_arena_rewind(ctx->scratch, mark);
    }
    if (bad)
        return prq_fail(err, PRQ_E_LIMIT, "path too long");
    return prq_owning_end(owning) || prq_sink_full(err);
}

static bool run_record(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                       struct prq_err *err)
{
    prq_str dir = prq_path_dir(in->file->path);
    prq_str metadata = prq_arena_printf(ctx->scratch, "%.*s/METADATA", PRQ_FMT(dir));
    return put_owned(ctx, prq_str_of(in->data), prq_path_dir(dir), metadata, true, sink, err);
}

static bool run_installed_files(struct prq_ctx *ctx, const struct prq_input *in,
                                struct prq_sink *sink, struct prq_err *err)
{
    prq_str dir = prq_path_dir(in->file->path);
    prq_str metadata = prq_arena_printf(ctx->scratch, "%.*s/PKG-INFO", PRQ_FMT(dir));
    return put_owned(ctx, prq_str_of(in->data), dir, metadata, false, sink, err);
}

/* ---- where it came from */

struct origin {
    prq_str url, vcs, commit, revision, hash;
    bool is_editable;
};

static void read_origin_part(struct prq_json *j, struct origin *o)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("vcs")))
            prq_json_string_or_skip(j, &o->vcs);
        else if (prq_str_eq(key, PRQ_S("commit_id")))
            prq_json_string_or_skip(j, &o->commit);
        else if (prq_str_eq(key, PRQ_S("requested_revision")))
            prq_json_string_or_skip(j, &o->revision);
        else if (prq_str_eq(key, PRQ_S("hash")))
            prq_json_string_or_skip(j, &o->hash);
        else if (prq_str_eq(key, PRQ_S("editable")))
            prq_json_bool_or_skip(j, &o->is_editable);
        else
            prq_json_skip(j);
    }
}

/* As in "Recording the Direct URL Origin": url and one of vcs_info, archive_info, dir_info. */
static bool read_origin(struct prq_ctx *ctx, prq_bytes data, struct origin *o, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, prq_str_of(data), ctx->scratch, ctx->limits);
    if (prq_json_enter_object(&j)) {
        while (prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("url")))
                prq_json_string_or_skip(&j, &o->url);
            else if (prq_str_ends(key, PRQ_S("_info")))
                read_origin_part(&j, o);
            else
                prq_json_skip(&j);
        }
    } else {
        prq_json_skip(&j);
    }
    return prq_json_end(&j, err);
}

static bool run_direct_url(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                           struct prq_err *err)
{
    struct origin o = { 0 };
    if (!read_origin(ctx, in->data, &o, err))
        return false;
    if (o.url.n == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no url");
    prq_str vcs_url = { 0 };
    if (o.vcs.n && o.commit.n)
        vcs_url = prq_arena_printf(ctx->scratch, "%.*s+%.*s@%.*s", PRQ_FMT(o.vcs), PRQ_FMT(o.url),
                                   PRQ_FMT(o.commit));
    struct prq_pair pairs[] = {
        { PRQ_S("dir"), prq_path_dir(in->file->path) },
        { PRQ_S("url"), o.url },
        { PRQ_S("vcs_url"), vcs_url },
        { PRQ_S("requested_revision"), o.revision },
        { PRQ_S("hash"), o.hash },
        { PRQ_S("editable"), o.is_editable ? PRQ_S("true") : (prq_str){ 0 } },
    };
    return prq_sink_note(sink, PRQ_S("pypi-direct-url"), pairs, PRQ_COUNT(pairs)) ||
           prq_sink_full(err);
}

/* ---- archives: one distribution in each */

static void drop_zip(struct prq_zip **z)
{
    prq_zip_close(*z);
}

static bool is_egg_metadata(prq_str path)
{
    return prq_str_eq(path, PRQ_S("EGG-INFO/PKG-INFO"));
}

/* NAME-VERSION.dist-info at the top; a package may carry copies of others further down. */
static bool is_wheel_metadata(prq_str path)
{
    return prq_str_ends(path, PRQ_S(".dist-info/METADATA")) &&
           prq_str_find(prq_path_dir(path), '/') == prq_path_dir(path).n;
}

static bool run_zip(struct prq_ctx *ctx, const struct prq_input *in, bool (*is_it)(prq_str path),
                    uint32_t flags, struct prq_sink *sink, struct prq_err *err)
{
    PRQ_CLEANUP(drop_zip) struct prq_zip *zip = NULL;
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(16));
    struct prq_zip_entry e;
    enum prq_next step;
    if (!prq_zip_open(in->data, &zip, err))
        return false;
    while ((step = prq_zip_next(zip, &e, err)) == PRQ_NEXT_ITEM)
        if (is_it(e.path))
            return prq_zip_read(zip, &text, err) &&
                   put_metadata(ctx, prq_buf_view(&text), flags, sink, err);
    if (step == PRQ_NEXT_FAIL)
        return false;
    return prq_fail(err, PRQ_E_FORMAT, "archive without metadata");
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path);
    if (prq_str_eq(base, PRQ_S("RECORD")))
        return run_record(ctx, in, sink, err);
    if (prq_str_eq(base, PRQ_S("installed-files.txt")))
        return run_installed_files(ctx, in, sink, err);
    if (prq_str_eq(base, PRQ_S("direct_url.json")))
        return run_direct_url(ctx, in, sink, err);
    if (prq_str_ends(base, PRQ_S(".egg")))
        return run_zip(ctx, in, is_egg_metadata, 0, sink, err);
    if (prq_str_ends(base, PRQ_S(".whl")))
        return run_zip(ctx, in, is_wheel_metadata, PRQ_PKG_DECLARED, sink, err);
    return put_metadata(ctx, prq_str_of(in->data), 0, sink, err);
}

const struct prq_analyzer prq_analyzer_python = {
    .name = "python",
    .purl_type = "pypi",
    .summary = "installed Python distributions: dist-info, egg-info, eggs",
    .revision = 1,
    .wants = wants,
    .run = run,
};
