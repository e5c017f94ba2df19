/* SPDX-License-Identifier: Apache-2.0 */
/* Files with ignore rules: our own (docs/ignore.md), Trivy's two, Grype's. */
#ifndef PRQ_FORMAT_IGNOREFILE_H
#define PRQ_FORMAT_IGNOREFILE_H

#include "base/err.h"
#include "base/limits.h"
#include "model/ignore.h"

/* Appends the rules of one file. `name` is what they are known by; one that ends in ".yaml" or ".yml"
 * is YAML, anything else a list of identifiers. Everything appended lives in `a`; strings may be views
 * into `text`. FORMAT, LIMIT for what cannot be read; USAGE for a rule of our own form that is wrong.
 * What cannot be honoured of foreign files is a warning in the set. */
PRQ_MUST_USE bool prq_ignore_read(prq_str name, prq_str text, const struct prq_limits *limits,
                                  struct prq_arena *a, struct prq_ignore_set *set,
                                  struct prq_err *err);

#endif
