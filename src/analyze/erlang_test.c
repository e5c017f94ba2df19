/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: file:consult() of Erlang/OTP 25. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_erlang;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_erlang, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "otp");
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
        capture_run(&c, &prq_analyzer_erlang, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_erlang_app(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "rabbit", "3.12.10", 0 },
    };
    expect("usr/lib/erlang/lib/rabbit/ebin/rabbit.app",
        "%% comment\n"
        "{application, 'rabbit', [\n"
        "\t{description, \"X {vsn, \\\"9\\\"}\"},\n"
        "\t{vsn, \"3.12.10\"},\n"
        "\t{modules, ['a','b']},\n"
        "\t{applications, [kernel, stdlib]},\n"
        "\t{env, [{vsn_x, 1}, {y, $\"}]} %% \"\n"
        "]}.\n"
        "",
        want, PRQ_COUNT(want));
    }
    {
    static const struct want want[] = {
        { "x", "", 0 },
    };
    expect("x.app",
        "{application, x, []}.",
        want, PRQ_COUNT(want));
    }
    expect("Some/Other.app",
        "text",
        NULL, 0);
}

static void test_erlang_lock(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    assert_true(run(&c, a, "rebar.lock",
        "{\"1.2.0\",\n"
        "[{<<\"certifi\">>,{pkg,<<\"certifi\">>,<<\"2.9.0\">>},0},\n"
        " {<<\"y\">>,{pkg,<<\"real_y\">>,<<\"1.0\">>},1},\n"
        " {<<\"g\">>,{git,\"https://x/g.git\",{ref,\"00ff\"}},0}]}.\n"
        "[\n"
        "{pkg_hash,[\n"
        " {<<\"certifi\">>, <<\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAA\">>}]},\n"
        "{pkg_hash_ext,[\n"
        " {<<\"certifi\">>, <<\"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
        "BBB\">>}]}].\n"
        "",
        NULL));
    static const char *const want[][2] = { {
        "certifi", "2.9.0" }, { "real_y", "1.0" }, { "g", "" } };
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    assert_int_equal(c.gap_count, 0);
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].type, "hex");
        assert_str(c.packages[i].name, want[i][0]);
        assert_str(c.packages[i].version, want[i][1]);
        assert_int_equal(c.packages[i].flags, PRQ_PKG_DECLARED);
    }
    assert_str(c.packages[2].vcs_url, "git+https://x/g.git@00ff");
    assert_true(run(&c, a, "rebar.lock", "[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1\">>},0}].", NULL));
    assert_int_equal(c.package_count, 1);
}

static void test_erlang_losses(void **state)
{
    (void)state;
    expect_loss("ebin/x.app", "", PRQ_E_FORMAT, 0);
    expect_loss("ebin/x.app", "[application].", PRQ_E_FORMAT, 0);
    expect_loss("ebin/x.app", "{application, x, [{vsn, \"1\"}", PRQ_E_FORMAT, 1);
    expect_loss("rebar.lock", "", PRQ_E_FORMAT, 0);
    expect_loss("rebar.lock", "{\"1.2.0\",", PRQ_E_FORMAT, 0);
    expect_loss("rebar.lock", "[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1\">>},0},", PRQ_E_FORMAT, 1);
    expect_loss("rebar.lock", "[x,{<<\"a\">>,{pkg,<<\"a\">>,<<\"1\">>},0}].", PRQ_E_NONE, 1);
}

static void test_erlang_full_sink(void **state)
{
    (void)state;
    expect_full("ebin/x.app", "%% comment\n"
        "{application, 'rabbit', [\n"
        "\t{description, \"X {vsn, \\\"9\\\"}\"},\n"
        "\t{vsn, \"3.12.10\"},\n"
        "\t{modules, ['a','b']},\n"
        "\t{applications, [kernel, stdlib]},\n"
        "\t{env, [{vsn_x, 1}, {y, $\"}]} %% \"\n"
        "]}.\n"
        "");
    expect_full("rebar.lock", "{\"1.2.0\",\n"
        "[{<<\"certifi\">>,{pkg,<<\"certifi\">>,<<\"2.9.0\">>},0},\n"
        " {<<\"y\">>,{pkg,<<\"real_y\">>,<<\"1.0\">>},1},\n"
        " {<<\"g\">>,{git,\"https://x/g.git\",{ref,\"00ff\"}},0}]}.\n"
        "[\n"
        "{pkg_hash,[\n"
        " {<<\"certifi\">>, <<\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAA\">>}]},\n"
        "{pkg_hash_ext,[\n"
        " {<<\"certifi\">>, <<\"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
        "BBB\">>}]}].\n"
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erlang_app),
        cmocka_unit_test(test_erlang_lock),
        cmocka_unit_test(test_erlang_losses),
        cmocka_unit_test(test_erlang_full_sink),
    };
    return cmocka_run_group_tests_name("erlang", tests, NULL, NULL);
}
