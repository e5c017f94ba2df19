/* SPDX-License-Identifier: Apache-2.0 */
/* From a directory of feeds to an open database. */
#include <sys/stat.h>

#include "db/db_test.h"
#include "db/dbaddress.h"
#include "db/dbschema.h"
#include "lib/lib_test.h"

#define NOW "2026-02-01T12:00:00Z"

static void put(const struct unit_dir *d, const char *path, const char *text)
{
    char full[256], script[300];
    snprintf(full, sizeof full, "%s/%s", d->path, path);
    snprintf(script, sizeof script, "mkdir -p \"$(dirname '%s')\"", full);
    assert_int_equal(unit_sh("/", script), 0);
    FILE *f = fopen(full, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void put_feeds(const struct unit_dir *d)
{
    put(d, "feeds/alpine-secdb/v3.17/main.json",
        "{\"packages\":[{\"pkg\":{\"name\":\"bind\",\"secfixes\":{\"0\":[\"CVE-2019-6470\"],"
        "\"9.18.11-r0\":[\"CVE-2022-3094 GHSA-q62m-2vph-rq3x\"]}}}]}");
    put(d, "feeds/alpine-secdb/edge/community.json",
        "{\"packages\":[{\"pkg\":{\"name\":\"bind\",\"secfixes\":{"
        "\"9.18.12-r0\":[\"CVE-2022-3094\"]}}}]}");
    put(d, "feeds/debian/tracker.json",
        "{\"curl\":{\"CVE-2022-43552\":{\"description\":\"text\",\"releases\":{\"bullseye\":{"
        "\"status\":\"resolved\",\"fixed_version\":\"7.74.0-1.3+deb11u5\"},\"buster\":{"
        "\"status\":\"open\"}}}}}");
    put(d, "feeds/cisa/known_exploited_vulnerabilities.json",
        "{\"dateReleased\":\"2026-01-30T00:00:00Z\",\"vulnerabilities\":[{\"cveID\":"
        "\"CVE-2022-3094\",\"dateAdded\":\"2026-01-29\"}]}");
    put(d, "feeds/wolfi/security.json", "{\"packages\":[]}");
}

static bool build(const struct unit_dir *d, const char *families, struct prq_err *err)
{
    char from[128], to[128];
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(16));
    struct prq_ctx ctx = unit_ctx(scratch);
    snprintf(from, sizeof from, "%s/feeds", d->path);
    snprintf(to, sizeof to, "%s/made/db", d->path);
    struct prq_db_build_opts opts = { .from = prq_str_from(from),
                                      .to = prq_str_from(to),
                                      .families = prq_str_from(families),
                                      .now = PRQ_S(NOW) };
    return prq_db_build(&ctx, &opts, err);
}

static struct prq_db *open_db(const struct unit_dir *d, struct prq_err *err)
{
    char dir[128];
    struct prq_db *db = NULL;
    snprintf(dir, sizeof dir, "%s/made/db", d->path);
    return prq_db_open(prq_str_from(dir), &db, err) ? db : NULL;
}

static void test_build_and_read(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    put_feeds(&d);
    /* Wolfi's feed is empty: a failure of that family alone. */
    assert_true(build(&d, "", &err));
    assert_false(build(&d, "wolfi", &err));
    assert_int_equal(err.code, PRQ_E_DATA);
    struct prq_db *db = open_db(&d, &err);
    assert_non_null(db);
    const struct prq_family *families;
    assert_int_equal(prq_db_families(db, &families), 3);
    assert_str(families[0].name, "alpine");
    assert_str(families[2].feed_date, "2026-01-30T00:00:00Z");
    assert_true(prq_db_has_family(db, "kev"));
    assert_false(prq_db_has_family(db, "wolfi"));
    assert_true(prq_db_has_space(db, PRQ_S("Debian:10")));
    assert_false(prq_db_has_space(db, PRQ_S("Debian:12")));
    assert_false(prq_db_has_space(db, PRQ_S("Ubuntu:22.04")));

    struct prq_db_row *rows;
    size_t n;
    assert_true(prq_db_lookup(db, PRQ_S("Alpine:3.17"), PRQ_S("bind"), a, &rows, &n, &err));
    assert_int_equal(n, 2);
    assert_str(rows[0].id, "CVE-2019-6470");
    assert_int_equal(rows[0].affected.state, PRQ_FIX_NOT_AFFECTED);
    assert_str(rows[1].source, "alpine-secdb");
    assert_str(rows[1].aliases.v[0], "GHSA-q62m-2vph-rq3x");
    assert_str(rows[1].affected.fixed.v[0], "9.18.11-r0");
    assert_true(rows[1].affected.is_source);
    /* What the family does not have is no error. */
    assert_true(prq_db_lookup(db, PRQ_S("Alpine:3.18"), PRQ_S("bind"), a, &rows, &n, &err));
    assert_int_equal(n, 0);
    assert_true(prq_db_lookup(db, PRQ_S("PyPI"), PRQ_S("django"), a, &rows, &n, &err));
    assert_int_equal(n, 0);

    struct prq_record r;
    assert_true(
        prq_db_record(db, "alpine", PRQ_S("alpine-secdb"), PRQ_S("CVE-2022-3094"), a, &r, &err));
    assert_int_equal(r.affected_count, 2);
    assert_true(prq_db_record(db, "alpine", PRQ_S("alpine-secdb"), PRQ_S("CVE-1"), a, &r, &err));
    assert_int_equal(r.id.n, 0);
    struct prq_cve_info info;
    assert_true(prq_db_cve(db, PRQ_S("CVE-2022-3094"), a, &info, &err));
    assert_true(info.is_kev && !info.kev_ransomware && !info.has_epss);
    assert_str(info.kev_added, "2026-01-29");
    assert_true(prq_db_cve(db, PRQ_S("CVE-2000-0001"), a, &info, &err));
    assert_false(info.is_kev);
    prq_db_close(db);
    unit_dir_free(&d);
}

static void test_print(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(1));
    put_feeds(&d);
    assert_true(build(&d, "", &err));
    struct prq_db *db = open_db(&d, &err);
    assert_true(prq_db_status_write(db, PRQ_S("2026-02-03T00:00:00Z"), true, &out, &err));
    assert_true(prq_str_has(prq_buf_view(&out), PRQ_S("\"feed_date\": \"2026-01-30T00:00:00Z\",\n"
                                                      "      \"age_days\": 4")));
    static const struct {
        prq_str query, expected;
    } cases[] = {
        { PRQ_SI("cve-2022-3094"), PRQ_SI("CVE-2022-3094         Alpine:3.17   bind") },
        { PRQ_SI("GHSA-q62m-2vph-rq3x"), PRQ_SI("CVE-2022-3094         Alpine:edge   bind") },
        { PRQ_SI("curl"), PRQ_SI("CVE-2022-43552        Debian:10     curl                      "
                                 "not-fixed") },
        { PRQ_SI("no\tsuch"), PRQ_SI("nothing is known of no?such\n") },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        prq_buf_clear(&out);
        assert_true(prq_db_search_write(db, cases[i].query, false, a, &out, &err));
        if (!prq_str_has(prq_buf_view(&out), cases[i].expected))
            fail_msg("%.*s", PRQ_FMT(prq_buf_view(&out)));
    }
    prq_db_close(db);
    unit_dir_free(&d);
}

/* Runs SQL over a family's file. */
static void alter(const struct unit_dir *d, const char *file, const char *sql)
{
    char path[160];
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_SQL db = NULL;
    snprintf(path, sizeof path, "%s/made/db/%s", d->path, file);
    if (!prq_sql_open(path, PRQ_SQL_WRITE, &db, &err) || !prq_sql_exec(db, sql, &err))
        fail_msg("%s", err.text);
}

static void test_open_refuses(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "PRAGMA application_id=1",
        "PRAGMA user_version=99",
        "CREATE TABLE more(x)",
        "CREATE VIEW v AS SELECT 1",
        "UPDATE meta SET value='debian' WHERE key='family'",
        "UPDATE meta SET value='x' WHERE key='records'",
    };
    for (size_t i = 0; i < PRQ_COUNT(changes); i++) {
        struct unit_dir d = unit_dir_new();
        struct prq_err err = PRQ_ERR_INIT;
        put_feeds(&d);
        assert_true(build(&d, "kev", &err));
        alter(&d, "kev.db", changes[i]);
        assert_null(open_db(&d, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        unit_dir_free(&d);
    }
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    assert_null(open_db(&d, &err));
    assert_int_equal(err.code, PRQ_E_DATA);
    put(&d, "made/db/kev.db", "not a database at all, but long enough to be looked at ........");
    assert_null(open_db(&d, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    unit_dir_free(&d);
}

/* Rows that are not ours fail the look-up and nothing else. */
static void test_lookup_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "x''", "x'00'", "x'01'", "x'ffffffffff0f'", "x'010000030100ff'", "x'0100000301000000'"
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        struct unit_dir d = unit_dir_new();
        struct prq_err err = PRQ_ERR_INIT;
        char sql[128];
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_db_row *found;
        size_t n;
        put_feeds(&d);
        assert_true(build(&d, "alpine", &err));
        snprintf(sql, sizeof sql, "UPDATE package SET rows=%s", rows[i]);
        alter(&d, "alpine.db", sql);
        struct prq_db *db = open_db(&d, &err);
        assert_non_null(db);
        assert_false(prq_db_lookup(db, PRQ_S("Alpine:3.17"), PRQ_S("bind"), a, &found, &n, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        prq_db_close(db);
        unit_dir_free(&d);
    }
}

static void test_broken_file(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    put_feeds(&d);
    /* Nothing to fall back to: a broken branch is passed over and counted. */
    put(&d, "feeds/alpine-secdb/v3.16/main.json", "{\"packages\":[{\"pkg\":{\"name\":\"a\",");
    assert_true(build(&d, "alpine", &err));
    struct prq_db *db = open_db(&d, &err);
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_KIB(64));
    assert_true(prq_db_status_write(db, PRQ_S(NOW), true, &out, &err));
    assert_true(prq_str_has(prq_buf_view(&out),
                            PRQ_S("\"skip_reason\": \"alpine-secdb/v3.16/main.json: ")));
    prq_db_close(db);
    /* With a file before it: that one stays. */
    assert_false(build(&d, "alpine", &err));
    assert_true(strstr(err.text, "v3.16/main.json") != NULL);
    db = open_db(&d, &err);
    assert_non_null(db);
    prq_db_close(db);
    unit_dir_free(&d);
}

/* A page of an installed file is overwritten: whoever installs it again is told. */
static void test_check_file(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    char path[256];
    put_feeds(&d);
    assert_true(build(&d, "kev", &err));
    snprintf(path, sizeof path, "%s/made/db/kev.db", d.path);
    assert_true(prq_db_check_file(path, &err));
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    for (long at = 4096; at < ftell(f); at += 4096) {
        long end = ftell(f);
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        fputs("\x0d\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", f);
        assert_int_equal(fseek(f, end, SEEK_SET), 0);
    }
    fclose(f);
    assert_false(prq_db_check_file(path, &err));
    unit_dir_free(&d);
}

/* What nobody asks is not opened; what is wrong with the rest is told when it is asked for. */
static void test_open_lazily(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    char dir[128];
    snprintf(dir, sizeof dir, "%s/made/db", d.path);
    put_feeds(&d);
    assert_true(build(&d, "alpine", &err));
    put(&d, "made/db/npm.db", "not a database at all, but long enough to be looked at ........");
    struct prq_db *db;
    struct prq_db_row *rows;
    size_t n;
    assert_null(open_db(&d, &err));
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_true(prq_db_open_lazily(prq_str_from(dir), &db, &err));
    assert_true(prq_db_has_family(db, "npm"));
    assert_false(prq_db_has_family(db, "pypi"));
    assert_true(prq_db_lookup(db, PRQ_S("Alpine:3.17"), PRQ_S("x"), a, &rows, &n, &err));
    assert_true(prq_db_has_space(db, PRQ_S("npm")));
    assert_false(prq_db_lookup(db, PRQ_S("npm"), PRQ_S("x"), a, &rows, &n, &err));
    assert_int_equal(err.code, PRQ_E_DATA);
    prq_db_close(db);
    unit_dir_free(&d);
}

static void test_addresses(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    prq_str none = { 0 };
    assert_str(prq_feed_address(PRQ_S("osv/Red Hat/all.zip"), none, none, a),
               "https://storage.googleapis.com/osv-vulnerabilities/Red%20Hat/all.zip");
    assert_str(prq_feed_address(PRQ_S("osv/AlmaLinux:9/all.zip"), none, none, a),
               "https://storage.googleapis.com/osv-vulnerabilities/AlmaLinux%3A9/all.zip");
    assert_str(prq_feed_address(PRQ_S("debian/tracker.json"), none, none, a),
               "https://security-tracker.debian.org/tracker/data/json");
    /* What lies beside packages has no address of ours. */
    static const char *const beside[] = {
        "wolfi/security.json", "chainguard/security.json", "minimos/security.json",
        "amazon/2023/core/repodata/updateinfo.xml.gz",
        "photon/photon_cve_metadata/cve_data_photon5.0.json",
    };
    for (size_t i = 0; i < PRQ_COUNT(beside); i++)
        assert_str(prq_feed_address(prq_str_from(beside[i]), none, none, a), "");
    static const char *const vendors[][2] = {
        { "oracle/com.oracle.elsa-all.xml.bz2",
          "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2" },
        { "suse/oval/opensuse.leap.15.6.xml.gz",
          "https://ftp.suse.com/pub/projects/security/oval/opensuse.leap.15.6.xml.gz" },
        { "ubuntu/vex/vex-all.tar.xz",
          "https://security-metadata.canonical.com/vex/vex-all.tar.xz" },
        { "arch/all.json", "https://security.archlinux.org/all.json" },
        { "eol/products/full", "https://endoflife.date/api/v1/products/full" },
        { "azurelinux/azurelinux-3.0-oval.xml",
          "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/"
          "azurelinux-3.0-oval.xml" },
        { "azurelinux/cbl-mariner-2.0-oval.xml",
          "https://raw.githubusercontent.com/microsoft/CBL-MarinerVulnerabilityData/main/"
          "cbl-mariner-2.0-oval.xml" },
    };
    for (size_t i = 0; i < PRQ_COUNT(vendors); i++)
        assert_str(prq_feed_address(prq_str_from(vendors[i][0]), none, none, a), vendors[i][1]);
    assert_str(prq_feed_address(PRQ_S("wolfi/security.json"), none,
                                PRQ_S("x/=https://b.example/, wolfi/=https://a.example/os/"), a),
               "https://a.example/os/security.json");
    assert_str(
        prq_feed_address(PRQ_S("wolfi/security.json"), PRQ_S("http://m.example/x/"), none, a),
        "http://m.example/x/wolfi/security.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build_and_read), cmocka_unit_test(test_print),
        cmocka_unit_test(test_open_refuses),   cmocka_unit_test(test_lookup_refuses),
        cmocka_unit_test(test_broken_file),    cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_check_file),     cmocka_unit_test(test_open_lazily),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
