/* SPDX-License-Identifier: Apache-2.0 */
/* The proof of a finding, or of its absence, from the bytes of the image to the verdict. */
#ifndef PRQ_REPORT_EXPLANATION_H
#define PRQ_REPORT_EXPLANATION_H

#include "model/absent.h"
#include "model/report.h"
#include "report/output.h"

/* What of the database at hand is not what the report was made with. */
struct prq_family_change {
    prq_str name, was, is; /* digests; `is` empty: the family is not there */
};

struct prq_explanation {
    const struct prq_report *report;
    prq_str id, package;                   /* as asked; package may be empty */
    bool is_not;                           /* absences; else findings */
    const struct prq_finding **findings;   /* live ones first, then suppressed ones */
    prq_str *digests;                      /* of their records in the database at hand; empty: none */
    size_t finding_count;
    struct prq_absence *absences;
    size_t absence_count;
    bool is_saved;                         /* the report was read back */
    bool has_database;
    struct prq_family_change *changes;
    size_t change_count;
    prq_str tool_version;
};

PRQ_MUST_USE bool prq_explanation_table(const struct prq_explanation *e,
                                        const struct prq_report_style *style, struct prq_buf *out,
                                        struct prq_err *err);
PRQ_MUST_USE bool prq_explanation_json(const struct prq_explanation *e, struct prq_buf *out,
                                       struct prq_err *err);

/* ---- verdictchange.c: what would have made it another verdict, a sentence each */
struct prq_way {
    const char *kind; /* version, state, rule, feed, rating, exclusion, ownership, record */
    prq_str text;
};
enum { PRQ_WAYS_MAX = 16 };
size_t prq_ways_of(const struct prq_report *r, const struct prq_finding *f, struct prq_arena *a,
                   struct prq_way *out);
/* Of the family in the report; NULL when it is not there. */
const struct prq_family *prq_family_of(const struct prq_report *r, prq_str name);
const char *prq_severity_rule_text(prq_str rule);
/* "< fixed 1.2.4": what a version stands to, in words. */
prq_str prq_step_text(const struct prq_step *s, prq_str version, struct prq_arena *a);

#endif
