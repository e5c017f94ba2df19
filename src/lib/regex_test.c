/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "lib/regex.h"

static struct prq_regex *make(const char *pattern, uint32_t flags)
{
    struct prq_regex *r = NULL;
    assert_true(prq_regex_new(prq_str_from(pattern), flags, &prq_limits_default, &r, NULL));
    return r;
}

static prq_bytes bytes(const char *text)
{
    return prq_bytes_of(prq_str_from(text));
}

static void test_regex_groups(void **state)
{
    (void)state;
    PRQ_REGEX r = make("v(?<version>[0-9]+)(\\.x)?(-(?<rest>[a-z]+))?", 0);
    prq_bytes s = bytes("zz v12-beta v3.x");
    struct prq_err err = PRQ_ERR_INIT;
    assert_int_equal(prq_regex_group_count(r), 4);
    assert_int_equal(prq_regex_find(r, s, 0, s.n, &err), PRQ_NEXT_ITEM);
    assert_str(prq_regex_group(r, 0), "v12-beta");
    assert_str(prq_regex_named(r, "version"), "12");
    assert_str(prq_regex_named(r, "rest"), "beta");
    assert_null(prq_regex_group(r, 2).p);
    assert_null(prq_regex_group(r, 99).p);
    assert_null(prq_regex_named(r, "other").p);
    assert_int_equal(prq_regex_find(r, s, 5, s.n, &err), PRQ_NEXT_ITEM);
    assert_str(prq_regex_named(r, "version"), "3");
    assert_null(prq_regex_named(r, "rest").p);
    assert_int_equal(prq_regex_find(r, s, 5, 12, &err), PRQ_NEXT_END);
    assert_null(prq_regex_group(r, 0).p);
    assert_int_equal(prq_regex_find(r, s, 99, 98, &err), PRQ_NEXT_END);
    assert_int_equal(err.code, PRQ_E_NONE);
}

static void test_regex_bytes(void **state)
{
    (void)state;
    static const char text[] = "a\0" "1.2.3\0\xff\xfe\nend";
    prq_bytes s = { (const uint8_t *)text, sizeof text - 1 };
    PRQ_REGEX r = make("(?<=\\x00)([0-9.]+)\\x00\\xff.\\n", 0);
    assert_int_equal(prq_regex_find(r, s, 2, s.n, NULL), PRQ_NEXT_ITEM); /* looks before `from` */
    assert_str(prq_regex_group(r, 1), "1.2.3");
    PRQ_REGEX line = make("^END$", PRQ_REGEX_CASELESS | PRQ_REGEX_MULTILINE);
    assert_int_equal(prq_regex_find(line, s, 0, s.n, NULL), PRQ_NEXT_ITEM);
    PRQ_REGEX dot = make("\\xfe.e", 0);
    PRQ_REGEX all = make("\\xfe.e", PRQ_REGEX_DOTALL);
    assert_int_equal(prq_regex_find(dot, s, 0, s.n, NULL), PRQ_NEXT_END);
    assert_int_equal(prq_regex_find(all, s, 0, s.n, NULL), PRQ_NEXT_ITEM);
    PRQ_REGEX here = make("1", PRQ_REGEX_ANCHORED);
    assert_int_equal(prq_regex_find(here, s, 1, s.n, NULL), PRQ_NEXT_END);
    assert_int_equal(prq_regex_find(here, s, 2, s.n, NULL), PRQ_NEXT_ITEM);
    PRQ_REGEX empty = make("", 0);
    assert_int_equal(prq_regex_find(empty, (prq_bytes){ 0 }, 0, 0, NULL), PRQ_NEXT_ITEM);
    assert_int_equal(prq_regex_group(empty, 0).n, 0);
}

static void test_regex_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "(", "[z-a]", "(?<v>a)(?<v>b)", "*", "\\C", "(*UTF)a" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_regex *r = NULL;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_regex_new(prq_str_from(bad[i]), 0, &prq_limits_default, &r, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_null(r);
    }
    struct prq_regex *r = NULL;
    static const char big[70000] = { 'a' };
    assert_false(prq_regex_new((prq_str){ big, sizeof big }, 0, &prq_limits_default, &r, NULL));
}

/* Patterns that never end elsewhere: a clean LIMIT here, even when the pattern asks for more. */
static void test_regex_limits(void **state)
{
    (void)state;
    static const char *const slow[] = { "(a+)+[bc]", "(*LIMIT_MATCH=4000000000)(a|aa)+[bc]",
                                        "(*LIMIT_DEPTH=4000000000)(*LIMIT_HEAP=4000000)(a|b(?R)c|a(?R)?)+[de]" };
    char text[64];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < PRQ_COUNT(slow); i++) {
        PRQ_REGEX r = make(slow[i], PRQ_REGEX_ANCHORED);
        struct prq_err err = PRQ_ERR_INIT;
        assert_int_equal(prq_regex_find(r, (prq_bytes){ (uint8_t *)text, sizeof text }, 0,
                                        sizeof text, &err), PRQ_NEXT_FAIL);
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
    struct prq_limits low = prq_limits_default;
    low.regex_steps = 1u << 30; /* so that memory ends first */
    low.regex_bytes = 1024;
    struct prq_regex *r = NULL;
    assert_true(prq_regex_new(PRQ_S("((a)(a)(a)(a))+[yz]"), PRQ_REGEX_ANCHORED, &low, &r, NULL));
    static char many[100000];
    memset(many, 'a', sizeof many);
    struct prq_err err = PRQ_ERR_INIT;
    assert_int_equal(prq_regex_find(r, (prq_bytes){ (uint8_t *)many, sizeof many }, 0, sizeof many,
                                    &err), PRQ_NEXT_FAIL);
    assert_int_equal(err.code, PRQ_E_LIMIT);
    prq_regex_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regex_groups),
        cmocka_unit_test(test_regex_bytes),
        cmocka_unit_test(test_regex_refused),
        cmocka_unit_test(test_regex_limits),
    };
    return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
