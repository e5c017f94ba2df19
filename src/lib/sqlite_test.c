/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sqlite.h"

#include <errno.h>

#include "lib/lib_test.h"

static char *path_in(const struct unit_dir *d, const char *name, char *out, size_t n)
{
    snprintf(out, n, "%s/%s", d->path, name);
    return out;
}

static void insert(struct prq_sql *db, const char *name, int64_t n, prq_bytes body)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_SQL_STMT put = NULL;
    assert_true(prq_sql_prepare(db, "INSERT INTO row VALUES (?1, ?2, ?3)", &put, &err));
    prq_sql_bind_text(put, 1, prq_str_from(name));
    prq_sql_bind_int(put, 2, n);
    prq_sql_bind_blob(put, 3, body);
    assert_true(prq_sql_run(put, &err));
    assert_int_equal(prq_sql_changes(db), 1);
}

static void build(const char *path)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_SQL db = NULL;
    assert_true(prq_sql_open(path, PRQ_SQL_BUILD, &db, &err));
    assert_true(prq_sql_exec(db,
                             "CREATE TABLE row (name TEXT PRIMARY KEY, n INT, body BLOB);"
                             "BEGIN",
                             &err));
    insert(db, "a", -5, (prq_bytes){ (const uint8_t *)"x\0y", 3 });
    insert(db, "b", INT64_MAX, (prq_bytes){ 0 });
    assert_true(prq_sql_exec(db, "COMMIT", &err));
}

static void expect_rows(struct prq_sql *db)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_SQL_STMT get = NULL;
    assert_true(prq_sql_prepare(db, "SELECT n, body, NULL FROM row WHERE name = ?1", &get, &err));
    for (int round = 0; round < 2; round++) {
        prq_sql_bind_text(get, 1, PRQ_S("a"));
        assert_int_equal(prq_sql_step(get, &err), PRQ_NEXT_ITEM);
        assert_int_equal(prq_sql_int(get, 0), -5);
        assert_int_equal(prq_sql_blob(get, 1).n, 3);
        assert_memory_equal(prq_sql_blob(get, 1).p, "x\0y", 3);
        assert_true(prq_sql_is_null(get, 2));
        assert_int_equal(prq_sql_text(get, 2).n, 0);
        assert_int_equal(prq_sql_step(get, &err), PRQ_NEXT_END);
        prq_sql_reset(get);
    }
    prq_sql_bind_text(get, 1, PRQ_S("absent"));
    assert_int_equal(prq_sql_step(get, &err), PRQ_NEXT_END);
}

static void test_sql_build_and_read(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    char path[256];
    path_in(&d, "with ?#% in it.db", path, sizeof path);
    build(path);
    struct prq_err err = PRQ_ERR_INIT;
    static const enum prq_sql_mode modes[] = { PRQ_SQL_READ, PRQ_SQL_IMMUTABLE, PRQ_SQL_WRITE };
    for (size_t i = 0; i < PRQ_COUNT(modes); i++) {
        PRQ_SQL db = NULL;
        assert_true(prq_sql_open(path, modes[i], &db, &err));
        expect_rows(db);
        if (modes[i] == PRQ_SQL_WRITE)
            continue;
        assert_false(prq_sql_exec(db, "DELETE FROM row", &err));
        assert_false(prq_sql_exec(db, "ATTACH ':memory:' AS x", &err));
    }
    PRQ_BUF file = unit_slurp(&d, "with ?#% in it.db");
    PRQ_SQL db = NULL;
    assert_true(prq_sql_open_bytes(prq_buf_bytes(&file), &db, &err));
    expect_rows(db);
    assert_false(prq_sql_exec(db, "DELETE FROM row", &err));
    assert_false(prq_sql_exec(db, "ATTACH ':memory:' AS x", &err));
    /* and a second build does not overwrite */
    struct prq_sql *none = NULL;
    assert_false(prq_sql_open(path, PRQ_SQL_BUILD, &none, &err));
    assert_int_equal(err.code, PRQ_E_IO);
    unit_dir_free(&d);
}

static void test_sql_errors(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    char path[256];
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_sql *db = NULL;
    assert_false(prq_sql_open(path_in(&d, "absent", path, sizeof path), PRQ_SQL_READ, &db, &err));
    assert_int_equal(err.code, PRQ_E_IO);
    assert_int_equal(err.sys, ENOENT);
    assert_true(prq_str_starts(prq_str_from(err.text), prq_str_from(path)));

    static const char text[] = "this is surely not a database, but long enough for its header: "
                               "0123456789012345678901234567890123456789";
    prq_bytes bytes = { (const uint8_t *)text, sizeof text };
    unit_write(&d, "text", bytes);
    assert_false(prq_sql_open(path_in(&d, "text", path, sizeof path), PRQ_SQL_READ, &db, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(prq_sql_open_bytes(bytes, &db, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(prq_sql_open_bytes((prq_bytes){ 0 }, &db, &err));

    assert_true(prq_sql_open(path_in(&d, "new", path, sizeof path), PRQ_SQL_WRITE, &db, &err));
    struct prq_sql_stmt *st;
    assert_false(prq_sql_prepare(db, "SELECT 1 FROM absent", &st, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(prq_sql_prepare(db, "SELECT ?1", &st, &err));
    prq_sql_bind_int(st, 2, 1);
    assert_int_equal(prq_sql_step(st, &err), PRQ_NEXT_FAIL);
    assert_int_equal(err.code, PRQ_E_BUG);
    prq_sql_finish(st);
    prq_sql_close(db);
    unit_dir_free(&d);
}

static void test_sql_budget(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    char path[256];
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_SQL db = NULL;
    assert_true(prq_sql_open(path_in(&d, "new", path, sizeof path), PRQ_SQL_WRITE, &db, &err));
    static const char endless[] = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c)"
                                  "SELECT count(*) FROM c";
    prq_sql_budget(db, 100000, NULL);
    assert_false(prq_sql_exec(db, endless, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    atomic_bool cancel = true;
    prq_sql_budget(db, 0, &cancel);
    assert_false(prq_sql_exec(db, endless, &err));
    assert_int_equal(err.code, PRQ_E_CANCELLED);
    unit_dir_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sql_build_and_read),
        cmocka_unit_test(test_sql_errors),
        cmocka_unit_test(test_sql_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
