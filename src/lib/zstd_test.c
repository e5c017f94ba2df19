/* SPDX-License-Identifier: Apache-2.0 */
/* zstd, xz and bzip2 against the programs of those names. */
#include "lib/lib_test.h"

enum kind { ZSTD, XZ, BZIP2 };
static const char *const programs[] = { "zstd", "xz", "bzip2" };

static bool open_kind(enum kind kind, struct prq_stream *below, struct prq_stream **out,
                      struct prq_err *err)
{
    return kind == ZSTD ? prq_zstd_open(below, &prq_limits_default, out, err)
           : kind == XZ ? prq_xz_open(below, out, err)
                        : prq_bzip2_open(below, out, err);
}

static bool unpack(enum kind kind, prq_bytes in, size_t drip, size_t cap, struct prq_buf *out,
                   struct prq_err *err)
{
    struct prq_stream *s;
    prq_buf_init(out, PRQ_MIB(64));
    return open_kind(kind, unit_drip(in, drip), &s, err) && unit_drain(s, cap, out, err);
}

/* Makes "z" by script, and expects `copies` of the text from it. */
static void expect_copies(enum kind kind, const struct unit_dir *d, const char *script,
                          const struct prq_buf *text, size_t copies)
{
    assert_int_equal(unit_sh(d->path, script), 0);
    PRQ_BUF z = unit_slurp(d, "z"), want;
    prq_buf_init(&want, PRQ_MIB(4));
    for (size_t i = 0; i < copies; i++)
        prq_buf_str(&want, prq_buf_view(text));
    static const size_t drips[] = { 5, SIZE_MAX }, caps[] = { 1000, 256 << 10 };
    for (size_t i = 0; i < 4; i++) {
        struct prq_err err = PRQ_ERR_INIT;
        PRQ_BUF out;
        bool is_good = unpack(kind, prq_buf_bytes(&z), drips[i / 2], caps[i % 2], &out, &err);
        assert_str(prq_str_from(err.text), "");
        assert_true(is_good);
        assert_bytes(prq_buf_bytes(&out), prq_buf_bytes(&want));
    }
}

static void test_unpack_whole(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_BUF text = unit_text(300000, 3);
    unit_write(&d, "text", prq_buf_bytes(&text));
    for (size_t k = 0; k < PRQ_COUNT(programs); k++) {
        enum kind kind = (enum kind)k;
        if (!unit_has_program(programs[k]))
            continue;
        char script[256];
        snprintf(script, sizeof script, "%s -c text > z", programs[k]);
        expect_copies(kind, &d, script, &text, 1);
        snprintf(script, sizeof script, "{ %s -c text; %s -c < text; } > z", programs[k],
                 programs[k]);
        expect_copies(kind, &d, script, &text, 2);
        snprintf(script, sizeof script, "%s -c < /dev/null > z", programs[k]);
        expect_copies(kind, &d, script, &text, 0);
    }
    if (unit_has_program("zstd")) { /* a skippable frame (RFC 8878, 3.1.2) before, between, after */
        static const char skip[] = "S() { printf '\\120\\052\\115\\030\\003\\0\\0\\0abc'; };";
        char script[256];
        snprintf(script, sizeof script, "%s { S; zstd -c text; S; S; zstd -c text; S; } > z", skip);
        expect_copies(ZSTD, &d, script, &text, 2);
        expect_copies(ZSTD, &d, "zstd -1 --long=27 -c < text > z", &text, 1);
    }
    if (unit_has_program("xz"))
        expect_copies(XZ, &d, "{ xz -c text; printf '\\0\\0\\0\\0'; xz -c text; } > z", &text, 2);
    unit_dir_free(&d);
}

static void test_unpack_cut_or_damaged(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_BUF text = unit_text(5000, 11);
    unit_write(&d, "text", prq_buf_bytes(&text));
    for (size_t k = 0; k < PRQ_COUNT(programs); k++) {
        if (!unit_has_program(programs[k]))
            continue;
        char script[128];
        snprintf(script, sizeof script, "%s -c < text > z", programs[k]);
        assert_int_equal(unit_sh(d.path, script), 0);
        PRQ_BUF z = unit_slurp(&d, "z");
        for (size_t n = 0; n < z.n; n++) {
            struct prq_err err = PRQ_ERR_INIT;
            PRQ_BUF out;
            assert_false(unpack((enum kind)k, (prq_bytes){ z.p, n }, SIZE_MAX, 4096, &out, &err));
            assert_int_equal(err.code, PRQ_E_FORMAT);
        }
        z.p[z.n / 2] ^= 4;
        struct prq_err err = PRQ_ERR_INIT;
        PRQ_BUF out;
        assert_false(unpack((enum kind)k, prq_buf_bytes(&z), SIZE_MAX, 4096, &out, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    unit_dir_free(&d);
}

/* Windows over 128 MiB are refused, whatever they hold. Source: security-model.md 2.1. */
/* limits: window_bytes (128 MiB) */
static void test_unpack_windows(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    if (unit_has_program("zstd")) {
        /* without a known size the frame header states the window */
        assert_int_equal(
            unit_sh(d.path, "head -c 300000 /dev/zero | zstd --ultra --long=28 -c > z"), 0);
        PRQ_BUF z = unit_slurp(&d, "z"), out;
        assert_false(unpack(ZSTD, prq_buf_bytes(&z), SIZE_MAX, 4096, &out, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
    if (unit_has_program("xz")) {
        assert_int_equal(
            unit_sh(d.path, "head -c 300000 /dev/zero | xz --lzma2=dict=256MiB -c > z"), 0);
        PRQ_BUF z = unit_slurp(&d, "z"), out;
        assert_false(unpack(XZ, prq_buf_bytes(&z), SIZE_MAX, 4096, &out, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
    unit_dir_free(&d);
}

static void test_zstd_pack(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_BUF text = unit_text(400000, 5), packed, out, less;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&packed, PRQ_MIB(1));
    assert_true(prq_zstd_pack(prq_buf_bytes(&text), 3, &packed, &err));
    assert_true(packed.n < text.n / 2);
    prq_buf_init(&out, text.n);
    assert_true(prq_zstd_unpack(prq_buf_bytes(&packed), &out, &err));
    assert_bytes(prq_buf_bytes(&out), prq_buf_bytes(&text));
    assert_true(prq_zstd_unpack_exact(prq_buf_bytes(&packed), out.p, text.n, &err));
    assert_bytes(prq_buf_bytes(&out), prq_buf_bytes(&text));
    assert_false(prq_zstd_unpack_exact(prq_buf_bytes(&packed), out.p, text.n - 1, &err));
    assert_false(prq_zstd_unpack_exact((prq_bytes){ packed.p, packed.n - 1 }, out.p, text.n, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    prq_buf_init(&less, text.n - 1);
    assert_false(prq_zstd_unpack(prq_buf_bytes(&packed), &less, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    for (size_t n = 0; n < 40; n++) {
        prq_buf_clear(&out);
        assert_false(prq_zstd_unpack((prq_bytes){ packed.p, n }, &out, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    prq_buf_clear(&packed);
    prq_buf_clear(&out);
    assert_true(prq_zstd_pack((prq_bytes){ 0 }, 1, &packed, &err));
    assert_true(prq_zstd_unpack(prq_buf_bytes(&packed), &out, &err));
    assert_int_equal(out.n, 0);
    unit_dir_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unpack_whole),
        cmocka_unit_test(test_unpack_cut_or_damaged),
        cmocka_unit_test(test_unpack_windows),
        cmocka_unit_test(test_zstd_pack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
