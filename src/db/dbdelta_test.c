/* SPDX-License-Identifier: Apache-2.0 */
/* Deltas by the layout of docs/database.md, byte for byte, and between files. */
#include <sys/stat.h>

#include "db/db_test.h"
#include "db/dbdelta.h"
#include "db/dbschema.h"
#include "lib/lib_test.h"

#define HEAD                                                                                       \
    "PRQDELTA\1\2"                                                                                 \
    "\2d1\2o1\2d2\2o2\4pypi\1s\24" "2026-02-02T00:00:00Z" "\0" "\12" "2026-01-01" "\1" "0" "\0"
#define RECORDS "\2" "\3osv\1a\2{}" "\3osv\1b\0"
#define DAYS "\1" "\3osv\1a\4PyPI\1n\1" "1" "\12" "2026-02-02"
#define FETCHED "\1" "\4path\1e\1m\0"

static bool parse(const char *p, size_t n, struct prq_arena *a, struct prq_delta *d,
                  struct prq_err *err)
{
    return prq_delta_parse((prq_bytes){ (const uint8_t *)p, n }, a, d, err);
}

static void test_layout(void **state)
{
    (void)state;
    static const char bytes[] = HEAD RECORDS DAYS FETCHED;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_BUF out;
    struct prq_delta d;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&out, PRQ_KIB(4));
    if (!parse(bytes, sizeof bytes - 1, a, &d, &err))
        fail_msg("%s", err.text);
    assert_int_equal(d.schema, 2);
    assert_str(d.from, "d1");
    assert_str(d.from_observed, "o1");
    assert_str(d.to, "d2");
    assert_str(d.about.digest, "d2");
    assert_str(d.about.built, "2026-02-02T00:00:00Z");
    assert_str(d.about.observed_since, "2026-01-01");
    assert_int_equal(d.record_count, 2);
    assert_str(d.records[0].doc, "{}");
    assert_str(d.records[1].id, "b");
    assert_int_equal(d.records[1].doc.n, 0);
    assert_int_equal(d.day_count, 1);
    assert_str(d.days[0].part[2], "PyPI");
    assert_str(d.days[0].day, "2026-02-02");
    assert_int_equal(d.validator_count, 1);
    assert_str(d.validators[0].modified, "m");
    assert_true(prq_delta_write(&d, &out));
    assert_int_equal(out.n, sizeof bytes - 1);
    assert_memory_equal(out.p, bytes, out.n);
}

/* One byte less is always too few. */
static void test_cut(void **state)
{
    (void)state;
    static const char bytes[] = HEAD RECORDS DAYS FETCHED;
    struct prq_delta d;
    for (size_t n = 0; n < sizeof bytes - 1; n++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(parse(bytes, n, a, &d, &err));
        assert_true(err.code == PRQ_E_FORMAT || err.code == PRQ_E_UNSUPPORTED);
    }
}

#define REFUSE(bytes, code, word) refuse(bytes, sizeof(bytes) - 1, code, word)
static void refuse(const char *bytes, size_t n, enum prq_code code, const char *word)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_delta d;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(parse(bytes, n, a, &d, &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.text, word))
        fail_msg("%s", err.text);
}

static void test_refused(void **state)
{
    (void)state;
    REFUSE("PRQDELTB\1\2", PRQ_E_FORMAT, "not a delta");
    REFUSE("PRQDELTA\2\2", PRQ_E_UNSUPPORTED, "another format");
    REFUSE(HEAD RECORDS DAYS FETCHED "x", PRQ_E_FORMAT, "bytes after");
    REFUSE(HEAD "\2" "\3osv\1b\0" "\3osv\1a\0" DAYS FETCHED, PRQ_E_FORMAT, "not ascending");
    REFUSE(HEAD "\2" "\3osv\1a\0" "\3osv\1a\0" DAYS FETCHED, PRQ_E_FORMAT, "not ascending");
    REFUSE(HEAD "\1" "\3o\0v\1a\0" DAYS FETCHED, PRQ_E_FORMAT, "NUL");
    REFUSE(HEAD "\xff\xff\xff\xff\x7f" "\3osv\1a\0", PRQ_E_FORMAT, "ends early");
}

/* ---- between files */

static void put_feed(const struct unit_dir *d, const char *fixes)
{
    char path[256], text[512];
    snprintf(path, sizeof path, "%s/feeds/wolfi", d->path);
    assert_int_equal(unit_sh(d->path, "mkdir -p feeds/wolfi"), 0);
    snprintf(path, sizeof path, "%s/feeds/wolfi/security.json", d->path);
    snprintf(text, sizeof text, "{\"packages\":[{\"pkg\":{\"name\":\"bind\",\"secfixes\":{%s}}}]}",
             fixes);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void build(const struct unit_dir *d, const char *name, const char *previous, const char *now)
{
    char from[128], to[128], before[128];
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(16));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_err err = PRQ_ERR_INIT;
    snprintf(from, sizeof from, "%s/feeds", d->path);
    snprintf(to, sizeof to, "%s/%s", d->path, name);
    snprintf(before, sizeof before, "%s/%s", d->path, previous);
    struct prq_db_build_opts opts = { .from = prq_str_from(from),
                                      .to = prq_str_from(to),
                                      .families = PRQ_S("wolfi"),
                                      .previous = prq_str_from(*previous ? before : ""),
                                      .now = prq_str_from(now) };
    if (!prq_db_build(&ctx, &opts, &err))
        fail_msg("%s", err.text);
}

static struct prq_sql *open_sql(const struct unit_dir *d, const char *name)
{
    char path[160];
    struct prq_sql *sql = NULL;
    snprintf(path, sizeof path, "%s/%s/wolfi.db", d->path, name);
    assert_true(prq_sql_open(path, PRQ_SQL_READ, &sql, NULL));
    return sql;
}

static void make(const struct unit_dir *d, const char *from, const char *to, struct prq_arena *a,
                 struct prq_delta *out)
{
    PRQ_SQL x = open_sql(d, from);
    PRQ_SQL y = open_sql(d, to);
    PRQ_BUF bytes;
    prq_buf_init(&bytes, PRQ_MIB(1));
    assert_true(prq_delta_make(x, y, a, &bytes, NULL));
    prq_str kept = prq_arena_copy(a, prq_buf_view(&bytes));
    assert_true(prq_delta_parse(prq_bytes_of(kept), a, out, NULL));
}

static void apply_chain(const struct unit_dir *d, const struct prq_delta *chain)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    PRQ_SQL from = open_sql(d, "one");
    char path[160], script[400];
    struct prq_err err = PRQ_ERR_INIT;
    snprintf(path, sizeof path, "%s/made.db", d->path);
    if (!prq_delta_apply(from, chain, 2, path, a, &err))
        fail_msg("%s", err.text);
    /* Written in the same order as the build writes: the same bytes. */
    snprintf(script, sizeof script, "cmp made.db three/wolfi.db && rm made.db");
    assert_int_equal(unit_sh(d->path, script), 0);
    assert_false(prq_delta_apply(from, chain, 1, path, a, &err)); /* begins at "two" */
    assert_int_equal(err.code, PRQ_E_FORMAT);
    struct prq_delta bad = chain[1]; /* leads to "two" */
    bad.records[0].doc = PRQ_S("{\"id\":\"CVE-2020-0009\",\"source\":\"wolfi-secdb\"}");
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(prq_delta_apply(from, &bad, 1, path, a, &err));
    assert_non_null(strstr(err.text, "another digest"));
}

static void test_files(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_delta chain[2]; /* newest first */
    put_feed(&d, "\"1-r0\":[\"CVE-2020-0001\",\"CVE-2020-0002\"]");
    build(&d, "one", "", "2026-02-01T00:00:00Z");
    put_feed(&d, "\"1-r0\":[\"CVE-2020-0002\"],\"2-r0\":[\"CVE-2020-0003\"]");
    build(&d, "two", "one", "2026-02-02T00:00:00Z");
    put_feed(&d, "\"1-r0\":[\"CVE-2020-0002\",\"CVE-2020-0004\"],\"2-r1\":[\"CVE-2020-0003\"]");
    build(&d, "three", "two", "2026-02-03T00:00:00Z");
    make(&d, "one", "two", a, &chain[1]);
    make(&d, "two", "three", a, &chain[0]);
    assert_int_equal(chain[1].record_count, 2); /* 1 gone, 3 new */
    assert_str(chain[1].records[0].id, "CVE-2020-0001");
    assert_int_equal(chain[1].records[0].doc.n, 0);
    assert_str(chain[1].records[1].id, "CVE-2020-0003");
    assert_int_equal(chain[0].record_count, 2); /* 3 changed, 4 new */
    assert_true(chain[0].day_count > 0);
    apply_chain(&d, chain);
    unit_dir_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
