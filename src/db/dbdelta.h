/* SPDX-License-Identifier: Apache-2.0 */
/* What leads from one version of a family to another: records and days that are new, changed or gone.
 * docs/database.md has the format. Source: matching.md 2.2. */
#ifndef PRQ_DB_DBDELTA_H
#define PRQ_DB_DBDELTA_H

#include "base/buf.h"
#include "db/dbsource.h"
#include "db/dbstate.h"

/* Unpacked; a larger one is not made: then the family travels whole. */
#define PRQ_DELTA_MAX PRQ_MIB(256)

struct prq_delta_record {
    prq_str source, id, doc; /* doc empty: the record is gone */
};

enum { PRQ_DAY_PARTS = 5 };
struct prq_delta_day {
    prq_str part[PRQ_DAY_PARTS]; /* source, id, space, name, fix */
    prq_str day;                 /* empty: gone */
};

struct prq_delta {
    uint64_t schema;
    prq_str from, from_observed, to, to_observed;
    struct prq_db_state about; /* of the file it leads to; digest and observed are `to`'s */
    struct prq_delta_record *records;
    size_t record_count;
    struct prq_delta_day *days;
    size_t day_count;
    struct prq_db_validator *validators; /* all of them */
    size_t validator_count;
};

/* Pure. Views into `bytes`; arrays in `a`. FORMAT also where keys are not ascending. */
PRQ_MUST_USE bool prq_delta_parse(prq_bytes bytes, struct prq_arena *a, struct prq_delta *out,
                                  struct prq_err *err);
PRQ_MUST_USE bool prq_delta_write(const struct prq_delta *d, struct prq_buf *out);

/* Between two files of a family. LIMIT when it would be larger than out->max. */
PRQ_MUST_USE bool prq_delta_make(struct prq_sql *from, struct prq_sql *to, struct prq_arena *a,
                                 struct prq_buf *out, struct prq_err *err);

/* Writes the file that the deltas lead to, the newest first, each to where the one before it begins;
 * the last begins at `from`. FORMAT when the outcome is another than they name. */
PRQ_MUST_USE bool prq_delta_apply(struct prq_sql *from, const struct prq_delta *deltas, size_t n,
                                  const char *path, struct prq_arena *a, struct prq_err *err);

#endif
