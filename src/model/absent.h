/* SPDX-License-Identifier: Apache-2.0 */
/* Why something was not reported: one verdict a package of the asked name. The causes are words of the
 * public contract (docs/explain.md). */
#ifndef PRQ_MODEL_ABSENT_H
#define PRQ_MODEL_ABSENT_H

#include "model/finding.h"

struct prq_absence {
    const char *cause;
    prq_str text;          /* a sentence */
    bool is_reported;      /* it was reported after all: `finding` */
    const struct prq_finding *finding; /* the one reported or suppressed; else NULL */
    const struct prq_package *package; /* NULL: there is none of that name */
    size_t place;                      /* its index, when there is one */
    struct prq_strs names; /* package-absent: the nearest names; else what the advisory is about */

    /* the record that comes closest, when there is one */
    prq_str record_id, record_source, record_digest;
    prq_str family, feed_date; /* the family asked, and the newest date in it */
    prq_str space, matched_name, compared_version;
    bool is_indirect, is_disputed;
    struct prq_strs fixed_in;
    struct prq_trace trace;
};

#endif
