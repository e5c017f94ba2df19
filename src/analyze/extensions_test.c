/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: WordPress' and Chrome's documentation of headers and manifests; the archives are made by
 * Python's zipfile. */
#include "capture.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_extensions;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_extensions, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_extensions_wordpress(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "var/www/wp-content/plugins/all-in-one/main.php",
                    "<?php\n/**\n * Plugin Name: All in One\n * Description: Version: 9\n"
                    " * Version:           3.2.1\n * License: GPLv2 or later\n */\ncode();\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].type, "wordpress-plugin");
    assert_str(c.packages[0].name, "all-in-one");
    assert_str(c.packages[0].version, "3.2.1");
    assert_str(c.packages[0].licenses.v[0], "GPLv2 or later");
    assert_true(run(&c, a, "wp-content/plugins/hello.php",
                    "<?php /* Plugin name: Hello */ ?>\r# version: 1.7.2 ?>", NULL));
    assert_str(c.packages[0].name, "hello");
    assert_str(c.packages[0].version, "1.7.2");
    assert_true(run(&c, a, "wp-content/themes/twenty/style.css",
                    "/*\r\nTheme Name: Twenty Twenty\r\nVersion: 1.8\r\n*/\r\n", NULL));
    assert_str(c.packages[0].type, "wordpress-theme");
    assert_str(c.packages[0].name, "twenty");
    assert_true(run(&c, a, "wp-content/plugins/x/inc/y.php", "<?php\n# Plugin Name: X\n", NULL));
    assert_true(run(&c, a, "wp-content/plugins/x/y.php", "<?php\n$Plugin = 'Name:';\n", NULL));
    assert_true(run(&c, a, "wp-content/plugins/x/z.php", "", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

#define PROFILE "root/.config/chromium/Default/Extensions/"

static void test_extensions_browser(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char path[] = PROFILE "cjpalhdlnbpafiamejdnhcphjbkeiagm/1.2_0/manifest.json";
    assert_true(run(&c, a, path, "{\"name\":\"uBlock Origin\",\"version\":\"1.2\",\"x\":{}}", NULL));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 0);
    assert_str(c.packages[0].type, "chrome-extension");
    assert_str(c.packages[0].name, "cjpalhdlnbpafiamejdnhcphjbkeiagm");
    assert_str(c.packages[0].version, "1.2");
    assert_true(run(&c, a, path, "{\"name\":\"__MSG_extName__\",\"version\":\"1.2\"}", NULL));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 1);
    assert_true(run(&c, a, PROFILE "cjpalhdlnbpafiamejdnhcphjbkeiagz/1/manifest.json", "x", NULL));
    assert_true(run(&c, a, PROFILE "manifest.json", "x", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
    static const char *const bad[] = { "", "[]", "{\"name\":\"x\"}", "{\"version\":\"1\"}", "{" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, path, bad[i], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

#define SEED(name) unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/extensions/" name)

/* As Debian's packages of uBlock Origin lay it. */
static void test_extensions_system(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const struct {
        const char *dir, *name;
    } cases[] = {
        { "usr/share/chromium/extensions/ublock-origin", "ublock-origin" },
        { "usr/share/webext/ublock-origin", "ublock-origin" },
        { "usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/uBlock0@raymondhill.net",
          "uBlock0@raymondhill.net" },
        { "usr/share/webext/ublock-origin/assets", NULL },
        { "usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/a@b/assets/x", NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/manifest.json", cases[i].dir);
        assert_true(run(&c, a, path, "{\"name\": \"uBlock Origin\", \"version\": \"1.67.0\"}", NULL));
        assert_int_equal(c.package_count, cases[i].name ? 1 : 0);
        if (!cases[i].name)
            continue;
        assert_str(c.packages[0].type, "binary");
        assert_str(c.packages[0].name, cases[i].name);
        assert_str(c.packages[0].version, "1.67.0");
        assert_int_equal(c.packages[0].flags, PRQ_PKG_NO_MATCH);
    }
}

static void test_extensions_vsix(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_extensions, "x.vsix", SEED("vsix"), NULL));
    assert_int_equal(c.package_count, 3);
    assert_str(c.packages[0].type, "vscode-extension");
    assert_str(c.packages[0].name, "esbenp/Prettier-VSCode");
    assert_str(c.packages[0].version, "11.0.0");
    assert_str(c.packages[0].qualifiers.v[0], "platform=linux-x64");
    assert_str(c.packages[1].name, "lodash");
    assert_str(c.packages[1].version, "4.17.20");
    assert_str(c.packages[1].evidence[0].path, "x.vsix!/extension/node_modules/lodash/package.json");
    assert_str(c.packages[2].ns, "@s");
    assert_int_equal(c.gap_count, 1); /* one package.json is cut off */
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_extensions, "x.vsix", SEED("nomanifest.vsix"), NULL));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 1);
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_extensions, "x.vsix", SEED("badmanifest.vsix"), NULL));
    assert_int_equal(c.gap_count, 1);
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(run(&c, a, "x.vsix", "this is no archive", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extensions_wordpress),
        cmocka_unit_test(test_extensions_browser),
        cmocka_unit_test(test_extensions_system),
        cmocka_unit_test(test_extensions_vsix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
