/* SPDX-License-Identifier: Apache-2.0 */
/* Which blob a layer is, for the cache. */
#ifndef PRQ_SCAN_BLOBNAME_H
#define PRQ_SCAN_BLOBNAME_H

#include "base/ctx.h"
#include "image/image.h"

/* The digest that the image promises. Without one (docker save) that of the blob as it lies there, if it
 * is packed; one that is not has its diff id for a name. Empty: not to be had, nothing is cached. */
prq_str prq_blob_name(struct prq_ctx *ctx, struct prq_image *im, size_t layer, struct prq_arena *a);

#endif
