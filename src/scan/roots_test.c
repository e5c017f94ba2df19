/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "scan/roots.h"

static void test_names_lead_to_contents(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_roots r;
    prq_roots_init(&r, a);
    assert_str(prq_roots_of(&r, PRQ_S("a")), "a");
    prq_roots_remove(&r, PRQ_S("a"));
    assert_true(prq_roots_add(&r, PRQ_S("b"), PRQ_S("a")));
    assert_true(prq_roots_add(&r, PRQ_S("c"), prq_roots_of(&r, PRQ_S("b"))));
    assert_int_equal(r.count, 1); /* they share the name */
    assert_str(prq_roots_of(&r, PRQ_S("c")), "a");
    prq_roots_remove(&r, PRQ_S("b"));
    assert_str(prq_roots_of(&r, PRQ_S("b")), "b");
    assert_str(prq_roots_of(&r, PRQ_S("c")), "a");
    assert_true(prq_roots_add(&r, PRQ_S("c"), PRQ_S("z")));
    assert_str(prq_roots_of(&r, PRQ_S("c")), "z");
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
        ok = prq_roots_add(&r, prq_str_from(name), PRQ_S("a"));
    }
    assert_false(ok);
    assert_str(prq_roots_of(&r, PRQ_S("link-0")), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_lead_to_contents),
        cmocka_unit_test(test_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
