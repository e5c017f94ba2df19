/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by sbomfields.c and sbomimage.c: one pair under our own namespace. */
#ifndef PRQ_MODEL_SBOMGIVE_H
#define PRQ_MODEL_SBOMGIVE_H

#include "model/sbomfields.h"

struct prq_giver {
    const struct prq_field_sink *sink;
    struct prq_arena *tmp;
    bool failed; /* memory ran out */
};
/* Name without the prefix; p == NULL: memory ran out while it was made. */
void prq_give(struct prq_giver *g, prq_str name, prq_str value);

/* Our name without its prefix, and the value as it was: false when the pair is none of ours, and
 * when memory ran out; *ok tells them apart. */
bool prq_field_take(prq_str *name, prq_str *value, struct prq_arena *a, bool *ok);

#endif
