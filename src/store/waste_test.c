/* SPDX-License-Identifier: Apache-2.0 */
/* Counted by hand from the rules of the OCI image specification, "Whiteouts". */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "store/facts.h"
#include "store/waste.h"

struct member {
    unsigned layer;
    const char *path;
    enum prq_file_type type;
    uint64_t size;
};

/* What each of three layers wastes. */
static void check(const struct member *members, size_t n, const uint64_t *bytes)
{
    struct prq_facts_writer w[3];
    struct prq_layer layers[3];
    memset(layers, 0, sizeof layers);
    struct prq_analysis an = { .layers = layers, .layer_count = 3 };
    for (unsigned i = 0; i < 3; i++)
        prq_facts_writer_init(&w[i], &prq_limits_default);
    for (size_t i = 0; i < n; i++) {
        struct prq_file f = { .path = prq_str_from(members[i].path), .type = members[i].type,
                              .size = members[i].size };
        assert_true(prq_facts_add_file(&w[members[i].layer], &f));
    }
    for (unsigned i = 0; i < 3; i++)
        layers[i].index = prq_buf_bytes(&w[i].index);
    assert_true(prq_waste_measure(&an, &prq_limits_default));
    for (unsigned i = 0; i < 3; i++) {
        if (layers[i].wasted_bytes != bytes[i])
            print_error("layer %u of \"%s\"…\n", i, members[0].path);
        assert_int_equal(layers[i].wasted_bytes, bytes[i]);
        prq_facts_writer_release(&w[i]);
    }
}

#define CHECK(members, ...) check(members, PRQ_COUNT(members), (const uint64_t[3]){ __VA_ARGS__ })

static void test_waste_rules(void **state)
{
    (void)state;
    static const struct member replaced[] = {
        { 0, "a", PRQ_FILE_REGULAR, 5 }, { 1, "a", PRQ_FILE_REGULAR, 7 }, { 2, "a", PRQ_FILE_SYMLINK, 0 },
    };
    static const struct member deleted[] = {
        { 0, "d/e/f", PRQ_FILE_REGULAR, 5 }, { 0, "de", PRQ_FILE_REGULAR, 1 },
        { 1, "d/e/g", PRQ_FILE_REGULAR, 2 }, { 2, "d", PRQ_FILE_WHITEOUT, 0 },
    };
    static const struct member opaque[] = {
        { 0, "d/x", PRQ_FILE_REGULAR, 5 }, { 1, "d", PRQ_FILE_OPAQUE, 0 },
        { 1, "d/y", PRQ_FILE_REGULAR, 3 }, { 2, "d/x", PRQ_FILE_REGULAR, 9 },
    };
    static const struct member folder_again[] = {
        { 0, "d/x", PRQ_FILE_REGULAR, 5 }, { 1, "d", PRQ_FILE_DIR, 0 }, { 2, "d", PRQ_FILE_DIR, 0 },
    };
    static const struct member became_folder[] = {
        { 0, "d", PRQ_FILE_REGULAR, 5 }, { 1, "d", PRQ_FILE_DIR, 0 }, { 1, "d/x", PRQ_FILE_REGULAR, 1 },
    };
    static const struct member became_link[] = {
        { 0, "lib/x", PRQ_FILE_REGULAR, 5 }, { 1, "lib", PRQ_FILE_SYMLINK, 0 },
    };
    static const struct member all_gone[] = {
        { 0, "x", PRQ_FILE_REGULAR, 5 }, { 1, "", PRQ_FILE_OPAQUE, 0 }, { 1, "y", PRQ_FILE_REGULAR, 6 },
    };
    static const struct member twice[] = {
        { 1, "x", PRQ_FILE_REGULAR, 5 }, { 1, "x", PRQ_FILE_REGULAR, 6 }, { 0, "x", PRQ_FILE_HARDLINK, 9 },
    };
    static const struct member huge[] = {
        { 0, "a", PRQ_FILE_REGULAR, UINT64_MAX }, { 0, "b", PRQ_FILE_REGULAR, 2 },
        { 1, "a", PRQ_FILE_WHITEOUT, 0 }, { 1, "b", PRQ_FILE_WHITEOUT, 0 },
    };
    CHECK(replaced, 5, 7, 0);
    CHECK(deleted, 5, 2, 0);
    CHECK(opaque, 5, 0, 0);
    CHECK(folder_again, 0, 0, 0);
    CHECK(became_folder, 5, 0, 0);
    CHECK(became_link, 5, 0, 0);
    CHECK(all_gone, 5, 0, 0);
    CHECK(twice, 0, 0, 0);
    CHECK(huge, UINT64_MAX, 0, 0);
}

static void test_waste_broken_index(void **state)
{
    (void)state;
    struct prq_layer layers[2];
    memset(layers, 0, sizeof layers);
    layers[0].index = (prq_bytes){ (const uint8_t *)"\xff\xff\xff", 3 };
    struct prq_analysis an = { .layers = layers, .layer_count = 2 };
    assert_false(prq_waste_measure(&an, &prq_limits_default));
    assert_int_equal(layers[0].wasted_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waste_rules),
        cmocka_unit_test(test_waste_broken_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
