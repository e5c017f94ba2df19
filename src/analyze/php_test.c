/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what `composer show` and `pear list` of Debian 12 say of the same files. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_php;

#define INSTALLED "srv/app/vendor/composer/installed.json"

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_php, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_php_composer(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, INSTALLED,
                    "{\"packages\":["
                    "{\"name\":\"Symfony/console\",\"version\":\"v5.4.1\",\"license\":[\"MIT\"],"
                    "\"version_normalized\":\"5.4.1.0\","
                    "\"source\":{\"type\":\"git\",\"url\":\"https://x\",\"reference\":\"00\"},"
                    "\"require\":{\"php\":\">=7\",\"ext-zip\":\"*\",\"psr/log\":\"^1\"},"
                    "\"require-dev\":{\"a/b\":\"*\"}},"
                    "{\"name\":\"psr/log\",\"version\":\"dev-main\",\"license\":\"MIT\","
                    "\"dist\":{\"type\":\"zip\",\"url\":\"https://z\",\"reference\":\"11\","
                    "\"shasum\":\"\"},"
                    "\"source\":{\"type\":\"git\",\"url\":\"https://x/log.git\",\"reference\":\"22\"}},"
                    "{\"name\":\"phpunit/phpunit\",\"version\":\"9.5.0\"}],"
                    "\"dev\":true,\"dev-package-names\":[\"phpunit/phpunit\"]}",
                    &err));
    assert_int_equal(c.package_count, 3);
    const struct prq_package *p = &c.packages[0];
    assert_str(p->type, "composer");
    assert_str(p->ns, "Symfony");
    assert_str(p->name, "Symfony/console");
    assert_str(p->version, "v5.4.1");
    assert_str(p->licenses.v[0], "MIT");
    assert_int_equal(p->depends.n, 1);
    assert_str(p->depends.v[0], "psr/log");
    assert_int_equal(p->vcs_url.n, 0);
    assert_int_equal(p->flags, 0);
    assert_str(c.packages[1].vcs_url, "git+https://x/log.git@22");
    assert_int_equal(c.packages[2].flags, PRQ_PKG_DEV);
    assert_true(run(&c, a, INSTALLED, "[{\"name\":\"a/b\",\"version\":\"1\"}]", &err)); /* version 1 */
    assert_int_equal(c.package_count, 1);
    assert_true(run(&c, a, INSTALLED, "[]", &err));
    assert_int_equal(c.package_count, 0);
}

#define VERSIONS "srv/app/vendor/composer/installed.php"

static void test_php_versions(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, VERSIONS,
                    "<?php return array(\n"
                    "    'root' => array(\n"
                    "        'name' => 'acme/app',\n"
                    "        'pretty_version' => '1.0.0+no-version-set',\n"
                    "        'install_path' => __DIR__ . '/../../',\n"
                    "        'aliases' => array(),\n"
                    "        'dev' => true,\n"
                    "    ),\n"
                    "    'versions' => array(\n"
                    "        'acme/app' => array('pretty_version' => '1.0.0+no-version-set',\n"
                    "            'dev_requirement' => false),\n"
                    "        'monolog/monolog' => array(\n"
                    "            'pretty_version' => '2.9.1',\n"
                    "            'version' => '2.9.1.0',\n"
                    "            'reference' => 'f259e2b15fb95494c83f52d3caad003bbf5ffaa1',\n"
                    "            'install_path' => __DIR__ . '/../monolog/monolog',\n"
                    "            'dev_requirement' => false,\n"
                    "        ),\n"
                    "        'phpunit/phpunit' => array('pretty_version' => '9.6.13',\n"
                    "            'dev_requirement' => true),\n"
                    "        'psr/log-implementation' => array('dev_requirement' => false,\n"
                    "            'provided' => array(0 => '1.0.0 || 2.0.0')),\n"
                    "    ),\n"
                    ");\n",
                    &err));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].type, "composer");
    assert_str(c.packages[0].ns, "monolog");
    assert_str(c.packages[0].name, "monolog/monolog");
    assert_str(c.packages[0].version, "2.9.1");
    assert_int_equal(c.packages[0].flags, 0);
    assert_str(c.packages[1].name, "phpunit/phpunit");
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DEV);
    static const char *const bad[] = { "", "<?php echo 1;", "<?php return array();",
                                       "<?php return array('versions' => 3);" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        assert_false(run(&c, a, VERSIONS, bad[i], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    assert_false(run(&c, a, VERSIONS,
                     "<?php return array('versions' => array('a/b' => array("
                     "'pretty_version' => '1'), 'c/d' => array(", &err));
    assert_int_equal(c.package_count, 1);
}

/* Of another file of that name nothing is said; of Composer's what is wrong. */
static void test_php_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t packages;
    } cases[] = {
        { "", 0 },
        { "{}", 0 },
        { "3", 0 },
        { "{\"packages\":{\"a\":1}}", 0 },
        { "[1]", 0 },
        { "[{\"name\":\"single\",\"version\":\"1\"}]", 0 },
        { "[{\"name\":\"a/b\",\"version\":\"1\"},{}]", 1 },
        { "[{\"name\":\"a/b\",\"version\":\"1\"},{", 1 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, INSTALLED, cases[i].text, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(c.package_count, cases[i].packages);
        assert_true(run(&c, a, "etc/app/installed.json", cases[i].text, NULL));
        assert_int_equal(c.package_count, 0);
    }
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    assert_true(run(&c, a, "x/installed.json", "[{\"name\":\"a/b\",\"version\":\"1\"}]", NULL));
    assert_int_equal(c.package_count, 1);
}

static void test_php_pear(void **state)
{
    (void)state;
    static const char two[] =
        "a:5:{s:7:\"attribs\";a:1:{s:7:\"version\";s:3:\"2.0\";}s:4:\"name\";s:3:\"zip\";"
        "s:7:\"channel\";s:12:\"pecl.php.net\";"
        "s:7:\"version\";a:2:{s:7:\"release\";s:6:\"1.22.3\";s:3:\"api\";s:6:\"1.22.0\";}"
        "s:7:\"license\";a:2:{s:7:\"attribs\";a:1:{s:3:\"uri\";s:1:\"u\";}"
        "s:8:\"_content\";s:3:\"PHP\";}}";
    static const char one[] =
        "a:3:{s:7:\"package\";s:3:\"Foo\";s:7:\"version\";s:5:\"1.2RC\";"
        "s:15:\"release_license\";s:3:\"BSD\";}";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "usr/share/php/.registry/.channel.pecl.php.net/zip.reg", two, &err));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].type, "pear");
    assert_str(c.packages[0].ns, "pecl.php.net");
    assert_str(c.packages[0].name, "zip");
    assert_str(c.packages[0].version, "1.22.3");
    assert_str(c.packages[0].licenses.v[0], "PHP");
    assert_true(run(&c, a, "usr/share/php/.registry/foo.reg", one, &err));
    assert_str(c.packages[0].ns, "pear.php.net");
    assert_str(c.packages[0].name, "Foo");
    assert_str(c.packages[0].version, "1.2RC");
    assert_true(run(&c, a, "usr/share/php/.registry/.channel.x.example/foo.reg", one, &err));
    assert_str(c.packages[0].ns, "x.example");
    assert_false(run(&c, a, ".registry/foo.reg", "a:0:{}", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(run(&c, a, ".registry/foo.reg", "a:1:{s:4:", &err));
    assert_int_equal(err.offset, 5);
}

static void test_php_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_php, INSTALLED,
                             CAPTURE_BYTES("[{\"name\":\"a/b\",\"version\":\"1\"}]"), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_php_composer), cmocka_unit_test(test_php_versions),
        cmocka_unit_test(test_php_shapes),
        cmocka_unit_test(test_php_pear),
        cmocka_unit_test(test_php_full_sink),
    };
    return cmocka_run_group_tests_name("php", tests, NULL, NULL);
}
