/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds over HTTP: a mirror with the same paths, or the public addresses of dbaddress.c. */
#ifndef PRQ_DB_DBREMOTE_H
#define PRQ_DB_DBREMOTE_H

#include "db/dbsource.h"

struct prq_remote;

/* `base` empty: the public addresses. */
PRQ_MUST_USE bool prq_remote_open(struct prq_ctx *ctx, prq_str base, struct prq_remote **out,
                                  struct prq_err *err);
void prq_remote_close(struct prq_remote *r); /* NULL is fine */
prq_str prq_remote_name(const struct prq_remote *r, const char *family);
/* Strings of *out go into `a`. */
PRQ_MUST_USE bool prq_remote_get(struct prq_remote *r, prq_str path, prq_str etag, prq_str modified,
                                 struct prq_arena *a, struct prq_feed_blob *out, struct prq_err *err);

/* Map a regular file into *out. */
PRQ_MUST_USE bool prq_blob_map(int fd, struct prq_feed_blob *out, struct prq_err *err);

#endif
