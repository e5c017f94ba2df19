/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's configurations and references: real ones, cut, and the documented shape where a test says so. */
#include "db/criteria.h"
#include "db/db_test.h"

/* CVE-2022-22377 as NVD serves it, cut: vulnerable on two systems only. */
static void test_nvd_running_on(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    prq_str json = PRQ_S(
        "{\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-2022-22377\",\"configurations\":[{\"operator\":"
        "\"AND\",\"nodes\":[{\"operator\":\"OR\",\"negate\":false,\"cpeMatch\":[{\"vulnerable\":true,"
        "\"criteria\":\"cpe:2.3:a:ibm:security_verify_privilege_on-premises:*:*:*:*:*:*:*:*\","
        "\"versionEndExcluding\":\"11.5\",\"matchCriteriaId\":"
        "\"CEE9CBED-455C-4B83-A735-76EE4C7E331A\"}]},{\"operator\":\"OR\",\"negate\":false,"
        "\"cpeMatch\":[{\"vulnerable\":false,\"criteria\":\"cpe:2.3:o:apple:macos:-:*:*:*:*:*:*:*\"},"
        "{\"vulnerable\":false,\"criteria\":\"cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*\"}]}]}],"
        "\"references\":[{\"url\":\"https://exchange.example/221827\",\"source\":\"x\",\"tags\":["
        "\"VDB Entry\",\"Vendor Advisory\"]},{\"url\":\"https://www.example/7047202\",\"tags\":["
        "\"Patch\",\"Vendor Advisory\"]},{\"url\":\"https://plain.example/\"},{\"url\":\"\"},1]}}]}");
    assert_true(prq_nvd_parse(json, c.a, &sink, NULL));
    capture_is(&c,
               "{\"affected\":[{\"module\":\"1&a\\t<11.5\",\"name\":"
               "\"ibm:security_verify_privilege_on-premises\",\"space\":\"cpe\"}],"
               "\"configurations\":\"1&\\n|\\n"
               "+a:ibm:security_verify_privilege_on-premises\\t<11.5\\n|\\n-o:apple:macos:-\\n"
               "-o:microsoft:windows:-\\n\",\"id\":\"CVE-2022-22377\",\"references\":[{\"type\":"
               "\"ADVISORY\",\"url\":\"https://exchange.example/221827\"},{\"type\":\"FIX\",\"url\":"
               "\"https://www.example/7047202\"},{\"type\":\"WEB\",\"url\":"
               "\"https://plain.example/\"}],\"source\":\"nvd\"}\n");
    assert_int_equal(c.skipped, 0);
    capture_close(&c);
}

/* Documented shape, no real record: every bound, several products and configurations, members in
 * another order. */
static void test_nvd_criteria(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    prq_str json = PRQ_S(
        "{\"vulnerabilities\":[{\"cve\":{\"configurations\":[{\"nodes\":[{\"cpeMatch\":["
        "{\"versionStartIncluding\":\"18.0\",\"versionEndExcluding\":\"18.2\",\"vulnerable\":true,"
        "\"criteria\":\"cpe:2.3:a:nodejs:node.js:*:*:*:*:lts:*:*:*\"},"
        "{\"versionStartExcluding\":\"16.0\",\"versionEndIncluding\":\"16.9\","
        "\"criteria\":\"cpe:2.3:a:nodejs:node.js:*:*:*:*:*:*:*:*\"},"
        "{\"vulnerable\":true,\"criteria\":\"cpe:2.3:a:Erlang:erlang\\\\/otp:24.0:rc1:*:*:*:*:*:*\"}"
        "],\"operator\":\"OR\",\"negate\":false}]},{\"negate\":true,\"nodes\":[{\"negate\":true,"
        "\"operator\":\"AND\",\"cpeMatch\":[{\"vulnerable\":true,\"criteria\":"
        "\"cpe:2.3:h:v:p:-:*:*:*:*:*:x64:*\"},{\"vulnerable\":true,\"criteria\":"
        "\"cpe:2.3:a:*:p:1:*:*:*:*:*:*:*\"}]}]}],\"id\":\"CVE-2024-0001\"}}]}");
    assert_true(prq_nvd_parse(json, c.a, &sink, NULL));
    capture_is(&c, "{\"affected\":[{\"module\":\"1=a:24.0:rc1\",\"name\":\"erlang:erlang\\\\/otp\","
                   "\"space\":\"cpe\"},{\"module\":\"1=a\\t>16.0\\t<=16.9\\n1=a:*:*:*:*:lts\\t>=18.0"
                   "\\t<18.2\",\"name\":\"nodejs:node.js\",\"space\":\"cpe\"},{\"module\":"
                   "\"2&h:-:*:*:*:*:*:x64\",\"name\":\"v:p\",\"space\":\"cpe\"}],"
                   "\"configurations\":\"2|!\\n&!\\n+h:v:p:-:*:*:*:*:*:x64\\n+a:*:p:1\\n\",\"id\":"
                   "\"CVE-2024-0001\",\"source\":\"nvd\"}\n");
    capture_close(&c);
}

/* Whatever is malformed is passed over and told; the record stays. */
static void test_nvd_malformed_criteria(void **state)
{
    (void)state;
    static const struct {
        const char *configurations, *want;
        unsigned skipped;
    } cases[] = {
        { "7", "", 0 },
        { "[7,{},{\"nodes\":7},{\"nodes\":[7,{\"cpeMatch\":7},{\"cpeMatch\":[7]}]}]", "", 0 },
        { "[{\"nodes\":[{\"cpeMatch\":[{}]}]}]", "", 1 },
        { "[{\"nodes\":[{\"cpeMatch\":[{\"criteria\":\"cpe:2.3:a:v\"}]}]}]", "", 1 },
        { "[{\"nodes\":[{\"cpeMatch\":[{\"criteria\":\"cpe:2.3:a:v:p:1:*:*:*:*:*:*:*\","
          "\"versionEndExcluding\":\"2\\t3\"}]}]}]",
          "1=a:1", 1 },
        { "[{\"nodes\":[{\"cpeMatch\":[{\"criteria\":\"cpe:2.3:a:v:p:1:*:*:*:*:*:*:*\"},"
          "{\"criteria\":\"cpe:2.3:a:v:p:1:*:*:*:*:*:*:*\"}]}]}]",
          "1=a:1", 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        prq_str json = prq_arena_printf(c.a, "{\"vulnerabilities\":[{\"cve\":{\"id\":"
                                             "\"CVE-2024-0001\",\"configurations\":%s}}]}",
                                        cases[i].configurations);
        assert_true(prq_nvd_parse(json, c.a, &sink, NULL));
        assert_int_equal(c.records, 1);
        assert_int_equal(c.skipped, cases[i].skipped);
        if (*cases[i].want)
            assert_true(prq_str_has(prq_buf_view(&c.text), prq_str_from(cases[i].want)));
        capture_close(&c);
    }
}

static void test_criterion_lines(void **state)
{
    (void)state;
    struct prq_row_criterion r;
    struct prq_conf_line l;
    assert_true(prq_row_criterion_parse(PRQ_S("12&a:1.0\\:2:rc1\t>1\t<=3"), &r));
    assert_int_equal(r.configuration, 12);
    assert_true(r.is_conditional);
    assert_str(r.c.cpe.v[PRQ_CPE_PART], "a");
    assert_str(r.c.cpe.v[PRQ_CPE_VERSION], "1.0\\:2");
    assert_str(r.c.cpe.v[PRQ_CPE_UPDATE], "rc1");
    assert_str(r.c.cpe.v[PRQ_CPE_OTHER], "*");
    assert_str(r.c.from, "1");
    assert_str(r.c.to, "3");
    assert_false(r.c.from_counts);
    assert_true(r.c.to_counts);
    static const char *const bad_rows[] = { "",       "1",       "=a",     "1a",      "1=",
                                            "1=a::b", "1=a\t",   "1=a\t1", "1=a\t>=", "1=a:*:*:*:*:*:*:*:*:*",
                                            "x=a",    "99999999999999999999=a" };
    for (size_t i = 0; i < PRQ_COUNT(bad_rows); i++)
        assert_false(prq_row_criterion_parse(prq_str_from(bad_rows[i]), &r));
    static const char *const bad_lines[] = { "", "1", "1x", "&!!", "|x", "!", "+", "x", "-a::b" };
    for (size_t i = 0; i < PRQ_COUNT(bad_lines); i++)
        assert_false(prq_conf_line_parse(prq_str_from(bad_lines[i]), &l));
    assert_true(prq_conf_line_parse(PRQ_S("3|!"), &l));
    assert_true(l.kind == PRQ_CONF_START && l.configuration == 3 && !l.is_all && l.is_negated);
    assert_true(prq_conf_line_parse(PRQ_S("&"), &l));
    assert_true(l.kind == PRQ_CONF_NODE && l.is_all && !l.is_negated);
    assert_true(prq_conf_line_parse(PRQ_S("-o:v:p:-"), &l));
    assert_true(l.kind == PRQ_CONF_CRITERION && !l.is_vulnerable);
    assert_str(l.c.cpe.v[PRQ_CPE_PRODUCT], "p");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nvd_running_on),
        cmocka_unit_test(test_nvd_criteria),
        cmocka_unit_test(test_nvd_malformed_criteria),
        cmocka_unit_test(test_criterion_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
