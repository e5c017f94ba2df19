/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that dpkg-deb built; the control file is what `dpkg-deb -f` prints of them. */
#include "unit.h"

#include "pipe.h"

#include "format/debfile.h"

static const char control[] = "Package: tiny\nVersion: 1:2.0-3\nArchitecture: all\n"
                              "Maintainer: Some One <some@example.org>\nDepends: libc6 (>= 2.3)\n"
                              "Description: tiny\n long\n";

static bool read_seed(const char *name, struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/debfile/%s", name);
    return prq_debfile_control(unit_slurp(a, path), &prq_limits_default, out, err);
}

static void test_debfile_compressions(void **state)
{
    (void)state;
    static const char *const names[] = { "gzip.deb", "xz.deb", "none.deb", "zstd.deb", "tiny.udeb",
                                         "tiny.ipk" };
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        PRQ_BUF out;
        struct prq_err err = PRQ_ERR_INIT;
        prq_buf_init(&out, PRQ_KIB(4));
        if (!read_seed(names[i], &out, &err))
            fail_msg("%s: %s", names[i], err.text);
        assert_true(prq_str_eq(prq_buf_view(&out), prq_str_from(control)));
    }
}

static void test_debfile_malformed(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        { "empty.deb", "package without control.tar" },
        { "size.deb", "size of an ar member" },
        { "cut.deb", "size of an ar member" },
    };
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        PRQ_BUF out;
        struct prq_err err = PRQ_ERR_INIT;
        prq_buf_init(&out, PRQ_KIB(4));
        assert_false(read_seed(names[i][0], &out, &err));
        assert_string_equal(err.text, names[i][1]);
    }
    PRQ_BUF half;
    struct prq_err cut = PRQ_ERR_INIT;
    prq_buf_init(&half, PRQ_KIB(4));
    assert_false(read_seed("cut.ipk", &half, &cut));
    assert_int_equal(cut.code, PRQ_E_FORMAT);
    PRQ_BUF small;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&small, 8);
    assert_false(read_seed("none.deb", &small, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_false(prq_debfile_control((prq_bytes){ 0 }, &prq_limits_default, &small, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debfile_compressions),
        cmocka_unit_test(test_debfile_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
