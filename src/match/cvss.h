/* SPDX-License-Identifier: Apache-2.0 */
/* CVSS vectors to scores. Source: FIRST, "CVSS v2 complete guide", "CVSS v3.0/v3.1/v4.0
 * specification document". */
#ifndef PRQ_MATCH_CVSS_H
#define PRQ_MATCH_CVSS_H

#include "base/err.h"
#include "model/advisory.h"

struct prq_cvss {
    unsigned major, minor; /* 2.0, 3.0, 3.1, 4.0 */
    unsigned tenths;       /* the score: 0 … 100 for 0.0 … 10.0 */
};

/* v2 and v3: the base score, whatever temporal and environmental metrics stand beside it; v4: the
 * score of the whole vector, as FIRST's calculator gives it. Metrics come in any order, none twice.
 * FORMAT for what is not a vector. */
PRQ_MUST_USE bool prq_cvss_score(prq_str vector, struct prq_cvss *out, struct prq_err *err);

/* The word for a score (matching.md 4): 0.0 is negligible from v3 on; v2 knows no critical. */
enum prq_severity prq_cvss_severity(const struct prq_cvss *score);

/* ---- between cvss.c and cvss4.c */

/* A metric: its values one character each, in the order that `value` counts; a place that nothing
 * may name is '?'. */
struct prq_cvss_metric {
    char name[4];
    const char *values;
    bool is_mandatory;
};
#define PRQ_CVSS_METRICS 32
#define PRQ_CVSS_NONE 0xff /* not given, or X */

extern const struct prq_cvss_metric prq_cvss4_metrics[PRQ_CVSS_METRICS];
unsigned prq_cvss4_tenths(const uint8_t value[PRQ_CVSS_METRICS]);

#endif
