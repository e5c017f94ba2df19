/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the handles of the public face, and what their writers share. */
#ifndef PRQ_API_HANDLES_H
#define PRQ_API_HANDLES_H

#include "base/arena.h"
#include "base/buf.h"
#include "db/db.h"
#include "model/report.h"
#include "pratique/scan.h"
#include "report/explanation.h"
#include "report/output.h"
#include "scan/decisions.h"

struct prq_scan {
    struct prq_arena *arena, *scratch;
    struct prq_analysis analysis;
    struct prq_report report;
    struct prq_db *db; /* the report's family names are views into it */
    prq_str target; /* as it was given */
    struct prq_decisions decisions; /* of the last judgement */
    bool is_judged;
    bool is_report; /* read back from a saved one */
    bool is_complete; /* what follows from an analysis was listed with it */
};

struct prq_report_style prq_style_of(const struct prq_style *given);
/* The document of an SBOM is a sink as well, though not one of the report room. */
extern const struct prq_report_sink prq_document_sink;
/* The database at hand for a report that was read back, and where it is not the one of the report. */
PRQ_MUST_USE bool prq_explain_database(struct prq_scan *s, const char *dir, struct prq_err *err);
PRQ_MUST_USE bool prq_explain_changes(struct prq_db *db, const struct prq_report *r,
                                      struct prq_arena *a, struct prq_family_change **out, size_t *n,
                                      struct prq_err *err);
const struct prq_report_sink *prq_sink_named(const char *format); /* NULL: none */
/* The buffer becomes the caller's, with a NUL after it; released when not `ok`. */
bool prq_hand_over(struct prq_buf *b, bool ok, char **text, size_t *n, struct prq_err *err);

#endif
