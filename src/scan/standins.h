/* SPDX-License-Identifier: Apache-2.0 */
/* Files that say less about the same packages than another one beside them: they count where that one
 * lists nothing. */
#ifndef PRQ_SCAN_STANDINS_H
#define PRQ_SCAN_STANDINS_H

#include "base/map.h"
#include "model/package.h"

struct prq_standins {
    struct prq_arena *arena;
    struct prq_map dirs; /* of the better files */
    bool has_standin;    /* a package of a lesser one was seen */
};

void prq_standins_init(struct prq_standins *s, struct prq_arena *arena);
/* For every package that stands. False: memory ran out. */
bool prq_standins_note(struct prq_standins *s, const struct prq_package *p);
/* The better file speaks for it. */
bool prq_standins_is_one(const struct prq_standins *s, const struct prq_package *p);

#endif
