/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_homebrew;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_homebrew, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_homebrew, path, data, &err) ? "" : err.text;
}

static void test_homebrew(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "home/linuxbrew/.linuxbrew/Cellar/openssl@3/3.2.1_1/.brew/openssl@3.rb",
           CAPTURE_BYTES("class Openssl < Formula\n  license \"Apache-2.0\"\n  # license \"no\"\nend\n"));
    assert_str(c.packages[0].type, "brew");
    assert_str(c.packages[0].name, "openssl@3");
    assert_str(c.packages[0].version, "3.2.1_1");
    assert_str(c.packages[0].licenses.v[0], "Apache-2.0");
    run_ok(&c, "opt/homebrew/Cellar/jq/1.7.1/INSTALL_RECEIPT.json",
           CAPTURE_BYTES("{\"source\":{\"path\":\"x\",\"tap\":\"homebrew/core\"},\"x\":[]}"));
    assert_str(c.packages[1].name, "jq");
    assert_str(c.packages[1].qualifiers.v[0], "tap=homebrew/core");
    run_ok(&c, "opt/homebrew/Caskroom/firefox/.metadata/125.0/20240101/Casks/firefox.json",
           CAPTURE_BYTES("{}"));
    assert_str(c.packages[2].name, "firefox");
    assert_str(c.packages[2].version, "125.0");
    assert_str(c.packages[2].qualifiers.v[0], "type=cask");
    run_ok(&c, "srv/.metadata/x.json", CAPTURE_BYTES("{}")); /* nobody's */
    run_ok(&c, "srv/Cellar/x", CAPTURE_BYTES(""));
    assert_int_equal(c.package_count, 3);
    assert_string_not_equal(run_error(a, "opt/Cellar/jq/1/INSTALL_RECEIPT.json", CAPTURE_BYTES("{")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_homebrew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
