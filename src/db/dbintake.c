/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbintake.h"

#include <stdio.h>

#include "db/dbdoc.h"

enum { DOC_MAX = 32 << 20, ARENA_MAX = 1 << 30 };

bool prq_intake_doc(struct prq_intake *in, prq_str source, prq_str id, prq_str doc,
                    struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(in->a);
    prq_str key = prq_db_key(source, id, in->a);
    if (prq_ctx_is_cancelled(in->ctx))
        return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    if (!key.n)
        return prq_fail(err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget", PRQ_FMT(id));
    bool ok = prq_stage_add(&in->records, key, doc, err);
    in->taken += ok;
    prq_arena_rewind(in->a, mark);
    return ok;
}

static bool take_record(void *user, struct prq_record *r, struct prq_err *err)
{
    struct prq_intake *in = user;
    struct prq_mark mark = prq_arena_mark(in->a);
    prq_buf_clear(&in->doc);
    prq_intake_date(in, r->modified);
    bool ok = prq_record_write(r, in->a, &in->doc, err) &&
              prq_intake_doc(in, r->source, r->id, prq_buf_view(&in->doc), err);
    prq_arena_rewind(in->a, mark);
    return ok;
}

static bool take_cve(void *user, prq_str cve, const struct prq_cve_info *info, struct prq_err *err)
{
    struct prq_intake *in = user;
    prq_buf_clear(&in->doc);
    if (!prq_cve_write(in->source, cve, info, &in->doc))
        return prq_fail(err, PRQ_E_LIMIT, "record %.*s is too large", PRQ_FMT(cve));
    return prq_intake_doc(in, in->source, cve, prq_buf_view(&in->doc), err);
}

static void skip(void *user, prq_str what, const char *why)
{
    struct prq_intake *in = user;
    if (in->skipped++ == 0)
        snprintf(in->skip_reason, sizeof in->skip_reason, "%.*s: %s", PRQ_FMT(what), why);
    prq_log(in->ctx->log, PRQ_LOG_DEBUG, "record skipped what=\"%.*s\" why=\"%s\"", PRQ_FMT(what),
            why);
}

bool prq_intake_init(struct prq_intake *in, struct prq_ctx *ctx, prq_str now, struct prq_err *err)
{
    *in = (struct prq_intake){ .ctx = ctx, .now = now };
    in->records.fd = -1;
    in->sink = (struct prq_feed_sink){ in, take_record, take_cve, skip };
    prq_buf_init(&in->doc, DOC_MAX);
    in->a = prq_arena_new(ARENA_MAX);
    if (!in->a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    return prq_stage_init(&in->records, err);
}

bool prq_intake_reset(struct prq_intake *in, struct prq_err *err)
{
    bool keeps_old = in->keeps_old;
    struct prq_ctx *ctx = in->ctx;
    prq_str now = in->now;
    prq_intake_release(in);
    bool ok = prq_intake_init(in, ctx, now, err);
    in->keeps_old = keeps_old;
    return ok;
}

void prq_intake_release(struct prq_intake *in)
{
    prq_stage_release(&in->records);
    prq_buf_release(&in->doc);
    prq_arena_free(in->a);
    in->a = NULL;
}

void prq_intake_date(struct prq_intake *in, prq_str time)
{
    /* To the second: fractions are written by some feeds and not by others. */
    if (time.n < 20 || time.n >= sizeof in->feed_date ||
        prq_str_cmp(prq_str_head(time, 19), prq_str_head(in->now, 19)) > 0 ||
        prq_str_cmp(time, prq_str_from(in->feed_date)) <= 0)
        return;
    memcpy(in->feed_date, time.p, time.n);
    in->feed_date[time.n] = 0;
}

bool prq_intake_bad_file(struct prq_intake *in, prq_str path, struct prq_err *err)
{
    bool is_about_bytes =
        err->code == PRQ_E_FORMAT || err->code == PRQ_E_UNSUPPORTED || err->code == PRQ_E_LIMIT;
    if (in->keeps_old || !is_about_bytes)
        return prq_in(err, "%.*s", PRQ_FMT(path));
    skip(in, path, err->text);
    *err = (struct prq_err)PRQ_ERR_INIT;
    return true;
}
