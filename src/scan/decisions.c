/* SPDX-License-Identifier: Apache-2.0 */
/* Where VEX documents and ignore rules come from. A VEX repository is laid out by the VEX Repository
 * Specification 0.1: "vex-repository.json" names archives, "index.json" in such an archive says which
 * package URL each document is about. */
#include "scan/decisions.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/map.h"
#include "format/ignorefile.h"
#include "format/json.h"
#include "format/vexfile.h"
#include "io/source.h"
#include "lib/lib.h"

enum { FILES_MAX = 100000, DEPTH_MAX = 16 };

static const size_t document_max = PRQ_MIB(256);

struct opening {
    struct prq_ctx *ctx;
    const struct prq_analysis *an;
    struct prq_arena *a;
    struct prq_decisions *out;
    struct prq_err *err;
};

static bool full(struct opening *o)
{
    return prq_fail(o->err, PRQ_E_LIMIT, "VEX documents exceed the memory budget");
}

static bool no_file(struct prq_err *err)
{
    if (err && err->code != PRQ_E_NOMEM && err->code != PRQ_E_BUG)
        err->code = PRQ_E_USAGE;
    return false;
}

static bool read_whole(prq_str path, struct prq_buf *b, struct prq_err *err)
{
    char name[PATH_MAX];
    if (path.n == 0 || path.n >= sizeof name)
        return prq_fail(err, PRQ_E_USAGE, "file name of %zu bytes", path.n);
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    return prq_read_file(name, b, err);
}

/* ---- documents */

static bool take_text(struct prq_ctx *ctx, prq_str name, prq_str text, bool is_attached,
                      struct prq_arena *a, struct prq_decisions *out, struct prq_err *err)
{
    struct prq_vex_set *set = &out->vex;
    struct prq_vex_doc *doc = prq_new(a, struct prq_vex_doc);
    uint8_t raw[32];
    if (!doc || !prq_arena_grow(a, &set->docs, sizeof *set->docs, &set->cap, set->n + 1))
        return prq_fail(err, PRQ_E_LIMIT, "VEX documents exceed the memory budget");
    if (!prq_vex_read(text, ctx->limits, a, doc, err))
        return false;
    doc->path = prq_arena_copy(a, name);
    doc->is_attached = is_attached;
    if (!doc->path.p || !prq_sha256(prq_bytes_of(text), raw) ||
        !prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, sizeof raw }, a, &doc->digest))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    set->docs[set->n++] = doc;
    return true;
}

static bool take(struct opening *o, prq_str name, prq_str bytes)
{
    prq_str text = prq_arena_copy(o->a, bytes);
    return text.p ? take_text(o->ctx, name, text, false, o->a, o->out, o->err) : full(o);
}

static bool add_gap(struct opening *o, prq_str name, const struct prq_err *why)
{
    struct prq_decisions *d = o->out;
    if (!prq_arena_grow(o->a, &d->gaps, sizeof *d->gaps, &d->gap_cap, d->gap_count + 1))
        return full(o);
    struct prq_gap gap = { .kind = PRQ_S("vex"), .path = prq_arena_copy(o->a, name),
                           .layer = PRQ_GAP_NO_LAYER, .has_offset = why->has_offset,
                           .offset = why->offset,
                           .reason = prq_arena_copy(o->a, prq_str_from(why->text)) };
    if (!gap.path.p || !gap.reason.p)
        return full(o);
    d->gaps[d->gap_count++] = gap;
    return true;
}

/* One document of many that is broken is a gap; the others count. */
static bool take_or_gap(struct opening *o, prq_str name, prq_str bytes)
{
    struct prq_err why = PRQ_ERR_INIT;
    struct opening inner = *o;
    inner.err = &why;
    if (take(&inner, name, bytes))
        return true;
    if (why.code != PRQ_E_FORMAT && why.code != PRQ_E_UNSUPPORTED && why.code != PRQ_E_LIMIT) {
        if (o->err)
            *o->err = why;
        return false;
    }
    return add_gap(o, name, &why);
}

bool prq_vex_take_attached(struct prq_ctx *ctx, prq_str name, prq_str text, struct prq_arena *a,
                           struct prq_decisions *out, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    struct opening o = { ctx, NULL, a, out, err };
    if (take_text(ctx, name, text, true, a, out, &why) || why.code == PRQ_E_UNSUPPORTED)
        return true;
    if (why.code == PRQ_E_FORMAT || why.code == PRQ_E_LIMIT)
        return add_gap(&o, name, &why);
    if (err)
        *err = why;
    return false;
}

static bool join(struct opening *o, prq_str dir, prq_str name, prq_str *out)
{
    *out = prq_arena_printf(o->a, "%.*s%s%.*s", PRQ_FMT(dir), dir.n ? "/" : "", PRQ_FMT(name));
    return out->p || full(o);
}

/* ---- which documents of a repository are about this analysis */

struct choice {
    struct prq_map bases; /* purls without version and qualifiers, lower case */
    struct prq_strs locations;
    size_t cap;
    bool is_index;
};

/* "pkg:golang/x/y@v1?a=b" → "pkg:golang/x/y" */
static prq_str base_of(prq_str purl, struct prq_arena *a)
{
    prq_str s = prq_str_head(purl, prq_str_find(purl, '?'));
    s = prq_str_head(s, prq_str_find(s, '#'));
    size_t at = prq_str_rfind(s, '@'), slash = prq_str_rfind(s, '/');
    if (at < s.n && at > slash + 1)
        s = prq_str_head(s, at);
    char *p = prq_arena_alloc(a, s.n + 1);
    for (size_t i = 0; p && i < s.n; i++)
        p[i] = prq_to_lower(s.p[i]);
    return (prq_str){ p, p ? s.n : 0 };
}

static bool list_bases(struct opening *o, struct choice *c)
{
    bool added;
    prq_map_init(&c->bases, o->a);
    for (size_t i = 0; i < o->an->package_count; i++) {
        prq_str base = base_of(o->an->packages[i].purl, o->a);
        if (!base.p || !prq_map_put(&c->bases, base, i, &added))
            return full(o);
    }
    return true;
}

/* Images are told apart by match/vexname.c: here their kind is enough. */
static bool is_wanted(struct opening *o, const struct choice *c, prq_str id)
{
    prq_str base = base_of(id, o->a);
    return prq_str_starts(base, PRQ_S("pkg:oci/")) || prq_str_starts(base, PRQ_S("pkg:docker/")) ||
           prq_map_find(&c->bases, base);
}

static bool read_index(struct opening *o, prq_str text, struct choice *c)
{
    struct prq_json j;
    prq_str key, id, location;
    const struct prq_json_text wanted[] = { { PRQ_S("id"), &id }, { PRQ_S("location"), &location } };
    prq_json_init(&j, text, o->a, o->ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_json_end(&j, o->err);
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("packages")) || !prq_json_enter_array(&j)) {
            prq_json_skip(&j);
            continue;
        }
        c->is_index = true;
        while (prq_json_item(&j)) {
            id = location = (prq_str){ 0 };
            if (!prq_json_enter_object(&j)) {
                prq_json_skip(&j);
                continue;
            }
            prq_json_texts(&j, wanted, PRQ_COUNT(wanted));
            if (!id.n || !location.n || !is_wanted(o, c, id))
                continue;
            if (!prq_arena_grow(o->a, &c->locations.v, sizeof location, &c->cap,
                                c->locations.n + 1))
                return full(o);
            c->locations.v[c->locations.n++] = location;
        }
    }
    return prq_json_end(&j, o->err);
}

static bool is_safe(prq_str location)
{
    prq_str piece, rest = location;
    if (!location.n || location.p[0] == '/' || memchr(location.p, '\0', location.n))
        return false;
    while (prq_str_split(&rest, '/', &piece))
        if (prq_str_eq(piece, PRQ_S("..")))
            return false;
    return true;
}

/* ---- archives */

static bool each_member(struct opening *o, prq_str bytes,
                        bool (*visit)(struct opening *o, void *user, prq_str path,
                                      struct prq_tar *tar),
                        void *user)
{
    PRQ_STREAM in = NULL;
    struct prq_stream *unpacked = NULL;
    if (!prq_decompress_stream(prq_mem_stream(prq_bytes_of(bytes)), o->ctx->limits, &unpacked,
                               o->err))
        return false;
    in = unpacked;
    struct prq_tar *tar;
    struct prq_tar_entry e;
    enum prq_next step;
    size_t count = 0;
    if (!prq_tar_open(in, &tar, o->err))
        return false;
    while ((step = prq_tar_next(tar, &e, o->err)) == PRQ_NEXT_ITEM) {
        if (++count > FILES_MAX) {
            prq_fail(o->err, PRQ_E_LIMIT, "more than %d members", FILES_MAX);
            step = PRQ_NEXT_FAIL;
            break;
        }
        if (e.type == 'f' && !visit(o, user, e.path, tar)) {
            step = PRQ_NEXT_FAIL;
            break;
        }
    }
    prq_tar_close(tar);
    return step == PRQ_NEXT_END;
}

static bool read_member(struct opening *o, struct prq_tar *tar, struct prq_buf *out)
{
    const void *p;
    size_t n;
    for (;;) {
        if (!prq_tar_data(tar, &p, &n, o->err))
            return false;
        if (n == 0)
            return true;
        if (!prq_buf_add(out, p, n))
            return prq_fail(o->err, PRQ_E_LIMIT, "a document of more than %zu bytes",
                            document_max);
    }
}

struct archive {
    prq_str name;
    struct choice choice;
    prq_str root;        /* directory of the index */
    bool has_root;
    struct prq_map wanted; /* full paths */
};

static bool visit_index(struct opening *o, void *user, prq_str path, struct prq_tar *tar)
{
    struct archive *x = user;
    PRQ_BUF b;
    prq_buf_init(&b, document_max);
    if (!prq_str_eq(prq_path_base(path), PRQ_S("index.json")) || x->has_root)
        return true;
    if (!read_member(o, tar, &b))
        return false;
    prq_str text = prq_arena_copy(o->a, prq_buf_view(&b));
    if (!text.p || !read_index(o, text, &x->choice))
        return text.p ? false : full(o);
    x->has_root = x->choice.is_index;
    x->root = prq_arena_copy(o->a, prq_path_dir(path));
    return x->root.p || full(o);
}

static bool visit_document(struct opening *o, void *user, prq_str path, struct prq_tar *tar)
{
    struct archive *x = user;
    PRQ_BUF b;
    prq_str name;
    prq_buf_init(&b, document_max);
    bool is_wanted = x->has_root ? prq_map_find(&x->wanted, path) != NULL
                                 : prq_str_ends(path, PRQ_S(".json"));
    if (!is_wanted)
        return true;
    return read_member(o, tar, &b) && join(o, x->name, path, &name) &&
           take_or_gap(o, name, prq_buf_view(&b));
}

static bool take_archive(struct opening *o, prq_str name, prq_str bytes)
{
    struct archive x = { .name = name };
    bool added;
    prq_map_init(&x.wanted, o->a);
    if (!list_bases(o, &x.choice) || !each_member(o, bytes, visit_index, &x))
        return false;
    for (size_t i = 0; i < x.choice.locations.n; i++) {
        prq_str path;
        if (!join(o, x.root, x.choice.locations.v[i], &path) ||
            !prq_map_put(&x.wanted, path, i, &added))
            return false;
    }
    return each_member(o, bytes, visit_document, &x);
}

static bool is_archive(prq_str bytes)
{
    return prq_packing_of(prq_bytes_of(bytes)) != PRQ_PACKED_NOT ||
           (bytes.n > 262 && memcmp(bytes.p + 257, "ustar", 5) == 0);
}

/* ---- directories */

static int by_text(const void *x, const void *y)
{
    return prq_str_cmp(*(const prq_str *)x, *(const prq_str *)y);
}

struct listing {
    struct prq_strs dirs, files;
    size_t dir_cap, file_cap;
};

static bool list_directory(struct opening *o, prq_str path, struct listing *l)
{
    struct dirent *e;
    char name[PATH_MAX];
    if (path.n >= sizeof name)
        return prq_fail(o->err, PRQ_E_USAGE, "file name of %zu bytes", path.n);
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    DIR *d = opendir(name);
    bool ok = d || prq_fail(o->err, PRQ_E_IO, "open directory %s", name);
    while (ok && (e = readdir(d))) {
        prq_str base = prq_str_from(e->d_name), whole;
        struct stat st;
        if (base.p[0] == '.')
            continue;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        bool is_dir = S_ISDIR(st.st_mode);
        if (!is_dir && (!S_ISREG(st.st_mode) || !prq_str_ends(base, PRQ_S(".json"))))
            continue;
        struct prq_strs *to = is_dir ? &l->dirs : &l->files;
        ok = join(o, path, base, &whole) &&
             (prq_arena_grow(o->a, &to->v, sizeof whole, is_dir ? &l->dir_cap : &l->file_cap,
                             to->n + 1) || full(o));
        if (ok)
            to->v[to->n++] = whole;
        if (ok && l->dirs.n + l->files.n > FILES_MAX)
            ok = prq_fail(o->err, PRQ_E_LIMIT, "more than %d files", FILES_MAX);
    }
    if (d)
        closedir(d);
    return ok;
}

static bool take_file(struct opening *o, prq_str path)
{
    PRQ_BUF b;
    prq_buf_init(&b, document_max);
    return read_whole(path, &b, o->err) && take_or_gap(o, path, prq_buf_view(&b));
}

static bool take_directory(struct opening *o, prq_str path)
{
    struct listing l = { 0 };
    size_t depth_of_start = 0;
    for (size_t i = 0; i < path.n; i++)
        depth_of_start += path.p[i] == '/';
    if (!list_directory(o, path, &l))
        return false;
    for (size_t i = 0; i < l.dirs.n; i++) { /* grows meanwhile */
        size_t depth = 0;
        for (size_t k = 0; k < l.dirs.v[i].n; k++)
            depth += l.dirs.v[i].p[k] == '/';
        if (depth > depth_of_start + DEPTH_MAX)
            return prq_fail(o->err, PRQ_E_LIMIT, "directories nested too deep");
        if (!list_directory(o, l.dirs.v[i], &l))
            return false;
    }
    if (l.files.n)
        qsort(l.files.v, l.files.n, sizeof *l.files.v, by_text);
    for (size_t i = 0; i < l.files.n; i++)
        if (!take_file(o, l.files.v[i]))
            return false;
    return true;
}

static bool take_repository(struct opening *o, prq_str path, const struct choice *c)
{
    for (size_t i = 0; i < c->locations.n; i++) {
        prq_str whole;
        if (!is_safe(c->locations.v[i]))
            return prq_fail(o->err, PRQ_E_FORMAT, "index.json: %.*s leads out of the repository",
                            PRQ_FMT(c->locations.v[i]));
        if (!join(o, path, c->locations.v[i], &whole) || !take_file(o, whole))
            return false;
    }
    return true;
}

/* "https://host/a/b/main.tar.gz//dir": the archive as a mirror of the repository has it. */
static bool take_mirrored(struct opening *o, prq_str path, prq_str manifest, bool *found)
{
    prq_str rest = manifest, url, after, whole;
    size_t at;
    *found = false;
    while ((at = prq_str_search(rest, PRQ_S("\"url\""))) < rest.n) {
        rest = prq_str_from_at(rest, at + 5);
        if (!prq_str_cut(rest, '"', &after, &url) || !prq_str_cut(url, '"', &url, &after))
            break;
        at = prq_str_search(url, PRQ_S("://"));
        if (at == url.n)
            continue;
        prq_str tail = prq_str_from_at(url, at + 3);
        tail = prq_str_head(tail, prq_str_search(tail, PRQ_S("//")));
        while (prq_str_cut(tail, '/', &after, &tail)) {
            PRQ_BUF b;
            prq_buf_init(&b, document_max);
            if (!is_safe(tail) || !join(o, path, tail, &whole))
                break;
            if (!read_whole(whole, &b, NULL))
                continue;
            *found = true;
            return take_archive(o, whole, prq_buf_view(&b));
        }
    }
    return true;
}

static bool open_directory(struct opening *o, prq_str path)
{
    struct choice c = { 0 };
    prq_str index, manifest;
    PRQ_BUF b;
    prq_buf_init(&b, document_max);
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    if (!join(o, path, PRQ_S("index.json"), &index) ||
        !join(o, path, PRQ_S("vex-repository.json"), &manifest))
        return false;
    if (read_whole(index, &b, NULL)) {
        prq_str text = prq_arena_copy(o->a, prq_buf_view(&b));
        if (!text.p || !list_bases(o, &c) || !read_index(o, text, &c))
            return text.p ? prq_in(o->err, "index.json") : full(o);
        if (c.is_index)
            return take_repository(o, path, &c);
    }
    prq_buf_clear(&b);
    if (read_whole(manifest, &b, NULL)) {
        bool found;
        prq_str text = prq_arena_copy(o->a, prq_buf_view(&b));
        if (!text.p || !take_mirrored(o, path, text, &found) || found)
            return text.p ? found : full(o);
    }
    return take_directory(o, path);
}

bool prq_vex_open(struct prq_ctx *ctx, prq_str path, const struct prq_analysis *an,
                  struct prq_arena *a, struct prq_decisions *out, struct prq_err *err)
{
    struct opening o = { ctx, an, a, out, err };
    struct stat st;
    char name[PATH_MAX];
    PRQ_BUF b;
    prq_buf_init(&b, document_max);
    if (path.n == 0 || path.n >= sizeof name)
        return prq_fail(err, PRQ_E_USAGE, "vex: file name of %zu bytes", path.n);
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    bool ok;
    if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
        ok = open_directory(&o, path);
    else
        ok = read_whole(path, &b, err) && (is_archive(prq_buf_view(&b))
                                               ? take_archive(&o, path, prq_buf_view(&b))
                                               : take(&o, path, prq_buf_view(&b)));
    if (ok)
        return true;
    no_file(err);
    return prq_in(err, "vex %s", name);
}

/* ---- ignore rules */

bool prq_ignores_open(struct prq_ctx *ctx, prq_str path, struct prq_arena *a,
                      struct prq_decisions *out, struct prq_err *err)
{
    PRQ_BUF b;
    size_t before = out->ignores.warnings.n;
    prq_buf_init(&b, PRQ_MIB(16));
    bool ok = read_whole(path, &b, err);
    prq_str text = ok ? prq_arena_copy(a, prq_buf_view(&b)) : (prq_str){ 0 };
    prq_str name = ok ? prq_arena_copy(a, path) : (prq_str){ 0 };
    if (ok && (!text.p || !name.p))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!ok || !prq_ignore_read(name, text, ctx->limits, a, &out->ignores, err)) {
        no_file(err);
        return prq_in(err, "ignore file %.*s", PRQ_FMT(path));
    }
    for (size_t i = before; i < out->ignores.warnings.n; i++)
        prq_log(ctx->log, PRQ_LOG_WARN, "%.*s", PRQ_FMT(out->ignores.warnings.v[i]));
    return true;
}
