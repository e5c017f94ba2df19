/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/db.h"

#include "base/buf.h"
#include "db/db.h"
#include "scan/now.h"

static struct prq_db_opts options_of(const struct prq_db_opts *given)
{
    struct prq_db_opts o = PRQ_DB_OPTS_INIT;
    if (given)
        memcpy(&o, given, prq_min_size(given->size, sizeof o));
    return o;
}

bool prq_database_build(const char *dir, const struct prq_db_opts *given, struct prq_err *err)
{
    struct prq_db_opts o = options_of(given);
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(16));
    PRQ_ARENA scratch = prq_arena_new(PRQ_GIB(2));
    if (!arena || !scratch)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_db_build_opts b = {
        .from = prq_str_from(o.from), .to = prq_str_from(dir),
        .families = prq_str_from(o.families), .addresses = prq_str_from(o.addresses),
        .update = o.update, .progress = o.progress, .progress_user = o.user,
        .previous = prq_str_from(o.previous), .retain = o.retain,
    };
    return prq_now(o.now, arena, &b.now, err) && prq_db_build(&ctx, &b, err);
}

/* The bytes of `b`, malloc'd, with a NUL after them. */
static bool give(struct prq_buf *b, char **text, size_t *n, struct prq_err *err)
{
    size_t count = b->n;
    if (!prq_buf_byte(b, 0))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    *text = (char *)b->p;
    *n = count;
    b->p = NULL; /* the caller's now */
    return true;
}

static bool is_json(const char *format, bool *out, struct prq_err *err)
{
    *out = strcmp(format, "json") == 0;
    return *out || strcmp(format, "table") == 0 ||
           prq_fail(err, PRQ_E_USAGE, "format \"%s\": table or json", format);
}

/* `query` NULL: the status. */
static bool show(const char *dir, const char *query, const char *format, const char *now,
                 char **text, size_t *n, struct prq_err *err)
{
    bool as_json;
    prq_str time;
    struct prq_db *db;
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(256));
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(256));
    if (!arena)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!is_json(format, &as_json, err) || !prq_now(now, arena, &time, err) ||
        !prq_db_open(prq_str_from(dir), &db, err))
        return false;
    bool ok = query ? prq_db_search_write(db, prq_str_from(query), as_json, arena, &out, err)
                    : prq_db_status_write(db, time, as_json, &out, err);
    prq_db_close(db);
    return ok && give(&out, text, n, err);
}

bool prq_database_status(const char *dir, const char *format, const char *now, char **text,
                         size_t *n, struct prq_err *err)
{
    return show(dir, NULL, format, now, text, n, err);
}

bool prq_database_search(const char *dir, const char *query, const char *format, char **text,
                         size_t *n, struct prq_err *err)
{
    return show(dir, query, format, NULL, text, n, err);
}
