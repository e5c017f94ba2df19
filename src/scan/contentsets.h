/* SPDX-License-Identifier: Apache-2.0 */
/* Where the packages of a layer came from. Source: catalog.md 3.12, 3.13. */
#ifndef PRQ_SCAN_CONTENTSETS_H
#define PRQ_SCAN_CONTENTSETS_H

#include "scan/squash.h"

/* Fills an->layers[].content_sets of images of Red Hat: from the content manifests of each layer, also
 * of those that a later one deletes, and where there is none, or one that says "from_dnf_hint", from
 * dnf's or yum's history among `notes`, which are those that still stand. False when memory ran
 * out. */
bool prq_content_sets_settle(const struct prq_layer_facts *layers, size_t n,
                             const struct prq_note *notes, size_t note_count, struct prq_arena *a,
                             struct prq_analysis *an);

#endif
