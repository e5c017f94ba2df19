/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a database to what an artifact names: nothing for a family that is as named, a delta where
 * there is one from what is held, else the whole. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/fd.h"
#include "db/dbdelta.h"
#include "db/dbfamily.h"
#include "db/dbfetch.h"
#include "db/dbinstall.h"
#include "lib/lib.h"

enum way { LEAVE, RETELL, DELTA, WHOLE };

struct job {
    const struct prq_parcel_family *f;
    struct prq_db_place place;
    struct prq_db_state held;
    bool has_held;
    enum way way;
    size_t first; /* DELTA: the first of the deltas to apply */
};

struct receiver {
    struct prq_ctx *ctx;
    const struct prq_ship_opts *opts;
    const struct prq_blob_from *from;
    struct prq_arena *a;
    struct prq_parcel parcel;
    struct job *jobs;
    size_t count;
    uint64_t received, whole;
};

static void say(const struct receiver *r, const char *fmt, ...) PRQ_PRINTF(2, 3);
static void say(const struct receiver *r, const char *fmt, ...)
{
    char line[512];
    va_list args;
    if (!r->opts->progress)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    r->opts->progress(r->opts->progress_user, line);
}

/* ---- what to do */

static const struct prq_family_def *find_def(prq_str name)
{
    for (size_t i = 0; i < prq_family_count; i++)
        if (prq_str_eq(prq_str_from(prq_family_defs[i].name), name))
            return &prq_family_defs[i];
    return NULL;
}

/* The deltas from what is held on, if there are, and less than the whole. */
static bool find_chain(const struct job *j, size_t *first)
{
    const struct prq_parcel_family *f = j->f;
    uint64_t sum = 0;
    for (size_t i = f->delta_count; j->has_held && i-- > 0;) {
        if (!prq_add(sum, f->deltas[i].blob.size, &sum) || sum >= f->blob.size)
            return false;
        if (prq_str_eq(f->deltas[i].from, j->held.digest) &&
            prq_str_eq(f->deltas[i].from_observed, j->held.observed)) {
            *first = i;
            return true;
        }
    }
    return false;
}

static enum way way_of(struct job *j)
{
    if (j->has_held && prq_str_eq(j->held.digest, j->f->digest) &&
        prq_str_eq(j->held.observed, j->f->observed))
        return prq_str_cmp(j->f->built, j->held.built) > 0 ? RETELL : LEAVE;
    return find_chain(j, &j->first) ? DELTA : WHOLE;
}

static bool plan_family(struct receiver *r, const struct prq_parcel_family *f, struct prq_err *err)
{
    const struct prq_family_def *def = find_def(f->name);
    if (!prq_family_is_listed(r->opts->families, f->name))
        return true;
    if (!def) {
        say(r, "%.*s: passed over, this program does not know it", PRQ_FMT(f->name));
        return true;
    }
    struct job *j = &r->jobs[r->count++];
    *j = (struct job){ .f = f };
    if (!prq_db_place_of(r->opts->dir, def->name, r->opts->retain, r->a, &j->place, err) ||
        !prq_db_state_of(j->place.final.p, r->a, &j->held, &j->has_held, err))
        return false;
    j->way = way_of(j);
    r->whole += f->blob.size;
    return true;
}

/* All that would go back, in one message. */
static bool check_age(const struct receiver *r, struct prq_err *err)
{
    PRQ_BUF names;
    prq_buf_init(&names, PRQ_KIB(4));
    for (size_t i = 0; i < r->count; i++) {
        const struct job *j = &r->jobs[i];
        if ((j->way == DELTA || j->way == WHOLE) && j->has_held &&
            prq_str_cmp(j->f->built, j->held.built) < 0)
            prq_buf_printf(&names, "%s%.*s (%.*s, held: %.*s)", names.n ? ", " : "",
                           PRQ_FMT(j->f->name), PRQ_FMT(j->f->built), PRQ_FMT(j->held.built));
    }
    if (!names.n || r->opts->allow_older)
        return true;
    errno = 0;
    return prq_fail(err, PRQ_E_DENIED,
                    "older than what is held: %.*s; --allow-older takes it all the same",
                    PRQ_FMT(prq_str_head(prq_buf_view(&names), 300)));
}

static bool plan(struct receiver *r, struct prq_err *err)
{
    r->jobs = prq_new_n(r->a, struct job, r->parcel.count);
    if (!r->jobs)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to receive a database");
    for (size_t i = 0; i < r->parcel.count; i++)
        if (!plan_family(r, &r->parcel.families[i], err))
            return false;
    if (r->count == 0)
        return prq_fail(err, PRQ_E_DATA, "none of the families asked for is in the database");
    return check_age(r, err);
}

/* ---- doing it */

static bool fetch_delta(struct receiver *r, const struct prq_parcel_delta *d, struct prq_arena *a,
                        struct prq_delta *out, struct prq_err *err)
{
    PRQ_BUF packed, plain;
    prq_buf_init(&packed, PRQ_DELTA_MAX);
    prq_buf_init(&plain, PRQ_DELTA_MAX);
    if (!prq_blob_fetch(r->from, &d->blob, &packed, err))
        return false;
    r->received += packed.n;
    if (!prq_zstd_unpack(prq_buf_bytes(&packed), &plain, err))
        return false;
    prq_str kept = prq_arena_copy(a, prq_buf_view(&plain));
    if (!kept.p)
        return prq_fail(err, PRQ_E_LIMIT, "the deltas exceed the memory budget");
    return prq_delta_parse(prq_bytes_of(kept), a, out, err);
}

static bool apply_deltas(struct receiver *r, struct job *j, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_GIB(1));
    PRQ_SQL sql = NULL;
    size_t n = j->f->delta_count - j->first;
    struct prq_delta *deltas = a ? prq_new_n(a, struct prq_delta, n) : NULL;
    if (!deltas)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for deltas");
    for (size_t i = 0; i < n; i++)
        if (!fetch_delta(r, &j->f->deltas[j->f->delta_count - 1 - i], a, &deltas[i], err))
            return false;
    if (!prq_str_eq(deltas[0].to, j->f->digest) ||
        !prq_str_eq(deltas[0].to_observed, j->f->observed))
        return prq_fail(err, PRQ_E_FORMAT, "the deltas lead elsewhere");
    return prq_sql_open(j->place.final.p, PRQ_SQL_IMMUTABLE, &sql, err) &&
           prq_delta_apply(sql, deltas, n, j->place.temporary.p, a, err);
}

static bool tell(const struct job *j, bool is_new, struct prq_err *err)
{
    const struct prq_db_value values[] = { { "built", j->f->built },
                                           { "feed_date", j->f->feed_date },
                                           { "source", j->f->source } };
    return is_new ? prq_db_tell(j->place.temporary.p, values, PRQ_COUNT(values), err)
                  : prq_db_retell(&j->place, values, PRQ_COUNT(values), err);
}

/* A delta that does not fit is no failure: the whole does. */
static bool by_delta(struct receiver *r, struct job *j, bool *done, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    *done = apply_deltas(r, j, &why);
    if (*done)
        return true;
    if (why.code == PRQ_E_IO || why.code == PRQ_E_NOMEM || why.code == PRQ_E_CANCELLED) {
        if (err)
            *err = why;
        return false;
    }
    say(r, "%.*s: not by delta: %s", PRQ_FMT(j->f->name), why.text);
    unlink(j->place.temporary.p);
    return true;
}

static bool fetch(struct receiver *r, struct job *j, struct prq_err *err)
{
    static const char *const words[] = { "unchanged", "unchanged", "delta", "whole" };
    bool done = false;
    uint64_t before = r->received;
    if (j->way == DELTA && !by_delta(r, j, &done, err))
        return false;
    if (j->way == DELTA && !done)
        j->way = WHOLE;
    if (j->way == WHOLE) {
        if (!prq_family_fetch(r->ctx, r->from, j->f, j->place.temporary.p, r->a, err))
            return false;
        r->received += j->f->blob.size;
    }
    if (j->way != LEAVE && !tell(j, j->way != RETELL, err))
        return false;
    say(r, "%.*s: %s, %" PRIu64 " bytes received", PRQ_FMT(j->f->name), words[j->way],
        r->received - before);
    return true;
}

static bool run(struct receiver *r, struct prq_err *err)
{
    if (!plan(r, err))
        return false;
    for (size_t i = 0; i < r->count; i++)
        if (!fetch(r, &r->jobs[i], err))
            return prq_in(err, "%.*s", PRQ_FMT(r->jobs[i].f->name));
    for (size_t i = 0; i < r->count; i++)
        if (r->jobs[i].way != LEAVE && !prq_db_publish(&r->jobs[i].place, r->a, err))
            return prq_in(err, "%.*s", PRQ_FMT(r->jobs[i].f->name));
    say(r, "received %" PRIu64 " of %" PRIu64 " bytes", r->received, r->whole);
    return true;
}

bool prq_db_receive(struct prq_ctx *ctx, const struct prq_ship_opts *opts, prq_str manifest,
                    const struct prq_blob_from *from, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_FD int lock = -1;
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to receive a database");
    struct receiver r = { .ctx = ctx, .opts = opts, .from = from, .a = a };
    if (!prq_parcel_open(from, manifest, opts->key, opts->allow_unsigned, a, &r.parcel, err) ||
        !prq_db_take(opts->dir, a, &lock, err))
        return false;
    bool ok = run(&r, err);
    for (size_t i = 0; !ok && i < r.count; i++)
        unlink(r.jobs[i].place.temporary.p);
    return ok;
}
