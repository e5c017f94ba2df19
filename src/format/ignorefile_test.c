/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: matching.md 6.4 and the documentation of Trivy and Grype. */
#include "format/ignorefile.h"

#include "unit.h"

static void read(struct prq_arena *a, const char *name, const char *text, struct prq_ignore_set *s)
{
    *s = (struct prq_ignore_set){ 0 };
    assert_true(prq_ignore_read(prq_str_from(name), prq_str_from(text), &prq_limits_default, a, s,
                                NULL));
}

static void test_ignorefile_lines(void **state)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_ignore_set s;
    (void)state;
    read(a, ".trivyignore", "# a\n\n CVE-1\r\nCVE-2 exp:2024-01-02 # why\n\tCVE-3\texp:x\n#CVE-4", &s);
    assert_int_equal(s.n, 3);
    assert_true(prq_str_eq(s.rules[0].ids.v[0], PRQ_S("CVE-1")));
    assert_true(prq_str_eq(s.rules[0].where, PRQ_S(".trivyignore:3")));
    assert_int_equal(s.rules[0].expires.n, 0);
    assert_true(prq_str_eq(s.rules[1].expires, PRQ_S("2024-01-02")));
    assert_true(prq_str_eq(s.rules[2].ids.v[0], PRQ_S("CVE-3")));
    assert_true(prq_str_eq(s.rules[2].expires, PRQ_S("x")));
}

static void test_ignorefile_yaml(void **state)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_ignore_set s;
    (void)state;
    read(a, "x.yaml", "", &s);
    assert_int_equal(s.n, 0);
    read(a, "x.yml", "ignore:\n- {id: [A, B], package: p, reason: r, owner: o, expires: 2024-01-01,"
                     " exact: true, path: [q]}\n- {vulnerability: V, package: {name: n}}\n", &s);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.rules[0].form, PRQ_IGNORE_OWN);
    assert_int_equal(s.rules[0].ids.n, 2);
    assert_true(s.rules[0].is_exact && s.rules[0].ends_with_day);
    assert_true(prq_str_eq(s.rules[0].owner, PRQ_S("o")));
    assert_int_equal(s.rules[1].form, PRQ_IGNORE_GRYPE);
    assert_true(s.rules[1].is_exact);
    assert_true(prq_str_eq(s.rules[1].name, PRQ_S("n")));
    read(a, ".trivyignore.yaml", "vulnerabilities:\n- {id: V, expired_at: 2024-01-01, new: 1}\n"
                                 "secrets:\n- {id: s}\n", &s);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.rules[0].state, PRQ_RULE_REFUSED);
    assert_int_equal(s.warnings.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ignorefile_lines),
        cmocka_unit_test(test_ignorefile_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
