/* SPDX-License-Identifier: Apache-2.0 */
/* The tar on its way from the thread that unpacks to the thread that walks, hashed by whichever of
 * the two would otherwise wait: hashing is a third of a worker's time, and neither thread alone has
 * room for it. A piece is hashed and read in any order.
 *
 * One producer, one consumer. Each wakes the other only for some pieces' work, or before it waits
 * itself: threads that take turns piece by piece spend their time on taking turns. The belt is long,
 * so that a file that takes a while to analyse holds nobody up. */
#ifndef PRQ_SCAN_BELT_H
#define PRQ_SCAN_BELT_H

#include <pthread.h>

#include "base/ctx.h"
#include "base/stream.h"
#include "lib/lib.h"

enum { PRQ_BELT_PIECES = 24, PRQ_PIECE_BYTES = 256 << 10 };

/* Guarded by the lock, but for the bytes of a piece that nobody else may touch. */
struct prq_belt {
    struct prq_stream s; /* for the consumer */
    pthread_mutex_t lock;
    pthread_cond_t may_fill, may_take; /* what the producer and the consumer wait for */
    struct prq_digest *digest;
    uint8_t *piece[PRQ_BELT_PIECES];
    size_t n[PRQ_BELT_PIECES];
    size_t filled, hashed, read; /* pieces so far */
    uint64_t bytes;      /* in the filled ones */
    bool is_hashing;     /* one thread is at it: a digest has an order */
    bool has_ended, is_stopped;
    bool failed;
    struct prq_err err;  /* why the producer ended */
    size_t at;           /* the consumer's: in its piece */
    bool is_lent;        /* the rest of that piece */
    bool was_read;       /* the consumer saw the end */
    struct prq_hand aside;    /* what the consumer hands to a producer that would wait */
    void (*work)(void *);      /* NULL: nothing, or somebody is at it */
    void *arg;
    bool is_working;           /* the producer is at it */
};

PRQ_MUST_USE bool prq_belt_init(struct prq_belt *b, bool sha512, struct prq_err *err);
void prq_belt_release(struct prq_belt *b); /* also after a failed init */

/* Producer: room for PRQ_PIECE_BYTES; NULL: the consumer has gone. Then what of it was filled. */
uint8_t *prq_belt_room(struct prq_belt *b);
void prq_belt_push(struct prq_belt *b, size_t n);
void prq_belt_end(struct prq_belt *b, const struct prq_err *err); /* NULL: all is there */

/* Consumer: as reading from &b->s, without the copy. */
PRQ_MUST_USE bool prq_belt_lend(struct prq_stream *s, const void **p, size_t *got,
                                struct prq_err *err);
/* Consumer: wants no more. */
void prq_belt_stop(struct prq_belt *b);

/* The consumer's &b->aside: work for the producer while the belt is full; elsewhen it stays with the
 * consumer. */

/* The digest of what was pushed, once nothing more is. `out` has room for 64. */
void prq_belt_digest(struct prq_belt *b, uint8_t *out);

#endif
