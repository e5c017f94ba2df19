/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "match/cvss.h"

/* cvss.cases: "VECTOR SCORE" a line, scored by another implementation. */
static void test_cvss_cases(void **state)
{
    (void)state;
    FILE *f = fopen(PRQ_SOURCE_DIR "/src/match/cvss.cases", "r");
    assert_non_null(f);
    char line[512];
    size_t count = 0, bad = 0;
    while (fgets(line, sizeof line, f)) {
        prq_str text = prq_str_trim(prq_str_from(line)), vector, score;
        if (text.n == 0 || text.p[0] == '#')
            continue;
        assert_true(prq_str_rcut(text, ' ', &vector, &score));
        struct prq_cvss got = { 0 };
        struct prq_err err;
        if (!prq_cvss_score(vector, &got, &err)) {
            print_error("%.*s: refused\n", PRQ_FMT(vector));
            bad++;
            continue;
        }
        char shown[16];
        snprintf(shown, sizeof shown, "%u.%u", got.tenths / 10, got.tenths % 10);
        if (!prq_str_eq(prq_str_from(shown), score)) {
            print_error("%.*s: %s is not %.*s\n", PRQ_FMT(vector), shown, PRQ_FMT(score));
            bad++;
        }
        count++;
    }
    fclose(f);
    assert_int_equal(bad, 0);
    assert_true(count > 600);
}

static void test_cvss_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "/",
        "CVSS:3.1/",
        "CVSS:3.1/AV:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AV:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/Q:H",
        "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P/E:X",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P/E:H/E:U",
        "(AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:S/SI:N/SA:N",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:C",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:?",
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_cvss got;
        if (prq_cvss_score(prq_str_from(bad[i]), &got, NULL)) {
            print_error("%s was taken\n", bad[i]);
            fail();
        }
    }
}

static void test_cvss_words(void **state)
{
    (void)state;
    static const struct {
        unsigned major, tenths;
        enum prq_severity want;
    } rows[] = {
        { 3, 0, PRQ_SEV_NEGLIGIBLE }, { 3, 1, PRQ_SEV_LOW },  { 3, 39, PRQ_SEV_LOW },
        { 3, 40, PRQ_SEV_MEDIUM },    { 4, 69, PRQ_SEV_MEDIUM }, { 4, 70, PRQ_SEV_HIGH },
        { 3, 89, PRQ_SEV_HIGH },      { 3, 90, PRQ_SEV_CRITICAL }, { 2, 100, PRQ_SEV_HIGH },
        { 2, 39, PRQ_SEV_LOW },       { 2, 0, PRQ_SEV_LOW },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++)
        assert_int_equal(prq_cvss_severity(&(struct prq_cvss){ .major = rows[i].major,
                                                               .tenths = rows[i].tenths }),
                         rows[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cvss_cases),
        cmocka_unit_test(test_cvss_refuses),
        cmocka_unit_test(test_cvss_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
