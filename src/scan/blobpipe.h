/* SPDX-License-Identifier: Apache-2.0 */
/* A blob on its way to a worker: read once by the coordinator, hashed, and written into a pipe. So
 * the bytes that were hashed are the bytes that were parsed, whoever may write to the file, and a
 * worker cannot lie about the digest of what it was given. */
#ifndef PRQ_SCAN_BLOBPIPE_H
#define PRQ_SCAN_BLOBPIPE_H

#include <pthread.h>
#include <stdatomic.h>

#include "image/image.h"
#include "lib/lib.h"

struct prq_blobpipe {
    struct prq_stream *stream;
    bool owns_stream;
    int fd;                    /* the pipe's end to write to */
    uint64_t max;
    bool is_again;             /* set it before the start: see prq_blobpipe_differ */
    struct prq_digest *digest; /* NULL: nobody knows what it should be */
    atomic_bool stop;
    bool is_open, is_running;
    pthread_t thread;
    /* once it has ended */
    bool at_end, failed;       /* neither: it was stopped */
    struct prq_err err;
    uint64_t bytes;
    uint8_t sum[64];
    struct prq_buf marks;      /* the digests up to each PRQ_MARK_EVERY bytes, 64 bytes for each */
};

enum { PRQ_MARK_EVERY = 8 << 20 };

/* Makes the pipe; *read_end is the caller's. `blob` must last until prq_blobpipe_close. The digest is
 * of the algorithm of blob->digest, or else of blob->diff_id. */
PRQ_MUST_USE bool prq_blobpipe_open(struct prq_blobpipe *f, const struct prq_blob *blob,
                                    uint64_t max, int *read_end, struct prq_err *err);
/* From here on bytes flow. They are read to the end even when nobody takes them any more, so that
 * their digest is known; again, only to the next mark. */
PRQ_MUST_USE bool prq_blobpipe_start(struct prq_blobpipe *f, struct prq_err *err);
/* Both have ended: what was taken the second time is not what the first time began with. Nothing is
 * said of one that was stopped. */
bool prq_blobpipe_differ(const struct prq_blobpipe *first, const struct prq_blobpipe *again);
/* Waits for the end, or stops it. A zeroed one is fine. */
void prq_blobpipe_close(struct prq_blobpipe *f, bool stop);
/* After the close, when nobody asks any more. */
void prq_blobpipe_release(struct prq_blobpipe *f);

#endif
