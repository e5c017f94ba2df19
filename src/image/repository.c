/* SPDX-License-Identifier: Apache-2.0 */
#include "image/repository.h"

#include <stdlib.h>

#include "image/certs.h"
#include "image/exchange.h"
#include "image/opening.h"
#include "image/verify.h"

struct prq_repository {
    const struct prq_limits *limits;
    struct prq_arena *arena; /* of the names */
    struct prq_image_ref ref;
    prq_str api_host, plain_host, origin; /* "https://host" */
    bool is_http, may_be_http;
    struct prq_http *http;
    struct prq_auth *auth;
};

/* ---- opening */

static bool set_origin(struct prq_repository *r, struct prq_err *err)
{
    r->origin = prq_arena_printf(r->arena, "%s://%.*s", r->is_http ? "http" : "https",
                                 PRQ_FMT(r->api_host));
    return r->origin.p || prq_fail(err, PRQ_E_NOMEM, "registry");
}

static bool open_client(struct prq_repository *r, struct prq_ctx *ctx,
                        const struct prq_source_opts *opts, struct prq_err *err)
{
    struct prq_certs certs;
    prq_str host = r->api_host;
    size_t end = host.n && host.p[0] == '[' ? prq_str_find(host, ']') + 1 : prq_str_find(host, ':');
    r->plain_host = prq_str_head(host, end);
    if (!prq_certs_find(r->ref.host, r->arena, &certs, err))
        return false;
    struct prq_http_opts http = { .ca_file = opts->ca_file,
                                  .ca_pem = certs.ca_pem,
                                  .client_cert = certs.client_cert,
                                  .client_key = certs.client_key,
                                  .allow_http = r->may_be_http,
                                  .allow_http_host = r->plain_host,
                                  .insecure_tls = opts->insecure,
                                  .cancel = opts->cancel ? opts->cancel : ctx->cancel };
    return prq_http_new(&http, &r->http, err);
}

static bool open_repository(struct prq_repository *r, struct prq_ctx *ctx,
                        const struct prq_source_opts *opts, prq_str text, bool can_push,
                        struct prq_err *err)
{
    if (!prq_image_ref_parse(text, r->arena, &r->ref, err))
        return false;
    if (can_push && r->ref.digest.n)
        return prq_fail(err, PRQ_E_USAGE, "%.*s: a tag is written, not a digest", PRQ_FMT(text));
    r->limits = ctx->limits;
    r->api_host =
        prq_str_eq(r->ref.host, PRQ_S("docker.io")) ? PRQ_S("registry-1.docker.io") : r->ref.host;
    r->may_be_http = opts->insecure || prq_host_is_local(r->ref.host);
    struct prq_auth_opts auth = { .host = r->ref.host,
                                  .repository = r->ref.repository,
                                  .registry = r->api_host,
                                  .allow_http_realm = r->may_be_http,
                                  .use_given = true,
                                  .can_push = can_push,
                                  .given = opts };
    return set_origin(r, err) && open_client(r, ctx, opts, err) &&
           prq_auth_new(ctx, &auth, &r->auth, err);
}

bool prq_repository_open(struct prq_ctx *ctx, const struct prq_source_opts *opts, prq_str ref,
                     bool can_push, struct prq_repository **out, struct prq_err *err)
{
    struct prq_repository *r = calloc(1, sizeof *r);
    if (r)
        r->arena = prq_arena_new(PRQ_MIB(64));
    if (!r || !r->arena) {
        free(r);
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    }
    if (!open_repository(r, ctx, opts, ref, can_push, err)) {
        prq_repository_close(r);
        return false;
    }
    *out = r;
    return true;
}

void prq_repository_close(struct prq_repository *r)
{
    if (!r)
        return;
    prq_http_free(r->http);
    prq_auth_free(r->auth);
    prq_arena_free(r->arena);
    free(r);
}

/* ---- one question */

struct question {
    const char *method;
    prq_str path; /* after the origin; or a whole address that begins with it */
    prq_str body;
    struct prq_http_header header; /* name empty: none */
    size_t max_bytes;
};

static prq_str address(const struct prq_repository *r, prq_str path, struct prq_arena *a)
{
    if (path.n && path.p[0] == '/')
        return prq_arena_printf(a, "%.*s%.*s", PRQ_FMT(r->origin), PRQ_FMT(path));
    return path;
}

/* A registry in the own network often speaks http only: asked once more that way where that may be. */
static bool ask(struct prq_repository *r, const struct question *q, struct prq_arena *a,
                struct prq_http_reply *reply, struct prq_buf *body, struct prq_err *err)
{
    for (;;) {
        struct prq_http_request rq = { .method = q->method,
                                       .url = address(r, q->path, a),
                                       .headers = &q->header,
                                       .header_count = q->header.name.n ? 1 : 0,
                                       .body = q->body,
                                       .max_bytes = q->max_bytes };
        if (!rq.url.p)
            return prq_fail(err, PRQ_E_NOMEM, "registry");
        if (prq_exchange_fetch(r->auth, r->http, &rq, a, reply, body, err))
            return true;
        if (r->is_http || !r->may_be_http || !prq_http_was_not_tls(r->http))
            return false;
        r->is_http = true;
        if (!set_origin(r, err))
            return false;
    }
}

static bool refuse(struct prq_repository *r, const struct prq_http_reply *reply,
                   const struct prq_buf *body, struct prq_arena *a, struct prq_err *err)
{
    return prq_exchange_fail(r->limits, r->auth, reply->status, prq_buf_view(body), a, err);
}

static prq_str path_of(const struct prq_repository *r, const char *what, prq_str which,
                       struct prq_arena *a)
{
    return prq_arena_printf(a, "/v2/%.*s/%s/%.*s", PRQ_FMT(r->ref.repository), what,
                            PRQ_FMT(which));
}

/* ---- reading */

bool prq_repository_manifest(struct prq_repository *r, struct prq_buf *out, bool *found,
                         struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(32));
    struct prq_http_reply reply;
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    struct question q = { .method = "GET",
                          .header = { PRQ_SI("Accept"),
                                      PRQ_SI("application/vnd.oci.image.manifest.v1+json") },
                          .max_bytes = r->limits->manifest_bytes };
    q.path = path_of(r, "manifests", r->ref.digest.n ? r->ref.digest : r->ref.tag, a);
    if (!q.path.p)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    if (!ask(r, &q, a, &reply, out, err))
        return false;
    *found = reply.status == 200;
    if (reply.status == 404)
        return true;
    if (!*found)
        return refuse(r, &reply, out, a, err);
    return !r->ref.digest.n || prq_verify(prq_buf_view(out), r->ref.digest, UINT64_MAX, err);
}

struct blob_stream {
    struct prq_stream base;
    struct prq_stream *below;
    struct prq_repository *r;
    struct prq_arena *a;
    struct prq_http_reply reply;
    struct prq_http_request rq;
};

static bool blob_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    return prq_stream_read(((struct blob_stream *)s)->below, buf, cap, got, err);
}

static void blob_close(struct prq_stream *s)
{
    struct blob_stream *b = (struct blob_stream *)s;
    prq_stream_close(b->below);
    prq_arena_free(b->a);
    free(b);
}

static const struct prq_stream_ops blob_ops = { blob_read, blob_close };

static bool renew(void *user, const struct prq_http_reply *reply, struct prq_arena *a,
                  prq_str *authorization, struct prq_err *err)
{
    struct blob_stream *b = user;
    return prq_auth_answer(b->r->auth, b->r->http, reply, a, authorization, err);
}

static bool start_blob(struct blob_stream *b, prq_str digest, struct prq_err *err)
{
    struct prq_repository *r = b->r;
    struct prq_tries t = { .busy = 100 }; /* prq_http_stream has been patient already */
    b->rq.url = address(r, path_of(r, "blobs", digest, b->a), b->a);
    if (!b->rq.url.p)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    if (!prq_auth_value(r->auth, b->a, &b->rq.authorization, err))
        return false;
    t.had_value = b->rq.authorization.n > 0;
    for (bool again = true; again;) {
        if (!prq_http_stream(r->http, &b->rq, b->a, &b->reply, &b->below, err))
            return false;
        if (b->reply.status == 200)
            return true;
        prq_stream_close(b->below);
        b->below = NULL;
        if (b->reply.status != 401 || t.logins > 1)
            break;
        if (!prq_exchange_again(r->auth, r->http, &b->reply, &t, b->a, &b->rq.authorization, &again,
                                err))
            return false;
    }
    return prq_exchange_fail(r->limits, r->auth, b->reply.status, (prq_str){ 0 }, b->a, err);
}

bool prq_repository_blob(struct prq_repository *r, prq_str digest, uint64_t size, struct prq_stream **out,
                     struct prq_err *err)
{
    struct blob_stream *b = calloc(1, sizeof *b);
    if (!b)
        return prq_fail(err, PRQ_E_NOMEM, "download");
    *b = (struct blob_stream){ .base = { &blob_ops }, .r = r, .a = prq_arena_new(PRQ_MIB(16)) };
    b->rq = (struct prq_http_request){
        .method = "GET", .max_bytes = size ? size : 1, .renew = renew, .renew_user = b
    };
    if (!b->a || !start_blob(b, digest, err)) {
        bool has_arena = b->a != NULL;
        blob_close(&b->base);
        return has_arena ? prq_in(err, "download of %.*s", PRQ_FMT(digest))
                         : prq_fail(err, PRQ_E_NOMEM, "download");
    }
    *out = &b->base;
    return true;
}

/* ---- writing */

static bool has_blob(struct prq_repository *r, prq_str digest, struct prq_arena *a, bool *has,
                     struct prq_err *err)
{
    struct prq_http_reply reply;
    PRQ_BUF body;
    prq_buf_init(&body, 1);
    struct question q = { .method = "HEAD", .path = path_of(r, "blobs", digest, a), .max_bytes = 1 };
    if (!q.path.p)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    if (!ask(r, &q, a, &reply, &body, err))
        return false;
    *has = reply.status == 200;
    if (*has || reply.status == 404)
        return true;
    return refuse(r, &reply, &body, a, err);
}

/* Where the upload goes: a path, or an address of the same origin; credentials and contents are for
 * nobody else. */
static bool upload_address(const struct prq_repository *r, prq_str location, prq_str digest,
                           struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    prq_str rest = prq_str_from_at(location, r->origin.n);
    bool is_path = location.n > 1 && location.p[0] == '/' && location.p[1] != '/';
    bool is_own = prq_str_starts(location, r->origin) && rest.n && rest.p[0] == '/';
    if (!is_path && !is_own)
        return prq_deny(err, "the registry wants the upload elsewhere: %.*s",
                        PRQ_FMT(prq_str_head(location, 200)));
    *out = prq_arena_printf(a, "%.*s%cdigest=%.*s", PRQ_FMT(location),
                            prq_str_find(location, '?') < location.n ? '&' : '?', PRQ_FMT(digest));
    return out->p || prq_fail(err, PRQ_E_NOMEM, "registry");
}

static bool upload(struct prq_repository *r, prq_str digest, prq_bytes content, struct prq_arena *a,
                   struct prq_err *err)
{
    static const struct prq_http_header bytes = { PRQ_SI("Content-Type"),
                                                  PRQ_SI("application/octet-stream") };
    struct prq_http_reply reply;
    PRQ_BUF body;
    prq_buf_init(&body, r->limits->token_bytes);
    struct question q = { .method = "POST",
                          .path = path_of(r, "blobs/uploads", (prq_str){ 0 }, a),
                          .header = bytes,
                          .max_bytes = r->limits->token_bytes };
    if (!q.path.p)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    if (!ask(r, &q, a, &reply, &body, err))
        return false;
    if (reply.status != 202)
        return refuse(r, &reply, &body, a, err);
    prq_str location = prq_http_reply_header(&reply, PRQ_S("location"));
    if (!upload_address(r, location, digest, a, &q.path, err))
        return false;
    q.method = "PUT";
    q.body = prq_str_of(content);
    if (!ask(r, &q, a, &reply, &body, err))
        return false;
    return reply.status == 201 || refuse(r, &reply, &body, a, err);
}

bool prq_repository_put_blob(struct prq_repository *r, prq_str digest, prq_bytes content, bool *was_there,
                         struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    *was_there = false;
    return (has_blob(r, digest, a, was_there, err) &&
            (*was_there || upload(r, digest, content, a, err))) ||
           prq_in(err, "upload of %.*s", PRQ_FMT(digest));
}

bool prq_repository_put_manifest(struct prq_repository *r, prq_str media_type, prq_bytes content,
                             struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_http_reply reply;
    PRQ_BUF body;
    prq_buf_init(&body, r->limits->token_bytes);
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    struct question q = { .method = "PUT",
                          .path = path_of(r, "manifests", r->ref.tag, a),
                          .header = { PRQ_SI("Content-Type"), media_type },
                          .body = prq_str_of(content),
                          .max_bytes = r->limits->token_bytes };
    if (!q.path.p)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    if (!ask(r, &q, a, &reply, &body, err))
        return false;
    return reply.status == 201 || refuse(r, &reply, &body, a, err);
}
