/* SPDX-License-Identifier: Apache-2.0 */
/* What Composer's files have in common: the description of a package.
 * Source: getcomposer.org, "The composer.json schema", and Composer's ArrayDumper. */
#ifndef PRQ_ANALYZE_COMPOSERJSON_H
#define PRQ_ANALYZE_COMPOSERJSON_H

#include "analyze/analyze.h"
#include "format/json.h"

struct prq_composer {
    struct prq_arena *arena;
    struct prq_package *packages;
    size_t count, cap;
    size_t strange; /* entries that are no package */
};

/* The entries of the list that comes next, with `flags`. False: memory ran out; *j tells of what is
 * broken. A value that is no list is skipped, *is_list says so. */
bool prq_composer_read(struct prq_composer *c, struct prq_json *j, uint32_t flags, bool *is_list,
                       struct prq_err *err);
bool prq_composer_put(const struct prq_composer *c, struct prq_sink *sink, struct prq_err *err);

#endif
