/* SPDX-License-Identifier: Apache-2.0 */
/* Packages × database → findings. Pure judgement: reads the analysis, changes nothing of it.
 * Source: matching.md 5, 7. */
#ifndef PRQ_MATCH_MATCH_H
#define PRQ_MATCH_MATCH_H

#include "base/ctx.h"
#include "db/db.h"
#include "model/analysis.h"
#include "model/report.h"

struct prq_match_opts {
    bool no_default_ignores;  /* report kernel headers too (matching.md 7.1) */
    bool by_cve;
    bool go_main_pseudo;
    bool debian_temp;
    bool no_rhel_disclosures; /* rebuilds of RHEL: their own advisories only (matching.md 5.6) */
    prq_str ignore_status;    /* comma list of fix-state words */
    prq_str severity_from;    /* comma list of sources put before step 1 of the selection */
    prq_str cpe;              /* comma list of types that are matched by CPE too */
    prq_str distro;           /* "debian:11": overrides the image's own */
    prq_str now;              /* RFC 3339 */
    /* Given by the user; what became of each statement and rule is written into them. NULL: none. */
    struct prq_vex_set *vex;
    struct prq_ignore_set *ignores;
    const struct prq_gap *gaps;  /* of what the judgement goes by: joined to the report's */
    size_t gap_count;
    prq_str vex_add;          /* comma list of statuses that bring back what a rule took away */
};

/* Fills report->findings, suppressed, gaps (analysis gaps included) and families, all in `arena`,
 * sorted. The result depends on nothing but its inputs. */
PRQ_MUST_USE bool prq_match(struct prq_ctx *ctx, const struct prq_analysis *analysis,
                            struct prq_db *db, const struct prq_match_opts *opts,
                            struct prq_arena *arena, struct prq_report *report,
                            struct prq_err *err);

/* The space that a distribution's packages are looked up in: "Alpine:3.17", "Debian:11",
 * "AlmaLinux:9", "Wolfi"; empty when no feed of ours covers it. */
prq_str prq_space_of_distro(const struct prq_distro *d, struct prq_arena *a);

/* Does "debian:12" or "debian-12" name a distribution and release that there is a feed of? USAGE with
 * what may be written. */
bool prq_distro_text_check(prq_str text, struct prq_arena *a, struct prq_err *err);

#endif
