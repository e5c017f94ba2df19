/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_node;

struct node_case {
    const char *path, *json;
    const char *name, *version; /* NULL: nothing is listed */
    uint32_t flags;
};

static void test_node_places(void **state)
{
    (void)state;
    static const struct node_case cases[] = {
        { "app/node_modules/a/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}", "a", "1.0.0", 0 },
        { "node_modules/@s/b/package.json", "{\"name\":\"@s/b\",\"version\":\"1.0.0\"}", "@s/b", "1.0.0", 0 },
        /* installed under another name */
        { "app/node_modules/alias/package.json", "{\"name\":\"real\",\"version\":\"1.0.0\"}", "real", "1.0.0", 0 },
        { "app/node_modules/a/package.json", "{\"name\":\"a\"}", "a", "", 0 },
        { "x/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
          "{\"name\":\"a\",\"version\":\"1.0.0\"}", "a", "1.0.0", 0 },
        { "usr/share/nodejs/a/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}", "a", "1.0.0", 0 },
        { "usr/share/nodejs/@s/a/package.json", "{\"name\":\"@s/a\",\"version\":\"1.0.0\"}", "@s/a", "1.0.0", 0 },
        { "usr/share/nodejs/a/dist/package.json", "{\"name\":\"q\",\"version\":\"1.0.0\"}", NULL, NULL, 0 },
        /* stubs and copies inside of a package */
        { "app/node_modules/a/dist/esm/package.json", "{\"type\":\"module\"}", NULL, NULL, 0 },
        { "app/node_modules/a/lib/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}", NULL, NULL, 0 },
        { "app/node_modules/a/vendor/b/package.json", "{\"name\":\"b\",\"version\":\"2.0.0\"}", "b", "2.0.0", 0 },
        { "app/node_modules/a/vendor/b/package.json", "{\"name\":\"b\"}", NULL, NULL, 0 },
        /* an application of its own */
        { "usr/src/app/package.json", "{\"name\":\"app\",\"version\":\"0.1.0\"}", "app", "0.1.0", PRQ_PKG_APPLICATION },
        { "package.json", "{\"name\":\"app\",\"version\":\"0.1.0\"}", "app", "0.1.0", PRQ_PKG_APPLICATION },
        { "usr/src/app/package.json", "{\"name\":\"app\",\"private\":true}", NULL, NULL, 0 },
        /* what is no name or version */
        { "node_modules/a/package.json", "{\"name\":{},\"version\":\"1.0.0\"}", NULL, NULL, 0 },
        { "node_modules/a/package.json", "{\"name\":\"a\",\"version\":7}", "a", "", 0 },
        { "node_modules/a/package.json", "{\"name\":\"a\",\"version\":\"${version}\"}", "a", "", 0 },
        { "node_modules/a/package.json", "\xef\xbb\xbf{\"name\":\"a\",\"version\":\"1\"}", "a", "1", 0 },
        { "node_modules/a/package.json", "[]", NULL, NULL, 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        prq_bytes data = prq_bytes_of(prq_str_from(cases[i].json));
        assert_true(capture_run(&c, &prq_analyzer_node, cases[i].path, data, &err));
        assert_int_equal(c.package_count, cases[i].name ? 1 : 0);
        if (!cases[i].name)
            continue;
        assert_str(c.packages[0].type, "npm");
        assert_str(c.packages[0].name, cases[i].name);
        assert_str(c.packages[0].version, cases[i].version);
        assert_int_equal(c.packages[0].flags, cases[i].flags);
        assert_str(c.packages[0].ns, cases[i].name[0] == '@' ? "@s" : "");
    }
}

static void test_node_fields(void **state)
{
    (void)state;
    static const struct {
        const char *json, *licenses;
    } cases[] = {
        { "\"license\":\"MIT\"", "MIT" },
        { "\"license\":{\"type\":\"BSD\",\"url\":\"x\"}", "BSD" },
        { "\"licenses\":[{\"type\":\"MIT\"},\"ISC\",7,null]", "MIT,ISC" },
        { "\"license\":null", "" },
        { "\"license\":[]", "" },
        { "\"author\":[1,{}],\"people\":{\"a\":[]},\"contributors\":\"x\"", "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        char text[512], got[64] = "";
        snprintf(text, sizeof text,
                 "{\"name\":\"a\",%s,\"version\":\"1.0.0\",\"dependencies\":{\"b\":\"^1\"},"
                 "\"optionalDependencies\":{\"c\":\"*\"},\"devDependencies\":{\"d\":\"1\"}}",
                 cases[i].json);
        capture_init(&c, a);
        assert_true(capture_run(&c, &prq_analyzer_node, "node_modules/a/package.json",
                                prq_bytes_of(prq_str_from(text)), &err));
        assert_int_equal(c.package_count, 1);
        const struct prq_package *p = &c.packages[0];
        for (size_t k = 0; k < p->licenses.n; k++)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", k ? "," : "",
                     PRQ_FMT(p->licenses.v[k]));
        assert_string_equal(got, cases[i].licenses);
        assert_int_equal(p->depends.n, 2);
        assert_str(p->depends.v[1], "c");
    }
}

/* Broken after name and version: the package is there, and so is the gap. */
static void test_node_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    assert_false(capture_run(&c, &prq_analyzer_node, "node_modules/a/package.json",
                             CAPTURE_BYTES("{\"name\":\"a\",\"version\":\"1\",\"x\":"), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(err.has_offset);
    assert_int_equal(c.package_count, 1);

    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_node, "node_modules/a/package.json",
                             CAPTURE_BYTES("{\"name\":\"a\",\"version\":\"1\"}"), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_node_yarn_cache(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    prq_bytes zip = unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/node/yarn-cache");
    assert_true(capture_run(&c, &prq_analyzer_node, "app/.yarn/cache/a-npm-1.zip", zip, &err));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "@s/a");
    assert_int_equal(c.packages[0].flags, 0);
    assert_int_equal(c.packages[0].evidence_count, 1);
    assert_str(c.packages[0].evidence[0].path,
               "app/.yarn/cache/a-npm-1.zip!/node_modules/@s/a/package.json");
    capture_init(&c, a);
    assert_false(capture_run(&c, &prq_analyzer_node, "app/.yarn/cache/a-npm-1.zip",
                             (prq_bytes){ zip.p, zip.n / 2 }, &err));
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_node, "app/.yarn/plugins/a.zip", zip, &err));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_node_places),
        cmocka_unit_test(test_node_fields),
        cmocka_unit_test(test_node_broken),
        cmocka_unit_test(test_node_yarn_cache),
    };
    return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
