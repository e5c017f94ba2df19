/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: packageDescription() and renv of R 4.2. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_rlang;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_rlang, path, prq_bytes_of(prq_str_from(text)), err);
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
        assert_str(c.packages[i].type, "cran");
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
        capture_run(&c, &prq_analyzer_rlang, path, prq_bytes_of(prq_str_from(text)), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_rlang_description(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "jsonlite", "1.8.4", 0 },
    };
    expect("usr/lib/R/library/jsonlite/DESCRIPTION",
        "Package: jsonlite\n"
        "Type: Package\n"
        "Version: 1.8.4\n"
        "License: MIT + file LICENSE\n"
        "Depends: methods, R (>= 3.5)\n"
        "Imports: cli (>= 3.6),\n"
        "        rlang\n"
        "Built: R 4.2.2; x86_64-pc-linux-gnu; 2023-01-14; unix\n"
        "",
        want, PRQ_COUNT(want));
    }
    {
    static const struct want want[] = {
        { "jsonlite", "1.8.4", 0 },
    };
    expect("opt/x/site-library/jsonlite/DESCRIPTION",
        "Package: jsonlite\n"
        "Type: Package\n"
        "Version: 1.8.4\n"
        "License: MIT + file LICENSE\n"
        "Depends: methods, R (>= 3.5)\n"
        "Imports: cli (>= 3.6),\n"
        "        rlang\n"
        "",
        want, PRQ_COUNT(want));
    }
    /* elsewhere only what is built counts */
    {
    static const struct want want[] = {
        { "jsonlite", "1.8.4", 0 },
    };
    expect("srv/jsonlite/DESCRIPTION",
        "Package: jsonlite\n"
        "Type: Package\n"
        "Version: 1.8.4\n"
        "License: MIT + file LICENSE\n"
        "Depends: methods, R (>= 3.5)\n"
        "Imports: cli (>= 3.6),\n"
        "        rlang\n"
        "Built: R 4.2.2; x86_64-pc-linux-gnu; 2023-01-14; unix\n"
        "",
        want, PRQ_COUNT(want));
    }
    expect("srv/jsonlite/DESCRIPTION",
        "Package: jsonlite\n"
        "Type: Package\n"
        "Version: 1.8.4\n"
        "License: MIT + file LICENSE\n"
        "Depends: methods, R (>= 3.5)\n"
        "Imports: cli (>= 3.6),\n"
        "        rlang\n"
        "",
        NULL, 0);
    expect("usr/share/octave/x/DESCRIPTION",
        "Name: x\n"
        "Version: 1\n"
        "",
        NULL, 0);
}

static void test_rlang_renv(void **state)
{
    (void)state;
    {
    static const struct want want[] = {
        { "R6", "2.5.1", PRQ_PKG_DECLARED },
        { "x", "0.1", PRQ_PKG_DECLARED },
    };
    expect("renv.lock",
        "{\"R\":{\"Version\":\"4.2\"},\"Packages\":{\"R6\":{\"Package\":\"R6\",\"Version\":\""
        "2.5.1\",\"Source\":\"Repository\",\"Repository\":\"CRAN\",\"Requirements\":[\"R\",\""
        "cli\"]},\"x\":{\"Package\":\"x\",\"Version\":\"0.1\",\"Source\":\"GitHub\",\"RemoteU"
        "sername\":\"u\",\"RemoteRepo\":\"x\",\"RemoteSha\":\"00ff\"},\"m\":{\"Package\":\"m"
        "\",\"Version\":\"1\"}}}",
        want, PRQ_COUNT(want));
    }
}

static void test_rlang_losses(void **state)
{
    (void)state;
    expect_loss("library/x/DESCRIPTION", "Package: x\n"
        "", PRQ_E_FORMAT, 0);
    expect_loss("library/x/DESCRIPTION", "", PRQ_E_FORMAT, 0);
    expect_loss("renv.lock", "{}", PRQ_E_FORMAT, 0);
    expect_loss("renv.lock", "[]", PRQ_E_FORMAT, 0);
    expect_loss("renv.lock",
        "{\"R\":{\"Version\":\"4.2\"},\"Packages\":{\"R6\":{\"Package\":\"R6\",\"Version\":\""
        "2.5.1\",\"Source\":\"Repository\",\"Repository\":\"CRAN\",\"Requirements\":[\"R\",\""
        "cli\"]},", PRQ_E_FORMAT, 1);
}

static void test_rlang_full_sink(void **state)
{
    (void)state;
    expect_full("library/x/DESCRIPTION", "Package: jsonlite\n"
        "Type: Package\n"
        "Version: 1.8.4\n"
        "License: MIT + file LICENSE\n"
        "Depends: methods, R (>= 3.5)\n"
        "Imports: cli (>= 3.6),\n"
        "        rlang\n"
        "Built: R 4.2.2; x86_64-pc-linux-gnu; 2023-01-14; unix\n"
        "");
    expect_full("renv.lock",
        "{\"R\":{\"Version\":\"4.2\"},\"Packages\":{\"R6\":{\"Package\":\"R6\",\"Version\":\""
        "2.5.1\",\"Source\":\"Repository\",\"Repository\":\"CRAN\",\"Requirements\":[\"R\",\""
        "cli\"]},\"x\":{\"Package\":\"x\",\"Version\":\"0.1\",\"Source\":\"GitHub\",\"RemoteU"
        "sername\":\"u\",\"RemoteRepo\":\"x\",\"RemoteSha\":\"00ff\"},\"m\":{\"Package\":\"m"
        "\",\"Version\":\"1\"}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rlang_description),
        cmocka_unit_test(test_rlang_renv),
        cmocka_unit_test(test_rlang_losses),
        cmocka_unit_test(test_rlang_full_sink),
    };
    return cmocka_run_group_tests_name("rlang", tests, NULL, NULL);
}
