/* SPDX-License-Identifier: Apache-2.0 */
#include "io/source.h"

#include <fcntl.h>

#include "lib/lib_test.h"

static prq_bytes bytes_of(const char *text)
{
    return (prq_bytes){ (const uint8_t *)text, strlen(text) };
}

static void test_source_fd(void **state)
{
    (void)state;
    int fd;
    uint64_t size;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_STREAM mem = prq_mem_stream(bytes_of("0123456789"));
    assert_true(prq_spool(mem, 10, &fd, &size, &err));
    assert_int_equal(size, 10);
    static const struct {
        uint64_t offset, length;
        const char *want;
    } cases[] = {
        { 0, UINT64_MAX, "0123456789" }, { 3, 4, "3456" }, { 8, 100, "89" },
        { 10, UINT64_MAX, "" },          { 0, 0, "" },     { 50, 5, "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_BUF out;
        prq_buf_init(&out, 1000);
        assert_true(unit_drain(prq_fd_stream(fd, cases[i].offset, cases[i].length), 3, &out, &err));
        assert_str(prq_buf_view(&out), cases[i].want);
    }
    PRQ_STREAM again = prq_mem_stream(bytes_of("0123456789"));
    int none = -1;
    assert_false(prq_spool(again, 9, &none, &size, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_int_equal(none, -1);
    close(fd);

    PRQ_STREAM bad = prq_fd_stream(-1, 0, 5);
    uint8_t b;
    size_t got;
    assert_false(prq_stream_read(bad, &b, 1, &got, &err));
    assert_int_equal(err.code, PRQ_E_IO);
}

static void test_source_pipe(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    close(ends[1]);
    PRQ_BUF out;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&out, 100);
    assert_true(unit_drain(prq_pipe_stream(ends[0]), 2, &out, &err));
    assert_str(prq_buf_view(&out), "hello");
    assert_int_equal(fcntl(ends[0], F_GETFD), -1); /* it was closed */
}

static void test_source_limit(void **state)
{
    (void)state;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF out;
    prq_buf_init(&out, 100);
    assert_true(unit_drain(prq_limit_stream(prq_mem_stream(bytes_of("12345")), 5, "blob_bytes"), 2,
                           &out, &err));
    assert_str(prq_buf_view(&out), "12345");
    struct prq_stream *s = prq_limit_stream(prq_mem_stream(bytes_of("123456")), 5, "blob_bytes");
    uint8_t b[16];
    size_t got;
    assert_false(prq_stream_read(s, b, sizeof b, &got, &err));
    assert_str(prq_str_from(err.text), "more than 5 bytes: limit blob_bytes");
    struct prq_err again = PRQ_ERR_INIT; /* and it stays broken */
    assert_false(prq_stream_read(s, b, sizeof b, &got, &again));
    assert_int_equal(again.code, PRQ_E_LIMIT);
    prq_stream_close(s);
    assert_null(prq_limit_stream(NULL, 1, "x"));
}

static bool check(const char *text, const char *digest, uint64_t size, struct prq_err *err)
{
    struct prq_stream *s;
    PRQ_BUF out;
    prq_buf_init(&out, 100);
    return prq_check_stream(prq_mem_stream(bytes_of(text)), prq_str_from(digest), size, &s, err) &&
           unit_drain(s, 2, &out, err);
}

static void test_source_check(void **state)
{
    (void)state;
    struct prq_err err = PRQ_ERR_INIT;
    static const char abc[] =
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char abc512[] =
        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    assert_true(check("abc", abc, 3, &err));
    assert_true(check("abc", abc, UINT64_MAX, &err));
    assert_true(check("abc", abc512, 3, &err));
    assert_true(check("abc", "", 3, &err));
    assert_true(check("abc", "", UINT64_MAX, &err));
    static const struct {
        const char *text, *digest;
        uint64_t size;
    } bad[] = {
        { "abd", abc, 3 },
        { "abc", abc, 4 },
        { "abc", abc, 2 },
        { "", abc, 0 },
        { "abcd", "", 3 },
        { "abc", "sha256:00", 3 },
        { "", "", 1 },
        { "abd", abc512, 3 },
        { "abc", "md5:900150983cd24fb0d6963f7d28e17f72", 3 },
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        assert_false(check(bad[i].text, bad[i].digest, bad[i].size, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

static void test_source_magic(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum prq_packing want;
    } cases[] = {
        { "", 0, PRQ_PACKED_NOT },
        { "\x1f\x8b\x08", 3, PRQ_PACKED_GZIP },
        { "\x1f\x8b", 2, PRQ_PACKED_NOT },
        { "\x28\xb5\x2f\xfd", 4, PRQ_PACKED_ZSTD },
        { "\x5e\x2a\x4d\x18", 4, PRQ_PACKED_ZSTD },
        { "\x60\x2a\x4d\x18", 4, PRQ_PACKED_NOT },
        { "\xfd"
          "7zXZ\0",
          6, PRQ_PACKED_XZ },
        { "\xfd"
          "7zXZ",
          5, PRQ_PACKED_NOT },
        { "BZh91AY&SY", 10, PRQ_PACKED_BZIP2 },
        { "BZh9\x17\x72\x45\x38\x50\x90", 10, PRQ_PACKED_BZIP2 },
        { "BZh9/notes", 10, PRQ_PACKED_NOT }, /* the name of a tar's first member */
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_int_equal(prq_packing_of((prq_bytes){ (const uint8_t *)cases[i].bytes, cases[i].n }),
                         cases[i].want);
}

static void test_source_decompress(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_BUF text = unit_text(100000, 1);
    unit_write(&d, "text", prq_buf_bytes(&text));
    static const char *const programs[] = { "cat", "gzip", "zstd", "xz", "bzip2" };
    for (size_t i = 0; i < PRQ_COUNT(programs); i++) {
        if (!unit_has_program(programs[i]))
            continue;
        char script[64];
        snprintf(script, sizeof script, "%s < text > z", programs[i]);
        assert_int_equal(unit_sh(d.path, script), 0);
        PRQ_BUF z = unit_slurp(&d, "z"), out;
        prq_buf_init(&out, PRQ_MIB(1));
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_stream *s;
        assert_true(prq_decompress_stream(unit_drip(prq_buf_bytes(&z), 100), &prq_limits_default,
                                          &s, &err));
        assert_true(unit_drain(s, 5000, &out, &err));
        assert_bytes(prq_buf_bytes(&out), prq_buf_bytes(&text));
    }
    for (size_t n = 0; n < 12; n++) { /* shorter than any magic */
        PRQ_BUF out;
        prq_buf_init(&out, 100);
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_stream *s;
        prq_bytes short_bytes = { (const uint8_t *)"abcdefghijkl", n };
        assert_true(
            prq_decompress_stream(prq_mem_stream(short_bytes), &prq_limits_default, &s, &err));
        assert_true(unit_drain(s, 5, &out, &err));
        assert_bytes(prq_buf_bytes(&out), short_bytes);
    }
    unit_dir_free(&d);
}

static void test_source_ratio(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    assert_int_equal(unit_sh(d.path, "head -c 3000000 /dev/zero | gzip > bomb; "
                                     "head -c 3000000 /dev/zero | gzip > b2; cat b2 >> bomb"),
                     0);
    PRQ_BUF z = unit_slurp(&d, "bomb");
    struct prq_limits limits = prq_limits_default;
    limits.ratio_after = 1000000;
    for (int round = 0; round < 2; round++) { /* gzip's best is about 1030:1 */
        limits.ratio = round ? 2000 : 200;
        PRQ_BUF out;
        prq_buf_init(&out, PRQ_MIB(8));
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_stream *s;
        assert_true(prq_decompress_stream(prq_mem_stream(prq_buf_bytes(&z)), &limits, &s, &err));
        assert_int_equal(unit_drain(s, 65536, &out, &err), round == 1);
        assert_int_equal(err.code, round ? PRQ_E_NONE : PRQ_E_LIMIT);
        if (round == 0)
            assert_true(out.n < 2000000);
    }
    unit_dir_free(&d);
}

static void test_source_read_all(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_BUF text = unit_text(150000, 9);
    unit_write(&d, "text", prq_buf_bytes(&text));
    char path[128];
    snprintf(path, sizeof path, "%s/text", d.path);
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF exact, less;
    prq_buf_init(&exact, text.n);
    assert_true(prq_read_file(path, &exact, &err));
    assert_bytes(prq_buf_bytes(&exact), prq_buf_bytes(&text));
    prq_buf_init(&less, text.n - 1);
    assert_false(prq_read_file(path, &less, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_true(prq_str_starts(prq_str_from(err.text), prq_str_from(path)));
    snprintf(path, sizeof path, "%s/absent", d.path);
    assert_false(prq_read_file(path, &less, &err));
    assert_int_equal(err.code, PRQ_E_IO);
    assert_int_equal(err.sys, 2); /* ENOENT */
    unit_dir_free(&d);
}

static void test_source_spool_places(void **state)
{
    (void)state;
    static const char *const places[] = { "/tmp", "/dev/shm", "/absent/directory", "" };
    for (size_t i = 0; i < PRQ_COUNT(places); i++) {
        setenv("TMPDIR", places[i], 1);
        struct prq_err err = PRQ_ERR_INIT;
        int fd;
        assert_true(prq_spool_new(&fd, &err));
        assert_int_equal(write(fd, "x", 1), 1);
        close(fd);
    }
    unsetenv("TMPDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_fd),           cmocka_unit_test(test_source_pipe),
        cmocka_unit_test(test_source_limit),        cmocka_unit_test(test_source_check),
        cmocka_unit_test(test_source_magic),        cmocka_unit_test(test_source_decompress),
        cmocka_unit_test(test_source_ratio),        cmocka_unit_test(test_source_read_all),
        cmocka_unit_test(test_source_spool_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
