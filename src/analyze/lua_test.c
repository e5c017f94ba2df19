/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what Lua 5.3 assigns when it runs the same texts. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_lua;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_lua, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "luarocks");
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
        capture_run(&c, &prq_analyzer_lua, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_lua_rockspec(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "kong-pgmoon", "1.16.2-1", 0 },
    };
    expect("usr/lib/luarocks/rocks-5.1/kong-pgmoon/x.rockspec",
        "local v, r = \"x\", 1\n"
        "local ver = \"1.16.2\" -- \"no\"\n"
        "package = \"kong-pgmoon\"\n"
        "version = ver .. \"-\" .. 1\n"
        "source = { url = \"git+https://x\", tag = \"v\" .. ver }\n"
        "description = {\n"
        "  summary = [==[ version = \"9\" ]] ]==],\n"
        "  license = \"MIT\", nested = { license = \"no\" }\n"
        "}\n"
        "--[[ package = \"no\" ]]\n"
        "dependencies = { \"lua >= 5.1\", 'lpeg', \"lua-cjson~>2\", -- \"no\",\n"
        "}\n"
        "build = { version = \"no\", modules = { [\"a\"] = \"b\" } }\n"
        "",
        want, PRQ_COUNT(want));
    }
    {
    static const struct want want[] = {
        { "a", "1-1", 0 },
    };
    expect("x.rockspec",
        "package='a'version='1-1'if x then y = \"}\" end",
        want, PRQ_COUNT(want));
    }
}

static void test_lua_losses(void **state)
{
    (void)state;
    expect_loss("x.rockspec", "", PRQ_E_FORMAT, 0);
    expect_loss("x.rockspec", "package = \"a\"\n"
        "version = f()\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("x.rockspec", "package = \"a\"\n"
        "version = \"1-1\"\n"
        "x = {", PRQ_E_FORMAT, 1);
    expect_loss("x.rockspec", "package = \"a\"\n"
        "version = \"1-1\"\n"
        "x = \"", PRQ_E_FORMAT, 1);
    expect_loss("x.rockspec", "package = \"a\"\n"
        "version = \"1-1\"\n"
        "x = [[", PRQ_E_FORMAT, 1);
    expect_loss("x.rockspec", "-- [[\n"
        "package = \"a\\n\" version = \"1\"", PRQ_E_FORMAT, 0);
}

static void test_lua_full_sink(void **state)
{
    (void)state;
    expect_full("x.rockspec", "package = \"a\" version = \"1\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lua_rockspec),
        cmocka_unit_test(test_lua_losses),
        cmocka_unit_test(test_lua_full_sink),
    };
    return cmocka_run_group_tests_name("lua", tests, NULL, NULL);
}
