/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what the documents say; CycloneDX 1.6 and SPDX 2.3 for their members. */
#include "unit.h"

#include "base/buf.h"
#include "format/sbom.h"

static struct prq_sbom read_sbom(const char *text, struct prq_arena *a)
{
    struct prq_sbom s;
    struct prq_err err = PRQ_ERR_INIT;
    bool is_good = prq_sbom_read(prq_str_from(text), &prq_limits_default, a, &s, &err);
    if (!is_good)
        print_error("%s\n", err.text);
    assert_true(is_good);
    assert_int_equal(err.code, PRQ_E_NONE);
    return s;
}

static void test_sbom_recognise(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        enum prq_sbom_format format;
    } cases[] = {
        { "{\"bomFormat\":\"CycloneDX\"", PRQ_SBOM_CYCLONEDX },
        { "\xef\xbb\xbf \n{ \"$schema\": \"http://cyclonedx.org/schema/bom-1.5.schema.json\"",
          PRQ_SBOM_CYCLONEDX },
        { "{\"SPDXID\":\"SPDXRef-DOCUMENT\"", PRQ_SBOM_SPDX },
        { "{\"spdxVersion\":\"SPDX-2.3\"", PRQ_SBOM_SPDX },
        { "SPDXVersion: SPDX-2.2\n", PRQ_SBOM_TAG_VALUE },
        { "# made by hand\n\nSPDXVersion: SPDX-2.2\n", PRQ_SBOM_TAG_VALUE },
        { "{\"artifacts\":[]", PRQ_SBOM_SYFT },
        { "{}", PRQ_SBOM_NONE },
        { "", PRQ_SBOM_NONE },
        { "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">", PRQ_SBOM_NONE },
        { "bomFormat", PRQ_SBOM_NONE },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_int_equal(prq_sbom_recognise(prq_str_from(cases[i].head)), cases[i].format);
}

static void test_sbom_cyclonedx(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_sbom s = read_sbom(
        "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":{"
        "\"bom-ref\":\"r\",\"type\":\"container\",\"name\":\"app\",\"properties\":["
        "{\"name\":\"aquasecurity:trivy:DiffID\",\"value\":\"sha256:1\"}],"
        "\"components\":[{\"bom-ref\":\"in\",\"name\":\"inside\",\"version\":\"1\"}]}},"
        "\"dependencies\":[{\"dependsOn\":[\"b\"],\"ref\":\"a\"}],"
        "\"components\":[{\"bom-ref\":\"a\",\"type\":\"library\",\"group\":\"g\",\"name\":\"n\","
        "\"version\":\"2\",\"supplier\":{\"name\":\"S\"},\"cpe\":\"cpe:2.3:a:x\","
        "\"licenses\":[{\"license\":{\"id\":\"MIT\"}},{\"license\":{\"name\":\"Odd\"}},"
        "{\"expression\":\"A OR B\"}],\"hashes\":[{\"alg\":\"SHA-1\",\"content\":\"aa\"}],"
        "\"evidence\":{\"occurrences\":[{\"location\":\"p/q\"}]},"
        "\"components\":[{\"bom-ref\":\"b\",\"name\":\"child\"}]}]}", a);
    assert_str(s.version, "1.6");
    assert_true(s.has_root);
    assert_str(s.root.kind, "container");
    assert_str(s.name, "app");
    assert_int_equal(s.layers.n, 1);
    assert_int_equal(s.n, 3);
    assert_str(s.items[0].ref, "in");
    assert_str(s.items[1].ref, "b"); /* what is inside ends first */
    const struct prq_listed *it = &s.items[2];
    assert_str(it->group, "g");
    assert_str(it->publisher, "S");
    assert_int_equal(it->licenses.n, 3);
    assert_str(it->licenses.v[2], "A OR B");
    assert_str(it->digests.v[0], "sha1:aa");
    assert_str(it->paths.v[0], "p/q");
    assert_int_equal(s.edge_count, 1);
    assert_str(s.edges[0].from, "a");
    assert_str(s.edges[0].to, "b");
    assert_int_equal(s.lost, 0);
}

static void test_sbom_spdx(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_sbom s = read_sbom(
        "{\"relationships\":[{\"spdxElementId\":\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\","
        "\"relatedSpdxElement\":\"SPDXRef-i\"},{\"spdxElementId\":\"SPDXRef-b\",\"relationshipType\":"
        "\"DEPENDENCY_OF\",\"relatedSpdxElement\":\"SPDXRef-a\"},{\"spdxElementId\":\"SPDXRef-a\","
        "\"relationshipType\":\"OTHER\",\"comment\":\"ownership-by-file-overlap: …\","
        "\"relatedSpdxElement\":\"SPDXRef-b\"}],\"packages\":[{\"SPDXID\":\"SPDXRef-i\",\"name\":\"img\","
        "\"primaryPackagePurpose\":\"CONTAINER\"},{\"SPDXID\":\"SPDXRef-a\",\"name\":\"a\","
        "\"licenseConcluded\":\"MIT\",\"licenseDeclared\":\"NOASSERTION\",\"supplier\":"
        "\"Organization: X (x@y)\",\"sourceInfo\":\"built package from: src 1:2-3\",\"externalRefs\":["
        "{\"referenceCategory\":\"SECURITY\",\"referenceType\":\"cpe23Type\",\"referenceLocator\":\"cpe:2.3:a:x\"},"
        "{\"referenceCategory\":\"PACKAGE_MANAGER\",\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:deb/x/a@1\"}],"
        "\"annotations\":[{\"comment\":\"pratique:name=a%0Ab\\npratique:flags=dev\"}]},"
        "{\"SPDXID\":\"SPDXRef-b\",\"name\":\"b\",\"licenseDeclared\":\"LicenseRef-1\"}],"
        "\"hasExtractedLicensingInfos\":[{\"licenseId\":\"LicenseRef-1\",\"name\":\"Its own\"}],"
        "\"spdxVersion\":\"SPDX-2.2\"}", a);
    assert_str(s.version, "SPDX-2.2");
    assert_int_equal(s.n, 3);
    assert_str(s.root.name, "img");
    const struct prq_listed *it = &s.items[1];
    assert_str(it->purl, "pkg:deb/x/a@1");
    assert_str(it->publisher, "X (x@y)");
    assert_str(it->licenses.v[0], "MIT");
    assert_int_equal(it->cpes.n, 1);
    assert_str(prq_listed_property(it, PRQ_S("aquasecurity:trivy:SrcVersion")), "1:2-3");
    assert_str(prq_listed_property(it, PRQ_S("pratique:name")), "a\nb");
    assert_str(prq_listed_property(it, PRQ_S("pratique:flags")), "dev");
    assert_str(s.items[2].licenses.v[0], "Its own");
    assert_int_equal(s.edge_count, 2);
    assert_str(s.edges[0].from, "SPDXRef-a");
    assert_int_equal(s.edges[1].relation, PRQ_SBOM_OWNS);
}

static void test_sbom_tags(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_sbom s = read_sbom(
        "SPDXVersion: SPDX-2.3\r\nDocumentName: d\r\n# a comment\r\nnonsense\r\n"
        "PackageName: a\r\nSPDXID: SPDXRef-a\r\nPackageVersion: 1.0\r\n"
        "PackageComment: <text>PackageName: not this\r\n</text>\r\n"
        "ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1.0\r\nPackageLicenseDeclared: MIT\r\n"
        "PackageChecksum: SHA256: aa\r\nFileName: x\r\nSPDXID: SPDXRef-file\r\n"
        "PackageName: b\r\nPackageVersion: 2\r\nPackageLicenseDeclared: NONE\r\n"
        "Relationship: SPDXRef-a DEPENDS_ON SPDXRef-b", a);
    assert_str(s.name, "d");
    assert_int_equal(s.n, 2);
    assert_str(s.items[0].ref, "SPDXRef-a");
    assert_str(s.items[0].purl, "pkg:npm/a@1.0");
    assert_str(s.items[0].digests.v[0], "sha256:aa");
    assert_str(s.items[1].version, "2");
    assert_int_equal(s.items[1].licenses.n, 0);
    assert_int_equal(s.edge_count, 1);
    assert_int_equal(s.lost, 1);
    assert_int_equal(s.first_lost, 53);
}

static void test_sbom_syft(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_sbom s = read_sbom(
        "{\"artifacts\":[{\"id\":\"1\",\"name\":\"n\",\"version\":\"1\",\"type\":\"rpm\",\"locations\":["
        "{\"path\":\"/x\",\"layerID\":\"sha256:1\"}],\"licenses\":[\"MIT\",{\"value\":\"BSD\"}],\"cpes\":"
        "[{\"cpe\":\"cpe:2.3:a:x\"}],\"metadata\":{\"epoch\":2,\"sourceRpm\":\"n-1.src.rpm\",\"files\":[]}}],"
        "\"artifactRelationships\":[{\"parent\":\"1\",\"child\":\"2\",\"type\":\"ownership-by-file-overlap\"}],"
        "\"source\":{\"type\":\"image\",\"target\":{\"userInput\":\"app\",\"layers\":[{\"digest\":\"sha256:1\"}]}},"
        "\"distro\":{\"name\":\"x\",\"id\":\"fedora\",\"version\":\"39 (C)\",\"versionID\":\"39\",\"idLike\":[\"rhel\"]}}",
        a);
    assert_int_equal(s.n, 2);
    assert_str(s.name, "app");
    assert_int_equal(s.layers.n, 1);
    assert_int_equal(s.items[0].licenses.n, 2);
    assert_str(prq_listed_property(&s.items[0], PRQ_S("syft:metadata:epoch")), "2");
    assert_str(prq_listed_property(&s.items[0], PRQ_S("syft:location:0:path")), "/x");
    assert_str(s.items[1].name, "fedora");
    assert_str(s.items[1].version, "39");
    assert_int_equal(s.edges[0].relation, PRQ_SBOM_OWNS);
}

static void test_sbom_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum prq_code code;
        uint64_t at;
    } cases[] = {
        { "", PRQ_E_FORMAT, 0 },
        { "{\"bomFormat\":\"CycloneDX\"", PRQ_E_FORMAT, 24 },
        { "{\"bomFormat\":\"CycloneDX\"}", PRQ_E_UNSUPPORTED, 0 },
        { "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"2.0\"}", PRQ_E_UNSUPPORTED, 0 },
        { "{\"spdxVersion\":\"SPDX-3.0\"}", PRQ_E_UNSUPPORTED, 0 },
        { "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"/>", PRQ_E_UNSUPPORTED, 0 },
        { "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"} x", PRQ_E_FORMAT, 46 },
        { "SPDXVersion: SPDX-2.3\nPackageName: <text>a", PRQ_E_FORMAT, 41 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_sbom s;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_sbom_read(prq_str_from(cases[i].text), &prq_limits_default, a, &s, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.offset, cases[i].at);
    }
}

/* Nesting costs no stack; a list that does not fit its arena is a limit, not a crash. */
static void test_sbom_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(256));
    PRQ_BUF b;
    struct prq_sbom s;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&b, PRQ_MIB(4));
    prq_buf_str(&b, PRQ_S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["));
    for (int i = 0; i < 40; i++)
        prq_buf_str(&b, PRQ_S("{\"name\":\"a\",\"components\":["));
    assert_false(prq_sbom_read(prq_buf_view(&b), &prq_limits_default, a, &s, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    prq_buf_clear(&b);
    prq_buf_str(&b, PRQ_S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["));
    for (int i = 0; i < 10000; i++)
        prq_buf_str(&b, PRQ_S("{\"name\":\"a\"},"));
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(prq_sbom_read(prq_buf_view(&b), &prq_limits_default, a, &s, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sbom_recognise), cmocka_unit_test(test_sbom_cyclonedx),
        cmocka_unit_test(test_sbom_spdx),      cmocka_unit_test(test_sbom_tags),
        cmocka_unit_test(test_sbom_syft),      cmocka_unit_test(test_sbom_malformed),
        cmocka_unit_test(test_sbom_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
