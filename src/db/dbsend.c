/* SPDX-License-Identifier: Apache-2.0 */
/* Packing the database: what is as it was is named again, what changed is packed anew, with a delta
 * from the version before where that is worth it. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "db/dbdelta.h"
#include "db/dbfamily.h"
#include "db/dbfetch.h"
#include "db/dbinstall.h"
#include "lib/lib.h"
#include "lib/sign.h"

enum {
    LEVEL = 9,        /* 11 gains a fortieth and takes twice as long */
    LEVEL_DELTA = 19, /* small, and packed once for everybody */
    DELTAS_KEPT = 14,
};

struct sender {
    struct prq_ctx *ctx;
    const struct prq_ship_opts *opts;
    const struct prq_blob_from *from;
    const struct prq_blob_to *to;
    struct prq_arena *a; /* what the manifest names */
    const struct prq_parcel *before; /* NULL: none */
    struct prq_parcel parcel;
    uint64_t sent;
};

static void say(const struct sender *s, const char *fmt, ...) PRQ_PRINTF(2, 3);
static void say(const struct sender *s, const char *fmt, ...)
{
    char line[512];
    va_list args;
    if (!s->opts->progress)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    s->opts->progress(s->opts->progress_user, line);
}

static const struct prq_parcel_family *find_before(const struct sender *s, prq_str name)
{
    for (size_t i = 0; s->before && i < s->before->count; i++)
        if (prq_str_eq(s->before->families[i].name, name))
            return &s->before->families[i];
    return NULL;
}

/* ---- blobs */

static bool put(struct sender *s, prq_bytes content, struct prq_parcel_blob *out,
                struct prq_err *err)
{
    *out = (struct prq_parcel_blob){ prq_blob_digest(content, s->a), content.n };
    if (!out->digest.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
    s->sent += content.n;
    return s->to->put(s->to->user, out->digest, content, err);
}

static bool map_file(const char *path, prq_bytes *out, struct prq_err *err)
{
    PRQ_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return prq_fail(err, PRQ_E_IO, "open %s", path);
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return prq_fail(err, PRQ_E_IO, "map %s", path);
    *out = (prq_bytes){ p, (size_t)st.st_size };
    return true;
}

static bool put_whole(struct sender *s, const char *path, struct prq_parcel_family *f,
                      struct prq_err *err)
{
    prq_bytes file;
    if (!map_file(path, &file, err))
        return false;
    f->size = file.n;
    PRQ_BUF packed;
    prq_buf_init(&packed, file.n + file.n / 16 + PRQ_MIB(1));
    bool ok = prq_zstd_pack(file, LEVEL, &packed, err);
    munmap((void *)(uintptr_t)file.p, file.n);
    return ok && put(s, prq_buf_bytes(&packed), &f->blob, err);
}

/* ---- deltas */

/* The file of the version before: retained, or fetched into `scratch` (to be removed). */
static bool open_before(struct sender *s, const struct prq_parcel_family *before, prq_str scratch,
                        struct prq_arena *a, struct prq_sql **out, struct prq_err *err)
{
    prq_str name = prq_arena_copy(a, before->name), path = { 0 };
    struct prq_db_state state;
    bool found = false;
    if (!name.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a delta");
    if (!prq_db_path_at(s->opts->dir, name.p, before->built, a, &path, err) ||
        (path.n && !prq_db_state_of(path.p, a, &state, &found, err)))
        return false;
    if (!found || !prq_str_eq(state.digest, before->digest) ||
        !prq_str_eq(state.observed, before->observed)) {
        path = scratch;
        if (!prq_family_fetch(s->ctx, s->from, before, path.p, a, err))
            return false;
    }
    return prq_sql_open(path.p, PRQ_SQL_IMMUTABLE, out, err);
}

static bool make_delta(struct sender *s, const struct prq_parcel_family *before, const char *path,
                       prq_str scratch, struct prq_arena *a, struct prq_buf *packed,
                       struct prq_err *err)
{
    PRQ_SQL old = NULL;
    PRQ_SQL new = NULL;
    PRQ_BUF delta;
    prq_buf_init(&delta, PRQ_DELTA_MAX);
    return open_before(s, before, scratch, a, &old, err) &&
           prq_sql_open(path, PRQ_SQL_IMMUTABLE, &new, err) &&
           prq_delta_make(old, new, a, &delta, err) &&
           prq_zstd_pack(prq_buf_bytes(&delta), LEVEL_DELTA, packed, err);
}

/* The newest ones, as long as they are less than half of the whole. */
static bool set_deltas(struct sender *s, const struct prq_parcel_family *before,
                       const struct prq_parcel_delta *newest, struct prq_parcel_family *f,
                       struct prq_err *err)
{
    size_t kept = 0;
    uint64_t sum = newest->blob.size;
    while (kept < before->delta_count && kept + 1 < DELTAS_KEPT) {
        sum += before->deltas[before->delta_count - 1 - kept].blob.size;
        if (sum > f->blob.size / 2)
            break;
        kept++;
    }
    f->deltas = prq_new_n(s->a, struct prq_parcel_delta, kept + 1);
    if (!f->deltas)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for deltas");
    for (size_t i = 0; i < kept; i++)
        f->deltas[i] = before->deltas[before->delta_count - kept + i];
    f->deltas[kept] = *newest;
    f->delta_count = kept + 1;
    return true;
}

/* Without a delta the family travels whole: no failure. */
static bool add_delta(struct sender *s, const struct prq_parcel_family *before, const char *path,
                      struct prq_parcel_family *f, struct prq_err *err)
{
    const char *tmp = getenv("TMPDIR");
    PRQ_ARENA a = prq_arena_new(PRQ_GIB(1));
    PRQ_BUF packed;
    struct prq_err why = PRQ_ERR_INIT;
    struct prq_parcel_delta d = { before->digest, before->observed, { .size = 0 } };
    prq_buf_init(&packed, PRQ_DELTA_MAX + PRQ_MIB(2));
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/pratique-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!a || !mkdtemp(dir))
        return prq_fail(err, PRQ_E_IO, "make a temporary directory %s", dir);
    prq_str scratch = prq_arena_printf(a, "%s/before.db", dir);
    bool ok = scratch.p && make_delta(s, before, path, scratch, a, &packed, &why);
    if (scratch.p)
        unlink(scratch.p);
    rmdir(dir);
    if (why.code == PRQ_E_CANCELLED || why.code == PRQ_E_NOMEM) {
        if (err)
            *err = why;
        return false;
    }
    if (!ok)
        say(s, "%.*s: no delta: %s", PRQ_FMT(f->name), why.text);
    if (!ok || packed.n > f->blob.size / 2)
        return true;
    say(s, "%.*s: delta of %zu bytes", PRQ_FMT(f->name), packed.n);
    return put(s, prq_buf_bytes(&packed), &d.blob, err) && set_deltas(s, before, &d, f, err);
}

/* ---- families */

static bool send_family(struct sender *s, const struct prq_family_def *def, struct prq_err *err)
{
    prq_str path = prq_arena_printf(s->a, "%.*s/%s.db", PRQ_FMT(s->opts->dir), def->name);
    struct prq_db_state state;
    bool found;
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for paths");
    if (!prq_db_state_of(path.p, s->a, &state, &found, err) || !found)
        return !found;
    if (!prq_parcel_is_time(state.built))
        return prq_fail(err, PRQ_E_FORMAT, "%s: the time it was built is malformed", path.p);
    struct prq_parcel_family *f = &s->parcel.families[s->parcel.count++];
    const struct prq_parcel_family *before = find_before(s, state.family);
    bool is_same = before && prq_str_eq(before->digest, state.digest) &&
                   prq_str_eq(before->observed, state.observed);
    *f = is_same ? *before : (struct prq_parcel_family){ .records = state.records };
    f->name = state.family;
    f->digest = state.digest;
    f->observed = state.observed;
    f->built = state.built;
    f->feed_date = state.feed_date;
    f->source = state.source;
    if (prq_str_cmp(f->built, s->parcel.built) > 0)
        s->parcel.built = f->built;
    if (is_same) {
        say(s, "%s: unchanged", def->name);
        return true;
    }
    if (!put_whole(s, path.p, f, err))
        return prq_in(err, "%s", def->name);
    say(s, "%s: %" PRIu64 " bytes, packed %" PRIu64, def->name, f->size, f->blob.size);
    /* Scores change in nearly every row each day. */
    if (!before || strcmp(def->name, "epss") == 0)
        return true;
    return add_delta(s, before, path.p, f, err) || prq_in(err, "%s", def->name);
}

static bool send_config(struct sender *s, struct prq_buf *manifest, struct prq_err *err)
{
    struct prq_parcel_manifest m = { .config = { .size = 0 } };
    PRQ_BUF config, signature;
    prq_buf_init(&config, PRQ_PARCEL_BYTES);
    prq_buf_init(&signature, 256);
    if (!prq_parcel_write(&s->parcel, &config))
        return prq_fail(err, PRQ_E_LIMIT, "the config is too large");
    if (s->opts->key && !prq_key_sign(s->opts->key, prq_buf_bytes(&config), &signature, err))
        return false;
    m.signature = prq_buf_bytes(&signature);
    if (!put(s, prq_buf_bytes(&config), &m.config, err))
        return false;
    return prq_parcel_manifest_write(&s->parcel, &m, manifest) ||
           prq_fail(err, PRQ_E_LIMIT, "the manifest is too large");
}

bool prq_db_send(struct prq_ctx *ctx, const struct prq_ship_opts *opts, prq_str before,
                 const struct prq_blob_from *from, const struct prq_blob_to *to,
                 struct prq_buf *manifest, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct sender s = { .ctx = ctx, .opts = opts, .from = from, .to = to, .a = a };
    struct prq_parcel old;
    struct prq_err why = PRQ_ERR_INIT;
    if (a)
        s.parcel.families = prq_new_n(a, struct prq_parcel_family, prq_family_count);
    if (!s.parcel.families)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to pack a database");
    s.parcel.schema = PRQ_DB_SCHEMA;
    /* What is there is built upon only when it is ours. */
    if (before.n && prq_parcel_open(from, before, opts->key, false, a, &old, &why))
        s.before = &old;
    else if (before.n)
        say(&s, "what is there is not built upon: %s", why.text);
    for (size_t i = 0; i < prq_family_count; i++)
        if (prq_family_is_listed(opts->families, prq_str_from(prq_family_defs[i].name)) &&
            !send_family(&s, &prq_family_defs[i], err))
            return false;
    if (s.parcel.count == 0)
        return prq_fail(err, PRQ_E_DATA, "no vulnerability database in %.*s",
                        PRQ_FMT(opts->dir));
    if (!send_config(&s, manifest, err))
        return false;
    say(&s, "packed %" PRIu64 " bytes", s.sent);
    return true;
}
