/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what the documents say (CycloneDX 1.6, SPDX 2.3); catalog.md 6. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_sbomfile;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_sbomfile, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_sbomfile_spdx(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "var/lib/db/sbom/zlib-1.3-r2.spdx.json",
                    "{\"SPDXID\":\"SPDXRef-DOCUMENT\",\"spdxVersion\":\"SPDX-2.3\",\"packages\":["
                    "{\"SPDXID\":\"SPDXRef-OS\",\"name\":\"wolfi\",\"versionInfo\":\"20230201\","
                    "\"primaryPackagePurpose\":\"OPERATING-SYSTEM\"},"
                    "{\"SPDXID\":\"SPDXRef-P\",\"name\":\"zlib\",\"versionInfo\":\"1.3-r2\","
                    "\"licenseDeclared\":\"MPL-2.0 AND MIT\",\"externalRefs\":[{\"referenceCategory\":"
                    "\"PACKAGE_MANAGER\",\"referenceType\":\"purl\",\"referenceLocator\":"
                    "\"pkg:apk/wolfi/zlib@1.3-r2?arch=x86_64\"}]}]}",
                    &err));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 0);
    assert_str(c.packages[0].type, "apk");
    assert_str(c.packages[0].name, "zlib");
    assert_str(c.packages[0].version, "1.3-r2");
    assert_str(c.packages[0].arch, "x86_64");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_CLAIMED);
    assert_int_equal(c.packages[0].licenses.n, 1);
    assert_str(c.packages[0].licenses.v[0], "MPL-2.0 AND MIT");
}

static void test_sbomfile_nested(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "opt/x/bom.json",
                    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["
                    "{\"type\":\"application\",\"name\":\"pom.xml\",\"components\":["
                    "{\"type\":\"library\",\"name\":\"asm\",\"version\":\"9.5\",\"purl\":"
                    "\"pkg:maven/org.ow2.asm/asm@9.5\"}]},"
                    "{\"type\":\"library\",\"name\":\"bad\",\"version\":\"1\",\"purl\":\"nonsense\"},"
                    "{\"type\":\"library\"}, 7]}",
                    &err));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "org.ow2.asm:asm");
    assert_str(c.packages[1].type, "generic");
    assert_str(c.packages[1].name, "bad");
    assert_int_equal(c.gap_count, 3); /* the 7, the purl, the nameless one */
}

static void test_sbomfile_others(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct capture c;
    static const struct {
        const char *path, *text;
        enum prq_code code;
    } cases[] = {
        { "app/bom.json", "{\"a\":1}", PRQ_E_NONE }, /* somebody else's */
        { "app/x.spdx.json", "{\"a\":1}", PRQ_E_FORMAT },
        { "app/x.cdx.json", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\"", PRQ_E_FORMAT },
        { "app/x.cdx.json", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"9.9\"}",
          PRQ_E_UNSUPPORTED },
        { "app/x.cdx", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"/>", PRQ_E_UNSUPPORTED },
        { "x.dist-info/sboms/auditwheel.cdx.json", "{", PRQ_E_NONE },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = run(&c, a, cases[i].path, cases[i].text, &err);
        assert_int_equal(ok, cases[i].code == PRQ_E_NONE);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(c.package_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sbomfile_spdx),
        cmocka_unit_test(test_sbomfile_nested),
        cmocka_unit_test(test_sbomfile_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
