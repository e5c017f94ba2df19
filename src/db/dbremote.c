/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbremote.h"

#include <stdlib.h>

#include "db/dbaddress.h"
#include "io/http.h"
#include "io/source.h"

/* The largest feed, npm's all.zip, has some hundred MB; growth is allowed for. */
#define BODY_MAX PRQ_GIB(4)

struct prq_remote {
    struct prq_ctx *ctx;
    struct prq_http *http;
    prq_str base, addresses;
    struct prq_arena *a; /* of one request */
};

/* "http://127.0.0.1:8080/feeds" → "127.0.0.1:8080": plain HTTP only where the user named it. */
static prq_str plain_host(prq_str base)
{
    prq_str scheme = PRQ_S("http://");
    if (!prq_str_starts(base, scheme))
        return (prq_str){ 0 };
    prq_str rest = prq_str_from_at(base, scheme.n);
    return prq_str_head(rest, prq_str_find(rest, '/'));
}

bool prq_remote_open(struct prq_ctx *ctx, prq_str base, prq_str addresses, struct prq_remote **out,
                     struct prq_err *err)
{
    struct prq_remote *r = calloc(1, sizeof *r);
    if (r)
        r->a = prq_arena_new(PRQ_MIB(4));
    if (!r || !r->a) {
        free(r);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to fetch feeds");
    }
    r->ctx = ctx;
    r->base = base;
    r->addresses = addresses;
    prq_str host = plain_host(base);
    struct prq_http_opts opts = { .allow_http = host.n > 0,
                                  .allow_http_host = host,
                                  .cancel = ctx->cancel };
    if (!prq_http_new(&opts, &r->http, err)) {
        prq_remote_close(r);
        return false;
    }
    *out = r;
    return true;
}

void prq_remote_close(struct prq_remote *r)
{
    if (!r)
        return;
    prq_http_free(r->http);
    prq_arena_free(r->a);
    free(r);
}

static bool take_body(struct prq_remote *r, const struct prq_http_reply *reply,
                      struct prq_stream *body, struct prq_arena *a, struct prq_remote_answer *out,
                      struct prq_err *err)
{
    uint64_t size;
    if (reply->status == 304) {
        out->is_found = out->is_unchanged = true;
        return true;
    }
    if (reply->status == 404 || reply->status == 410)
        return true;
    if (reply->status != 200 && reply->status != 206)
        return prq_fail(err, PRQ_E_REMOTE, "the server answers %ld", reply->status);
    if (!prq_spool(body, BODY_MAX, &out->fd, &size, err))
        return false;
    prq_log(r->ctx->log, PRQ_LOG_INFO, "feed fetched url=%.*s bytes=%llu", PRQ_FMT(reply->url),
            (unsigned long long)size);
    out->is_found = true;
    out->etag = prq_arena_copy(a, prq_http_reply_header(reply, PRQ_S("etag")));
    out->modified = prq_arena_copy(a, prq_http_reply_header(reply, PRQ_S("last-modified")));
    return true;
}

bool prq_remote_get(struct prq_remote *r, prq_str path, prq_str etag, prq_str modified,
                    struct prq_arena *a, struct prq_remote_answer *out, struct prq_err *err)
{
    *out = (struct prq_remote_answer){ .fd = -1 };
    struct prq_mark mark = prq_arena_mark(r->a);
    struct prq_http_header headers[2];
    struct prq_http_request rq = { .method = "GET", .headers = headers, .max_bytes = BODY_MAX };
    struct prq_http_reply reply;
    struct prq_stream *body;
    rq.url = prq_feed_address(path, r->base, r->addresses, r->a);
    if (!rq.url.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to fetch feeds");
    if (!rq.url.n) {
        out->has_no_address = true;
        return true;
    }
    if (etag.n)
        headers[rq.header_count++] = (struct prq_http_header){ PRQ_S("If-None-Match"), etag };
    if (modified.n)
        headers[rq.header_count++] =
            (struct prq_http_header){ PRQ_S("If-Modified-Since"), modified };
    if (!prq_http_stream(r->http, &rq, r->a, &reply, &body, err))
        return prq_in(err, "%.*s", PRQ_FMT(rq.url));
    bool ok = take_body(r, &reply, body, a, out, err);
    if (!ok)
        prq_in(err, "%.*s", PRQ_FMT(rq.url));
    prq_stream_close(body);
    prq_arena_rewind(r->a, mark);
    return ok;
}
