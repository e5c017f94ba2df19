/* SPDX-License-Identifier: Apache-2.0 */
/* Digest: FIPS 180-4's example of a million letters a. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "io/source.h"
#include "scan/blobpipe.h"

enum { N = 1000000 };
#define HEX "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
#define DIGEST "sha256:" HEX

static uint8_t letters[N], got[N];

static struct prq_blob blob_of(const char *digest)
{
    memset(letters, 'a', N);
    return (struct prq_blob){ .fd = -1, .stream = prq_mem_stream((prq_bytes){ letters, N }),
                              .digest = prq_str_from(digest) };
}

static void assert_digest(const struct prq_blobpipe *f)
{
    char hex[64];
    prq_hex_encode((prq_bytes){ f->sum, 32 }, hex);
    assert_memory_equal(hex, HEX, 64);
}

static void test_feed_carries_and_hashes(void **state)
{
    (void)state;
    struct prq_blobpipe f;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_blob blob = blob_of(DIGEST);
    int fd = -1;
    assert_true(prq_blobpipe_open(&f, &blob, UINT64_MAX, &fd, &err));
    assert_true(prq_blobpipe_start(&f, &err));
    assert_true(prq_fd_read_all(fd, got, N));
    assert_int_equal(read(fd, got, 1), 0);
    prq_blobpipe_close(&f, false);
    assert_true(f.at_end && !f.failed && f.bytes == N);
    assert_memory_equal(got, letters, N);
    assert_digest(&f);
    close(fd);
    prq_blob_release(&blob);
}

/* A worker that dies or reads no further leaves a digest all the same. */
static void test_feed_goes_on_alone(void **state)
{
    (void)state;
    struct prq_blobpipe f;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_blob blob = blob_of(DIGEST);
    int fd = -1;
    assert_true(prq_blobpipe_open(&f, &blob, UINT64_MAX, &fd, &err));
    close(fd);
    assert_true(prq_blobpipe_start(&f, &err));
    prq_blobpipe_close(&f, false);
    assert_true(f.at_end && f.bytes == N);
    assert_digest(&f);
    prq_blob_release(&blob);
    blob = blob_of(""); /* nobody would look at a digest */
    assert_true(prq_blobpipe_open(&f, &blob, UINT64_MAX, &fd, &err));
    close(fd);
    assert_true(prq_blobpipe_start(&f, &err));
    prq_blobpipe_close(&f, false);
    assert_true(!f.at_end && !f.failed);
    prq_blob_release(&blob);
}

static void test_feed_limits(void **state)
{
    (void)state;
    for (uint64_t less = 0; less < 2; less++) {
        struct prq_blobpipe f;
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_blob blob = blob_of(DIGEST);
        int fd = -1;
        assert_true(prq_blobpipe_open(&f, &blob, N - less, &fd, &err));
        close(fd);
        assert_true(prq_blobpipe_start(&f, &err));
        prq_blobpipe_close(&f, false);
        assert_int_equal(f.failed, less);
        assert_int_equal(f.err.code, less ? PRQ_E_LIMIT : PRQ_E_NONE);
        prq_blob_release(&blob);
    }
}

/* The reader stands still: only stopping and closing its end get on. */
static void test_feed_stops(void **state)
{
    (void)state;
    struct prq_blobpipe f, never = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_blob blob = { .fd = open("/dev/zero", O_RDONLY | O_CLOEXEC), .length = UINT64_MAX,
                             .digest = PRQ_SI(DIGEST) };
    int fd = -1;
    assert_true(prq_blobpipe_open(&f, &blob, UINT64_MAX, &fd, &err));
    assert_true(prq_blobpipe_start(&f, &err));
    close(fd);
    prq_blobpipe_close(&f, true);
    assert_true(!f.at_end && !f.failed);
    prq_blobpipe_release(&f);
    prq_blob_release(&blob);
    prq_blobpipe_close(&never, false);
    blob = blob_of(DIGEST);
    assert_true(prq_blobpipe_open(&f, &blob, UINT64_MAX, &fd, &err)); /* never started */
    prq_blobpipe_close(&f, false);
    assert_int_equal(read(fd, got, 1), 0);
    close(fd);
    prq_blob_release(&blob);
}

enum { LONG = 3 * PRQ_MARK_EVERY + 4711 };

/* Reads the first `take` bytes and looks away. */
static void run_part(struct prq_blobpipe *f, prq_bytes data, bool again, size_t take)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_blob blob = { .fd = -1, .stream = prq_mem_stream(data), .digest = PRQ_SI(DIGEST) };
    uint8_t *buf = malloc(LONG);
    int fd = -1;
    assert_non_null(buf);
    assert_true(prq_blobpipe_open(f, &blob, UINT64_MAX, &fd, &err));
    f->is_again = again;
    assert_true(prq_blobpipe_start(f, &err));
    assert_true(prq_fd_read_all(fd, buf, take));
    assert_memory_equal(buf, data.p, take);
    close(fd);
    prq_blobpipe_close(f, false);
    free(buf);
    prq_blob_release(&blob);
}

/* Of the second time, what was taken is compared and the rest is not read. */
static void test_feed_twice(void **state)
{
    (void)state;
    struct prq_blobpipe first, again, never = { 0 };
    uint8_t *data = malloc(LONG);
    assert_non_null(data);
    for (size_t i = 0; i < LONG; i++)
        data[i] = (uint8_t)(i * 2654435761U >> 13);
    run_part(&first, (prq_bytes){ data, LONG }, false, 10);
    assert_true(first.at_end && first.bytes == LONG);
    assert_false(prq_blobpipe_differ(&first, &never));
    run_part(&again, (prq_bytes){ data, LONG }, true, PRQ_MARK_EVERY - 1);
    assert_true(!again.at_end && !again.failed);
    assert_true(again.bytes >= PRQ_MARK_EVERY && again.bytes % PRQ_MARK_EVERY == 0);
    assert_false(prq_blobpipe_differ(&first, &again));
    prq_blobpipe_release(&again);
    run_part(&again, (prq_bytes){ data, LONG }, true, LONG);
    assert_false(prq_blobpipe_differ(&first, &again));
    prq_blobpipe_release(&again);
    run_part(&again, (prq_bytes){ data, LONG - 1 }, true, LONG - 1);
    assert_true(prq_blobpipe_differ(&first, &again));
    prq_blobpipe_release(&again);
    data[PRQ_MARK_EVERY - 1] ^= 1; /* the last byte that is taken */
    run_part(&again, (prq_bytes){ data, LONG }, true, PRQ_MARK_EVERY);
    assert_true(prq_blobpipe_differ(&first, &again));
    prq_blobpipe_release(&again);
    prq_blobpipe_release(&first);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_carries_and_hashes),
        cmocka_unit_test(test_feed_goes_on_alone),
        cmocka_unit_test(test_feed_limits),
        cmocka_unit_test(test_feed_stops),
        cmocka_unit_test(test_feed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
