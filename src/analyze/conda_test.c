/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_conda;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_conda, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_conda, path, data, &err) ? "" : err.text;
}

static void assert_list(struct prq_strs list, const char *expected)
{
    prq_str rest = prq_str_from(expected), word;
    for (size_t i = 0; i < list.n; i++) {
        assert_true(prq_str_split(&rest, ' ', &word));
        if (!prq_str_eq(list.v[i], word))
            fail_msg("%.*s is not %.*s", PRQ_FMT(list.v[i]), PRQ_FMT(word));
    }
    assert_true(list.n == 0 ? *expected == '\0' : !rest.p);
}

static void test_conda_meta(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "opt/conda/conda-meta/openssl-3.0.13-h7f8727e_0.json",
           CAPTURE_BYTES("{\"build\":\"h7f8727e_0\",\"build_number\":0,"
                         "\"channel\":\"https://conda.example/pkgs/main/linux-64\","
                         "\"depends\":[\"ca-certificates\",\"libgcc-ng >=11.2.0\"],"
                         "\"files\":[\"bin/openssl\"],\"license\":\"Apache-2.0\","
                         "\"md5\":\"0bb7ee65ff8b1f0d3f6c0d2a8ee1b1cd\",\"name\":\"openssl\","
                         "\"size\":5444144,\"subdir\":\"linux-64\",\"version\":\"3.0.13\"}"));
    assert_int_equal(c.package_count, 1);
    const struct prq_package *p = &c.packages[0];
    assert_str(p->type, "conda");
    assert_str(p->name, "openssl");
    assert_str(p->version, "3.0.13");
    assert_list(p->licenses, "Apache-2.0");
    assert_list(p->depends, "ca-certificates libgcc-ng");
    assert_list(p->qualifiers, "build=h7f8727e_0 channel=main subdir=linux-64");
    assert_list(p->digests, "md5:0bb7ee65ff8b1f0d3f6c0d2a8ee1b1cd");
    assert_string_equal(run_error(a, "conda-meta/x.json", CAPTURE_BYTES("{}")),
                        "package without a name");
    assert_string_equal(run_error(a, "conda-meta/x.json", CAPTURE_BYTES("Invalid")), "not an object");
}

/* Forms of the documentation's "Package match specifications". */
static void test_conda_environment(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "blas=1.0=openblas", "blas", "1.0" },
        { "libexpat==2.6.2", "libexpat", "2.6.2" },
        { "libgomp 13.2.0 hf8544c7_5", "libgomp", "13.2.0" },
        { "conda-forge::numpy=1.26.4", "numpy", "1.26.4" },
        { "_openmp_mutex", "_openmp_mutex", "" },
        { "ld_impl=2.40.*", "ld_impl", "" },
        { "libblas>=3.9", "libblas", "" },
        { "libcblas<=3.9.0=22_x", "libcblas", "" },
        { "libgcc-ng 13.2|13.3", "libgcc-ng", "" },
        { "x =>13.2.0,<13.3", "x", "" },
        { "'python[version=3.9]'", "python", "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        prq_str text = prq_arena_printf(a, "dependencies:\n  - %s\n", cases[i][0]);
        run_ok(&c, "environment.yml", prq_bytes_of(text));
        if (c.package_count != 1 || !prq_str_eq(c.packages[0].name, prq_str_from(cases[i][1])) ||
            !prq_str_eq(c.packages[0].version, prq_str_from(cases[i][2])))
            fail_msg("%s", cases[i][0]);
        assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED);
    }
}

static void test_conda_environment_oddities(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "environment.yml",
           CAPTURE_BYTES("name: x\ndependencies:\n- 1\n- pip: asgiref==3.8.1\n- pip:\n  - a: [b]\n"
                         "  - Django==5.0.6\n  - requests[security]==2.1 ; python_version>'3'\n"
                         "  - -r other.txt\n  - git+https://x.example/y\n  - flask>=2\n"));
    assert_int_equal(c.package_count, 3);
    assert_str(c.packages[0].type, "pypi");
    assert_str(capture_package(&c, "Django")->version, "5.0.6");
    assert_str(capture_package(&c, "requests")->version, "2.1");
    assert_str(capture_package(&c, "flask")->version, "");
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "entry is no package (and 2 more like it)");
    assert_true(c.gaps[0].offset == 22);
    assert_string_equal(run_error(a, "environment.yml", CAPTURE_BYTES("dependencies: x\n")),
                        "dependencies are no list");
    assert_string_equal(run_error(a, "environment.yml", CAPTURE_BYTES("")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conda_meta),
        cmocka_unit_test(test_conda_environment),
        cmocka_unit_test(test_conda_environment_oddities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
