/* SPDX-License-Identifier: Apache-2.0 */
/* Expected seconds: GNU date -u -d TIME +%s. */
#include "unit.h"

#include "scan/now.h"

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
    } good[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2023-04-01T00:00:00Z", 1680307200 },
        { "2024-02-29t23:59:59z", 1709251199 },
        { "2000-03-01", 951868800 },
        { "1969-12-31T23:59:59Z", -1 },
        { "2023-04-01T02:30:00+02:30", 1680307200 },
        { "2023-03-31T19:00:00.123456789-0500", 1680307200 },
        { "2023-04-01 00:00:00", 1680307200 },
    };
    static const char *const wrong[] = { "", "2023", "2023-4-1", "2023-13-01", "2023-00-01",
                                         "2023-04-32", "2023-04-00", "2023-04-01T24:00:00Z",
                                         "2023-04-01T00:60:00Z", "2023-04-01T00:00:00Zx",
                                         "2023-04-01T00:00:00+24:00", "2023-04-01T00:00:00+1",
                                         "2023-04-01T00:00Z", "-023-04-01", "2023-04-01T00:00:00+00:60",
                                         "+2023-04-01" };
    for (size_t i = 0; i < PRQ_COUNT(good); i++) {
        int64_t at = 1;
        assert_true(prq_time_parse(prq_str_from(good[i].text), &at));
        assert_true(at == good[i].unix_s);
    }
    for (size_t i = 0; i < PRQ_COUNT(wrong); i++) {
        int64_t at;
        if (prq_time_parse(prq_str_from(wrong[i]), &at))
            fail_msg("accepted: %s", wrong[i]);
    }
}

static void test_now(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    prq_str now;
    struct prq_err err = PRQ_ERR_INIT;
    setenv("SOURCE_DATE_EPOCH", "1680307200", 1);
    assert_true(prq_now(NULL, a, &now, &err));
    assert_str(now, "2023-04-01T00:00:00Z");
    assert_true(prq_now("2024-02-29T12:00:00+01:00", a, &now, &err)); /* goes before it */
    assert_str(now, "2024-02-29T11:00:00Z");
    assert_false(prq_now("tomorrow", a, &now, &err));
    assert_int_equal(err.code, PRQ_E_USAGE);
    setenv("SOURCE_DATE_EPOCH", "-1", 1);
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(prq_now("", a, &now, &err));
    assert_int_equal(err.code, PRQ_E_USAGE);
    setenv("SOURCE_DATE_EPOCH", "18446744073709551615", 1);
    assert_false(prq_now(NULL, a, &now, &err));
    unsetenv("SOURCE_DATE_EPOCH");
    assert_true(prq_now(NULL, a, &now, &err) && now.n == strlen("2023-04-01T00:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_times), cmocka_unit_test(test_now) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
