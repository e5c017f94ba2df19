/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: `dart pub deps` of Dart 3 over the same file. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_dart;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_dart, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "pub");
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
        capture_run(&c, &prq_analyzer_dart, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_dart_lock(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "a", "6.0.1", PRQ_PKG_DECLARED },
        { "b", "1.0.0+1", PRQ_PKG_DECLARED | PRQ_PKG_DEV },
        { "flutter", "0.0.0", PRQ_PKG_DECLARED | PRQ_PKG_NO_MATCH },
        { "g", "2.0.0", PRQ_PKG_DECLARED },
        { "own", "0.1.0", PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION },
    };
    expect("pubspec.lock",
        "packages:\n"
        "  a:\n"
        "    dependency: \"direct main\"\n"
        "    description:\n"
        "      name: a\n"
        "      sha256: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n"
        "      url: \"https://pub.dev\"\n"
        "    source: hosted\n"
        "    version: \"6.0.1\"\n"
        "  b:\n"
        "    dependency: \"direct dev\"\n"
        "    description:\n"
        "      name: b\n"
        "      url: \"https://pub.example/\"\n"
        "    source: hosted\n"
        "    version: \"1.0.0+1\"\n"
        "  flutter:\n"
        "    dependency: transitive\n"
        "    description: flutter\n"
        "    source: sdk\n"
        "    version: \"0.0.0\"\n"
        "  g:\n"
        "    dependency: transitive\n"
        "    description:\n"
        "      path: \".\"\n"
        "      ref: HEAD\n"
        "      resolved-ref: \"00ff\"\n"
        "      url: \"https://x/g.git\"\n"
        "    source: git\n"
        "    version: \"2.0.0\"\n"
        "  own:\n"
        "    dependency: \"direct main\"\n"
        "    description: {path: \"../own\", relative: true}\n"
        "    source: path\n"
        "    version: \"0.1.0\"\n"
        "sdks:\n"
        "  dart: \">=3.0.0\"\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("pubspec.lock",
        "packages: {}\n"
        "",
        NULL, 0);
}

static void test_dart_pubspec(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "x", "2.4.8", PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION },
    };
    expect("pubspec.yaml",
        "name: x\n"
        "version: 2.4.8\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("pubspec.yaml",
        "name: x\n"
        "",
        NULL, 0);
    expect("root/.pub-cache/hosted/pub.dev/x-1/pubspec.yaml",
        "name: x\n"
        "version: 1\n"
        "",
        NULL, 0);
}

static void test_dart_losses(void **state)
{
    (void)state;
    expect_loss("pubspec.lock", "packages: [a]\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("pubspec.lock", "packages: {\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("pubspec.yaml", "- x\n"
        "", PRQ_E_FORMAT, 0);
}

static void test_dart_full_sink(void **state)
{
    (void)state;
    expect_full("pubspec.lock", "packages:\n"
        "  a:\n"
        "    dependency: \"direct main\"\n"
        "    description:\n"
        "      name: a\n"
        "      sha256: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n"
        "      url: \"https://pub.dev\"\n"
        "    source: hosted\n"
        "    version: \"6.0.1\"\n"
        "  b:\n"
        "    dependency: \"direct dev\"\n"
        "    description:\n"
        "      name: b\n"
        "      url: \"https://pub.example/\"\n"
        "    source: hosted\n"
        "    version: \"1.0.0+1\"\n"
        "  flutter:\n"
        "    dependency: transitive\n"
        "    description: flutter\n"
        "    source: sdk\n"
        "    version: \"0.0.0\"\n"
        "  g:\n"
        "    dependency: transitive\n"
        "    description:\n"
        "      path: \".\"\n"
        "      ref: HEAD\n"
        "      resolved-ref: \"00ff\"\n"
        "      url: \"https://x/g.git\"\n"
        "    source: git\n"
        "    version: \"2.0.0\"\n"
        "  own:\n"
        "    dependency: \"direct main\"\n"
        "    description: {path: \"../own\", relative: true}\n"
        "    source: path\n"
        "    version: \"0.1.0\"\n"
        "sdks:\n"
        "  dart: \">=3.0.0\"\n"
        "");
    expect_full("pubspec.yaml", "name: x\n"
        "version: 1\n"
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dart_lock),
        cmocka_unit_test(test_dart_pubspec),
        cmocka_unit_test(test_dart_losses),
        cmocka_unit_test(test_dart_full_sink),
    };
    return cmocka_run_group_tests_name("dart", tests, NULL, NULL);
}
