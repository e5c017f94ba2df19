/* SPDX-License-Identifier: Apache-2.0 */
/* Our report beside another scanner's of the same image: every difference with its cause. */
#ifndef PRQ_REPORT_COMPARISON_H
#define PRQ_REPORT_COMPARISON_H

#include "format/foreignreport.h"
#include "model/absent.h"
#include "model/report.h"
#include "report/output.h"

/* The causes, in the order in which they are told (docs/explain.md). */
enum prq_unlike_cause {
    PRQ_UNLIKE_PACKAGE,         /* one side does not see the package */
    PRQ_UNLIKE_VERSION,         /* the same package in another version */
    PRQ_UNLIKE_NAME,            /* the same version under another name or type */
    PRQ_UNLIKE_ADVISORY,        /* one side's data lacks the record */
    PRQ_UNLIKE_RANGE,           /* it has the record, and says: not this version */
    PRQ_UNLIKE_STATUS,          /* withdrawn, rejected or not affected on one side */
    PRQ_UNLIKE_CPE,             /* matched there by a CPE name only */
    PRQ_UNLIKE_NOT_JUDGED,      /* one side does not match such packages */
    PRQ_UNLIKE_SUPPRESSED_HERE,
    PRQ_UNLIKE_SUPPRESSED_THERE,
    PRQ_UNLIKE_FILTERED,        /* the other report leaves such findings out */
    PRQ_UNLIKE_SEVERITY,
    PRQ_UNLIKE_STATE,
    PRQ_UNLIKE_FIX,             /* other versions are said to have the fix */
    PRQ_UNLIKE_UNEXPLAINED,
    PRQ_UNLIKE_CAUSES
};
const char *prq_unlike_word(enum prq_unlike_cause cause);
const char *prq_unlike_summary(enum prq_unlike_cause cause);

enum prq_unlike_side { PRQ_ONLY_HERE, PRQ_ONLY_THERE, PRQ_BOTH };

struct prq_unlike {
    enum prq_unlike_cause cause;
    enum prq_unlike_side side;
    prq_str id;               /* of a finding; empty: it is about a package */
    prq_str type, name, version;
    prq_str here, there;      /* what differs, where both have it */
    prq_str text;             /* why */
    const char *why;          /* the cause of prq_absence, or NULL */
    size_t package;           /* ours, SIZE_MAX: we have none */
    const struct prq_finding *ours;
    const struct prq_foreign_finding *theirs;
};

struct prq_comparison {
    const struct prq_report *report;
    const struct prq_foreign *foreign;
    struct prq_unlike *v;
    size_t n;
    size_t counts[PRQ_UNLIKE_CAUSES];
    size_t packages_same, findings_same, findings_alias; /* alias: the same under another name */
    prq_str notes[8];
    size_t note_count;
    prq_str tool_version;
};

/* Why is `id` not reported of the package (an index of ours)? `out` zeroed when nobody can tell. */
typedef bool (*prq_why_absent)(void *user, prq_str id, size_t package, struct prq_absence *out,
                               struct prq_err *err);

/* Everything lives in `a`. `why` NULL: nobody to ask. */
PRQ_MUST_USE bool prq_comparison_make(const struct prq_report *r, const struct prq_foreign *f,
                                      prq_why_absent why, void *user, struct prq_arena *a,
                                      struct prq_comparison *out, struct prq_err *err);
PRQ_MUST_USE bool prq_comparison_table(const struct prq_comparison *c,
                                       const struct prq_report_style *style, struct prq_buf *out,
                                       struct prq_err *err);
PRQ_MUST_USE bool prq_comparison_json(const struct prq_comparison *c, struct prq_buf *out,
                                      struct prq_err *err);

#endif
