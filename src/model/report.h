/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan hands to the report sinks. */
#ifndef PRQ_MODEL_REPORT_H
#define PRQ_MODEL_REPORT_H

#include "model/analysis.h"
#include "model/finding.h"
#include "model/ignore.h"
#include "model/vex.h"

struct prq_report {
    const struct prq_analysis *analysis;
    prq_str now; /* RFC 3339 UTC, taken once */
    prq_str tool_version;
    struct prq_finding *findings;   /* sorted: severity descending, id, package */
    size_t finding_count;
    struct prq_finding *suppressed; /* likewise */
    size_t suppressed_count;
    struct prq_gap *gaps;           /* the analysis' and the judgement's, sorted */
    size_t gap_count;
    struct prq_family *families;    /* used, by name */
    size_t family_count;
    const struct prq_vex_set *vex;       /* NULL: none were given */
    const struct prq_ignore_set *ignores; /* likewise */
    bool is_unjudged; /* a package list: no findings, and the gaps are the analysis' own */
};

#endif
