/* SPDX-License-Identifier: Apache-2.0 */
/* The archives are seeds of the fuzz target, made with Python's tarfile; the places are what it says
 * of them (offset_data, size). */
#include "unit.h"

#include "image/tarindex.h"

struct memory {
    uint8_t p[64 << 10];
    size_t n;
};

static bool read_at(void *user, uint64_t at, void *buf, size_t n, size_t *got, struct prq_err *err)
{
    const struct memory *m = user;
    (void)err;
    *got = at >= m->n ? 0 : prq_min_size(n, m->n - (size_t)at);
    memcpy(buf, m->p + at, *got);
    return true;
}

static struct memory seed;

static bool load(const char *name, struct prq_arena *a, struct prq_tarindex *ix,
                 struct prq_err *err)
{
    char path[512];
    snprintf(path, sizeof path, "%s/fuzz/corpus/tarindex/%s", PRQ_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    seed.n = fread(seed.p, 1, sizeof seed.p, f);
    fclose(f);
    struct prq_tar_bytes in = { read_at, &seed, seed.n };
    return prq_tarindex_read(&in, &prq_limits_default, a, ix, err);
}

static void test_tarindex_formats(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t long_n;
        uint64_t long_at, last_at;
    } cases[] = {
        { "ustar", 151, 5120, 6144 },
        { "gnu", 311, 6144, 7168 },
        { "pax", 371, 6144, 7168 },
        { "base256", 151, 5120, 6144 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_tarindex ix;
        struct prq_err err = PRQ_ERR_INIT;
        if (!load(cases[i].file, a, &ix, &err))
            fail_msg("%s: %s", cases[i].file, err.text);
        assert_int_equal(ix.count, 8);
        assert_str(ix.members[0].path, "manifest.json");
        assert_int_equal(ix.members[1].type, 'd');
        assert_str(ix.members[1].path, "a");
        const struct prq_tar_member *m = prq_tarindex_find(&ix, PRQ_S("a/layer.tar"));
        assert_non_null(m);
        assert_int_equal(m->offset, 2048);
        assert_int_equal(m->size, 700);
        assert_ptr_equal(prq_tarindex_find(&ix, PRQ_S("b/layer.tar")), m); /* symbolic link */
        assert_ptr_equal(prq_tarindex_find(&ix, PRQ_S("/c/./layer.tar")), m); /* hard link */
        assert_null(prq_tarindex_find(&ix, PRQ_S("d")));                      /* to itself */
        assert_null(prq_tarindex_find(&ix, PRQ_S("a")));
        assert_null(prq_tarindex_find(&ix, PRQ_S("absent")));
        assert_int_equal(ix.members[6].path.n, cases[i].long_n);
        assert_int_equal(ix.members[6].offset, cases[i].long_at);
        /* of two members of one name the last counts */
        m = prq_tarindex_find(&ix, PRQ_S("manifest.json"));
        assert_non_null(m);
        assert_int_equal(m->offset, cases[i].last_at);
        assert_int_equal(m->size, 3);
    }
}

static void test_tarindex_odd(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum prq_code code; /* NONE: read */
        bool has_offset;
        uint64_t offset;
    } cases[] = {
        { "v7", PRQ_E_NONE, false, 0 },
        { "pax-comment", PRQ_E_NONE, false, 0 },
        { "pax-size", PRQ_E_NONE, false, 0 },
        { "pax-sparse", PRQ_E_NONE, false, 0 },
        { "bad-checksum", PRQ_E_FORMAT, true, 0 },
        { "bad-huge-size", PRQ_E_FORMAT, true, 512 },
        { "bad-negative-size", PRQ_E_FORMAT, true, 0 },
        { "bad-truncated-header", PRQ_E_FORMAT, true, 1024 },
        { "bad-truncated-member", PRQ_E_FORMAT, true, 2048 },
        { "bad-empty", PRQ_E_FORMAT, true, 0 },
        { "bad-pax-size", PRQ_E_FORMAT, true, 1536 },
        { "bad-pax-record", PRQ_E_FORMAT, true, 512 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_tarindex ix;
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = load(cases[i].file, a, &ix, &err);
        if (ok != (cases[i].code == PRQ_E_NONE) || err.code != cases[i].code)
            fail_msg("%s: %d %s", cases[i].file, ok, err.text);
        if (!ok && (err.has_offset != cases[i].has_offset || err.offset != cases[i].offset))
            fail_msg("%s: byte %llu", cases[i].file, (unsigned long long)err.offset);
    }
}

static void test_tarindex_pax(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_tarindex ix;
    assert_true(load("pax-size", a, &ix, NULL));
    assert_int_equal(ix.members[0].size, 3);
    /* the pieces of a sparse file are no blob */
    assert_true(load("pax-sparse", a, &ix, NULL));
    assert_int_equal(ix.members[0].type, 's');
    assert_null(prq_tarindex_find(&ix, PRQ_S("f")));
}

static void test_tarindex_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_tarindex ix;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(load("pax", a, &ix, &err));
    struct prq_tar_bytes in = { read_at, &seed, seed.n };
    struct prq_limits few = prq_limits_default, narrow = few, brief = few;
    few.tar_members = 3;
    narrow.pax_bytes = 100;
    brief.path_bytes = 100;
    assert_false(prq_tarindex_read(&in, &few, a, &ix, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_false(prq_tarindex_read(&in, &narrow, a, &ix, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    assert_false(prq_tarindex_read(&in, &brief, a, &ix, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    PRQ_ARENA tiny = prq_arena_new(600);
    assert_false(prq_tarindex_read(&in, &prq_limits_default, tiny, &ix, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_path_clean(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "/a/./b//../c", "a/c" }, { "../../x", "x" }, { "", "" },      { "/", "" },
        { "a/..", "" },            { "a/b/..", "a" },  { "..", "" },    { "./a/", "a" },
        { "a/../../../b/c", "b/c" }, { "...", "..." }, { "a\\..\\b", "a\\..\\b" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_str(prq_path_clean(prq_str_from(cases[i][0]), a), cases[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tarindex_formats),
        cmocka_unit_test(test_tarindex_odd),
        cmocka_unit_test(test_tarindex_pax),
        cmocka_unit_test(test_tarindex_limits),
        cmocka_unit_test(test_path_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
