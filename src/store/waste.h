/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that an image carries for nothing: files of a layer that a later one overwrites or deletes. */
#ifndef PRQ_STORE_WASTE_H
#define PRQ_STORE_WASTE_H

#include "base/limits.h"
#include "model/analysis.h"

/* Fills wasted_files and wasted_bytes of every layer out of the file indexes. Further names of one
 * file (hard links) have no bytes of their own; the bytes count where the first name stands. False:
 * out of memory or a broken index; then nothing is filled in. */
bool prq_waste_measure(struct prq_analysis *an, const struct prq_limits *limits);

#endif
