/* SPDX-License-Identifier: Apache-2.0 */
/* WWW-Authenticate, and to whom credentials may go. Source: RFC 9110 11.6.1; CNCF Distribution,
 * "Token Authentication Specification"; security-model.md 2.4. */
#ifndef PRQ_IMAGE_CHALLENGE_H
#define PRQ_IMAGE_CHALLENGE_H

#include "base/arena.h"
#include "base/err.h"

enum prq_auth_scheme { PRQ_AUTH_OTHER, PRQ_AUTH_BASIC, PRQ_AUTH_BEARER };

struct prq_challenge {
    enum prq_auth_scheme scheme;
    prq_str realm, service, scope, error;
};
enum { PRQ_CHALLENGES = 16 };

/* All challenges of one header value, up to `room` of them, appended at out[*count]. False when the
 * value breaks the grammar; what came before it is kept. Strings are views or live in `a`. */
bool prq_challenges_parse(prq_str value, struct prq_arena *a, struct prq_challenge *out,
                          size_t room, size_t *count);

/* May the credentials of `registry` ("host[:port]") be shown to the token server `realm_host`
 * ("host[:port]") over https? Its own host, its registrable domain, or a known pair. */
bool prq_realm_is_trusted(prq_str registry, prq_str realm_host);

#endif
