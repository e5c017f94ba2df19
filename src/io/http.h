/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP(S) over libcurl (io/curl.h). We follow redirects ourselves (at most 5,
 * never https to http, address policy on each hop) and never forward Authorization to another
 * origin. Source: security-model.md 2.4. */
#ifndef PRQ_IO_HTTP_H
#define PRQ_IO_HTTP_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/stream.h"

struct prq_http; /* a client: connection reuse, CA settings. One thread at a time */

struct prq_http_opts {
    prq_str ca_file;        /* extra bundle */
    prq_str ca_pem;         /* extra certificates, as text */
    prq_str client_cert, client_key; /* from certs.d */
    bool allow_http;        /* plain http, for the host in allow_http_host only when that is set */
    prq_str allow_http_host; /* "host:port", or "host" for any port of it */
    bool insecure_tls;      /* no verification, likewise for that host only */
    bool deny_private;      /* server mode: refuse loopback, link-local, private addresses always */
    const atomic_bool *cancel;
};
PRQ_MUST_USE bool prq_http_new(const struct prq_http_opts *opts, struct prq_http **out,
                               struct prq_err *err);
void prq_http_free(struct prq_http *h);

struct prq_http_header {
    prq_str name, value;
};

struct prq_http_reply;
struct prq_http_request {
    const char *method;      /* "GET", "HEAD", "POST", "PUT" */
    prq_str url;
    /* The host of `url` is one that a peer named (a token realm) and not the user: the address
     * policy holds from the first connection on. Hosts that only a redirect names always are. */
    bool is_foreign;
    const struct prq_http_header *headers; /* sent on every hop: nothing secret */
    size_t header_count;
    prq_str authorization;   /* whole value; dropped when a redirect leaves the origin */
    /* Streams: called when a resumed download answers 401; a new value, or false. May be NULL. */
    bool (*renew)(void *user, const struct prq_http_reply *reply, struct prq_arena *a,
                  prq_str *authorization, struct prq_err *err);
    void *renew_user;
    prq_str body;            /* of POST and PUT */
    uint64_t max_bytes;      /* of the answer's body: more fails with LIMIT */
    uint64_t range_from;     /* > 0: Range: bytes=N- ; an answer of 200 restarts at 0 (see reply) */
    prq_str if_range;        /* ETag */
};

struct prq_http_reply {
    long status;
    prq_str url;             /* final */
    struct prq_http_header *headers; /* names lower case */
    size_t header_count;
    bool is_partial;         /* 206 */
};
prq_str prq_http_reply_header(const struct prq_http_reply *r, prq_str name);

/* Body into *body (up to max_bytes); headers and strings into `a`. True for any HTTP status; false
 * when there was no answer (REMOTE), a rule forbade it (DENIED), or it was too large (LIMIT).
 * Retries nothing. */
PRQ_MUST_USE bool prq_http_fetch(struct prq_http *h, const struct prq_http_request *rq,
                                 struct prq_arena *a, struct prq_http_reply *reply,
                                 struct prq_buf *body, struct prq_err *err);

/* A body as a stream. Tries again as prq_retry says (no answer, 429, 502, 503, 504) and resumes by
 * Range; a reader never notices. An answer other than 200 and 206 is handed out with its body,
 * which is not resumed. The request, its strings and `a` must outlive the stream, and the client
 * must not be used otherwise until it is closed. max_bytes 0: no limit. */
PRQ_MUST_USE bool prq_http_stream(struct prq_http *h, const struct prq_http_request *rq,
                                  struct prq_arena *a, struct prq_http_reply *reply,
                                  struct prq_stream **out, struct prq_err *err);

/* The last connection failed because the peer does not speak TLS. */
bool prq_http_was_not_tls(const struct prq_http *h);
/* It failed in a way that another try cannot mend: that, or the certificate. */
bool prq_http_was_final(const struct prq_http *h);

/* Sleep, waking for the cancel flag; false (CANCELLED) when it was raised. */
PRQ_MUST_USE bool prq_http_sleep(const struct prq_http *h, int64_t ms, struct prq_err *err);

/* How long to wait before try number `attempt` (from 1): Retry-After (seconds or date, at most
 * 300 s) when given, else 2, 4, … 60 s with jitter. -1: give up (after 5). PRQ_TEST_RETRY_MS
 * shortens it in tests. */
int64_t prq_retry_wait_ms(unsigned attempt, prq_str retry_after, int64_t now_unix_s);

#endif
