/* SPDX-License-Identifier: Apache-2.0 */
/* Where feeds come from: a directory, a mirror, or the public addresses, all with the same paths
 * ("osv/PyPI/all.zip"). */
#ifndef PRQ_DB_DBSOURCE_H
#define PRQ_DB_DBSOURCE_H

#include "base/ctx.h"
#include "model/package.h"

struct prq_source;

/* What an answer left for the next question: validators of a path, or how far a list was read. */
struct prq_db_validator {
    prq_str path, etag, modified, mark;
};

/* `from`: a directory, an http(s) URL, or empty for the public addresses; `addresses`: see
 * dbaddress.h. The strings must outlive the source. */
PRQ_MUST_USE bool prq_source_open(struct prq_ctx *ctx, prq_str from, prq_str addresses,
                                  struct prq_source **out, struct prq_err *err);
void prq_source_close(struct prq_source *s);

/* What reports and `db status` call it: the URL, "public addresses", or "directory". */
prq_str prq_source_name(const struct prq_source *s);
bool prq_source_is_remote(const struct prq_source *s);
/* A feed that is not there is no failure: a directory or a mirror may hold some only, and a path
 * may have no public address. */
bool prq_source_may_lack_feeds(const struct prq_source *s);

/* The bytes of a path, mapped. */
struct prq_feed_blob {
    prq_bytes bytes;
    bool is_found;     /* false: there is no such path, and no error */
    bool is_unchanged; /* as told by `expect`; no bytes */
};
PRQ_MUST_USE bool prq_source_get(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                                 struct prq_err *err);
/* The same for one of many small ones: neither conditional nor kept. */
PRQ_MUST_USE bool prq_source_get_once(struct prq_source *s, prq_str path, struct prq_feed_blob *out,
                                      struct prq_err *err);
void prq_feed_blob_release(struct prq_feed_blob *b);

/* Starts a family: what was seen is forgotten. */
void prq_source_begin(struct prq_source *s);
/* Ask conditionally from now on (n == 0: no more). What was fetched since `begin` is kept and not
 * fetched again. The validators must live as long. */
void prq_source_expect(struct prq_source *s, const struct prq_db_validator *v, size_t n);
/* The validators of the answers since `begin`, in the order of the paths. */
size_t prq_source_seen(struct prq_source *s, const struct prq_db_validator **out);

/* The name in `folder` that starts and ends so and sorts last; empty when there is none, or when
 * the source is remote and has no listings. In `a`. */
PRQ_MUST_USE bool prq_source_newest(struct prq_source *s, const char *folder, prq_str prefix,
                                    prq_str suffix, struct prq_arena *a, prq_str *out,
                                    struct prq_err *err);

/* All names in `folder` but hidden ones, sorted; none when it is not there, or when the source is
 * remote. In `a`. */
PRQ_MUST_USE bool prq_source_list(struct prq_source *s, const char *folder, struct prq_arena *a,
                                  struct prq_strs *out, struct prq_err *err);

#define PRQ_FEED_BLOB PRQ_CLEANUP(prq_feed_blob_release) struct prq_feed_blob

#endif
