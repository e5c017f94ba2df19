/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_pythonlock;

static bool try_run(struct capture *c, struct prq_arena *a, const char *path, prq_bytes data,
                    struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_pythonlock, path, data, err);
}

static void run(struct capture *c, struct prq_arena *a, const char *path, const char *text)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!try_run(c, a, path, prq_bytes_of(prq_str_from(text)), &err))
        fail_msg("%s: %s", path, err.text);
}

/* "name version flags" of each package, one after the other. */
static void assert_list(const struct capture *c, const char *const *want, size_t n)
{
    for (size_t i = 0; i < c->package_count && i < n; i++) {
        char got[256];
        uint32_t f = c->packages[i].flags;
        assert_true(f & PRQ_PKG_DECLARED);
        assert_str(c->packages[i].type, "pypi");
        snprintf(got, sizeof got, "%.*s %.*s%s%s", PRQ_FMT(c->packages[i].name),
                 PRQ_FMT(c->packages[i].version), f & PRQ_PKG_DEV ? " dev" : "",
                 f & PRQ_PKG_APPLICATION ? " own" : "");
        assert_string_equal(got, want[i]);
    }
    assert_int_equal(c->package_count, n);
}

static void test_requirement_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want; /* "name version"; "": silently passed over; NULL: a gap */
    } cases[] = {
        { "Django==3.2.12", "Django 3.2.12" },
        { "  requests == 2.0 # why", "requests 2.0" },
        { "jinja2==3.0.0#comment", "jinja2 3.0.0" },
        { "celery[redis, msgpack]==5.0.0rc1", "celery 5.0.0rc1" },
        { "a.b_c-d (==1.0)", "a.b_c-d 1.0" },
        { "x==1.0,!=1.1", "x 1.0" },
        { "x>=1,==1.2", "x 1.2" },
        { "x===legacy-2000", "x legacy-2000" },
        { "x==1!2.0+local.1", "x 1!2.0+local.1" },
        { "x==1.0 ; python_version < '3' and sys_platform == 'win32'", "x 1.0" },
        { "x==1.0 --hash=sha256:00 --hash=sha256:01", "x 1.0" },
        { "x==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01", "x 1.0" },
        { "x==1.*", "" },
        { "x>=1.0", "" },
        { "x~=1.0", "" },
        { "x", "" },
        { "x @ https://example.com/x-1.0.zip", "" },
        { "-r other.txt", "" },
        { "--index-url https://example.com/simple", "" },
        { "-e git+https://example.com/x.git#egg=x==1.0", "" },
        { "git+https://example.com/x.git", "" },
        { "./local/x", "" },
        { "", "" },
        { "# x==1.0", "" },
        { "foo|bar=='1.2.4'", NULL },
        { "foo=='invalid'", NULL },
        { "x==1\x01.2", NULL },
        { "x==${VERSION}", NULL },
        { "x==*", "" },
        { "x==1.*, ==1.2", "x 1.2" },
        { "x[broken==1.0", NULL },
        { "{{ name }}==1.0", NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        char got[128] = "";
        run(&c, a, "requirements-dev.txt", cases[i].line);
        if (c.package_count)
            snprintf(got, sizeof got, "%.*s %.*s", PRQ_FMT(c.packages[0].name),
                     PRQ_FMT(c.packages[0].version));
        assert_string_equal(got, cases[i].want ? cases[i].want : "");
        assert_int_equal(c.gap_count, cases[i].want ? 0 : 1);
        assert_true(c.package_count <= 1);
    }
}

static void test_requirement_files(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    static const char *const want[] = { "a 1" };
    assert_true(try_run(&c, a, "requirements.txt",
                        CAPTURE_BYTES("\xff\xfe" "a\0=\0=\0" "1\0\r\0\n\0"), &err));
    assert_list(&c, want, 1);
    assert_true(try_run(&c, a, "requirements.txt", CAPTURE_BYTES("\xfe\xff\0a\0=\0=\0" "1"), &err));
    assert_list(&c, want, 1);
    run(&c, a, "requirements.txt", "\xef\xbb\xbf" "a==1");
    assert_list(&c, want, 1);
    run(&c, a, "requirements/base.txt", "a==1");
    assert_list(&c, want, 1);
    run(&c, a, "old-requirements/notes.txt", "a==1");
    assert_list(&c, want, 0);
}

static void test_pipfile_lock(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "Pipfile.lock",
        "{\"_meta\":{\"hash\":{\"version\":\"==9\"}},"
        "\"default\":{\"a\":{\"version\":\"==1.0\"},\"b\":{\"git\":\"https://e.org/b.git\",\"ref\":\"abc\"}},"
        "\"develop\":{\"c\":{\"version\":\"==2.0\"}}}");
    static const char *const want[] = { "a 1.0", "b ", "c 2.0 dev" };
    assert_list(&c, want, PRQ_COUNT(want));
    assert_str(c.packages[1].vcs_url, "git+https://e.org/b.git@abc");
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(try_run(&c, a, "Pipfile.lock", CAPTURE_BYTES(""), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
}

static void test_poetry_lock(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "poetry.lock",
        "[[package]]\nname = \"a\"\nversion = \"1.0\"\ncategory = \"main\"\n"
        "[package.dependencies]\nb = \">=1\"\n"
        "[[package]]\nname = \"b\"\nversion = \"2.0\"\ncategory = \"dev\"\n"
        "[[package]]\nname = \"c\"\nversion = \"3.0\"\ngroups = [\"main\", \"test\"]\n"
        "[[package]]\nname = \"d\"\nversion = \"4.0\"\ngroups = [\"test\"]\n"
        "[package.source]\ntype = \"git\"\nurl = \"https://e.org/d.git\"\nresolved_reference = \"abc\"\n"
        "[metadata]\nname = \"not a package\"\n");
    static const char *const want[] = { "a 1.0", "b 2.0 dev", "c 3.0", "d 4.0 dev" };
    assert_list(&c, want, PRQ_COUNT(want));
    assert_str(c.packages[0].depends.v[0], "b");
    assert_str(c.packages[3].vcs_url, "git+https://e.org/d.git@abc");
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(try_run(&c, a, "poetry.lock", CAPTURE_BYTES("[[package]\n"), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
}

static void test_uv_lock(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "uv.lock",
        "version = 1\n"
        "[[package]]\nname = \"own\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\n"
        "dependencies = [{ name = \"a\" }]\n"
        "[package.optional-dependencies]\nextra = [{ name = \"x\" }]\n"
        "[package.dev-dependencies]\ndev = [{ name = \"d\" }]\n"
        "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [{ name = \"b\" }]\n"
        "source = { git = \"https://e.org/a.git?rev=main#abc\" }\n"
        "[[package]]\nname = \"b\"\nversion = \"1\"\ndependencies = [{ name = \"a\" }]\n"
        "[[package]]\nname = \"d\"\nversion = \"1\"\ndependencies = [{ name = \"b\" }, { name = \"e\" }]\n"
        "[[package]]\nname = \"e\"\nversion = \"1\"\n"
        "[[package]]\nname = \"x\"\nversion = \"1\"\n");
    static const char *const want[] = { "own 0.1.0 own", "a 1", "b 1", "d 1 dev", "e 1 dev", "x 1" };
    assert_list(&c, want, PRQ_COUNT(want));
    assert_str(c.packages[1].vcs_url, "git+https://e.org/a.git@abc");
}

static void test_pdm_and_pylock(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "pdm.lock",
        "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"default\"]\ndependencies = [\"b>=1; x\"]\n"
        "[[package]]\nname = \"b\"\nversion = \"2\"\ngroups = [\"dev\"]\n"
        "git = \"https://e.org/b.git\"\nrevision = \"abc\"\n");
    static const char *const pdm[] = { "a 1", "b 2 dev" };
    assert_list(&c, pdm, PRQ_COUNT(pdm));
    assert_str(c.packages[0].depends.v[0], "b");
    assert_str(c.packages[1].vcs_url, "git+https://e.org/b.git@abc");
    run(&c, a, "pylock.dev.toml",
        "[[packages]]\nname = \"a\"\nversion = \"1\"\n"
        "[[packages]]\nname = \"own\"\n[packages.directory]\npath = \".\"\n"
        "[[packages]]\nname = \"v\"\n"
        "vcs = { type = \"git\", url = \"https://e.org/v\", commit-id = \"abc\" }\n");
    static const char *const pylock[] = { "a 1", "own  own", "v " };
    assert_list(&c, pylock, PRQ_COUNT(pylock));
    assert_str(c.packages[2].vcs_url, "git+https://e.org/v@abc");
    run(&c, a, "src/pylock.d/other.toml", "[[packages]]\nname = \"a\"\n");
    assert_list(&c, pylock, 0);
}

static void test_setup_py(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "setup.py",
        "setup(name='x', version='1.0',\n"
        "  install_requires=[ # 'no==1'\n"
        "    'a==1.0', \"b>=2\", \"c [x] == 3.0\",\n  ],\n  tests_require=['d==4'])\n");
    static const char *const want[] = { "a 1.0", "c 3.0" };
    assert_list(&c, want, PRQ_COUNT(want));
    run(&c, a, "setup.py", "install_requires = read('requirements.txt')\n'a==1'");
    assert_list(&c, want, 0);
    run(&c, a, "setup.py", "install_requires=['a==1.0");
    assert_list(&c, want, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requirement_lines), cmocka_unit_test(test_requirement_files),
        cmocka_unit_test(test_pipfile_lock),      cmocka_unit_test(test_poetry_lock),
        cmocka_unit_test(test_uv_lock),           cmocka_unit_test(test_pdm_and_pylock),
        cmocka_unit_test(test_setup_py),
    };
    return cmocka_run_group_tests_name("pythonlock", tests, NULL, NULL);
}
