/* SPDX-License-Identifier: Apache-2.0 */
#include "image/auth.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format/json.h"
#include "image/challenge.h"
#include "image/opening.h"
#include "image/verify.h"

enum { TOKEN_BYTES = 64 << 10, LIFE_S = 60, LIFE_MAX_S = 86400 };

struct prq_auth {
    const struct prq_limits *limits;
    struct prq_arena *arena; /* strings below, written once */
    prq_str host, registry, scope;
    struct prq_strs allow_realms;
    struct prq_credentials credentials;
    bool allow_http_realm;

    pthread_mutex_t lock; /* guards what follows */
    const char *note; /* why credentials were not used */
    bool is_basic;
    char *token; /* for `scope`; malloced */
    int64_t refresh_at_s;
};

static int64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

static void wipe(char *z)
{
    if (z)
        explicit_bzero(z, strlen(z));
    free(z);
}

static prq_str copy(struct prq_arena *a, prq_str s, bool *ok)
{
    prq_str c = prq_arena_copy(a, s);
    *ok = *ok && c.p;
    return c;
}

static bool copy_opts(struct prq_auth *auth, const struct prq_auth_opts *opts)
{
    const struct prq_source_opts *given = opts->given;
    struct prq_arena *a = auth->arena;
    bool ok = true;
    auth->host = copy(a, opts->host, &ok);
    auth->registry = copy(a, opts->registry, &ok);
    auth->scope = prq_arena_printf(a, "repository:%.*s:pull%s", PRQ_FMT(opts->repository),
                                   opts->can_push ? ",push" : "");
    auth->allow_http_realm = opts->allow_http_realm;
    auth->allow_realms.v = prq_new_n(a, prq_str, given->allow_realms.n);
    ok = ok && auth->scope.p && auth->allow_realms.v;
    for (size_t i = 0; ok && i < given->allow_realms.n; i++)
        auth->allow_realms.v[auth->allow_realms.n++] = copy(a, given->allow_realms.v[i], &ok);
    if (!opts->use_given)
        return ok;
    auth->credentials.username = copy(a, given->username, &ok);
    auth->credentials.password = copy(a, given->password, &ok);
    auth->credentials.registry_token = copy(a, given->token, &ok);
    return ok;
}

bool prq_auth_new(struct prq_ctx *ctx, const struct prq_auth_opts *opts, struct prq_auth **out,
                  struct prq_err *err)
{
    struct prq_auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        return prq_fail(err, PRQ_E_NOMEM, "credentials");
    pthread_mutex_init(&auth->lock, NULL);
    auth->limits = ctx->limits;
    auth->arena = prq_arena_new(PRQ_MIB(32));
    if (!auth->arena || !copy_opts(auth, opts)) {
        prq_auth_free(auth);
        return prq_fail(err, PRQ_E_NOMEM, "credentials");
    }
    if (prq_credentials_are_empty(&auth->credentials) &&
        !prq_credentials_find(ctx, opts->host, opts->repository, auth->arena, &auth->credentials,
                              err)) {
        prq_auth_free(auth);
        return false;
    }
    *out = auth;
    return true;
}

static void wipe_view(prq_str s)
{
    union {
        const char *in;
        char *out;
    } p = { .in = s.p };
    if (s.n)
        explicit_bzero(p.out, s.n); /* our own copy, in our own arena */
}

void prq_auth_free(struct prq_auth *auth)
{
    if (!auth)
        return;
    wipe(auth->token);
    if (auth->arena) {
        wipe_view(auth->credentials.password);
        wipe_view(auth->credentials.identity_token);
        wipe_view(auth->credentials.registry_token);
    }
    prq_arena_free(auth->arena);
    pthread_mutex_destroy(&auth->lock);
    free(auth);
}

static bool basic_value(const struct prq_credentials *c, struct prq_arena *a, prq_str *value,
                        struct prq_err *err)
{
    PRQ_BUF plain, line;
    prq_buf_init(&plain, PRQ_KIB(64));
    prq_buf_init(&line, PRQ_KIB(96));
    prq_buf_str(&plain, c->username);
    prq_buf_byte(&plain, ':');
    prq_buf_str(&plain, c->password);
    prq_buf_str(&line, PRQ_S("Basic "));
    prq_base64_encode(prq_buf_bytes(&plain), &line);
    if (plain.n)
        explicit_bzero(plain.p, plain.n);
    if (plain.bad || line.bad)
        return prq_fail(err, PRQ_E_LIMIT, "user name and password too long");
    *value = prq_arena_copy(a, prq_buf_view(&line));
    explicit_bzero(line.p, line.n);
    return value->p || prq_fail(err, PRQ_E_NOMEM, "credentials");
}

static bool bearer_value(prq_str token, struct prq_arena *a, prq_str *value, struct prq_err *err)
{
    *value = prq_arena_printf(a, "Bearer %.*s", PRQ_FMT(token));
    return value->p || prq_fail(err, PRQ_E_NOMEM, "credentials");
}

bool prq_auth_value(struct prq_auth *auth, struct prq_arena *a, prq_str *value,
                    struct prq_err *err)
{
    *value = (prq_str){ 0 };
    if (auth->credentials.registry_token.n)
        return bearer_value(auth->credentials.registry_token, a, value, err);
    pthread_mutex_lock(&auth->lock);
    bool is_basic = auth->is_basic, ok = true;
    if (!is_basic && auth->token && now_s() < auth->refresh_at_s)
        ok = bearer_value(prq_str_from(auth->token), a, value, err);
    pthread_mutex_unlock(&auth->lock);
    return is_basic ? basic_value(&auth->credentials, a, value, err) : ok;
}

/* ---- the token server */

static bool is_token(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n > 0 && s.n <= TOKEN_BYTES;
}

bool prq_token_parse(prq_str bytes, struct prq_arena *a, const struct prq_limits *limits,
                     prq_str *token, uint64_t *life_s, struct prq_err *err)
{
    struct prq_json j;
    prq_str key, t = { 0 }, access = { 0 };
    uint64_t life = LIFE_S;
    prq_json_init(&j, bytes, a, limits);
    if (prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("token")))
                prq_json_string_or_skip(&j, &t);
            else if (prq_str_eq(key, PRQ_S("access_token")))
                prq_json_string_or_skip(&j, &access);
            else if (prq_str_eq(key, PRQ_S("expires_in")))
                prq_json_u64_or_skip(&j, &life);
            else
                prq_json_skip(&j);
        }
    if (!prq_json_end(&j, err))
        return false;
    if (t.n == 0)
        t = access;
    if (!is_token(t))
        return prq_fail(err, PRQ_E_REMOTE, t.n ? "token with forbidden characters or too long"
                                               : "answer without a token");
    *token = t;
    *life_s = life < LIFE_S ? LIFE_S : life > LIFE_MAX_S ? LIFE_MAX_S : life;
    return true;
}

static void add_encoded(struct prq_buf *b, prq_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (prq_is_alnum(c) || (c && strchr("-._~", c)))
            prq_buf_byte(b, (uint8_t)c);
        else
            prq_buf_printf(b, "%%%02X", (unsigned)(uint8_t)c);
    }
}

static void add_field(struct prq_buf *b, char before, const char *name, prq_str value)
{
    prq_buf_printf(b, "%s%s=", before ? (char[2]){ before, '\0' } : "", name);
    add_encoded(b, value);
}

/* host[:port] of "scheme://host[:port]/…" without anything before an @. */
static prq_str host_of(prq_str url)
{
    size_t at = prq_str_search(url, PRQ_S("://"));
    prq_str rest = prq_str_from_at(url, at + 3);
    size_t n = 0;
    while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
        n++;
    return prq_str_head(rest, n);
}

static bool is_allowed_realm(const struct prq_auth *auth, prq_str host)
{
    for (size_t i = 0; i < auth->allow_realms.n; i++)
        if (prq_str_ieq(auth->allow_realms.v[i], host) ||
            prq_str_ieq(auth->allow_realms.v[i], prq_host_name(host)))
            return true;
    return false;
}

struct realm {
    prq_str url, host;
    bool is_own;    /* the registry's host, or one that the user allowed */
    bool may_know;  /* may see the credentials */
};

static bool judge_realm(struct prq_auth *auth, const struct prq_challenge *c, struct realm *r,
                        struct prq_err *err)
{
    *r = (struct realm){ .url = c->realm, .host = host_of(c->realm) };
    bool is_https = prq_str_starts(c->realm, PRQ_S("https://"));
    bool is_http = prq_str_starts(c->realm, PRQ_S("http://"));
    if ((!is_https && !is_http) || !prq_is_host(r->host) || prq_str_find(c->realm, '#') < c->realm.n)
        return prq_deny(err, "the registry names no usable token server: %.*s",
                        PRQ_FMT(prq_str_head(c->realm, 200)));
    bool same_host = prq_str_ieq(prq_host_name(r->host), prq_host_name(auth->registry));
    r->is_own = same_host || is_allowed_realm(auth, r->host);
    if (is_http && !(auth->allow_http_realm && same_host))
        return prq_deny(err, "the token server %.*s is not https", PRQ_FMT(r->host));
    r->may_know = r->is_own || (is_https && (prq_realm_is_trusted(auth->registry, r->host) ||
                                             prq_realm_is_trusted(auth->host, r->host)));
    return true;
}

/* GET realm?service=…&scope=…, with Basic when the realm may know us. */
static bool get_token(struct prq_auth *auth, struct prq_http *h, const struct prq_challenge *c,
                      const struct realm *r, struct prq_arena *a, struct prq_http_reply *reply,
                      struct prq_buf *body, struct prq_err *err)
{
    struct prq_http_request rq = { .method = "GET", .is_foreign = !r->is_own };
    const struct prq_credentials *who = &auth->credentials;
    bool is_known = r->may_know && who->username.n;
    PRQ_BUF url;
    prq_buf_init(&url, PRQ_KIB(64));
    prq_buf_str(&url, r->url);
    char sep = prq_str_find(r->url, '?') < r->url.n ? '&' : '?';
    if (c->service.n) {
        add_field(&url, sep, "service", c->service);
        sep = '&';
    }
    add_field(&url, sep, "scope", auth->scope);
    if (is_known)
        add_field(&url, '&', "account", who->username);
    if (url.bad)
        return prq_fail(err, PRQ_E_LIMIT, "token server's address too long");
    struct prq_credentials basic = *who;
    if (basic.password.n == 0)
        basic.password = basic.identity_token;
    if (is_known && !basic_value(&basic, a, &rq.authorization, err))
        return false;
    rq.url = prq_buf_view(&url);
    rq.max_bytes = auth->limits->token_bytes;
    return prq_http_fetch(h, &rq, a, reply, body, err);
}

static bool post_refresh(struct prq_auth *auth, struct prq_http *h, const struct prq_challenge *c,
                         const struct realm *r, struct prq_arena *a, struct prq_http_reply *reply,
                         struct prq_buf *body, struct prq_err *err)
{
    static const struct prq_http_header type = { PRQ_SI("Content-Type"),
                                                 PRQ_SI("application/x-www-form-urlencoded") };
    PRQ_BUF form;
    prq_buf_init(&form, PRQ_KIB(256));
    add_field(&form, 0, "grant_type", PRQ_S("refresh_token"));
    add_field(&form, '&', "service", c->service);
    add_field(&form, '&', "client_id", PRQ_S("pratique"));
    add_field(&form, '&', "scope", auth->scope);
    add_field(&form, '&', "refresh_token", auth->credentials.identity_token);
    struct prq_http_request rq = { .method = "POST",
                                   .url = r->url,
                                   .is_foreign = !r->is_own,
                                   .headers = &type,
                                   .header_count = 1,
                                   .body = prq_buf_view(&form),
                                   .max_bytes = auth->limits->token_bytes };
    bool ok = form.bad ? prq_fail(err, PRQ_E_LIMIT, "identity token too long")
                       : prq_http_fetch(h, &rq, a, reply, body, err);
    if (form.n)
        explicit_bzero(form.p, form.n);
    return ok;
}

static bool ask(struct prq_auth *auth, struct prq_http *h, const struct prq_challenge *c,
                const struct realm *r, struct prq_arena *a, struct prq_http_reply *reply,
                struct prq_buf *body, struct prq_err *err)
{
    if (r->may_know && auth->credentials.identity_token.n) {
        if (!post_refresh(auth, h, c, r, a, reply, body, err))
            return false;
        if (reply->status != 404 && reply->status != 405)
            return true;
        prq_buf_clear(body);
    }
    return get_token(auth, h, c, r, a, reply, body, err);
}

/* Ask until the server is not too busy to answer. */
static bool ask_patiently(struct prq_auth *auth, struct prq_http *h, const struct prq_challenge *c,
                          const struct realm *r, struct prq_arena *a, struct prq_http_reply *reply,
                          struct prq_buf *body, struct prq_err *err)
{
    for (unsigned attempt = 1;; attempt++) {
        prq_buf_clear(body);
        if (!ask(auth, h, c, r, a, reply, body, err))
            return false;
        if (reply->status != 429 && reply->status != 503)
            return true;
        prq_str after = prq_http_reply_header(reply, PRQ_S("retry-after"));
        int64_t wait = prq_retry_wait_ms(attempt, after, (int64_t)time(NULL));
        if (wait < 0)
            return true;
        if (!prq_http_sleep(h, wait, err))
            return false;
    }
}

static bool fetch_token(struct prq_auth *auth, struct prq_http *h, const struct prq_challenge *c,
                        struct prq_arena *a, prq_str *value, struct prq_err *err)
{
    struct realm r;
    struct prq_http_reply reply;
    PRQ_BUF body;
    prq_str token;
    uint64_t life_s;
    prq_buf_init(&body, auth->limits->token_bytes);
    if (!judge_realm(auth, c, &r, err))
        return false;
    bool has_secret = auth->credentials.username.n || auth->credentials.identity_token.n;
    const char *note = has_secret && !r.may_know
                           ? " (asked without your credentials: the host is not the registry's; "
                             "allow it with --allow-realm)"
                           : "";
    if (!ask_patiently(auth, h, c, &r, a, &reply, &body, err))
        return prq_in(err, "token server %.*s", PRQ_FMT(r.host));
    if (reply.status != 200)
        return prq_deny(err, "token server %.*s answers %ld%s", PRQ_FMT(prq_str_head(r.host, 100)),
                        reply.status, note);
    if (!prq_token_parse(prq_buf_view(&body), a, auth->limits, &token, &life_s, err))
        return prq_in(err, "token server %.*s", PRQ_FMT(r.host));
    char *kept = strndup(token.p, token.n);
    if (!kept)
        return prq_fail(err, PRQ_E_NOMEM, "token");
    pthread_mutex_lock(&auth->lock);
    char *old = auth->token;
    auth->token = kept;
    auth->refresh_at_s = now_s() + (int64_t)(life_s * 8 / 10);
    auth->note = note;
    pthread_mutex_unlock(&auth->lock);
    wipe(old);
    return bearer_value(token, a, value, err);
}

const char *prq_auth_note(struct prq_auth *auth)
{
    pthread_mutex_lock(&auth->lock);
    const char *note = auth->note ? auth->note : "";
    pthread_mutex_unlock(&auth->lock);
    return note;
}

/* ---- a 401 */

static const struct prq_challenge *pick(const struct prq_challenge *c, size_t n,
                                        enum prq_auth_scheme scheme)
{
    for (size_t i = 0; i < n; i++)
        if (c[i].scheme == scheme && (scheme != PRQ_AUTH_BEARER || c[i].realm.n))
            return &c[i];
    return NULL;
}

bool prq_auth_answer(struct prq_auth *auth, struct prq_http *h, const struct prq_http_reply *reply,
                     struct prq_arena *a, prq_str *value, struct prq_err *err)
{
    struct prq_challenge *c = prq_new_n(a, struct prq_challenge, PRQ_CHALLENGES);
    size_t n = 0;
    if (!c)
        return prq_fail(err, PRQ_E_NOMEM, "challenges");
    for (size_t i = 0; i < reply->header_count; i++)
        if (prq_str_eq(reply->headers[i].name, PRQ_S("www-authenticate")))
            (void)prq_challenges_parse(reply->headers[i].value, a, c, PRQ_CHALLENGES, &n);
    const struct prq_challenge *bearer = pick(c, n, PRQ_AUTH_BEARER);
    if (auth->credentials.registry_token.n)
        return prq_deny(err, "the registry refuses the token given");
    if (bearer)
        return fetch_token(auth, h, bearer, a, value, err);
    if (!pick(c, n, PRQ_AUTH_BASIC))
        return prq_deny(err, "the registry asks for an authentication of another kind");
    if (auth->credentials.username.n == 0)
        return prq_deny(err, "the registry asks for a user name and password");
    pthread_mutex_lock(&auth->lock);
    auth->is_basic = true;
    pthread_mutex_unlock(&auth->lock);
    return basic_value(&auth->credentials, a, value, err);
}
