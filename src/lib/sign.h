/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by OpenSSL: Ed25519, and ECDSA over P-256 with SHA-256 (DER). Keys are PEM files:
 * PKCS#8 or SEC1 private ones, SubjectPublicKeyInfo public ones. */
#ifndef PRQ_LIB_SIGN_H
#define PRQ_LIB_SIGN_H

#include "base/buf.h"
#include "base/err.h"

struct prq_key;

/* USAGE for what is no such key; `name` is for the message. */
PRQ_MUST_USE bool prq_key_private(prq_bytes pem, const char *name, struct prq_key **out,
                                  struct prq_err *err);
PRQ_MUST_USE bool prq_key_public(prq_bytes pem, const char *name, struct prq_key **out,
                                 struct prq_err *err);
void prq_key_free(struct prq_key *k); /* NULL is fine */

/* Appends the signature. */
PRQ_MUST_USE bool prq_key_sign(const struct prq_key *k, prq_bytes data, struct prq_buf *out,
                               struct prq_err *err);
/* Also with a private key, which holds the public one. */
bool prq_key_checks(const struct prq_key *k, prq_bytes data, prq_bytes signature);

static inline void prq_key_drop(struct prq_key **k)
{
    prq_key_free(*k);
}
#define PRQ_KEY PRQ_CLEANUP(prq_key_drop) struct prq_key *

#endif
