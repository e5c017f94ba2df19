/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: Code.eval_string of Elixir 1.14 over the same files. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_elixir;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_elixir, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "hex");
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
        capture_run(&c, &prq_analyzer_elixir, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_elixir_lock(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "bunt", "1.0.0", PRQ_PKG_DECLARED },
        { "real", "2.0.0-rc.1", PRQ_PKG_DECLARED },
        { "old", "0.1.0", PRQ_PKG_DECLARED },
        { "g", "", PRQ_PKG_DECLARED },
    };
    expect("mix.lock",
        "%{\n"
        "  \"bunt\": {:hex, :bunt, \"1.0.0\", \"aa\", [:mix], [{:dep, \"~> 1.0\", [hex: :dep,"
        " optional: true]}], \"hexpm\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaa\"},\n"
        "  \"renamed\": {:hex, :real, \"2.0.0-rc.1\", \"aa\", [:mix], [], \"hexpm:acme\"}, # x\n"
        "  \"old\" => {:hex, :old, \"0.1.0\"},\n"
        "  \"g\": {:git, \"https://x/g.git\", \"00ff\", [branch: \"main\"]},\n"
        "}\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("mix.lock",
        "%{}\n"
        "",
        NULL, 0);
}

static void test_elixir_losses(void **state)
{
    (void)state;
    expect_loss("mix.lock", "", PRQ_E_FORMAT, 0);
    expect_loss("mix.lock", "[]", PRQ_E_FORMAT, 0);
    expect_loss("mix.lock", "%{\"a\": {:hex, :a, \"1\"},", PRQ_E_FORMAT, 1);
    expect_loss("mix.lock", "%{\"a\": {:hex, :a, \"1\"}", PRQ_E_FORMAT, 1);
    expect_loss("mix.lock",
        "%{\"a\": {:hex, :a, \"1\"}, \"b\": {:hex, }, \"c\": 1}", PRQ_E_NONE, 1);
}

static void test_elixir_full_sink(void **state)
{
    (void)state;
    expect_full("mix.lock", "%{\n"
        "  \"bunt\": {:hex, :bunt, \"1.0.0\", \"aa\", [:mix], [{:dep, \"~> 1.0\", [hex: :dep,"
        " optional: true]}], \"hexpm\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaa\"},\n"
        "  \"renamed\": {:hex, :real, \"2.0.0-rc.1\", \"aa\", [:mix], [], \"hexpm:acme\"}, # x\n"
        "  \"old\" => {:hex, :old, \"0.1.0\"},\n"
        "  \"g\": {:git, \"https://x/g.git\", \"00ff\", [branch: \"main\"]},\n"
        "}\n"
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elixir_lock),
        cmocka_unit_test(test_elixir_losses),
        cmocka_unit_test(test_elixir_full_sink),
    };
    return cmocka_run_group_tests_name("elixir", tests, NULL, NULL);
}
