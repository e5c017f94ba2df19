/* SPDX-License-Identifier: Apache-2.0 */
/* Filling struct prq_err. Every function returns false, so a failure is one line:
 *     return prq_fail(err, PRQ_E_FORMAT, "field line without a colon");
 * `err` may be NULL: then only the false matters. */
#ifndef PRQ_BASE_ERR_H
#define PRQ_BASE_ERR_H

#include "base/cc.h"
#include "pratique/core.h"

/* errno is kept in err->sys for IO and DENIED, and its text is appended. */
bool prq_fail(struct prq_err *err, enum prq_code code, const char *fmt, ...) PRQ_PRINTF(3, 4);

/* For decoders: constant text, and the byte of the input it is about. Does not format. */
bool prq_fail_at(struct prq_err *err, enum prq_code code, uint64_t offset, const char *text);

/* Adds a frame in front: "frame: text". */
bool prq_in(struct prq_err *err, const char *fmt, ...) PRQ_PRINTF(2, 3);

/* "format", "limit", … : the word that reports use for a code. */
const char *prq_code_word(enum prq_code code);

#endif
