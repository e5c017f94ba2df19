/* SPDX-License-Identifier: Apache-2.0 */
/* Our report beside another scanner's. */
#ifndef PRATIQUE_COMPARE_H
#define PRATIQUE_COMPARE_H

#include "pratique/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct prq_compared;

/* A report of Trivy or Grype (JSON), from a file or "-". */
PRQ_API bool prq_compare_open(const char *file, struct prq_compared **out, struct prq_err *err);
/* The image that it is about, as its scanner was told; "" when it does not say. */
PRQ_API const char *prq_compare_image(const struct prq_compared *c);
/* With a judged scan or a saved report, which must outlive the result. opts->db_dir is asked why
 * something is not reported, when it is there. */
PRQ_API bool prq_compare_with(struct prq_compared *c, struct prq_scan *s,
                              const struct prq_scan_opts *opts, struct prq_err *err);
PRQ_API void prq_compare_free(struct prq_compared *c);

/* "table" or "json" (pratique-compare/1); *text is malloc'd, *n bytes and a NUL. */
PRQ_API bool prq_compare_write(const struct prq_compared *c, const char *format,
                               const struct prq_style *style, char **text, size_t *n,
                               struct prq_err *err);
PRQ_API size_t prq_compare_differences(const struct prq_compared *c);

#ifdef __cplusplus
}
#endif
#endif
