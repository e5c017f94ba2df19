/* SPDX-License-Identifier: Apache-2.0 */
/* Which OS package put a language package there. Source: catalog.md 7. */
#ifndef PRQ_SCAN_OWNERS_H
#define PRQ_SCAN_OWNERS_H

#include "model/analysis.h"
#include "scan/squash.h"

struct prq_owners {
    const struct prq_layer_facts *layers;
    size_t n;
    /* Does the file at `path` of this layer still stand in the image? */
    bool (*holds)(const void *user, prq_str path, uint32_t layer);
    const void *user;
    bool *was_cut; /* set when limits->owned_bytes ended the work before it was done */
};

/* Sets owner of every package whose evidence an OS package of the distribution's vendor lists.
 * Call after an->packages is sorted. False when memory ran out. */
bool prq_owners_settle(const struct prq_owners *o, struct prq_analysis *an, struct prq_arena *tmp);

#endif
