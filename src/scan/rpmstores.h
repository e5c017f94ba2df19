/* SPDX-License-Identifier: Apache-2.0 */
/* Several rpm databases in one root. rpm reads one of them; what an older format left behind after a
 * migration still lists versions that are long gone. So sqlite speaks before ndb, ndb before
 * Berkeley DB: where a better store lists a package, its versions count, and what only an older one
 * lists is added (catalog.md 3.3.1). */
#ifndef PRQ_SCAN_RPMSTORES_H
#define PRQ_SCAN_RPMSTORES_H

#include "base/map.h"
#include "model/package.h"

struct prq_rpm_stores {
    struct prq_arena *arena;
    struct prq_map roots;  /* to the best rank that holds data */
    struct prq_map listed; /* what the best stores list */
    bool is_mixed;         /* a root has stores of two ranks */
    uint64_t passed_over;  /* set by prq_rpm_stores_is_old */
    prq_str old_path;      /* the first store that was */
};

void prq_rpm_stores_init(struct prq_rpm_stores *s, struct prq_arena *arena);

/* Twice over all packages that stand, first with `note`, then with `list`. `key`: what makes it
 * one package; it must live as long as the arena. False when memory ran out. */
bool prq_rpm_stores_note(struct prq_rpm_stores *s, const struct prq_package *p);
bool prq_rpm_stores_list(struct prq_rpm_stores *s, const struct prq_package *p, prq_str key);

/* A better store of the same root lists this name and architecture, but not this version. */
bool prq_rpm_stores_is_old(struct prq_rpm_stores *s, const struct prq_package *p, prq_str key);

/* 3 sqlite, 2 ndb, 1 Berkeley DB; 0: no rpm database. */
unsigned prq_rpm_store_rank(prq_str path);

#endif
