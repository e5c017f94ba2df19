/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "scan/roots.h"

static void test_names_lead_to_contents(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_roots r;
    prq_roots_init(&r, a);
    assert_str(prq_roots_of(&r, PRQ_S("a"), 1).path, "a");
    prq_roots_remove(&r, PRQ_S("a"));
    assert_true(prq_roots_add(&r, PRQ_S("b"), prq_roots_of(&r, PRQ_S("a"), 2)));
    assert_true(prq_roots_add(&r, PRQ_S("c"), prq_roots_of(&r, PRQ_S("b"), 3)));
    assert_int_equal(r.count, 1); /* they share the name */
    assert_str(prq_roots_of(&r, PRQ_S("c"), 4).path, "a");
    assert_int_equal(prq_roots_of(&r, PRQ_S("c"), 4).before, 2);
    prq_roots_remove(&r, PRQ_S("b"));
    assert_str(prq_roots_of(&r, PRQ_S("b"), 5).path, "b");
    assert_int_equal(prq_roots_of(&r, PRQ_S("b"), 5).before, 5);
    assert_str(prq_roots_of(&r, PRQ_S("c"), 6).path, "a");
    assert_true(prq_roots_add(&r, PRQ_S("d"), prq_roots_of(&r, PRQ_S("a"), 7)));
    assert_int_equal(prq_roots_of(&r, PRQ_S("d"), 8).before, 7); /* a's next content */
    assert_int_equal(prq_roots_of(&r, PRQ_S("c"), 8).before, 2);
    assert_true(prq_roots_add(&r, PRQ_S("c"), (struct prq_root){ PRQ_S("z"), 9 }));
    assert_str(prq_roots_of(&r, PRQ_S("c"), 9).path, "z");
}

static void test_memory_ends(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(4096);
    struct prq_roots r;
    char name[32];
    prq_roots_init(&r, a);
    bool ok = true;
    for (int i = 0; ok && i < 1000; i++) {
        snprintf(name, sizeof name, "link-%d", i);
        ok = prq_roots_add(&r, prq_str_from(name), (struct prq_root){ PRQ_S("a"), (uint64_t)i });
    }
    assert_false(ok);
    assert_str(prq_roots_of(&r, PRQ_S("link-0"), 0).path, "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_lead_to_contents),
        cmocka_unit_test(test_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
