/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of real records of the feeds (SOURCES.md of the development data), cut to what is tested.
 */
#include "db/db_test.h"

/* The canonical JSON that a document gives. */
static void parse(struct capture *c, const char *json, const char *family)
{
    struct prq_record r;
    struct prq_err err = PRQ_ERR_INIT;
    capture_open(c);
    if (!prq_osv_parse(prq_str_from(json), family, c->a, &r, &err))
        fail_msg("%s", err.text);
    assert_true(prq_record_write(&r, c->a, &c->text, &err));
}

static void expect_failure(const char *json, const char *why)
{
    struct prq_record r;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_false(prq_osv_parse(prq_str_from(json), "pypi", a, &r, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" is not about \"%s\"", err.text, why);
}

static void test_osv_pypi(void **state)
{
    (void)state;
    struct capture c;
    /* GIT first, two branches, a name with its own spelling, a package of another ecosystem. */
    parse(&c,
          "{\"id\":\"PYSEC-2019-1\",\"modified\":\"2023-11-08T04:03:29.3Z\","
          "\"published\":\"0001-01-01T00:00:00Z\",\"aliases\":[\"GHSA-2\",\"CVE-2019-1\"],"
          "\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"Oslo_.Utils\"},"
          "\"ranges\":[{\"type\":\"GIT\",\"repo\":\"x\",\"events\":[{\"introduced\":\"0\"},"
          "{\"fixed\":\"0123abc\"}]},{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"2.0\"},"
          "{\"fixed\":\"2.10\"}]},{\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.9\"}],"
          "\"type\":\"ECOSYSTEM\"}],\"versions\":[\"1.0\",\"0.9\"]},"
          "{\"package\":{\"ecosystem\":\"Maven\",\"name\":\"a:b\"}}]}",
          "pypi");
    capture_is(&c, "{\"affected\":[{\"fixed\":[\"1.9\",\"2.10\"],\"name\":\"oslo-utils\","
                   "\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1.9\"],"
                   "[\"introduced\",\"2.0\",\"fixed\",\"2.10\"]],\"space\":\"PyPI\","
                   "\"spelling\":\"Oslo_.Utils\",\"state\":\"fixed\","
                   "\"versions\":[\"0.9\",\"1.0\"]}],\"aliases\":[\"CVE-2019-1\",\"GHSA-2\"],"
                   "\"id\":\"PYSEC-2019-1\",\"modified\":\"2023-11-08T04:03:29.3Z\","
                   "\"source\":\"osv\"}");
    capture_close(&c);
}

static void test_osv_custom_ranges(void **state)
{
    (void)state;
    struct capture c;
    /* GO-2024-2428: the standard range is a placeholder. */
    parse(&c,
          "{\"id\":\"GO-2024-2428\",\"affected\":[{\"package\":{\"ecosystem\":\"Go\","
          "\"name\":\"k8s.io/ingress-nginx\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":"
          "[{\"introduced\":\"0\"}]}],\"ecosystem_specific\":{\"custom_ranges\":[{\"type\":"
          "\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.9.0\"}]}]}}]}",
          "go");
    capture_has(&c, "\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1.9.0\"]]");
    capture_close(&c);
    /* A standard range that says something stands. */
    parse(&c,
          "{\"id\":\"GO-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Go\",\"name\":\"m\"},"
          "\"database_specific\":{\"custom_ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":"
          "[{\"introduced\":\"1\"}]}]},\"ranges\":[{\"type\":\"SEMVER\",\"events\":"
          "[{\"introduced\":\"0\"},{\"fixed\":\"1.49.1\"}]}]}]}",
          "go");
    capture_has(&c, "\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1.49.1\"]]");
    capture_close(&c);
    /* GO-2024-2550, shortened: the standard range ends at a commit. */
    parse(&c,
          "{\"id\":\"GO-2024-2550\",\"affected\":[{\"package\":{\"ecosystem\":\"Go\",\"name\":\"m\"},"
          "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":"
          "\"0.0.0-20200819165540-8c1800b51550\"}]}],\"ecosystem_specific\":{\"custom_ranges\":["
          "{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"100.0.0\"},{\"fixed\":\"100.2.0\"}]}]}}]}",
          "go");
    capture_has(&c, "{\"module\":\"pseudo\",\"name\":\"m\",\"ranges\":[[\"introduced\",\"0\",\"fixed\","
                    "\"0.0.0-20200819165540-8c1800b51550\"]],\"space\":\"Go\",\"state\":\"fixed\"}");
    capture_has(&c, "{\"module\":\"tags\",\"name\":\"m\",\"ranges\":[[\"introduced\",\"100.0.0\","
                    "\"fixed\",\"100.2.0\"]],\"space\":\"Go\",\"state\":\"fixed\"}");
    capture_close(&c);
}

static void test_osv_go_platforms(void **state)
{
    (void)state;
    struct capture c;
    parse(&c,
          "{\"id\":\"GO-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Go\",\"name\":\"m\"},"
          "\"ecosystem_specific\":{\"imports\":[{\"path\":\"a\",\"goos\":[\"windows\",\"js\"],"
          "\"goarch\":[\"386\"]},{\"path\":\"b\",\"goos\":[\"linux\"]}]}}]}",
          "go");
    capture_has(&c, "\"goos\":\"js,linux,windows\"");
    capture_lacks(&c, "arches"); /* the second import applies to every architecture */
    capture_close(&c);
}

static void test_osv_bounds(void **state)
{
    (void)state;
    struct capture c;
    /* Several last_affected events in one range: all are kept. */
    parse(&c,
          "{\"id\":\"X-1\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},"
          "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},"
          "{\"last_affected\":\"1.5\"},{\"introduced\":\"2\"},{\"last_affected\":\"2.5\"}]}]}]}",
          "npm");
    capture_has(&c, "[\"introduced\",\"0\",\"last_affected\",\"1.5\",\"introduced\",\"2\","
                    "\"last_affected\",\"2.5\"]");
    capture_lacks(&c, "\"state\"");
    capture_close(&c);
    /* GHSA without a fix. */
    parse(&c,
          "{\"id\":\"X-1\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},"
          "\"database_specific\":{\"last_known_affected_version_range\":\"<= 1.8.3\"},"
          "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"1\"}]}]},"
          "{\"package\":{\"ecosystem\":\"npm\",\"name\":\"b\"},"
          "\"database_specific\":{\"last_known_affected_version_range\":\"< 1.9\"},"
          "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},"
          "{\"limit\":\"*\"}]}]},"
          "{\"package\":{\"ecosystem\":\"npm\",\"name\":\"c\"},"
          "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]}]}",
          "npm");
    capture_has(&c,
                "\"name\":\"a\",\"ranges\":[[\"introduced\",\"1\",\"last_affected\",\"1.8.3\"]],"
                "\"space\":\"npm\"}");
    capture_has(&c, "\"name\":\"b\",\"ranges\":[[\"introduced\",\"0\",\"limit\",\"1.9\"]],"
                    "\"space\":\"npm\"}");
    capture_has(&c, "\"name\":\"c\",\"ranges\":[[\"introduced\",\"0\"]],\"space\":\"npm\","
                    "\"state\":\"not-fixed\"}");
    capture_close(&c);
}

static void test_osv_ghsa(void **state)
{
    (void)state;
    struct capture c;
    parse(&c,
          "{\"id\":\"GHSA-2pqj-h3vj-pqgw\",\"withdrawn\":\"2024-01-01T00:00:00Z\","
          "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.0/AV:N\"}],"
          "\"database_specific\":{\"severity\":\"MODERATE\",\"cwe_ids\":[\"CWE-79\"]},"
          "\"aliases\":[\"CVE-2012-6708\",\"MAL-2020-1\"],\"details\":\"** DISPUTED ** text\","
          "\"references\":[{\"type\":\"WEB\",\"url\":\"https://e.example/\"}],"
          "\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"jQuery\"},"
          "\"severity\":[{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:N\"}]}]}",
          "npm");
    capture_is(&c, "{\"affected\":[{\"name\":\"jquery\",\"ratings\":[{\"scheme\":\"CVSS_V4\","
                   "\"source\":\"ghsa\",\"value\":\"CVSS:4.0/AV:N\"}],\"space\":\"npm\","
                   "\"spelling\":\"jQuery\"}],\"aliases\":[\"CVE-2012-6708\",\"MAL-2020-1\"],"
                   "\"cwes\":[\"CWE-79\"],\"details\":\"** DISPUTED ** text\",\"disputed\":1,"
                   "\"id\":\"GHSA-2pqj-h3vj-pqgw\",\"malicious\":1,\"ratings\":[{\"scheme\":"
                   "\"CVSS_V3\",\"source\":\"ghsa\",\"value\":\"CVSS:3.0/AV:N\"},{\"scheme\":"
                   "\"word\",\"source\":\"ghsa\",\"value\":\"MODERATE\"}],\"references\":[{"
                   "\"type\":\"WEB\",\"url\":\"https://e.example/\"}],\"source\":\"osv\","
                   "\"withdrawn\":1}");
    capture_close(&c);
}

static void test_osv_alma(void **state)
{
    (void)state;
    struct capture c;
    struct prq_record r;
    parse(&c,
          "{\"id\":\"ALSA-2022:1\",\"summary\":\"Important: pcs security update\","
          "\"related\":[\"CVE-2022-0002\",\"CVE-2022-0001\",\"RHSA-1\"],\"affected\":[{\"package\":"
          "{\"ecosystem\":\"AlmaLinux:9\",\"name\":\"pcs\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
          "\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"0.11.1-10.el9_0.1\"}]}]}]}",
          "almalinux");
    capture_is(
        &c, "{\"affected\":[{\"advisories\":[\"ALSA-2022:1\"],\"name\":\"pcs\",\"ranges\":[["
            "\"introduced\",\"0\",\"fixed\",\"0.11.1-10.el9_0.1\"]],\"space\":"
            "\"AlmaLinux:9\",\"state\":\"fixed\"}],\"cves\":[\"CVE-2022-0001\",\"CVE-2022-0002\"],"
            "\"id\":\"ALSA-2022:1\",\"ratings\":[{\"scheme\":\"word\",\"source\":\"alma\","
            "\"value\":\"Important\"}],\"source\":\"osv\",\"summary\":"
            "\"Important: pcs security update\"}");
    capture_close(&c);
    /* Bug fixes count only if they name a CVE; some do so in their references alone. */
    const char *bugfix = "{\"id\":\"ALBA-1\",\"related\":[]}";
    const char *cve = "{\"id\":\"ALBA-1\",\"references\":[{\"type\":\"REPORT\",\"url\":"
                      "\"https://access.redhat.com/security/cve/CVE-2022-36369\"}]}";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_true(prq_osv_parse(prq_str_from(bugfix), "almalinux", a, &r, NULL));
    assert_false(prq_osv_counts(&r));
    assert_true(prq_osv_parse(prq_str_from(cve), "almalinux", a, &r, NULL));
    assert_true(prq_osv_counts(&r));
    assert_str(r.cves.v[0], "CVE-2022-36369");
}

/* Source: the records of these ids, shortened. */
static void test_osv_ubuntu(void **state)
{
    (void)state;
    struct capture c;
    parse(&c,
          "{\"id\":\"UBUNTU-CVE-2002-2439\",\"upstream\":[\"CVE-2002-2439\"],\"severity\":[{\"type\":"
          "\"Ubuntu\",\"score\":\"low\"}],\"affected\":[{\"package\":{\"ecosystem\":"
          "\"Ubuntu:12.04:LTS\",\"name\":\"gcc-4.4\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":"
          "[{\"introduced\":\"0\"}]}],\"database_specific\":{\"status\":\"ignored\",\"detail\":"
          "\"reached end-of-life\"}},{\"package\":{\"ecosystem\":\"Ubuntu:Pro:16.04:LTS\",\"name\":"
          "\"gcc-5\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},"
          "{\"fixed\":\"5.4\"}]}],\"database_specific\":{\"status\":\"released\"}}]}",
          "ubuntu");
    capture_is(&c,
               "{\"affected\":[{\"is_source\":1,\"name\":\"gcc-4.4\",\"note\":\"ignored: reached "
               "end-of-life\",\"ranges\":[[\"introduced\",\"0\"]],\"space\":\"Ubuntu:12.04\","
               "\"state\":\"end-of-life\"},{\"is_source\":1,\"name\":\"gcc-5\",\"ranges\":[["
               "\"introduced\",\"0\",\"fixed\",\"5.4\"]],\"space\":\"Ubuntu:16.04+esm\","
               "\"state\":\"fixed\"}],\"cves\":[\"CVE-2002-2439\"],\"id\":\"UBUNTU-CVE-2002-2439\","
               "\"ratings\":[{\"scheme\":\"word\",\"source\":\"ubuntu\",\"value\":\"low\"}],"
               "\"source\":\"osv\",\"upstream\":[\"CVE-2002-2439\"]}");
    capture_close(&c);
}

static void test_osv_rocky(void **state)
{
    (void)state;
    struct capture c;
    parse(&c,
          "{\"id\":\"RLSA-2023:0005\",\"summary\":\"Important: bcel security update\",\"related\":["
          "\"CVE-2022-42920\"],\"affected\":[{\"package\":{\"name\":\"bcel\",\"ecosystem\":"
          "\"Rocky Linux:9\",\"purl\":\"pkg:rpm/rocky-linux/bcel?distro=rocky-linux-9-aarch64&epoch=0\""
          "},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":"
          "\"0:6.4.1-9.el9_1\"}]}]}]}",
          "rocky");
    capture_is(&c, "{\"affected\":[{\"advisories\":[\"RLSA-2023:0005\"],\"arches\":[\"aarch64\"],"
                   "\"is_source\":1,\"name\":\"bcel\",\"ranges\":[[\"introduced\",\"0\",\"fixed\","
                   "\"0:6.4.1-9.el9_1\"]],\"space\":\"Rocky Linux:9\",\"state\":\"fixed\"}],\"cves\":"
                   "[\"CVE-2022-42920\"],\"id\":\"RLSA-2023:0005\",\"ratings\":[{\"scheme\":\"word\","
                   "\"source\":\"rocky\",\"value\":\"Important\"}],\"source\":\"osv\",\"summary\":"
                   "\"Important: bcel security update\"}");
    capture_close(&c);
}

/* Each binary is a row; the list that every source repeats counts once. */
static void test_osv_suse(void **state)
{
    (void)state;
    struct capture c;
    parse(&c,
          "{\"id\":\"SUSE-SU-2022:2251-1\",\"related\":[\"CVE-2022-2068\"],\"affected\":[{"
          "\"ecosystem_specific\":{\"binaries\":[{\"libopenssl1_1\":\"1.1.1d-1\",\"openssl-1_1\":"
          "\"1.1.1d-1\",\"\":\"1\",\"x\":7}]},\"package\":{\"ecosystem\":"
          "\"SUSE:Linux Enterprise Module for Basesystem 15 SP3\",\"name\":\"openssl-1_1\"},\"ranges\":"
          "[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.1.1d-1\"}]}]},"
          "{\"ecosystem_specific\":{\"binaries\":[{\"libopenssl1_1\":\"1.1.1d-1\",\"openssl-1_1\":"
          "\"1.1.1d-1\"}]},\"package\":{\"ecosystem\":\"SUSE:Linux Enterprise Server 15 SP3\","
          "\"name\":\"other\"}},{\"package\":{\"ecosystem\":\"SUSE:Package Hub 12\",\"name\":\"ninja\"},"
          "\"versions\":[\"1\"]}]}",
          "suse");
    capture_is(&c, "{\"affected\":[{\"advisories\":[\"SUSE-SU-2022:2251-1\"],\"is_source\":1,"
                   "\"name\":\"ninja\",\"space\":\"SUSE:Package Hub 12\",\"versions\":[\"1\"]},{"
                   "\"advisories\":[\"SUSE-SU-2022:2251-1\"],\"name\":\"libopenssl1_1\",\"ranges\":"
                   "[[\"introduced\",\"0\",\"fixed\",\"1.1.1d-1\"]],\"space\":\"SUSE:15.3\","
                   "\"state\":\"fixed\"},{\"advisories\":[\"SUSE-SU-2022:2251-1\"],\"name\":"
                   "\"openssl-1_1\",\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1.1.1d-1\"]],"
                   "\"space\":\"SUSE:15.3\",\"state\":\"fixed\"}],\"cves\":[\"CVE-2022-2068\"],"
                   "\"id\":\"SUSE-SU-2022:2251-1\",\"source\":\"osv\"}");
    capture_close(&c);
}

static void test_osv_languages(void **state)
{
    (void)state;
    struct capture c;
    parse(&c,
          "{\"id\":\"RUSTSEC-2016-0005\",\"affected\":[{\"package\":{\"ecosystem\":\"crates.io\","
          "\"name\":\"Rust-crypto\"},\"versions\":[\"0.2.36\"],\"database_specific\":"
          "{\"informational\":\"unmaintained\",\"cvss\":null}}]}",
          "crates");
    capture_is(&c, "{\"affected\":[{\"name\":\"rust_crypto\",\"note\":\"informational: unmaintained\","
                   "\"space\":\"crates.io\",\"spelling\":\"Rust-crypto\",\"versions\":[\"0.2.36\"]}],"
                   "\"id\":\"RUSTSEC-2016-0005\",\"source\":\"osv\"}");
    capture_close(&c);
    parse(&c,
          "{\"id\":\"DRUPAL-CORE-1\",\"database_specific\":{\"cvss_v3\":6.1,\"cvss_v2\":\"x\"},"
          "\"affected\":[{\"package\":{\"ecosystem\":"
          "\"Packagist:https://packages.drupal.org/8\",\"name\":\"drupal/Core\"},\"versions\":["
          "\"8.0\"]}]}",
          "packagist");
    capture_is(&c, "{\"affected\":[{\"module\":\"https://packages.drupal.org/8\",\"name\":"
                   "\"drupal/core\",\"space\":\"Packagist\",\"spelling\":\"drupal/Core\",\"versions\":["
                   "\"8.0\"]}],\"id\":\"DRUPAL-CORE-1\",\"ratings\":[{\"scheme\":\"score\",\"source\":"
                   "\"drupal\",\"value\":\"6.1\"}],\"source\":\"osv\"}");
    capture_close(&c);
}

static void test_osv_malformed(void **state)
{
    (void)state;
    struct capture c;
    expect_failure("", "JSON");
    expect_failure("[]", "no JSON object");
    expect_failure("{\"id\":\"A\"", "ends early");
    expect_failure("{}", "no usable id");
    expect_failure("{\"id\":\"a b\"}", "no usable id");
    expect_failure("{\"id\":7}", "no usable id");
    /* Members of other types are as good as absent. */
    parse(&c,
          "{\"id\":\"A-1\",\"aliases\":{},\"affected\":[null,{\"package\":[]},{\"package\":"
          "{\"ecosystem\":\"PyPI\",\"name\":\"a\"},\"ranges\":[7,{\"events\":[{\"introduced\":0},"
          "{\"fixed\":\"1\"},{\"fixed\":\"\\n\"}],\"type\":null}],\"versions\":[1,\"2\","
          "\"\\u0000\"]},"
          "{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"a\\u0000b\"}}],\"references\":[1],"
          "\"severity\":\"high\",\"modified\":5,\"withdrawn\":null}",
          "pypi");
    capture_is(&c, "{\"affected\":[{\"name\":\"a\",\"ranges\":[[\"fixed\",\"1\"]],\"space\":"
                   "\"PyPI\",\"state\":\"fixed\",\"versions\":[\"2\"]}],\"id\":\"A-1\","
                   "\"source\":\"osv\"}");
    capture_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_osv_pypi),         cmocka_unit_test(test_osv_custom_ranges),
        cmocka_unit_test(test_osv_go_platforms), cmocka_unit_test(test_osv_bounds),
        cmocka_unit_test(test_osv_ghsa),         cmocka_unit_test(test_osv_alma),
        cmocka_unit_test(test_osv_malformed),    cmocka_unit_test(test_osv_ubuntu),
        cmocka_unit_test(test_osv_rocky),        cmocka_unit_test(test_osv_suse),
        cmocka_unit_test(test_osv_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
