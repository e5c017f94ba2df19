/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: Pod::Lockfile of CocoaPods over the same file. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_cocoapods;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_cocoapods, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "cocoapods");
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
        capture_run(&c, &prq_analyzer_cocoapods, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_cocoapods_lock(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "AFNetworking", "4.0.1", PRQ_PKG_DECLARED },
        { "AFNetworking", "4.0.1", PRQ_PKG_DECLARED },
        { "Quoted+Name", "1.0", PRQ_PKG_DECLARED },
        { "Own", "0.1", PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION },
        { "Git", "1.2", PRQ_PKG_DECLARED },
    };
    expect("Podfile.lock",
        "PODS:\n"
        "  - AFNetworking (4.0.1):\n"
        "    - AFNetworking/Reach (= 4.0.1)\n"
        "    - Other\n"
        "  - AFNetworking/Reach (4.0.1)\n"
        "  - \"Quoted+Name (1.0)\"\n"
        "  - Own (0.1)\n"
        "  - Git (1.2):\n"
        "    - Own\n"
        "\n"
        "DEPENDENCIES:\n"
        "  - AFNetworking\n"
        "\n"
        "EXTERNAL SOURCES:\n"
        "  Own:\n"
        "    :path: \"..\"\n"
        "  Git:\n"
        "    :branch: main\n"
        "    :git: https://x/git.git\n"
        "\n"
        "CHECKOUT OPTIONS:\n"
        "  Git:\n"
        "    :commit: 00ff\n"
        "    :git: https://x/git.git\n"
        "\n"
        "SPEC CHECKSUMS:\n"
        "  Own: 00\n"
        "\n"
        "COCOAPODS: 1.11.3\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("Podfile.lock",
        "PODFILE CHECKSUM: 00\n"
        "\n"
        "COCOAPODS: 1.11.3\n"
        "",
        NULL, 0);
}

static void test_cocoapods_losses(void **state)
{
    (void)state;
    expect_loss("Podfile.lock", "", PRQ_E_FORMAT, 0);
    expect_loss("Podfile.lock", "PODS: x\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("Podfile.lock", "- x\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("Podfile.lock", "PODS: [\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("Podfile.lock", "PODS:\n"
        "  - A (1)\n"
        "  - B\n"
        "  - /C (1)\n"
        "", PRQ_E_NONE, 1);
}

static void test_cocoapods_full_sink(void **state)
{
    (void)state;
    expect_full("Podfile.lock", "PODS:\n"
        "  - AFNetworking (4.0.1):\n"
        "    - AFNetworking/Reach (= 4.0.1)\n"
        "    - Other\n"
        "  - AFNetworking/Reach (4.0.1)\n"
        "  - \"Quoted+Name (1.0)\"\n"
        "  - Own (0.1)\n"
        "  - Git (1.2):\n"
        "    - Own\n"
        "\n"
        "DEPENDENCIES:\n"
        "  - AFNetworking\n"
        "\n"
        "EXTERNAL SOURCES:\n"
        "  Own:\n"
        "    :path: \"..\"\n"
        "  Git:\n"
        "    :branch: main\n"
        "    :git: https://x/git.git\n"
        "\n"
        "CHECKOUT OPTIONS:\n"
        "  Git:\n"
        "    :commit: 00ff\n"
        "    :git: https://x/git.git\n"
        "\n"
        "SPEC CHECKSUMS:\n"
        "  Own: 00\n"
        "\n"
        "COCOAPODS: 1.11.3\n"
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cocoapods_lock),
        cmocka_unit_test(test_cocoapods_losses),
        cmocka_unit_test(test_cocoapods_full_sink),
    };
    return cmocka_run_group_tests_name("cocoapods", tests, NULL, NULL);
}
