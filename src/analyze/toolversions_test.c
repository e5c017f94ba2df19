/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: the documentation of asdf and mise. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_toolversions;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_toolversions, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_toolversions_asdf(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, ".tool-versions",
                    "# mine\nnodejs 18.2.0 system # why\npython 3.10.1 3.9.9\nruby ref:v2.7\nlua path:~/lua\n"
                    "zig latest\nterraform\n\nerlang\t25.0\r\n", NULL));
    static const char *const want[][2] = { { "nodejs", "18.2.0" }, { "python", "3.10.1" },
                                           { "python", "3.9.9" }, { "erlang", "25.0" } };
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].name, want[i][0]);
        assert_str(c.packages[i].version, want[i][1]);
        assert_int_equal(c.packages[i].flags, PRQ_PKG_DECLARED);
    }
}

static void test_toolversions_mise(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "mise.toml",
                    "[tools]\nnode = \"18\"\npython = [\"3.10\", {version = \"3.11\"}]\n"
                    "go = {version = \"1.21.0\"}\nrust = \"latest\"\nodd = 1\n[env]\nA = \"1\"\n", NULL));
    assert_int_equal(c.package_count, 4);
    assert_str(c.packages[2].version, "3.11");
    assert_str(c.packages[3].name, "go");
    assert_false(run(&c, a, ".mise.toml", "this file is not a valid toml file\n[tools]\n", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(run(&c, a, "mise.toml", "tools = 1\n", NULL));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_toolversions_asdf),
        cmocka_unit_test(test_toolversions_mise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
