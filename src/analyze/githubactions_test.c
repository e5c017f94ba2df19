/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: GitHub's documentation of workflows and actions. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_githubactions;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_githubactions, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_githubactions_workflow(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, ".github/workflows/ci.yml",
                    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
                    "      - uses: actions/checkout@v4 # a comment\n      - run: make\n"
                    "      - uses: github/codeql-action/init@v2.1.0\n      - uses: ./local\n"
                    "      - uses: docker://alpine:3.8\n      - uses: ${{ matrix.x }}\n      - uses: odd\n"
                    "  b:\n    uses: org/repo/.github/workflows/w.yml@0123abcd\n", NULL));
    assert_int_equal(c.package_count, 3);
    assert_str(c.packages[0].type, "github");
    assert_str(c.packages[0].name, "actions/checkout");
    assert_str(c.packages[0].version, "v4");
    assert_str(c.packages[1].name, "github/codeql-action");
    assert_str(c.packages[1].subpath, "init");
    assert_str(c.packages[2].name, "org/repo");
    assert_str(c.packages[2].version, "0123abcd");
    assert_int_equal(c.gap_count, 1); /* "odd" */
    assert_true(run(&c, a, "x/action.yml", "runs:\n  using: composite\n  steps:\n  - uses: a/b@main\n", NULL));
    assert_int_equal(c.package_count, 1);
}

static void test_githubactions_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(run(&c, a, ".github/workflows/ci.yml", "jobs: [\n", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(run(&c, a, ".github/workflows/ci.yml", "- a\n", NULL));
    assert_false(run(&c, a, ".github/actions/x/action.yaml", "name: x\nrns: y\n", NULL));
    assert_true(run(&c, a, "elsewhere/action.yml", "name: x\n", NULL));
    assert_true(run(&c, a, ".github/workflows/ci.yml", "jobs: 1\nruns: []\n", NULL));
    assert_true(run(&c, a, ".github/workflows/ci.yml", "", NULL));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_githubactions_workflow),
        cmocka_unit_test(test_githubactions_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
