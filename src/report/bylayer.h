/* SPDX-License-Identifier: Apache-2.0 */
/* The report layer by layer: whose business a finding is, and what a layer costs. */
#ifndef PRQ_REPORT_BYLAYER_H
#define PRQ_REPORT_BYLAYER_H

#include "base/arena.h"
#include "report/output.h"

/* False: out of memory. */
bool prq_put_by_layer(const struct prq_report *r, const struct prq_report_style *style,
                      struct prq_arena *a, struct prq_buf *out);
/* " debian:12 (named by a label, ends by its history)", as far as it is known. */
void prq_put_base(const struct prq_base *b, struct prq_buf *out);

#endif
