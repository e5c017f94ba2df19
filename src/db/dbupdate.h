/* SPDX-License-Identifier: Apache-2.0 */
/* Fetch only what changed since the family's file was made. */
#ifndef PRQ_DB_DBUPDATE_H
#define PRQ_DB_DBUPDATE_H

#include "db/dbfamily.h"

enum prq_update {
    PRQ_UPDATE_NONE,  /* nothing changed */
    PRQ_UPDATE_DELTA, /* the intake holds what changed, and then the rest of the file before:
                       * to be joined by PRQ_JOIN_FIRST */
    PRQ_UPDATE_FULL,  /* the intake holds the whole feed */
};

/* What an earlier fetch left, in `a`, in the order of the paths. */
PRQ_MUST_USE bool prq_db_validators(struct prq_sql *previous, struct prq_arena *a,
                                    struct prq_db_validator **out, size_t *n, struct prq_err *err);

/* `a` holds what the source is told to expect, until it begins anew. */
PRQ_MUST_USE bool prq_family_update(const struct prq_family_def *def, struct prq_source *from,
                                    struct prq_sql *previous, struct prq_intake *in,
                                    struct prq_arena *a, enum prq_update *how, struct prq_err *err);

#endif
