/* SPDX-License-Identifier: Apache-2.0 */
/* Where registry credentials come from. Source: platform.md 1.5; containers-auth.json(5); docker's
 * "Credential stores" and "Credential helper protocol". */
#ifndef PRQ_IMAGE_CREDENTIALS_H
#define PRQ_IMAGE_CREDENTIALS_H

#include "base/ctx.h"

struct prq_credentials {
    prq_str username, password;
    prq_str identity_token; /* a refresh token: only for the token server */
    prq_str registry_token; /* sent as Bearer to the registry itself */
};
static inline bool prq_credentials_are_empty(const struct prq_credentials *c)
{
    return c->username.n == 0 && c->password.n == 0 && c->identity_token.n == 0 &&
           c->registry_token.n == 0;
}

/* The first file that has an entry for the repository or its registry wins; none at all is no
 * error. `host` is the name's host ("docker.io"), `repository` without it. An unreadable file or a
 * helper that fails is one: the user counts on it. */
PRQ_MUST_USE bool prq_credentials_find(struct prq_ctx *ctx, prq_str host, prq_str repository,
                                       struct prq_arena *a, struct prq_credentials *out,
                                       struct prq_err *err);

/* One such file; pure. *helper gets the name of a program to ask instead. `is_bare`: the old
 * .dockercfg without "auths". False in *found: no entry. */
PRQ_MUST_USE bool prq_auth_file_parse(prq_str bytes, bool is_bare, prq_str host,
                                      prq_str repository, struct prq_arena *a,
                                      const struct prq_limits *limits, bool *found,
                                      struct prq_credentials *out, prq_str *helper,
                                      struct prq_err *err);

/* ---- helper.c: run docker-credential-NAME get. *found false: it has none. */
PRQ_MUST_USE bool prq_credential_helper(struct prq_ctx *ctx, prq_str name, prq_str server,
                                        struct prq_arena *a, bool *found,
                                        struct prq_credentials *out, struct prq_err *err);

#endif
