/* SPDX-License-Identifier: Apache-2.0 */
/* The Authorization header of one registry: what to send now, and what a 401 asks for. Shared by
 * the threads that download layers. Source: platform.md 1.4, security-model.md 2.4. */
#ifndef PRQ_IMAGE_AUTH_H
#define PRQ_IMAGE_AUTH_H

#include "image/credentials.h"
#include "image/image.h"
#include "io/http.h"

struct prq_auth;

struct prq_auth_opts {
    prq_str host, repository;        /* of the name */
    prq_str registry;                /* API host[:port]: what realms are compared with */
    bool allow_http_realm;           /* a realm on the registry's own host may be http */
    bool use_given;                  /* the credentials in `given` are for this registry */
    bool can_push;                   /* ask for the right to write, too */
    const struct prq_source_opts *given; /* credentials and --allow-realm; copied */
};
PRQ_MUST_USE bool prq_auth_new(struct prq_ctx *ctx, const struct prq_auth_opts *opts,
                               struct prq_auth **out, struct prq_err *err);
void prq_auth_free(struct prq_auth *auth);

/* The value to send for pulling, into `a`; empty when none is known (yet). */
PRQ_MUST_USE bool prq_auth_value(struct prq_auth *auth, struct prq_arena *a, prq_str *value,
                                 struct prq_err *err);
/* After a 401: fetch a token, or take Basic. DENIED when nothing is left to try. `h` must have no
 * answer open. */
PRQ_MUST_USE bool prq_auth_answer(struct prq_auth *auth, struct prq_http *h,
                                  const struct prq_http_reply *reply, struct prq_arena *a,
                                  prq_str *value, struct prq_err *err);

/* A clause for messages when credentials were held back, else "". */
const char *prq_auth_note(struct prq_auth *auth);

/* A token server's answer; pure. The token is safe in a header and at most 64 KiB long; *life_s is
 * at least 60. */
PRQ_MUST_USE bool prq_token_parse(prq_str bytes, struct prq_arena *a,
                                  const struct prq_limits *limits, prq_str *token,
                                  uint64_t *life_s, struct prq_err *err);

#endif
