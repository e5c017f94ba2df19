/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a byte's way: file, memory, limit, digest check, decompression by magic.
 * What returns a stream returns NULL when there is no memory; then it has closed `below`, and a
 * NULL `below` gives NULL again (or NOMEM), so a chain is checked once, at its end. */
#ifndef PRQ_IO_SOURCE_H
#define PRQ_IO_SOURCE_H

#include "base/ctx.h"
#include "base/stream.h"

/* pread from [offset, offset+length) of fd; UINT64_MAX: to the end. Does not own fd. */
struct prq_stream *prq_fd_stream(int fd, uint64_t offset, uint64_t length);
/* read() from a pipe or socket. Owns fd. */
struct prq_stream *prq_pipe_stream(int fd);
/* Bytes that outlive the stream. */
struct prq_stream *prq_mem_stream(prq_bytes b);

/* Fails with LIMIT when more than max bytes come; `what` names the limit. Owns below. */
struct prq_stream *prq_limit_stream(struct prq_stream *below, uint64_t max, const char *what);
/* Fails with FORMAT at the end when size (if not UINT64_MAX) or digest differ. Owns below. */
PRQ_MUST_USE bool prq_check_stream(struct prq_stream *below, prq_str digest, uint64_t size,
                                   struct prq_stream **out, struct prq_err *err);
/* What the first bytes (10 are enough) say. */
enum prq_packing {
    PRQ_PACKED_NOT,
    PRQ_PACKED_GZIP,
    PRQ_PACKED_ZSTD,
    PRQ_PACKED_XZ,
    PRQ_PACKED_BZIP2
};
enum prq_packing prq_packing_of(prq_bytes head);
/* Fails with LIMIT when what passes is over limits->ratio_after bytes and over limits->ratio times
 * *below_bytes, which the packed side counts (in steps of its buffer, so a bomb is found a little
 * late and an honest stream never). Owns below. */
struct prq_stream *prq_ratio_stream(struct prq_stream *below, const uint64_t *below_bytes,
                                    const struct prq_limits *limits);
/* Looks at the first bytes and puts gunzip, zstd, xz or bzip2 with the ratio limit on
 * top, or nothing. Owns below. */
PRQ_MUST_USE bool prq_decompress_stream(struct prq_stream *below, const struct prq_limits *limits,
                                        struct prq_stream **out, struct prq_err *err);
/* The same; *trailing gets the number of bytes behind the gzip data, known once the end is read. */
PRQ_MUST_USE bool prq_decompress_counting(struct prq_stream *below, const struct prq_limits *limits,
                                          uint64_t *trailing, struct prq_stream **out,
                                          struct prq_err *err);
/* Everything, up to out->max (more: LIMIT). Does not close. */
struct prq_buf;
PRQ_MUST_USE bool prq_stream_read_all(struct prq_stream *s, struct prq_buf *out,
                                      struct prq_err *err);

/* An unlinked temporary file holding all of `s`; *size gets its length. Does not close s. */
PRQ_MUST_USE bool prq_spool(struct prq_stream *s, uint64_t max, int *fd, uint64_t *size,
                            struct prq_err *err);
/* An empty unlinked temporary file. */
PRQ_MUST_USE bool prq_spool_new(int *fd, struct prq_err *err);
/* A small file by path, up to out->max bytes (more: LIMIT). */
PRQ_MUST_USE bool prq_read_file(const char *path, struct prq_buf *out, struct prq_err *err);

#endif
