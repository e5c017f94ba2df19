/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison told event by event. Expectations by the OSV schema, "Evaluation". */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "match/core.h"

static struct prq_event ev(enum prq_event_kind kind, const char *version)
{
    return (struct prq_event){ kind, prq_str_from(version) };
}

static void test_trace_signs(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_event one[] = { ev(PRQ_EVENT_INTRODUCED, "0"), ev(PRQ_EVENT_FIXED, "1.0.0"),
                               ev(PRQ_EVENT_INTRODUCED, "2.0.0"), ev(PRQ_EVENT_LAST_AFFECTED, "2.1.0") };
    struct prq_event two[] = { ev(PRQ_EVENT_INTRODUCED, "3.0.0"), ev(PRQ_EVENT_FIXED, "no version") };
    struct prq_event three[] = { ev(PRQ_EVENT_INTRODUCED, "0"), ev(PRQ_EVENT_LIMIT, "*") };
    struct prq_range ranges[] = { { one, 4 }, { two, 2 }, { three, 2 } };
    prq_str listed[] = { PRQ_SI("2.1.0"), PRQ_SI("9.0.0") };
    struct prq_affected row = { .ranges = ranges, .range_count = 3, .versions = { listed, 2 } };
    struct prq_scale scale = prq_scale_of("npm", false);
    struct prq_trace t;
    assert_true(prq_trace_row(&row, &scale, PRQ_S("2.1.0"), true, a, &t));
    assert_str(t.scheme, "npm");
    assert_int_equal(t.n, 3);
    assert_true(t.ranges[0].is_hit);
    assert_int_equal(t.ranges[0].steps[0].sign, '>');
    assert_int_equal(t.ranges[0].steps[1].sign, '>');
    assert_int_equal(t.ranges[0].steps[2].sign, '>');
    assert_int_equal(t.ranges[0].steps[3].sign, '=');
    assert_false(t.ranges[1].is_hit);
    assert_int_equal(t.ranges[1].steps[0].sign, '<');
    assert_int_equal(t.ranges[1].steps[1].sign, '?');
    assert_true(t.ranges[2].is_hit);
    assert_int_equal(t.ranges[2].steps[1].sign, '<');
    assert_true(t.is_listed);
    assert_int_equal(t.listed, 2);
    assert_int_equal(t.left_out, 0);
    assert_false(t.is_everything);
    assert_true(prq_trace_row(&row, &scale, PRQ_S("none at all"), false, a, &t));
    assert_true(t.is_invalid);
    assert_int_equal(t.n, 0);
    struct prq_affected all = { .state = PRQ_FIX_WONT_FIX };
    assert_true(prq_trace_row(&all, &scale, PRQ_S("1.0.0"), true, a, &t));
    assert_true(t.is_everything);
}

/* Of very many events the range that decides is kept, and how many are not is said. */
static void test_trace_many(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    enum { RANGES = 200 };
    struct prq_event events[RANGES][2];
    struct prq_range ranges[RANGES];
    char text[RANGES][2][16];
    for (int i = 0; i < RANGES; i++) {
        for (int k = 0; k < 2; k++)
            snprintf(text[i][k], sizeof text[i][k], "%d.%d.0", i, k * 5);
        events[i][0] = ev(PRQ_EVENT_INTRODUCED, text[i][0]);
        events[i][1] = ev(PRQ_EVENT_FIXED, text[i][1]);
        ranges[i] = (struct prq_range){ events[i], 2 };
    }
    struct prq_affected row = { .ranges = ranges, .range_count = RANGES };
    struct prq_scale scale = prq_scale_of("npm", false);
    struct prq_trace t;
    assert_true(prq_trace_row(&row, &scale, PRQ_S("150.1.0"), true, a, &t));
    size_t kept = 0, hits = 0;
    for (size_t i = 0; i < t.n; i++) {
        kept += t.ranges[i].n;
        hits += t.ranges[i].is_hit;
    }
    assert_int_equal(hits, 1);
    assert_int_equal(kept + t.left_out, 2 * RANGES);
    assert_true(kept <= 64);
    PRQ_ARENA tiny = prq_arena_new(64);
    assert_false(prq_trace_row(&row, &scale, PRQ_S("150.1.0"), true, tiny, &t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace_signs),
        cmocka_unit_test(test_trace_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
