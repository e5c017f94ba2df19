/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <unistd.h>

#include "pratique/config.h"

static struct prq_config *load(const char *yaml, bool *ok, struct prq_err *err)
{
    char path[] = "/tmp/prq-config.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
    close(fd);
    struct prq_config *c = NULL;
    assert_true(prq_config_new(&c, err));
    assert_true(prq_config_set(c, "config", path, err));
    *ok = prq_config_load(c, err);
    unlink(path);
    return c;
}

static void test_precedence(void **state)
{
    (void)state;
    bool ok;
    struct prq_err err = PRQ_ERR_INIT;
    setenv("PRATIQUE_NAME", "from-environment", 1);
    setenv("PRATIQUE_JOBS", "3", 1);
    struct prq_config *c = load("name: from-file\nplatform: linux/arm64\njobs: 2\ncolor: never\n", &ok,
                                &err);
    assert_true(ok);
    assert_true(prq_config_set(c, "jobs", "7", &err));
    assert_string_equal(prq_config_get(c, "name"), "from-environment");
    assert_string_equal(prq_config_origin(c, "name"), "environment");
    assert_string_equal(prq_config_get(c, "platform"), "linux/arm64");
    assert_true(prq_str_starts(prq_str_from(prq_config_origin(c, "platform")), PRQ_S("file /tmp/")));
    assert_int_equal(prq_config_int(c, "jobs"), 7);
    assert_string_equal(prq_config_origin(c, "jobs"), "flag");
    assert_string_equal(prq_config_origin(c, "log-format"), "default");
    assert_null(prq_config_get(c, "no-such-option"));
    prq_config_free(c);
    unsetenv("PRATIQUE_NAME");
    unsetenv("PRATIQUE_JOBS");
}

static void test_lists_and_kinds(void **state)
{
    (void)state;
    bool ok;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_config *c = load("output: [json=a, table]\nquiet: yes\nmax-data-age: 2d\n", &ok, &err);
    assert_true(ok);
    assert_string_equal(prq_config_get(c, "output"), "json=a\ntable"); /* names may hold commas */
    assert_true(prq_config_bool(c, "quiet"));
    assert_int_equal(prq_config_int(c, "max-data-age"), 172800);
    assert_true(prq_config_set(c, "output", "one", &err) && prq_config_set(c, "output", "two", &err));
    assert_string_equal(prq_config_get(c, "output"), "one\ntwo"); /* flags replace the file's */
    prq_config_free(c);
    c = load("", &ok, &err);
    assert_true(ok);
    prq_config_free(c);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "no-such: 1\n", "jobs: -1\n", "jobs: 99999999999999999999\n", "color: mauve\n",
        "quiet: perhaps\n", "max-data-age: 7y\n", "max-data-age: d\n",
        "max-data-age: 18446744073709551615w\n", "jobs: [1]\n", "jobs: {a: 1}\n",
        "output: [{a: b}]\n", "- jobs\n", "jobs\n", "name: \"a\\0b\"\n", "name: [\n",
        "a: &x [1]\nb: *x\n", "? [a]\n: b\n",
    };
    for (size_t i = 0; i < PRQ_COUNT(wrong); i++) {
        bool ok;
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_config *c = load(wrong[i], &ok, &err);
        if (ok || err.code != PRQ_E_USAGE)
            fail_msg("%s: %s", wrong[i], err.text);
        assert_true(prq_str_has(prq_str_from(err.text), PRQ_S("prq-config"))); /* which file */
        prq_config_free(c);
    }
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_config *c = NULL;
    assert_true(prq_config_new(&c, &err));
    assert_false(prq_config_set(c, "no-such", "1", &err));
    assert_true(prq_config_set(c, "config", "/nonexistent/x.yaml", NULL));
    assert_false(prq_config_load(c, &err));
    assert_int_equal(err.code, PRQ_E_USAGE);
    prq_config_free(c);
    prq_config_free(NULL);
}

static void test_too_large(void **state)
{
    (void)state;
    size_t n = PRQ_MIB(1) + 1;
    char *big = malloc(n + 1);
    assert_non_null(big);
    memset(big, ' ', n);
    big[n] = '\0';
    bool ok;
    struct prq_err err = PRQ_ERR_INIT;
    prq_config_free(load(big, &ok, &err));
    assert_false(ok);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_lists_and_kinds),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
