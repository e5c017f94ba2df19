/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: Pkg's documentation of manifest files. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_julia;

static bool run(struct capture *c, struct prq_arena *a, const char *text, struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_julia, "Manifest.toml", prq_bytes_of(prq_str_from(text)), err);
}

#define UUID "ade2ca70-3891-5945-98fb-dc099432e06a"

static void test_julia_manifests(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a,
                    "julia_version = \"1.9.0\"\nmanifest_format = \"2.0\"\n"
                    "[[deps.Dates]]\ndeps = [\"Printf\"]\nuuid = \"" UUID "\"\n"
                    "[[deps.JSON]]\ndeps = {Dates = \"" UUID "\"}\nuuid = \"682c06a0\"\nversion = \"0.21.4\"\n"
                    "[[deps.JSON]]\nuuid = \"other\"\nversion = \"1.0.0\"\n"
                    "[extras]\nx = 1\n", NULL));
    assert_int_equal(c.package_count, 3);
    assert_str(c.packages[0].name, "Dates");
    assert_int_equal(c.packages[0].version.n, 0);
    assert_str(c.packages[0].qualifiers.v[0], "uuid=" UUID);
    assert_str(c.packages[1].version, "0.21.4");
    assert_str(c.packages[1].depends.v[0], "Dates");
    assert_str(c.packages[2].version, "1.0.0");
    assert_true(run(&c, a, "[[JSON]]\nuuid = \"u\"\nversion = \"0.21.1\"\n[[deps]]\na = 1\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].version, "0.21.1");
}

static void test_julia_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(run(&c, a, "this is not valid toml! (I think)\n", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(run(&c, a, "manifest_format = \"2.0\"\ndeps = 1\n", NULL));
    assert_true(run(&c, a, "", NULL));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_julia_manifests),
        cmocka_unit_test(test_julia_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
