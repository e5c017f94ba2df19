/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is wrong with the cache is a miss. */
#include "unit.h"

#include <glob.h>
#include <unistd.h>

#include "store/cache.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/prq-cache.XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    char line[96];
    snprintf(line, sizeof line, "rm -rf %s", dir);
    return system(line);
}

static const struct prq_cached_layer layer = {
    .facts = { (const uint8_t *)"facts", 5 }, .index = { (const uint8_t *)"index!", 6 },
    .blob_bytes = 7, .tar_bytes = 8, .file_count = 9, .sandbox = 5,
};

static void test_put_and_get(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_cached_layer got;
    char deep[96];
    snprintf(deep, sizeof deep, "%s/a/b", dir);
    struct prq_cache *c = prq_cache_open(deep, &err), *second = prq_cache_open(deep, &err);
    assert_non_null(c);
    assert_non_null(second);
    assert_false(prq_cache_get(c, PRQ_S("k"), a, &got));
    prq_cache_put(c, PRQ_S("k"), &layer);
    assert_true(prq_cache_get(second, PRQ_S("k"), a, &got)); /* another process would see it too */
    assert_str(prq_str_of(got.facts), "facts");
    assert_str(prq_str_of(got.index), "index!");
    assert_true(got.blob_bytes == 7 && got.tar_bytes == 8 && got.file_count == 9 && got.sandbox == 5);
    assert_false(prq_cache_get(c, PRQ_S("k2"), a, &got));
    PRQ_ARENA tiny = prq_arena_new(4);
    assert_false(prq_cache_get(c, PRQ_S("k"), tiny, &got));
    prq_cache_close(c);
    prq_cache_close(second);
    prq_cache_close(NULL);
}

static void test_damaged_file(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_cache *c = prq_cache_open(dir, &err);
    assert_non_null(c);
    prq_cache_put(c, PRQ_S("k"), &layer);
    prq_cache_close(c);
    char pattern[96];
    snprintf(pattern, sizeof pattern, "%s/layers-*.db", dir);
    glob_t g;
    assert_int_equal(glob(pattern, 0, NULL, &g), 0);
    for (long at = 0; at < 20000; at += 1009) {
        FILE *f = fopen(g.gl_pathv[0], "r+b");
        assert_non_null(f);
        fseek(f, at, SEEK_SET);
        fputs("damage", f);
        fclose(f);
        err = (struct prq_err)PRQ_ERR_INIT;
        c = prq_cache_open(dir, &err);
        struct prq_cached_layer got = { 0 };
        assert_true(c || err.code != PRQ_E_NONE);
        if (c && prq_cache_get(c, PRQ_S("k"), a, &got))
            assert_true(got.facts.n == 5 && got.index.n == 6);
        if (c)
            prq_cache_put(c, PRQ_S("k"), &layer);
        prq_cache_close(c);
    }
    globfree(&g);
}

static void test_no_directory(void **state)
{
    (void)state;
    struct prq_err err = PRQ_ERR_INIT;
    assert_null(prq_cache_open("/dev/null/x", &err));
    assert_true(err.code != PRQ_E_NONE);
    assert_null(prq_cache_open("", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_and_get, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_damaged_file, make_dir, remove_dir),
        cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
