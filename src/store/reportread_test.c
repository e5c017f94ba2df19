/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "store/reportread.h"

/* By hand, from docs/report.schema.json. */
static const char whole[] =
    "{\"families\":[{\"built\":\"2023-04-01T00:00:00Z\",\"digest\":\"sha256:1\",\"name\":\"npm\","
    "\"records\":2,\"source\":\"directory\"}],"
    "\"findings\":[{\"aliases\":[\"CVE-1\"],\"fixed_in\":[\"2\",\"3\"],\"id\":\"GHSA-1\",\"kev\":{},"
    "\"layer\":1,\"package\":{\"name\":\"b\",\"purl\":\"pkg:npm/b@1\",\"type\":\"npm\","
    "\"version\":\"1\"},\"severity\":\"HIGH\",\"state\":\"fixed\",\"new\":[{}]}],"
    "\"gaps\":[{\"kind\":\"limit\",\"layer\":0,\"offset\":7,\"path\":\"p\",\"reason\":\"r\"}],"
    "\"image\":{\"distro\":{\"id\":\"alpine\",\"version\":\"3.17\"},\"kind\":\"rootfs\",\"layers\":["
    "{\"diff_id\":\"sha256:2\",\"files\":3,\"index\":0,\"size_bytes\":4,\"tar_bytes\":5}],"
    "\"name\":\"n\",\"tags\":[\"t\"]},\"now\":\"x\",\"packages\":["
    "{\"evidence\":[],\"flags\":[\"dev\",\"main\"],\"layer\":0,\"name\":\"a\",\"owner\":\"pkg:npm/b@1\",\"source\":{\"name\":\"s\"},\"purl\":\"pkg:npm/a@1\",\"type\":\"npm\",\"version\":\"1\"},"
    "{\"evidence\":[{\"layer\":1,\"path\":\"q\"}],\"layer\":1,\"name\":\"b\",\"purl\":\"pkg:npm/b@1\","
    "\"type\":\"npm\",\"version\":\"1:2\"}],\"schema\":\"pratique-report/1\",\"left_out\":{\"dev\":4},"
    "\"suppressed\":[{\"by\":{\"also\":[{\"id\":\"j\",\"kind\":\"rule\"}],\"id\":\"i\","
    "\"kind\":\"exclusion\",\"reason\":\"r\"},\"id\":\"CVE-2\",\"package\":{\"purl\":"
    "\"pkg:npm/a@1\"},\"severity\":\"LOW\",\"state\":\"wont-fix\",\"severities\":[{\"scheme\":"
    "\"word\",\"source\":\"nvd\",\"type\":\"Primary\",\"value\":\"LOW\"}],\"severity_source\":"
    "\"nvd\",\"why\":{\"record\":\"R\",\"record_digest\":\"sha256:3\",\"relation\":\"indirect\","
    "\"severity_rule\":\"nvd\",\"trace\":{\"left_out\":5,\"listed\":true,\"ranges\":[{\"affected\":"
    "true,\"events\":[{\"event\":\"introduced\",\"sign\":\">\",\"version\":\"0\"},{\"event\":"
    "\"last_affected\",\"sign\":\"=\",\"version\":\"1\"},{\"event\":\"new\"}]}],\"scheme\":\"npm\","
    "\"versions\":6}}}]}";

static bool read_text(const char *text, struct prq_arena *a, struct prq_analysis *an,
                      struct prq_report *r, struct prq_err *err)
{
    *err = (struct prq_err)PRQ_ERR_INIT;
    return prq_report_read(prq_bytes_of(prq_str_from(text)), &prq_limits_default, a, an, r, err);
}

static void test_report_read(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_analysis an;
    struct prq_report r;
    struct prq_err err;
    assert_true(read_text(whole, a, &an, &r, &err));
    assert_str(an.name, "n");
    assert_str(an.distro.version_id, "3.17");
    assert_int_equal(an.kind, PRQ_SOURCE_ROOTFS);
    assert_int_equal(an.layer_count, 1);
    assert_int_equal(an.layers[0].tar_bytes, 5);
    assert_int_equal(an.package_count, 2);
    assert_str(an.packages[1].version, "1:2");
    assert_str(an.packages[1].evidence[0].path, "q");
    assert_int_equal(r.finding_count, 1);
    assert_int_equal(r.findings[0].package, 1);
    assert_int_equal(r.findings[0].severity, PRQ_SEV_HIGH);
    assert_int_equal(r.findings[0].state, PRQ_FIX_FIXED);
    assert_true(r.findings[0].is_kev);
    assert_int_equal(r.findings[0].fixed_in.n, 2);
    assert_str(r.findings[0].aliases.v[0], "CVE-1");
    assert_int_equal(r.gap_count, 1);
    assert_int_equal(r.gaps[0].offset, 7);
    assert_str(r.families[0].digest, "sha256:1");
}

static void test_report_proof(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_analysis an;
    struct prq_report r;
    struct prq_err err;
    assert_true(read_text(whole, a, &an, &r, &err));
    assert_int_equal(an.packages[0].flags, PRQ_PKG_DEV | PRQ_PKG_MAIN);
    assert_int_equal(an.packages[0].owner, 2);
    assert_str(an.packages[0].source_name, "s");
    assert_int_equal(an.dev_left_out, 4);
    assert_int_equal(r.suppressed_count, 1);
    const struct prq_finding *f = &r.suppressed[0];
    assert_int_equal(f->package, 0);
    assert_str(f->by.kind, "exclusion");
    assert_int_equal(f->also_count, 1);
    assert_str(f->also[0].id, "j");
    assert_true(f->ratings[0].is_primary);
    assert_true(f->is_indirect);
    assert_str(f->record_digest, "sha256:3");
    assert_str(f->severity_rule, "nvd");
    assert_str(f->trace.scheme, "npm");
    assert_int_equal(f->trace.left_out, 5);
    assert_int_equal(f->trace.listed, 6);
    assert_true(f->trace.is_listed);
    assert_int_equal(f->trace.n, 1);
    assert_int_equal(f->trace.ranges[0].n, 2);
    assert_int_equal(f->trace.ranges[0].steps[1].kind, PRQ_EVENT_LAST_AFFECTED);
    assert_int_equal(f->trace.ranges[0].steps[1].sign, '=');
}

static void test_report_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
        enum prq_code code;
    } cases[] = {
        { "", "unexpected JSON text", PRQ_E_FORMAT },
        { "[]", "unexpected JSON text", PRQ_E_FORMAT },
        { "{}", "not a pratique-report/1 document", PRQ_E_UNSUPPORTED },
        { "{\"schema\":\"pratique-report/2\"}", "not a pratique-report/1 document", PRQ_E_UNSUPPORTED },
        { "{\"schema\":\"pratique-report/1\",\"findings\":[{\"package\":{\"purl\":\"pkg:npm/x@1\"}}]}",
          "finding 0: its package is not in the list", PRQ_E_FORMAT },
        { "{\"schema\":\"pratique-report/1\",\"findings\":[{]}", "expected", PRQ_E_FORMAT },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_analysis an;
        struct prq_report r;
        struct prq_err err;
        assert_false(read_text(cases[i].text, a, &an, &r, &err));
        if (!strstr(err.text, cases[i].why) || err.code != cases[i].code)
            print_error("%zu: %s\n", i, err.text);
        assert_int_equal(err.code, cases[i].code);
    }
}

/* Cut anywhere it is refused, never half read. */
static void test_report_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n + 1 < sizeof whole - 1; n++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_analysis an;
        struct prq_report r;
        struct prq_err err = PRQ_ERR_INIT;
        prq_bytes part = { (const uint8_t *)whole, n };
        assert_false(prq_report_read(part, &prq_limits_default, a, &an, &r, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_read),
        cmocka_unit_test(test_report_proof),
        cmocka_unit_test(test_report_refused),
        cmocka_unit_test(test_report_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
