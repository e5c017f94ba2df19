/* SPDX-License-Identifier: Apache-2.0 */
/* Why was it not reported? The questions of matching asked once more, of one package and one
 * vulnerability, with the reason of every no. */
#ifndef PRQ_MATCH_ABSENCE_H
#define PRQ_MATCH_ABSENCE_H

#include "match/core.h"
#include "model/absent.h"

struct prq_absence_opts {
    prq_str id;      /* a CVE, GHSA or other name of a vulnerability */
    prq_str package; /* name, purl, or the last part of either */
    const struct prq_package *only; /* this one, whatever its name; NULL: by name */
    bool leaves_out_dev; /* development dependencies are in the analysis, but nobody reports them */
    bool is_saved;       /* the report was read back: its packages lack what only purls keep */
    struct prq_match_opts match;
};

/* `facts` NULL: no database is at hand, then what only it knows is "undecided". `report` is judged.
 * Everything lives in `a`. */
PRQ_MUST_USE bool prq_absence_facts(struct prq_ctx *ctx, const struct prq_report *report,
                                    const struct prq_facts *facts,
                                    const struct prq_absence_opts *opts, struct prq_arena *a,
                                    struct prq_absence **out, size_t *n, struct prq_err *err);
PRQ_MUST_USE bool prq_absence_find(struct prq_ctx *ctx, const struct prq_report *report,
                                   struct prq_db *db, const struct prq_absence_opts *opts,
                                   struct prq_arena *a, struct prq_absence **out, size_t *n,
                                   struct prq_err *err);

/* ---- nearest.c */
/* Is the package meant by `asked`? 0: no; the more the surer (3: its name or purl as written; 2: the
 * name but for case; 1: the last part of the name, or its source). */
int prq_package_answers(const struct prq_package *p, prq_str asked);
/* Names in the analysis that look like `asked`, nearest first, at most five. False: no memory. */
PRQ_MUST_USE bool prq_nearest_names(const struct prq_analysis *an, prq_str asked,
                                    struct prq_arena *a, struct prq_strs *out);

#endif
