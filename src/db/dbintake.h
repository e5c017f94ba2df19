/* SPDX-License-Identifier: Apache-2.0 */
/* Where the readers' records go while a family is built: canonical JSON in a sorting spool, and a
 * count of what was passed over. */
#ifndef PRQ_DB_DBINTAKE_H
#define PRQ_DB_DBINTAKE_H

#include "db/dbschema.h"
#include "db/feed.h"

struct prq_intake {
    struct prq_ctx *ctx;
    struct prq_arena *a; /* scratch of the readers */
    struct prq_stage records;
    struct prq_buf doc;
    prq_str now, source; /* source: "kev" or "epss" where records are facts of a CVE */
    char feed_date[36];  /* newest that is not after `now` */
    uint64_t taken, skipped;
    unsigned changed, unchanged; /* files */
    char mark_path[96], mark[36]; /* how far a list of changes was read */
    char skip_reason[1024];
    bool keeps_old; /* there is a file to fall back to: one that cannot be read fails the family */
    struct prq_feed_sink sink;
    void *reader; /* of whoever puts a function of its own into the sink */
};

PRQ_MUST_USE bool prq_intake_init(struct prq_intake *in, struct prq_ctx *ctx, prq_str now,
                                  struct prq_err *err);
void prq_intake_release(struct prq_intake *in);
/* As after init. */
PRQ_MUST_USE bool prq_intake_reset(struct prq_intake *in, struct prq_err *err);
/* A document as it is: of the database before; an empty one takes the record away. */
PRQ_MUST_USE bool prq_intake_doc(struct prq_intake *in, prq_str source, prq_str id, prq_str doc,
                                 struct prq_err *err);
/* Remember the newest date of the feed. */
void prq_intake_date(struct prq_intake *in, prq_str time);
/* A whole file is unreadable: counted and passed over (true), or the end (false): when an older
 * database is there to be kept, or the failure is not about the file's bytes. */
bool prq_intake_bad_file(struct prq_intake *in, prq_str path, struct prq_err *err);

#endif
