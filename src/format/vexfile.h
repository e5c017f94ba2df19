/* SPDX-License-Identifier: Apache-2.0 */
/* VEX documents: OpenVEX (plain, or as the predicate of an in-toto statement, also inside a DSSE
 * envelope), CSAF, CycloneDX. Bytes to structs; what is said is judged by match/vex.c. */
#ifndef PRQ_FORMAT_VEXFILE_H
#define PRQ_FORMAT_VEXFILE_H

#include "base/err.h"
#include "base/limits.h"
#include "model/vex.h"

/* *out and all in it live in `a`; strings may be views into `text`. UNSUPPORTED when it is JSON but
 * none of these; FORMAT, LIMIT. A statement that is malformed is kept, with its flaw. */
PRQ_MUST_USE bool prq_vex_read(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                               struct prq_vex_doc *out, struct prq_err *err);

#endif
