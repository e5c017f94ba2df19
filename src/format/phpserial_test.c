/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what unserialize() of PHP 8.2 makes of the same bytes. */
#include "unit.h"

#include "format/phpserial.h"

static void test_phpserial_values(void **state)
{
    (void)state;
    struct prq_php s;
    prq_str key, v = { 0 };
    prq_php_init(&s, PRQ_S("a:6:{s:1:\"a\";s:3:\"x\"y\";i:-7;i:42;s:0:\"\";d:0.5;"
                           "s:1:\"o\";O:3:\"Foo\":1:{s:4:\"\0*\0p\";N;}"
                           "s:1:\"c\";C:1:\"K\":3:{}};}s:1:\"e\";E:6:\"Suit:A\";}\n"));
    assert_true(prq_php_enter(&s));
    assert_true(prq_php_key(&s, &key));
    assert_str(key, "a");
    assert_true(prq_php_string(&s, &v));
    assert_str(v, "x\"y");
    assert_true(prq_php_key(&s, &key));
    assert_str(key, "-7");
    assert_true(prq_php_string(&s, &v));
    assert_str(v, "42");
    assert_true(prq_php_key(&s, &key));
    assert_str(key, "");
    assert_true(prq_php_string(&s, &v));
    assert_str(v, "0.5");
    assert_true(prq_php_key(&s, &key));
    assert_false(prq_php_string(&s, &v));
    prq_php_skip(&s);
    assert_true(prq_php_key(&s, &key));
    assert_str(key, "c");
    prq_php_skip(&s);
    assert_true(prq_php_key(&s, &key));
    prq_php_skip(&s);
    assert_false(prq_php_key(&s, &key));
    assert_true(prq_php_end(&s, NULL));
}

static void test_phpserial_whole(void **state)
{
    (void)state;
    static const char *const good[] = {
        "N;", "b:1;", "i:0;", "d:INF;", "s:0:\"\";", "a:0:{}", "a:1:{i:0;a:1:{i:0;R:2;}}",
        "a:2:{i:0;a:0:{}i:1;N;}",
    };
    static const struct {
        const char *text;
        uint64_t offset;
    } bad[] = {
        { "", 0 },
        { "x", 0 },
        { "N", 1 },
        { "s:3:\"ab\";", 7 + 1 },
        { "s:9:\"ab\";", 5 },
        { "s:-1:\"ab\";", 5 },
        { "s:99999999999999999999:\"ab\";", 23 },
        { "s:2:ab;", 4 },
        { "i:1", 2 },
        { "a:1:{N;N;}", 5 },
        { "a:1:{i:0;N;N;}", 11 },
        { "a:2:{i:0;N;}", 5 },
        { "a:2:{i:0;N;i:12345;}", 19 },
        { "a:9:{}", 5 },
        { "O:1:\"A\":0:", 10 },
        { "C:1:\"A\":9:{}", 11 },
        { "i:1;i:2;", 4 },
    };
    for (size_t i = 0; i < PRQ_COUNT(good); i++) {
        struct prq_php s;
        prq_php_init(&s, prq_str_from(good[i]));
        prq_php_skip(&s);
        assert_true(prq_php_end(&s, NULL));
    }
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_php s;
        struct prq_err err = PRQ_ERR_INIT;
        prq_php_init(&s, prq_str_from(bad[i].text));
        prq_php_skip(&s);
        assert_false(prq_php_end(&s, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(err.offset, bad[i].offset);
    }
}

static void test_phpserial_depth(void **state)
{
    (void)state;
    char text[2048];
    size_t n = 0;
    for (int i = 0; i < 65; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "a:1:{i:0;");
    n += (size_t)snprintf(text + n, sizeof text - n, "N;");
    for (int i = 0; i < 65; i++)
        text[n++] = '}';
    struct prq_php s;
    struct prq_err err = PRQ_ERR_INIT;
    prq_php_init(&s, (prq_str){ text, n });
    prq_php_skip(&s);
    assert_false(prq_php_end(&s, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    prq_php_init(&s, (prq_str){ text + 9, n - 10 });
    prq_php_skip(&s);
    assert_true(prq_php_end(&s, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phpserial_values),
        cmocka_unit_test(test_phpserial_whole),
        cmocka_unit_test(test_phpserial_depth),
    };
    return cmocka_run_group_tests_name("phpserial", tests, NULL, NULL);
}
