/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: `stack ls dependencies` and `cabal freeze` of the same projects. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_haskell;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_haskell, path, prq_bytes_of(prq_str_from(text)), err);
}

struct want {
    const char *name, *version;
    uint32_t flags;
};

static PRQ_UNUSED void expect(const char *path, const char *text, const struct want *want, size_t n)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    if (!run(&c, a, path, text, &err))
        fail_msg("%s: %s", path, err.text);
    assert_int_equal(c.gap_count, 0);
    assert_int_equal(c.package_count, n);
    for (size_t i = 0; i < n; i++) {
        assert_str(c.packages[i].type, "hackage");
        assert_str(c.packages[i].name, want[i].name);
        assert_str(c.packages[i].version, want[i].version);
        assert_int_equal(c.packages[i].flags, want[i].flags);
    }
}

/* The code of the failure, NONE for a gap; what was read before stays. */
static void expect_loss(const char *path, const char *text, enum prq_code code, size_t packages)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    bool ok = run(&c, a, path, text, &err);
    assert_int_equal(err.code, code);
    assert_true(ok ? c.gap_count == 1 : code != PRQ_E_NONE);
    assert_int_equal(c.package_count, packages);
}

static void expect_full(const char *path, const char *text)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    c.room = 0;
    assert_false(
        capture_run(&c, &prq_analyzer_haskell, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_haskell_stack(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "ShellCheck", "0.8.0", PRQ_PKG_DECLARED },
        { "language-docker", "11.0.0", PRQ_PKG_DECLARED },
    };
    expect("stack.yaml",
        "resolver: lts-18.28\n"
        "packages: [.]\n"
        "extra-deps:\n"
        "  - ShellCheck-0.8.0@sha256:00,3297\n"
        "  - language-docker-11.0.0\n"
        "  - ./local\n"
        "  - git: https://x/y.git\n"
        "    commit: 00ff\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("stack.yaml",
        "resolver: lts-1\n"
        "",
        NULL, 0);
    {
    static const struct want want[] = {
        { "stm", "2.5.0.2", PRQ_PKG_DECLARED },
        { "kore", "0.1.0.0", PRQ_PKG_DECLARED },
    };
    expect("stack.yaml.lock",
        "packages:\n"
        "- completed:\n"
        "    hackage: stm-2.5.0.2@sha256:e4,2314\n"
        "    pantry-tree: {sha256: aa, size: 1}\n"
        "  original:\n"
        "    hackage: stm-2.5.0.2\n"
        "- completed:\n"
        "    commit: 00ff\n"
        "    git: https://x/kore.git\n"
        "    name: kore\n"
        "    version: 0.1.0.0\n"
        "    subdir: kore\n"
        "  original: {git: x}\n"
        "snapshots: []\n"
        "",
        want, PRQ_COUNT(want));
    }
}

static void test_haskell_freeze(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "aeson", "2.1.0.0", PRQ_PKG_DECLARED },
        { "base", "4.17.0.0", PRQ_PKG_DECLARED },
    };
    expect("cabal.project.freeze",
        "active-repositories: hackage.example:merge\n"
        "constraints: any.aeson ==2.1.0.0,\n"
        "             aeson -cffi +ordered-keymap,\n"
        "             -- any.no ==1\n"
        "             any.base == 4.17.0.0,\n"
        "             any.bad ==1.*\n"
        "index-state: hackage.example 2022-11-01T00:00:00Z\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("cabal.project.freeze",
        "",
        NULL, 0);
}

static void test_haskell_losses(void **state)
{
    (void)state;
    expect_loss("stack.yaml", "- x\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("stack.yaml", "extra-deps: x\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("stack.yaml.lock", "packages: {a: b\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("stack.yaml.lock", "", PRQ_E_FORMAT, 0);
    expect_loss("cabal.project.freeze", "garbage\n"
        "", PRQ_E_FORMAT, 0);
}

static void test_haskell_full_sink(void **state)
{
    (void)state;
    expect_full("stack.yaml", "extra-deps: [a-1]\n"
        "");
    expect_full("cabal.project.freeze", "constraints: any.a ==1\n"
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_haskell_stack),
        cmocka_unit_test(test_haskell_freeze),
        cmocka_unit_test(test_haskell_losses),
        cmocka_unit_test(test_haskell_full_sink),
    };
    return cmocka_run_group_tests_name("haskell", tests, NULL, NULL);
}
