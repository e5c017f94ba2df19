/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbfetch.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"
#include "db/dbschema.h"
#include "db/dbstate.h"
#include "io/source.h"
#include "lib/lib.h"
#include "lib/sign.h"

enum { CHUNK = 256 << 10 };

prq_str prq_blob_digest(prq_bytes content, struct prq_arena *a)
{
    uint8_t raw[32];
    prq_str text = { 0 };
    if (!prq_sha256(content, raw) ||
        !prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, sizeof raw }, a, &text))
        return (prq_str){ 0 };
    return text;
}

bool prq_family_is_listed(prq_str list, prq_str name)
{
    prq_str piece;
    if (!list.n)
        return true;
    while (prq_str_split(&list, ',', &piece))
        if (prq_str_eq(prq_str_trim(piece), name))
            return true;
    return false;
}

static bool open_blob(const struct prq_blob_from *from, const struct prq_parcel_blob *b,
                      struct prq_stream **out, struct prq_err *err)
{
    struct prq_stream *below;
    return from->open(from->user, b->digest, b->size, &below, err) &&
           prq_check_stream(below, b->digest, b->size, out, err);
}

bool prq_blob_fetch(const struct prq_blob_from *from, const struct prq_parcel_blob *b,
                    struct prq_buf *out, struct prq_err *err)
{
    PRQ_STREAM s = NULL;
    if (b->size > out->max)
        return prq_fail(err, PRQ_E_LIMIT, "%.*s: more than %zu bytes", PRQ_FMT(b->digest), out->max);
    return (open_blob(from, b, &s, err) && prq_stream_read_all(s, out, err)) ||
           prq_in(err, "%.*s", PRQ_FMT(b->digest));
}

/* ---- the config */

static bool deny(struct prq_err *err, const char *why)
{
    errno = 0;
    return prq_fail(err, PRQ_E_DENIED, "%s", why);
}

static bool check_signature(const struct prq_parcel_manifest *m, prq_bytes config,
                            const struct prq_key *key, bool allow_unsigned, struct prq_err *err)
{
    if (!key)
        return true;
    if (!m->signature.n)
        return allow_unsigned || deny(err, "the database is not signed; --allow-unsigned takes it");
    return prq_key_checks(key, config, m->signature) ||
           deny(err, "the signature of the database is not by the given key");
}

bool prq_parcel_open(const struct prq_blob_from *from, prq_str manifest, const struct prq_key *key,
                     bool allow_unsigned, struct prq_arena *a, struct prq_parcel *out,
                     struct prq_err *err)
{
    struct prq_parcel_manifest m;
    PRQ_BUF config;
    prq_buf_init(&config, PRQ_PARCEL_BYTES);
    if (!prq_parcel_manifest_parse(manifest, a, &m, err))
        return prq_in(err, "manifest");
    if (!prq_blob_fetch(from, &m.config, &config, err) ||
        !check_signature(&m, prq_buf_bytes(&config), key, allow_unsigned, err))
        return false;
    prq_str text = prq_arena_copy(a, prq_buf_view(&config));
    if (!text.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for the config");
    if (!prq_parcel_parse(text, a, out, err))
        return prq_in(err, "config");
    return out->schema == PRQ_DB_SCHEMA ||
           prq_fail(err, PRQ_E_UNSUPPORTED,
                    "the database is of schema %llu, this program reads schema %d",
                    (unsigned long long)out->schema, PRQ_DB_SCHEMA);
}

/* ---- a family */

static bool write_file(struct prq_stream *s, const char *path, uint64_t size, struct prq_err *err)
{
    PRQ_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    PRQ_BUF chunk;
    prq_buf_init(&chunk, CHUNK);
    uint8_t *p = prq_buf_room(&chunk, CHUNK);
    uint64_t total = 0;
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "make %s", path);
    if (!p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to unpack");
    for (size_t got = 1; got;) {
        if (!prq_stream_read(s, p, CHUNK, &got, err))
            return false;
        total += got;
        if (total > size)
            return prq_fail(err, PRQ_E_FORMAT, "it unpacks to more than %llu bytes",
                            (unsigned long long)size);
        if (!prq_fd_write_all(fd, p, got))
            return prq_fail(err, PRQ_E_IO, "write %s", path);
    }
    return total == size || prq_fail(err, PRQ_E_FORMAT, "it unpacks to fewer than %llu bytes",
                                     (unsigned long long)size);
}

static bool check_family(const struct prq_parcel_family *f, const char *path, struct prq_arena *a,
                         struct prq_err *err)
{
    PRQ_SQL sql = NULL;
    struct prq_db_state s;
    if (!prq_db_check_file(path, err) || !prq_sql_open(path, PRQ_SQL_IMMUTABLE, &sql, err) ||
        !prq_db_state_read(sql, a, &s, err))
        return false;
    if (!prq_str_eq(s.family, f->name) || !prq_str_eq(s.digest, f->digest) ||
        !prq_str_eq(s.observed, f->observed) || s.records != f->records)
        return prq_fail(err, PRQ_E_FORMAT, "the file is not what the config tells");
    return prq_db_state_check(sql, &s, a, err);
}

bool prq_family_fetch(struct prq_ctx *ctx, const struct prq_blob_from *from,
                      const struct prq_parcel_family *f, const char *path, struct prq_arena *a,
                      struct prq_err *err)
{
    PRQ_STREAM s = NULL;
    struct prq_stream *packed;
    uint64_t most;
    /* Honest ones unpack to 30 times their size at most. */
    if (!prq_mul(f->blob.size, ctx->limits->ratio, &most) ||
        !prq_add(most, ctx->limits->ratio_after, &most) || f->size > most ||
        f->size > ctx->limits->blob_bytes)
        return prq_fail(err, PRQ_E_LIMIT, "%.*s: a file of %llu bytes", PRQ_FMT(f->name),
                        (unsigned long long)f->size);
    if (!open_blob(from, &f->blob, &packed, err) || !prq_zstd_open(packed, ctx->limits, &s, err) ||
        !write_file(s, path, f->size, err))
        return prq_in(err, "%.*s", PRQ_FMT(f->name));
    prq_stream_close(s); /* the client is free for the next */
    s = NULL;
    return check_family(f, path, a, err) || prq_in(err, "%.*s", PRQ_FMT(f->name));
}
