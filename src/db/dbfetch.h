/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs of an artifact, checked on their way. Source: security-model.md 2.3; matching.md 2.2. */
#ifndef PRQ_DB_DBFETCH_H
#define PRQ_DB_DBFETCH_H

#include "db/dbparcel.h"
#include "db/dbship.h"

/* Config and signature. DENIED when `key` did not sign it; without a key nothing is checked. Strings in
 * `a`. */
PRQ_MUST_USE bool prq_parcel_open(const struct prq_blob_from *from, prq_str manifest,
                                  const struct prq_key *key, bool allow_unsigned,
                                  struct prq_arena *a, struct prq_parcel *out, struct prq_err *err);

/* The whole of a small one, up to out->max. */
PRQ_MUST_USE bool prq_blob_fetch(const struct prq_blob_from *from, const struct prq_parcel_blob *b,
                                 struct prq_buf *out, struct prq_err *err);

/* A family's file, unpacked, at `path`, which must not be there; its content is what the config says. */
PRQ_MUST_USE bool prq_family_fetch(struct prq_ctx *ctx, const struct prq_blob_from *from,
                                   const struct prq_parcel_family *f, const char *path,
                                   struct prq_arena *a, struct prq_err *err);

/* "sha256:…" in `a`; p NULL when memory ran out. */
prq_str prq_blob_digest(prq_bytes content, struct prq_arena *a);

/* Is the family one of a comma list? All are of an empty one. */
bool prq_family_is_listed(prq_str list, prq_str name);

#endif
