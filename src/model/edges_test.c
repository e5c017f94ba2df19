/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: catalog.md 8, and which package each ecosystem would take. */
#include "unit.h"

#undef PRQ_SOURCE_DIR /* an enumerator of model/analysis.h */

#include "model/edges.h"

#define NAMES(...) { (prq_str[]){ __VA_ARGS__ }, sizeof((prq_str[]){ __VA_ARGS__ }) / sizeof(prq_str) }

static struct prq_edges find(struct prq_package *p, size_t n, struct prq_arena *a)
{
    const struct prq_analysis an = { .packages = p, .package_count = n };
    struct prq_edges e;
    assert_true(prq_edges_find(&an, a, &e));
    assert_false(e.was_cut);
    return e;
}

static void test_edges_os(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_package p[] = {
        { .type = PRQ_S("apk"), .name = PRQ_S("busybox"), .depends = NAMES(PRQ_S("so:libc.musl.so.1")) },
        { .type = PRQ_S("apk"), .name = PRQ_S("musl"), .provides = NAMES(PRQ_S("so:libc.musl.so.1")),
          .depends = NAMES(PRQ_S("musl"), PRQ_S("nowhere")) },
        { .type = PRQ_S("deb"), .name = PRQ_S("app"), .arch = PRQ_S("i386"),
          .depends = NAMES(PRQ_S("libc6"), PRQ_S("libc6"), PRQ_S("musl")) },
        { .type = PRQ_S("deb"), .name = PRQ_S("libc6"), .arch = PRQ_S("amd64") },
        { .type = PRQ_S("deb"), .name = PRQ_S("libc6"), .arch = PRQ_S("i386") },
    };
    struct prq_edges e = find(p, PRQ_COUNT(p), a);
    assert_int_equal(e.of[0].n, 1);
    assert_int_equal(e.of[0].v[0], 1);
    assert_int_equal(e.of[1].n, 0); /* not itself */
    assert_int_equal(e.of[2].n, 1); /* once, of its architecture, no apk */
    assert_int_equal(e.of[2].v[0], 4);
}

/* node takes the nearest: nodejs.org, "Loading from node_modules folders". */
static void test_edges_node(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_evidence at[] = {
        { PRQ_S("app/node_modules/a/package.json"), 0 },
        { PRQ_S("app/node_modules/b/package.json"), 0 },
        { PRQ_S("app/node_modules/b/node_modules/ms/package.json"), 0 },
        { PRQ_S("app/node_modules/ms/package.json"), 0 },
        { PRQ_S("other/node_modules/ms/package.json"), 0 },
        { PRQ_S("app/package.json"), 0 },
    };
    struct prq_package p[] = {
        { .type = PRQ_S("npm"), .name = PRQ_S("a"), .depends = NAMES(PRQ_S("ms")) },
        { .type = PRQ_S("npm"), .name = PRQ_S("b"), .depends = NAMES(PRQ_S("ms")) },
        { .type = PRQ_S("npm"), .name = PRQ_S("ms"), .version = PRQ_S("1") },
        { .type = PRQ_S("npm"), .name = PRQ_S("ms"), .version = PRQ_S("2") },
        { .type = PRQ_S("npm"), .name = PRQ_S("ms"), .version = PRQ_S("3") },
        { .type = PRQ_S("npm"), .name = PRQ_S("app"), .depends = NAMES(PRQ_S("ms")) },
    };
    for (size_t i = 0; i < PRQ_COUNT(p); i++) {
        p[i].evidence = &at[i];
        p[i].evidence_count = 1;
    }
    struct prq_edges e = find(p, PRQ_COUNT(p), a);
    static const uint32_t want[] = { 3, 2, 0, 0, 0, 3 };
    for (size_t i = 0; i < PRQ_COUNT(p); i++) {
        assert_int_equal(e.of[i].n, want[i] ? 1 : 0);
        if (want[i])
            assert_int_equal(e.of[i].v[0], want[i]);
    }
}

static void test_edges_python(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_package p[] = {
        { .type = PRQ_S("pypi"), .name = PRQ_S("Flask"), .depends = NAMES(PRQ_S("Jinja2"), PRQ_S("zope_interface")) },
        { .type = PRQ_S("pypi"), .name = PRQ_S("jinja2") },
        { .type = PRQ_S("pypi"), .name = PRQ_S("zope.interface") },
    };
    struct prq_edges e = find(p, PRQ_COUNT(p), a);
    assert_int_equal(e.of[0].n, 2);
}

/* 0 → 1 ⇄ 2, and 3 ⇄ 4 that nobody needs. */
static void test_edges_roots(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_package p[] = {
        { .type = PRQ_S("gem"), .name = PRQ_S("0"), .depends = NAMES(PRQ_S("1")) },
        { .type = PRQ_S("gem"), .name = PRQ_S("1"), .depends = NAMES(PRQ_S("2")) },
        { .type = PRQ_S("gem"), .name = PRQ_S("2"), .depends = NAMES(PRQ_S("1")) },
        { .type = PRQ_S("gem"), .name = PRQ_S("3"), .depends = NAMES(PRQ_S("4")) },
        { .type = PRQ_S("gem"), .name = PRQ_S("4"), .depends = NAMES(PRQ_S("3")) },
    };
    struct prq_edges e = find(p, PRQ_COUNT(p), a);
    size_t n;
    uint32_t *roots = prq_edges_roots(&e, PRQ_COUNT(p), a, &n);
    assert_non_null(roots);
    assert_int_equal(n, 2);
    assert_int_equal(roots[0], 0);
    assert_int_equal(roots[1], 3);
}

/* Many of one name, and many that ask for it: bounded, and told. */
static void test_edges_many(void **state)
{
    (void)state;
    enum { N = 20000 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct prq_package *p = prq_new_n(a, struct prq_package, N);
    prq_str name = PRQ_S("x");
    for (size_t i = 0; i < N; i++)
        p[i] = (struct prq_package){ .type = PRQ_S("gem"), .name = name, .depends = { &name, 1 } };
    const struct prq_analysis an = { .packages = p, .package_count = N };
    struct prq_edges e;
    assert_true(prq_edges_find(&an, a, &e));
    assert_true(e.was_cut);
    assert_true(e.of[0].n <= 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_os),     cmocka_unit_test(test_edges_node),
        cmocka_unit_test(test_edges_python), cmocka_unit_test(test_edges_roots),
        cmocka_unit_test(test_edges_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
