/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what Python's plistlib wrote and reads. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_macapp;
#define PATH "Applications/My.app/Contents/Info.plist"

static bool run(struct capture *c, struct prq_arena *a, prq_bytes data, struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_macapp, PATH, data, err);
}

static bool run_text(struct capture *c, struct prq_arena *a, const char *text, struct prq_err *err)
{
    return run(c, a, prq_bytes_of(prq_str_from(text)), err);
}

static void test_macapp_xml(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run_text(&c, a,
                         "<?xml version=\"1.0\"?><!DOCTYPE plist PUBLIC \"x\" \"y\"><plist version=\"1.0\"><dict>"
                         "<key>CFBundleName</key><string>My &amp; App</string><key>N</key><dict>"
                         "<key>CFBundleName</key><string>inner</string></dict>"
                         "<key>CFBundleVersion</key><string>77</string>"
                         "<key>CFBundleShortVersionString</key><string>1.2</string></dict></plist>", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "My & App");
    assert_str(c.packages[0].version, "1.2");
    assert_str(c.packages[0].type, "binary");
    assert_true(run_text(&c, a, "<plist><dict><key>CFBundleVersion</key><string>1</string></dict></plist>", NULL));
    assert_int_equal(c.package_count, 0);
}

/* plistlib.dumps({"CFBundleName": "Ünï", "CFBundleVersion": "7", "n": 1}, fmt=FMT_BINARY) */
static const uint8_t binary[] = {
    0x62, 0x70, 0x6c, 0x69, 0x73, 0x74, 0x30, 0x30, 0xd3, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x5c,
    0x43, 0x46, 0x42, 0x75, 0x6e, 0x64, 0x6c, 0x65, 0x4e, 0x61, 0x6d, 0x65, 0x5f, 0x10, 0x0f, 0x43,
    0x46, 0x42, 0x75, 0x6e, 0x64, 0x6c, 0x65, 0x56, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x51, 0x6e,
    0x63, 0x00, 0xdc, 0x00, 0x6e, 0x00, 0xef, 0x51, 0x37, 0x10, 0x01, 0x08, 0x0f, 0x1c, 0x2e, 0x30,
    0x37, 0x39, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x3b,
};

static void test_macapp_binary(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, (prq_bytes){ binary, sizeof binary }, NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "Ünï");
    assert_str(c.packages[0].version, "7");
    for (size_t n = 0; n < sizeof binary; n++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, (prq_bytes){ binary, n }, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    for (size_t i = 8; i < sizeof binary; i++) { /* any byte may lie: no crash, no endless loop */
        uint8_t bad[sizeof binary];
        memcpy(bad, binary, sizeof binary);
        bad[i] ^= 0xff;
        (void)run(&c, a, (prq_bytes){ bad, sizeof bad }, NULL);
    }
}

static void test_macapp_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const bad[] = { "", "this is not a plist\n", "{ aa:bb }", "<a/>", "<plist/>" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run_text(&c, a, bad[i], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_macapp_xml),
        cmocka_unit_test(test_macapp_binary),
        cmocka_unit_test(test_macapp_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
