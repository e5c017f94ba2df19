/* SPDX-License-Identifier: Apache-2.0 */
/* Why something is in a report, or why it is not. */
#ifndef PRATIQUE_EXPLAIN_H
#define PRATIQUE_EXPLAIN_H

#include "pratique/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct prq_explanation_of;

/* Of a judged scan or a saved report, which must outlive the result. `id` is a CVE, GHSA or any other
 * name of a vulnerability; `package` a name or purl, NULL for all. With `is_not` (then a package is
 * named): why it is not reported. opts->db_dir is asked when it is there. With opts->leave_out_dev what
 * only development needs counts as left out. */
PRQ_API bool prq_explain(struct prq_scan *s, const struct prq_scan_opts *opts, const char *id,
                         const char *package, bool is_not, struct prq_explanation_of **out,
                         struct prq_err *err);
PRQ_API void prq_explain_free(struct prq_explanation_of *e);

/* "table" or "json" (pratique-explain/1); *text is malloc'd, *n bytes and a NUL. */
PRQ_API bool prq_explain_write(const struct prq_explanation_of *e, const char *format,
                               const struct prq_style *style, char **text, size_t *n,
                               struct prq_err *err);
/* Findings found; with is_not: is there a reason for every package of the name? */
PRQ_API bool prq_explain_is_answered(const struct prq_explanation_of *e);

#ifdef __cplusplus
}
#endif
#endif
