/* SPDX-License-Identifier: Apache-2.0 */
/* The expectation is SQLite itself: it writes the files and answers what is in them. */
#include "unit.h"

#include <sqlite3.h>
#include <unistd.h>

#include "format/sqlitefile.h"
#include "shared.h"

static void sql(sqlite3 *db, const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", text, why);
}

static prq_bytes image_of(sqlite3 *db, struct prq_arena *a)
{
    sqlite3_int64 n = 0;
    unsigned char *p = sqlite3_serialize(db, "main", &n, 0);
    assert_non_null(p);
    uint8_t *copy = prq_arena_alloc(a, (size_t)n);
    assert_non_null(copy);
    memcpy(copy, p, (size_t)n);
    sqlite3_free(p);
    return (prq_bytes){ copy, (size_t)n };
}

static void same_value(const struct prq_sqlite_value *v, sqlite3_stmt *st, int col)
{
    static const int types[] = { SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT,
                                 SQLITE_BLOB };
    int type = sqlite3_column_type(st, col);
    /* SQLite stores whole numbers of REAL columns as integers. */
    if (type == SQLITE_FLOAT && v->type == PRQ_SQLITE_INTEGER) {
        assert_true((double)v->integer == sqlite3_column_double(st, col));
        return;
    }
    assert_int_equal(types[v->type], type);
    if (type == SQLITE_INTEGER)
        assert_true(v->integer == sqlite3_column_int64(st, col));
    else if (type == SQLITE_FLOAT)
        assert_true(memcmp(&v->real, &(double){ sqlite3_column_double(st, col) }, 8) == 0);
    else if (type != SQLITE_NULL) {
        const void *p = sqlite3_column_blob(st, col);
        size_t n = (size_t)sqlite3_column_bytes(st, col);
        assert_int_equal(v->bytes.n, n);
        assert_true(n == 0 || memcmp(v->bytes.p, p, n) == 0);
    }
}

/* Our rows of `table` are SQLite's. Returns how many. */
static size_t compare(sqlite3 *db, prq_bytes file, prq_bytes wal, const char *table,
                      struct prq_arena *a)
{
    struct prq_sqlite our;
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_sqlite_open(&our, file, a, &err) || !prq_sqlite_wal(&our, wal, &err) ||
        !prq_sqlite_table(&our, prq_str_from(table), &rows, &err))
        fail_msg("%s", err.text);
    char text[128];
    snprintf(text, sizeof text, "select rowid, * from %s order by rowid", table);
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
    size_t n = 0;
    enum prq_next step;
    while ((step = prq_sqlite_next(&rows, &row, &err)) == PRQ_NEXT_ITEM) {
        assert_int_equal(sqlite3_step(st), SQLITE_ROW);
        assert_true(row.rowid == sqlite3_column_int64(st, 0));
        for (size_t i = 0; i < row.count; i++)
            if (i > 0 || row.v[i].type != PRQ_SQLITE_NULL) /* the alias of the rowid */
                same_value(&row.v[i], st, (int)i + 1);
        n++;
    }
    if (step == PRQ_NEXT_FAIL)
        fail_msg("%s", err.text);
    assert_int_equal(sqlite3_step(st), SQLITE_DONE);
    sqlite3_finalize(st);
    return n;
}

static sqlite3 *memory_db(int page_size, int reserved)
{
    sqlite3 *db;
    char text[64];
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    snprintf(text, sizeof text, "pragma page_size=%d", page_size);
    sql(db, text);
    assert_int_equal(sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved),
                     SQLITE_OK);
    return db;
}

/* Payloads around every border of the local part, many rows, and holes. */
static void fill(sqlite3 *db)
{
    sql(db, "create table first(x);"
            "create table Packages(hnum INTEGER PRIMARY KEY, blob BLOB);"
            "create index by_blob on Packages(blob);"
            "with recursive n(i) as (select 1 union all select i+1 from n where i<1200)"
            " insert into Packages select i*3, randomblob(i) from n;"
            "insert into Packages values(-5, randomblob(200000)),(1<<40, zeroblob(70000));"
            "delete from Packages where hnum % 7 = 0;"
            "with recursive n(i) as (select 1 union all select i+1 from n where i<3000)"
            " insert into Packages select 10000+i, randomblob(i%40) from n;");
}

static void test_sqlite_pages(void **state)
{
    (void)state;
    static const int sizes[] = { 512, 1024, 4096, 65536 }, reserved[] = { 0, 12, 32 };
    for (size_t s = 0; s < PRQ_COUNT(sizes); s++)
        for (size_t r = 0; r < PRQ_COUNT(reserved); r++) {
            PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
            sqlite3 *db = memory_db(sizes[s], reserved[r]);
            fill(db);
            prq_bytes file = image_of(db, a);
            assert_int_equal(file.p[20], reserved[r]);
            size_t n = compare(db, file, (prq_bytes){ 0 }, "Packages", a);
            assert_true(n > 4000);
            sqlite3_close(db);
        }
}

static void test_sqlite_values(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    sqlite3 *db = memory_db(512, 0);
    sql(db, "create table t(id integer primary key, a, b real, c text);"
            "insert into t(a,b,c) values(0,1,'x'),(1,2.5,''),(-1,-1e300,null),(127,0,'h\xc3\xa9'),"
            "(-32768,1,1),(8388607,1,2),(-2147483648,1,3),(140737488355327,1,4),"
            "(9223372036854775807,9e99,5),(-9223372036854775808,0.1,x'00ff');");
    prq_bytes file = image_of(db, a);
    assert_int_equal(compare(db, file, (prq_bytes){ 0 }, "T", a), 10);
    struct prq_sqlite our;
    struct prq_sqlite_rows rows;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_sqlite_open(&our, file, a, NULL));
    assert_false(prq_sqlite_table(&our, PRQ_S("absent"), &rows, &err));
    assert_string_equal(err.text, "no such SQLite table");
    sqlite3_close(db);
}

/* ---- the write-ahead log */

struct on_disk {
    char dir[64], path[96], wal[104], shm[104];
    sqlite3 *db;
};

static void disk_open(struct on_disk *d)
{
    strcpy(d->dir, "/tmp/prq-sqlite-XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    snprintf(d->path, sizeof d->path, "%s/t.sqlite", d->dir);
    snprintf(d->wal, sizeof d->wal, "%s-wal", d->path);
    snprintf(d->shm, sizeof d->shm, "%s-shm", d->path);
    assert_int_equal(sqlite3_open(d->path, &d->db), SQLITE_OK);
    sql(d->db, "pragma page_size=1024; pragma journal_mode=wal; pragma wal_autocheckpoint=0");
}

static void disk_close(struct on_disk *d)
{
    sqlite3_close(d->db);
    unlink(d->path);
    unlink(d->wal);
    unlink(d->shm);
    rmdir(d->dir);
}

static void test_sqlite_wal(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct on_disk d;
    disk_open(&d);
    sql(d.db, "create table t(id integer primary key, b blob);"
              "with recursive n(i) as (select 1 union all select i+1 from n where i<300)"
              " insert into t select i, randomblob(i*7) from n");
    assert_true(compare(d.db, unit_slurp(a, d.path), unit_slurp(a, d.wal), "t", a) == 300);
    /* A second round writes over the first one's frames and leaves stale ones behind. */
    sql(d.db, "pragma wal_checkpoint(full); delete from t where id % 3 = 0;"
              "update t set b = randomblob(5000) where id = 7");
    prq_bytes file = unit_slurp(a, d.path), wal = unit_slurp(a, d.wal);
    assert_true(compare(d.db, file, wal, "t", a) == 200);
    /* What is not committed is not there. */
    sql(d.db, "pragma cache_size=5; begin; delete from t where id < 250");
    prq_bytes begun = unit_slurp(a, d.wal);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(d.path, &other), SQLITE_OK);
    assert_true(compare(other, unit_slurp(a, d.path), begun, "t", a) == 200);
    sqlite3_close(other);
    sql(d.db, "commit");
    assert_true(compare(d.db, unit_slurp(a, d.path), unit_slurp(a, d.wal), "t", a) < 200);
    disk_close(&d);
}

static void test_sqlite_wal_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct on_disk d;
    disk_open(&d);
    sql(d.db, "create table t(id integer primary key, b); pragma wal_checkpoint(truncate);"
              "insert into t values(1,2)");
    prq_bytes file = unit_slurp(a, d.path), wal = unit_slurp(a, d.wal);
    disk_close(&d);
    static const struct {
        size_t at;
        const char *why;
    } rows[] = {
        { 0, "not an SQLite write-ahead log" },
        { 6, "write-ahead log version is not read" },
        { 10, "write-ahead log has another page size" },
        { 17, "write-ahead log header checksum does not hold" },
    };
    struct prq_sqlite our;
    struct prq_err err = PRQ_ERR_INIT;
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        prq_str copy = prq_arena_copy(a, prq_str_of(wal));
        uint8_t *bytes = prq_arena_alloc(a, wal.n);
        memcpy(bytes, copy.p, wal.n);
        bytes[rows[i].at] ^= 0x55;
        assert_true(prq_sqlite_open(&our, file, a, NULL));
        assert_false(prq_sqlite_wal(&our, (prq_bytes){ bytes, wal.n }, &err));
        assert_string_equal(err.text, rows[i].why);
    }
    assert_true(prq_sqlite_open(&our, file, a, NULL));
    assert_true(prq_sqlite_wal(&our, (prq_bytes){ 0 }, NULL));
}

/* ---- hostile files */

/* Steps until the end; each costs part of the file, so they are bounded by it. */
static size_t walk(prq_bytes file, struct prq_arena *a, size_t *items, struct prq_err *err)
{
    struct prq_sqlite our;
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    *items = 0;
    if (!prq_sqlite_open(&our, file, a, err) || !prq_sqlite_table(&our, PRQ_S("t"), &rows, err))
        return 0;
    size_t steps = 0;
    enum prq_next step;
    while ((step = prq_sqlite_next(&rows, &row, err)) != PRQ_NEXT_END) {
        *items += step == PRQ_NEXT_ITEM;
        assert_true(++steps <= file.n);
    }
    return steps;
}

static void test_sqlite_hostile(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    sqlite3 *db = memory_db(512, 0);
    sql(db, "create table t(id integer primary key, b blob);"
            "with recursive n(i) as (select 1 union all select i+1 from n where i<60)"
            " insert into t select i, randomblob(i*20) from n");
    prq_bytes file = image_of(db, a);
    sqlite3_close(db);
    struct prq_mark mark = prq_arena_mark(a);
    size_t items;

    /* Cut: an error, or one at the end of what was there. */
    for (size_t n = 0; n < file.n; n += 61) {
        struct prq_err err = PRQ_ERR_INIT;
        size_t steps = walk((prq_bytes){ file.p, n }, a, &items, &err);
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_true(steps == 0 || steps > items);
        prq_arena_rewind(a, mark);
    }
    /* Every byte damaged in turn: the walk ends. */
    uint8_t *copy = prq_arena_alloc(a, file.n);
    mark = prq_arena_mark(a);
    for (size_t i = 0; i < file.n; i++) {
        memcpy(copy, file.p, file.n);
        copy[i] = (uint8_t)(copy[i] + 1 + i % 254);
        walk((prq_bytes){ copy, file.n }, a, &items, NULL);
        prq_arena_rewind(a, mark);
    }
}

static void test_sqlite_loop(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    sqlite3 *db = memory_db(512, 0);
    sql(db, "create table t(id integer primary key, b blob);"
            "with recursive n(i) as (select 1 union all select i+1 from n where i<60)"
            " insert into t select i, randomblob(100) from n");
    prq_bytes file = image_of(db, a);
    sqlite3_close(db);
    uint8_t *copy = prq_arena_alloc(a, file.n);
    memcpy(copy, file.p, file.n);
    uint8_t *root = copy + 512; /* page 2 */
    assert_int_equal(root[0], 5);
    memcpy(root + 8, "\0\0\0\2", 4); /* its right child is itself */
    size_t items;
    struct prq_err err = PRQ_ERR_INIT;
    size_t steps = walk((prq_bytes){ copy, file.n }, a, &items, &err);
    assert_int_equal(steps, items + 1);
    assert_true(items > 40 && items < 60);
    assert_string_equal(err.text, "SQLite page is missing or used twice");
    assert_int_equal(err.offset, 512 + 8);

    db = memory_db(512, 0);
    sql(db, "pragma encoding='UTF-16le'; create table t(x)");
    err = (struct prq_err)PRQ_ERR_INIT;
    walk(image_of(db, a), a, &items, &err);
    assert_int_equal(err.code, PRQ_E_UNSUPPORTED);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sqlite_pages),   cmocka_unit_test(test_sqlite_values),
        cmocka_unit_test(test_sqlite_wal),     cmocka_unit_test(test_sqlite_wal_broken),
        cmocka_unit_test(test_sqlite_hostile), cmocka_unit_test(test_sqlite_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
