/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of vendors' feeds make rows with. */
#ifndef PRQ_DB_FEEDROW_H
#define PRQ_DB_FEEDROW_H

#include "db/feed.h"

/* One range from `introduced` ("0": from the first) to `bound`, which is a fix, the last affected
 * version, or nothing (n == 0: unfixed). Sets state and fixed. False when memory ran out. */
PRQ_MUST_USE bool prq_feed_range(struct prq_affected *row, prq_str introduced,
                                 enum prq_event_kind kind, prq_str bound, struct prq_arena *a);
/* A list of one; empty for an empty text. False when memory ran out. */
PRQ_MUST_USE bool prq_feed_one(prq_str text, struct prq_strs *out, struct prq_arena *a);
/* One rating; none for an empty value. False when memory ran out. */
PRQ_MUST_USE bool prq_feed_rating(prq_str source, const char *scheme, prq_str value,
                                  struct prq_rating **out, size_t *n, struct prq_arena *a);
/* "2018-01-16", with "T…Z" or " 01:28" behind it → RFC 3339; anything else → empty. */
prq_str prq_feed_day(prq_str text, struct prq_arena *a);
/* Rows by space, name and the rest; equal ones but for their architectures become one, and of a
 * package that is affected at all no row says that it is not. */
PRQ_MUST_USE bool prq_feed_rows_merge(struct prq_affected *rows, size_t *n, struct prq_arena *a);

#endif
