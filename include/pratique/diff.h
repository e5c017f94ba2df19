/* SPDX-License-Identifier: Apache-2.0 */
/* What two scans differ in. */
#ifndef PRATIQUE_DIFF_H
#define PRATIQUE_DIFF_H

#include "pratique/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct prq_diff;

/* From `a` to `b`, which must outlive the result. Findings are compared when both are judged. */
PRQ_API bool prq_diff_new(const struct prq_scan *a, const struct prq_scan *b, struct prq_diff **out,
                          struct prq_err *err);
PRQ_API void prq_diff_free(struct prq_diff *d);

/* "table" or "json" (pratique-diff/1); *text is malloc'd, *n bytes and a NUL. */
PRQ_API bool prq_diff_write(const struct prq_diff *d, const char *format,
                            const struct prq_style *style, char **text, size_t *n,
                            struct prq_err *err);
/* Introduced findings at or above a severity word; SIZE_MAX for a word that is none. */
PRQ_API size_t prq_diff_introduced(const struct prq_diff *d, const char *severity);

#ifdef __cplusplus
}
#endif
#endif
