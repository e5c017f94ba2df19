/* SPDX-License-Identifier: Apache-2.0 */
/* A download that survives its connections: after a break the rest is asked for by Range. Where a
 * server sends all of it again, what was already handed out is passed over. */
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "io/transfer.h"

enum { TRIES = 5, RESUMES = 1000, PROGRESS_BYTES = 64 << 10, RETRY_AFTER_MAX_S = 300 };

static unsigned jitter(unsigned below)
{
    unsigned r = 0;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
        r = (unsigned)time(NULL);
    return below ? r % below : 0;
}

/* Source: RFC 9110 10.2.3; platform.md 1.6. */
int64_t prq_retry_wait_ms(unsigned attempt, prq_str retry_after, int64_t now_unix_s)
{
    const char *test = getenv("PRQ_TEST_RETRY_MS");
    uint64_t seconds, ms;
    int64_t at;
    if (attempt == 0 || attempt >= TRIES)
        return -1;
    if (test && prq_str_u64(prq_str_from(test), &ms) && ms < 60000)
        return (int64_t)ms;
    if (prq_str_u64(retry_after, &seconds))
        return (int64_t)(seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
    if (retry_after.n && (at = prq_http_date(retry_after)) >= 0) {
        int64_t wait = at - now_unix_s;
        return (wait < 0 ? 0 : wait < RETRY_AFTER_MAX_S ? wait : RETRY_AFTER_MAX_S) * 1000;
    }
    int64_t base = (int64_t)1000 << attempt;
    return base / 2 + jitter((unsigned)(base / 2) + 1) + base / 4;
}

struct http_stream {
    struct prq_stream base;
    struct prq_http *h;
    struct prq_http_request rq; /* its strings are the caller's */
    struct prq_arena *a;
    struct prq_http_reply *reply;
    uint64_t first, at; /* where the request starts; bytes handed out since */
    uint64_t resumed_at;
    unsigned stalls, resumes;
    prq_str etag;
    bool can_resume, is_done, is_broken, was_renewed;
    struct prq_err why;
};

static bool is_busy(long status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Open, and again while the peer is silent or busy. *attempt counts over several calls. */
static bool open_patiently(struct prq_http *h, const struct prq_http_request *rq,
                           struct prq_arena *a, struct prq_http_reply *reply, unsigned *attempt,
                           struct prq_err *err)
{
    for (;;) {
        struct prq_err why = PRQ_ERR_INIT;
        prq_str after = { 0 };
        struct prq_mark mark = prq_arena_mark(a);
        bool ok = prq_transfer_open(h, rq, a, reply, &why);
        if (ok && !is_busy(reply->status))
            return true;
        if (ok)
            after = prq_http_reply_header(reply, PRQ_S("retry-after"));
        int64_t wait = prq_retry_wait_ms(++*attempt, after, (int64_t)time(NULL));
        bool is_final = wait < 0 || (!ok && (why.code != PRQ_E_REMOTE || prq_http_was_final(h)));
        if (is_final && !ok && err)
            *err = why;
        if (is_final)
            return ok;
        prq_transfer_close(h);
        prq_arena_rewind(a, mark);
        if (!prq_http_sleep(h, wait, err))
            return false;
    }
}

/* "bytes 100-199/1000" starts at 100. */
static bool starts_at(prq_str content_range, uint64_t at)
{
    prq_str unit, range, from, to;
    uint64_t n;
    return prq_str_cut(content_range, ' ', &unit, &range) && prq_str_ieq(unit, PRQ_S("bytes")) &&
           prq_str_cut(range, '-', &from, &to) && prq_str_u64(from, &n) && n == at;
}

static bool skip(struct prq_http *h, uint64_t n, struct prq_err *err)
{
    uint8_t chunk[16 << 10];
    while (n) {
        size_t got, want = n < sizeof chunk ? (size_t)n : sizeof chunk;
        if (!prq_transfer_read(h, chunk, want, &got, err))
            return false;
        if (got == 0)
            return prq_fail(err, PRQ_E_REMOTE, "the second answer is shorter than the first");
        n -= got;
    }
    return true;
}

/* The answer to a Range request put into place. */
static bool take_up(struct http_stream *s, const struct prq_http_reply *reply, struct prq_err *err)
{
    if (reply->status == 206) {
        prq_str range = prq_http_reply_header(reply, PRQ_S("content-range"));
        return starts_at(range, s->first + s->at) ||
               prq_fail(err, PRQ_E_FORMAT, "another range than asked for: %.*s", PRQ_FMT(range));
    }
    if (reply->status != 200)
        return prq_fail(err, PRQ_E_FORMAT, "status %ld when resuming", reply->status);
    prq_str etag = prq_http_reply_header(reply, PRQ_S("etag"));
    if (s->etag.n && etag.n && !prq_str_eq(s->etag, etag))
        return prq_fail(err, PRQ_E_FORMAT, "the file changed while it was read");
    return skip(s->h, s->first + s->at, err);
}

static bool resume_once(struct http_stream *s, struct prq_err *err)
{
    struct prq_http_reply reply;
    s->rq.range_from = s->first + s->at;
    s->rq.if_range = s->etag;
    if (!open_patiently(s->h, &s->rq, s->a, &reply, &s->stalls, err))
        return false;
    if (reply.status == 401 && s->rq.renew && !s->was_renewed) {
        s->was_renewed = true;
        prq_transfer_close(s->h);
        if (!s->rq.renew(s->rq.renew_user, &reply, s->a, &s->rq.authorization, err) ||
            !open_patiently(s->h, &s->rq, s->a, &reply, &s->stalls, err))
            return false;
    }
    return take_up(s, &reply, err);
}

/* After a break: s->why says what broke. */
static bool resume(struct http_stream *s)
{
    while (s->can_resume && s->why.code == PRQ_E_REMOTE && s->resumes < RESUMES) {
        struct prq_mark mark = prq_arena_mark(s->a);
        if (s->at - s->resumed_at >= PROGRESS_BYTES) {
            s->stalls = 0;
            s->was_renewed = false;
        }
        s->resumed_at = s->at;
        s->resumes++;
        prq_transfer_close(s->h);
        int64_t wait = prq_retry_wait_ms(++s->stalls, (prq_str){ 0 }, 0);
        if (wait < 0 || !prq_http_sleep(s->h, wait, &s->why))
            return false;
        if (resume_once(s, &s->why))
            return true;
        if (!s->was_renewed) /* a new Authorization lives in the arena */
            prq_arena_rewind(s->a, mark);
    }
    return false;
}

static bool break_stream(struct http_stream *s, struct prq_err *err)
{
    s->is_broken = true;
    if (err)
        *err = s->why;
    return false;
}

static bool stream_read(struct prq_stream *base, void *buf, size_t cap, size_t *got,
                        struct prq_err *err)
{
    struct http_stream *s = (struct http_stream *)base;
    *got = 0;
    if (s->is_broken)
        return break_stream(s, err);
    if (s->is_done)
        return true;
    while (!prq_transfer_read(s->h, buf, cap, got, &s->why))
        if (!resume(s))
            return break_stream(s, err);
    s->is_done = *got == 0;
    s->at += *got;
    if (s->rq.max_bytes && s->at > s->rq.max_bytes) {
        prq_fail(&s->why, PRQ_E_LIMIT, "more than %llu bytes come",
                 (unsigned long long)s->rq.max_bytes);
        return break_stream(s, err);
    }
    return true;
}

static void stream_close(struct prq_stream *base)
{
    struct http_stream *s = (struct http_stream *)base;
    prq_transfer_close(s->h);
    free(s);
}

static const struct prq_stream_ops ops = { stream_read, stream_close };

bool prq_http_stream(struct prq_http *h, const struct prq_http_request *rq, struct prq_arena *a,
                     struct prq_http_reply *reply, struct prq_stream **out, struct prq_err *err)
{
    struct http_stream *s = calloc(1, sizeof *s);
    unsigned attempt = 0;
    if (!s)
        return prq_fail(err, PRQ_E_NOMEM, "download");
    if (!open_patiently(h, rq, a, reply, &attempt, err)) {
        prq_transfer_close(h);
        free(s);
        return false;
    }
    *s = (struct http_stream){ .base = { &ops }, .h = h, .rq = *rq, .a = a, .reply = reply };
    s->first = rq->range_from;
    s->can_resume = reply->status == 200 || reply->status == 206;
    prq_str etag = prq_http_reply_header(reply, PRQ_S("etag"));
    if (!prq_str_starts(etag, PRQ_S("W/"))) /* If-Range takes strong ones only: RFC 9110 13.1.5 */
        s->etag = etag;
    *out = &s->base;
    return true;
}
