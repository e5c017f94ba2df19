/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRQ_DB_NVDCONF_H
#define PRQ_DB_NVDCONF_H

#include "db/feed.h"
#include "format/json.h"

/* Consumes the value of "configurations": r->affected gets a row for each product, r->configurations
 * those of which one criterion is not enough. What makes no sense is told to sink->skip. */
void prq_nvd_read_configurations(struct prq_json *j, struct prq_arena *a, struct prq_record *r,
                                 const struct prq_feed_sink *sink);

#endif
