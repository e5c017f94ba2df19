/* SPDX-License-Identifier: Apache-2.0 */
/* One small file out of a tar archive in memory: the first of that base name. */
#ifndef PRQ_FORMAT_TARFILE_H
#define PRQ_FORMAT_TARFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* Appended to out (up to out->max: LIMIT). FORMAT when it is not among the first thousand members. */
PRQ_MUST_USE bool prq_tarfile_read(prq_bytes tar, prq_str file, const struct prq_limits *limits,
                                   struct prq_buf *out, struct prq_err *err);
/* The same of an archive whose name tells how it is compressed: .gz, .xz, .zst. */
PRQ_MUST_USE bool prq_tarfile_read_as(prq_str name, prq_bytes archive, prq_str file,
                                      const struct prq_limits *limits, struct prq_buf *out,
                                      struct prq_err *err);

#endif
