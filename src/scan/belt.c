/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/belt.h"

#include <stdlib.h>

/* With the lock held, and again when it returns. False: nothing that this thread could hash. */
static bool hash_piece(struct prq_belt *b)
{
    for (size_t i = 0; i < PRQ_LANES; i++) {
        struct prq_lane *l = &b->lane[i];
        if (l->hashed == l->filled || l->is_hashing)
            continue;
        size_t slot = l->hashed % PRQ_LANE_PIECES;
        l->is_hashing = true;
        pthread_mutex_unlock(&b->lock);
        prq_digest_add(l->digest, l->piece[slot], l->n[slot]);
        pthread_mutex_lock(&b->lock);
        l->is_hashing = false;
        l->hashed++;
        pthread_cond_broadcast(&b->changed);
        return true;
    }
    return false;
}

static void hash_or_wait(struct prq_belt *b)
{
    if (!hash_piece(b))
        pthread_cond_wait(&b->changed, &b->lock);
}

uint8_t *prq_belt_room(struct prq_belt *b, enum prq_lane_id lane)
{
    struct prq_lane *l = &b->lane[lane];
    pthread_mutex_lock(&b->lock);
    while (!b->is_stopped && l->filled - prq_min_size(l->hashed, l->read) == PRQ_LANE_PIECES)
        hash_or_wait(b);
    uint8_t *room = b->is_stopped ? NULL : l->piece[l->filled % PRQ_LANE_PIECES];
    pthread_mutex_unlock(&b->lock);
    return room;
}

void prq_belt_push(struct prq_belt *b, enum prq_lane_id lane, size_t n)
{
    struct prq_lane *l = &b->lane[lane];
    pthread_mutex_lock(&b->lock);
    l->n[l->filled % PRQ_LANE_PIECES] = n;
    l->filled++;
    l->read += lane == PRQ_LANE_RAW; /* the producer has read it itself */
    l->bytes += n;
    pthread_cond_broadcast(&b->changed);
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
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void prq_belt_stop(struct prq_belt *b)
{
    pthread_mutex_lock(&b->lock);
    b->is_stopped = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void prq_belt_digest(struct prq_belt *b, enum prq_lane_id lane, uint8_t *out)
{
    struct prq_lane *l = &b->lane[lane];
    pthread_mutex_lock(&b->lock);
    while (l->hashed < l->filled)
        hash_or_wait(b);
    pthread_mutex_unlock(&b->lock);
    prq_digest_end(l->digest, out);
}

/* ---- the consumer's stream */

static bool belt_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct prq_belt *b = (struct prq_belt *)(void *)s;
    struct prq_lane *l = &b->lane[PRQ_LANE_TAR];
    pthread_mutex_lock(&b->lock);
    while (l->read == l->filled && !b->has_ended)
        hash_or_wait(b);
    bool any = l->read != l->filled;
    pthread_mutex_unlock(&b->lock);
    if (!any) {
        *got = 0;
        if (b->failed && err)
            *err = b->err;
        b->was_read = !b->failed;
        return !b->failed;
    }
    size_t slot = l->read % PRQ_LANE_PIECES;
    size_t n = prq_min_size(cap, l->n[slot] - b->at);
    memcpy(buf, l->piece[slot] + b->at, n);
    b->at += n;
    *got = n;
    if (b->at == l->n[slot]) {
        b->at = 0;
        pthread_mutex_lock(&b->lock);
        l->read++;
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->lock);
    }
    return true;
}

/* The belt is the worker's. */
static void belt_close(struct prq_stream *s)
{
    (void)s;
}

static bool lane_init(struct prq_lane *l, bool sha512, struct prq_err *err)
{
    for (size_t i = 0; i < PRQ_LANE_PIECES; i++)
        if (!(l->piece[i] = malloc(PRQ_PIECE_BYTES)))
            return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return prq_digest_new(sha512 ? PRQ_SHA512 : PRQ_SHA256, &l->digest, err);
}

bool prq_belt_init(struct prq_belt *b, bool sha512_raw, bool sha512_tar, struct prq_err *err)
{
    static const struct prq_stream_ops ops = { belt_read, belt_close };
    *b = (struct prq_belt){ .s.ops = &ops };
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    return lane_init(&b->lane[PRQ_LANE_RAW], sha512_raw, err) &&
           lane_init(&b->lane[PRQ_LANE_TAR], sha512_tar, err);
}

void prq_belt_release(struct prq_belt *b)
{
    for (size_t i = 0; i < PRQ_LANES; i++) {
        for (size_t k = 0; k < PRQ_LANE_PIECES; k++)
            free(b->lane[i].piece[k]);
        prq_digest_free(b->lane[i].digest);
    }
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
}
