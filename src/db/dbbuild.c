/* SPDX-License-Identifier: Apache-2.0 */
/* prq_db_build: each family on its own, written beside its old file and renamed over it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "db/dbinstall.h"
#include "db/dbupdate.h"

struct builder {
    struct prq_ctx *ctx;
    const struct prq_db_build_opts *opts;
    struct prq_source *from;
    struct prq_arena *a;
    bool has_list; /* families were named: one that is not there is an error */
};

static void say(const struct builder *b, const char *fmt, ...) PRQ_PRINTF(2, 3);
static void say(const struct builder *b, const char *fmt, ...)
{
    char line[512];
    va_list args;
    if (!b->opts->progress)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    b->opts->progress(b->opts->progress_user, line);
}

static bool is_selected(prq_str list, const char *family)
{
    prq_str piece;
    if (!list.n)
        return true;
    while (prq_str_split(&list, ',', &piece))
        if (prq_str_eq(prq_str_trim(piece), prq_str_from(family)))
            return true;
    return false;
}

static bool check_list(prq_str list, struct prq_err *err)
{
    prq_str piece;
    while (list.n && prq_str_split(&list, ',', &piece)) {
        size_t i = 0;
        piece = prq_str_trim(piece);
        while (i < prq_family_count && !prq_str_eq(prq_str_from(prq_family_defs[i].name), piece))
            i++;
        if (i == prq_family_count)
            return prq_fail(err, PRQ_E_USAGE, "there is no family \"%.*s\"", PRQ_FMT(piece));
    }
    return true;
}

/* The family's file as it is, if it is one of ours: the source of observed days. */
static struct prq_sql *open_previous(prq_str path)
{
    struct prq_sql *sql = NULL;
    if (access(path.p, R_OK) != 0 || !prq_sql_open(path.p, PRQ_SQL_READ, &sql, NULL))
        return NULL;
    if (prq_db_check_schema(sql, NULL))
        return sql;
    prq_sql_close(sql);
    return NULL;
}

struct job {
    const struct prq_family_def *def;
    struct prq_db_place place;
    struct prq_intake intake;
    struct prq_sql *previous; /* the family as it is */
    struct prq_sql *seen;     /* where observed days come from: that, or --previous */
    enum prq_update how;
};

static int by_path(const void *a, const void *b)
{
    const struct prq_db_validator *x = a, *y = b;
    return prq_str_cmp(x->path, y->path);
}

/* What was seen, and how far the list of changes was read. */
static bool gather_validators(struct builder *b, struct job *job, struct prq_db_validator **out,
                              size_t *n, struct prq_err *err)
{
    const struct prq_db_validator *seen;
    prq_str mark_path = prq_str_from(job->intake.mark_path);
    size_t at = 0;
    *n = prq_source_seen(b->from, &seen);
    *out = prq_new_n(b->a, struct prq_db_validator, *n + 1);
    if (!*out)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to build");
    if (*n)
        memcpy(*out, seen, *n * sizeof **out);
    if (!job->intake.mark[0])
        return true;
    while (at < *n && !prq_str_eq((*out)[at].path, mark_path))
        at++;
    (*out)[at].path = mark_path;
    (*out)[at].mark = prq_str_from(job->intake.mark);
    *n += at == *n;
    qsort(*out, *n, sizeof **out, by_path);
    return true;
}

static bool write_family(struct builder *b, struct job *job, struct prq_err *err)
{
    struct prq_intake *in = &job->intake;
    struct prq_db_validator *validators;
    size_t n;
    if (!gather_validators(b, job, &validators, &n, err))
        return false;
    struct prq_db_input input = {
        .records = &in->records,
        .join = job->how == PRQ_UPDATE_DELTA ? PRQ_JOIN_FIRST : job->def->join,
        .about = { .family = job->def->name,
                   .source = prq_source_name(b->from),
                   .built = b->opts->now,
                   .feed_date = prq_str_from(in->feed_date),
                   .skipped = in->skipped,
                   .skip_reason = prq_str_from(in->skip_reason) },
        .validators = validators,
        .validator_count = n,
        .previous = job->seen,
    };
    return prq_stage_sort(&in->records, err) &&
           prq_db_write(job->place.temporary.p, &input, err) &&
           prq_db_publish(&job->place, b->a, err);
}

/* Nothing changed: the same file, as of now. */
static bool touch_family(struct builder *b, struct job *job, struct prq_err *err)
{
    const struct prq_db_value built = { "built", b->opts->now };
    return prq_db_retell(&job->place, &built, 1, err) && prq_db_publish(&job->place, b->a, err);
}

static bool read_family(struct builder *b, struct job *job, struct prq_err *err)
{
    struct prq_intake *in = &job->intake;
    prq_source_begin(b->from);
    if (b->opts->update && job->previous && prq_source_is_remote(b->from))
        return prq_family_update(job->def, b->from, job->previous, in, b->a, &job->how, err);
    job->how = PRQ_UPDATE_FULL;
    return job->def->read(job->def, b->from, in, err);
}

static bool run_job(struct builder *b, struct job *job, struct prq_err *err)
{
    struct prq_intake *in = &job->intake;
    if (!prq_intake_init(in, b->ctx, b->opts->now, err))
        return false;
    job->previous = open_previous(job->place.final);
    in->keeps_old = job->previous != NULL;
    job->seen = job->previous;
    if (b->opts->previous.n) {
        prq_str path = prq_arena_printf(b->a, "%.*s/%s.db", PRQ_FMT(b->opts->previous),
                                        job->def->name);
        if (!path.p)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to build");
        job->seen = open_previous(path);
    }
    if (!read_family(b, job, err))
        return false;
    if (job->how == PRQ_UPDATE_NONE)
        return touch_family(b, job, err);
    if (in->records.n == 0)
        return prq_fail(err, PRQ_E_DATA, "the feed has no record");
    return write_family(b, job, err);
}

static bool build_family(struct builder *b, const struct prq_family_def *def, struct prq_err *err)
{
    struct job job = { .def = def };
    if (!prq_db_place_of(b->opts->to, def->name, b->opts->retain, b->a, &job.place, err))
        return false;
    job.intake.records.fd = -1;
    bool ok = run_job(b, &job, err);
    if (ok && job.how == PRQ_UPDATE_NONE)
        say(b, "%s: unchanged", def->name);
    else if (ok)
        say(b, "%s: %" PRIu64 " records read, %" PRIu64 " skipped%s%s", def->name, job.intake.taken,
            job.intake.skipped, job.intake.skipped ? ", first: " : "", job.intake.skip_reason);
    else
        unlink(job.place.temporary.p);
    if (job.seen != job.previous)
        prq_sql_close(job.seen);
    prq_sql_close(job.previous);
    prq_intake_release(&job.intake);
    return ok;
}

/* One failure of several: the first one's code, all names. */
static void add_failure(const char *family, const struct prq_err *why, unsigned count,
                        struct prq_err *all)
{
    if (count == 1) {
        *all = *why;
        prq_in(all, "%s", family);
        return;
    }
    size_t n = strlen(all->text);
    snprintf(all->text + n, sizeof all->text - n, "; %s: %s", family, why->text);
}

static bool build_all(struct builder *b, struct prq_err *err)
{
    unsigned failures = 0, made = 0;
    for (size_t i = 0; i < prq_family_count; i++) {
        const struct prq_family_def *def = &prq_family_defs[i];
        struct prq_err why = PRQ_ERR_INIT;
        struct prq_mark mark = prq_arena_mark(b->a);
        if (!is_selected(b->opts->families, def->name))
            continue;
        bool ok = build_family(b, def, &why);
        prq_arena_rewind(b->a, mark);
        made += ok;
        if (ok)
            continue;
        say(b, "%s: %s", def->name, why.text);
        if (why.code == PRQ_E_CANCELLED)
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
        if (why.code == PRQ_E_DATA && !b->has_list && prq_source_may_lack_feeds(b->from))
            continue;
        failures++;
        if (err)
            add_failure(def->name, &why, failures, err);
    }
    if (failures)
        return false;
    return made > 0 || prq_fail(err, PRQ_E_DATA, "no feed was found in %.*s",
                                PRQ_FMT(b->opts->from));
}

bool prq_db_build(struct prq_ctx *ctx, const struct prq_db_build_opts *opts, struct prq_err *err)
{
    struct prq_ctx own = *ctx;
    if (opts->cancel)
        own.cancel = opts->cancel;
    struct builder b = { .ctx = &own, .opts = opts, .has_list = opts->families.n > 0 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to build");
    b.a = a;
    PRQ_FD int lock = -1;
    if (!check_list(opts->families, err) || !prq_db_take(opts->to, a, &lock, err) ||
        !prq_source_open(&own, opts->from, opts->addresses, &b.from, err))
        return false;
    bool ok = build_all(&b, err);
    prq_source_close(b.from);
    return ok;
}
