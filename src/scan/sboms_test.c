/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what the documents say; catalog.md 9, 11. That our own SBOMs lose nothing is tests/e2e's
 * and the fuzz target's to see. */
#include "unit.h"

#undef PRQ_SOURCE_DIR /* an enumerator of model/analysis.h */

#include "scan/analyse.h"
#include "scan/claims.h"

static struct prq_analysis read_sbom(const char *text, struct prq_arena *a)
{
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_ctx ctx = unit_ctx(a);
    bool is_complete;
    if (!prq_analysis_of_sbom(&ctx, prq_str_from(text), a, &an, &is_complete, &err))
        print_error("%s\n", err.text);
    assert_int_equal(err.code, PRQ_E_NONE);
    return an;
}

static void test_sboms_relations(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_analysis an = read_sbom(
        "{\"artifacts\":["
        "{\"id\":\"1\",\"name\":\"six\",\"version\":\"1.16\",\"type\":\"python\",\"purl\":\"pkg:pypi/six@1.16\"},"
        "{\"id\":\"2\",\"name\":\"python3-six\",\"version\":\"1.16-4\",\"type\":\"deb\","
        "\"purl\":\"pkg:deb/debian/python3-six@1.16-4?arch=all&distro=debian-12\"}],"
        "\"artifactRelationships\":[{\"parent\":\"2\",\"child\":\"1\",\"type\":\"ownership-by-file-overlap\"},"
        "{\"parent\":\"1\",\"child\":\"2\",\"type\":\"ownership-by-file-overlap\"},"
        "{\"parent\":\"1\",\"child\":\"2\",\"type\":\"dependency-of\"}]}", a);
    assert_int_equal(an.kind, PRQ_SOURCE_LIST);
    assert_int_equal(an.package_count, 2);
    assert_str(an.packages[1].name, "six");
    assert_int_equal(an.packages[1].owner, 1);
    assert_int_equal(an.packages[0].owner, 0); /* only an OS package owns */
    assert_int_equal(an.packages[0].depends.n, 1);
    assert_str(an.packages[0].depends.v[0], "six");
    assert_true(an.has_distro); /* as the purl says */
    assert_str(an.distro.id, "debian");
    assert_str(an.distro.version_id, "12");
    assert_int_equal(an.gap_count, 0);
}

static void test_sboms_doubles(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_analysis an = read_sbom(
        "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
        "{\"type\":\"operating-system\",\"name\":\"Alpine\",\"version\":\"3.17.1\"},"
        "{\"bom-ref\":\"1\",\"name\":\"b\",\"purl\":\"pkg:npm/b@1\",\"properties\":["
        "{\"name\":\"aquasecurity:trivy:FilePath\",\"value\":\"x\"},"
        "{\"name\":\"aquasecurity:trivy:LayerDiffID\",\"value\":\"sha256:l1\"}]},"
        "{\"bom-ref\":\"2\",\"name\":\"b\",\"purl\":\"pkg:npm/b@1\",\"properties\":["
        "{\"name\":\"aquasecurity:trivy:FilePath\",\"value\":\"y\"},"
        "{\"name\":\"aquasecurity:trivy:LayerDiffID\",\"value\":\"sha256:l2\"}]},"
        "{\"bom-ref\":\"2\",\"name\":\"c\",\"purl\":\"pkg:npm/c@1\"}]}", a);
    assert_int_equal(an.package_count, 2);
    assert_int_equal(an.packages[0].evidence_count, 2);
    assert_int_equal(an.packages[0].evidence[1].layer, 1);
    assert_int_equal(an.packages[0].layer, 0);
    assert_int_equal(an.layer_count, 2);
    assert_str(an.layers[1].diff_id, "sha256:l2");
    assert_str(an.distro.id, "alpine");
    assert_int_equal(an.gap_count, 1);
}

static struct prq_package proven(const char *type, const char *name, const char *version,
                                 const char *arch)
{
    return (struct prq_package){ .type = prq_str_from(type), .name = prq_str_from(name),
                                 .version = prq_str_from(version), .arch = prq_str_from(arch) };
}

static void test_claims(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_package p[] = {
        proven("deb", "libc6", "2.36-9", "amd64"), proven("deb", "libc6", "2.36-9", "i386"),
        proven("pypi", "Flask_Login", "0.6", ""), proven("golang", "github.com/a/b", "v1.2.3", ""),
        proven("rpm", "vim", "9-1", "x86_64"),
    };
    p[4].has_epoch = true;
    p[4].epoch = 2;
    const struct prq_analysis an = { .packages = p, .package_count = PRQ_COUNT(p) };
    struct prq_claims c;
    assert_true(prq_claims_begin(&c, &an, a));
    const struct {
        struct prq_package claim;
        bool is_proven;
    } cases[] = {
        { proven("deb", "libc6", "2.36-9", "i386"), true },
        { proven("deb", "libc6", "2.36-9", ""), true },
        { proven("deb", "libc6", "2.36-9", "arm64"), false },
        { proven("deb", "libc6", "2.36-8", "amd64"), false },
        { proven("pypi", "flask-login", "0.6", ""), true },
        { proven("golang", "github.com/a/b", "1.2.3", ""), true },
        { proven("npm", "libc6", "2.36-9", ""), false },
        { proven("rpm", "vim", "9-1", "x86_64"), false }, /* another epoch */
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_int_equal(prq_claims_is_proven(&c, &an, &cases[i].claim), cases[i].is_proven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sboms_relations),
        cmocka_unit_test(test_sboms_doubles),
        cmocka_unit_test(test_claims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
