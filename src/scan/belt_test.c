/* SPDX-License-Identifier: Apache-2.0 */
/* Digests: FIPS 180-4's example of a million letters a, and sha256 of the whole in one go. */
#include "scan/belt.h"

#include "unit.h"

#include <unistd.h>

struct job {
    struct prq_belt belt;
    prq_bytes tar;
    bool fails, was_stopped;
};

static bool put(struct prq_belt *b, prq_bytes *from, size_t most)
{
    size_t n = prq_min_size(prq_min_size(most, from->n), PRQ_PIECE_BYTES);
    uint8_t *room = prq_belt_room(b);
    if (!room)
        return false;
    memcpy(room, from->p, n);
    prq_belt_push(b, n);
    *from = (prq_bytes){ from->p + n, from->n - n };
    return true;
}

/* Pieces of changing sizes. */
static void *produce(void *user)
{
    struct job *j = user;
    size_t most = 1;
    bool go = true;
    while (go && j->tar.n) {
        go = put(&j->belt, &j->tar, most * 3);
        most = most * 7 % 200003;
    }
    j->was_stopped = !go;
    struct prq_err err = PRQ_ERR_INIT;
    if (j->fails)
        prq_fail(&err, PRQ_E_FORMAT, "broken");
    prq_belt_end(&j->belt, j->fails ? &err : NULL);
    return NULL;
}

static pthread_t start(struct job *j)
{
    pthread_t thread;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_belt_init(&j->belt, false, &err));
    assert_int_equal(pthread_create(&thread, NULL, produce, j), 0);
    return thread;
}

static void assert_digest(struct job *j, prq_bytes whole)
{
    uint8_t is[64], want[32];
    prq_belt_digest(&j->belt, is);
    assert_true(prq_sha256(whole, want));
    assert_memory_equal(is, want, sizeof want);
}

static uint8_t *pattern(size_t n)
{
    uint8_t *p = malloc(n);
    uint64_t x = 88172645463325252ULL;
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p[i] = (uint8_t)x;
    }
    return p;
}

/* The consumer reads, borrows, and reads parts, in turn. */
static void test_belt_carries_and_hashes(void **state)
{
    (void)state;
    enum { TAR = 40000003 };
    uint8_t *bytes = pattern(TAR), *buf = malloc(PRQ_PIECE_BYTES);
    struct job j = { .tar = { bytes, TAR } };
    struct prq_err err = PRQ_ERR_INIT;
    pthread_t thread = start(&j);
    size_t at = 0, got = 1;
    for (int turn = 0; got; turn++) {
        const void *p = buf;
        size_t cap = turn % 5 ? PRQ_PIECE_BYTES : 100;
        assert_true(turn % 2 ? prq_belt_lend(&j.belt.s, &p, &got, &err)
                             : prq_stream_read(&j.belt.s, buf, cap, &got, &err));
        assert_true(got <= TAR - at);
        assert_int_equal(memcmp(p, bytes + at, got), 0);
        at += got;
    }
    assert_int_equal(at, TAR);
    assert_true(j.belt.was_read);
    prq_belt_stop(&j.belt);
    pthread_join(thread, NULL);
    assert_int_equal(j.belt.bytes, TAR);
    assert_digest(&j, (prq_bytes){ bytes, TAR });
    prq_belt_release(&j.belt);
    free(buf);
    free(bytes);
}

static void test_belt_known_digest(void **state)
{
    (void)state;
    enum { N = 1000000 };
    static const char want[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    uint8_t *bytes = malloc(N), out[64];
    char hex[64], buf[1000];
    assert_non_null(bytes);
    memset(bytes, 'a', N);
    struct job j = { .tar = { bytes, N } };
    pthread_t thread = start(&j);
    size_t got = 1;
    while (got)
        assert_true(prq_stream_read(&j.belt.s, buf, sizeof buf, &got, NULL));
    pthread_join(thread, NULL);
    prq_belt_digest(&j.belt, out);
    prq_hex_encode((prq_bytes){ out, 32 }, hex);
    assert_str(((prq_str){ hex, sizeof hex }), want);
    prq_belt_release(&j.belt);
    free(bytes);
}

static void test_belt_consumer_leaves(void **state)
{
    (void)state;
    enum { N = 30000000 };
    uint8_t *bytes = pattern(N);
    struct job j = { .tar = { bytes, N } };
    struct prq_err err = PRQ_ERR_INIT;
    pthread_t thread = start(&j);
    const void *p;
    size_t got;
    assert_true(prq_belt_lend(&j.belt.s, &p, &got, &err));
    prq_belt_stop(&j.belt);
    pthread_join(thread, NULL);
    assert_true(j.was_stopped);
    assert_false(j.belt.was_read);
    prq_belt_release(&j.belt);
    free(bytes);
}

static void test_belt_producer_fails(void **state)
{
    (void)state;
    uint8_t bytes[5000] = { 1 }, buf[3000];
    struct job j = { .tar = { bytes, sizeof bytes }, .fails = true };
    struct prq_err err = PRQ_ERR_INIT;
    pthread_t thread = start(&j);
    size_t all = 0, got = 1;
    while (prq_stream_read(&j.belt.s, buf, sizeof buf, &got, &err))
        all += got;
    assert_int_equal(all, sizeof bytes);
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_str(prq_str_from(err.text), "broken");
    assert_false(prq_stream_read(&j.belt.s, buf, sizeof buf, &got, &err));
    assert_false(j.belt.was_read);
    pthread_join(thread, NULL);
    prq_belt_release(&j.belt);
}

/* Work aside: by the producer while the belt is full, else by who waits for it; once in any case. */
struct turn {
    pthread_t by;
    unsigned times;
};

static void take_turn(void *user)
{
    struct turn *t = user;
    t->by = pthread_self();
    t->times++;
}

static void test_belt_work_aside(void **state)
{
    (void)state;
    struct job *j = calloc(1, sizeof *j);
    size_t n = (size_t)(PRQ_BELT_PIECES + 2) * PRQ_PIECE_BYTES;
    uint8_t *bytes = pattern(n);
    j->tar = (prq_bytes){ bytes, n };
    pthread_t thread = start(j);
    struct prq_hand *aside = &j->belt.aside;
    struct turn t = { 0 };
    while (t.times == 0 || pthread_equal(t.by, pthread_self())) { /* until the belt is full */
        unsigned before = t.times;
        aside->start(aside, take_turn, &t);
        usleep(1000);
        aside->join(aside);
        assert_int_equal(t.times, before + 1);
    }
    size_t got = 1, all = 0;
    const void *p;
    struct prq_err err = PRQ_ERR_INIT;
    while (got) {
        assert_true(prq_belt_lend(&j->belt.s, &p, &got, &err));
        all += got;
    }
    assert_int_equal(all, n);
    pthread_join(thread, NULL);
    aside->start(aside, take_turn, &t); /* nobody is left but us */
    aside->join(aside);
    assert_true(pthread_equal(t.by, pthread_self()));
    aside->join(aside); /* nothing to wait for */
    assert_digest(j, (prq_bytes){ bytes, n });
    prq_belt_release(&j->belt);
    free(bytes);
    free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_belt_carries_and_hashes),
        cmocka_unit_test(test_belt_known_digest),
        cmocka_unit_test(test_belt_consumer_leaves),
        cmocka_unit_test(test_belt_producer_fails),
        cmocka_unit_test(test_belt_work_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
