/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "scan/imageconfig.h"

static bool describe(const char *json, struct prq_layer *layers, size_t n, struct prq_arena *a,
                     struct prq_analysis *an, struct prq_err *err)
{
    memset(layers, 0, n * sizeof *layers);
    *an = (struct prq_analysis){ .layers = layers, .layer_count = n };
    return prq_image_config_describe(prq_str_from(json), &prq_limits_default, a, an, err);
}

/* Source: OCI image specification, "Image Configuration", the example's shape. */
static void test_history_and_layers(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_layer l[3];
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(describe("{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\",\"created\":"
                         "\"2023-04-01T00:00:00Z\",\"history\":[{\"created_by\":\"ADD x\",\"created\":"
                         "\"2022-01-01T00:00:00Z\"},{\"created_by\":\"ENV a=b\",\"empty_layer\":true},"
                         "{\"created_by\":\"RUN y\",\"author\":\"me\",\"comment\":\"c\"}]}",
                         l, 3, a, &an, &err));
    assert_str(an.os, "linux");
    assert_str(an.architecture, "arm64");
    assert_str(an.variant, "v8");
    assert_str(an.created, "2023-04-01T00:00:00Z");
    assert_int_equal(an.history_count, 3);
    assert_true(an.history[1].is_empty_layer);
    assert_str(an.history[2].author, "me");
    assert_str(l[0].instruction, "ADD x");
    assert_str(l[0].created, "2022-01-01T00:00:00Z");
    assert_str(l[1].instruction, "RUN y");
    assert_str(l[2].instruction, ""); /* the history is one short */
}

static void test_odd_configs(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_layer l[1];
    struct prq_analysis an;
    static const char *const odd[] = {
        "[]", "null", "{\"history\":null}", "{\"history\":{}}", "{\"history\":[1,\"a\",null,[]]}",
        "{\"os\":1,\"architecture\":{},\"created\":[]}",
        "{\"history\":[{\"created_by\":\"a\"},{\"created_by\":\"b\"},{\"created_by\":\"c\"}]}",
    };
    for (size_t i = 0; i < PRQ_COUNT(odd); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = describe(odd[i], l, 1, a, &an, &err);
        assert_true(ok || err.code == PRQ_E_FORMAT);
        assert_int_equal(an.os.n, 0);
    }
    static const char *const wrong[] = { "", "{", "{\"os\":\"linux\"", "{} x", "{\"history\":[{]}" };
    for (size_t i = 0; i < PRQ_COUNT(wrong); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(describe(wrong[i], l, 1, a, &an, &err));
        assert_true(err.code == PRQ_E_FORMAT && err.has_offset);
        assert_true(prq_str_starts(prq_str_from(err.text), PRQ_S("image config")));
    }
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    PRQ_ARENA tiny = prq_arena_new(256);
    struct prq_layer l[1];
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(describe("{\"history\":[{},{},{},{},{},{},{},{},{},{}]}", l, 1, tiny, &an, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_and_layers),
        cmocka_unit_test(test_odd_configs),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
