/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that every feed reader takes over JSON: lists into arenas, members that may have any type.
 */
#ifndef PRQ_DB_JSONUTIL_H
#define PRQ_DB_JSONUTIL_H

#include "format/json.h"
#include "model/package.h"

/* Memory ran out in the caller: the reader stops and prq_json_end tells. Returns false. */
bool prq_json_no_memory(struct prq_json *j);

/* Enter a container; anything else is consumed and answered with false. */
bool prq_json_object_or_skip(struct prq_json *j);
bool prq_json_array_or_skip(struct prq_json *j);

/* Append to a list in `a`; *cap starts at 0. */
bool prq_db_strs_add(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a);

/* Consume any value; the non-empty strings of an array are put into *out. */
void prq_db_json_strs(struct prq_json *j, struct prq_arena *a, struct prq_strs *out);

/* Sort by bytes and drop repetitions, in place. */
void prq_db_strs_sort(struct prq_strs *list);
bool prq_db_strs_has(const struct prq_strs *list, prq_str s);

#endif
