/* SPDX-License-Identifier: Apache-2.0 */
/* Expected readings: YAML 1.2.2, chapters 2 and 10.3, and the lock files of pnpm and Yarn. */
#include "lib/yaml.h"

#include "base/map.h"
#include "lib/lib_test.h"

static prq_bytes bytes_of(const char *text)
{
    return (prq_bytes){ (const uint8_t *)text, strlen(text) };
}

/* The events as one line: "+DOC +MAP =plain 'quoted' -MAP". */
static bool show_events(prq_bytes in, const struct prq_limits *limits, struct prq_buf *out,
                        struct prq_err *err)
{
    static const char *const words[] = { "+DOC", "+MAP", "-MAP", "+SEQ", "-SEQ" };
    struct prq_yaml *y;
    struct prq_yaml_event e;
    enum prq_next step;
    if (!prq_yaml_open(in, limits, &y, err))
        return false;
    while ((step = prq_yaml_next(y, &e, err)) == PRQ_NEXT_ITEM) {
        if (e.type == PRQ_YAML_EV_SCALAR)
            prq_buf_printf(out, e.is_plain ? "=%.*s " : "'%.*s' ", PRQ_FMT(e.text));
        else
            prq_buf_printf(out, "%s ", words[e.type]);
    }
    prq_yaml_close(y);
    return step == PRQ_NEXT_END;
}

static void show_node(const struct prq_yaml_node *n, struct prq_buf *out)
{
    if (n->kind == PRQ_YAML_SCALAR) {
        prq_buf_printf(out, n->is_plain ? "=%.*s " : "'%.*s' ", PRQ_FMT(n->text));
        return;
    }
    prq_buf_str(out, n->kind == PRQ_YAML_MAP ? PRQ_S("+MAP ") : PRQ_S("+SEQ "));
    for (size_t i = 0; i < n->n; i++) {
        if (n->kind == PRQ_YAML_MAP) {
            show_node(n->pairs[i].key, out);
            show_node(n->pairs[i].value, out);
        } else {
            show_node(n->items[i], out);
        }
    }
    prq_buf_str(out, n->kind == PRQ_YAML_MAP ? PRQ_S("-MAP ") : PRQ_S("-SEQ "));
}

static bool show_tree(prq_bytes in, const struct prq_limits *limits, struct prq_buf *out,
                      struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    const struct prq_yaml_doc *doc;
    if (!prq_yaml_parse(in, limits, a, &doc, err))
        return false;
    for (; doc; doc = doc->next) {
        prq_buf_str(out, PRQ_S("+DOC "));
        show_node(doc->root, out);
    }
    return true;
}

static void test_yaml_events_and_tree(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        { "", "" },
        { "# only a comment\n", "" },
        { "a", "+DOC =a " },
        { "a: 1\nb: 'x'\n", "+DOC +MAP =a =1 =b 'x' -MAP " },
        { "a:\nb: ~\n", "+DOC +MAP =a = =b =~ -MAP " },
        { "- [x, \"y\"]\n- {k: v}\n- |\n  block\n", "+DOC +SEQ +SEQ =x 'y' -SEQ +MAP =k =v -MAP "
                                                    "'block\n' -SEQ " },
        { "--- 1\n--- 2\n...\n", "+DOC =1 +DOC =2 " },
        { "? [a]\n: b\n", "+DOC +MAP +SEQ =a -SEQ =b -MAP " },
        { "x: &a one\ny: *a\nz: &a two\nw: *a\n",
          "+DOC +MAP =x =one =y =one =z =two =w =two -MAP " },
        { "- &a [&a b]\n- *a\n", "+DOC +SEQ +SEQ =b -SEQ =b -SEQ " },
        { "\xef\xbb\xbfk: caf\xc3\xa9\r\n", "+DOC +MAP =k =caf\xc3\xa9 -MAP " },
        { "\xef\xbb\xbfk: 1\nl: 2\n", "+DOC +MAP =k =1 =l =2 -MAP " },
        { "'@babel/core@npm:^7.0.0':\n  version: 7.1\n", "+DOC +MAP '@babel/core@npm:^7.0.0' +MAP "
                                                         "=version =7.1 -MAP -MAP " },
        { "/foo@1.0.0(bar@2.0.0):\n  dev: false\n", "+DOC +MAP =/foo@1.0.0(bar@2.0.0) +MAP =dev "
                                                    "=false -MAP -MAP " },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_BUF events, tree;
        struct prq_err err = PRQ_ERR_INIT;
        prq_buf_init(&events, 4096);
        prq_buf_init(&tree, 4096);
        prq_bytes in = bytes_of(cases[i].in);
        bool is_good = show_events(in, &prq_limits_default, &events, &err) &&
                       show_tree(in, &prq_limits_default, &tree, &err);
        assert_str(prq_str_from(err.text), "");
        assert_true(is_good);
        assert_str(prq_buf_view(&events), cases[i].want);
        assert_str(prq_buf_view(&tree), cases[i].want);
    }
}

static void test_yaml_lookups(void **state)
{
    (void)state;
    static const char in[] =
        "name: x # comment\nnull: n\nempty:\nquoted: \"null\"\nlist:\n- &l {a: b}\n"
        "- *l\nname: y\n!t tagged: !Ref z\n";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_yaml_doc *doc;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_yaml_parse(bytes_of(in), &prq_limits_default, a, &doc, &err));
    const struct prq_yaml_node *root = doc->root;
    assert_null(doc->next);
    assert_int_equal(prq_yaml_count(root), 7);
    assert_str(prq_yaml_text(prq_yaml_find(root, PRQ_S("name"))), "y"); /* the last */
    assert_str(prq_yaml_text(prq_yaml_find(root, PRQ_S("null"))), "n");
    assert_true(prq_yaml_is_null(prq_yaml_find(root, PRQ_S("empty"))));
    assert_false(prq_yaml_is_null(prq_yaml_find(root, PRQ_S("quoted"))));
    assert_str(prq_yaml_text(prq_yaml_find(root, PRQ_S("quoted"))), "null");
    assert_str(prq_yaml_find(root, PRQ_S("tagged"))->tag, "!Ref");
    const struct prq_yaml_node *list = prq_yaml_find(root, PRQ_S("list"));
    assert_int_equal(list->line, 6);
    assert_ptr_equal(list->items[0], list->items[1]);
    assert_int_equal(list->nodes, 7); /* list, 2 × (map, a, b) */
    assert_str(prq_yaml_text(prq_yaml_find(list->items[1], PRQ_S("a"))), "b");
    /* what is not there chains */
    assert_null(prq_yaml_find(prq_yaml_find(root, PRQ_S("absent")), PRQ_S("x")));
    assert_null(prq_yaml_find(list, PRQ_S("x")));
    assert_int_equal(prq_yaml_text(NULL).n, 0);
    assert_int_equal(prq_yaml_count(NULL), 0);
    struct prq_map map;
    assert_true(prq_yaml_index(root, a, &map));
    assert_int_equal(*prq_map_find(&map, PRQ_S("name")), 5);
    assert_null(prq_map_find(&map, PRQ_S("absent")));
}

static void test_yaml_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        uint64_t offset;
        const char *in_text;
    } cases[] = {
        { "a: b\n\tc: d\n", 5, "line 2" }, { "caf\xc3\xa9: x\nb: [1, 2\nc: d\n", 19, "line 3" },
        { "a: *nobody\n", 3, "line 1" },   { "a: &x [*x]\n", 7, "line 1" },
        { "k: \xff\n", 3, "yaml" },        { "k: \x01\n", 3, "yaml" },
        { "a: 'open\n", 9, "line" },       { "%YAML 9.9\n--- a\n", 0, "line 1" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_BUF out;
        prq_buf_init(&out, 4096);
        struct prq_err err = PRQ_ERR_INIT;
        prq_bytes in = bytes_of(cases[i].in);
        assert_false(show_tree(in, &prq_limits_default, &out, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_true(err.has_offset);
        assert_true(prq_str_has(prq_str_from(err.text), prq_str_from(cases[i].in_text)));
        assert_int_equal(err.offset, cases[i].offset);
    }
    PRQ_BUF out;
    prq_buf_init(&out, 4096);
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(show_events(bytes_of("a: &x [1]\nb: *x\n"), &prq_limits_default, &out, &err));
    assert_int_equal(err.code, PRQ_E_UNSUPPORTED);
    assert_int_equal(err.offset, 13);
}

/* Source of the limits: security-model.md 2.1, row "XML, YAML, TOML, plist": yaml_nodes, yaml_depth. */
static void test_yaml_limits(void **state)
{
    (void)state;
    struct prq_limits limits = prq_limits_default;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF laughs, deep, out;
    prq_buf_init(&laughs, 4096);
    prq_buf_init(&deep, 4096);
    prq_buf_init(&out, PRQ_MIB(64));
    prq_buf_str(&laughs, PRQ_S("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"));
    for (int i = 1; i < 12; i++) {
        prq_buf_printf(&laughs, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            prq_buf_printf(&laughs, "*a%d,", i - 1);
        prq_buf_str(&laughs, PRQ_S("]\n"));
    }
    assert_false(show_tree(prq_buf_bytes(&laughs), &limits, &out, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_true(prq_str_has(prq_str_from(err.text), PRQ_S("yaml_nodes")));

    for (int open = 0; open < 2; open++) { /* 64 levels are read, 65 are not */
        prq_buf_clear(&deep);
        for (int i = 0; i < 64 + open; i++)
            prq_buf_str(&deep, PRQ_S("["));
        for (int i = 0; i < 64 + open; i++)
            prq_buf_str(&deep, PRQ_S("]"));
        prq_buf_clear(&out);
        err = (struct prq_err)PRQ_ERR_INIT;
        assert_int_equal(show_tree(prq_buf_bytes(&deep), &limits, &out, &err), open == 0);
        assert_int_equal(show_events(prq_buf_bytes(&deep), &limits, &out, &err), open == 0);
        assert_int_equal(err.code, open ? PRQ_E_LIMIT : PRQ_E_NONE);
    }
    /* depth through aliases counts, too */
    prq_buf_clear(&deep);
    prq_buf_str(&deep, PRQ_S("- &a0 [[[[[[[[x]]]]]]]]\n"));
    for (int i = 1; i < 9; i++)
        prq_buf_printf(&deep, "- &a%d [[[[[[[*a%d]]]]]]]\n", i, i - 1);
    assert_false(show_tree(prq_buf_bytes(&deep), &limits, &out, &err));
    assert_true(prq_str_has(prq_str_from(err.text), PRQ_S("yaml_depth")));

    limits.string_bytes = 5;
    assert_false(show_tree(bytes_of("a: 123456"), &limits, &out, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    limits.string_bytes = 1000;
    limits.yaml_nodes = 3;
    prq_buf_clear(&out);
    assert_true(show_events(bytes_of("[a, b]"), &limits, &out, &err));
    assert_false(show_events(bytes_of("[a, b, c]"), &limits, &out, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);

    PRQ_BUF tags;
    prq_buf_init(&tags, PRQ_MIB(1));
    for (int i = 0; i < 100; i++)
        prq_buf_printf(&tags, "%%TAG !%d! x\n", i);
    assert_false(show_tree(prq_buf_bytes(&tags), &prq_limits_default, &out, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

/* A small budget of the caller's arena ends in LIMIT, never in a crash. */
static void test_yaml_budgets(void **state)
{
    (void)state;
    static const char in[] = "a: &x [1, 2, {b: c}]\nd: *x\ne: 'text of some length'\n";
    bool is_good = false;
    for (size_t budget = 0; budget < 4000; budget += 16) {
        PRQ_ARENA a = prq_arena_new(budget);
        const struct prq_yaml_doc *doc;
        struct prq_err err = PRQ_ERR_INIT;
        is_good = prq_yaml_parse(bytes_of(in), &prq_limits_default, a, &doc, &err);
        assert_int_equal(err.code, is_good ? PRQ_E_NONE : PRQ_E_LIMIT);
    }
    assert_true(is_good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_events_and_tree), cmocka_unit_test(test_yaml_lookups),
        cmocka_unit_test(test_yaml_malformed),       cmocka_unit_test(test_yaml_limits),
        cmocka_unit_test(test_yaml_budgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
