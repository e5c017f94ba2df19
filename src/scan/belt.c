/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/belt.h"

#include <stdlib.h>

enum { RAW_PIECES = 16, WAKE_TAKER = 8, WAKE_FILLER = 16 };

static size_t to_hash(const struct prq_lane *l)
{
    return l->is_hashing ? 0 : l->filled - l->hashed;
}

static size_t room_in(const struct prq_lane *l)
{
    return l->count - (l->filled - prq_min_size(l->hashed, l->read));
}

/* With the lock held, and again when it returns. False: nothing that this thread could hash. */
static bool hash_piece(struct prq_belt *b)
{
    struct prq_lane *l = &b->lane[PRQ_LANE_RAW];
    if (to_hash(l) < to_hash(&b->lane[PRQ_LANE_TAR]))
        l = &b->lane[PRQ_LANE_TAR];
    if (to_hash(l) == 0)
        return false;
    size_t slot = l->hashed % l->count;
    l->is_hashing = true;
    pthread_mutex_unlock(&b->lock);
    prq_digest_add(l->digest, l->piece[slot], l->n[slot]);
    pthread_mutex_lock(&b->lock);
    l->is_hashing = false;
    l->hashed++;
    return true;
}

uint8_t *prq_belt_room(struct prq_belt *b, enum prq_lane_id lane)
{
    struct prq_lane *l = &b->lane[lane];
    pthread_mutex_lock(&b->lock);
    while (!b->is_stopped && room_in(l) == 0)
        if (!hash_piece(b)) {
            pthread_cond_signal(&b->may_take);
            pthread_cond_wait(&b->may_fill, &b->lock);
        }
    uint8_t *room = b->is_stopped ? NULL : l->piece[l->filled % l->count];
    pthread_mutex_unlock(&b->lock);
    return room;
}

void prq_belt_push(struct prq_belt *b, enum prq_lane_id lane, size_t n)
{
    struct prq_lane *l = &b->lane[lane];
    pthread_mutex_lock(&b->lock);
    l->n[l->filled % l->count] = n;
    l->filled++;
    if (lane == PRQ_LANE_RAW)
        l->read++; /* the producer has read it itself; the other lane's is the consumer's */
    l->bytes += n;
    if (l->count - room_in(l) >= WAKE_TAKER)
        pthread_cond_signal(&b->may_take);
    pthread_mutex_unlock(&b->lock);
}

void prq_belt_end(struct prq_belt *b, const struct prq_err *err)
{
    pthread_mutex_lock(&b->lock);
    if (err) {
        b->failed = true;
        b->err = *err;
    }
    b->has_ended = true;
    pthread_cond_signal(&b->may_take);
    pthread_mutex_unlock(&b->lock);
}

void prq_belt_stop(struct prq_belt *b)
{
    pthread_mutex_lock(&b->lock);
    b->is_stopped = true;
    pthread_cond_signal(&b->may_fill);
    pthread_mutex_unlock(&b->lock);
}

/* Only one thread is left by now. */
void prq_belt_digest(struct prq_belt *b, enum prq_lane_id lane, uint8_t *out)
{
    struct prq_lane *l = &b->lane[lane];
    pthread_mutex_lock(&b->lock);
    while (l->hashed < l->filled && hash_piece(b))
        ;
    pthread_mutex_unlock(&b->lock);
    prq_digest_end(l->digest, out);
}

/* ---- the consumer's stream */

/* False: there is nothing more. */
static bool wait_for_piece(struct prq_belt *b)
{
    const struct prq_lane *l = &b->lane[PRQ_LANE_TAR];
    pthread_mutex_lock(&b->lock);
    while (l->read == l->filled && !b->has_ended) {
        bool was_busy = hash_piece(b);
        if (!was_busy || room_in(l) >= WAKE_FILLER)
            pthread_cond_signal(&b->may_fill);
        if (!was_busy)
            pthread_cond_wait(&b->may_take, &b->lock);
    }
    bool any = l->read != l->filled;
    pthread_mutex_unlock(&b->lock);
    return any;
}

static void give_back(struct prq_belt *b)
{
    struct prq_lane *l = &b->lane[PRQ_LANE_TAR];
    pthread_mutex_lock(&b->lock);
    l->read++;
    if (room_in(l) >= WAKE_FILLER)
        pthread_cond_signal(&b->may_fill);
    pthread_mutex_unlock(&b->lock);
}

bool prq_belt_lend(struct prq_stream *s, const void **p, size_t *got, struct prq_err *err)
{
    struct prq_belt *b = (struct prq_belt *)(void *)s;
    const struct prq_lane *l = &b->lane[PRQ_LANE_TAR];
    if (b->is_lent)
        give_back(b);
    b->is_lent = wait_for_piece(b);
    if (!b->is_lent) {
        *got = 0;
        if (b->failed && err)
            *err = b->err;
        b->was_read = !b->failed;
        return !b->failed;
    }
    size_t slot = l->read % l->count;
    *p = l->piece[slot] + b->at;
    *got = l->n[slot] - b->at;
    b->at = 0;
    return true;
}

static bool belt_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct prq_belt *b = (struct prq_belt *)(void *)s;
    const void *p;
    size_t n;
    if (!prq_belt_lend(s, &p, &n, err))
        return false;
    *got = prq_min_size(cap, n);
    if (n)
        memcpy(buf, p, *got);
    if (*got < n) { /* the rest is for the next call */
        size_t slot = b->lane[PRQ_LANE_TAR].read % b->lane[PRQ_LANE_TAR].count;
        b->at = b->lane[PRQ_LANE_TAR].n[slot] - (n - *got);
        b->is_lent = false;
    }
    return true;
}

/* The belt is the worker's. */
static void belt_close(struct prq_stream *s)
{
    (void)s;
}

static bool lane_init(struct prq_lane *l, size_t count, bool sha512, struct prq_err *err)
{
    l->count = count;
    for (size_t i = 0; i < count; i++)
        if (!(l->piece[i] = malloc(PRQ_PIECE_BYTES)))
            return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return prq_digest_new(sha512 ? PRQ_SHA512 : PRQ_SHA256, &l->digest, err);
}

bool prq_belt_init(struct prq_belt *b, bool sha512_raw, bool sha512_tar, struct prq_err *err)
{
    static const struct prq_stream_ops ops = { belt_read, belt_close };
    *b = (struct prq_belt){ .s.ops = &ops };
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->may_fill, NULL);
    pthread_cond_init(&b->may_take, NULL);
    return lane_init(&b->lane[PRQ_LANE_RAW], RAW_PIECES, sha512_raw, err) &&
           lane_init(&b->lane[PRQ_LANE_TAR], PRQ_LANE_PIECES, sha512_tar, err);
}

void prq_belt_release(struct prq_belt *b)
{
    for (size_t i = 0; i < PRQ_LANES; i++) {
        for (size_t k = 0; k < PRQ_LANE_PIECES; k++)
            free(b->lane[i].piece[k]);
        prq_digest_free(b->lane[i].digest);
    }
    pthread_cond_destroy(&b->may_fill);
    pthread_cond_destroy(&b->may_take);
    pthread_mutex_destroy(&b->lock);
}
