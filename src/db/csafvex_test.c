/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's CSAF VEX documents and map of repositories. What the shared feeds say as a whole is
 * compared by tests/integration/db_feeds_test.py. */
#include "db/db_test.h"

/* One product with one package, and what is said of it. The shapes are those of the documents of
 * CVE-2023-38545, CVE-2024-6923 and CVE-2022-24834, cut. */
#define DOCUMENT(cpe, purl, component, said)                                                       \
    "{\"document\":{\"aggregate_severity\":{\"text\":\"Moderate\"},\"title\":\"curl: overflow\","    \
    "\"tracking\":{\"current_release_date\":\"2025-11-21T14:31:32+00:00\","                          \
    "\"initial_release_date\":\"2023-10-11T06:00:00+00:00\"}},\"product_tree\":{\"branches\":[{"    \
    "\"category\":\"vendor\",\"name\":\"Red Hat\",\"branches\":[{\"branches\":[{\"product\":{"      \
    "\"product_id\":\"P\",\"product_identification_helper\":{\"cpe\":\"" cpe "\"}}}]},{\"product\":" \
    "{\"product_id\":\"" component "\",\"product_identification_helper\":{\"purl\":\"" purl          \
    "\"}}}]}],\"relationships\":[{\"category\":\"default_component_of\",\"full_product_name\":{"    \
    "\"product_id\":\"P:" component "\"},\"product_reference\":\"" component                         \
    "\",\"relates_to_product_reference\":\"P\"}]},\"vulnerabilities\":[{\"cve\":"                    \
    "\"CVE-2023-38545\"," said "}]}"
#define CURL "pkg:rpm/redhat/libcurl@7.76.1-26.el9_3.2?arch=x86_64"
#define AFFECTED(category, details)                                                                \
    "\"remediations\":[{\"category\":\"workaround\",\"details\":\"none\",\"product_ids\":[\"P:c\"]" \
    "},{\"category\":\"" category "\",\"details\":\"" details "\",\"product_ids\":[\"P:c\"]}],"     \
    "\"product_status\":{\"known_affected\":[\"P:c\"]}"
#define OS "cpe:/o:redhat:enterprise_linux:9"
#define PLAIN "pkg:rpm/redhat/libcurl"

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *json, *row;
    } cases[] = {
        { DOCUMENT("cpe:/o:redhat:enterprise_linux:9::baseos", CURL, "c",
                   "\"product_status\":{\"fixed\":[\"P:c\"]},\"remediations\":[{\"category\":"
                   "\"vendor_fix\",\"url\":\"https://access.redhat.com/errata/RHSA-2023:6745\","
                   "\"product_ids\":[\"P:c\"]}]"),
          "{\"advisories\":[\"RHSA-2023:6745\"],\"arches\":[\"x86_64\"],\"cpes\":["
          "\"enterprise_linux:9::baseos\"],\"name\":\"libcurl\",\"ranges\":[[\"introduced\",\"0\","
          "\"fixed\",\"7.76.1-26.el9_3.2\"]],\"space\":\"Red Hat:9\",\"state\":\"fixed\"}" },
        /* epoch, module in the URL, source */
        { DOCUMENT("cpe:/a:redhat:rhel_eus:8.8::appstream",
                   "pkg:rpm/redhat/redis@6-1.module%2Bel8.8.0%2B1?arch=src&epoch=2&rpmmod=redis:6:"
                   "8100020250113083959:489197e6",
                   "c", "\"product_status\":{\"fixed\":[\"P:c\"]}"),
          "{\"cpes\":[\"rhel_eus:8.8::appstream\"],\"is_source\":1,\"module\":\"redis:6\",\"name\":"
          "\"redis\",\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"2:6-1.module+el8.8.0+1\"]],"
          "\"space\":\"Red Hat:8\",\"state\":\"fixed\"}" },
        /* the module in the id alone; noarch; a layered product of RHEL 8 */
        { DOCUMENT("cpe:/a:redhat:openshift:4.12::el8",
                   "pkg:rpm/redhat/php@7-1.module?arch=noarch", "php-0:7-1.module.noarch::php:7.2",
                   "\"product_status\":{\"first_fixed\":[\"P:php-0:7-1.module.noarch::php:7.2\"]}"),
          "{\"cpes\":[\"openshift:4.12::el8\"],\"module\":\"php:7.2\",\"name\":\"php\",\"ranges\":[["
          "\"introduced\",\"0\",\"fixed\",\"7-1.module\"]],\"space\":\"Red Hat:8\",\"state\":"
          "\"fixed\"}" },
        { DOCUMENT(OS, PLAIN "?arch=src", "c", AFFECTED("none_available", "Affected")),
          "{\"cpes\":[\"enterprise_linux:9\"],\"is_source\":1,\"name\":\"libcurl\",\"note\":"
          "\"Affected\",\"space\":\"Red Hat:9\",\"state\":\"not-fixed\"}" },
        { DOCUMENT(OS, PLAIN, "c", AFFECTED("none_available", "Fix deferred")),
          "{\"cpes\":[\"enterprise_linux:9\"],\"name\":\"libcurl\",\"note\":\"Fix deferred\","
          "\"space\":\"Red Hat:9\",\"state\":\"deferred\"}" },
        { DOCUMENT(OS, PLAIN, "c", AFFECTED("no_fix_planned", "Will not fix")),
          "{\"cpes\":[\"enterprise_linux:9\"],\"name\":\"libcurl\",\"note\":\"Will not fix\","
          "\"space\":\"Red Hat:9\",\"state\":\"wont-fix\"}" },
        { DOCUMENT("cpe:/o:redhat:enterprise_linux:6", PLAIN, "c",
                   AFFECTED("no_fix_planned", "Out of support scope")),
          "{\"cpes\":[\"enterprise_linux:6\"],\"name\":\"libcurl\",\"note\":"
          "\"Out of support scope\",\"space\":\"Red Hat:6\",\"state\":\"end-of-life\"}" },
        /* nothing but the status; an impact of its own */
        { DOCUMENT(OS, PLAIN, "c",
                   "\"product_status\":{\"known_affected\":[\"P:c\"]},\"threats\":[{\"category\":"
                   "\"impact\",\"details\":\"Important\",\"product_ids\":[\"P:c\"]}]"),
          "{\"cpes\":[\"enterprise_linux:9\"],\"name\":\"libcurl\",\"ratings\":[{\"scheme\":"
          "\"word\",\"source\":\"redhat\",\"value\":\"Important\"}],\"space\":\"Red Hat:9\","
          "\"state\":\"not-fixed\"}" },
        { DOCUMENT("cpe:/a:redhat:storage:3", PLAIN, "c",
                   "\"product_status\":{\"known_not_affected\":[\"P:c\"]},\"flags\":[{\"label\":"
                   "\"component_not_present\",\"product_ids\":[\"P:c\"]}]"),
          "{\"cpes\":[\"storage:3\"],\"name\":\"libcurl\",\"note\":\"component_not_present\","
          "\"space\":\"Red Hat:other\",\"state\":\"not-affected\"}" },
        { DOCUMENT(OS, PLAIN, "c", "\"product_status\":{\"under_investigation\":[\"P:c\"]}"),
          "{\"cpes\":[\"enterprise_linux:9\"],\"name\":\"libcurl\",\"space\":\"Red Hat:9\","
          "\"state\":\"under-investigation\"}" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        char want[1024];
        struct prq_err err = PRQ_ERR_INIT;
        if (!prq_csaf_vex_parse(prq_str_from(cases[i].json), c.a, &sink, &err))
            fail_msg("%zu: %s", i, err.text);
        snprintf(want, sizeof want,
                 "{\"affected\":[%s],\"id\":\"CVE-2023-38545\",\"modified\":"
                 "\"2025-11-21T14:31:32Z\",\"published\":\"2023-10-11T06:00:00Z\",\"ratings\":[{"
                 "\"scheme\":\"word\",\"source\":\"redhat\",\"value\":\"Moderate\"}],\"source\":"
                 "\"redhat-vex\",\"summary\":\"curl: overflow\"}\n",
                 cases[i].row);
        capture_is(&c, want);
        assert_int_equal(c.skipped, 0);
        capture_close(&c);
    }
}

static void test_skips(void **state)
{
    (void)state;
    static const struct {
        const char *json, *why; /* empty: passed over in silence, it is no package */
    } cases[] = {
        { DOCUMENT(OS, "pkg:oci/x@sha256:1", "c", "\"product_status\":{\"fixed\":[\"P:c\"]}"), "" },
        { DOCUMENT(OS, CURL, "c", "\"product_status\":{\"fixed\":[\"P\"]}"), "" },
        { DOCUMENT(OS, CURL, "c", "\"product_status\":{\"recommended\":[\"P:c\"]}"), "" },
        { DOCUMENT(OS, CURL, "c", "\"product_status\":{\"fixed\":[\"Q\"]}"),
          "a product that is not in the tree" },
        { DOCUMENT(OS, PLAIN, "c", "\"product_status\":{\"fixed\":[\"P:c\"]}"),
          "a fixed package without a version" },
        { DOCUMENT("cpe:/a:redhat", CURL, "c", "\"product_status\":{\"fixed\":[\"P:c\"]}"),
          "a product without a CPE" },
        { DOCUMENT(OS, "pkg:rpm/", "c", "\"product_status\":{\"fixed\":[\"P:c\"]}"),
          "a package URL that makes no sense" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        assert_true(prq_csaf_vex_parse(prq_str_from(cases[i].json), c.a, &sink, NULL));
        assert_int_equal(c.records, 1);
        capture_lacks(&c, "\"affected\"");
        prq_str why = prq_str_from(c.first_skip);
        prq_str_cut(why, ' ', &(prq_str){ 0 }, &why);
        assert_str(why, cases[i].why);
        capture_close(&c);
    }
}

/* Rows that differ in architecture or product alone are one; an advisory, a version or a list of
 * architectures of its own keeps them apart. */
static void test_joined(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    prq_str json = PRQ_S(
        "{\"vulnerabilities\":[{\"cve\":\"CVE-2020-0001\",\"product_status\":{\"fixed\":[\"A:x\","
        "\"A:y\",\"B:x\",\"B:y\",\"C:x\"]}}],\"product_tree\":{\"full_product_names\":[{"
        "\"product_id\":\"A\",\"product_identification_helper\":{\"cpe\":"
        "\"cpe:/o:redhat:enterprise_linux:9::baseos\"}},{\"product_id\":\"B\","
        "\"product_identification_helper\":{\"cpe\":\"cpe:/a:redhat:enterprise_linux:9::crb\"}},{"
        "\"product_id\":\"C\",\"product_identification_helper\":{\"cpe\":"
        "\"cpe:/a:redhat:rhel_eus:9.2::crb\"}},{\"product_id\":\"x\","
        "\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/n@1-1?arch=x86_64\"}},{"
        "\"product_id\":\"y\",\"product_identification_helper\":{\"purl\":"
        "\"pkg:rpm/redhat/n@1-1?arch=aarch64\"}}],\"relationships\":["
#define IN(product, component)                                                        \
    "{\"full_product_name\":{\"product_id\":\"" product ":" component                 \
    "\"},\"product_reference\":\"" component "\",\"relates_to_product_reference\":\"" \
    product "\"}"
        IN("A", "x") "," IN("A", "y") "," IN("B", "x") "," IN("B", "y") "," IN("C", "x") "]},"
        "\"document\":{\"aggregate_severity\":{\"text\":\"Low\"}}}");
    assert_true(prq_csaf_vex_parse(json, c.a, &sink, NULL));
    capture_is(&c,
               "{\"affected\":[{\"arches\":[\"aarch64\",\"x86_64\"],\"cpes\":["
               "\"enterprise_linux:9::baseos\",\"enterprise_linux:9::crb\"],\"name\":\"n\","
               "\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1-1\"]],\"space\":\"Red Hat:9\","
               "\"state\":\"fixed\"},{\"arches\":[\"x86_64\"],\"cpes\":[\"rhel_eus:9.2::crb\"],"
               "\"name\":\"n\",\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1-1\"]],\"space\":"
               "\"Red Hat:9\",\"state\":\"fixed\"}],\"id\":\"CVE-2020-0001\",\"ratings\":[{"
               "\"scheme\":\"word\",\"source\":\"redhat\",\"value\":\"Low\"}],\"source\":"
               "\"redhat-vex\"}\n");
    capture_close(&c);
}

static void test_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool ok;
        unsigned records, skipped;
    } cases[] = {
        { "", false, 0, 0 },
        { "[]", false, 0, 0 },
        { "{}", true, 0, 0 },
        { "{\"product_tree\":{\"branches\":[{\"branches\":[", false, 0, 0 },
        { "{\"vulnerabilities\":[{\"cve\":\"CVE-2020-0001\"},{\"cve\":\"x\"},3]}", true, 1, 1 },
        { "{\"document\":1,\"product_tree\":2,\"vulnerabilities\":3}", true, 0, 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        bool ok = prq_csaf_vex_parse(prq_str_from(cases[i].json), c.a, &sink, NULL);
        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(c.records, cases[i].records);
        assert_int_equal(c.skipped, cases[i].skipped);
        capture_close(&c);
    }
}

/* RHSA-2024:6163, cut. */
static void test_advisories(void **state)
{
    (void)state;
    static const struct {
        const char *json, *want;
        unsigned skipped;
    } cases[] = {
        { "{\"document\":{\"aggregate_severity\":{\"text\":\"Moderate\"},\"references\":[{\"category\":"
          "\"self\",\"url\":\"https://access.redhat.com/errata/RHSA-2024:6163\"},{\"category\":"
          "\"external\",\"url\":\"https://bugzilla.redhat.com/2302255\"}],\"title\":"
          "\"Red Hat Security Advisory: python3.9 security update\",\"tracking\":{"
          "\"current_release_date\":\"2026-03-26T18:50:03+00:00\",\"id\":\"RHSA-2024:6163\","
          "\"initial_release_date\":\"2024-09-03T17:57:24+00:00\"}},\"product_tree\":{\"branches\":[]},"
          "\"vulnerabilities\":[{\"cve\":\"CVE-2024-8088\"},{\"cve\":\"x\"},3]}",
          "{\"cves\":[\"CVE-2024-8088\"],\"id\":\"RHSA-2024:6163\",\"modified\":"
          "\"2026-03-26T18:50:03Z\",\"published\":\"2024-09-03T17:57:24Z\",\"ratings\":[{"
          "\"scheme\":\"word\",\"source\":\"redhat\",\"value\":\"Moderate\"}],\"references\":[{"
          "\"type\":\"ADVISORY\",\"url\":\"https://access.redhat.com/errata/RHSA-2024:6163\"}],"
          "\"source\":\"redhat-csaf\",\"summary\":"
          "\"Red Hat Security Advisory: python3.9 security update\"}\n",
          0 },
        /* a bug-fix advisory without a CVE is none */
        { "{\"document\":{\"tracking\":{\"id\":\"RHBA-2024:1\"}}}", "", 0 },
        { "{\"document\":{\"tracking\":{\"id\":\"\"}}}", "", 1 },
        { "{}", "", 1 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        assert_true(prq_csaf_advisory_parse(prq_str_from(cases[i].json), c.a, &sink, NULL));
        capture_is(&c, cases[i].want);
        assert_int_equal(c.skipped, cases[i].skipped);
        capture_close(&c);
    }
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    assert_false(prq_csaf_advisory_parse(PRQ_S("[]"), c.a, &sink, NULL));
    assert_false(prq_csaf_advisory_parse(PRQ_S("{\"document\":{"), c.a, &sink, NULL));
    capture_close(&c);
}

static void test_repositories(void **state)
{
    (void)state;
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    /* Entries of the real map. */
    prq_str json = PRQ_S(
        "{\"data\":{\"rhel-9-for-x86_64-appstream-eus-rpms\":{\"cpes\":["
        "\"cpe:/a:redhat:rhel_eus:9.2::appstream\",\"cpe:/a:redhat:rhel_eus:9.0::appstream\"],"
        "\"repo_relative_urls\":[\"content/eus\"]},\"cf-me-5.1-for-rhel-5-rpms\":{\"cpes\":[],"
        "\"repo_relative_urls\":[]}},\"last_updated\":\"2023-11-21\"}");
    assert_true(prq_red_hat_repositories_parse(json, c.a, &sink, NULL));
    capture_is(&c, "{\"affected\":[{\"cpes\":[\"rhel_eus:9.0::appstream\","
                   "\"rhel_eus:9.2::appstream\"],\"name\":\"rhel-9-for-x86_64-appstream-eus-rpms\","
                   "\"space\":\"Red Hat:repositories\"}],\"id\":"
                   "\"rhel-9-for-x86_64-appstream-eus-rpms\",\"source\":\"redhat-repositories\"}\n");
    assert_int_equal(c.skipped, 1);
    assert_false(prq_red_hat_repositories_parse(PRQ_S("[]"), c.a, &sink, NULL));
    assert_false(prq_red_hat_repositories_parse(PRQ_S("{\"data\":{\"a\":{"), c.a, &sink, NULL));
    capture_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_skips),
        cmocka_unit_test(test_joined),    cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_advisories), cmocka_unit_test(test_repositories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
