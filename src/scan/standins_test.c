/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: catalog.md 4.7, installed.php is what is read when installed.json is not there. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "scan/squash.h"

struct row {
    const char *path, *name, *version;
};

/* "name version*N", one a package; N places. */
static const char *squashed(const struct row *rows, size_t n, struct prq_arena *a)
{
    static char out[512];
    struct prq_facts_writer w;
    struct prq_analysis an = { 0 };
    struct prq_layer_facts layer = { 0 };
    struct prq_ctx ctx = { .limits = &prq_limits_default };
    struct prq_err err = PRQ_ERR_INIT;
    prq_facts_writer_init(&w, &prq_limits_default);
    for (size_t i = 0; i < n; i++) {
        w.path = prq_str_from(rows[i].path);
        struct prq_package p = { .type = PRQ_S("composer"), .name = prq_str_from(rows[i].name),
                                 .version = prq_str_from(rows[i].version) };
        assert_true(prq_sink_package(&w.sink, &p));
    }
    prq_str kept = prq_arena_copy(a, prq_buf_view(&w.facts));
    layer.index = prq_buf_bytes(&w.index);
    assert_true(prq_facts_parse(prq_bytes_of(kept), 0, a, &layer.facts, &err));
    assert_true(prq_squash(&ctx, &layer, 1, a, &an, &err));
    prq_facts_writer_release(&w);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < an.package_count; i++)
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s %.*s*%zu", i ? ", " : "",
                                 PRQ_FMT(an.packages[i].name), PRQ_FMT(an.packages[i].version),
                                 an.packages[i].evidence_count);
    return out;
}

#define JSON "app/vendor/composer/installed.json"
#define PHP "app/vendor/composer/installed.php"
#define OTHER "old/vendor/composer/installed.php"

static void test_standins_give_way(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    const struct row both[] = { { PHP, "a/b", "1" }, { JSON, "a/b", "1" }, { PHP, "c/d", "2" },
                                { OTHER, "e/f", "3" } };
    const struct row alone[] = { { PHP, "a/b", "1" }, { OTHER, "a/b", "1" } };
    assert_string_equal(squashed(both, PRQ_COUNT(both), a), "a/b 1*1, e/f 3*1");
    assert_string_equal(squashed(alone, PRQ_COUNT(alone), a), "a/b 1*2");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_standins_give_way) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
