/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/belt.h"

#include <stddef.h>
#include <stdlib.h>

enum { WAKE_TAKER = 4, WAKE_FILLER = 8 };

static size_t room_in(const struct prq_belt *b)
{
    return PRQ_BELT_PIECES - (b->filled - prq_min_size(b->hashed, b->read));
}

/* With the lock held, and again when it returns. False: nothing that this thread could hash. */
static bool hash_piece(struct prq_belt *b)
{
    if (b->is_hashing || b->hashed == b->filled)
        return false;
    size_t slot = b->hashed % PRQ_BELT_PIECES;
    b->is_hashing = true;
    pthread_mutex_unlock(&b->lock);
    prq_digest_add(b->digest, b->piece[slot], b->n[slot]);
    pthread_mutex_lock(&b->lock);
    b->is_hashing = false;
    b->hashed++;
    return true;
}

/* ---- work of the consumer's, done by a producer that would wait */

static struct prq_belt *belt_of(struct prq_hand *aside)
{
    return (struct prq_belt *)(void *)((char *)aside - offsetof(struct prq_belt, aside));
}

static void aside_start(struct prq_hand *self, void (*work)(void *), void *arg)
{
    struct prq_belt *b = belt_of(self);
    pthread_mutex_lock(&b->lock);
    b->work = work;
    b->arg = arg;
    pthread_cond_signal(&b->may_fill);
    pthread_mutex_unlock(&b->lock);
}

static void aside_join(struct prq_hand *self)
{
    struct prq_belt *b = belt_of(self);
    pthread_mutex_lock(&b->lock);
    void (*work)(void *) = b->work;
    b->work = NULL;
    while (b->is_working)
        pthread_cond_wait(&b->may_take, &b->lock);
    pthread_mutex_unlock(&b->lock);
    if (work)
        work(b->arg);
}

/* With the lock held, and again when it returns. */
static bool help(struct prq_belt *b)
{
    void (*work)(void *) = b->work;
    if (!work)
        return false;
    b->work = NULL;
    b->is_working = true;
    pthread_mutex_unlock(&b->lock);
    work(b->arg);
    pthread_mutex_lock(&b->lock);
    b->is_working = false;
    pthread_cond_signal(&b->may_take);
    return true;
}

uint8_t *prq_belt_room(struct prq_belt *b)
{
    pthread_mutex_lock(&b->lock);
    while (!b->is_stopped && room_in(b) == 0)
        if (!help(b) && !hash_piece(b)) {
            pthread_cond_signal(&b->may_take);
            pthread_cond_wait(&b->may_fill, &b->lock);
        }
    uint8_t *room = b->is_stopped ? NULL : b->piece[b->filled % PRQ_BELT_PIECES];
    pthread_mutex_unlock(&b->lock);
    return room;
}

void prq_belt_push(struct prq_belt *b, size_t n)
{
    pthread_mutex_lock(&b->lock);
    b->n[b->filled % PRQ_BELT_PIECES] = n;
    b->filled++;
    b->bytes += n;
    if (PRQ_BELT_PIECES - room_in(b) >= WAKE_TAKER)
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
void prq_belt_digest(struct prq_belt *b, uint8_t *out)
{
    pthread_mutex_lock(&b->lock);
    while (b->hashed < b->filled && hash_piece(b))
        ;
    pthread_mutex_unlock(&b->lock);
    prq_digest_end(b->digest, out);
}

/* ---- the consumer's stream */

/* False: there is nothing more. */
static bool wait_for_piece(struct prq_belt *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->read == b->filled && !b->has_ended) {
        bool was_busy = hash_piece(b);
        if (!was_busy || room_in(b) >= WAKE_FILLER)
            pthread_cond_signal(&b->may_fill);
        if (!was_busy)
            pthread_cond_wait(&b->may_take, &b->lock);
    }
    bool any = b->read != b->filled;
    pthread_mutex_unlock(&b->lock);
    return any;
}

static void give_back(struct prq_belt *b)
{
    pthread_mutex_lock(&b->lock);
    b->read++;
    if (room_in(b) >= WAKE_FILLER)
        pthread_cond_signal(&b->may_fill);
    pthread_mutex_unlock(&b->lock);
}

bool prq_belt_lend(struct prq_stream *s, const void **p, size_t *got, struct prq_err *err)
{
    struct prq_belt *b = (struct prq_belt *)(void *)s;
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
    size_t slot = b->read % PRQ_BELT_PIECES;
    *p = b->piece[slot] + b->at;
    *got = b->n[slot] - b->at;
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
        size_t slot = b->read % PRQ_BELT_PIECES;
        b->at = b->n[slot] - (n - *got);
        b->is_lent = false;
    }
    return true;
}

/* The belt is the worker's. */
static void belt_close(struct prq_stream *s)
{
    (void)s;
}

bool prq_belt_init(struct prq_belt *b, bool sha512, struct prq_err *err)
{
    static const struct prq_stream_ops ops = { belt_read, belt_close };
    *b = (struct prq_belt){ .s.ops = &ops, .aside = { aside_start, aside_join } };
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->may_fill, NULL);
    pthread_cond_init(&b->may_take, NULL);
    for (size_t i = 0; i < PRQ_BELT_PIECES; i++)
        if (!(b->piece[i] = malloc(PRQ_PIECE_BYTES)))
            return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return prq_digest_new(sha512 ? PRQ_SHA512 : PRQ_SHA256, &b->digest, err);
}

void prq_belt_release(struct prq_belt *b)
{
    for (size_t i = 0; i < PRQ_BELT_PIECES; i++)
        free(b->piece[i]);
    prq_digest_free(b->digest);
    pthread_cond_destroy(&b->may_fill);
    pthread_cond_destroy(&b->may_take);
    pthread_mutex_destroy(&b->lock);
}
