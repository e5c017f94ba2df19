/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/rd.h"

static void test_str_pieces(void **state)
{
    (void)state;
    prq_str rest = PRQ_S("a,,b"), piece;
    assert_true(prq_str_split(&rest, ',', &piece));
    assert_str(piece, "a");
    assert_true(prq_str_split(&rest, ',', &piece));
    assert_str(piece, "");
    assert_true(prq_str_split(&rest, ',', &piece));
    assert_str(piece, "b");
    assert_false(prq_str_split(&rest, ',', &piece));

    prq_str text = PRQ_S("one\r\ntwo\n\nlast"), line;
    const char *want[] = { "one", "two", "", "last" };
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_true(prq_str_line(&text, &line));
        assert_str(line, want[i]);
    }
    assert_false(prq_str_line(&text, &line));
    assert_str(prq_str_trim(PRQ_S(" \t x y\r\n")), "x y");
    assert_str(prq_path_base(PRQ_S("a/b/c")), "c");
    assert_str(prq_path_dir(PRQ_S("a/b/c")), "a/b");
    assert_str(prq_path_dir(PRQ_S("c")), "");
}

static void test_str_numbers(void **state)
{
    (void)state;
    uint64_t v = 7;
    assert_true(prq_str_u64(PRQ_S("18446744073709551615"), &v));
    assert_true(v == UINT64_MAX);
    assert_false(prq_str_u64(PRQ_S("18446744073709551616"), &v));
    assert_false(prq_str_u64(PRQ_S("+1"), &v));
    assert_false(prq_str_u64(PRQ_S(""), &v));
    uint8_t raw[2];
    assert_true(prq_hex_decode(PRQ_S("aF09"), raw));
    assert_int_equal(raw[0], 0xaf);
    assert_false(prq_hex_decode(PRQ_S("a"), raw));
}

static void test_utf8(void **state)
{
    (void)state;
    assert_int_equal(prq_utf8_len(PRQ_S("a")), 1);
    assert_int_equal(prq_utf8_len(PRQ_S("\xc3\xa9")), 2);
    assert_int_equal(prq_utf8_len(PRQ_S("\xe2\x82\xac")), 3);
    assert_int_equal(prq_utf8_len(PRQ_S("\xf0\x9f\x98\x80")), 4);
    assert_int_equal(prq_utf8_len(PRQ_S("\xc0\x80")), 0);     /* overlong */
    assert_int_equal(prq_utf8_len(PRQ_S("\xed\xa0\x80")), 0); /* surrogate */
    assert_int_equal(prq_utf8_len(PRQ_S("\xf4\x90\x80\x80")), 0);
    assert_int_equal(prq_utf8_len(PRQ_S("\xe2\x82")), 0);
}

static void test_arena_budget(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(100);
    assert_non_null(prq_arena_alloc(a, 60));
    struct prq_mark m = prq_arena_mark(a);
    assert_non_null(prq_arena_alloc(a, 30));
    assert_null(prq_arena_alloc(a, 30));
    prq_arena_rewind(a, m);
    assert_non_null(prq_arena_alloc(a, 30));
    assert_null(prq_arena_alloc_n(a, SIZE_MAX / 2, 3));
}

static void test_buf_max(void **state)
{
    (void)state;
    PRQ_BUF b;
    prq_buf_init(&b, 4);
    assert_true(prq_buf_add(&b, "abcd", 4));
    assert_false(prq_buf_byte(&b, 'e'));
    assert_true(b.bad);
    assert_int_equal(b.n, 4);
}

static void test_rd(void **state)
{
    (void)state;
    struct prq_rd r = prq_rd_of((prq_bytes){ (const uint8_t *)"\x01\x02\x03\x04\x05", 5 });
    assert_int_equal(prq_rd_u16be(&r), 0x0102);
    assert_int_equal(prq_rd_u16le(&r), 0x0403);
    assert_int_equal(prq_rd_count(&r, 2, 1), 0);
    assert_true(r.bad);
    assert_int_equal(prq_rd_u8(&r), 0);

    PRQ_BUF b;
    prq_buf_init(&b, 64);
    const uint64_t values[] = { 0, 1, 127, 128, 300, UINT64_MAX };
    for (size_t i = 0; i < PRQ_COUNT(values); i++)
        prq_buf_varint(&b, values[i]);
    r = prq_rd_of(prq_buf_bytes(&b));
    for (size_t i = 0; i < PRQ_COUNT(values); i++)
        assert_true(prq_rd_varint(&r) == values[i]);
    assert_false(r.bad);
    assert_int_equal(prq_rd_left(&r), 0);
}

static void test_err_frames(void **state)
{
    (void)state;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(prq_fail_at(&err, PRQ_E_FORMAT, 41, "checksum is 2 bytes, needs 20"));
    assert_false(prq_in(&err, "layer %u", 2u));
    assert_string_equal(err.text, "layer 2: checksum is 2 bytes, needs 20");
    assert_true(err.has_offset && err.offset == 41);
    for (int i = 0; i < 200; i++)
        prq_in(&err, "frame");
    assert_true(strlen(err.text) < PRQ_ERR_TEXT);
}

static void test_map(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_map m;
    prq_map_init(&m, a);
    for (size_t i = 0; i < 1000; i++) {
        bool added = false;
        assert_non_null(prq_map_put(&m, prq_arena_printf(a, "key %zu", i), i, &added));
        assert_true(added);
    }
    assert_int_equal(*prq_map_find(&m, PRQ_S("key 617")), 617);
    assert_null(prq_map_find(&m, PRQ_S("key 1000")));
    bool added = true;
    assert_int_equal(*prq_map_put(&m, PRQ_S("key 3"), 9, &added), 3);
    assert_false(added);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str_pieces),  cmocka_unit_test(test_str_numbers),
        cmocka_unit_test(test_utf8),        cmocka_unit_test(test_arena_budget),
        cmocka_unit_test(test_buf_max),     cmocka_unit_test(test_rd),
        cmocka_unit_test(test_err_frames),  cmocka_unit_test(test_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
