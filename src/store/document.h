/* SPDX-License-Identifier: Apache-2.0 */
/* The analysis as a document, schema "pratique-analysis/1" (docs/analysis.md, policy.md 13.1): a
 * header line of JSON, then one zstd frame per section; or all of it as one JSON document. Both
 * forms are read. Sections: files, gaps, image (config, history, layers), packages. */
#ifndef PRQ_STORE_DOCUMENT_H
#define PRQ_STORE_DOCUMENT_H

#include "base/buf.h"
#include "base/ctx.h"
#include "model/analysis.h"

/* Deterministic: same analysis, same bytes. */
PRQ_MUST_USE bool prq_document_write(const struct prq_analysis *an, bool as_json,
                                     struct prq_buf *out, struct prq_err *err);
/* The digest that a document of this analysis has, when written by that version. */
PRQ_MUST_USE bool prq_document_digest(const struct prq_analysis *an, prq_str version,
                                      prq_str *digest, struct prq_arena *a, struct prq_err *err);
/* Everything in *an lives in `a`. The document is from outside: bounded, checked; FORMAT when it does
 * not have the digest that it says. */
PRQ_MUST_USE bool prq_document_read(prq_bytes bytes, const struct prq_limits *limits,
                                    struct prq_arena *a, struct prq_analysis *an,
                                    struct prq_err *err);
/* The same of one whose digest says nothing: made by a worker of ours, or by a test. */
PRQ_MUST_USE bool prq_document_parse(prq_bytes bytes, const struct prq_limits *limits,
                                     struct prq_arena *a, struct prq_analysis *an,
                                     struct prq_err *err);
/* The whole of a file, or of standard input ("-"), kept in `a`. */
PRQ_MUST_USE bool prq_document_bytes(prq_str path, struct prq_arena *a, prq_str *out,
                                     struct prq_err *err);
/* From a file, or "-" for standard input. */
PRQ_MUST_USE bool prq_document_open(struct prq_ctx *ctx, prq_str path, struct prq_arena *a,
                                    struct prq_analysis *an, struct prq_err *err);

/* By its first bytes: as JSON it begins with its own digest, as frames with its schema. */
bool prq_document_is(prq_str head);

#endif
