/* SPDX-License-Identifier: Apache-2.0 */
/* The time of a report, and the age of the data it is judged by. */
#ifndef PRQ_SCAN_NOW_H
#define PRQ_SCAN_NOW_H

#include "base/log.h"
#include "base/when.h"
#include "db/db.h"

/* `given`, else SOURCE_DATE_EPOCH, else the clock; as RFC 3339 in UTC ("2026-01-31T12:00:00Z").
 * USAGE for one that cannot be read. */
PRQ_MUST_USE bool prq_now(const char *given, struct prq_arena *a, prq_str *out, struct prq_err *err);

/* A date (its last second) or time in the same form; empty for empty. USAGE for one that cannot be
 * read. */
PRQ_MUST_USE bool prq_as_of(const char *given, struct prq_arena *a, prq_str *out,
                            struct prq_err *err);

/* DATA when the database is older than max_s (0: no limit); a warning after 5 days. */
PRQ_MUST_USE bool prq_check_data_age(struct prq_db *db, prq_str now, uint64_t max_s,
                                     const struct prq_log *log, struct prq_err *err);

#endif
