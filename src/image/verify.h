/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes held against what was said of them. Source: security-model.md 2.3. */
#ifndef PRQ_IMAGE_VERIFY_H
#define PRQ_IMAGE_VERIFY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Size (UINT64_MAX: not said) and digest (strict grammar). */
PRQ_MUST_USE bool prq_verify(prq_str bytes, prq_str digest, uint64_t size, struct prq_err *err);
/* "sha256:…" of the bytes. */
PRQ_MUST_USE bool prq_digest_of(prq_str bytes, struct prq_arena *a, prq_str *out,
                                struct prq_err *err);

/* Standard alphabet; padding may be missing; nothing else may be there. Into `out`, appended. */
bool prq_base64_decode(prq_str text, struct prq_buf *out);
bool prq_base64_encode(prq_bytes in, struct prq_buf *out);

#endif
