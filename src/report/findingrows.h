/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as rows of a table. */
#ifndef PRQ_REPORT_FINDINGROWS_H
#define PRQ_REPORT_FINDINGROWS_H

#include "base/arena.h"
#include "report/output.h"

/* Is the severity in the comma list? Everything is in an empty one. */
bool prq_severity_is_wanted(prq_str list, enum prq_severity s);
/* The findings of `list` (indices, sorted here for use: what has a fix first, then by severity), with
 * a heading; nothing when n is 0. False: out of memory. */
bool prq_put_finding_rows(const struct prq_report *r, const struct prq_report_style *style,
                          size_t *list, size_t n, bool with_layer, struct prq_arena *a,
                          struct prq_buf *out);

#endif
