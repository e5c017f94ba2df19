/* SPDX-License-Identifier: Apache-2.0 */
/* A source of bytes. Sources stack: each stage owns the one below it and closes it. */
#ifndef PRQ_BASE_STREAM_H
#define PRQ_BASE_STREAM_H

#include "base/err.h"

struct prq_stream;

struct prq_stream_ops {
    /* Up to `cap` (> 0) bytes into `buf`; *got == 0 means the end. False: broken, and stays so. */
    bool (*read)(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err);
    void (*close)(struct prq_stream *s); /* frees `s` and all below it */
};

/* Stages embed this first. */
struct prq_stream {
    const struct prq_stream_ops *ops;
};

PRQ_MUST_USE static inline bool prq_stream_read(struct prq_stream *s, void *buf, size_t cap,
                                                size_t *got, struct prq_err *err)
{
    return s->ops->read(s, buf, cap, got, err);
}

static inline void prq_stream_close(struct prq_stream *s)
{
    if (s)
        s->ops->close(s);
}

static inline void prq_stream_drop(struct prq_stream **s)
{
    prq_stream_close(*s);
}
#define PRQ_STREAM PRQ_CLEANUP(prq_stream_drop) struct prq_stream *

/* Three outcomes of an iterator, so that "done" is never confused with "broken". */
enum prq_next { PRQ_NEXT_ITEM, PRQ_NEXT_END, PRQ_NEXT_FAIL };

#endif
