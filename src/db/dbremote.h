/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds over HTTP: a mirror with the same paths, or the public addresses of dbaddress.c. */
#ifndef PRQ_DB_DBREMOTE_H
#define PRQ_DB_DBREMOTE_H

#include "db/dbsource.h"

struct prq_remote;

/* `base` empty: the public addresses, those of `addresses` first. The strings must outlive it. */
PRQ_MUST_USE bool prq_remote_open(struct prq_ctx *ctx, prq_str base, prq_str addresses,
                                  struct prq_remote **out, struct prq_err *err);
void prq_remote_close(struct prq_remote *r); /* NULL is fine */

/* The body of a path in an unlinked temporary file. `etag` and `modified` make it conditional. */
struct prq_remote_answer {
    bool is_found, is_unchanged, has_no_address;
    int fd;                 /* -1: no body */
    prq_str etag, modified; /* in `a` */
};
PRQ_MUST_USE bool prq_remote_get(struct prq_remote *r, prq_str path, prq_str etag, prq_str modified,
                                 struct prq_arena *a, struct prq_remote_answer *out,
                                 struct prq_err *err);

#endif
