/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "image/challenge.h"

static size_t parse(const char *value, struct prq_arena *a, struct prq_challenge *c, bool *ok)
{
    size_t n = 0;
    *ok = prq_challenges_parse(prq_str_from(value), a, c, PRQ_CHALLENGES, &n);
    return n;
}

static void test_challenges(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_challenge c[PRQ_CHALLENGES];
    bool ok;
    /* What Docker Hub says (CNCF Distribution, "Token Authentication Specification"). */
    assert_int_equal(parse("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker."
                           "io\",scope=\"repository:samalba/my-app:pull,push\"",
                           a, c, &ok),
                     1);
    assert_true(ok);
    assert_int_equal(c[0].scheme, PRQ_AUTH_BEARER);
    assert_str(c[0].realm, "https://auth.docker.io/token");
    assert_str(c[0].service, "registry.docker.io");
    assert_str(c[0].scope, "repository:samalba/my-app:pull,push");
    /* RFC 9110 11.6.1: two challenges in one value, the comma inside quotes belongs to the text. */
    assert_int_equal(parse("Basic realm=\"simple\", Newauth realm=\"apps\", type=1, "
                           "title=\"Login to \\\"apps\\\"\"",
                           a, c, &ok),
                     2);
    assert_true(ok);
    assert_int_equal(c[0].scheme, PRQ_AUTH_BASIC);
    assert_str(c[0].realm, "simple");
    assert_int_equal(c[1].scheme, PRQ_AUTH_OTHER);
    assert_str(c[1].realm, "apps");
    assert_int_equal(parse("bEaReR realm = \"a\\\\b,c\" , ERROR=insufficient_scope", a, c, &ok), 1);
    assert_str(c[0].realm, "a\\b,c");
    assert_str(c[0].error, "insufficient_scope");
    assert_int_equal(parse("Negotiate, Basic realm=x", a, c, &ok), 2);
    assert_str(c[1].realm, "x");
    /* the first of two values counts */
    parse("Bearer realm=a,realm=b", a, c, &ok);
    assert_str(c[0].realm, "a");
}

static void test_malformed_challenges(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_challenge c[PRQ_CHALLENGES];
    bool ok;
    static const char *const bad[] = { "=", "Bearer realm=\"open", "Bearer realm=\"x\\",
                                       "realm=x", "Bearer realm=", "Bearer \"x\"" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        parse(bad[i], a, c, &ok);
        assert_false(ok);
    }
    assert_int_equal(parse("", a, c, &ok), 0);
    assert_true(ok);
    assert_int_equal(parse("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r", a, c, &ok), PRQ_CHALLENGES);
    assert_false(ok);
}

static void test_realm_trust(void **state)
{
    (void)state;
    static const struct {
        const char *registry, *realm;
        bool trusted;
    } cases[] = {
        { "registry.example.com", "registry.example.com", true },
        { "registry.example.com:5000", "registry.example.com:444", true },
        { "registry.example.com", "auth.example.com", true },
        { "registry.example.com", "example.com", true },
        { "registry.example.com", "example.org", false },
        { "registry.example.com", "evilexample.com", false },
        { "registry.example.com", "com", false },
        { "registry.example.co.uk", "auth.example.co.uk", true },
        { "a.co.uk", "b.co.uk", false },
        { "registry-1.docker.io", "auth.docker.io", true },
        { "registry.gitlab.com", "gitlab.com", true },
        { "registry.gitlab.com", "evil.gitlab.io", false },
        { "registry.redhat.io", "sso.redhat.com", true },
        { "us.icr.io", "icr.io", true },
        { "acme.azurecr.io", "mallory.azurecr.io", false },
        { "acme.azurecr.io", "acme.azurecr.io", true },
        { "1.dkr.ecr.eu-west-1.amazonaws.com", "x.amazonaws.com", false },
        { "a.b.run.app", "c.b.run.app", false },
        { "10.0.0.1:5000", "10.0.0.1", true },
        { "10.0.0.1", "10.0.0.2", false },
        { "1.0.0.1", "2.0.0.1", false },
        { "localhost:5000", "localhost:5001", true },
        { "registry", "auth", false },
        { "[::1]:5000", "[::1]:6000", true },
        { "[::1]:5000", "[::2]:6000", false },
        { "", "", false },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        if (prq_realm_is_trusted(prq_str_from(cases[i].registry), prq_str_from(cases[i].realm)) !=
            cases[i].trusted)
            fail_msg("%s, %s", cases[i].registry, cases[i].realm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_malformed_challenges),
        cmocka_unit_test(test_realm_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
