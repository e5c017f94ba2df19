/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "scan/recent.h"

static struct prq_file file(const char *path)
{
    return (struct prq_file){ .path = prq_str_from(path), .type = PRQ_FILE_REGULAR, .size = 7,
                              .mode = 0755 };
}

static void add(struct prq_recents *r, const char *path, const char *facts)
{
    struct prq_file f = file(path);
    prq_recents_add(r, &f, 5, (prq_bytes){ (const uint8_t *)"\x7f" "ELF", 4 }, 1,
                    (prq_bytes){ (const uint8_t *)facts, strlen(facts) });
}

static void test_what_was_said_is_found(void **state)
{
    (void)state;
    struct prq_recents r;
    prq_recents_init(&r, 4096);
    assert_null(prq_recents_find(&r, PRQ_S("a")));
    assert_null(prq_recents_find(&r, PRQ_S("")));
    add(&r, "a", "one");
    add(&r, "b", "");
    const struct prq_recent *a = prq_recents_find(&r, PRQ_S("a"));
    assert_non_null(a);
    assert_str(prq_buf_view(&a->facts), "one");
    assert_int_equal(a->head_n, 4);
    assert_int_equal(a->member, 5);
    assert_int_equal(a->file.size, 7);
    assert_int_equal(a->file.mode, 0755);
    assert_int_equal(prq_recents_find(&r, PRQ_S("b"))->facts.n, 0);
    prq_recents_forget(&r, PRQ_S("a"));
    prq_recents_forget(&r, PRQ_S("z"));
    assert_null(prq_recents_find(&r, PRQ_S("a")));
    assert_non_null(prq_recents_find(&r, PRQ_S("b")));
    prq_recents_release(&r);
}

static void test_the_oldest_makes_room(void **state)
{
    (void)state;
    struct prq_recents r;
    char name[16];
    prq_recents_init(&r, 4096);
    for (int i = 0; i <= PRQ_RECENT_FILES; i++) {
        snprintf(name, sizeof name, "f%d", i);
        add(&r, name, name);
    }
    assert_null(prq_recents_find(&r, PRQ_S("f0")));
    assert_non_null(prq_recents_find(&r, PRQ_S("f1")));
    assert_str(prq_buf_view(&prq_recents_find(&r, PRQ_S("f32"))->facts), "f32");
    prq_recents_release(&r);
}

static void test_too_much_is_not_remembered(void **state)
{
    (void)state;
    struct prq_recents r;
    static char much[PRQ_RECENT_FACTS + 2];
    memset(much, 'x', sizeof much - 1);
    prq_recents_init(&r, 4);
    add(&r, "abc", much);
    assert_null(prq_recents_find(&r, PRQ_S("abc")));
    add(&r, "abcde", "x");
    assert_null(prq_recents_find(&r, PRQ_S("abcde")));
    add(&r, "abcd", "x");
    assert_non_null(prq_recents_find(&r, PRQ_S("abcd")));
    prq_recents_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_said_is_found),
        cmocka_unit_test(test_the_oldest_makes_room),
        cmocka_unit_test(test_too_much_is_not_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
