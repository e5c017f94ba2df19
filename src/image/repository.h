/* SPDX-License-Identifier: Apache-2.0 */
/* A repository of a registry, to read and write manifests and blobs that are no images. Mirrors are
 * not asked: what is written must be read where it went. One thread. Source: OCI
 * distribution-spec, "Pull" and "Push". */
#ifndef PRQ_IMAGE_REPOSITORY_H
#define PRQ_IMAGE_REPOSITORY_H

#include "base/buf.h"
#include "image/image.h"

struct prq_repository;

/* `ref` is the whole name; of opts only credentials, ca_file, insecure, allow_realms and cancel
 * count. USAGE when it is no reference. */
PRQ_MUST_USE bool prq_repository_open(struct prq_ctx *ctx, const struct prq_source_opts *opts,
                                  prq_str ref, bool can_push, struct prq_repository **out,
                                  struct prq_err *err);
void prq_repository_close(struct prq_repository *r); /* NULL is fine */

/* What the tag or digest names. *found false: nothing does. Bytes named by a digest have it. */
PRQ_MUST_USE bool prq_repository_manifest(struct prq_repository *r, struct prq_buf *out, bool *found,
                                      struct prq_err *err);
/* As many bytes as said, unless it fails; whoever reads them compares the digest. One at a time,
 * and closed before anything else is asked. */
PRQ_MUST_USE bool prq_repository_blob(struct prq_repository *r, prq_str digest, uint64_t size,
                                  struct prq_stream **out, struct prq_err *err);

/* Nothing is sent when the repository has the blob. */
PRQ_MUST_USE bool prq_repository_put_blob(struct prq_repository *r, prq_str digest, prq_bytes content,
                                      bool *was_there, struct prq_err *err);
/* Under the reference's tag. */
PRQ_MUST_USE bool prq_repository_put_manifest(struct prq_repository *r, prq_str media_type, prq_bytes content,
                                          struct prq_err *err);

#endif
