/* SPDX-License-Identifier: Apache-2.0 */
/* Where feeds come from: a directory, a mirror, or the public addresses, all with the same paths
 * ("osv/PyPI/all.zip"). */
#ifndef PRQ_DB_DBSOURCE_H
#define PRQ_DB_DBSOURCE_H

#include "base/ctx.h"

struct prq_source;

/* `from`: a directory, an http(s) URL, or empty for the public addresses. */
PRQ_MUST_USE bool prq_source_open(struct prq_ctx *ctx, prq_str from, struct prq_source **out,
                                  struct prq_err *err);
void prq_source_close(struct prq_source *s);

/* What reports and `db status` call it: the URL, or "directory". */
prq_str prq_source_name(const struct prq_source *s, const char *family);
bool prq_source_is_remote(const struct prq_source *s);

/* The bytes of a path, mapped. */
struct prq_feed_blob {
    prq_bytes bytes;
    bool is_found;          /* false: there is no such path, and no error */
    bool is_unchanged;      /* 304: no bytes */
    prq_str etag, modified; /* validators of the answer; live as long as the source */
};
PRQ_MUST_USE bool prq_source_get(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                                 struct prq_err *err);
/* Conditional: the validators of an earlier answer, empty when there was none. */
PRQ_MUST_USE bool prq_source_get_if(struct prq_source *s, prq_str path, prq_str etag,
                                    prq_str modified, struct prq_feed_blob *out, struct prq_err *err);
void prq_feed_blob_release(struct prq_feed_blob *b);

/* The name in `folder` that starts and ends so and sorts last; empty when there is none, or when
 * the source is remote and has no listings. In `a`. */
PRQ_MUST_USE bool prq_source_newest(struct prq_source *s, const char *folder, prq_str prefix,
                                    prq_str suffix, struct prq_arena *a, prq_str *out,
                                    struct prq_err *err);

#define PRQ_FEED_BLOB PRQ_CLEANUP(prq_feed_blob_release) struct prq_feed_blob

#endif
