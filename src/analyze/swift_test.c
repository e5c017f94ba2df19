/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: `swift package show-dependencies` over the same files. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_swift;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_swift, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "swift");
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
        capture_run(&c, &prq_analyzer_swift, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_swift_versions(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "github.com/Quick/Nimble", "9.2.1", PRQ_PKG_DECLARED },
    };
    expect("Package.resolved",
        "{\"object\":{\"pins\":[{\"package\":\"Nimble\",\"repositoryURL\":\"https://github.co"
        "m/Quick/Nimble.git\",\"state\":{\"branch\":null,\"revision\":\"c9\",\"version\":\"9."
        "2.1\"}}]},\"version\":1}",
        want, PRQ_COUNT(want));
    }
    {
    static const struct want want[] = {
        { "github.com/apple/swift-nio", "2.1.0", PRQ_PKG_DECLARED },
        { "git.example/a/b/x", "", PRQ_PKG_DECLARED },
        { "mona.list", "1.0", PRQ_PKG_DECLARED },
        { "own", "0.1.0", PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION },
    };
    expect("App.xcworkspace/xcshareddata/swiftpm/Package.resolved",
        "{\"pins\":[{\"identity\":\"swift-nio\",\"kind\":\"remoteSourceControl\",\"location\""
        ":\"git@GitHub.com:apple/swift-nio.git\",\"state\":{\"revision\":\"b1\",\"version\":"
        "\"2.1.0\"}},{\"identity\":\"x\",\"kind\":\"remoteSourceControl\",\"location\":\"ssh:"
        "//u@git.example:22/a/b/x/\",\"state\":{\"branch\":\"main\",\"revision\":\"b2\"}},{\""
        "identity\":\"mona.list\",\"kind\":\"registry\",\"location\":\"\",\"state\":{\"versio"
        "n\":\"1.0\"}},{\"identity\":\"own\",\"kind\":\"localSourceControl\",\"location\":\"/"
        "src/own\",\"state\":{\"revision\":\"b3\",\"version\":\"0.1.0\"}}],\"version\":2}",
        want, PRQ_COUNT(want));
    }
}

static void test_swift_losses(void **state)
{
    (void)state;
    expect_loss("Package.resolved", "", PRQ_E_FORMAT, 0);
    expect_loss("Package.resolved", "not\n"
        "json\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("Package.resolved", "[]", PRQ_E_FORMAT, 0);
    expect_loss("Package.resolved", "{\"version\":2}", PRQ_E_FORMAT, 0);
    expect_loss("Package.resolved", "{\"version\":\"2\",\"pins\":[]}", PRQ_E_UNSUPPORTED, 0);
    expect_loss("Package.resolved",
        "{\"pins\":[{\"identity\":\"swift-nio\",\"kind\":\"remoteSourceControl\",\"location\""
        ":\"git@GitHub.com:apple/swift-nio.git\",\"state\":{\"revision\":\"b1\",\"version\":"
        "\"2.1.0\"}},{\"identity\":\"x\",\"kind\":\"remoteSourceControl\",\"location\":\"ssh:"
        "//u@git.example:22/a/b/x/\",\"state\":{\"branch\":\"main\",\"revision\":\"b2\"}},{\""
        "identity\":\"mona.list\",\"kind\":\"registry\",\"location\":\"\",\"state\":{\"versio"
        "n\":\"1.0\"}},{\"identity\":\"own\",\"kind\":\"localSourceControl\",\"location\":\"/"
        "src/own\",\"state\":{\"revision\":\"b3\",\"version\":\"0.1.0\"}}],\"version\":9}", PRQ_E_UNSUPPORTED, 4);
    expect_loss("Package.resolved",
        "{\"pins\":[{\"identity\":\"swift-nio\",\"kind\":\"remoteSourceControl\",\"location\""
        ":\"git@GitHub.com:apple/swift-nio.git\",\"state\":{\"revision\":\"b1\",\"version\":"
        "\"2.1.0\"}},{\"identity\":\"x\",\"kind\":\"remoteSourceControl\",", PRQ_E_FORMAT, 1);
    expect_loss("Package.resolved", "{\"pins\":[1,{}],\"version\":3}", PRQ_E_NONE, 0);
}

static void test_swift_full_sink(void **state)
{
    (void)state;
    expect_full("Package.resolved",
        "{\"object\":{\"pins\":[{\"package\":\"Nimble\",\"repositoryURL\":\"https://github.co"
        "m/Quick/Nimble.git\",\"state\":{\"branch\":null,\"revision\":\"c9\",\"version\":\"9."
        "2.1\"}}]},\"version\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swift_versions),
        cmocka_unit_test(test_swift_losses),
        cmocka_unit_test(test_swift_full_sink),
    };
    return cmocka_run_group_tests_name("swift", tests, NULL, NULL);
}
