/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/walk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "lib/lib.h"
#include "scan/held.h"
#include "scan/recent.h"
#include "scan/roots.h"

enum { PATH_BUF = 4096, HEAD = 64, LINK_DEPTH = 3, REPEAT_ABOVE = 256 << 10, XATTRS = 65536 };

/* What image/tree.c writes for a file whose content it does not send. */
#define TREE_SIZE PRQ_S("user.pratique.size")

/* A file whose analyzer wants a second one with it, and any file with such a name: which comes first
 * in the tar is not known. Settled at the end of the layer. */
struct waiting {
    struct prq_file file; /* path in the keep arena */
    struct prq_content content;
    prq_wanted wanted;    /* 0: only a companion */
    const char *suffix;
};

/* A wanted name that is a hard link: its content stood in the tar before, under a name that nobody
 * wanted. It is fetched in a second pass. */
struct hard_link {
    prq_str path;
    uint64_t before; /* which member of the tar: the content is the last one before it */
    bool is_found;
    size_t next;     /* another link to the same content: 1 + index */
};

struct walk {
    struct prq_ctx *ctx;
    const struct prq_walk_opts *opts;
    struct prq_facts_writer *w;
    struct prq_tar *tar;
    struct prq_digest *sha;   /* NULL: files are not digested */
    struct prq_arena *keep;   /* evidence paths, for the whole layer */
    struct prq_map evidence;  /* paths that facts came from */
    struct prq_holder holder; /* contents of wanted files */
    struct waiting *waiting;  /* files that wait for their companions */
    size_t waiting_count, waiting_cap;
    struct prq_map latest;    /* path to 1 + index into waiting: only the last of a path counts */
    struct prq_map links;     /* content path to 1 + index into link_list: see "hard links" */
    struct hard_link *link_list;
    size_t link_count, link_cap;
    struct prq_map dirs;      /* wanted directories: each counts once */
    char last[PATH_BUF];      /* path of the previous member, a '/' after it */
    size_t last_n;
    struct prq_roots roots;   /* where links to links lead */
    struct prq_recents recents; /* for links that come soon */
    uint64_t members;
    struct prq_buf xattrs, coded; /* of the member at hand: struct xattr, and as the index has them */
    uint64_t tree_size;           /* of the member at hand, when its content was not sent */
    char path[PATH_BUF], link[PATH_BUF];
};

bool prq_path_normalise(prq_str raw, const struct prq_limits *limits, char *buf, prq_str *out,
                        struct prq_err *err)
{
    size_t n = 0, depth = 0;
    prq_str rest = raw, part;
    if (raw.n > limits->path_bytes || raw.n >= PATH_BUF)
        return prq_fail(err, PRQ_E_LIMIT, "path of %zu bytes", raw.n);
    if (memchr(raw.n ? raw.p : "", 0, raw.n))
        return prq_fail(err, PRQ_E_FORMAT, "path with a NUL byte");
    while (prq_str_split(&rest, '/', &part)) {
        if (part.n == 0 || prq_str_eq(part, PRQ_S(".")))
            continue;
        if (prq_str_eq(part, PRQ_S(".."))) {
            n = prq_path_dir((prq_str){ buf, n }).n; /* the root's parent is the root */
            depth -= depth > 0;
            continue;
        }
        if (part.n > limits->component_bytes)
            return prq_fail(err, PRQ_E_LIMIT, "path component of %zu bytes", part.n);
        if (++depth > limits->path_depth)
            return prq_fail(err, PRQ_E_LIMIT, "path deeper than %llu components",
                            (unsigned long long)limits->path_depth);
        if (n)
            buf[n++] = '/';
        memcpy(buf + n, part.p, part.n);
        n += part.n;
    }
    *out = (prq_str){ buf, n };
    return true;
}

static bool add_gap(struct walk *k, const char *kind, prq_str path, const char *reason)
{
    struct prq_gap g = { .kind = prq_str_from(kind), .path = path, .reason = prq_str_from(reason) };
    return prq_sink_gap(&k->w->sink, &g);
}

/* Names as they reach gaps: bytes of the archive, cut where nobody would read on. */
static bool gap_from_err(struct walk *k, const struct prq_err *e, prq_str path, uint64_t offset)
{
    struct prq_gap g = prq_gap_from(e, prq_str_head(path, 1024));
    if (!g.has_offset) {
        g.has_offset = true;
        g.offset = offset;
    }
    return prq_sink_gap(&k->w->sink, &g);
}

/* ".wh.NAME" deletes NAME below, ".wh..wh..opq" the lower children of its directory. Other names
 * that begin with ".wh..wh." are AUFS's own and mean nothing (catalog.md 1.1). */
static bool whiteout(struct walk *k, struct prq_file *f)
{
    prq_str base = prq_path_base(f->path), dir = prq_path_dir(f->path);
    if (prq_str_eq(base, PRQ_S(".wh..wh..opq"))) {
        f->type = PRQ_FILE_OPAQUE;
        f->path = dir;
        return prq_facts_add_file(k->w, f);
    }
    if (prq_str_starts(base, PRQ_S(".wh..wh.")))
        return true;
    prq_str name = prq_str_from_at(base, 4);
    if (name.n == 0 || prq_str_eq(name, PRQ_S(".")) || prq_str_eq(name, PRQ_S("..")))
        return add_gap(k, "format", f->path, "malformed whiteout name");
    f->type = PRQ_FILE_WHITEOUT;
    /* "a/.wh.b" becomes "a/b" in place: the name moves left by four. */
    size_t at = f->path.n - base.n;
    memmove(k->path + at, name.p, name.n);
    f->path = (prq_str){ k->path, at + name.n };
    return prq_facts_add_file(k->w, f);
}

/* A file that facts came from, met again in the same layer: the last one wins, as in runtimes. */
static bool seen_before(struct walk *k, prq_str path)
{
    if (!prq_map_find(&k->evidence, path))
        return true;
    prq_recents_forget(&k->recents, path);
    return prq_facts_drop(k->w, path) &&
           add_gap(k, "ambiguous-archive", path, "the layer holds this path twice; the last counts");
}

static bool remember(struct walk *k, prq_str path)
{
    if (prq_map_find(&k->evidence, path))
        return true;
    prq_str kept = prq_arena_copy(k->keep, path);
    return kept.p && prq_map_put(&k->evidence, kept, 0, NULL) != NULL;
}


static bool skip(struct walk *k, prq_str path, int signal, struct prq_err *err)
{
    char text[96];
    snprintf(text, sizeof text, "an analyzer was ended by signal %d on this file", signal);
    bool is_time = signal == SIGPROF;
    if (is_time)
        snprintf(text, sizeof text, "the analyzers took more than %llu ms: limit file_cpu_ms",
                 (unsigned long long)k->ctx->limits->file_cpu_ms);
    return add_gap(k, is_time ? "limit" : "parser-crash", path, text) || prq_sink_full(err);
}

static bool analyze(struct walk *k, prq_wanted wanted, const struct prq_input *in,
                    struct prq_err *err)
{
    const struct prq_walk_opts *o = k->opts;
    int signal = o->skips ? o->skips(o->user, in->file->path) : 0;
    if (signal)
        return skip(k, in->file->path, signal, err);
    if (o->at_file)
        o->at_file(o->user, in->file->path);
    bool ok = prq_dispatch_run(o->dispatch, k->ctx, wanted, in, &k->w->sink, err);
    if (o->at_file)
        o->at_file(o->user, (prq_str){ 0 });
    return ok;
}

static bool run_on(struct walk *k, prq_wanted wanted, const struct prq_file *f,
                   const struct prq_content *c, const struct prq_content *companion,
                   struct prq_err *err)
{
    struct prq_input in = { .file = f, .mode = k->opts->mode };
    prq_bytes map = { 0 }, companion_map = { 0 };
    k->w->path = f->path;
    bool ok = prq_holder_bytes(&k->holder, c, &in.data, &map) &&
              (!companion || prq_holder_bytes(&k->holder, companion, &in.companion, &companion_map));
    in.is_mapped = map.p != NULL;
    bool is_lost = !ok;
    if (is_lost)
        ok = add_gap(k, "limit", f->path, "file is too large to be held") || prq_sink_full(err);
    struct prq_spare spare = prq_holder_spare(&k->holder, c);
    k->ctx->spare = &spare;
    if (ok && !is_lost)
        ok = (remember(k, f->path) || prq_sink_full(err)) && analyze(k, wanted, &in, err);
    k->ctx->spare = NULL;
    prq_holder_unmap(companion_map);
    prq_holder_unmap(map);
    return ok;
}

/* ---- companions */

/* Is this the companion of a file that somebody may want ("…/rpmdb.sqlite-wal")? */
static bool is_companion(struct walk *k, const struct prq_file *f)
{
    size_t dash = prq_str_rfind(f->path, '-');
    if (dash == f->path.n)
        return false;
    struct prq_file owner = *f;
    owner.path = prq_str_head(f->path, dash);
    prq_wanted wanted = prq_dispatch_match(k->opts->dispatch, &owner, (prq_bytes){ 0 }, true);
    const char *suffix =
        wanted ? prq_dispatch_companion(k->opts->dispatch, wanted, &owner) : NULL;
    return suffix && prq_str_eq(prq_str_from_at(f->path, dash), prq_str_from(suffix));
}

static bool wait_for(struct walk *k, const struct prq_file *f, struct prq_content *c,
                     prq_wanted wanted, const char *suffix, struct prq_err *err)
{
    if (!prq_holder_keep(&k->holder, c))
        return add_gap(k, "limit", f->path, "file is too large to be held") || prq_sink_full(err);
    struct waiting w = { *f, *c, wanted, suffix };
    w.file.path = prq_arena_copy(k->keep, f->path);
    w.file.xattrs = (prq_bytes){ 0 };
    if (!w.file.path.p || !prq_arena_grow(k->keep, &k->waiting, sizeof w, &k->waiting_cap,
                                          k->waiting_count + 1))
        return prq_sink_full(err);
    size_t *latest = prq_map_put(&k->latest, w.file.path, 0, NULL);
    if (!latest)
        return prq_sink_full(err);
    k->waiting[k->waiting_count++] = w;
    *latest = k->waiting_count;
    return true;
}

static const struct prq_content *companion_of(struct walk *k, const struct waiting *w)
{
    prq_str suffix = prq_str_from(w->suffix);
    if (w->file.path.n + suffix.n > sizeof k->path)
        return NULL;
    memcpy(k->path, w->file.path.p, w->file.path.n);
    memcpy(k->path + w->file.path.n, suffix.p, suffix.n);
    const size_t *at = prq_map_find(&k->latest, (prq_str){ k->path, w->file.path.n + suffix.n });
    return at ? &k->waiting[*at - 1].content : NULL;
}

static bool settle_waiting(struct walk *k, struct prq_err *err)
{
    for (size_t i = 0; i < k->waiting_count; i++) {
        const struct waiting *w = &k->waiting[i];
        const size_t *latest = prq_map_find(&k->latest, w->file.path);
        if (w->wanted && latest && *latest == i + 1 &&
            !run_on(k, w->wanted, &w->file, &w->content, companion_of(k, w), err))
            return false;
    }
    return true;
}

/* ---- regular files */

/* Reads one to its end, once: digest, magic, content for those who want it. */
static bool read_file(struct walk *k, struct prq_file *f, struct prq_err *err)
{
    const void *p;
    size_t n;
    uint64_t seen = 0;
    struct prq_content c = prq_holder_begin(&k->holder);
    if (k->opts->is_tree && f->size == 0)
        f->size = k->tree_size;
    if (!prq_tar_data(k->tar, &p, &n, err))
        return false;
    prq_bytes head = { p, prq_min_size(n, HEAD) };
    uint8_t first[HEAD];
    if (head.n)
        memcpy(first, head.p, head.n); /* what is lent goes back */
    prq_wanted wanted = prq_dispatch_match(k->opts->dispatch, f, head, true);
    uint64_t max = wanted ? prq_dispatch_max_bytes(k->opts->dispatch, wanted, f) : 0;
    bool companion = !wanted && is_companion(k, f);
    uint64_t held = wanted ? prq_dispatch_held_bytes(k->opts->dispatch, wanted, f) : UINT64_MAX;
    bool keep = (wanted && f->size <= max) || companion;
    while (n) {
        seen += n;
        if (k->sha)
            prq_digest_add(k->sha, p, n);
        if (keep && c.n < held)
            prq_holder_add(&k->holder, &c, p, n < held - c.n ? n : (size_t)(held - c.n));
        if (!prq_tar_data(k->tar, &p, &n, err))
            return false;
    }
    if (k->sha) {
        prq_digest_end(k->sha, f->sha256);
        f->has_sha256 = seen == f->size;
    }
    if (!prq_facts_add_file(k->w, f))
        return prq_sink_full(err);
    if (companion)
        return wait_for(k, f, &c, 0, NULL, err);
    if (!wanted)
        return true;
    if (!keep) {
        k->w->path = f->path;
        char text[96];
        snprintf(text, sizeof text, "file is %llu bytes, the limit is %llu",
                 (unsigned long long)f->size, (unsigned long long)max);
        return add_gap(k, "limit", f->path, text) || prq_sink_full(err);
    }
    const char *suffix = prq_dispatch_companion(k->opts->dispatch, wanted, f);
    if (suffix)
        return wait_for(k, f, &c, wanted, suffix, err);
    size_t from = k->w->facts.n;
    if (!run_on(k, wanted, f, &c, NULL, err))
        return false;
    if (f->size > REPEAT_ABOVE)
        prq_recents_add(&k->recents, f, k->members, (prq_bytes){ first, head.n }, wanted,
                        (prq_bytes){ k->w->facts.p + from, k->w->facts.n - from });
    return true;
}

/* ---- hard links */

/* A large file that was analyzed a moment ago, for those who want this name as well: is all done? */
static bool repeat_recent(struct walk *k, const struct prq_file *link, struct prq_root root,
                          bool *is_done)
{
    const struct prq_recent *r = prq_recents_find(&k->recents, root.path);
    if (!r || r->member >= root.before)
        return true;
    struct prq_file f = r->file;
    f.path = link->path;
    prq_bytes head = { r->head, r->head_n };
    prq_wanted wanted = prq_dispatch_match(k->opts->dispatch, &f, head, true);
    *is_done = wanted == r->wanted &&
               f.size <= prq_dispatch_max_bytes(k->opts->dispatch, wanted, &f) &&
               !prq_dispatch_companion(k->opts->dispatch, wanted, &f);
    return !*is_done || (remember(k, f.path) &&
                         prq_facts_repeat(k->w, prq_buf_bytes(&r->facts), root.path, f.path));
}

/* Only names count here: what is wanted for its first bytes was read under its first name. A target
 * that was read already is read again under this name: a higher layer may delete the other. */
static bool note_link(struct walk *k, const struct prq_file *f)
{
    struct prq_root root = prq_roots_of(&k->roots, f->link, k->members);
    struct prq_root old = prq_roots_of(&k->roots, f->path, root.before);
    if (prq_str_eq(root.path, f->path) ||
        (prq_str_eq(root.path, old.path) && root.before == old.before))
        return true; /* that it is already */
    bool ok = prq_roots_add(&k->roots, f->path, root);
    if (!prq_dispatch_match(k->opts->dispatch, f, (prq_bytes){ 0 }, true))
        return ok;
    bool is_done = false;
    if (!repeat_recent(k, f, root, &is_done) || is_done)
        return ok && is_done;
    prq_str target = prq_arena_copy(k->keep, root.path), path = prq_arena_copy(k->keep, f->path);
    if (!target.p || !path.p || !prq_arena_grow(k->keep, &k->link_list, sizeof *k->link_list,
                                                &k->link_cap, k->link_count + 1))
        return false;
    size_t *head = prq_map_put(&k->links, target, 0, NULL);
    if (!head)
        return false;
    k->link_list[k->link_count++] = (struct hard_link){ path, root.before, false, *head };
    *head = k->link_count;
    return ok;
}

/* What the analyzers said of this content under another name. */
struct said {
    prq_wanted wanted;
    prq_str path;
    struct prq_buf facts;
};

/* A large file with many names is analyzed once for those who want it under all of them. */
static bool run_or_repeat(struct walk *k, prq_wanted wanted, const struct prq_file *f,
                          const struct prq_content *c, struct said *said, struct prq_err *err)
{
    if (said->wanted == wanted && f->size > REPEAT_ABOVE)
        return (remember(k, f->path) &&
                prq_facts_repeat(k->w, prq_buf_bytes(&said->facts), said->path, f->path)) ||
               prq_sink_full(err);
    size_t from = k->w->facts.n;
    if (!run_on(k, wanted, f, c, NULL, err))
        return false;
    prq_buf_clear(&said->facts);
    said->wanted = wanted;
    said->path = f->path;
    return k->w->facts.n == from ||
           prq_buf_add(&said->facts, k->w->facts.p + from, k->w->facts.n - from) ||
           prq_sink_full(err);
}

static bool run_links(struct walk *k, const struct prq_file *content, prq_bytes head, size_t first,
                      const struct prq_content *c, struct prq_err *err)
{
    struct said said = { .wanted = 0 };
    bool ok = true;
    prq_buf_init(&said.facts, (size_t)k->ctx->limits->facts_bytes);
    for (size_t at = first; ok && at; at = k->link_list[at - 1].next) {
        struct hard_link *link = &k->link_list[at - 1];
        if (link->before < k->members)
            continue; /* of an earlier file of that name */
        if (!prq_str_eq(prq_roots_of(&k->roots, link->path, 0).path, content->path)) {
            link->is_found = true; /* something else took its place */
            continue;
        }
        struct prq_file f = *content;
        f.path = link->path;
        ok = !prq_map_find(&k->evidence, f.path) || prq_facts_drop(k->w, f.path) ||
             prq_sink_full(err);
        link->is_found = true;
        prq_wanted wanted = prq_dispatch_match(k->opts->dispatch, &f, head, true);
        uint64_t max = wanted ? prq_dispatch_max_bytes(k->opts->dispatch, wanted, &f) : 0;
        if (ok && wanted && f.size <= max)
            ok = run_or_repeat(k, wanted, &f, c, &said, err);
    }
    prq_buf_release(&said.facts);
    return ok;
}

static bool read_link_target(struct walk *k, const struct prq_file *content, size_t first,
                             struct prq_err *err)
{
    const void *p;
    size_t n;
    struct prq_content c = prq_holder_begin(&k->holder);
    if (!prq_tar_data(k->tar, &p, &n, err))
        return false;
    uint8_t head[HEAD];
    size_t head_n = prq_min_size(n, HEAD);
    if (head_n)
        memcpy(head, p, head_n);
    while (n) {
        prq_holder_add(&k->holder, &c, p, n);
        if (!prq_tar_data(k->tar, &p, &n, err))
            return false;
    }
    return run_links(k, content, (prq_bytes){ head, head_n }, first, &c, err);
}

/* A content stands before its links, so behind the last of them nothing is worth unpacking again. */
static bool second_pass(struct walk *k, struct prq_err *err)
{
    struct prq_tar_entry e;
    enum prq_next step = PRQ_NEXT_END;
    uint64_t last = 0;
    for (size_t i = 0; i < k->link_count; i++)
        last = k->link_list[i].before > last ? k->link_list[i].before : last;
    for (k->members = 0; k->members < last;) {
        step = prq_tar_next(k->tar, &e, err);
        if (step != PRQ_NEXT_ITEM)
            break;
        struct prq_file f = { .type = (enum prq_file_type)e.type, .mode = e.mode & 07777,
                              .size = e.size };
        struct prq_err why = PRQ_ERR_INIT;
        k->members++;
        if (e.type != 'f' || !prq_path_normalise(e.path, k->ctx->limits, k->path, &f.path, &why))
            continue;
        const size_t *first = prq_map_find(&k->links, f.path);
        if (first && !read_link_target(k, &f, *first, err))
            return false;
        if (first && k->opts->flush && !k->opts->flush(k->opts->user, k->w))
            return prq_fail(err, PRQ_E_CANCELLED, "stopped");
    }
    return step != PRQ_NEXT_FAIL;
}

static bool read_links(struct walk *k, struct prq_err *err)
{
    struct prq_stream *again = k->opts->reopen ? k->opts->reopen(k->opts->user) : NULL;
    bool ok = true;
    prq_tar_close(k->tar);
    k->tar = NULL;
    if (again) {
        ok = prq_tar_open(again, &k->tar, err) && second_pass(k, err);
        if (k->tar)
            prq_tar_close(k->tar);
        k->tar = NULL;
        prq_stream_close(again);
    }
    for (size_t i = 0; ok && i < k->link_count; i++)
        if (!k->link_list[i].is_found &&
            !add_gap(k, "hard-link", k->link_list[i].path,
                     again ? "hard link to a file that is not in this layer"
                           : "hard link; its content went by before it was wanted"))
            ok = prq_sink_full(err);
    return ok;
}

/* Some packages are nothing but a directory of a certain name. */
static bool read_dir(struct walk *k, prq_str path, struct prq_err *err)
{
    const struct prq_file dir = { .path = path, .type = PRQ_FILE_DIR };
    prq_wanted wanted = prq_dispatch_match(k->opts->dispatch, &dir, (prq_bytes){ 0 }, true);
    if (!wanted || prq_map_find(&k->dirs, path))
        return true;
    prq_str kept = prq_arena_copy(k->keep, path);
    if (!kept.p || !prq_map_put(&k->dirs, kept, 0, NULL))
        return prq_sink_full(err);
    const struct prq_input in = { .file = &dir, .mode = k->opts->mode };
    k->w->path = path;
    return analyze(k, wanted, &in, err);
}

/* A tar need not hold the directories of its files. Those near the root count, and those that the
 * member before was in have been seen. */
static bool read_dirs_of(struct walk *k, prq_str path, struct prq_err *err)
{
    size_t end = 0;
    for (int depth = 0; depth < LINK_DEPTH; depth++) {
        end += prq_str_find(prq_str_from_at(path, end), '/');
        if (end >= path.n)
            break;
        bool was_seen = prq_str_starts((prq_str){ k->last, k->last_n }, prq_str_head(path, end + 1));
        if (!was_seen && !read_dir(k, prq_str_head(path, end), err))
            return false;
        end++;
    }
    memcpy(k->last, path.p, path.n); /* shorter than PATH_BUF: prq_path_normalise */
    k->last[path.n] = '/';
    k->last_n = path.n + 1;
    return true;
}

static size_t depth_of(prq_str path)
{
    size_t n = 1;
    for (size_t i = 0; i < path.n; i++)
        n += path.p[i] == '/';
    return n;
}

static bool add_member(struct walk *k, struct prq_file *f, struct prq_err *err)
{
    if (prq_str_starts(prq_path_base(f->path), PRQ_S(".wh.")))
        return whiteout(k, f) || prq_sink_full(err);
    if (!seen_before(k, f->path))
        return prq_sink_full(err);
    if (!read_dirs_of(k, f->path, err))
        return false;
    if (f->type != PRQ_FILE_HARDLINK)
        prq_roots_remove(&k->roots, f->path);
    if (f->type == PRQ_FILE_REGULAR)
        return read_file(k, f, err);
    if (f->type == PRQ_FILE_DIR && !read_dir(k, f->path, err))
        return false;
    if (f->type == PRQ_FILE_HARDLINK && !note_link(k, f))
        return prq_sink_full(err);
    if (f->type == PRQ_FILE_SYMLINK && depth_of(f->path) <= LINK_DEPTH &&
        !prq_facts_add_link(k->w, f->path, f->link))
        return prq_sink_full(err);
    return prq_facts_add_file(k->w, f) || prq_sink_full(err);
}

/* ---- extended attributes */

struct xattr {
    prq_str name;
    prq_bytes value; /* libarchive's, until the next member */
    size_t order;
};

static int by_name(const void *a, const void *b)
{
    const struct xattr *x = a, *y = b;
    int c = prq_str_cmp(x->name, y->name);
    return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

/* What runtimes would set: the last record of a name, which libarchive hands out first. */
static bool code_xattrs(struct walk *k, struct prq_file *f)
{
    struct xattr *x = (struct xattr *)(void *)k->xattrs.p;
    size_t n = k->xattrs.n / sizeof *x;
    prq_buf_clear(&k->coded);
    if (k->xattrs.bad)
        return false;
    if (n)
        qsort(x, n, sizeof *x, by_name);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !prq_str_eq(x[i].name, x[i - 1].name))
            prq_xattr_add(&k->coded, x[i].name, x[i].value);
    if (!k->coded.bad)
        f->xattrs = prq_buf_bytes(&k->coded);
    return !k->coded.bad;
}

/* Their sum is bounded by pax_bytes, as headers are. */
static bool read_xattrs(struct walk *k, struct prq_file *f)
{
    struct xattr x = { .order = 0 };
    bool ok = true;
    prq_buf_clear(&k->xattrs);
    k->tree_size = 0;
    while (prq_tar_xattr(k->tar, &x.name, &x.value) == PRQ_NEXT_ITEM) {
        if (k->opts->is_tree && prq_str_eq(x.name, TREE_SIZE))
            prq_str_u64(prq_str_of(x.value), &k->tree_size);
        else if (x.value.n > k->ctx->limits->xattr_bytes)
            ok = ok && add_gap(k, "limit", f->path,
                               "extended attribute larger than limit xattr_bytes");
        else
            prq_buf_add(&k->xattrs, &x, sizeof x);
        x.order++;
    }
    return ok && (code_xattrs(k, f) ||
                  add_gap(k, "limit", f->path, "more extended attributes than are recorded"));
}

/* Headers that can be read in two ways: runtimes may see another file than we do. */
static bool odd_header(struct walk *k, const struct prq_tar_entry *e, prq_str path)
{
    struct prq_gap g = { .kind = PRQ_S("ambiguous-archive"), .path = path, .has_offset = true,
                         .offset = e->header_offset, .reason = e->warning };
    return prq_sink_gap(&k->w->sink, &g);
}

static bool one_entry(struct walk *k, const struct prq_tar_entry *e, struct prq_err *err)
{
    struct prq_file f = { .type = (enum prq_file_type)e->type, .mode = e->mode & 07777,
                          .uid = e->uid, .gid = e->gid, .size = e->size, .mtime_s = e->mtime_s,
                          .link = e->link };
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_path_normalise(e->path, k->ctx->limits, k->path, &f.path, &why))
        return gap_from_err(k, &why, e->path, e->header_offset) || prq_sink_full(err);
    if (f.path.n == 0)
        return true; /* the root directory itself */
    if (!read_xattrs(k, &f))
        return prq_sink_full(err);
    if (e->warning.n && !odd_header(k, e, f.path))
        return prq_sink_full(err);
    if (e->type == '?')
        return add_gap(k, "unsupported", f.path, "unknown kind of tar member") ||
               prq_sink_full(err);
    if (f.size > k->ctx->limits->member_bytes)
        return prq_fail_at(err, PRQ_E_LIMIT, e->header_offset, "member larger than the limit");
    if (f.type == PRQ_FILE_HARDLINK &&
        !prq_path_normalise(e->link, k->ctx->limits, k->link, &f.link, &why))
        return gap_from_err(k, &why, f.path, e->header_offset) || prq_sink_full(err);
    if (f.link.n > k->ctx->limits->path_bytes)
        return add_gap(k, "limit", f.path, "link target is too long") || prq_sink_full(err);
    return add_member(k, &f, err);
}

static bool walk_members(struct walk *k, struct prq_err *err)
{
    struct prq_tar_entry e;
    enum prq_next step;
    prq_tar_limit(k->tar, k->ctx->limits);
    while ((step = prq_tar_next(k->tar, &e, err)) == PRQ_NEXT_ITEM) {
        if (++k->members > k->ctx->limits->tar_members)
            return prq_fail_at(err, PRQ_E_LIMIT, e.header_offset, "more tar members than the limit");
        if (!one_entry(k, &e, err))
            return false;
        if (k->opts->flush && !k->opts->flush(k->opts->user, k->w))
            return prq_fail(err, PRQ_E_CANCELLED, "stopped");
        if (prq_ctx_is_cancelled(k->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "stopped");
    }
    return step == PRQ_NEXT_END;
}

/* Padding after the end of the archive belongs to the layer's digest. */
static bool drain(struct prq_stream *s, struct prq_err *err)
{
    static __thread char waste[1 << 16];
    size_t got = 1;
    while (got)
        if (!prq_stream_read(s, waste, sizeof waste, &got, err))
            return false;
    return true;
}

bool prq_walk_layer(struct prq_ctx *ctx, struct prq_stream *tar, const struct prq_walk_opts *opts,
                    struct prq_facts_writer *w, struct prq_err *err)
{
    struct walk k = { .ctx = ctx, .opts = opts, .w = w };
    PRQ_ARENA keep = prq_arena_new((size_t)ctx->limits->facts_bytes);
    if (!keep)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    k.keep = keep;
    prq_map_init(&k.evidence, keep);
    prq_map_init(&k.dirs, keep);
    prq_map_init(&k.links, keep);
    prq_map_init(&k.latest, keep);
    PRQ_ARENA chains = prq_arena_new((size_t)ctx->limits->facts_bytes);
    if (!chains)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    prq_roots_init(&k.roots, chains);
    prq_recents_init(&k.recents, PATH_BUF);
    prq_holder_init(&k.holder, ctx->limits, opts->spool_fd);
    prq_buf_init(&k.xattrs, XATTRS * sizeof(struct xattr));
    prq_buf_init(&k.coded, 2 * (size_t)ctx->limits->pax_bytes);
    bool ok = (!opts->digest_files || prq_digest_new(PRQ_SHA256, &k.sha, err)) &&
              prq_tar_open(tar, &k.tar, err);
    if (ok)
        prq_tar_lender(k.tar, opts->lend);
    ok = ok && walk_members(&k, err) && settle_waiting(&k, err) &&
         (k.link_count == 0 || read_links(&k, err));
    if (k.tar)
        prq_tar_close(k.tar);
    if (k.sha)
        prq_digest_free(k.sha);
    prq_holder_release(&k.holder);
    prq_recents_release(&k.recents);
    prq_buf_release(&k.xattrs);
    prq_buf_release(&k.coded);
    struct prq_err after = PRQ_ERR_INIT;
    if (!drain(tar, ok ? err : &after))
        ok = false;
    if (w->gap_count > ctx->limits->gaps) {
        struct prq_gap g = { .kind = PRQ_S("limit"), .path = PRQ_S("/"),
                             .reason = PRQ_S("more gaps in this layer than are recorded") };
        w->gap_count = 0;
        if (!prq_sink_gap(&w->sink, &g) && ok)
            ok = prq_sink_full(err);
    }
    return ok;
}
