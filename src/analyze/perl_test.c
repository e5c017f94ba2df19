/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: CPAN::Meta::Spec. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_perl;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_perl, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_perl_json(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "usr/share/perl5/x/META.json",
                    "{\"abstract\":\"x\",\"license\":[\"perl_5\",\"unknown\"],\"meta-spec\":{\"version\":2},"
                    "\"name\":\"ExtUtils-Helpers\",\"prereqs\":{},\"version\":\"0.026\"}", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].type, "cpan");
    assert_str(c.packages[0].name, "ExtUtils-Helpers");
    assert_str(c.packages[0].version, "0.026");
    assert_int_equal(c.packages[0].licenses.n, 1);
    assert_true(run(&c, a, "x/META.json", "{\"name\":\"A::B\",\"version\":1.10,\"meta-spec\":{}}", NULL));
    assert_str(c.packages[0].name, "A-B");
    assert_str(c.packages[0].version, "1.10");
    assert_true(run(&c, a, "lib/.meta/X-1/MYMETA.json", "{\"name\":\"X\"}", NULL));
    assert_int_equal(c.packages[0].version.n, 0);
    assert_true(run(&c, a, "x/META.json",
                    "{\"name\":\"pair\",\"version\":\"0.1.0\",\"meta-spec\":"
                    "{\"url\":\"https://pgxn.org/meta/spec.txt\"}}", NULL));
    assert_true(run(&c, a, "x/META.json", "{\"name\":\"game\",\"version\":\"1\"}", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

static void test_perl_yaml(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "dist/META.yml",
                    "---\nabstract: x\nauthor:\n  - 'Me <me@x>'\ngenerated_by: 'Module::Build'\n"
                    "license: perl\nname: Try-Tiny\nrequires:\n  Carp: '0'\nversion: '0.30'\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "Try-Tiny");
    assert_str(c.packages[0].version, "0.30");
    assert_str(c.packages[0].licenses.v[0], "perl");
}

static void test_perl_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const bad[][2] = {
        { "a/META.yml", "hedehodo\n" },     { "a/META.yml", "" },
        { "a/META.yml", "name: [\n" },      { "a/META.json", "" },
        { "a/META.json", "[]" },            { "a/MYMETA.json", "{\"name\":\"x\"" },
        { "perl5/META.json", "{}" },
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, bad[i][0], bad[i][1], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(c.package_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_perl_json),
        cmocka_unit_test(test_perl_yaml),
        cmocka_unit_test(test_perl_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
