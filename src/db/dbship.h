/* SPDX-License-Identifier: Apache-2.0 */
/* The database to and from wherever its artifact lies: a registry, an archive. */
#ifndef PRQ_DB_DBSHIP_H
#define PRQ_DB_DBSHIP_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/stream.h"

struct prq_key;

/* Where blobs come from: as many bytes as asked for, or a failure; digests are checked here. */
struct prq_blob_from {
    bool (*open)(void *user, prq_str digest, uint64_t size, struct prq_stream **out,
                 struct prq_err *err);
    void *user;
};
/* Where they go. */
struct prq_blob_to {
    bool (*put)(void *user, prq_str digest, prq_bytes content, struct prq_err *err);
    void *user;
};

struct prq_ship_opts {
    prq_str dir;
    prq_str families;          /* comma list; empty: all */
    const struct prq_key *key; /* to sign with, or to check with; NULL: none */
    bool allow_unsigned;       /* receive what is not signed although there is a key */
    bool allow_older;          /* receive what is older than what is there */
    unsigned retain;           /* as in prq_db_build_opts */
    void (*progress)(void *user, const char *line);
    void *progress_user;
};

/* Packs what is in opts->dir. `before` (may be empty) is the manifest whose blobs `from` has: families
 * that are as there are not sent again, and deltas are made from it. Blobs first; the manifest, which
 * the caller puts last, into *manifest. */
PRQ_MUST_USE bool prq_db_send(struct prq_ctx *ctx, const struct prq_ship_opts *opts, prq_str before,
                              const struct prq_blob_from *from, const struct prq_blob_to *to,
                              struct prq_buf *manifest, struct prq_err *err);

/* Brings opts->dir to what the manifest names. All families are fetched and checked before the first
 * is replaced. DENIED: signature, or older. */
PRQ_MUST_USE bool prq_db_receive(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                                 prq_str manifest, const struct prq_blob_from *from,
                                 struct prq_err *err);

#endif
