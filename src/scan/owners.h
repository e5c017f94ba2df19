/* SPDX-License-Identifier: Apache-2.0 */
/* Which package put another one there. Source: catalog.md 7. */
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

/* Sets the owner of every language package whose evidence a package of the distribution's vendor
 * lists, and drops from an->packages what is only a part of another package: a program (type
 * "binary") that an OS package, a bitnami component or a Java installation lists, an assembly of .NET
 * that an OS package lists.
 * Call after an->packages is sorted. False when memory ran out. */
bool prq_owners_settle(const struct prq_owners *o, struct prq_analysis *an, struct prq_arena *tmp);

#endif
