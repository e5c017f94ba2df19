/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what `php -r 'var_dump(include …)'` of PHP 8.2 shows of the same bytes. */
#include "unit.h"

#include "format/phparray.h"

static void open_text(struct prq_phparray *s, const char *text, struct prq_arena *a)
{
    prq_phparray_init(s, prq_str_from(text), a);
}

static void test_phparray_values(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    struct prq_phparray s;
    prq_str key, v = { 0 };
    bool yes = false;
    open_text(&s,
              "<?php // generated\n return array (\n"
              "  'a\\\\b\\'c' => 'x\\y', # note\n"
              "  3 => \"plain\", /* ) */ 'dir' => __DIR__ . '/../' . 'x',\n"
              "  'yes' => TRUE, 'n' => -1.5, 'none' => null,\n"
              "  'list' => ['v', array(), [1, 2,],],\n"
              "  'esc' => \"a\\n\", 'last' => Foo\\Bar::BAZ\n) ; ?>junk",
              a);
    assert_true(prq_phparray_enter(&s));
    assert_true(prq_phparray_key(&s, &key));
    assert_str(key, "a\\b'c");
    assert_true(prq_phparray_text(&s, &v));
    assert_str(v, "x\\y");
    assert_true(prq_phparray_key(&s, &key));
    assert_str(key, "3");
    assert_true(prq_phparray_text(&s, &v));
    assert_str(v, "plain");
    assert_true(prq_phparray_key(&s, &key));
    assert_str(key, "dir");
    assert_false(prq_phparray_text(&s, &v));
    assert_str(v, "plain");
    assert_true(prq_phparray_key(&s, &key));
    assert_true(prq_phparray_bool(&s, &yes));
    assert_true(yes);
    assert_true(prq_phparray_key(&s, &key));
    assert_false(prq_phparray_bool(&s, &yes));
    assert_true(prq_phparray_key(&s, &key));
    prq_phparray_skip(&s);
    assert_true(prq_phparray_key(&s, &key));
    assert_str(key, "list");
    assert_true(prq_phparray_enter(&s));
    assert_true(prq_phparray_key(&s, &key));
    assert_int_equal(key.n, 0);
    assert_true(prq_phparray_text(&s, &v));
    assert_str(v, "v");
    assert_true(prq_phparray_key(&s, &key));
    assert_false(prq_phparray_text(&s, &v));
    assert_true(prq_phparray_key(&s, &key));
    prq_phparray_skip(&s);
    assert_false(prq_phparray_key(&s, &key));
    assert_true(prq_phparray_key(&s, &key));
    assert_false(prq_phparray_text(&s, &v));
    assert_true(prq_phparray_key(&s, &key));
    assert_str(key, "last");
    prq_phparray_skip(&s);
    assert_false(prq_phparray_key(&s, &key));
    assert_true(prq_phparray_end(&s, NULL));
}

static void test_phparray_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long at; /* -1: fine */
    } cases[] = {
        { "<?php return [];", -1 },
        { "\xef\xbb\xbf<?PHP\nRETURN Array();", -1 },
        { "<?php return 1;", -1 },
        { "", 0 },
        { "{}", 0 },
        { "<?php echo 1;", 6 },
        { "<?php return array('a' => 'b'", 29 },
        { "<?php return array('a' => 'b", 26 },
        { "<?php return array('a' 'b');", 23 },
        { "<?php return array('a' => );", 26 },
        { "<?php return array('a' => [)];", 27 },
        { "<?php return array(1, 2)", 24 },
        { "<?php return array(1)) ;", 21 },
        { "<?php return array;", 13 },
        { "<?php return array(/*", 21 },
        { "<?php return [array => 1];", 14 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
        struct prq_phparray s;
        struct prq_err err = PRQ_ERR_INIT;
        open_text(&s, cases[i].text, a);
        prq_phparray_skip(&s);
        bool ok = prq_phparray_end(&s, &err);
        if (ok != (cases[i].at < 0))
            fail_msg("%s: %s", cases[i].text, err.text);
        if (!ok && err.offset != (uint64_t)cases[i].at)
            fail_msg("%s: byte %llu", cases[i].text, (unsigned long long)err.offset);
    }
}

static void test_phparray_depth(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    static char text[4096] = "<?php return ";
    struct prq_phparray s;
    struct prq_err err = PRQ_ERR_INIT;
    memset(text + strlen(text), '[', 4000);
    open_text(&s, text, a);
    prq_phparray_skip(&s);
    assert_false(prq_phparray_end(&s, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phparray_values),
        cmocka_unit_test(test_phparray_whole),
        cmocka_unit_test(test_phparray_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
