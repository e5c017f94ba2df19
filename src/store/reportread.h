/* SPDX-License-Identifier: Apache-2.0 */
/* A saved report, schema "pratique-report/1" (docs/report.md), read back to be compared with another:
 * the image, its layers, packages and findings. What a report does not hold (the configuration, the
 * file index) stays empty. */
#ifndef PRQ_STORE_REPORTREAD_H
#define PRQ_STORE_REPORTREAD_H

#include "base/ctx.h"
#include "model/report.h"

/* Everything lives in `a` and in `bytes`; out->analysis is `an`. The bytes are from outside. */
PRQ_MUST_USE bool prq_report_read(prq_bytes bytes, const struct prq_limits *limits,
                                  struct prq_arena *a, struct prq_analysis *an,
                                  struct prq_report *out, struct prq_err *err);
/* From a file, or "-" for standard input. */
PRQ_MUST_USE bool prq_report_open(struct prq_ctx *ctx, prq_str path, struct prq_arena *a,
                                  struct prq_analysis *an, struct prq_report *out,
                                  struct prq_err *err);

#endif
