/* SPDX-License-Identifier: Apache-2.0 */
/* One question to a registry, asked until it is answered: waits, logins, and what an answer that is
 * no success says. Source: OCI distribution-spec, "Error Codes"; platform.md 1.4. */
#ifndef PRQ_IMAGE_EXCHANGE_H
#define PRQ_IMAGE_EXCHANGE_H

#include "image/auth.h"

/* What a failed try asks for: another one (true, after a wait or a login) or none. */
struct prq_tries {
    unsigned transport, busy, logins;
    bool had_value;
};
PRQ_MUST_USE bool prq_exchange_again(struct prq_auth *auth, struct prq_http *h,
                                     const struct prq_http_reply *reply, struct prq_tries *t,
                                     struct prq_arena *a, prq_str *authorization, bool *again,
                                     struct prq_err *err);

/* The request with everything that may be needed before it is answered. */
PRQ_MUST_USE bool prq_exchange_fetch(struct prq_auth *auth, struct prq_http *h,
                                     struct prq_http_request *rq, struct prq_arena *a,
                                     struct prq_http_reply *reply, struct prq_buf *body,
                                     struct prq_err *err);

/* Always false. */
bool prq_exchange_fail(const struct prq_limits *limits, struct prq_auth *auth, long status,
                       prq_str body, struct prq_arena *a, struct prq_err *err);

#endif
