/* SPDX-License-Identifier: Apache-2.0 */
/* Hard links of a layer that lead to hard links: each name with the one that has the content. */
#ifndef PRQ_SCAN_ROOTS_H
#define PRQ_SCAN_ROOTS_H

#include "base/map.h"

struct prq_roots {
    struct prq_arena *arena;
    struct prq_map names; /* to 1 + index into list; 0: no link any more */
    prq_str *list;
    size_t count, cap;
};
void prq_roots_init(struct prq_roots *r, struct prq_arena *arena);
/* Of a link's target: the name with the content, as far as members so far tell; or `path` itself. */
prq_str prq_roots_of(const struct prq_roots *r, prq_str path);
/* `path` is a link now, and its content is root's. False: no memory. */
bool prq_roots_add(struct prq_roots *r, prq_str path, prq_str root);
/* `path` is something else now. */
void prq_roots_remove(struct prq_roots *r, prq_str path);

#endif
