/* SPDX-License-Identifier: Apache-2.0 */
/* One libcurl easy handle driven by a multi handle, so that a body is pulled and not pushed:
 *
 *     open ──► hop ──► headers ──► 3xx with Location: check, next hop (at most 5)
 *                          └─────► body in a buffer; libcurl is paused while it is full
 */
#include "io/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "io/address.h"
#include "io/curl.h"
#include "io/source.h"
#include "io/transfer.h"

enum {
    HOPS = 5,
    HEADERS = 200,
    HEADER_BYTES = 64 << 10,
    BODY_BYTES = 1 << 20,
    DRAIN_BYTES = 16 << 10,
    CONNECT_S = 10,
    SLOW_S = 30,
    FETCH_S = 180,
    SLOW_BYTES_MS = 64, /* of what we send */
    POLL_MS = 200,
};

struct origin {
    char scheme[8], host[256], port[8];
};

struct prq_http {
    CURLM *multi;
    CURL *easy;
    bool is_added;
    struct curl_slist *headers;
    char why[CURL_ERROR_SIZE];
    const atomic_bool *cancel;

    char *cert, *key, *plain_host;
    struct prq_buf ca;
    bool allow_http, insecure_tls, deny_private, has_proxy;
    unsigned met; /* enum prq_address of the hosts that the user named */

    /* the transfer at hand */
    struct prq_buf head;
    unsigned head_lines;
    long status;
    bool head_done, is_done, is_paused, is_trusted, was_denied, was_not_tls, too_many_headers;
    CURLcode result;
    uint8_t *body;
    size_t body_at, body_n;
    uint64_t deadline_ms;
};

/* Set by whoever comes in from outside. */
static _Atomic(const struct prq_curl *) curl;

static bool have_curl(struct prq_err *err)
{
    const struct prq_curl *c = prq_curl(err);
    if (c)
        curl = c;
    return c != NULL;
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- a client */

static char *copy_z(prq_str s)
{
    if (s.n == 0 || memchr(s.p, '\0', s.n))
        return NULL;
    return strndup(s.p, s.n);
}

static bool env_has(const char *const *names)
{
    for (; *names; names++) {
        const char *v = getenv(*names);
        if (v && *v)
            return true;
    }
    return false;
}

/* Given certificates come on top of the system's, not in their place. */
static bool load_ca(struct prq_http *h, const struct prq_http_opts *opts, struct prq_err *err)
{
    const char *system = getenv("SSL_CERT_FILE");
    if (!system || !*system)
        system = opts->ca_file.n || opts->ca_pem.n ? curl->version_info(CURLVERSION_NOW)->cainfo : NULL;
    prq_buf_init(&h->ca, PRQ_MIB(16));
    if (!system && opts->ca_file.n == 0 && opts->ca_pem.n == 0)
        return true;
    if (system && !prq_read_file(system, &h->ca, err))
        return false;
    prq_buf_byte(&h->ca, '\n');
    if (opts->ca_file.n) {
        char path[4096];
        snprintf(path, sizeof path, "%.*s", PRQ_FMT(opts->ca_file));
        if (!prq_read_file(path, &h->ca, err))
            return false;
        prq_buf_byte(&h->ca, '\n');
    }
    return prq_buf_str(&h->ca, opts->ca_pem) || prq_fail(err, PRQ_E_NOMEM, "certificates");
}

bool prq_http_new(const struct prq_http_opts *opts, struct prq_http **out, struct prq_err *err)
{
    static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy",
                                           "ALL_PROXY", NULL };
    if (!have_curl(err))
        return false;
    struct prq_http *h = calloc(1, sizeof *h);
    if (!h)
        return prq_fail(err, PRQ_E_NOMEM, "http client");
    h->multi = curl->multi_init();
    h->easy = curl->easy_init();
    h->body = malloc(BODY_BYTES);
    h->cert = copy_z(opts->client_cert);
    h->key = copy_z(opts->client_key);
    h->plain_host = copy_z(opts->allow_http_host);
    h->cancel = opts->cancel;
    h->allow_http = opts->allow_http;
    h->insecure_tls = opts->insecure_tls;
    h->deny_private = opts->deny_private;
    h->has_proxy = env_has(proxies);
    prq_buf_init(&h->head, HEADER_BYTES);
    if (!h->multi || !h->easy || !h->body || (opts->client_cert.n && !h->cert) ||
        (opts->client_key.n && !h->key) || (opts->allow_http_host.n && !h->plain_host)) {
        prq_http_free(h);
        return prq_fail(err, PRQ_E_NOMEM, "http client");
    }
    if (!load_ca(h, opts, err)) {
        prq_http_free(h);
        return prq_in(err, "CA certificates");
    }
    *out = h;
    return true;
}

void prq_http_free(struct prq_http *h)
{
    if (!h)
        return;
    prq_transfer_close(h);
    curl->easy_cleanup(h->easy);
    curl->multi_cleanup(h->multi);
    prq_buf_release(&h->head);
    prq_buf_release(&h->ca);
    free(h->body);
    free(h->cert);
    free(h->key);
    free(h->plain_host);
    free(h);
}

bool prq_http_is_cancelled(const struct prq_http *h)
{
    return h->cancel && atomic_load_explicit(h->cancel, memory_order_relaxed);
}

bool prq_http_was_not_tls(const struct prq_http *h)
{
    return h->was_not_tls;
}

bool prq_http_was_final(const struct prq_http *h)
{
    return h->was_not_tls || h->result == CURLE_PEER_FAILED_VERIFICATION ||
           h->result == CURLE_SSL_CERTPROBLEM || h->result == CURLE_SSL_CACERT_BADFILE;
}

bool prq_http_sleep(const struct prq_http *h, int64_t ms, struct prq_err *err)
{
    while (ms > 0 && !prq_http_is_cancelled(h)) {
        int64_t slice = ms < POLL_MS ? ms : POLL_MS;
        struct timespec t = { .tv_nsec = (long)slice * 1000000 };
        nanosleep(&t, NULL);
        ms -= slice;
    }
    return !prq_http_is_cancelled(h) || prq_fail(err, PRQ_E_CANCELLED, "cancelled");
}

/* ---- libcurl calls back */

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
    struct prq_http *h = user;
    prq_str line = { p, size * n };
    if (h->head_done)
        return line.n; /* a trailer */
    prq_str text = prq_str_trim(line);
    if (prq_str_starts(line, PRQ_S("HTTP/"))) {
        prq_str version, rest;
        uint64_t status = 0;
        prq_buf_clear(&h->head);
        h->head_lines = 0;
        if (prq_str_cut(text, ' ', &version, &rest))
            prq_str_u64(prq_str_head(rest, 3), &status);
        h->status = (long)status;
        return line.n;
    }
    if (text.n == 0) {
        h->head_done = h->status >= 200;
        return line.n;
    }
    if (++h->head_lines > HEADERS || !prq_buf_str(&h->head, text) || !prq_buf_byte(&h->head, '\n')) {
        h->too_many_headers = true;
        return 0;
    }
    return line.n;
}

static size_t on_body(char *p, size_t size, size_t n, void *user)
{
    struct prq_http *h = user;
    size_t bytes = size * n;
    if (h->body_at && bytes > BODY_BYTES - h->body_n) {
        memmove(h->body, h->body + h->body_at, h->body_n - h->body_at);
        h->body_n -= h->body_at;
        h->body_at = 0;
    }
    if (bytes > BODY_BYTES - h->body_n) {
        h->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(h->body + h->body_n, p, bytes);
    h->body_n += bytes;
    return bytes;
}

/* After name resolution, for every connection: the address decides, whatever the name was. A host
 * that only a peer named may be as private as the one that the user named, and no more. */
static bool may_connect(struct prq_http *h, enum prq_address is)
{
    if (h->deny_private)
        return is == PRQ_ADDRESS_PUBLIC;
    if (h->is_trusted) {
        h->met |= is;
        return true;
    }
    if (is == PRQ_ADDRESS_NEVER)
        return false;
    /* Behind a proxy of the user's own we see the proxy only. */
    return is == PRQ_ADDRESS_PUBLIC || (h->met & is) || h->has_proxy;
}

static curl_socket_t on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct prq_http *h = user;
    if (purpose != CURLSOCKTYPE_IPCXN || !may_connect(h, prq_address_of(&to->addr, to->addrlen))) {
        h->was_denied = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* ---- one hop */

static bool get_part(CURLU *u, CURLUPart part, char *out, size_t cap)
{
    char *text;
    if (curl->url_get(u, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return false;
    size_t n = strlen(text);
    if (n < cap)
        for (size_t i = 0; i <= n; i++)
            out[i] = prq_to_lower(text[i]);
    curl->free(text);
    return n < cap;
}

static bool origin_of(CURLU *u, struct origin *o)
{
    return get_part(u, CURLUPART_SCHEME, o->scheme, sizeof o->scheme) &&
           get_part(u, CURLUPART_HOST, o->host, sizeof o->host) &&
           get_part(u, CURLUPART_PORT, o->port, sizeof o->port);
}

static bool same_origin(const struct origin *a, const struct origin *b)
{
    return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0 &&
           strcmp(a->port, b->port) == 0;
}

/* allow_http_host is "host:port" or "host"; a v6 address is in brackets in both. */
static bool is_plain_host(const struct prq_http *h, const struct origin *o)
{
    char with_port[sizeof o->host + sizeof o->port + 1];
    if (!h->plain_host)
        return false;
    snprintf(with_port, sizeof with_port, "%s:%s", o->host, o->port);
    return strcasecmp(h->plain_host, o->host) == 0 || strcasecmp(h->plain_host, with_port) == 0;
}

/* Without the query, which in signed links is a secret. */
static prq_str shown(prq_str url)
{
    return prq_str_head(prq_str_head(url, prq_str_find(url, '?')), 200);
}

static bool deny(struct prq_err *err, const char *what, prq_str url)
{
    errno = 0;
    return prq_fail(err, PRQ_E_DENIED, "%s: %.*s", what, PRQ_FMT(shown(url)));
}

static bool is_header_safe(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' && s.p[i] != '\t')
            return false;
    return prq_str_find(s, '\x7f') == s.n;
}

static bool add_header(struct prq_http *h, prq_str name, prq_str value, struct prq_err *err)
{
    PRQ_BUF line;
    prq_buf_init(&line, PRQ_KIB(80));
    if (!is_header_safe(name) || !is_header_safe(value))
        return prq_fail(err, PRQ_E_REMOTE, "control characters in a value for the header %.*s",
                        PRQ_FMT(name));
    prq_buf_str(&line, name);
    prq_buf_str(&line, PRQ_S(": "));
    prq_buf_str(&line, value);
    prq_buf_byte(&line, '\0');
    struct curl_slist *grown =
        line.bad ? NULL : curl->slist_append(h->headers, (const char *)line.p);
    if (!grown)
        return prq_fail(err, PRQ_E_LIMIT, "value too long for the header %.*s", PRQ_FMT(name));
    h->headers = grown;
    return true;
}

static bool set_headers(struct prq_http *h, const struct prq_http_request *rq, bool is_first_origin,
                        struct prq_err *err)
{
    char range[48];
    for (size_t i = 0; i < rq->header_count; i++)
        if (!add_header(h, rq->headers[i].name, rq->headers[i].value, err))
            return false;
    if (rq->authorization.n && is_first_origin &&
        !add_header(h, PRQ_S("Authorization"), rq->authorization, err))
        return false;
    if (rq->range_from) {
        snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)rq->range_from);
        if (!add_header(h, PRQ_S("Range"), prq_str_from(range), err))
            return false;
        if (rq->if_range.n && !add_header(h, PRQ_S("If-Range"), rq->if_range, err))
            return false;
    }
    curl->easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers);
    return true;
}

static void set_tls(struct prq_http *h, const struct origin *to, bool is_first_host)
{
    bool verify = !(h->insecure_tls && is_plain_host(h, to));
    curl->easy_setopt(h->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl->easy_setopt(h->easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    curl->easy_setopt(h->easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (h->ca.n) {
        struct curl_blob blob = { h->ca.p, h->ca.n, CURL_BLOB_NOCOPY };
        curl->easy_setopt(h->easy, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (h->cert && is_first_host) {
        curl->easy_setopt(h->easy, CURLOPT_SSLCERT, h->cert);
        curl->easy_setopt(h->easy, CURLOPT_SSLKEY, h->key ? h->key : h->cert);
    }
}

static bool sends_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
}

static void set_options(struct prq_http *h, prq_str url, const char *method,
                        const struct prq_http_request *rq)
{
    CURL *e = h->easy;
    curl->easy_reset(e);
    curl->easy_setopt(e, CURLOPT_URL, url.p); /* url_text ends it */
    curl->easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl->easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl->easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl->easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1024L);
    curl->easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    curl->easy_setopt(e, CURLOPT_BUFFERSIZE, 128L << 10);
    curl->easy_setopt(e, CURLOPT_ERRORBUFFER, h->why);
    curl->easy_setopt(e, CURLOPT_USERAGENT, "pratique/" PRQ_VERSION);
    curl->easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl->easy_setopt(e, CURLOPT_HEADERDATA, h);
    curl->easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl->easy_setopt(e, CURLOPT_WRITEDATA, h);
    curl->easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl->easy_setopt(e, CURLOPT_OPENSOCKETDATA, h);
    if (h->deny_private)
        curl->easy_setopt(e, CURLOPT_PROXY, "");
    if (strcmp(method, "HEAD") == 0) {
        curl->easy_setopt(e, CURLOPT_NOBODY, 1L);
    } else if (sends_body(method)) {
        curl->easy_setopt(e, CURLOPT_POST, 1L);
        curl->easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
        curl->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body.n);
        curl->easy_setopt(e, CURLOPT_POSTFIELDS, rq->body.n ? rq->body.p : "");
    }
}

static void reset_transfer(struct prq_http *h)
{
    prq_buf_clear(&h->head);
    h->head_lines = 0;
    h->status = 0;
    h->head_done = h->is_done = h->is_paused = false;
    h->was_denied = h->was_not_tls = h->too_many_headers = false;
    h->result = CURLE_OK;
    h->body_at = h->body_n = 0;
    h->why[0] = '\0';
}

void prq_transfer_close(struct prq_http *h)
{
    if (h->is_added)
        curl->multi_remove_handle(h->multi, h->easy);
    h->is_added = false;
    curl->slist_free_all(h->headers);
    h->headers = NULL;
    h->body_at = h->body_n = 0;
}

/* Let libcurl work, and wait for the network when it has nothing to do. */
static bool pump(struct prq_http *h, struct prq_err *err)
{
    int running, queued;
    CURLMsg *msg;
    if (prq_http_is_cancelled(h))
        return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    if (h->deadline_ms && now_ms() > h->deadline_ms)
        return prq_fail(err, PRQ_E_REMOTE, "no answer within %d s", FETCH_S);
    size_t had = h->body_n;
    bool had_head = h->head_done;
    CURLMcode mc = curl->multi_perform(h->multi, &running);
    if (mc != CURLM_OK)
        return prq_fail(err, PRQ_E_REMOTE, "%s", curl->multi_strerror(mc));
    while ((msg = curl->multi_info_read(h->multi, &queued)))
        if (msg->msg == CURLMSG_DONE) {
            h->is_done = true;
            h->result = msg->data.result;
        }
    if (!h->is_done && h->body_n == had && h->head_done == had_head)
        curl->multi_poll(h->multi, NULL, 0, POLL_MS, NULL);
    return true;
}

static bool fail_result(struct prq_http *h, prq_str url, struct prq_err *err)
{
    const char *why = h->why[0] ? h->why : curl->easy_strerror(h->result);
    if (h->was_denied)
        return deny(err, "the address policy forbids to connect to", url);
    if (h->too_many_headers)
        return prq_fail(err, PRQ_E_LIMIT, "%.*s: more than %d headers or %d bytes of them",
                        PRQ_FMT(shown(url)), HEADERS, HEADER_BYTES);
    h->was_not_tls = h->result == CURLE_SSL_CONNECT_ERROR;
    return prq_fail(err, PRQ_E_REMOTE, "%.*s: %s", PRQ_FMT(shown(url)), why);
}

static bool hop(struct prq_http *h, const struct prq_http_request *rq, const char *method,
                const struct origin *first, const struct origin *to, prq_str url,
                struct prq_err *err)
{
    prq_transfer_close(h);
    reset_transfer(h);
    h->is_trusted = !rq->is_foreign && strcmp(first->host, to->host) == 0;
    set_options(h, url, method, rq);
    set_tls(h, to, strcmp(first->host, to->host) == 0);
    if (!set_headers(h, rq, same_origin(first, to), err))
        return false;
    if (curl->multi_add_handle(h->multi, h->easy) != CURLM_OK)
        return prq_fail(err, PRQ_E_NOMEM, "http transfer");
    h->is_added = true;
    while (!h->head_done && !h->is_done)
        if (!pump(h, err))
            return prq_in(err, "%.*s", PRQ_FMT(shown(url)));
    if (!h->head_done || (h->is_done && h->result != CURLE_OK && h->body_n == 0))
        return fail_result(h, url, err);
    return true;
}

/* ---- the answer */

static bool read_reply(struct prq_http *h, struct prq_arena *a, prq_str url,
                       struct prq_http_reply *reply, struct prq_err *err)
{
    struct prq_http_reply r = { .status = h->status, .is_partial = h->status == 206 };
    prq_str rest = prq_arena_copy(a, prq_buf_view(&h->head)), line, name, value;
    r.url = prq_arena_copy(a, url);
    r.headers = prq_new_n(a, struct prq_http_header, h->head_lines);
    if (!r.url.p || !rest.p || !r.headers)
        return prq_fail(err, PRQ_E_NOMEM, "http headers");
    while (prq_str_line(&rest, &line)) {
        if (!prq_str_cut(line, ':', &name, &value) || r.header_count >= h->head_lines)
            continue;
        name = prq_arena_copy(a, name);
        char *p = prq_arena_alloc(a, name.n + 1);
        if (!name.p || !p)
            return prq_fail(err, PRQ_E_NOMEM, "http headers");
        for (size_t i = 0; i < name.n; i++)
            p[i] = prq_to_lower(name.p[i]);
        r.headers[r.header_count++] =
            (struct prq_http_header){ { p, name.n }, prq_str_trim(value) };
    }
    *reply = r;
    return true;
}

prq_str prq_http_reply_header(const struct prq_http_reply *r, prq_str name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (prq_str_eq(r->headers[i].name, name))
            return r->headers[i].value;
    return (prq_str){ 0 };
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* A short body is read to its end, so that the connection can be used again. */
static void drain(struct prq_http *h)
{
    size_t seen = 0;
    for (unsigned i = 0; i < 10 && !h->is_done && seen < DRAIN_BYTES && pump(h, NULL); i++) {
        seen += h->body_n;
        h->body_at = h->body_n = 0;
    }
}

static bool check_hop(const struct prq_http *h, const struct origin *from, const struct origin *to,
                      prq_str url, struct prq_err *err)
{
    if (strcmp(to->scheme, "https") == 0)
        return true;
    if (strcmp(to->scheme, "http") != 0)
        return deny(err, "only http and https", url);
    if (from && strcmp(from->scheme, "https") == 0)
        return deny(err, "redirect from https to http", url);
    if (!h->allow_http || !is_plain_host(h, to))
        return deny(err, "plain http is not allowed", url);
    return true;
}

/* Where the URL handle points, as text in the arena. */
static bool url_text(CURLU *u, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    char *text;
    if (curl->url_get(u, CURLUPART_URL, &text, 0) != CURLUE_OK)
        return prq_fail(err, PRQ_E_NOMEM, "url");
    *out = prq_arena_copy(a, prq_str_from(text));
    curl->free(text);
    return out->p || prq_fail(err, PRQ_E_NOMEM, "url");
}

static void drop_url(CURLU **u)
{
    curl->url_cleanup(*u);
}

/* Absolute, or relative to where the handle points. */
static bool go_to(CURLU *u, prq_str where, struct prq_arena *a, struct origin *to, prq_str *url,
                  struct prq_err *err)
{
    prq_str z = prq_arena_copy(a, where);
    if (!z.p)
        return prq_fail(err, PRQ_E_NOMEM, "url");
    if (memchr(z.p, '\0', z.n) || !is_header_safe(z) ||
        curl->url_set(u, CURLUPART_URL, z.p, CURLU_DISALLOW_USER | CURLU_URLENCODE) != CURLUE_OK ||
        !origin_of(u, to))
        return prq_fail(err, PRQ_E_REMOTE, "not a URL: %.*s", PRQ_FMT(shown(where)));
    return url_text(u, a, url, err);
}

bool prq_transfer_open(struct prq_http *h, const struct prq_http_request *rq, struct prq_arena *a,
                       struct prq_http_reply *reply, struct prq_err *err)
{
    PRQ_CLEANUP(drop_url) CURLU *u = curl->url();
    struct origin first, from, to;
    const char *method = rq->method;
    prq_str url;
    if (!u)
        return prq_fail(err, PRQ_E_NOMEM, "url");
    if (!go_to(u, rq->url, a, &first, &url, err) || !check_hop(h, NULL, &first, url, err))
        return false;
    to = first;
    for (unsigned hops = 0;; hops++) {
        if (!hop(h, rq, method, &first, &to, url, err) || !read_reply(h, a, url, reply, err))
            return false;
        prq_str where = prq_http_reply_header(reply, PRQ_S("location"));
        if (!is_redirect(h->status) || where.n == 0)
            return true;
        if (hops == HOPS)
            return prq_fail(err, PRQ_E_REMOTE, "more than %d redirects from %.*s", HOPS,
                            PRQ_FMT(shown(rq->url)));
        drain(h);
        from = to;
        if (!go_to(u, where, a, &to, &url, err) || !check_hop(h, &from, &to, url, err))
            return false;
        if (sends_body(method)) {
            /* A form may hold a refresh token: it stays with whom it was meant for. */
            if (!same_origin(&first, &to))
                return deny(err, "a form is not sent on to", url);
            if (h->status < 307)
                method = "GET";
        }
    }
}

bool prq_transfer_read(struct prq_http *h, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    while (h->body_at == h->body_n && !h->is_done) {
        h->body_at = h->body_n = 0;
        if (h->is_paused) {
            h->is_paused = false;
            curl->easy_pause(h->easy, CURLPAUSE_CONT); /* may fill the buffer at once */
            if (h->body_n)
                break;
        }
        if (!pump(h, err))
            return false;
    }
    size_t n = prq_min_size(cap, h->body_n - h->body_at);
    if (n == 0 && h->result != CURLE_OK)
        return prq_fail(err, PRQ_E_REMOTE, "%s",
                        h->why[0] ? h->why : curl->easy_strerror(h->result));
    memcpy(buf, h->body + h->body_at, n);
    h->body_at += n;
    *got = n;
    return true;
}

bool prq_http_fetch(struct prq_http *h, const struct prq_http_request *rq, struct prq_arena *a,
                    struct prq_http_reply *reply, struct prq_buf *body, struct prq_err *err)
{
    size_t got = 1, max = rq->max_bytes < body->max ? (size_t)rq->max_bytes : body->max;
    h->deadline_ms = now_ms() + FETCH_S * 1000 + rq->body.n / SLOW_BYTES_MS;
    bool ok = prq_transfer_open(h, rq, a, reply, err);
    while (ok && got) {
        uint8_t chunk[16 << 10];
        ok = prq_transfer_read(h, chunk, sizeof chunk, &got, err);
        if (ok && body->n + got > max)
            ok = prq_fail(err, PRQ_E_LIMIT, "answer of more than %zu bytes", max);
        else if (ok && !prq_buf_add(body, chunk, got))
            ok = prq_fail(err, PRQ_E_NOMEM, "answer");
        if (!ok)
            prq_in(err, "%.*s", PRQ_FMT(shown(reply->url)));
    }
    h->deadline_ms = 0;
    prq_transfer_close(h);
    return ok;
}

int64_t prq_http_date(prq_str s)
{
    char z[64];
    if (s.n == 0 || s.n >= sizeof z)
        return -1;
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    return have_curl(NULL) ? (int64_t)curl->getdate(z, NULL) : -1;
}
