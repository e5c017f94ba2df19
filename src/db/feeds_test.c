/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of secdb, the Debian tracker, NVD, KEV and EPSS. Excerpts of the real feeds, or of
 * the documented shape where a test says so. */
#include "db/db_test.h"

static void test_secdb(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    /* Entries as found in alpine-secdb. */
    prq_str json = PRQ_S(
        "{\"packages\":[{\"pkg\":{\"secfixes\":{\"0\":[\"CVE-2019-6470\"],\"9.14.12-r0\":["
        "\"CVE_2020-8616 XSA-1 GHSA-q62m-2vph-rq3x\",\"CVE-2019-17349 CVE-2019-17350 XSA-295\","
        "\"XSA-254\",\"CVE-2018-16301 (was fixed in libpcap)\",\"GHSA-g2h8-426c-7976\"]},"
        "\"name\":\"bind\"}}],\"reponame\":\"main\"}");
    if (!prq_secdb_parse(json, PRQ_S("alpine-secdb"), PRQ_S("Alpine:3.17"), c.a, &sink, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.records, 6);
    assert_int_equal(c.skipped, 1);
    assert_string_equal(c.first_skip, "bind: an entry without a CVE or GHSA id");
    capture_has(&c, "{\"affected\":[{\"is_source\":1,\"name\":\"bind\",\"space\":\"Alpine:3.17\","
                    "\"state\":\"not-affected\"}],\"id\":\"CVE-2019-6470\","
                    "\"source\":\"alpine-secdb\"}\n");
    capture_has(&c, "{\"affected\":[{\"is_source\":1,\"name\":\"bind\",\"ranges\":[[\"introduced\","
                    "\"0\",\"fixed\",\"9.14.12-r0\"]],\"space\":\"Alpine:3.17\",\"state\":"
                    "\"fixed\"}],\"aliases\":[\"GHSA-q62m-2vph-rq3x\"],\"id\":\"CVE-2020-8616\","
                    "\"source\":\"alpine-secdb\"}\n");
    capture_has(&c, "\"id\":\"CVE-2019-17349\"");
    capture_has(&c, "\"id\":\"CVE-2019-17350\"");
    capture_has(&c, "\"id\":\"CVE-2018-16301\"");
    capture_has(&c, "\"id\":\"GHSA-g2h8-426c-7976\"");
    capture_close(&c);
}

static void test_secdb_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool ok;
        unsigned records, skipped;
    } cases[] = {
        { "", false, 0, 0 },
        { "[]", false, 0, 0 },
        { "{}", false, 0, 0 },
        { "{\"packages\":[]}", true, 0, 0 },
        { "{\"packages\":[{\"pkg\":{\"name\":\"a\",\"secfixes\":{\"1\":[\"CVE-2020-0001\"", false,
          0, 0 },
        { "{\"packages\":[7,{\"pkg\":1},{\"pkg\":{\"name\":\"\",\"secfixes\":{}}},"
          "{\"pkg\":{\"name\":\"b\",\"secfixes\":{\"1\":7,\"2\":[3,\"CVE-2020-0001\"]}}}]}",
          true, 1, 1 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        bool ok = prq_secdb_parse(prq_str_from(cases[i].json), PRQ_S("s"), PRQ_S("Wolfi"), c.a,
                                  &sink, NULL);
        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(c.records, cases[i].records);
        assert_int_equal(c.skipped, cases[i].skipped);
        capture_close(&c);
    }
}

/* data/DSA/list of the security tracker. */
static const char dsa_list[] = "[27 Jan 2023] DSA-5330-1 curl - security update\n"
                               "\t{CVE-2022-32221 CVE-2022-43552}\n"
                               "\t[bullseye] - curl 7.74.0-1.3+deb11u5\n"
                               "\tNOTE: something\n"
                               "[17 Mar 2023] DSA-5356-2 sox - regression update\n"
                               "\t[bullseye] - sox 14.4.2+git20190427-2+deb11u2\n"
                               "garbage\n"
                               "[05 Dec 2014] DSA-3087-1 qemu - security update\n"
                               "\t{CVE-2014-8106}\n"
                               "\t[wheezy] - qemu 1.1.2+dfsg-6a+deb7u6\n"
                               "\t[squeeze] - qemu <end-of-life>\n";

static void test_debian_lists(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_debian_lists lists;
    prq_debian_lists_init(&lists, c.a);
    assert_true(prq_debian_list_parse(prq_str_from(dsa_list), &lists, &sink, NULL));
    assert_int_equal(c.skipped, 1);
    assert_string_equal(lists.newest, "2023-03-17");
    struct prq_strs ids =
        prq_debian_advisories(&lists, PRQ_S("curl"), PRQ_S("bullseye"), PRQ_S("CVE-2022-43552"),
                              PRQ_S("7.74.0-1.3+deb11u5"), c.a);
    assert_int_equal(ids.n, 1);
    assert_str(ids.v[0], "DSA-5330-1");
    ids = prq_debian_advisories(&lists, PRQ_S("qemu"), PRQ_S("squeeze"), PRQ_S("CVE-2014-8106"),
                                PRQ_S("1"), c.a);
    assert_int_equal(ids.n, 0);
    capture_close(&c);
}

/* An issue of the tracker with one release. */
#define TRACKER(release) "{\"curl\":{\"CVE-2022-43552\":{\"releases\":{\"bullseye\":" release "}}}}"

static void test_debian_states(void **state)
{
    (void)state;
    /* Documented shape (matching.md 3.2); the combinations of its fields. */
    static const struct {
        const char *json, *row;
    } cases[] = {
        { TRACKER("{\"status\":\"resolved\",\"fixed_version\":\"7.74.0-1.3+deb11u5\","
                  "\"repositories\":{},\"urgency\":\"not yet assigned\"}"),
          "{\"advisories\":[\"DSA-5330-1\"],\"is_source\":1,\"name\":\"curl\",\"ranges\":[["
          "\"introduced\",\"0\",\"fixed\",\"7.74.0-1.3+deb11u5\"]],\"space\":\"Debian:11\","
          "\"state\":\"fixed\"}" },
        { TRACKER("{\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"unimportant\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"ratings\":[{\"scheme\":\"word\",\"source\":"
          "\"debian\",\"value\":\"unimportant\"}],\"space\":\"Debian:11\","
          "\"state\":\"not-affected\"}" },
        /* a fix above all that the release has: not there yet */
        { TRACKER("{\"status\":\"resolved\",\"fixed_version\":\"8.0-1\",\"repositories\":{"
                  "\"bullseye\":\"7.74.0-1.3+deb11u2\",\"bullseye-security\":\"7.74.0-1.3+deb11u7\""
                  "},\"urgency\":\"low**\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"ranges\":[[\"introduced\",\"0\",\"fixed\","
          "\"8.0-1\"]],\"ratings\":[{\"scheme\":\"word\",\"source\":\"debian\",\"value\":\"low\"}],"
          "\"space\":\"Debian:11\",\"state\":\"not-fixed\"}" },
        { TRACKER("{\"status\":\"open\",\"repositories\":{\"bullseye\":\"7\"},\"nodsa\":"
                  "\"Minor issue\",\"nodsa_reason\":\"\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"note\":\"no-dsa: Minor issue\",\"ranges\":[["
          "\"introduced\",\"0\"]],\"space\":\"Debian:11\",\"state\":\"not-fixed\"}" },
        { TRACKER("{\"status\":\"open\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"ignored\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"note\":\"ignored: Minor issue\",\"ranges\":[["
          "\"introduced\",\"0\"]],\"space\":\"Debian:11\",\"state\":\"wont-fix\"}" },
        { TRACKER("{\"status\":\"open\",\"nodsa\":\"\",\"nodsa_reason\":\"postponed\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"note\":\"postponed\",\"ranges\":[["
          "\"introduced\",\"0\"]],\"space\":\"Debian:11\",\"state\":\"deferred\"}" },
        { TRACKER("{\"status\":\"open\",\"urgency\":\"end-of-life\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"note\":\"end-of-life\",\"ranges\":[["
          "\"introduced\",\"0\"]],\"space\":\"Debian:11\",\"state\":\"end-of-life\"}" },
        { TRACKER("{\"status\":\"undetermined\"}"),
          "{\"is_source\":1,\"name\":\"curl\",\"ranges\":[[\"introduced\",\"0\"]],\"space\":"
          "\"Debian:11\",\"state\":\"under-investigation\"}" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        struct prq_debian_lists lists;
        char want[1024];
        prq_debian_lists_init(&lists, c.a);
        assert_true(prq_debian_list_parse(prq_str_from(dsa_list), &lists, &sink, NULL));
        assert_true(
            prq_debian_tracker_parse(prq_str_from(cases[i].json), &lists, c.a, &sink, NULL));
        snprintf(want, sizeof want,
                 "{\"affected\":[%s],\"id\":\"CVE-2022-43552\",\"source\":\"debian-tracker\"}\n",
                 cases[i].row);
        capture_is(&c, want);
        capture_close(&c);
    }
}

static void test_debian_skips(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    prq_str json = PRQ_S(
        "{\"a\":{\"CVE-2020-0001\":{\"description\":\"text\",\"releases\":{\"hamm\":{\"status\":"
        "\"open\"},\"sid\":{\"status\":\"resolved\"},\"bookworm\":{\"status\":\"odd\"}}},"
        "\"TEMP-0000000-0CA7E3\":{\"releases\":{\"sid\":{\"status\":\"open\"}}},\"XYZ-1\":{},"
        "\"CVE-2020-0002\":7},\"b\":[]}");
    assert_true(prq_debian_tracker_parse(json, NULL, c.a, &sink, NULL));
    capture_is(&c, "{\"details\":\"text\",\"id\":\"CVE-2020-0001\",\"source\":\"debian-tracker\"}\n"
                   "{\"affected\":[{\"is_source\":1,\"name\":\"a\",\"ranges\":[[\"introduced\","
                   "\"0\"]],\"space\":\"Debian:unstable\",\"state\":\"not-fixed\"}],\"id\":"
                   "\"TEMP-0000000-0CA7E3\",\"source\":\"debian-tracker\"}\n");
    assert_int_equal(c.skipped, 4);
    assert_false(
        prq_debian_tracker_parse(PRQ_S("{\"a\":{\"CVE-2020-0001\":"), NULL, c.a, &sink, NULL));
    capture_close(&c);
}

static void test_nvd(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    /* CVE-2021-3002 as NVD serves it, cut. */
    prq_str json = PRQ_S(
        "{\"format\":\"NVD_CVE\",\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-2021-3002\","
        "\"published\":\"2021-01-01T19:15:11.077\",\"lastModified\":\"2024-11-21T06:20:43.243\","
        "\"vulnStatus\":\"Modified\",\"cveTags\":[{\"sourceIdentifier\":\"x\",\"tags\":["
        "\"disputed\"]}],\"descriptions\":[{\"lang\":\"es\",\"value\":\"no\"},{\"lang\":\"en\","
        "\"value\":\"Seo Panel\"}],\"metrics\":{\"cvssMetricV31\":[{\"source\":\"nvd@nist.gov\","
        "\"type\":\"Primary\",\"cvssData\":{\"version\":\"3.1\",\"vectorString\":"
        "\"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N\",\"baseScore\":6.1}},{\"source\":\"cna\","
        "\"type\":\"Secondary\",\"cvssData\":{\"vectorString\":\"CVSS:3.1/AV:L\"}}],"
        "\"cvssMetricV2\":[{\"source\":\"nvd@nist.gov\",\"type\":\"Primary\",\"cvssData\":"
        "{\"vectorString\":\"AV:N/AC:M/Au:N/C:N/I:P/A:N\"}}]},\"weaknesses\":[{\"description\":["
        "{\"lang\":\"en\",\"value\":\"CWE-79\"},{\"lang\":\"en\",\"value\":\"NVD-CWE-noinfo\"}]}],"
        "\"configurations\":[{}]}},{\"cve\":{\"id\":\"CVE-2021-0001\",\"descriptions\":[{\"lang\":"
        "\"en\",\"value\":\"Rejected reason: no\"}]}},{\"cve\":{\"id\":\"x\"}},5]}");
    assert_true(prq_nvd_parse(json, c.a, &sink, NULL));
    capture_is(&c,
               "{\"cwes\":[\"CWE-79\"],\"details\":\"Seo Panel\",\"disputed\":1,\"id\":"
               "\"CVE-2021-3002\",\"modified\":\"2024-11-21T06:20:43.243Z\",\"published\":"
               "\"2021-01-01T19:15:11.077Z\",\"ratings\":[{\"primary\":1,\"scheme\":\"CVSS_V2\","
               "\"source\":\"nvd\",\"value\":\"AV:N/AC:M/Au:N/C:N/I:P/A:N\"},{\"primary\":1,"
               "\"scheme\":\"CVSS_V3\",\"source\":\"nvd\",\"value\":"
               "\"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N\"},{\"scheme\":\"CVSS_V3\","
               "\"source\":\"cna\",\"value\":\"CVSS:3.1/AV:L\"}],\"source\":\"nvd\"}\n"
               "{\"details\":\"Rejected reason: no\",\"id\":\"CVE-2021-0001\",\"source\":"
               "\"nvd\",\"withdrawn\":1}\n");
    assert_int_equal(c.skipped, 1);
    assert_false(prq_nvd_parse(PRQ_S("{\"vulnerabilities\":[{\"cve\":{"), c.a, &sink, NULL));
    assert_false(prq_nvd_parse(PRQ_S("{}"), c.a, &sink, NULL));
    capture_close(&c);
}

static void test_kev(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    prq_str date;
    prq_str json = PRQ_S(
        "{\"catalogVersion\":\"2025.08.25\",\"vulnerabilities\":[{\"cveID\":\"CVE-2025-48384\","
        "\"vulnerabilityName\":\"Git Link Following Vulnerability\",\"dateAdded\":\"2025-08-25\","
        "\"requiredAction\":\"Apply.\",\"dueDate\":\"2025-09-15\",\"knownRansomwareCampaignUse\":"
        "\"Known\",\"cwes\":[\"CWE-59\"]},{\"cveID\":null},\"x\"],"
        "\"dateReleased\":\"2025-08-25T17:04:19.9796Z\"}");
    assert_true(prq_kev_parse(json, c.a, &sink, &date, NULL));
    capture_is(&c, "{\"action\":\"Apply.\",\"added\":\"2025-08-25\",\"cwes\":[\"CWE-59\"],\"due\":"
                   "\"2025-09-15\",\"id\":\"CVE-2025-48384\",\"ransomware\":1,\"source\":\"kev\","
                   "\"summary\":\"Git Link Following Vulnerability\"}\n");
    assert_int_equal(c.skipped, 2);
    assert_str(date, "2025-08-25T17:04:19.9796Z");
    capture_close(&c);
}

static void test_epss(void **state)
{
    (void)state;
    /* The four shapes that the feed had, as in the development data. */
    static const struct {
        const char *csv, *date, *first;
    } cases[] = {
        { "cve,epss\nCVE-2020-5902,0.65117\n", "2021-04-14",
          "{\"date\":\"2021-04-14\",\"id\":\"CVE-2020-5902\",\"score\":\"0.65117\",\"source\":"
          "\"epss\"}\n" },
        { "cve,epss,percentile\r\nCVE-2020-5902,0.65117,0.9981063485700858\r\n", "2021-04-14",
          "{\"date\":\"2021-04-14\",\"id\":\"CVE-2020-5902\",\"percentile\":"
          "\"0.9981063485700858\",\"score\":\"0.65117\",\"source\":\"epss\"}\n" },
        { "#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000\ncve,epss,percentile\n"
          "CVE-2020-5902,0.97567,0.99995\nCVE-x,1,1\nCVE-2018-19571,high,1\n",
          "2023-03-07",
          "{\"date\":\"2023-03-07\",\"id\":\"CVE-2020-5902\",\"percentile\":\"0.99995\",\"score\":"
          "\"0.97567\",\"source\":\"epss\"}\n" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        prq_str date;
        assert_true(prq_epss_parse(prq_str_from(cases[i].csv), PRQ_S("2021-04-14"), c.a, &sink,
                                   &date, NULL));
        assert_str(date, cases[i].date);
        capture_is(&c, cases[i].first);
        assert_int_equal(c.skipped, i == 2 ? 2 : 0);
        assert_false(prq_epss_parse(PRQ_S("<html>"), date, c.a, &sink, &date, NULL));
        assert_false(prq_epss_parse(PRQ_S(""), date, c.a, &sink, &date, NULL));
        capture_close(&c);
    }
}

static void test_feed_stops(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_err err = PRQ_ERR_INIT;
    c.stop_after = 1;
    prq_str json = PRQ_S("{\"packages\":[{\"pkg\":{\"name\":\"a\",\"secfixes\":{\"1\":["
                         "\"CVE-2020-0001\",\"CVE-2020-0002\"],\"2\":[\"CVE-2020-0003\"]}}}]}");
    assert_false(prq_secdb_parse(json, PRQ_S("s"), PRQ_S("Wolfi"), c.a, &sink, &err));
    assert_int_equal(err.code, PRQ_E_CANCELLED);
    assert_int_equal(c.records, 1);
    capture_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secdb),        cmocka_unit_test(test_secdb_malformed),
        cmocka_unit_test(test_debian_lists), cmocka_unit_test(test_debian_states),
        cmocka_unit_test(test_debian_skips), cmocka_unit_test(test_nvd),
        cmocka_unit_test(test_kev),          cmocka_unit_test(test_epss),
        cmocka_unit_test(test_feed_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
