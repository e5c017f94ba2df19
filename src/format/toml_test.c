/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <time.h>

#include "base/buf.h"
#include "format/toml.h"

static const struct prq_toml *parse(struct prq_arena *a, prq_str text)
{
    struct prq_err err = PRQ_ERR_INIT;
    const struct prq_toml *doc = NULL;
    if (!prq_toml_parse(text, a, NULL, &doc, &err))
        fail_msg("byte %llu: %s", (unsigned long long)err.offset, err.text);
    return doc;
}

static const struct prq_toml *at(const struct prq_toml *doc, const char *path)
{
    return prq_toml_path(doc, prq_str_from(path));
}

/* The shape of poetry.lock and uv.lock. */
static void test_toml_lock_file(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_toml *doc = parse(
        a,
        PRQ_S("# generated\r\nversion = 1\r\nrequires-python = \">=3.8\"\n\n[[package]]\n"
              "name = \"attrs\"\nversion = \"23.1.0\"\nsource = { registry = "
              "\"https://pypi.org/simple\" }\nfiles = [\n    {file = \"a.whl\", hash = "
              "\"sha256:1f\"}, # first\n    {file = \"a.tar.gz\", hash = \"sha256:20\"},\n]\n\n"
              "[package.extras]\ncov = [\"coverage (>=5.3)\", \"pytest\"]\n\n[[package]]\nname = "
              "\"six\"\noptional = false\n[metadata]\n\"lock.version\" = \"2.0\"\n"));
    const struct prq_toml *list = prq_toml_find(doc, PRQ_S("package"));
    assert_int_equal(list->type, PRQ_TOML_ARRAY);
    assert_int_equal(list->count, 2);
    const struct prq_toml *p = prq_toml_first(list);
    assert_str(prq_toml_string(p, PRQ_S("name")), "attrs");
    assert_int_equal(p->line, 5);
    assert_str(at(p, "source.registry")->text, "https://pypi.org/simple");
    assert_int_equal(at(p, "files")->count, 2);
    assert_str(prq_toml_string(at(p, "files")->first->next, PRQ_S("hash")), "sha256:20");
    assert_str(at(p, "extras.cov")->first->next->text, "pytest");
    assert_str(prq_toml_string(p->next, PRQ_S("name")), "six");
    assert_int_equal(prq_toml_find(p->next, PRQ_S("optional"))->type, PRQ_TOML_BOOL);
    assert_null(p->next->next);
    assert_str(prq_toml_string(at(doc, "metadata"), PRQ_S("lock.version")), "2.0");
    assert_int_equal(at(doc, "version")->integer, 1);
    assert_null(at(doc, "no.such.path"));
    assert_null(at(doc, "version.x"));
    assert_null(prq_toml_string(doc, PRQ_S("version")).p);
}

/* Examples of the TOML 1.0.0 document. */
static void test_toml_values(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *text;
        enum prq_toml_type type;
        int64_t integer;
        const char *want;
    } rows[] = {
        { "+99", PRQ_TOML_INTEGER, 99, "" },
        { "-0", PRQ_TOML_INTEGER, 0, "" },
        { "1_000", PRQ_TOML_INTEGER, 1000, "" },
        { "0xDEAD_beef", PRQ_TOML_INTEGER, 0xdeadbeef, "" },
        { "0o755", PRQ_TOML_INTEGER, 493, "" },
        { "0b11010110", PRQ_TOML_INTEGER, 214, "" },
        { "-9223372036854775808", PRQ_TOML_INTEGER, INT64_MIN, "" },
        { "9223372036854775807", PRQ_TOML_INTEGER, INT64_MAX, "" },
        { "true", PRQ_TOML_BOOL, 1, "" },
        { "3.1415", PRQ_TOML_FLOAT, 0, "3.1415" },
        { "-2E-2", PRQ_TOML_FLOAT, 0, "-2E-2" },
        { "6.626e-34", PRQ_TOML_FLOAT, 0, "6.626e-34" },
        { "224_617.445_991_228", PRQ_TOML_FLOAT, 0, "224_617.445_991_228" },
        { "-inf", PRQ_TOML_FLOAT, 0, "-inf" },
        { "1979-05-27T07:32:00Z", PRQ_TOML_DATETIME, 0, "1979-05-27T07:32:00Z" },
        { "1979-05-27T00:32:00.999999-07:00", PRQ_TOML_DATETIME, 0,
          "1979-05-27T00:32:00.999999-07:00" },
        { "1979-05-27 07:32:00Z", PRQ_TOML_DATETIME, 0, "1979-05-27 07:32:00Z" },
        { "1979-05-27", PRQ_TOML_DATETIME, 0, "1979-05-27" },
        { "2000-02-29 # x", PRQ_TOML_DATETIME, 0, "2000-02-29" },
        { "00:32:00.999999", PRQ_TOML_DATETIME, 0, "00:32:00.999999" },
        { "'C:\\Users'", PRQ_TOML_STRING, 0, "C:\\Users" },
        { "\"a\\tb \\u00E9\\U0001F600\\\"\"", PRQ_TOML_STRING, 0,
          "a\tb \xc3\xa9\xf0\x9f\x98\x80\"" },
        { "\"\"\"\nRoses\nViolets\"\"\"", PRQ_TOML_STRING, 0, "Roses\nViolets" },
        { "\"\"\"\\\n   The quick \\\n\n   fox \\  \n  \"\"\"", PRQ_TOML_STRING, 0,
          "The quick fox " },
        { "\"\"\"two \"\"\"\"\"", PRQ_TOML_STRING, 0, "two \"\"" },
        { "''''one' '''", PRQ_TOML_STRING, 0, "'one' " },
        { "''", PRQ_TOML_STRING, 0, "" },
        { "\"\xff!\"", PRQ_TOML_STRING, 0, "\xef\xbf\xbd!" },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        prq_str text = prq_arena_printf(a, "a.'b c' = %s\nnext = 1", rows[i].text);
        const struct prq_toml *doc = parse(a, text);
        const struct prq_toml *v = prq_toml_find(at(doc, "a"), PRQ_S("b c"));
        assert_non_null(v);
        assert_int_equal(v->type, rows[i].type);
        assert_true(v->integer == rows[i].integer);
        assert_str(v->text, rows[i].want);
        assert_non_null(at(doc, "next"));
    }
}

/* Python's tomllib agrees on all but two: it knows no byte order mark and integers of any size. */
static void test_toml_structure(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "# only\n",
        "[a]\n[a.b]\n",
        "[a.b]\n[a]\n",
        "[a.b.c]\n[a]\nx=1\n",
        "a.b=1\na.c=2",
        "[f]\napple.color=1\n[f.apple.taste]\nx=1",
        "[[a]]\n[a.b]\n[[a]]\n[a.b]\n",
        "[[a]]\n[[a.b]]\n[[a.b]]\n",
        "a=[[1,2],[\"x\",],{b=1}]",
        "a={}",
        "a={b.c=1,b.d=2}",
        "'' = 1",
        "\"a.b\"=1\na.b=2",
        "3.14159 = \"pi\"",
        "[ j . \"k\" . 'l' ]",
        "a = [\n]\r\n",
        "a=[1, # x\n2\n,]",
        "\357\273\277a=1",
        "a=1 # \xff",
        "[a.b.c]\n[a]\nb.x=1",
    };
    static const char *const wrong[] = {
        "a=1\na=2",
        "[a]\n[a]",
        "a=1\n[a]",
        "[a]\nb=1\n[a.b]",
        "a.b=1\n[a]",
        "a={b=1}\na.c=2",
        "a={b=1}\n[a.c]",
        "a=[]\n[[a]]",
        "[[a]]\n[a]",
        "[a]\n[[a]]",
        "a={b={c=1},b.d=2}",
        "a={b=1,}",
        "a={b=1\n}",
        "a=[1,,2]",
        "a=[,1]",
        "a=[1",
        "a",
        "a=",
        "=1",
        "a b=1",
        "a=1 b=2",
        "[a",
        "[[a]",
        "[a]]",
        "[]",
        "[a.]",
        "[a] b=1",
        "a=01",
        "a=1_",
        "a=_1",
        "a=1__0",
        "a=0x",
        "a=+0x1",
        "a=1.",
        "a=.1",
        "a=1.e1",
        "a=1e",
        "a=9223372036854775808",
        "a=tru",
        "a=True",
        "a=\"x",
        "a='x\n'",
        "a=\"\\q\"",
        "a=\"\\ud800\"",
        "a=\"\\U00110000\"",
        "a=\"\x01\"",
        "a=\"\"\"x\"\"",
        "a=\"\"\"x\\ y\"\"\"",
        "a=2001-13-01",
        "a=2001-02-29",
        "a=2001-01-01T",
        "a=25:00:00",
        "a=2001-01-01 x",
        "a=1 # \x01",
        "a=1\rb=2",
        "[a]\nb.c=1\n[a.b]",
        "[a.b.c]\nz=9\n[a]\nb.c.t=1",
        "\"\"\"a\"\"\"=1",
        "a=\"x\"\"y\"",
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    const struct prq_toml *doc;
    for (size_t i = 0; i < PRQ_COUNT(good); i++)
        if (!prq_toml_parse(prq_str_from(good[i]), a, NULL, &doc, NULL))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < PRQ_COUNT(wrong); i++)
        if (prq_toml_parse(prq_str_from(wrong[i]), a, NULL, &doc, NULL))
            fail_msg("accepted: %s", wrong[i]);
}

static void test_toml_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const char *const unit[] = { "[", "{a=", "a." };
    static const char *const lead[] = { "a=", "a=", "" };
    const struct prq_toml *doc;
    for (size_t i = 0; i < PRQ_COUNT(unit); i++) {
        PRQ_BUF b;
        prq_buf_init(&b, PRQ_MIB(1));
        prq_buf_str(&b, prq_str_from(lead[i]));
        for (int n = 0; n < 1000; n++)
            prq_buf_str(&b, prq_str_from(unit[i]));
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_toml_parse(prq_buf_view(&b), a, NULL, &doc, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
    struct prq_limits low = prq_limits_default;
    struct prq_err err = PRQ_ERR_INIT;
    low.toml_depth = 3;
    assert_true(prq_toml_parse(PRQ_S("a=[[1]]"), a, &low, &doc, NULL));
    assert_false(prq_toml_parse(PRQ_S("a=[[[[1]]]]"), a, &low, &doc, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    low.string_bytes = 3;
    assert_true(prq_toml_parse(PRQ_S("a='123'"), a, &low, &doc, NULL));
    assert_false(prq_toml_parse(PRQ_S("a='1234'"), a, &low, &doc, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    PRQ_ARENA tiny = prq_arena_new(4096);
    err = (struct prq_err)PRQ_ERR_INIT;
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(1));
    for (int n = 0; n < 100; n++)
        prq_buf_printf(&b, "k%d=1\n", n);
    assert_false(prq_toml_parse(prq_buf_view(&b), tiny, NULL, &doc, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_true(prq_toml_parse(prq_buf_view(&b), a, NULL, &doc, NULL));
    assert_int_equal(doc->count, 100);
    assert_int_equal(prq_toml_find(doc, PRQ_S("k77"))->line, 78);
}

/* A hundred thousand keys of one table: found one by one they would take minutes. */
static void test_toml_many_keys(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(8));
    for (int n = 0; n < 100000; n++)
        prq_buf_printf(&b, "k%d.x=[]\n", n);
    clock_t start = clock();
    const struct prq_toml *doc;
    assert_true(prq_toml_parse(prq_buf_view(&b), a, NULL, &doc, NULL));
    assert_int_equal(doc->count, 100000);
    assert_non_null(at(doc, "k99999.x"));
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_toml_lock_file), cmocka_unit_test(test_toml_values),
        cmocka_unit_test(test_toml_structure), cmocka_unit_test(test_toml_limits),
        cmocka_unit_test(test_toml_many_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
