/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <time.h>

#include "format/json.h"

static bool skips(prq_str text, struct prq_err *err)
{
    struct prq_json j;
    prq_json_init(&j, text, NULL, NULL);
    prq_json_skip(&j);
    return prq_json_end(&j, err);
}

/* Source: RFC 8259 sections 2 to 7. */
static void test_json_grammar(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0",
        "-0",
        "1.5",
        "1e9",
        "-1.25E+10",
        "1E-2",
        "null",
        "true",
        "false",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "{\"a\":{\"b\":[{}]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
        "\xef\xbb\xbf[1]",
        "\t\r\n1\n",
        "{\"a\":1,\"a\":2}",
        "\"\xc3\xa9 \x7f\"",
        "\"\xff\"",
    };
    static const char *const wrong[] = {
        "",         " ",          "01",          "-",          "+1",     "1.",       ".5",
        "1e",       "1e+",        "0x10",        "NaN",        "nul",    "nullx",    "True",
        "\"",       "\"\\x\"",    "\"\\u12g4\"", "\"\\u123\"", "\"\t\"", "'a'",      "[1,]",
        "[,1]",     "[1 2]",      "[",           "]",          "[1",     "[1}",      "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{,}",         "{a:1}",      "{1:1}",  "{\"a\":1", "{\"a\" 1}",
        "1 2",      "[] []",      "// x\n1",     "[1]/**/",    "\v1",    "\xef\xbb", "\xef\xbb\xbf",
    };
    for (size_t i = 0; i < PRQ_COUNT(good); i++)
        if (!skips(prq_str_from(good[i]), NULL))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < PRQ_COUNT(wrong); i++)
        if (skips(prq_str_from(wrong[i]), NULL))
            fail_msg("accepted: %s", wrong[i]);
    assert_false(skips(PRQ_S("[\0]"), NULL));
}

static void test_json_members(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_json j;
    prq_json_init(&j,
                  PRQ_S("{\"name\":\"left-pad\",\"size\": 18446744073709551615,\"dev\":true,"
                        "\"skip\":{\"x\":[1,{\"y\":[]},\"}\"]},\"list\":[1,-2,3],\"odd\":7,\"neg\":"
                        "-9223372036854775808,\"last\":null}"),
                  a, NULL);
    prq_str key, name = { 0 }, odd = { 0 };
    uint64_t size = 0, half = 5;
    int64_t sum = 0, neg = 0;
    bool dev = false;
    assert_false(prq_json_enter_array(&j));
    assert_true(prq_json_enter_object(&j));
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("name"))) {
            assert_true(prq_json_string_or_skip(&j, &name));
        } else if (prq_str_eq(key, PRQ_S("size"))) {
            assert_true(prq_json_u64(&j, &size));
        } else if (prq_str_eq(key, PRQ_S("dev"))) {
            assert_true(prq_json_bool_or_skip(&j, &dev));
        } else if (prq_str_eq(key, PRQ_S("neg"))) {
            assert_true(prq_json_i64(&j, &neg));
        } else if (prq_str_eq(key, PRQ_S("odd"))) {
            assert_false(prq_json_string_or_skip(&j, &odd));
        } else if (prq_str_eq(key, PRQ_S("list"))) {
            assert_true(prq_json_enter_array(&j));
            while (prq_json_item(&j)) {
                int64_t v = 0;
                assert_true(prq_json_i64(&j, &v));
                sum += v;
            }
        } else if (prq_str_eq(key, PRQ_S("last"))) {
            assert_int_equal(prq_json_peek(&j), PRQ_JSON_NULL);
            assert_false(prq_json_u64_or_skip(&j, &half));
        } else {
            prq_json_skip(&j);
        }
    }
    assert_true(prq_json_end(&j, NULL));
    assert_str(name, "left-pad");
    assert_true(name.p > j.in.p && name.p < j.in.p + j.in.n); /* lent, not copied */
    assert_true(size == UINT64_MAX && dev && sum == 2 && neg == INT64_MIN && half == 5);
    assert_null(odd.p);
    assert_int_equal(prq_arena_used(a), 0);
}

static void decodes_to(struct prq_arena *a, prq_str text, prq_str want)
{
    struct prq_json j;
    prq_str s = { 0 };
    prq_json_init(&j, text, a, NULL);
    assert_true(prq_json_string(&j, &s));
    assert_true(prq_json_end(&j, NULL));
    assert_int_equal(s.n, want.n);
    assert_memory_equal(s.p, want.p, want.n);
}

/* Code points and their UTF-8 from the Unicode standard, table 3-7. */
static void test_json_strings(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    decodes_to(a, PRQ_S("\"a\\n\\u0041\\u00e9\\u20ac\""), PRQ_S("a\nA\xc3\xa9\xe2\x82\xac"));
    decodes_to(a, PRQ_S("\"\\ud83d\\ude00\""), PRQ_S("\xf0\x9f\x98\x80"));
    decodes_to(a, PRQ_S("\"\\uD83D\\u0041\""),
               PRQ_S("\xef\xbf\xbd"
                     "A"));
    decodes_to(a, PRQ_S("\"\\ude00\\ud83d\""), PRQ_S("\xef\xbf\xbd\xef\xbf\xbd"));
    decodes_to(a, PRQ_S("\"x\\u0000y\""), PRQ_S("x\0y"));
    decodes_to(a, PRQ_S("\"12345678\xff\xc3\xa9 and more\""),
               PRQ_S("12345678\xef\xbf\xbd\xc3\xa9 and more"));
    decodes_to(a, PRQ_S("\"\xed\xa0\x80\""), PRQ_S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
}

static void expect_error(prq_str text, enum prq_code code, uint64_t at, const char *why)
{
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(skips(text, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, why);
    assert_true(err.has_offset && err.offset == at);
}

static void test_json_errors(void **state)
{
    (void)state;
    expect_error(PRQ_S("{\"a\": tru}"), PRQ_E_FORMAT, 6, "not a JSON value");
    expect_error(PRQ_S("[1, \"ab\\q\"]"), PRQ_E_FORMAT, 7, "malformed escape");
    expect_error(PRQ_S("[1, 2"), PRQ_E_FORMAT, 5, "JSON ends early");
    expect_error(PRQ_S("[1] x"), PRQ_E_FORMAT, 4, "unexpected JSON text");
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_json j;
    uint64_t v = 3;
    prq_json_init(&j, PRQ_S("[ -1]"), NULL, NULL);
    assert_true(prq_json_enter_array(&j) && prq_json_item(&j));
    assert_false(prq_json_u64(&j, &v));
    assert_false(prq_json_item(&j));
    assert_false(prq_json_end(&j, &err));
    assert_true(v == 3 && err.offset == 2);
    assert_string_equal(err.text, "expected a non-negative integer");
    prq_json_init(&j, PRQ_S("[\"a\"]"), NULL, NULL);
    prq_str key;
    assert_true(prq_json_enter_array(&j));
    assert_false(prq_json_key(&j, &key)); /* misuse is an answer, not a crash */
    assert_int_equal(j.code, PRQ_E_BUG);
}

static void test_json_limits(void **state)
{
    (void)state;
    struct prq_limits low = prq_limits_default;
    low.json_depth = 3;
    low.json_tokens = 8;
    low.json_keys = 2;
    low.string_bytes = 4;
    static const struct {
        const char *text, *why;
    } rows[] = {
        { "[[[[]]]]", "JSON is nested too deeply" },
        { "[1,1,1,1,1,1,1,1]", "too many JSON tokens" },
        { "{\"a\":1,\"b\":1,\"c\":1}", "too many keys in a JSON object" },
        { "\"12345\"", "string is too long" },
        { "[[[]],{\"a\":1,\"b\":2}]", NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        struct prq_json j;
        struct prq_err err = PRQ_ERR_INIT;
        prq_json_init(&j, prq_str_from(rows[i].text), NULL, &low);
        prq_json_skip(&j);
        assert_int_equal(prq_json_end(&j, &err), !rows[i].why);
        assert_int_equal(err.code, rows[i].why ? PRQ_E_LIMIT : PRQ_E_NONE);
        assert_string_equal(err.text, rows[i].why ? rows[i].why : "");
    }
    /* Deep nesting costs no stack and is refused at the 65th level. */
    char deep[4096];
    memset(deep, '[', sizeof deep);
    expect_error((prq_str){ deep, sizeof deep }, PRQ_E_LIMIT, 64, "JSON is nested too deeply");
    /* Decoded strings come out of the budget of the file. */
    PRQ_ARENA a = prq_arena_new(48);
    struct prq_json j;
    prq_str s;
    prq_json_init(&j,
                  PRQ_S("\"\\n 0123456789012345678901234567890123456789012345678901234567890\""), a,
                  NULL);
    assert_false(prq_json_string(&j, &s));
    assert_int_equal(j.code, PRQ_E_LIMIT);
}

static void test_json_comments(void **state)
{
    (void)state;
    struct prq_json j;
    prq_str raw, key;
    prq_json_init(&j,
                  PRQ_S("// bun\n{ /* a */ \"a\": [1, 2, /* , */ ], // x\n \"b\" /**/ : {},}//"),
                  NULL, NULL);
    j.allow_comments = true;
    assert_true(prq_json_enter_object(&j));
    assert_true(prq_json_key(&j, &key));
    assert_true(prq_json_raw(&j, &raw));
    assert_str(raw, "[1, 2, /* , */ ]");
    assert_true(prq_json_key(&j, &key));
    prq_json_skip(&j);
    assert_false(prq_json_key(&j, &key));
    assert_true(prq_json_end(&j, NULL));
    static const char *const wrong[] = { "{,}", "[1,,]", "/* x", "[1]/", "/ /1" };
    for (size_t i = 0; i < PRQ_COUNT(wrong); i++) {
        prq_json_init(&j, prq_str_from(wrong[i]), NULL, NULL);
        j.allow_comments = true;
        prq_json_skip(&j);
        assert_false(prq_json_end(&j, NULL));
    }
}

static void test_json_writer(void **state)
{
    (void)state;
    static const char *const want[] = {
        "{\"a\":[],\"b\":{},\"c\":[1,-2,true,null],\"d\\\"\":\"x\\n\\u0001\\\\\xef\xbf\xbd\"}",
        "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    -2,\n    true,\n    null\n  ],\n"
        "  \"d\\\"\": \"x\\n\\u0001\\\\\xef\xbf\xbd\"\n}",
    };
    for (int pretty = 0; pretty < 2; pretty++) {
        PRQ_BUF b;
        prq_buf_init(&b, 4096);
        struct prq_jw w;
        prq_jw_init(&w, &b, pretty);
        prq_jw_object(&w);
        prq_jw_key(&w, "a");
        prq_jw_array(&w);
        prq_jw_array_end(&w);
        prq_jw_key(&w, "b");
        prq_jw_object(&w);
        prq_jw_object_end(&w);
        prq_jw_opt(&w, "absent", (prq_str){ 0 });
        prq_jw_key(&w, "c");
        prq_jw_array(&w);
        prq_jw_u64(&w, 1);
        prq_jw_i64(&w, -2);
        prq_jw_bool(&w, true);
        prq_jw_null(&w);
        prq_jw_array_end(&w);
        prq_jw_key_str(&w, PRQ_S("d\""));
        prq_jw_str(&w, PRQ_S("x\n\1\\\xff"));
        prq_jw_object_end(&w);
        assert_false(b.bad);
        assert_str(prq_buf_view(&b), want[pretty]);
    }
    PRQ_BUF small;
    prq_buf_init(&small, 8);
    struct prq_jw w;
    prq_jw_init(&w, &small, false);
    prq_jw_str(&w, PRQ_S("longer than that"));
    assert_true(small.bad);
}

/* 100 MB on one line: linear, without memory. The bound is loose, for slow and shared machines. */
static void test_json_large(void **state)
{
    (void)state;
    size_t n = 100u << 20, at = 0;
    static const char row[] =
        "{\"name\":\"some-package\",\"version\":\"1.2.3\",\"n\":[1,2.5,null]},";
    char *text = malloc(n + sizeof row + 8);
    assert_non_null(text);
    text[at++] = '[';
    while (at < n) {
        memcpy(text + at, row, sizeof row - 1);
        at += sizeof row - 1;
    }
    text[at - 1] = ']';
    clock_t start = clock();
    struct prq_json j;
    prq_json_init(&j, (prq_str){ text, at }, NULL, NULL);
    prq_json_skip(&j);
    bool ok = prq_json_end(&j, NULL);
    double s = (double)(clock() - start) / CLOCKS_PER_SEC;
    free(text);
    print_message("# %.0f MB/s\n", 100 / s);
    assert_true(ok);
    assert_true(s < 20);
}

static void test_json_texts(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_err err = PRQ_ERR_INIT;
    const struct {
        const char *in, *x, *y;
        bool ok;
    } cases[] = {
        { "{\"x\":\"1\",\"y\":\"2\"}", "1", "2", true },
        { "{\"y\":\"2\",\"z\":{\"x\":\"3\"},\"x\":\"\\u0041\"}", "A", "2", true },
        { "{\"x\":7,\"y\":[\"2\"]}", "-", "-", true },   /* of another type */
        { "{\"x\":\"1\",\"x\":\"2\",\"x\":null}", "2", "-", true },
        { "{}", "-", "-", true },
        { "{\"x\":\"1\",\"y\"}", "1", "-", false },
        { "{\"x\":\"1\"", "1", "-", false },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        prq_str x = PRQ_S("-"), y = PRQ_S("-");
        const struct prq_json_text wanted[] = { { PRQ_S("x"), &x }, { PRQ_S("y"), &y } };
        struct prq_json j;
        prq_json_init(&j, prq_str_from(cases[i].in), a, NULL);
        assert_true(prq_json_enter_object(&j));
        prq_json_texts(&j, wanted, PRQ_COUNT(wanted));
        assert_int_equal(prq_json_end(&j, &err), cases[i].ok);
        assert_str(x, cases[i].x);
        assert_str(y, cases[i].y);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_texts),
        cmocka_unit_test(test_json_grammar), cmocka_unit_test(test_json_members),
        cmocka_unit_test(test_json_strings), cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_json_limits),  cmocka_unit_test(test_json_comments),
        cmocka_unit_test(test_json_writer),  cmocka_unit_test(test_json_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
