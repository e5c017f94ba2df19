/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/stat.h>

#include "db/dbdiff.h"
#include "io/source.h"
#include "lib/sign.h"
#include "pratique/db.h"
#include "scan/now.h"
#include "scan/ship.h"

enum { KEY_MAX = 64 << 10 };

static bool read_key(const char *path, bool is_private, struct prq_key **out, struct prq_err *err)
{
    PRQ_BUF pem;
    prq_buf_init(&pem, KEY_MAX);
    if (!path || !*path)
        return true;
    bool ok = prq_read_file(path, &pem, err) &&
              (is_private ? prq_key_private : prq_key_public)(prq_buf_bytes(&pem), path, out, err);
    if (pem.n)
        explicit_bzero(pem.p, pem.n);
    return ok;
}

static bool split(const char *list, struct prq_arena *a, struct prq_strs *out)
{
    prq_str rest = prq_str_from(list), piece;
    size_t cap = 0;
    while (rest.n && prq_str_split(&rest, ',', &piece)) {
        if (!prq_arena_grow(a, &out->v, sizeof *out->v, &cap, out->n + 1))
            return false;
        out->v[out->n++] = prq_str_trim(piece);
    }
    return true;
}

enum deed { PUSH, PULL, EXPORT, IMPORT };

static bool ship(enum deed deed, const char *dir, const char *where,
                 const struct prq_db_opts *given, struct prq_err *err)
{
    struct prq_db_opts o = PRQ_DB_OPTS_INIT;
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(256));
    PRQ_KEY key = NULL;
    struct prq_source_opts registry = { .argument = prq_str_from(where) };
    if (given)
        memcpy(&o, given, prq_min_size(given->size, sizeof o));
    bool is_out = deed == PUSH || deed == EXPORT;
    if (!scratch || !split(o.allow_realms, scratch, &registry.allow_realms))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!read_key(is_out ? o.key : o.pubkey, is_out, &key, err))
        return false;
    registry.username = prq_str_from(o.username);
    registry.password = prq_str_from(o.password);
    registry.token = prq_str_from(o.registry_token);
    registry.ca_file = prq_str_from(o.ca_file);
    registry.insecure = o.insecure;
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_ship_opts s = {
        .dir = prq_str_from(dir), .families = prq_str_from(o.families), .key = key,
        .allow_unsigned = o.allow_unsigned, .allow_older = o.allow_older, .retain = o.retain,
        .progress = o.progress, .progress_user = o.user,
    };
    switch (deed) {
    case PUSH:
        return prq_ship_push(&ctx, &s, &registry, registry.argument, err);
    case PULL:
        return prq_ship_pull(&ctx, &s, &registry, registry.argument, err);
    case EXPORT:
        return prq_ship_export(&ctx, &s, where, err);
    case IMPORT:
        return prq_ship_import(&ctx, &s, where, err);
    }
    return false;
}

bool prq_database_push(const char *dir, const char *ref, const struct prq_db_opts *opts,
                       struct prq_err *err)
{
    return ship(PUSH, dir, ref, opts, err);
}

bool prq_database_pull(const char *dir, const char *ref, const struct prq_db_opts *opts,
                       struct prq_err *err)
{
    return ship(PULL, dir, ref, opts, err);
}

bool prq_database_export(const char *dir, const char *path, const struct prq_db_opts *opts,
                         struct prq_err *err)
{
    return ship(EXPORT, dir, path, opts, err);
}

bool prq_database_import(const char *dir, const char *path, const struct prq_db_opts *opts,
                         struct prq_err *err)
{
    return ship(IMPORT, dir, path, opts, err);
}

static bool open_either(const char *dir, const char *which, struct prq_arena *a,
                        struct prq_db **out, struct prq_err *err)
{
    struct stat st;
    prq_str time;
    if (stat(which, &st) == 0)
        return prq_db_open(prq_str_from(which), out, err);
    if (!prq_as_of(which, a, &time, NULL))
        return prq_fail(err, PRQ_E_USAGE, "%s: neither a directory nor a date", which);
    return prq_db_open_at(prq_str_from(dir), time, out, err);
}

bool prq_database_diff(const char *dir, const char *a, const char *b, const char *format,
                       char **text, size_t *n, struct prq_err *err)
{
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(1));
    struct prq_db *from, *to;
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(512));
    bool as_json = strcmp(format, "json") == 0;
    if (!arena)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!as_json && strcmp(format, "table") != 0)
        return prq_fail(err, PRQ_E_USAGE, "format \"%s\": table or json", format);
    if (!open_either(dir, a, arena, &from, err))
        return false;
    bool ok = open_either(dir, b, arena, &to, err);
    if (ok) {
        ok = prq_db_diff_write(from, to, as_json, &out, err);
        prq_db_close(to);
    }
    prq_db_close(from);
    if (!ok)
        return false;
    *n = out.n;
    if (!prq_buf_byte(&out, 0))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    *text = (char *)out.p;
    out.p = NULL; /* the caller's now */
    return true;
}
