/* SPDX-License-Identifier: Apache-2.0 */
/* Tar headers for a tree that is read as a layer. What a ustar header cannot hold goes into a pax
 * header before it. Source: POSIX.1-2017 pax. */
#ifndef PRQ_IMAGE_TARWRITE_H
#define PRQ_IMAGE_TARWRITE_H

#include "base/buf.h"
#include "model/file.h"

/* The real size of a file whose contents are not sent (the member's own size is 0): as the pax
 * keyword PRATIQUE.size, and as the extended attribute user.pratique.size for readers that see no
 * unknown keywords. Believe it only in a tree that this program made. */
#define PRQ_TAR_SIZE_XATTR "user.pratique.size"

/* Appends the headers of `f`; its contents (f->size bytes of a regular file) and prq_tar_pad follow.
 * `real_size`: NULL when the contents are sent. False when the buffer is full. */
bool prq_tar_header(struct prq_buf *out, const struct prq_file *f, const uint64_t *real_size);
/* How many zeros fill the last block. */
static inline size_t prq_tar_pad(uint64_t size)
{
    return (512 - (size_t)(size % 512)) % 512;
}
/* Two empty blocks. */
bool prq_tar_end(struct prq_buf *out);

#endif
