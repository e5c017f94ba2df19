/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: Conan's documentation of its files; `conan list` of 2.34 and `conan search` of 1.66 about the
 * caches that they made. */
#include "capture.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_conan;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_conan, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_conan_lock(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "conan.lock",
                    "{\"graph_lock\":{\"nodes\":{\"0\":{\"options\":\"x\",\"path\":\"conanfile.txt\"},"
                    "\"1\":{\"ref\":\"zlib/1.2.11@me/stable#ffa7:19729\",\"context\":\"host\"},"
                    "\"2\":{\"ref\":\"cmake/3.22.6\",\"context\":\"build\"},"
                    "\"3\":{\"ref\":\"1.2.3\"}}},\"version\":\"0.4\"}", NULL));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "zlib");
    assert_str(c.packages[0].version, "1.2.11");
    assert_str(c.packages[0].qualifiers.v[0], "channel=stable");
    assert_str(c.packages[0].qualifiers.v[1], "user=me");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED);
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_int_equal(c.gap_count, 1); /* "1.2.3" names nothing */
    assert_true(run(&c, a, "conan.lock",
                    "{\"version\":\"0.5\",\"requires\":[\"a/1.0#83d4%1675278904.07\",\"b/[>=1]\"],"
                    "\"build_requires\":[\"t/1.16.5#05%17\"],\"python_requires\":[\"p/1@_/_\"]}", NULL));
    assert_int_equal(c.package_count, 4);
    assert_str(c.packages[0].version, "1.0");
    assert_int_equal(c.packages[1].version.n, 0);
    assert_int_equal(c.packages[2].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_int_equal(c.packages[3].qualifiers.n, 0);
}

static void test_conan_text(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "conanfile.txt",
                    "# mine\n[requires]\npoco/1.9.4 # needed\nopenssl/1.1.1q@u/c\n\n[generators]\ncmake\n"
                    "[tool_requires]\r\ncmake/3.25.1\r\n[options]\npoco:shared=True\n", NULL));
    assert_int_equal(c.package_count, 3);
    assert_str(c.packages[1].version, "1.1.1q");
    assert_str(c.packages[2].version, "3.25.1");
    assert_int_equal(c.packages[2].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_true(run(&c, a, "p/conaninfo.txt",
                    "[settings]\n    os=Linux\n[requires]\n    zlib/1.Y.Z\n[full_requires]\n"
                    "    zlib/1.2.12:2a823fda5c9d8b4f682cb27c30caf4124c5726c8\n[recipe_hash]\n    x\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].version, "1.2.12");
    assert_int_equal(c.packages[0].flags, 0);
}

static void test_conan_masked(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "root/.conan2/p/b/openssl/p/conaninfo.txt",
                    "[settings]\nos=Linux\n[requires]\nzlib/1.Y.Z\nexpat/2.5.0#abc:def\n", NULL));
    assert_int_equal(c.package_count, 2);
    assert_int_equal(c.packages[0].version.n, 0);
    assert_str(c.packages[1].version, "2.5.0");
}

static void test_conan_caches(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "root/.conan/data/openssl/3.0.7/acme/stable/package/c73a/conaninfo.txt",
                    "[settings]\n    os=Linux\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "openssl");
    assert_str(c.packages[0].version, "3.0.7");
    assert_str(c.packages[0].qualifiers.v[1], "user=acme");
    assert_true(run(&c, a, "x/conaninfo.txt", "[settings]\n    os=Linux\n", NULL));
    assert_int_equal(c.package_count, 0);

    capture_init(&c, a);
    prq_bytes db = unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/conan/cache.sqlite3");
    assert_true(capture_run(&c, &prq_analyzer_conan, "root/.conan2/p/cache.sqlite3", db, NULL));
    assert_int_equal(c.package_count, 3);
    static const char *const want[][2] = {
        { "cmake", "3.25.1" }, { "openssl", "3.0.7" }, { "zlib", "1.2.13" }
    };
    for (size_t i = 0; i < c.package_count; i++) {
        size_t n = 0;
        while (n < PRQ_COUNT(want) && !prq_str_eq(c.packages[i].name, prq_str_from(want[n][0])))
            n++;
        assert_true(n < PRQ_COUNT(want));
        assert_str(c.packages[i].version, want[n][1]);
        assert_int_equal(c.packages[i].flags, 0);
    }
}

static void test_conan_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const bad[] = { "null", "", "{\"requires\":[", "[]" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, "conan.lock", bad[i], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    assert_true(run(&c, a, "conan.lock", "{\"requires\":[1,\"\",\"x\"],\"graph_lock\":[]}", NULL));
    assert_int_equal(c.package_count, 0);
    assert_int_equal(c.gap_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conan_lock),
        cmocka_unit_test(test_conan_text),
        cmocka_unit_test(test_conan_masked),
        cmocka_unit_test(test_conan_caches),
        cmocka_unit_test(test_conan_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
