/* SPDX-License-Identifier: Apache-2.0 */
/* A sorting spool: (key, value) pairs are written to a temporary file as they come and handed out
 * in byte order of their keys, equal keys in the order they came. Memory: 16 bytes a pair. */
#ifndef PRQ_DB_DBSTAGE_H
#define PRQ_DB_DBSTAGE_H

#include "base/buf.h"
#include "base/err.h"

struct prq_stage {
    int fd;
    struct prq_buf pending; /* written when full */
    uint64_t written;
    struct prq_stage_entry *entries;
    size_t n, cap;
    const char *map; /* the whole spool, once sorted */
    uint64_t map_bytes;
    uint64_t given; /* bytes handed out since pages were last let go */
};

PRQ_MUST_USE bool prq_stage_init(struct prq_stage *s, struct prq_err *err);
void prq_stage_release(struct prq_stage *s);
PRQ_MUST_USE bool prq_stage_add(struct prq_stage *s, prq_str key, prq_str value,
                                struct prq_err *err);
/* After this nothing may be added. */
PRQ_MUST_USE bool prq_stage_sort(struct prq_stage *s, struct prq_err *err);
/* The i-th pair in order; views live until release. */
void prq_stage_get(struct prq_stage *s, size_t i, prq_str *key, prq_str *value);

#define PRQ_STAGE PRQ_CLEANUP(prq_stage_release) struct prq_stage

#endif
