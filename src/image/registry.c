/* SPDX-License-Identifier: Apache-2.0 */
/* Images pulled from a registry. Manifests and the config are fetched when the image is opened;
 * a layer is a download that its reader pulls. Each download has a client of its own, taken from a
 * small pool, since a client serves one thread at a time. Source: OCI distribution-spec, "Pull";
 * platform.md 1.2, 1.6. */
#include <pthread.h>
#include <stdlib.h>

#include "image/auth.h"
#include "image/certs.h"
#include "image/exchange.h"
#include "image/mirrors.h"
#include "image/opening.h"
#include "io/http.h"
#include "lib/lib.h"

enum { IDLE_CLIENTS = 4 };

struct registry {
    const struct prq_limits *limits;
    struct prq_arena *arena; /* of the image; not used after opening */
    struct prq_image_ref ref;
    struct prq_endpoint at; /* where it is fetched from: the name's registry, or a mirror */
    prq_str api_host, plain_host, base; /* base: "https://host/v2/NAME" */
    bool may_be_http, is_http;
    struct prq_certs certs;
    prq_str ca_file;
    bool insecure;
    struct prq_auth *auth;
    void (*progress)(void *user, size_t layer, uint64_t done, uint64_t total);
    void *progress_user;
    const atomic_bool *cancel;

    pthread_mutex_t lock; /* guards what follows */
    struct prq_http *idle[IDLE_CLIENTS];
    size_t idle_count;
};

/* ---- clients */

static bool take_client(struct registry *r, struct prq_http **out, struct prq_err *err)
{
    *out = NULL;
    pthread_mutex_lock(&r->lock);
    if (r->idle_count)
        *out = r->idle[--r->idle_count];
    pthread_mutex_unlock(&r->lock);
    if (*out)
        return true;
    struct prq_http_opts opts = { .ca_file = r->ca_file,
                                  .ca_pem = r->certs.ca_pem,
                                  .client_cert = r->certs.client_cert,
                                  .client_key = r->certs.client_key,
                                  .allow_http = r->may_be_http,
                                  .allow_http_host = r->plain_host,
                                  .insecure_tls = r->insecure,
                                  .cancel = r->cancel };
    return prq_http_new(&opts, out, err);
}

static void give_client(struct registry *r, struct prq_http *h)
{
    pthread_mutex_lock(&r->lock);
    if (r->idle_count < IDLE_CLIENTS) {
        r->idle[r->idle_count++] = h;
        h = NULL;
    }
    pthread_mutex_unlock(&r->lock);
    prq_http_free(h);
}

/* ---- manifests and configs */

static const struct prq_http_header accept_manifests = {
    PRQ_SI("Accept"),
    PRQ_SI("application/vnd.oci.image.index.v1+json, "
           "application/vnd.docker.distribution.manifest.list.v2+json, "
           "application/vnd.oci.image.manifest.v1+json, "
           "application/vnd.docker.distribution.manifest.v2+json, "
           "application/vnd.docker.distribution.manifest.v1+prettyjws, "
           "application/vnd.docker.distribution.manifest.v1+json"),
};

/* "https://host/v2/name"; once more with http where that is allowed and https is not spoken. */
static bool set_base(struct registry *r, struct prq_err *err)
{
    r->base = prq_arena_printf(r->arena, "%s://%.*s/v2/%.*s", r->is_http ? "http" : "https",
                               PRQ_FMT(r->api_host), PRQ_FMT(r->at.repository));
    return r->base.p || prq_fail(err, PRQ_E_NOMEM, "registry");
}

static bool get(struct registry *r, const char *what, prq_str which, bool is_manifest,
                struct prq_arena *a, struct prq_http_reply *reply, struct prq_buf *body,
                struct prq_err *err)
{
    struct prq_http *h;
    if (!take_client(r, &h, err))
        return false;
    bool ok;
    for (;;) {
        struct prq_http_request rq = { .method = "GET",
                                       .headers = &accept_manifests,
                                       .header_count = is_manifest ? 1 : 0,
                                       .max_bytes = r->limits->manifest_bytes };
        rq.url = prq_arena_printf(a, "%.*s/%s/%.*s", PRQ_FMT(r->base), what, PRQ_FMT(which));
        ok = rq.url.p ? prq_exchange_fetch(r->auth, h, &rq, a, reply, body, err)
                      : prq_fail(err, PRQ_E_NOMEM, "registry");
        if (ok || r->is_http || !r->may_be_http || !prq_http_was_not_tls(h))
            break;
        r->is_http = true;
        if (!set_base(r, err))
            break;
    }
    give_client(r, h);
    return ok && (reply->status == 200 || prq_exchange_fail(r->limits, r->auth, reply->status,
                                                            prq_buf_view(body), a, err));
}

static bool read_blob(void *user, const struct prq_descriptor *d, bool is_manifest,
                      struct prq_buf *out, prq_str *content_type, struct prq_err *err)
{
    struct registry *r = user;
    struct prq_http_reply reply;
    if (!get(r, is_manifest ? "manifests" : "blobs", d->digest, is_manifest, r->arena, &reply, out,
             err))
        return false;
    if (is_manifest)
        *content_type = prq_http_reply_header(&reply, PRQ_S("content-type"));
    return true;
}

static bool has_blob(void *user, const struct prq_descriptor *d)
{
    struct registry *r = user;
    struct prq_http *h;
    struct prq_http_reply reply;
    PRQ_BUF body;
    prq_buf_init(&body, 1);
    if (!take_client(r, &h, NULL))
        return false;
    struct prq_http_request rq = { .method = "HEAD", .max_bytes = 1 };
    rq.url = prq_arena_printf(r->arena, "%.*s/blobs/%.*s", PRQ_FMT(r->base), PRQ_FMT(d->digest));
    bool ok = rq.url.p && prq_exchange_fetch(r->auth, h, &rq, r->arena, &reply, &body, NULL) &&
              reply.status == 200;
    give_client(r, h);
    return ok;
}

/* ---- layers */

struct layer_stream {
    struct prq_stream base;
    struct prq_stream *below;
    struct registry *r;
    struct prq_http *h;
    struct prq_arena *a; /* of this download */
    struct prq_http_reply reply;
    size_t layer;
    uint64_t done, total;
};

static bool layer_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                       struct prq_err *err)
{
    struct layer_stream *l = (struct layer_stream *)s;
    if (!prq_stream_read(l->below, buf, cap, got, err))
        return prq_in(err, "download of layer %zu", l->layer);
    l->done += *got;
    if (l->r->progress && *got)
        l->r->progress(l->r->progress_user, l->layer, l->done, l->total);
    return true;
}

static void layer_close(struct prq_stream *s)
{
    struct layer_stream *l = (struct layer_stream *)s;
    prq_stream_close(l->below);
    if (l->h)
        give_client(l->r, l->h);
    prq_arena_free(l->a);
    free(l);
}

static const struct prq_stream_ops layer_ops = { layer_read, layer_close };

static bool renew(void *user, const struct prq_http_reply *reply, struct prq_arena *a,
                  prq_str *authorization, struct prq_err *err)
{
    struct layer_stream *l = user;
    return prq_auth_answer(l->r->auth, l->h, reply, a, authorization, err);
}

/* The body of an answer that is no success, for its message. */
static bool fail_layer(struct layer_stream *l, struct prq_err *err)
{
    PRQ_BUF body;
    prq_buf_init(&body, l->r->limits->token_bytes);
    for (size_t got = 1; got && !body.bad && body.n < 8192;) {
        uint8_t *room = prq_buf_room(&body, 8192);
        if (!room || !prq_stream_read(l->below, room, 8192, &got, NULL))
            break;
        body.n += got;
    }
    return prq_exchange_fail(l->r->limits, l->r->auth, l->reply.status, prq_buf_view(&body), l->a,
                             err);
}

static bool start_download(struct layer_stream *l, struct prq_http_request *rq,
                           struct prq_err *err)
{
    struct prq_tries t = { .busy = 100 }; /* prq_http_stream has been patient already */
    bool again = true;
    if (!prq_auth_value(l->r->auth, l->a, &rq->authorization, err))
        return false;
    t.had_value = rq->authorization.n > 0;
    while (again) {
        if (!prq_http_stream(l->h, rq, l->a, &l->reply, &l->below, err))
            return false;
        if (l->reply.status == 200)
            return true;
        if (l->reply.status != 401 || t.logins > 1)
            break;
        prq_stream_close(l->below);
        l->below = NULL;
        if (!prq_exchange_again(l->r->auth, l->h, &l->reply, &t, l->a, &rq->authorization, &again,
                                err))
            return false;
    }
    return l->below ? fail_layer(l, err)
                    : prq_exchange_fail(l->r->limits, l->r->auth, 401, (prq_str){ 0 }, l->a, err);
}

static bool open_layer(struct prq_image *im, size_t index, struct prq_blob *out,
                       struct prq_err *err)
{
    struct registry *r = im->state;
    const struct prq_image_layer *layer = &im->layers[index];
    struct layer_stream *l = calloc(1, sizeof *l);
    if (!l)
        return prq_fail(err, PRQ_E_NOMEM, "layer %zu", index);
    *l = (struct layer_stream){ .base = { &layer_ops }, .r = r, .layer = index,
                                .total = layer->size };
    l->a = prq_arena_new(PRQ_MIB(16));
    struct prq_http_request rq = { .method = "GET",
                                   .max_bytes = layer->size ? layer->size : 1,
                                   .renew = renew,
                                   .renew_user = l };
    bool ok = l->a != NULL || prq_fail(err, PRQ_E_NOMEM, "layer %zu", index);
    if (ok)
        rq.url = prq_arena_printf(l->a, "%.*s/blobs/%.*s", PRQ_FMT(r->base),
                                  PRQ_FMT(layer->digest));
    ok = ok && (rq.url.p || prq_fail(err, PRQ_E_NOMEM, "layer %zu", index)) &&
         take_client(r, &l->h, err) && start_download(l, &rq, err);
    if (!ok) {
        layer_close(&l->base);
        return false;
    }
    *out = (struct prq_blob){ .fd = -1,
                              .length = layer->size,
                              .stream = &l->base,
                              .digest = layer->digest,
                              .size = layer->size,
                              .diff_id = layer->diff_id };
    return true;
}

static void leave_endpoint(struct registry *r)
{
    while (r->idle_count)
        prq_http_free(r->idle[--r->idle_count]);
    prq_auth_free(r->auth);
    r->auth = NULL;
}

static void close_registry(struct prq_image *im)
{
    struct registry *r = im->state;
    if (!r)
        return;
    leave_endpoint(r);
    pthread_mutex_destroy(&r->lock);
    im->state = NULL;
}

static const struct prq_image_ops registry_ops = { open_layer, close_registry };

/* ---- opening */

static prq_str with_brackets(prq_str host)
{
    /* "[::1]:5000" to "[::1]", as URLs have it; names lose their port. */
    size_t end = host.n && host.p[0] == '[' ? prq_str_find(host, ']') + 1 : prq_str_find(host, ':');
    return prq_str_head(host, end);
}

static bool start(const struct prq_opening *o, struct registry *r, const struct prq_endpoint *at,
                  struct prq_err *err)
{
    const struct prq_source_opts *opts = o->opts;
    r->at = *at;
    r->api_host = prq_str_eq(at->host, PRQ_S("docker.io")) ? PRQ_S("registry-1.docker.io") : at->host;
    r->plain_host = with_brackets(r->api_host);
    /* --insecure is about the registry that the user named. */
    r->insecure = at->insecure || (opts->insecure && prq_str_eq(at->host, r->ref.host));
    r->may_be_http = r->insecure || prq_host_is_local(at->host);
    r->is_http = false;
    struct prq_auth_opts auth = { .host = at->host,
                                  .repository = at->repository,
                                  .registry = r->api_host,
                                  .allow_http_realm = r->may_be_http,
                                  .use_given = prq_str_eq(at->host, r->ref.host),
                                  .given = opts };
    return prq_certs_find(at->host, o->arena, &r->certs, err) && set_base(r, err) &&
           prq_auth_new(o->ctx, &auth, &r->auth, err);
}

/* The registry's own word for the digest is a hint to compare with, never a source. */
static bool check_hint(const struct prq_http_reply *reply, prq_str digest, struct prq_err *err)
{
    prq_str hint = prq_http_reply_header(reply, PRQ_S("docker-content-digest"));
    if (!prq_str_starts(hint, PRQ_S("sha256:")) || prq_str_eq(hint, digest))
        return true;
    return prq_fail(err, PRQ_E_FORMAT, "the registry announces %.*s but sends %.*s",
                    PRQ_FMT(prq_str_head(hint, 100)), PRQ_FMT(digest));
}

static bool open_tag(const struct prq_opening *o, struct registry *r, struct prq_image *im,
                     struct prq_err *err)
{
    struct prq_blob_reader blobs = { read_blob, has_blob, r };
    struct prq_http_reply reply;
    PRQ_BUF body;
    uint8_t raw[32];
    prq_str digest;
    prq_buf_init(&body, r->limits->manifest_bytes);
    if (!get(r, "manifests", r->ref.tag, true, o->arena, &reply, &body, err))
        return false;
    prq_str bytes = prq_arena_copy(o->arena, prq_buf_view(&body));
    if (!bytes.p || !prq_sha256(prq_bytes_of(bytes), raw) ||
        !prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, sizeof raw }, o->arena, &digest))
        return prq_fail(err, PRQ_E_NOMEM, "manifest");
    prq_str type = prq_http_reply_header(&reply, PRQ_S("content-type"));
    if (prq_media_of(type) == PRQ_MEDIA_OTHER)
        type = (prq_str){ 0 }; /* a plain file server: the body has to say it all */
    return check_hint(&reply, digest, err) && prq_resolve_bytes(o, &blobs, bytes, type, im, err);
}

static bool open_at(const struct prq_opening *o, struct registry *r, const struct prq_endpoint *at,
                    struct prq_image *im, struct prq_err *err)
{
    if (!start(o, r, at, err))
        return false;
    if (r->ref.digest.n == 0)
        return open_tag(o, r, im, err);
    struct prq_blob_reader blobs = { read_blob, has_blob, r };
    struct prq_descriptor d = { .digest = r->ref.digest };
    return prq_resolve(o, &blobs, &d, im, err);
}

/* The mirrors in their order, then the registry itself. One that does not have the image or does
 * not answer is passed over; what is wrong with an image's bytes is wrong. */
static bool open_anywhere(const struct prq_opening *o, struct registry *r, struct prq_image *im,
                          struct prq_err *err)
{
    struct prq_endpoint *e;
    size_t n;
    const struct prq_image blank = *im;
    if (!prq_endpoints_find(o->ctx, &r->ref, o->arena, &e, &n, err))
        return false;
    for (size_t i = 0;; i++) {
        struct prq_err why = PRQ_ERR_INIT;
        if (open_at(o, r, &e[i], im, &why))
            return true;
        bool is_final = i + 1 == n || (why.code != PRQ_E_REMOTE && why.code != PRQ_E_DENIED);
        if (is_final) {
            if (err)
                *err = why;
            return n == 1 ? false : prq_in(err, "%.*s", PRQ_FMT(e[i].host));
        }
        prq_log(o->ctx->log, PRQ_LOG_WARN, "mirror passed over host=%.*s error=\"%s\"",
                PRQ_FMT(e[i].host), why.text);
        leave_endpoint(r);
        *im = blank;
    }
}

static bool make(const struct prq_opening *o, struct registry **out, struct prq_err *err)
{
    const struct prq_source_opts *opts = o->opts;
    struct registry *r = prq_new(o->arena, struct registry);
    if (!r)
        return prq_fail(err, PRQ_E_NOMEM, "registry");
    if (!prq_image_ref_parse(o->what, o->arena, &r->ref, err))
        return false;
    pthread_mutex_init(&r->lock, NULL);
    r->limits = o->ctx->limits;
    r->arena = o->arena;
    r->ca_file = prq_arena_copy(o->arena, opts->ca_file);
    r->progress = opts->progress;
    r->progress_user = opts->progress_user;
    r->cancel = opts->cancel ? opts->cancel : o->ctx->cancel;
    *out = r;
    return true;
}

bool prq_open_registry(const struct prq_opening *o, struct prq_image *im, struct prq_err *err)
{
    struct registry *r;
    if (!make(o, &r, err))
        return false;
    im->state = r;
    im->ops = &registry_ops;
    if (r->ref.tag.n) {
        prq_str tag = prq_arena_printf(o->ctx->scratch, "%.*s/%.*s:%.*s", PRQ_FMT(r->ref.host),
                                       PRQ_FMT(r->ref.repository), PRQ_FMT(r->ref.tag));
        if (!tag.p || !prq_image_add_tag(im, o->arena, tag))
            return prq_fail(err, PRQ_E_NOMEM, "tags");
    }
    return open_anywhere(o, r, im, err);
}

/* ---- what is attached */

enum { ATTACHED_MAX = 1000 };

struct attached {
    const struct prq_opening *o;
    struct registry *r;
    const struct prq_attached_visit *visit;
    struct prq_err *err;
    size_t count;
};

/* *found: false when the registry says that there is no such thing. */
static bool get_if_there(struct attached *x, const char *what, prq_str which, prq_str *bytes,
                         prq_str *type, bool *found)
{
    struct prq_http_reply reply = { 0 };
    struct prq_err why = PRQ_ERR_INIT;
    PRQ_BUF body;
    prq_buf_init(&body, x->r->limits->manifest_bytes);
    bool is_manifest = strcmp(what, "blobs") != 0;
    *found = get(x->r, what, which, is_manifest, x->o->arena, &reply, &body, &why);
    if (!*found) {
        /* Registries say 400, 404 or 405 to an API that they do not know, 401 to a tag. */
        if (why.code == PRQ_E_DENIED || (why.code == PRQ_E_REMOTE && reply.status >= 400 &&
                                         reply.status < 500 && reply.status != 429))
            return true;
        if (x->err)
            *x->err = why;
        return false;
    }
    *type = prq_http_reply_header(&reply, PRQ_S("content-type"));
    *bytes = prq_arena_copy(x->o->arena, prq_buf_view(&body));
    return bytes->p || prq_fail(x->err, PRQ_E_LIMIT, "attachments exceed the memory budget");
}

static bool digest_of(struct attached *x, prq_str bytes, prq_str *out)
{
    uint8_t raw[32];
    return (prq_sha256(prq_bytes_of(bytes), raw) &&
            prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, sizeof raw }, x->o->arena, out)) ||
           prq_fail(x->err, PRQ_E_NOMEM, "out of memory");
}

/* The bytes that a descriptor names, if they are there and are those. */
static bool get_verified(struct attached *x, const char *what, const struct prq_descriptor *d,
                         prq_str *bytes, prq_str *type, bool *found)
{
    prq_str digest;
    *found = false;
    if (++x->count > ATTACHED_MAX)
        return prq_fail(x->err, PRQ_E_LIMIT, "more than %d attachments", ATTACHED_MAX);
    if (!prq_str_starts(d->digest, PRQ_S("sha256:")) || d->size > x->r->limits->manifest_bytes)
        return true;
    if (!get_if_there(x, what, d->digest, bytes, type, found))
        return false;
    if (!*found)
        return true;
    return digest_of(x, *bytes, &digest) &&
           (prq_str_eq(digest, d->digest) ||
            prq_fail(x->err, PRQ_E_FORMAT, "the registry sends %.*s for %.*s", PRQ_FMT(digest),
                     PRQ_FMT(d->digest)));
}

static bool is_document(prq_str type)
{
    return prq_str_has(type, PRQ_S("json")) || prq_str_has(type, PRQ_S("vex")) ||
           prq_str_has(type, PRQ_S("in-toto")) || prq_str_has(type, PRQ_S("dsse"));
}

static bool visit_layers(struct attached *x, prq_str manifest, prq_str type)
{
    struct prq_manifest m;
    if (!prq_manifest_parse(manifest, type, x->o->arena, x->r->limits, &m, x->err))
        return false;
    for (size_t i = 0; !m.is_index && i < m.count; i++) {
        prq_str bytes, ignored;
        bool found;
        if (!is_document(m.items[i].media_type))
            continue;
        if (!get_verified(x, "blobs", &m.items[i], &bytes, &ignored, &found))
            return false;
        prq_str name = prq_arena_printf(x->o->arena, "%.*s/%.*s@%.*s",
                                        PRQ_FMT(x->r->ref.host), PRQ_FMT(x->r->ref.repository),
                                        PRQ_FMT(m.items[i].digest));
        if (!name.p)
            return prq_fail(x->err, PRQ_E_NOMEM, "out of memory");
        if (found && !x->visit->visit(x->visit->user, name, bytes, x->err))
            return false;
    }
    return true;
}

static bool visit_index(struct attached *x, prq_str index, prq_str type)
{
    struct prq_manifest m;
    if (!prq_manifest_parse(index, type, x->o->arena, x->r->limits, &m, x->err))
        return false;
    for (size_t i = 0; m.is_index && i < m.count; i++) {
        prq_str bytes, said;
        bool found;
        if (!get_verified(x, "manifests", &m.items[i], &bytes, &said, &found) ||
            (found && !visit_layers(x, bytes, m.items[i].media_type)))
            return false;
    }
    return true;
}

static bool visit_digest(struct attached *x, prq_str digest)
{
    prq_str bytes, type, hex = prq_str_from_at(digest, strlen("sha256:"));
    prq_str tag = prq_arena_printf(x->o->arena, "sha256-%.*s", PRQ_FMT(hex));
    prq_str cosign = prq_arena_printf(x->o->arena, "sha256-%.*s.att", PRQ_FMT(hex));
    bool found;
    if (!prq_str_starts(digest, PRQ_S("sha256:")))
        return true;
    if (!tag.p || !cosign.p)
        return prq_fail(x->err, PRQ_E_NOMEM, "out of memory");
    if (!get_if_there(x, "referrers", digest, &bytes, &type, &found) ||
        (!found && !get_if_there(x, "manifests", tag, &bytes, &type, &found)) ||
        (found && !visit_index(x, bytes, type)))
        return false;
    return get_if_there(x, "manifests", cosign, &bytes, &type, &found) &&
           (!found || visit_layers(x, bytes, type));
}

/* Signers often attach to the index that the tag names, and not to the platform's manifest. */
static bool visit_tag(struct attached *x, prq_str digest)
{
    prq_str bytes, type, of_tag = x->r->ref.digest;
    bool found = true;
    if (!of_tag.n) {
        if (!get_if_there(x, "manifests", x->r->ref.tag, &bytes, &type, &found) ||
            (found && !digest_of(x, bytes, &of_tag)))
            return false;
    }
    return !found || prq_str_eq(of_tag, digest) || visit_digest(x, of_tag);
}

bool prq_attached_open(struct prq_ctx *ctx, const struct prq_source_opts *opts, prq_str digest,
                       struct prq_arena *arena, const struct prq_attached_visit *visit,
                       struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    struct prq_opening o = { .ctx = ctx, .opts = opts, .arena = arena, .what = opts->argument };
    struct attached x = { .o = &o, .visit = visit, .err = &why };
    struct prq_endpoint *e;
    size_t n;
    static const prq_str prefix = PRQ_SI("registry:");
    if (prq_str_starts(o.what, prefix))
        o.what = prq_str_from_at(o.what, prefix.n);
    if (!make(&o, &x.r, err))
        return false;
    /* The last endpoint is the registry itself: mirrors rarely hold what is attached. */
    bool ok = prq_endpoints_find(ctx, &x.r->ref, arena, &e, &n, &why) &&
              start(&o, x.r, &e[n - 1], &why) && visit_digest(&x, digest) && visit_tag(&x, digest);
    leave_endpoint(x.r);
    pthread_mutex_destroy(&x.r->lock);
    if (!ok && err)
        *err = why;
    return ok;
}
