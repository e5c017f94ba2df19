/* SPDX-License-Identifier: Apache-2.0 */
/* The expected answers come from gzip(1). */
#include "lib/lib_test.h"

static bool gunzip(prq_bytes in, size_t drip, size_t cap, uint64_t *trailing, struct prq_buf *out,
                   struct prq_err *err)
{
    struct prq_stream *s;
    prq_buf_init(out, PRQ_MIB(64));
    return prq_gunzip_open(unit_drip(in, drip), &s, trailing, err) && unit_drain(s, cap, out, err);
}

static void expect_text(prq_bytes packed, prq_bytes text, uint64_t want_trailing)
{
    static const size_t drips[] = { 1, 777, SIZE_MAX }, caps[] = { 1, 4096, 256 << 10 };
    for (size_t i = 0; i < PRQ_COUNT(drips) * PRQ_COUNT(caps); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        uint64_t trailing = 99;
        PRQ_BUF out;
        bool is_good = gunzip(packed, drips[i % 3], caps[i / 3], &trailing, &out, &err);
        assert_str(prq_str_from(err.text), "");
        assert_true(is_good);
        assert_bytes(prq_buf_bytes(&out), text);
        assert_int_equal(trailing, want_trailing);
    }
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF out;
    prq_buf_init(&out, text.n); /* exactly enough */
    assert_true(prq_gunzip_all(packed, &out, &err));
    assert_bytes(prq_buf_bytes(&out), text);
    if (text.n) {
        PRQ_BUF less;
        prq_buf_init(&less, text.n - 1);
        assert_false(prq_gunzip_all(packed, &less, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

static void test_gunzip_members(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_BUF text = unit_text(200000, 7);
    unit_write(&d, "text", prq_buf_bytes(&text));
    static const struct {
        const char *script;
        uint64_t trailing;
        size_t copies; /* of the text */
    } cases[] = {
        { "gzip -6 -N -c text > z", 0, 1 },
        { "gzip -1 -n -c text > z", 0, 1 },
        { "gzip -9 -c text > z; gzip -1 -c text >> z", 0, 2 },
        { "gzip -c /dev/null > z", 0, 0 },
        { "{ gzip -c text; gzip -c /dev/null; gzip -c /dev/null; gzip -c text; } > z", 0, 2 },
        { "gzip -c text > z; head -c 1000 /dev/zero >> z", 0, 1 },
        { "gzip -c text > z; printf 'garbage' >> z", 7, 1 },
        { "gzip -c text > z; printf '\\0\\0\\0garbage' >> z", 7, 1 },
        { "{ gzip -c text; printf '\\0'; gzip -n1 < /dev/null; } > z", 20, 1 },
        { "gzip -c text > z; printf '\\036x' >> z", 2, 1 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        assert_int_equal(unit_sh(d.path, cases[i].script), 0);
        PRQ_BUF z = unit_slurp(&d, "z"), want;
        prq_buf_init(&want, PRQ_MIB(1));
        for (size_t k = 0; k < cases[i].copies; k++)
            prq_buf_str(&want, prq_buf_view(&text));
        expect_text(prq_buf_bytes(&z), prq_buf_bytes(&want), cases[i].trailing);
        /* gzip warns (2) where we count */
        int status = unit_sh(d.path, "gzip -dc < z > back 2>/dev/null");
        assert_int_equal(status, cases[i].trailing ? 2 : 0);
        PRQ_BUF back = unit_slurp(&d, "back");
        assert_bytes(prq_buf_bytes(&back), prq_buf_bytes(&want));
    }
    unit_dir_free(&d);
}

/* Every field that RFC 1952 2.3.1 has, with the header's CRC16 (made with zlib). */
static void test_gunzip_header_fields(void **state)
{
    (void)state;
    static const uint8_t z[] = {
        0x1f, 0x8b, 0x08, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x03, 0x00,
        'A',  'B',  'C',  'n',  0x00, 'c',  0x00, 0xdf, 0x2f, 0x4b, 0x4c, 0x4a,
        0x06, 0x00, 0xc2, 0x41, 0x24, 0x35, 0x03, 0x00, 0x00, 0x00,
    };
    expect_text((prq_bytes){ z, sizeof z }, (prq_bytes){ (const uint8_t *)"abc", 3 }, 0);
    static const struct {
        size_t at;
        uint8_t bits;
    } flips[] = { { 19, 1 }, { 12, 1 }, { 3, 0x20 }, { 2, 1 }, { 24, 1 }, { 31, 1 } };
    for (size_t i = 0; i < PRQ_COUNT(flips); i++) {
        uint8_t bad[sizeof z];
        memcpy(bad, z, sizeof z);
        bad[flips[i].at] ^= flips[i].bits;
        struct prq_err err = PRQ_ERR_INIT;
        PRQ_BUF out;
        assert_false(gunzip((prq_bytes){ bad, sizeof bad }, 3, 10, NULL, &out, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

static void test_gunzip_prefixes_fail(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    assert_int_equal(unit_sh(d.path, "printf 'hello hello hello' | gzip -nc > z"), 0);
    PRQ_BUF z = unit_slurp(&d, "z");
    for (size_t n = 0; n < z.n; n++) {
        struct prq_err err = PRQ_ERR_INIT;
        PRQ_BUF out;
        assert_false(gunzip((prq_bytes){ z.p, n }, 1, 4096, NULL, &out, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_true(err.has_offset && err.offset <= n);
        PRQ_BUF all;
        prq_buf_init(&all, 4096);
        assert_false(prq_gunzip_all((prq_bytes){ z.p, n }, &all, &err));
    }
    unit_dir_free(&d);
}

/* Flip each bit of a small file; gzip(1) and we must agree on whether it is whole. */
static void test_gunzip_bit_flips(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    assert_int_equal(unit_sh(d.path, "printf 'hello, hello, 12' | gzip -nc > z"), 0);
    PRQ_BUF z = unit_slurp(&d, "z");
    for (size_t bit = 0; bit < z.n * 8; bit++) {
        z.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        unit_write(&d, "flip", prq_buf_bytes(&z));
        int status = unit_sh(d.path, "gzip -dc < flip > back 2>/dev/null");
        struct prq_err err = PRQ_ERR_INIT;
        PRQ_BUF out;
        bool is_good = gunzip(prq_buf_bytes(&z), SIZE_MAX, 4096, NULL, &out, &err);
        if (is_good != (status == 0))
            print_error("bit %zu: gzip says %d; %s\n", bit, status, err.text);
        assert_int_equal(is_good, status == 0);
        z.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    unit_dir_free(&d);
}

/* What Python's zlib makes of 300 times "ab". */
static void test_zlib_whole(void **state)
{
    (void)state;
    uint8_t z[] = {
        0x78, 0xda, 0x4b, 0x4c, 0x4a, 0x1c, 0x85, 0xa3, 0x90, 0xea, 0x10, 0x00,
        0x4e, 0x68, 0xe4, 0x85,
    };
    PRQ_BUF out;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&out, 600);
    assert_true(prq_zlib_all((prq_bytes){ z, sizeof z }, &out, &err));
    assert_int_equal(out.n, 600);
    for (size_t i = 0; i < out.n; i++)
        assert_int_equal(out.p[i], i % 2 ? 'b' : 'a');
    for (size_t n = 0; n < sizeof z; n++) {
        prq_buf_clear(&out);
        err = (struct prq_err)PRQ_ERR_INIT;
        assert_false(prq_zlib_all((prq_bytes){ z, n }, &out, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    z[sizeof z - 1] ^= 1;
    prq_buf_clear(&out);
    assert_false(prq_zlib_all((prq_bytes){ z, sizeof z }, &out, NULL));
    PRQ_BUF small;
    prq_buf_init(&small, 599);
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(prq_zlib_all((prq_bytes){ z, sizeof z }, &small, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_int_equal(small.n, 599);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gunzip_members),
        cmocka_unit_test(test_gunzip_header_fields),
        cmocka_unit_test(test_gunzip_prefixes_fail),
        cmocka_unit_test(test_gunzip_bit_flips),
        cmocka_unit_test(test_zlib_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
