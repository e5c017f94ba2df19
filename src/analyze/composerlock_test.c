/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: `composer show --locked` over the same texts. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_composerlock;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_composerlock, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_composerlock_lists(void **state)
{
    (void)state;
    static const char text[] =
        "{\"content-hash\":\"x\",\"packages\":[{\"name\":\"a/b\",\"version\":\"v1.0\","
        "\"dist\":{\"shasum\":\"0123456789012345678901234567890123456789\"}}],"
        "\"packages-dev\":[{\"name\":\"c/d\",\"version\":\"2.x-dev\","
        "\"source\":{\"type\":\"git\",\"url\":\"https://x\",\"reference\":\"22\"}}],\"aliases\":[]}";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "composer.lock", text, &err));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "a/b");
    assert_str(c.packages[0].version, "v1.0");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED);
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_str(c.packages[1].vcs_url, "git+https://x@22");
    /* PHP writes a list where nothing is required. */
    assert_true(run(&c, a, "composer.lock",
                    "{\"packages\":[{\"name\":\"a/b\",\"require\":[],\"version\":\"1\"},"
                    "{\"name\":\"c/d\",\"version\":\"2\"}]}", &err));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].version, "1");
    assert_true(run(&c, a, "vendor/a/b/composer.lock", text, &err));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, "composer.lock", "{\"packages\":[],\"packages-dev\":null}", &err));
    assert_int_equal(c.package_count, 0);
}

static void test_composerlock_losses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t packages;
    } cases[] = {
        { "", 0 },
        { "[]", 0 },
        { "{}", 0 },
        { "{\"packages\":[1,{\"name\":\"a/b\",\"version\":\"1\"}]}", 1 },
        { "{\"packages\":[{\"name\":\"a/b\",\"version\":\"1\"},", 1 },
        { "{\"packages\":[]} x", 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, "composer.lock", cases[i].text, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(c.package_count, cases[i].packages);
    }
}

static void test_composerlock_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_composerlock, "composer.lock",
                             CAPTURE_BYTES("{\"packages\":[{\"name\":\"a/b\"}]}"), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_composerlock_lists),
        cmocka_unit_test(test_composerlock_losses),
        cmocka_unit_test(test_composerlock_full_sink),
    };
    return cmocka_run_group_tests_name("composerlock", tests, NULL, NULL);
}
