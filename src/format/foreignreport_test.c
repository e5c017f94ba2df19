/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "format/foreignreport.h"

/* ORIGIN: aquasecurity/trivy, integration/testdata/fixtures/convert/npm-with-suppressed.json.golden and
 * alpine-39.json.golden (Apache-2.0), cut down to the members that are read and a few more. */
static const char trivy[] =
    "{\"SchemaVersion\":2,\"CreatedAt\":\"2024-09-09T13:21:09.230231+06:00\",\"ArtifactName\":"
    "\"package-lock.json\",\"ArtifactType\":\"filesystem\",\"Metadata\":{\"OS\":{\"Family\":\"alpine\",\"Name\":"
    "\"3.9.4\",\"EOSL\":true},\"ImageID\":\"sha256:055936d3920576da37aa9bc460d70c5f212028bda1c08c0879aedf03d7a66ea1\","
    "\"ImageConfig\":{\"rootfs\":{\"diff_ids\":null}}},\"Results\":[{\"Target\":\"package-lock.json\",\"Class\":"
    "\"lang-pkgs\",\"Type\":\"npm\",\"Packages\":[{\"ID\":\"debug@3.0.1\",\"Name\":\"debug\",\"Identifier\":{\"PURL\":"
    "\"pkg:npm/debug@3.0.1\",\"UID\":\"45acc377fa09cc3\"},\"Version\":\"3.0.1\",\"Relationship\":\"direct\","
    "\"DependsOn\":[\"ms@2.0.0\"],\"Layer\":{},\"Locations\":[{\"StartLine\":11,\"EndLine\":19}]},{\"ID\":\"ms@2.0.0\","
    "\"Name\":\"ms\",\"Identifier\":{\"PURL\":\"pkg:npm/ms@2.0.0\"},\"Version\":\"2.0.0\",\"Indirect\":true,\"Dev\":true}],"
    "\"Vulnerabilities\":[{\"VulnerabilityID\":\"CVE-2017-20165\",\"PkgID\":\"debug@3.0.1\",\"PkgName\":\"debug\","
    "\"PkgIdentifier\":{\"PURL\":\"pkg:npm/debug@3.0.1\"},\"InstalledVersion\":\"3.0.1\",\"FixedVersion\":"
    "\"3.1.0, 2.6.9\",\"Status\":\"fixed\",\"Layer\":{},\"SeveritySource\":\"ghsa\",\"DataSource\":{\"ID\":\"ghsa\"},"
    "\"Severity\":\"HIGH\",\"CweIDs\":[\"CWE-1333\"],\"VendorSeverity\":{\"ghsa\":3,\"nvd\":3},\"PublishedDate\":"
    "\"2023-01-09T10:15:10.447Z\"}],\"ExperimentalModifiedFindings\":[{\"Type\":\"vulnerability\",\"Status\":"
    "\"not_affected\",\"Statement\":\"vulnerable_code_not_in_execute_path\",\"Source\":\"./vex.json\",\"Finding\":{"
    "\"VulnerabilityID\":\"CVE-2017-16137\",\"PkgID\":\"debug@3.0.1\",\"PkgName\":\"debug\",\"PkgIdentifier\":{\"PURL\":"
    "\"pkg:npm/debug@3.0.1\"},\"InstalledVersion\":\"3.0.1\",\"FixedVersion\":\"2.6.9, 3.1.0, 3.2.7, 4.3.1\",\"Status\":"
    "\"fixed\",\"Severity\":\"LOW\"}}]},{\"Target\":\"x (alpine 3.9.4)\",\"Class\":\"os-pkgs\",\"Type\":\"alpine\","
    "\"Vulnerabilities\":[{\"VulnerabilityID\":\"CVE-2019-1549\",\"PkgName\":\"libcrypto1.1\",\"PkgIdentifier\":{\"PURL\":"
    "\"pkg:apk/alpine/libcrypto1.1@1.1.1b-r1?arch=x86_64\\u0026distro=3.9.4\"},\"InstalledVersion\":\"1.1.1b-r1\","
    "\"FixedVersion\":\"1.1.1d-r0\",\"SeveritySource\":\"nvd\",\"DataSource\":{\"ID\":\"alpine\"},\"Severity\":\"MEDIUM\"}]}]}";

/* ORIGIN: anchore/grype, grype/presenter/explain/testdata/ghsa-test.json and
 * grype/presenter/json/testdata/snapshot/TestJsonImgsPresenter.golden (Apache-2.0), cut down; ignoredMatches
 * and db by the documented shape, no real record. */
static const char grype[] =
    "{\"matches\":[{\"vulnerability\":{\"id\":\"GHSA-cfh5-3ghh-wfjx\",\"dataSource\":"
    "\"https://github.com/advisories/GHSA-cfh5-3ghh-wfjx\",\"namespace\":\"github:language:java\",\"severity\":"
    "\"Medium\",\"urls\":[],\"cvss\":[],\"fix\":{\"versions\":[\"4.3.5\"],\"state\":\"fixed\"},\"advisories\":[]},"
    "\"relatedVulnerabilities\":[{\"id\":\"CVE-2014-3577\",\"namespace\":\"nvd:cpe\",\"cvss\":[{\"metrics\":{}}]}],"
    "\"matchDetails\":[{\"type\":\"exact-direct-match\",\"matcher\":\"java-matcher\",\"searchedBy\":{\"language\":\"java\"},"
    "\"found\":{\"versionConstraint\":\"<4.3.5 (unknown)\",\"vulnerabilityID\":\"GHSA-cfh5-3ghh-wfjx\"}}],\"artifact\":{"
    "\"id\":\"f09cdae46b001bc5\",\"name\":\"httpclient\",\"version\":\"4.1.1\",\"type\":\"java-archive\",\"locations\":[{"
    "\"path\":\"/TwilioNotifier.hpi\",\"layerID\":\"sha256:6cc6\"}],\"cpes\":[],\"purl\":"
    "\"pkg:maven/org.apache.httpcomponents/httpclient@4.1.1\",\"upstreams\":[],\"metadata\":{\"virtualPath\":\"x\"}}},"
    "{\"vulnerability\":{\"id\":\"CVE-2014-3577\",\"namespace\":\"nvd:cpe\",\"severity\":\"Medium\",\"fix\":{\"versions\":[],"
    "\"state\":\"unknown\"}},\"relatedVulnerabilities\":[],\"matchDetails\":[{\"type\":\"cpe-match\",\"found\":{"
    "\"versionConstraint\":\">= 4.0, <= 4.3.4 (unknown)\"}}],\"artifact\":{\"name\":\"httpclient\",\"version\":\"4.1.1\","
    "\"type\":\"java-archive\",\"purl\":\"pkg:maven/org.apache.httpcomponents/httpclient@4.1.1\"}},"
    "{\"vulnerability\":{\"id\":\"CVE-1999-0002\",\"severity\":\"Critical\",\"fix\":{\"versions\":[],\"state\":\"\"}},"
    "\"artifact\":{\"name\":\"package-2\",\"version\":\"2.2.2\",\"type\":\"deb\",\"purl\":\"\"}}],"
    "\"ignoredMatches\":[{\"vulnerability\":{\"id\":\"CVE-1999-0003\",\"severity\":\"Low\",\"fix\":{\"versions\":[],\"state\":"
    "\"wont-fix\"}},\"artifact\":{\"name\":\"package-2\",\"version\":\"2.2.2\",\"type\":\"deb\"},\"appliedIgnoreRules\":[{"
    "\"namespace\":\"\",\"fix-state\":\"wont-fix\"}]}],"
    "\"source\":{\"type\":\"image\",\"target\":{\"userInput\":\"user-input\",\"imageID\":\"sha256:ab56\",\"manifestDigest\":"
    "\"sha256:ca73\",\"tags\":[],\"layers\":[{\"size\":22}],\"manifest\":null}},\"distro\":{\"name\":\"centos\",\"version\":"
    "\"8.0\",\"idLike\":[\"centos\"]},\"descriptor\":{\"name\":\"grype\",\"version\":\"0.90.0\",\"timestamp\":\"2025-01-02T03:04:05Z\","
    "\"db\":{\"status\":{\"schemaVersion\":\"v6.0.2\",\"built\":\"2025-01-01T00:00:00Z\"}}}}";

static bool read_text(prq_str text, struct prq_arena *a, struct prq_foreign *f, struct prq_err *err)
{
    *err = (struct prq_err)PRQ_ERR_INIT;
    return prq_foreign_read(text, &prq_limits_default, a, f, err);
}

static void test_foreign_trivy(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_foreign f;
    struct prq_err err;
    assert_true(read_text(prq_str_from(trivy), a, &f, &err));
    assert_int_equal(f.tool, PRQ_FOREIGN_TRIVY);
    assert_str(f.name, "package-lock.json");
    assert_str(f.distro, "alpine");
    assert_str(f.release, "3.9.4");
    assert_true(prq_str_starts(f.image_id, PRQ_S("sha256:055936")));
    assert_true(f.lists_packages);
    assert_int_equal(f.package_count, 3);
    assert_str(f.packages[0].key, "npm debug 3.0.1");
    assert_true(f.packages[1].is_dev);
    assert_str(f.packages[2].type, "apk");
    assert_str(f.packages[2].arch, "x86_64");
    assert_int_equal(f.finding_count, 3);
    assert_str(f.findings[0].id, "CVE-2017-20165");
    assert_int_equal(f.findings[0].severity, PRQ_SEV_HIGH);
    assert_int_equal(f.findings[0].fixed_in.n, 2);
    assert_str(f.findings[0].fixed_in.v[1], "2.6.9");
    assert_str(f.findings[0].feed, "ghsa");
    assert_str(f.findings[0].published, "2023-01-09T10:15:10.447Z");
    assert_true(f.findings[1].is_suppressed);
    assert_str(f.findings[1].reason, "not_affected ./vex.json vulnerable_code_not_in_execute_path");
    assert_int_equal(f.findings[2].package, 2);
    assert_int_equal(f.findings[2].state, PRQ_FIX_FIXED); /* no Status before 0.42: the fix says it */
    assert_int_equal(f.lost, 0);
}

static void test_foreign_grype(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_foreign f;
    struct prq_err err;
    assert_true(read_text(prq_str_from(grype), a, &f, &err));
    assert_int_equal(f.tool, PRQ_FOREIGN_GRYPE);
    assert_str(f.name, "user-input");
    assert_str(f.digest, "sha256:ca73");
    assert_str(f.tool_version, "0.90.0");
    assert_str(f.data_built, "2025-01-01T00:00:00Z");
    assert_false(f.lists_packages);
    assert_int_equal(f.package_count, 2);
    assert_str(f.packages[0].type, "maven");
    assert_str(f.packages[0].name, "org.apache.httpcomponents:httpclient");
    assert_str(f.packages[0].path, "/TwilioNotifier.hpi");
    assert_int_equal(f.finding_count, 4);
    assert_str(f.findings[0].aliases.v[0], "CVE-2014-3577");
    assert_str(f.findings[0].range, "<4.3.5 (unknown)");
    assert_false(f.findings[0].is_by_cpe);
    assert_true(f.findings[1].is_by_cpe);
    assert_int_equal(f.findings[2].state, PRQ_FIX_UNKNOWN);
    assert_true(f.findings[3].is_suppressed);
    assert_str(f.findings[3].reason, "wont-fix");
    assert_int_equal(f.findings[3].state, PRQ_FIX_WONT_FIX);
}

/* The same package whatever each scanner calls its type, name and version. */
static void test_foreign_keys(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *type, *name, *version, *key;
    } rows[] = {
        { "golang", "stdlib", "go1.20.1", "golang stdlib 1.20.1" },
        { "golang", "stdlib", "v1.20.1", "golang stdlib 1.20.1" },
        { "golang", "golang.org/x/net", "v0.1.0", "golang golang-org/x/net 0.1.0" },
        { "rpm", "bash", "0:5.1-1.el9", "rpm bash 5.1-1.el9" },
        { "rpm", "openssl", "1:3.0-1", "rpm openssl 1:3.0-1" },
        { "pypi", "Zope.Interface", "5.0", "pypi zope-interface 5.0" },
        { "pypi", "zope_interface", "5.0", "pypi zope-interface 5.0" },
        { "npm", "v8", "vx", "npm v8 vx" },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++)
        assert_str(prq_foreign_key(prq_str_from(rows[i].type), prq_str_from(rows[i].name),
                                   prq_str_from(rows[i].version), a),
                   rows[i].key);
    assert_str(prq_foreign_type(PRQ_S("Debian")), "deb");
    assert_str(prq_foreign_type(PRQ_S("node-pkg")), "npm");
    assert_str(prq_foreign_type(PRQ_S("java-archive")), "maven");
    assert_str(prq_foreign_type(PRQ_S("made-up")), "made-up");
}

/* Debian's packages of Trivy: epoch, version and release apart in the list, together in findings. */
static void test_foreign_epochs(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_foreign f;
    struct prq_err err;
    assert_true(read_text(PRQ_S("{\"SchemaVersion\":2,\"Results\":[{\"Type\":\"debian\",\"Packages\":[{\"Name\":"
                                "\"passwd\",\"Version\":\"4.8.1\",\"Release\":\"1\",\"Epoch\":1,\"Identifier\":{\"PURL\":"
                                "\"pkg:deb/debian/passwd@4.8.1-1?arch=amd64\\u0026epoch=1\"}}],\"Vulnerabilities\":[{"
                                "\"VulnerabilityID\":\"CVE-2013-4235\",\"PkgName\":\"passwd\",\"InstalledVersion\":"
                                "\"1:4.8.1-1\",\"Status\":\"will_not_fix\",\"Severity\":\"LOW\"}]}]}"),
                          a, &f, &err));
    assert_int_equal(f.package_count, 1);
    assert_str(f.packages[0].version, "1:4.8.1-1");
    assert_int_equal(f.findings[0].state, PRQ_FIX_WONT_FIX);
}

static void test_foreign_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum prq_code code;
    } rows[] = {
        { "", PRQ_E_FORMAT },          { "[]", PRQ_E_UNSUPPORTED },
        { "{}", PRQ_E_UNSUPPORTED },   { "{\"bomFormat\":\"CycloneDX\"}", PRQ_E_UNSUPPORTED },
        { "{\"matches\":[{]}", PRQ_E_FORMAT }, { "{\"SchemaVersion\":2", PRQ_E_FORMAT },
        { "{\"matches\":[]} x", PRQ_E_FORMAT },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_foreign f;
        struct prq_err err;
        assert_false(read_text(prq_str_from(rows[i].text), a, &f, &err));
        assert_int_equal(err.code, rows[i].code);
    }
    assert_int_equal(prq_foreign_recognise(PRQ_S("{\n \"matches\": [")), PRQ_FOREIGN_GRYPE);
    assert_int_equal(prq_foreign_recognise(PRQ_S("{\"SchemaVersion\": 2")), PRQ_FOREIGN_TRIVY);
    assert_int_equal(prq_foreign_recognise(PRQ_S("{\"schema\":")), PRQ_FOREIGN_NONE);
}

/* Cut anywhere it is refused, never half read; members of other types are passed over. */
static void test_foreign_cut(void **state)
{
    (void)state;
    const prq_str texts[] = { { trivy, sizeof trivy - 1 }, { grype, sizeof grype - 1 } };
    for (size_t t = 0; t < PRQ_COUNT(texts); t++)
        for (size_t n = 0; n < texts[t].n; n++) {
            PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
            struct prq_foreign f;
            struct prq_err err;
            assert_false(read_text(prq_str_head(texts[t], n), a, &f, &err));
        }
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_foreign f;
    struct prq_err err;
    assert_true(read_text(PRQ_S("{\"matches\":[1,{\"vulnerability\":[],\"artifact\":3,\"matchDetails\":{}},"
                                "{\"vulnerability\":{\"id\":\"CVE-1\",\"fix\":[]},\"artifact\":{\"name\":\"n\"}}],"
                                "\"source\":7,\"distro\":[],\"descriptor\":null}"),
                          a, &f, &err));
    assert_int_equal(f.finding_count, 1);
    assert_int_equal(f.lost, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_trivy),   cmocka_unit_test(test_foreign_grype),
        cmocka_unit_test(test_foreign_keys),    cmocka_unit_test(test_foreign_epochs),
        cmocka_unit_test(test_foreign_refused), cmocka_unit_test(test_foreign_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
