/* SPDX-License-Identifier: Apache-2.0 */
/* What is expected follows go.dev/ref/mod; `go mod edit -json` reads the same files alike. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_gomod;

static void run(struct capture *c, struct prq_arena *a, const char *path, const char *text)
{
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(c, a);
    if (!capture_run(c, &prq_analyzer_gomod, path, prq_bytes_of(prq_str_from(text)), &err))
        fail_msg("%s", err.text);
}

static void test_gomod_directives(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "src/go.mod",
        "module example.com/own // a comment\n"
        "\n"
        "go 1.22\n"
        "toolchain go1.22.3-custom\n"
        "require golang.org/x/net v0.5.0\n"
        "require (\n"
        "\tgithub.com/Azure/a v1.0.0 // indirect\n"
        "\t\"quoted.example/b\" `v2.0.0`\n"
        "\tlocal.example/c v1.1.1\n"
        "\told.example/d v1.0.0\n"
        "\tany.example/e v1.0.0\n"
        ")\n"
        "replace golang.org/x/net v0.5.0 => golang.org/x/net v0.7.0\n"
        "replace (\n"
        "\tlocal.example/c => ../c\n"
        "\tany.example/e => fork.example/e v1.0.1\n"
        "\tgithub.com/Azure/a v9.9.9 => fork.example/a v9.9.9\n"
        ")\n"
        "exclude old.example/d v1.0.0\n"
        "retract [v1.0.0, v1.2.0] // broken\n");
    assert_int_equal(c.gap_count, 0);
    static const struct {
        const char *name, *version;
        uint32_t flags;
    } want[] = {
        { "stdlib", "1.22.3", PRQ_PKG_DECLARED },
        { "golang.org/x/net", "v0.7.0", PRQ_PKG_DECLARED },
        { "github.com/Azure/a", "v1.0.0", PRQ_PKG_DECLARED },
        { "quoted.example/b", "v2.0.0", PRQ_PKG_DECLARED },
        { "../c", "", PRQ_PKG_DECLARED | PRQ_PKG_NO_MATCH },
        { "fork.example/e", "v1.0.1", PRQ_PKG_DECLARED },
        { "example.com/own", "", PRQ_PKG_DECLARED | PRQ_PKG_MAIN | PRQ_PKG_APPLICATION },
    };
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].name, want[i].name);
        assert_str(c.packages[i].version, want[i].version);
        assert_int_equal(c.packages[i].flags, want[i].flags);
    }
    assert_str(c.packages[2].ns, "github.com/Azure");
    assert_int_equal(c.packages[6].depends.n, 4); /* direct ones */
}

static void test_gomod_losses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
        size_t packages;
        uint64_t offset;
    } cases[] = {
        { "wrong\n", "unknown directive", 0, 0 },
        { "require a.example/b\n", "not a requirement", 0, 0 },
        { "\nrequire (\na.example/b v1 extra\nb.example/c v1.0.0\n)\n", "not a requirement", 1, 11 },
        { "replace a b\n", "not a replacement", 0, 0 },
        { "exclude a\n", "not an exclusion", 0, 0 },
        { "one\ntwo\n", "unknown directive (and 1 more like it)", 0, 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        run(&c, a, "go.mod", cases[i].text);
        assert_int_equal(c.package_count, cases[i].packages);
        assert_int_equal(c.gap_count, 1);
        assert_str(c.gaps[0].reason, cases[i].reason);
        assert_int_equal(c.gaps[0].offset, cases[i].offset);
    }
}

static void test_gomod_vendor(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "src/vendor/modules.txt",
        "# golang.org/x/net v0.5.0 => golang.org/x/net v0.7.0\n"
        "## explicit; go 1.17\n"
        "golang.org/x/net/http2\n"
        "golang.org/x/net/idna\n"
        "# a.example/indirect v1.0.0\n"
        "## go 1.16\n"
        "a.example/indirect\n"
        "# b.example/local v1.0.0 => ./local\n"
        "## explicit\n"
        "# unused.example/x v1.0.0 => fork.example/x v1.0.1\n"
        "# wild.example/y => fork.example/y v1.0.0\n");
    static const char *const want[][2] = {
        { "golang.org/x/net", "v0.7.0" },
        { "a.example/indirect", "v1.0.0" },
        { "./local", "" },
    };
    assert_int_equal(c.gap_count, 0);
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].name, want[i][0]);
        assert_str(c.packages[i].version, want[i][1]);
    }
}

static void test_gomod_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    for (size_t room = 0; room < 3; room++) {
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        c.room = room;
        assert_false(capture_run(&c, &prq_analyzer_gomod, "go.mod",
                                 CAPTURE_BYTES("module m\nrequire a.example/b v1.0.0\nwrong\n"), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gomod_directives),
        cmocka_unit_test(test_gomod_losses),
        cmocka_unit_test(test_gomod_vendor),
        cmocka_unit_test(test_gomod_full_sink),
    };
    return cmocka_run_group_tests_name("gomod", tests, NULL, NULL);
}
