/* SPDX-License-Identifier: Apache-2.0 */
/* The advisory database to and from a registry or an archive (an OCI image layout as a tar). */
#ifndef PRQ_SCAN_SHIP_H
#define PRQ_SCAN_SHIP_H

#include "db/dbship.h"
#include "image/image.h"

PRQ_MUST_USE bool prq_ship_push(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                                const struct prq_source_opts *registry, prq_str ref,
                                struct prq_err *err);
PRQ_MUST_USE bool prq_ship_pull(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                                const struct prq_source_opts *registry, prq_str ref,
                                struct prq_err *err);
/* The archive is written beside its name and renamed. */
PRQ_MUST_USE bool prq_ship_export(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                                  const char *path, struct prq_err *err);
PRQ_MUST_USE bool prq_ship_import(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                                  const char *path, struct prq_err *err);

#endif
