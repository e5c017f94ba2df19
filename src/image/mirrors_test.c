/* SPDX-License-Identifier: Apache-2.0 */
/* Cases after the prose and examples of containers-registries.conf(5). */
#include "unit.h"

#include "image/mirrors.h"

static struct prq_mirrors m;

static bool apply(const char *conf, const char *image, struct prq_arena *a)
{
    struct prq_image_ref ref;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_image_ref_parse(prq_str_from(image), a, &ref, &err));
    return prq_registries_conf_apply(prq_str_from(conf), &ref, a, &prq_limits_default, &m, &err);
}

static void expect(size_t i, const char *host, const char *repository, bool insecure)
{
    assert_true(i < m.count);
    assert_str(m.endpoints[i].host, host);
    assert_str(m.endpoints[i].repository, repository);
    assert_int_equal(m.endpoints[i].insecure, insecure);
}

static void test_registries_conf(void **state)
{
    (void)state;
    static const char conf[] =
        "unqualified-search-registries = ['example.com']\n"
        "[[registry]]\n"
        "prefix = \"example.com/foo\"\n"
        "location = \"internal-registry-for-example.com/bar\"\n"
        "insecure = false\n"
        "[[registry.mirror]]\n"
        "location = \"example-mirror-0.local/mirror-for-foo\"\n"
        "[[registry.mirror]]\n"
        "location = \"example-mirror-1.local/mirrors/foo\"\n"
        "insecure = true\n"
        "[[registry]]\n"
        "location = \"registry.com\"\n"
        "[[registry.mirror]]\n"
        "location = \"mirror.registry.com\"\n"
        "pull-from-mirror = \"digest-only\"\n"
        "[[registry.mirror]]\n"
        "location = \"tags.registry.com\"\n"
        "pull-from-mirror = \"tag-only\"\n"
        "[[registry]]\n"
        "prefix = \"*.blocked.example\"\n"
        "blocked = true\n"
        "[[registry]]\n"
        "prefix = \"docker.io/library\"\n"
        "location = \"cache.example:5000/hub\"\n";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));

    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "example.com/foo/image:latest", a));
    assert_int_equal(m.count, 3);
    expect(0, "example-mirror-0.local", "mirror-for-foo/image", false);
    expect(1, "example-mirror-1.local", "mirrors/foo/image", true);
    expect(2, "internal-registry-for-example.com", "bar/image", false);

    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "example.com/foobar/image", a));
    assert_int_equal(m.count, 0);

    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "registry.com/image:1", a));
    assert_int_equal(m.count, 2);
    expect(0, "tags.registry.com", "image", false);
    expect(1, "registry.com", "image", false);
    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "registry.com/image@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea"
                            "4045fa6c8c44de311d1", a));
    assert_int_equal(m.count, 2);
    expect(0, "mirror.registry.com", "image", false);

    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "a.b.blocked.example/x", a));
    assert_true(m.is_blocked);
    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "blocked.example/x", a));
    assert_false(m.is_blocked);

    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "alpine:3.17", a));
    expect(0, "cache.example:5000", "hub/alpine", false);
}

static void test_longest_prefix(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    static const char conf[] = "[[registry]]\nprefix='r.example/a/b'\nlocation='two.example'\n"
                               "[[registry]]\nprefix='r.example/a'\nlocation='one.example/x'\n";
    m = (struct prq_mirrors){ 0 };
    assert_true(apply(conf, "r.example/a/b/c", a));
    expect(0, "two.example", "c", false);
    /* a later file with the same prefix wins, one with a shorter does not */
    assert_true(apply("[[registry]]\nlocation='r.example'\ninsecure=true\n", "r.example/a/b/c", a));
    expect(0, "two.example", "c", false);
    assert_true(apply("[[registry]]\nprefix='r.example/a/b'\nlocation='three.example'\n",
                      "r.example/a/b/c", a));
    expect(0, "three.example", "c", false);
}

static void test_malformed_conf(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    static const char *const bad[] = {
        "[[registry]]\nlocation=",
        "[[registry]]\nprefix='r.example'\nlocation='no host!'\n",
        "[[registry]]\nlocation='r.example'\n[[registry.mirror]]\n",
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        m = (struct prq_mirrors){ 0 };
        assert_false(apply(bad[i], "r.example/a", a));
    }
    m = (struct prq_mirrors){ 0 };
    assert_true(apply("registry = 7\n", "r.example/a", a));
    assert_true(apply("", "r.example/a", a));
    assert_int_equal(m.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registries_conf),
        cmocka_unit_test(test_longest_prefix),
        cmocka_unit_test(test_malformed_conf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
