/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of ALSA-2019:3708 as errata.full.json has them, cut. */
#include "db/almaerrata.h"
#include "db/db_test.h"
#include "db/jsonutil.h"

static const char errata[] =
    "{\"schema_version\":\"1.0\",\"data\":[{\"packages\":[{\"name\":\"Judy\",\"epoch\":\"0\","
    "\"version\":\"1.0.5\",\"release\":\"18.module_el8.5.0+2632+14ced695\",\"arch\":\"x86_64\","
    "\"module\":\"mariadb:10.3:8050020220427075058:c5368500:x86_64\"},{\"name\":\"Judy\",\"version\":"
    "\"1.0.5\",\"release\":\"18.module_el8.5.0+2632+14ced695\",\"arch\":\"aarch64\",\"module\":"
    "\"mariadb:10.3:8050020220427075058:c5368500:aarch64\"},{\"name\":\"Judy\",\"version\":\"1.0.5\","
    "\"release\":\"18.module_el8.5.0+2632+14ced695\",\"arch\":\"i686\",\"module\":"
    "\"mariadb-devel:10.3:8030020210324132345:229f0a1c:x86_64\"},{\"name\":\"docs\",\"version\":\"1\","
    "\"release\":\"2\",\"arch\":\"noarch\"}],\"id\":\"ALSA-2019:3708\"},{\"id\":\"\"},7]}";

static struct prq_affected row_of(struct prq_arena *a, const char *name, const char *fixed)
{
    struct prq_affected row = { .space = PRQ_S("AlmaLinux:8"), .name = prq_str_from(name),
                                .state = PRQ_FIX_FIXED };
    row.fixed.v = prq_new(a, prq_str);
    row.fixed.v[row.fixed.n++] = prq_str_from(fixed);
    return row;
}

/* "name module arch,arch; …" */
static void expect(const char *json, const char *name, const char *fixed, const char *want)
{
    char got[512] = "";
    struct capture c;
    struct prq_feed_sink sink = capture_open(&c);
    struct prq_alma_errata e;
    prq_alma_errata_init(&e, c.a);
    assert_true(prq_alma_errata_parse(prq_str_from(json), &e, &sink, NULL));
    struct prq_affected row = row_of(c.a, name, fixed);
    struct prq_record r = { .id = PRQ_S("ALSA-2019:3708"), .affected = &row, .affected_count = 1 };
    assert_true(prq_alma_errata_join(&e, &r, c.a));
    for (size_t i = 0, n = 0; i < r.affected_count; i++) {
        const struct prq_affected *p = &r.affected[i];
        n += (size_t)snprintf(got + n, sizeof got - n, "%s[%.*s]", i ? " " : "", PRQ_FMT(p->module));
        prq_db_strs_sort(&r.affected[i].arches);
        for (size_t k = 0; k < p->arches.n; k++)
            n += (size_t)snprintf(got + n, sizeof got - n, "%s%.*s", k ? "," : "",
                                  PRQ_FMT(p->arches.v[k]));
    }
    assert_string_equal(got, want);
    capture_close(&c);
}

static void test_almaerrata_join(void **state)
{
    (void)state;
    expect(errata, "Judy", "1.0.5-18.module_el8.5.0+2632+14ced695",
           "[mariadb-devel:10.3]i686 [mariadb:10.3]aarch64,x86_64");
    expect(errata, "Judy", "0:1.0.5-18.module_el8.5.0+2632+14ced695",
           "[mariadb-devel:10.3]i686 [mariadb:10.3]aarch64,x86_64");
    expect(errata, "docs", "1-2", "[]");
    /* builds and packages that the errata lack stay as OSV has them */
    expect(errata, "Judy", "1.0.5-19", "[]");
    expect(errata, "judy", "1.0.5-18.module_el8.5.0+2632+14ced695", "[]");
    expect("[]", "docs", "1-2", "[]");
    expect("[{\"id\":\"ALSA-2019:3708\",\"packages\":[{\"name\":\"docs\",\"version\":\"1\","
           "\"release\":\"2\",\"arch\":\"s390x\",\"module\":\"x\"}]}]", "docs", "1-2", "[]s390x");
}

static void test_almaerrata_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool ok;
        size_t builds;
        unsigned skipped;
    } cases[] = {
        { errata, true, 4, 1 },
        { "", false, 0, 0 },
        { "7", false, 0, 0 },
        { "{}", true, 0, 0 },
        { "{\"data\":{}}", true, 0, 0 },
        { "{\"data\":[{\"id\":\"a\",\"packages\":[", false, 0, 0 },
        { "{\"data\":[{\"id\":\"a\",\"packages\":[1,{\"name\":2}]}]}", true, 2, 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct capture c;
        struct prq_feed_sink sink = capture_open(&c);
        struct prq_alma_errata e;
        prq_alma_errata_init(&e, c.a);
        bool ok = prq_alma_errata_parse(prq_str_from(cases[i].json), &e, &sink, NULL);
        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(e.n, cases[i].builds);
        assert_int_equal(c.skipped, cases[i].skipped);
        capture_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_almaerrata_join),
        cmocka_unit_test(test_almaerrata_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
