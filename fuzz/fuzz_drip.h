/* SPDX-License-Identifier: Apache-2.0 */
/* The input as a stream that comes in pieces of `step`, and a reader that stops at a ceiling. */
#ifndef PRQ_FUZZ_FUZZ_DRIP_H
#define PRQ_FUZZ_FUZZ_DRIP_H

#include "base/buf.h"
#include "base/stream.h"
#include "fuzz.h"

struct fuzz_drip {
    struct prq_stream base;
    prq_bytes rest;
    size_t step;
};

static inline bool fuzz_drip_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                                  struct prq_err *err)
{
    (void)err;
    struct fuzz_drip *d = (struct fuzz_drip *)s;
    *got = prq_min_size(prq_min_size(cap, d->step), d->rest.n);
    if (*got)
        memcpy(buf, d->rest.p, *got);
    d->rest = (prq_bytes){ d->rest.p + *got, d->rest.n - *got };
    return true;
}

static inline void fuzz_drip_close(struct prq_stream *s)
{
    free(s);
}

static inline struct prq_stream *fuzz_drip(const uint8_t *data, size_t size, size_t step)
{
    static const struct prq_stream_ops ops = { fuzz_drip_read, fuzz_drip_close };
    struct fuzz_drip *d = malloc(sizeof *d);
    if (!d)
        abort();
    *d = (struct fuzz_drip){ { &ops }, { data, size }, step };
    return &d->base;
}

/* Reads `s` in pieces of `cap` until its end, an error or out->max, and closes it. */
static inline bool fuzz_drain(struct prq_stream *s, size_t cap, struct prq_buf *out,
                              struct prq_err *err)
{
    bool is_good = true;
    size_t got = 1;
    while (is_good && got && out->n < out->max) {
        size_t want = prq_min_size(cap, out->max - out->n);
        uint8_t *room = prq_buf_room(out, want);
        is_good = room && prq_stream_read(s, room, want, &got, err);
        FUZZ_CHECK(!is_good || got <= want);
        out->n += is_good ? got : 0;
    }
    prq_stream_close(s);
    return is_good;
}

#endif
