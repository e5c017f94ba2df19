/* SPDX-License-Identifier: Apache-2.0 */
/* The Berkeley DB and NDB readers over the committed databases (tests/data/rpm/ORIGIN), whole and
 * damaged. What is in them: analyze/rpm_test.c. */
#include "unit.h"

#include "format/bdbhash.h"
#include "format/ndb.h"
#include "shared.h"

static uint8_t *fixture(struct prq_arena *a, const char *name, size_t *n)
{
    char path[4096];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/tests/data/rpm/%s", name);
    prq_bytes b = unit_slurp(a, path);
    uint8_t *copy = prq_arena_alloc(a, b.n + 1);
    if (!b.p || !copy)
        fail_msg("cannot read %s", path);
    memcpy(copy, b.p, b.n);
    *n = b.n;
    return copy;
}

struct counts {
    size_t items, fails, bytes;
    struct prq_err first; /* of the fails */
};

static struct counts walk_bdb(struct prq_arena *a, const uint8_t *p, size_t n)
{
    struct counts c = { .first = PRQ_ERR_INIT };
    struct prq_bdb db;
    struct prq_bdb_record rec;
    if (!prq_bdb_open(&db, (prq_bytes){ p, n }, a, &c.first)) {
        c.fails++;
        return c;
    }
    enum prq_next step;
    while ((step = prq_bdb_next(&db, &rec, c.fails ? NULL : &c.first)) != PRQ_NEXT_END) {
        c.fails += step == PRQ_NEXT_FAIL;
        c.items += step == PRQ_NEXT_ITEM;
        c.bytes += step == PRQ_NEXT_ITEM ? rec.value.n : 0;
        assert_true(c.items + c.fails <= n && c.bytes <= n);
    }
    return c;
}

static struct counts walk_ndb(const uint8_t *p, size_t n)
{
    struct counts c = { .first = PRQ_ERR_INIT };
    struct prq_ndb db;
    struct prq_ndb_record rec;
    if (!prq_ndb_open(&db, (prq_bytes){ p, n }, &c.first)) {
        c.fails++;
        return c;
    }
    enum prq_next step;
    while ((step = prq_ndb_next(&db, &rec, c.fails ? NULL : &c.first)) != PRQ_NEXT_END) {
        c.fails += step == PRQ_NEXT_FAIL;
        c.items += step == PRQ_NEXT_ITEM;
        c.bytes += step == PRQ_NEXT_ITEM ? rec.value.n : 0;
        assert_true(c.items + c.fails <= n && c.bytes <= n);
    }
    return c;
}

static void test_bdb_records(void **state)
{
    (void)state;
    static const char *const names[] = { "Packages-le", "Packages-be" };
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
        size_t n;
        const uint8_t *p = fixture(a, names[i], &n);
        struct counts c = walk_bdb(a, p, n);
        assert_int_equal(c.items, 4); /* three headers and the next number */
        assert_int_equal(c.fails, 0);
        assert_int_equal(c.bytes, 2064 + 2132 + 2040 + 4);
    }
}

/* The hash page with the records becomes the file's last one: the offset of the number of the last
 * page is 32, that of a page's type 25 (DBMETA and PAGE of Berkeley DB's db_page.h). */
static void test_bdb_last_page(void **state)
{
    (void)state;
    enum { PAGE = 512, TYPE = 25, LAST = 32 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    size_t n, moved = 0;
    uint8_t *p = fixture(a, "Packages-le", &n), *longer = prq_arena_alloc(a, n + PAGE);
    assert_non_null(longer);
    for (size_t page = PAGE; page < n; page += PAGE) {
        if (p[page + TYPE] != 2 && p[page + TYPE] != 13)
            continue;
        memcpy(longer, p, n);
        memcpy(longer + n, p + page, PAGE);
        longer[page + TYPE] = 0;
        longer[LAST] = (uint8_t)(n / PAGE);
        struct counts c = walk_bdb(a, longer, n + PAGE);
        assert_int_equal(c.items, 4);
        assert_int_equal(c.fails, 0);
        moved++;
    }
    assert_true(moved > 0);
}

/* Every byte of a file in turn is another one: no more is lost than hangs on it, the walk ends. */
static void test_bdb_damaged(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    size_t n;
    uint8_t *p = fixture(a, "Packages-le", &n);
    struct prq_mark mark = prq_arena_mark(a);
    for (size_t i = 0; i < n; i++) {
        uint8_t keep = p[i];
        p[i] = (uint8_t)(keep + 1 + i % 254);
        walk_bdb(a, p, n);
        p[i] = keep;
        prq_arena_rewind(a, mark);
    }
    static const struct {
        size_t at;
        uint8_t value;
        const char *why;
    } rows[] = {
        { 12, 0, "not a Berkeley DB hash file" },
        { 24, 1, "Berkeley DB file is encrypted" },
        { 25, 9, "Berkeley DB file without a hash metadata page" },
        { 21, 3, "Berkeley DB page size is out of range" },
        { 34, 1, "Berkeley DB file ends before its last page" },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        uint8_t keep = p[rows[i].at];
        p[rows[i].at] = rows[i].value;
        struct counts c = walk_bdb(a, p, n);
        assert_int_equal(c.fails, 1);
        assert_string_equal(c.first.text, rows[i].why);
        p[rows[i].at] = keep;
    }
}

/* An overflow chain that comes back to itself. */
static void test_bdb_loop(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    size_t n, loops = 0;
    uint8_t *p = fixture(a, "Packages-le", &n);
    for (size_t page = 512; page < n; page += 512)
        if (p[page + 25] == 7 && memcmp(p + page + 16, "\0\0\0\0", 4) != 0) {
            uint8_t keep = p[page + 16];
            p[page + 16] = (uint8_t)(page / 512);
            struct counts c = walk_bdb(a, p, n);
            assert_int_equal(c.items, 3);
            assert_int_equal(c.fails, 1);
            assert_string_equal(c.first.text, "broken chain of overflow pages");
            p[page + 16] = keep;
            loops++;
        }
    assert_true(loops > 3);
}

static void test_ndb_damaged(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    size_t n;
    uint8_t *p = fixture(a, "Packages.db", &n);
    struct counts c = walk_ndb(p, n);
    assert_int_equal(c.items, 3);
    assert_int_equal(c.fails, 0);
    static const struct {
        size_t at;
        uint8_t value;
        const char *why;
    } rows[] = {
        { 0, 'r', "not an rpm NDB file" },
        { 4, 1, "rpm NDB version is not read" },
        { 12, 0, "rpm NDB file without slots" },
        { 12, 9, "rpm NDB slot without its magic" },
        { 33, 'x', "rpm NDB slot without its magic" },
        { 36, 7, "rpm NDB record with a malformed head" },
        { 42, 7, "rpm NDB record outside of the file" },
        { 4096 + 13, 7, "rpm NDB record with a malformed end" },
        { 4096 + 14, 9, "rpm NDB record with a malformed head" },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        uint8_t keep = p[rows[i].at];
        p[rows[i].at] = rows[i].value;
        c = walk_ndb(p, n);
        assert_string_equal(c.first.text, rows[i].why);
        p[rows[i].at] = keep;
    }
    for (size_t i = 0; i < n; i++) {
        uint8_t keep = p[i];
        p[i] = (uint8_t)(keep + 1 + i % 254);
        walk_ndb(p, n);
        p[i] = keep;
    }
}

/* All slots point at one record. */
static void test_ndb_overlap(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    size_t n;
    uint8_t *p = fixture(a, "Packages.db", &n);
    for (size_t slot = 48; slot < 4096; slot += 16)
        memcpy(p + slot, p + 32, 16);
    struct counts c = walk_ndb(p, n);
    assert_true(c.items < 8 && c.fails > 200);
    assert_string_equal(c.first.text, "rpm NDB records overlap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bdb_records),
        cmocka_unit_test(test_bdb_last_page), cmocka_unit_test(test_bdb_damaged),
        cmocka_unit_test(test_bdb_loop),    cmocka_unit_test(test_ndb_damaged),
        cmocka_unit_test(test_ndb_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
