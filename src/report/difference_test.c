/* SPDX-License-Identifier: Apache-2.0 */
/* What changes are called, by the rules of docs/diff.md. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "report/difference.h"

static struct prq_package npm(const char *name, const char *version, struct prq_arena *a)
{
    return (struct prq_package){ .type = PRQ_S("npm"), .name = prq_str_from(name),
                                 .version = prq_str_from(version),
                                 .purl = prq_arena_printf(a, "pkg:npm/%s@%s", name, version) };
}

static void make(const struct prq_report *x, const struct prq_report *y, bool is_judged,
                 struct prq_arena *a, struct prq_difference *d)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_difference_make(x, y, is_judged, a, d, &err))
        fail_msg("%s", err.text);
}

static void test_packages_pair_up(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_package one[] = { npm("x", "1.0.0", a), npm("x", "2.0.0", a), npm("x", "9.0.0", a),
                                 npm("x", "2.0.0", a), npm("gone", "1", a) };
    struct prq_package two[] = { npm("x", "2.0.0", a), npm("x", "10.0.0", a), npm("new", "1", a) };
    struct prq_analysis an = { .packages = one, .package_count = PRQ_COUNT(one) };
    struct prq_analysis bn = { .packages = two, .package_count = PRQ_COUNT(two) };
    struct prq_report x = { .analysis = &an }, y = { .analysis = &bn };
    struct prq_difference d;
    make(&x, &y, false, a, &d);
    assert_int_equal(d.added, 1);
    assert_int_equal(d.removed, 2);
    assert_int_equal(d.changed, 1);
    assert_int_equal(d.unchanged, 1);
    assert_int_equal(d.package_count, 4); /* gone, new, x 1.0.0, x 9.0.0 → 10.0.0 */
    assert_str(d.packages[0].from->name, "gone");
    assert_str(d.packages[1].to->name, "new");
    assert_str(d.packages[2].from->version, "1.0.0");
    assert_str(d.packages[3].from->version, "9.0.0");
    assert_str(d.packages[3].to->version, "10.0.0");
    assert_int_equal(d.packages[3].direction, PRQ_UPGRADED);
    make(&y, &x, false, a, &d);
    assert_int_equal(d.packages[d.package_count - 1].direction, PRQ_DOWNGRADED);
}

/* An OS package is the same one after the distribution's name changed; another architecture is not. */
static void test_packages_identity(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_package one[] = {
        { .type = PRQ_S("deb"), .name = PRQ_S("l"), .version = PRQ_S("1"), .arch = PRQ_S("amd64"),
          .purl = PRQ_S("pkg:deb/debian/l@1?arch=amd64") },
    };
    struct prq_package two[] = {
        { .type = PRQ_S("deb"), .name = PRQ_S("l"), .version = PRQ_S("1"), .arch = PRQ_S("amd64"),
          .purl = PRQ_S("pkg:deb/ubuntu/l@1?arch=amd64") },
        { .type = PRQ_S("deb"), .name = PRQ_S("l"), .version = PRQ_S("1"), .arch = PRQ_S("i386"),
          .purl = PRQ_S("pkg:deb/ubuntu/l@1?arch=i386") },
    };
    struct prq_analysis an = { .packages = one, .package_count = 1 };
    struct prq_analysis bn = { .packages = two, .package_count = 2 };
    struct prq_report x = { .analysis = &an }, y = { .analysis = &bn };
    struct prq_difference d;
    make(&x, &y, false, a, &d);
    assert_int_equal(d.unchanged, 1);
    assert_int_equal(d.added, 1);
    assert_int_equal(d.package_count, 1);
}

static void test_findings_by_alias(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    static prq_str cve[] = { PRQ_SI("CVE-1") };
    struct prq_package one[] = { npm("x", "1", a), npm("y", "1", a) };
    struct prq_package two[] = { npm("x", "2", a), npm("y", "1", a) };
    struct prq_finding before[] = { { .id = PRQ_S("GHSA-1"), .aliases = { cve, 1 }, .package = 0 },
                                    { .id = PRQ_S("GHSA-2"), .package = 1 } };
    struct prq_finding after[] = { { .id = PRQ_S("CVE-1"), .package = 0 },
                                   { .id = PRQ_S("CVE-1"), .package = 1 } };
    struct prq_analysis an = { .packages = one, .package_count = 2 };
    struct prq_analysis bn = { .packages = two, .package_count = 2 };
    struct prq_report x = { .analysis = &an, .findings = before, .finding_count = 2 };
    struct prq_report y = { .analysis = &bn, .findings = after, .finding_count = 2 };
    struct prq_difference d;
    make(&x, &y, true, a, &d);
    assert_int_equal(d.remaining, 1);
    assert_int_equal(d.introduced_count, 1);
    assert_int_equal(d.introduced[0], 1); /* of another package */
    assert_int_equal(d.fixed_count, 1);
    assert_int_equal(d.fixed[0], 1);
    make(&x, &y, false, a, &d);
    assert_int_equal(d.introduced_count + d.fixed_count + d.remaining, 0);
}

static void test_settings(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_setting *v;
    size_t n;
    static const char *const want[] = { "cmd  [\"a\",\"b\"]", "env EMPTY ", "env PATH /b", "exposed_port 80/tcp ",
                                        "healthcheck  {\"Test\":[ \"NONE\"]}", "label k v=w", "os  linux",
                                        "user  1000:1" };
    struct prq_analysis an = {
        .os = PRQ_S("linux"),
        .config = PRQ_S("{\"os\":\"ignored\",\"config\":{\"Cmd\":[ \"a\", \"b\" ],\"Entrypoint\":[],\"Env\":"
                        "[\"PATH=/a\",\"EMPTY=\",\"PATH=/b\"],\"ExposedPorts\":{\"80/tcp\":{}},\"Labels\":"
                        "{\"k\":\"v=w\"},\"Healthcheck\":{\"Test\":[ \"NONE\"]},\"User\":\"1000:1\",\"WorkingDir\":"
                        "\"\",\"Volumes\":null,\"New\":{}}}"),
    };
    assert_true(prq_settings_of(&an, a, &v, &n, &err));
    assert_int_equal(n, PRQ_COUNT(want));
    for (size_t i = 0; i < n; i++) {
        char got[128];
        snprintf(got, sizeof got, "%.*s %.*s %.*s", PRQ_FMT(v[i].field), PRQ_FMT(v[i].key),
                 PRQ_FMT(v[i].value));
        assert_string_equal(got, want[i]);
    }
    an.config = PRQ_S("{\"config\":{\"Env\":[");
    assert_false(prq_settings_of(&an, a, &v, &n, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packages_pair_up),
        cmocka_unit_test(test_packages_identity),
        cmocka_unit_test(test_findings_by_alias),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
