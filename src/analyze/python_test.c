/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_python;

static void run(struct capture *c, struct prq_arena *a, const char *path, const char *text)
{
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(c, a);
    if (!capture_run(c, &prq_analyzer_python, path, prq_bytes_of(prq_str_from(text)), &err))
        fail_msg("%s: %s", path, err.text);
}

static void test_python_metadata(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "lib/Flask_Cors-3.0.8.dist-info/METADATA",
        "Metadata-Version: 2.1\r\n"
        "Name: Flask_Cors\r\n"
        "Version: 3.0.8\r\n"
        "License: MIT\r\n"
        "  and more\r\n"
        "Classifier: License :: OSI Approved :: MIT License\r\n"
        "Classifier: License :: OSI Approved\r\n"
        "Classifier: Topic :: X\r\n"
        "Requires-Dist: Flask (>=0.9)\r\n"
        "Requires-Dist: six[x]>=1 ; python_version < '3'\r\n"
        "Requires-Dist: pytest ; extra == 'test'\r\n"
        "\xff\xfe not a field\r\n"
        "\r\n"
        "Name: the description\r\n");
    assert_int_equal(c.package_count, 1);
    const struct prq_package *p = &c.packages[0];
    assert_str(p->type, "pypi");
    assert_str(p->name, "Flask_Cors");
    assert_str(p->version, "3.0.8");
    assert_int_equal(p->licenses.n, 2);
    assert_str(p->licenses.v[0], "MIT");
    assert_str(p->licenses.v[1], "MIT License");
    assert_int_equal(p->depends.n, 2);
    assert_str(p->depends.v[0], "Flask");
    assert_str(p->depends.v[1], "six");

    run(&c, a, "a.egg-info/PKG-INFO",
        "\xef\xbb\xbfname: a\nversion: 1\nLicense: UNKNOWN\nLicense-Expression: MIT OR ISC\n"
        "Classifier: License :: OSI Approved :: MIT License\n");
    assert_str(c.packages[0].name, "a");
    assert_int_equal(c.packages[0].licenses.n, 1);
    assert_str(c.packages[0].licenses.v[0], "MIT OR ISC");
}

static void test_python_left_out(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    run(&c, a, "usr/lib/python2.7/Python-2.7.egg-info", "Name: Python\nVersion: 2.7\n");
    assert_int_equal(c.package_count, 0);
    run(&c, a, "x.egg-info", "Name: x\n");
    assert_str(c.packages[0].version, "");
    capture_init(&c, a);
    assert_false(capture_run(&c, &prq_analyzer_python, "x.dist-info/METADATA", CAPTURE_BYTES("{}"), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_python, "x.egg-info", CAPTURE_BYTES("Name: x\n"), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_python_record(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "usr/lib/python3/site-packages/x-1.dist-info/RECORD",
        "x/__init__.py,sha256=abc,10\r\n"
        "../../../bin/x,,\r\n"
        "\"odd, \"\"name\"\".py\",sha256=abc,1\r\n"
        "/etc/x.conf,,\r\n"
        "./x/./y.py,,\r\n"
        "../../../../../../outside,,\r\n"
        ",,\r\n"
        "x-1.dist-info/RECORD,,");
    const struct capture_owned *o =
        capture_owned(&c, "pypi:usr/lib/python3/site-packages/x-1.dist-info/METADATA");
    assert_non_null(o);
    static const char *const want[] = {
        "usr/lib/python3/site-packages/x/__init__.py",
        "usr/bin/x",
        "usr/lib/python3/site-packages/odd, \"name\".py",
        "etc/x.conf",
        "usr/lib/python3/site-packages/x/y.py",
        "usr/lib/python3/site-packages/x-1.dist-info/RECORD",
    };
    assert_int_equal(o->paths.n, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++)
        assert_str(o->paths.v[i], want[i]);

    run(&c, a, "lib/docopt-0.6.2.egg-info/installed-files.txt", "../docopt.py\nPKG-INFO\n");
    o = capture_owned(&c, "pypi:lib/docopt-0.6.2.egg-info/PKG-INFO");
    assert_non_null(o);
    assert_int_equal(o->paths.n, 2);
    assert_str(o->paths.v[0], "lib/docopt.py");
    assert_str(o->paths.v[1], "lib/docopt-0.6.2.egg-info/PKG-INFO");
}

static void test_python_direct_url(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "lib/x-1.dist-info/direct_url.json",
        "{\"url\":\"https://example.com/x.git\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"abc\","
        "\"requested_revision\":\"main\"}}");
    assert_str(capture_note(&c, "pypi-direct-url", "dir"), "lib/x-1.dist-info");
    assert_str(capture_note(&c, "pypi-direct-url", "vcs_url"), "git+https://example.com/x.git@abc");
    assert_str(capture_note(&c, "pypi-direct-url", "requested_revision"), "main");
    run(&c, a, "lib/x-1.dist-info/direct_url.json",
        "{\"url\":\"file:///src\",\"dir_info\":{\"editable\":true}}");
    assert_str(capture_note(&c, "pypi-direct-url", "editable"), "true");
    assert_str(capture_note(&c, "pypi-direct-url", "vcs_url"), "");
}

/* The samples were written by Python's zipfile. */
static void test_python_archives(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    prq_bytes egg = unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/python/egg");
    assert_true(capture_run(&c, &prq_analyzer_python, "lib/polib-1.0.7-py3.8.egg", egg, &err));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "polib");
    assert_int_equal(c.packages[0].flags, 0);
    capture_init(&c, a);
    prq_bytes wheel = unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/python/wheel");
    assert_true(capture_run(&c, &prq_analyzer_python, "x/bottle-1-py3-none-any.whl", wheel, &err));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "bottle");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED);
    /* the one is not the other, and half of it is neither */
    assert_false(capture_run(&c, &prq_analyzer_python, "x.egg", wheel, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(capture_run(&c, &prq_analyzer_python, "x.egg", (prq_bytes){ egg.p, egg.n / 2 }, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python_metadata),
        cmocka_unit_test(test_python_left_out),
        cmocka_unit_test(test_python_record),
        cmocka_unit_test(test_python_direct_url),
        cmocka_unit_test(test_python_archives),
    };
    return cmocka_run_group_tests_name("python", tests, NULL, NULL);
}
