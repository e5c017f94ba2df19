/* SPDX-License-Identifier: Apache-2.0 */
/* Which analyzers want a file.
 *
 * Every member of every layer is asked about, so a want hangs on its most selective condition and
 * a question touches a few short chains:
 *
 *     whole path, basename, suffix with '/'   by the last component   base[]
 *     stem                                    by its first six bytes, or three   stem[]
 *     suffix without '/'                      by its last two bytes   tail[]
 *     prefix alone                            by its first bytes      head[]
 *     magic alone                             by its first byte       magic[]
 *
 * The chains hold our own constants: a hostile path can at worst walk one of each. */
#include "analyze/analyze.h"

#include <assert.h>
#include <limits.h>

#define ANALYZER(name) extern const struct prq_analyzer prq_analyzer_##name;
#include "analyze/analyzers.h"
#undef ANALYZER

const struct prq_analyzer *const prq_analyzers[] = {
#define ANALYZER(name) &prq_analyzer_##name,
#include "analyze/analyzers.h"
#undef ANALYZER
    NULL,
};

enum { ANALYZERS_MAX = 64, BASE_SLOTS = 512, TAIL_SLOTS = 256, HEAD_SLOTS = 128, HEAD_KEY = 4,
       STEM_SLOTS = 256, STEM_KEY = 3, STEM_LONG = 6 };

/* Index of an entry plus one; 0 ends a chain. */
typedef uint16_t link_to;

struct entry {
    const struct prq_want *want;
    uint8_t analyzer;
    link_to next;
};

struct prq_dispatch {
    const struct prq_analyzer *const *analyzers;
    struct entry *entries;
    size_t count;
    link_to base[BASE_SLOTS];
    link_to stem[STEM_SLOTS];
    link_to tail[TAIL_SLOTS];
    link_to head[HEAD_SLOTS];
    link_to magic[256];
    link_to any;        /* too short a key for its table */
    prq_wanted perhaps; /* those on magic[]: any file may be theirs until its start is seen */
};

/* Stable within a process only, and over the last bytes only: enough for tables of constants. */
static uint32_t mix(prq_str s)
{
    uint64_t v = 0;
    size_t n = prq_min_size(s.n, sizeof v);
    memcpy(&v, s.p + (s.n - n), n);
    return (uint32_t)(((v ^ s.n) * 0x9e3779b97f4a7c15ULL) >> 40);
}

static bool is_active(const struct prq_want *w, uint32_t mode)
{
    uint32_t modes = w->modes ? w->modes : PRQ_WANT_IMAGE;
    /* Installed evidence counts everywhere, declared evidence in a source tree only. */
    return (modes & PRQ_WANT_IMAGE) || (mode & modes);
}

static bool has_magic(const struct prq_want *w)
{
    return w->magic.n || w->magics;
}

static link_to *stem_chain(struct prq_dispatch *d, prq_str base, size_t key)
{
    return &d->stem[mix(prq_str_head(base, key)) % STEM_SLOTS];
}

/* The chain that a want's path conditions hang on; NULL when only its magic can tell. */
static link_to *path_chain(struct prq_dispatch *d, const struct prq_want *w)
{
    prq_str base = w->path.n ? prq_path_base(w->path) : w->basename;
    if (!base.n && w->suffix.n && prq_str_find(w->suffix, '/') < w->suffix.n)
        base = prq_path_base(w->suffix);
    if (base.n)
        return &d->base[mix(base) % BASE_SLOTS];
    if (w->stem.n >= STEM_KEY)
        return stem_chain(d, w->stem, w->stem.n >= STEM_LONG ? STEM_LONG : STEM_KEY);
    if (w->suffix.n >= 2)
        return &d->tail[mix(prq_str_from_at(w->suffix, w->suffix.n - 2)) % TAIL_SLOTS];
    if (w->prefix.n >= HEAD_KEY)
        return &d->head[mix(prq_str_head(w->prefix, HEAD_KEY)) % HEAD_SLOTS];
    return w->stem.n || w->suffix.n || w->prefix.n ? &d->any : NULL;
}

static void hang(struct prq_dispatch *d, link_to *chain, const struct prq_want *w, size_t analyzer)
{
    d->entries[d->count++] = (struct entry){ w, (uint8_t)analyzer, *chain };
    *chain = (link_to)d->count;
}

static void hang_magic(struct prq_dispatch *d, prq_str magic, const struct prq_want *w, size_t i)
{
    hang(d, &d->magic[(uint8_t)magic.p[0]], w, i);
    d->perhaps |= (prq_wanted)1 << i;
}

static void add_want(struct prq_dispatch *d, const struct prq_want *w, size_t analyzer)
{
    link_to *chain = path_chain(d, w);
    if (chain) {
        hang(d, chain, w, analyzer);
        return;
    }
    assert(has_magic(w));
    if (w->magic.n)
        hang_magic(d, w->magic, w, analyzer);
    for (const prq_str *m = w->magics; m && m->n; m++)
        hang_magic(d, *m, w, analyzer);
}

static size_t entries_of(const struct prq_want *w)
{
    size_t n = 1;
    for (const prq_str *m = w->magics; m && m->n; m++)
        n++;
    return n;
}

struct prq_dispatch *prq_dispatch_new_over(const struct prq_analyzer *const *analyzers,
                                           uint32_t mode, struct prq_arena *arena)
{
    size_t room = 0, count = 0;
    for (; analyzers[count]; count++)
        for (const struct prq_want *w = analyzers[count]->wants; w->max_bytes; w++)
            room += entries_of(w);
    assert(count <= ANALYZERS_MAX && room < USHRT_MAX);
    struct prq_dispatch *d = prq_new(arena, struct prq_dispatch);
    struct entry *entries = prq_new_n(arena, struct entry, room ? room : 1);
    if (!d || !entries)
        return NULL;
    d->analyzers = analyzers;
    d->entries = entries;
    for (size_t i = 0; i < count; i++)
        for (const struct prq_want *w = analyzers[i]->wants; w->max_bytes; w++)
            if (is_active(w, mode))
                add_want(d, w, i);
    return d;
}

struct prq_dispatch *prq_dispatch_new(uint32_t mode, struct prq_arena *arena)
{
    return prq_dispatch_new_over(prq_analyzers, mode, arena);
}

static bool suffix_fits(prq_str suffix, prq_str path)
{
    if (prq_str_ends(path, suffix))
        return true;
    return suffix.p[0] == '/' && prq_str_eq(path, prq_str_from_at(suffix, 1));
}

static bool stem_fits(const struct prq_want *w, prq_str base)
{
    enum { LETTERS_MAX = 2 };
    if (!prq_str_starts(base, w->stem))
        return false;
    if (!w->is_numbered)
        return true;
    prq_str rest = prq_str_from_at(base, w->stem.n);
    size_t letters = 0;
    while (rest.n && prq_is_lower(rest.p[rest.n - 1]) && letters < LETTERS_MAX) {
        rest.n--;
        letters++;
    }
    if (letters && rest.n == 0)
        return false; /* "pythonw" is another name */
    for (size_t i = 0; i < rest.n; i++)
        if (!prq_is_digit(rest.p[i]) && rest.p[i] != '.')
            return false;
    return true;
}

static bool has_depth(prq_str path, uint8_t depth)
{
    size_t n = 1;
    for (size_t i = 0; i < path.n && n <= depth; i++)
        n += path.p[i] == '/';
    return n == depth;
}

static bool is_dir(const struct prq_file *file)
{
    return file->type == PRQ_FILE_DIR;
}

static bool path_fits(const struct prq_want *w, const struct prq_file *file, prq_str base)
{
    prq_str path = file->path;
    if (w->dir_depth ? !is_dir(file) || !has_depth(path, w->dir_depth) : is_dir(file))
        return false;
    return (!w->path.n || prq_str_eq(w->path, path)) &&
           (!w->basename.n || prq_str_eq(w->basename, base)) &&
           (!w->stem.n || stem_fits(w, base)) &&
           (!w->suffix.n || suffix_fits(w->suffix, path)) &&
           (!w->prefix.n || prq_str_starts(path, w->prefix)) &&
           (!w->contains.n || prq_str_has(path, w->contains));
}

bool prq_want_fits(const struct prq_want *w, const struct prq_file *file)
{
    return path_fits(w, file, prq_path_base(file->path));
}

/* What is known of a file's first bytes. */
struct peek {
    prq_str bytes;
    bool is_all;   /* the file has no more than these */
    bool is_known; /* false: anything may be there */
};

static bool one_magic_fits(prq_str magic, const struct peek *k)
{
    if (!k->is_known)
        return true;
    if (k->bytes.n >= magic.n)
        return prq_str_starts(k->bytes, magic);
    return !k->is_all && prq_str_starts(magic, k->bytes);
}

static bool magic_fits(const struct prq_want *w, const struct peek *k)
{
    if (!has_magic(w))
        return true;
    if (w->magic.n && !one_magic_fits(w->magic, k))
        return false;
    if (!w->magics)
        return true;
    for (const prq_str *m = w->magics; m->n; m++)
        if (one_magic_fits(*m, k))
            return true;
    return false;
}

static prq_wanted walk(const struct prq_dispatch *d, link_to at, const struct prq_file *file,
                       prq_str base, const struct peek *k, prq_wanted have)
{
    for (; at; at = d->entries[at - 1].next) {
        const struct entry *e = &d->entries[at - 1];
        prq_wanted bit = (prq_wanted)1 << e->analyzer;
        if (!(have & bit) && path_fits(e->want, file, base) && magic_fits(e->want, k))
            have |= bit;
    }
    return have;
}

static struct peek peek_at(const struct prq_file *file, prq_bytes head, bool has_head)
{
    /* A hard link has no content of its own; its size says nothing. */
    bool is_all = file->type == PRQ_FILE_REGULAR && head.n >= file->size;
    return (struct peek){
        .bytes = prq_str_of(has_head ? head : (prq_bytes){ 0 }),
        .is_all = is_all,
        .is_known = has_head || is_all,
    };
}

prq_wanted prq_dispatch_match(const struct prq_dispatch *d, const struct prq_file *file,
                              prq_bytes head, bool has_head)
{
    prq_str path = file->path;
    if ((file->type != PRQ_FILE_REGULAR && file->type != PRQ_FILE_HARDLINK && !is_dir(file)) ||
        path.n == 0)
        return 0;
    prq_str base = prq_path_base(path);
    struct peek k = peek_at(file, head, has_head);
    prq_wanted have = 0;
    if (base.n)
        have = walk(d, d->base[mix(base) % BASE_SLOTS], file, base, &k, have);
    if (base.n >= STEM_LONG)
        have = walk(d, d->stem[mix(prq_str_head(base, STEM_LONG)) % STEM_SLOTS], file, base, &k, have);
    if (base.n >= STEM_KEY)
        have = walk(d, d->stem[mix(prq_str_head(base, STEM_KEY)) % STEM_SLOTS], file, base, &k, have);
    if (path.n >= 2) {
        prq_str tail = prq_str_from_at(path, path.n - 2);
        have = walk(d, d->tail[mix(tail) % TAIL_SLOTS], file, base, &k, have);
    }
    if (path.n >= HEAD_KEY) {
        prq_str start = prq_str_head(path, HEAD_KEY);
        have = walk(d, d->head[mix(start) % HEAD_SLOTS], file, base, &k, have);
    }
    have = walk(d, d->any, file, base, &k, have);
    if (!k.is_known && !is_dir(file))
        return have | d->perhaps;
    return k.bytes.n ? walk(d, d->magic[(uint8_t)k.bytes.p[0]], file, base, &k, have) : have;
}

/* The largest file that this analyzer takes for that path and start; 0: it does not want it. */
static uint64_t limit_of(const struct prq_dispatch *d, size_t analyzer, const struct prq_file *file,
                         const struct peek *k)
{
    uint64_t limit = 0;
    prq_str base = prq_path_base(file->path);
    /* Through the entries: wants of another mode are not among them. */
    for (size_t i = 0; i < d->count; i++) {
        const struct entry *e = &d->entries[i];
        if (e->analyzer == analyzer && e->want->max_bytes > limit &&
            path_fits(e->want, file, base) && magic_fits(e->want, k))
            limit = e->want->max_bytes;
    }
    return limit;
}

uint64_t prq_dispatch_max_bytes(const struct prq_dispatch *d, prq_wanted wanted,
                                const struct prq_file *file)
{
    const struct peek unknown = { .is_known = false };
    uint64_t most = 0;
    for (size_t i = 0; i < ANALYZERS_MAX && d->analyzers[i]; i++) {
        uint64_t limit = wanted >> i & 1 ? limit_of(d, i, file, &unknown) : 0;
        most = limit > most ? limit : most;
    }
    return most;
}

uint64_t prq_dispatch_held_bytes(const struct prq_dispatch *d, prq_wanted wanted,
                                 const struct prq_file *file)
{
    uint64_t most = 0;
    prq_str base = prq_path_base(file->path);
    for (size_t i = 0; i < d->count; i++) {
        const struct entry *e = &d->entries[i];
        uint64_t held = e->want->head_bytes ? e->want->head_bytes : UINT64_MAX;
        if (held > most && (wanted >> e->analyzer & 1) && path_fits(e->want, file, base))
            most = held;
    }
    return most;
}

const char *prq_dispatch_companion(const struct prq_dispatch *d, prq_wanted wanted,
                                   const struct prq_file *file)
{
    prq_str base = prq_path_base(file->path);
    for (size_t i = 0; i < d->count; i++) {
        const struct entry *e = &d->entries[i];
        if (e->want->companion_suffix && (wanted >> e->analyzer & 1) &&
            path_fits(e->want, file, base))
            return e->want->companion_suffix;
    }
    return NULL;
}

static bool report(struct prq_sink *sink, const struct prq_err *why, prq_str path,
                   struct prq_err *err)
{
    const struct prq_gap gap = prq_gap_from(why, path);
    return prq_sink_gap(sink, &gap) || prq_sink_full(err);
}

static bool must_stop(enum prq_code code)
{
    return code == PRQ_E_CANCELLED || code == PRQ_E_NOMEM || code == PRQ_E_BUG;
}

static bool run_one(const struct prq_dispatch *d, size_t analyzer, struct prq_ctx *ctx,
                    const struct prq_input *in, struct prq_sink *sink, struct prq_err *err)
{
    uint64_t size = in->file->size > in->data.n ? in->file->size : in->data.n;
    struct peek k = { .bytes = prq_str_of(in->data), .is_all = in->data.n >= size,
                      .is_known = in->data.n > 0 || size == 0 };
    uint64_t limit = limit_of(d, analyzer, in->file, &k);
    if (limit == 0)
        return true; /* "perhaps" was not so */
    struct prq_err why = PRQ_ERR_INIT;
    if (size > limit) {
        prq_fail(&why, PRQ_E_LIMIT, "file is %llu bytes, the limit is %llu",
                 (unsigned long long)size, (unsigned long long)limit);
        return report(sink, &why, in->file->path, err);
    }
    struct prq_mark mark = prq_arena_mark(ctx->scratch);
    sink->by = d->analyzers[analyzer]->name;
    bool ok = d->analyzers[analyzer]->run(ctx, in, sink, &why);
    sink->by = NULL;
    prq_arena_rewind(ctx->scratch, mark);
    if (ok)
        return true;
    if (must_stop(why.code)) {
        if (err)
            *err = why;
        return prq_in(err, "%s", d->analyzers[analyzer]->name);
    }
    return report(sink, &why, in->file->path, err);
}

bool prq_dispatch_run(const struct prq_dispatch *d, struct prq_ctx *ctx, prq_wanted wanted,
                      const struct prq_input *in, struct prq_sink *sink, struct prq_err *err)
{
    for (size_t i = 0; i < ANALYZERS_MAX && d->analyzers[i]; i++) {
        if (!(wanted >> i & 1))
            continue;
        if (prq_ctx_is_cancelled(ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
        if (!run_one(d, i, ctx, in, sink, err))
            return false;
    }
    return true;
}

prq_str prq_dispatch_revision(struct prq_arena *a)
{
    prq_str line = { "", 0 };
    for (size_t i = 0; line.p && prq_analyzers[i]; i++)
        line = prq_arena_printf(a, "%.*s%s%s=%u", PRQ_FMT(line), i ? " " : "",
                                prq_analyzers[i]->name, prq_analyzers[i]->revision);
    return line;
}
