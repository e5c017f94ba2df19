/* SPDX-License-Identifier: Apache-2.0 */
/* Hard links of a layer that lead to hard links: each name with the one that has the content, and with
 * the member of the tar that the content stood before: the name may have another one by now. */
#ifndef PRQ_SCAN_ROOTS_H
#define PRQ_SCAN_ROOTS_H

#include "base/map.h"

struct prq_root {
    prq_str path;
    uint64_t before;
};
struct prq_roots {
    struct prq_arena *arena;
    struct prq_map names; /* to 1 + index into list; 0: no link any more */
    struct prq_root *list;
    size_t count, cap;
};
void prq_roots_init(struct prq_roots *r, struct prq_arena *arena);
/* Of what `member` names: the name with the content, as far as members so far tell; or `path` itself. */
struct prq_root prq_roots_of(const struct prq_roots *r, prq_str path, uint64_t member);
/* `path` is a link now, and its content is root's. False: no memory. */
bool prq_roots_add(struct prq_roots *r, prq_str path, struct prq_root root);
/* `path` is something else now. */
void prq_roots_remove(struct prq_roots *r, prq_str path);

#endif
