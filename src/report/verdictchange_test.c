/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "report/explanation.h"

static struct prq_package package = { .type = PRQ_SI("deb"), .name = PRQ_SI("p"), .version = PRQ_SI("1") };
static struct prq_analysis analysis = { .packages = &package, .package_count = 1 };
static const struct prq_report report = { .analysis = &analysis };

static bool says(const struct prq_finding *f, const char *kind, const char *text)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_way ways[PRQ_WAYS_MAX];
    size_t n = prq_ways_of(&report, f, a, ways);
    for (size_t i = 0; i < n; i++)
        if (strcmp(ways[i].kind, kind) == 0 && prq_str_has(ways[i].text, prq_str_from(text)))
            return true;
    return false;
}

/* What would have made it another verdict, for every kind of verdict. */
static void test_ways(void **state)
{
    (void)state;
    prq_str fixes[] = { PRQ_SI("1.2"), PRQ_SI("2.0") };
    struct prq_rating ratings[] = { { .source = PRQ_SI("debian") }, { .source = PRQ_SI("nvd") },
                                    { .source = PRQ_SI("nvd") } };
    struct prq_step steps[] = { { PRQ_EVENT_INTRODUCED, PRQ_SI("0.9"), '>' },
                                { PRQ_EVENT_FIXED, PRQ_SI("1.2"), '<' } };
    struct prq_traced_range range = { steps, 2, true };
    struct prq_finding f = { .state = PRQ_FIX_FIXED, .fixed_in = { fixes, 2 }, .space = PRQ_SI("Debian:11"),
                             .ratings = ratings, .rating_count = 3, .severity_source = PRQ_SI("debian"),
                             .trace = { .scheme = PRQ_SI("deb"), .ranges = &range, .n = 1 } };
    assert_true(says(&f, "version", "p at 1.2 or later"));
    assert_true(says(&f, "version", "before 0.9"));
    assert_true(says(&f, "state", "--ignore-status fixed"));
    assert_true(says(&f, "feed", "instead of Debian:11"));
    assert_true(says(&f, "rating", "--severity-from with nvd"));
    f.is_indirect = true;
    assert_true(says(&f, "version", "of the source package"));
    f.state = PRQ_FIX_WONT_FIX;
    assert_true(says(&f, "version", "no version: the feed knows of no fix (wont-fix)"));
    f.note = PRQ_S("disputed range: GHSA-1 says otherwise");
    assert_true(says(&f, "feed", "GHSA-1 says otherwise"));

    static const struct {
        const char *kind, *id, *text;
    } rows[] = {
        { "exclusion", "kernel-headers-deb", "--no-default-ignores" },
        { "exclusion", "cpe-without-version", "criterion of NVD" },
        { "rule", "--ignore-status", "without the rule" },
        { "vex", "v.json", "without the VEX statement" },
        { "ownership", "pkg:deb/x", "own copy" },
        { "not-affected", "R", "not affected" },
        { "duplicate", "R", "agree on the range" },
        { "status", "R", "status of the advisory" },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        f.by = (struct prq_by){ .kind = prq_str_from(rows[i].kind), .id = prq_str_from(rows[i].id) };
        assert_true(says(&f, "suppression", rows[i].text));
        assert_false(says(&f, "state", "--ignore-status"));
    }
}

static void test_step_text(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_step start = { PRQ_EVENT_INTRODUCED, PRQ_SI("0"), '>' };
    struct prq_step last = { PRQ_EVENT_LAST_AFFECTED, PRQ_SI("1"), '=' };
    struct prq_step odd = { PRQ_EVENT_LIMIT, PRQ_SI("x"), '?' };
    assert_str(prq_step_text(&start, PRQ_S("1"), a), "1 >= introduced 0");
    assert_str(prq_step_text(&last, PRQ_S("1"), a), "1 = last_affected 1");
    assert_str(prq_step_text(&odd, PRQ_S("1"), a), "1 ? limit x");
    assert_string_equal(prq_severity_rule_text(PRQ_S("")), "no source rates it");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ways), cmocka_unit_test(test_step_text) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
