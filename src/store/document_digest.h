/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of an analysis (docs/analysis.md): SHA-256 of its canonical JSON, which is the document
 * without the member "digest", members in byte order, no white space. It is one digest for both
 * forms, so it can be made from the sections, one after the other. */
#ifndef PRQ_STORE_DOCUMENT_DIGEST_H
#define PRQ_STORE_DOCUMENT_DIGEST_H

#include "base/buf.h"
#include "lib/lib.h"

enum { PRQ_DOCUMENT_DIGEST = 7 + 64 }; /* "sha256:" and hex digits */

struct prq_document_sum {
    struct prq_digest *digest;
    size_t sections;
};
PRQ_MUST_USE bool prq_document_sum_begin(struct prq_document_sum *s, struct prq_err *err);
/* In byte order of the names. */
void prq_document_sum_section(struct prq_document_sum *s, prq_str name, prq_str plain);
void prq_document_sum_end(struct prq_document_sum *s, prq_str schema, prq_str version,
                          char text[PRQ_DOCUMENT_DIGEST]);
void prq_document_sum_release(struct prq_document_sum *s);

/* Of a whole document that begins with its digest, as prq_document_write makes it: the digest that
 * it says and the one that it has. False: it begins otherwise. */
bool prq_document_sum_whole(prq_str json, prq_str *said, char text[PRQ_DOCUMENT_DIGEST]);
/* Writes the one that it has over the one that it says. */
bool prq_document_sum_set(struct prq_buf *json, size_t from);

#endif
