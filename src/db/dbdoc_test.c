/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_test.h"
#include "db/dbschema.h"
#include "db/dbspace.h"
#include "db/jsonutil.h"

#define RECORD                                                                                     \
    "{\"affected\":[{\"advisories\":[\"DSA-1\"],\"arches\":[\"386\"],\"fixed\":[\"1\",\"2\"],"     \
    "\"goos\":\"js\",\"is_source\":1,\"module\":\"a:1\",\"name\":\"n\",\"note\":\"why\","          \
    "\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1\",\"limit\",\"9\",\"last_affected\",\"8\"]]," \
    "\"ratings\":[{\"primary\":1,\"scheme\":\"word\",\"source\":\"s\",\"value\":\"low\"}],"        \
    "\"space\":\"npm\",\"spelling\":\"N\",\"state\":\"wont-fix\",\"versions\":[\"0\",\"3\"]},"     \
    "{\"name\":\"o\",\"ranges\":[[\"introduced\",\"0\",\"fixed\",\"1\"]],\"space\":\"npm\","       \
    "\"state\":\"fixed\"}],\"aliases\":[\"A\",\"B\"],\"cves\":[\"C\"],\"cwes\":[\"CWE-1\"],"       \
    "\"details\":\"d\",\"disputed\":1,\"id\":\"I\",\"malicious\":1,\"modified\":\"m\","            \
    "\"published\":\"p\",\"ratings\":[{\"value\":\"v\"}],\"references\":[{\"type\":\"WEB\","       \
    "\"url\":\"u\"}],\"source\":\"osv\",\"summary\":\"s\",\"upstream\":[\"U\"],\"withdrawn\":1}"

static void test_record_round_trip(void **state)
{
    (void)state;
    struct capture c;
    struct prq_record r;
    struct prq_err err = PRQ_ERR_INIT;
    capture_open(&c);
    if (!prq_record_parse(PRQ_S(RECORD), c.a, &r, &err))
        fail_msg("%s", err.text);
    assert_int_equal(r.affected[1].fixed.n, 1); /* implied */
    assert_true(prq_record_write(&r, c.a, &c.text, &err));
    capture_is(&c, RECORD);
    capture_close(&c);
}

static void test_record_is_canonical(void **state)
{
    (void)state;
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_open(&c);
    prq_str aliases[] = { PRQ_S("b"), PRQ_S("a"), PRQ_S("b") };
    struct prq_reference refs[] = { { PRQ_S("WEB"), PRQ_S("x") },
                                    { PRQ_S("FIX"), PRQ_S("y") },
                                    { PRQ_S("WEB"), PRQ_S("x") } };
    struct prq_record r = { .id = PRQ_S("I"),
                            .source = PRQ_S("s"),
                            .aliases = { aliases, 3 },
                            .references = refs,
                            .reference_count = 3 };
    assert_true(prq_record_write(&r, c.a, &c.text, &err));
    capture_is(&c, "{\"aliases\":[\"a\",\"b\"],\"id\":\"I\",\"references\":[{\"type\":\"FIX\","
                   "\"url\":\"y\"},{\"type\":\"WEB\",\"url\":\"x\"}],\"source\":\"s\"}");
    capture_close(&c);
}

static void test_record_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "7",
        "{\"id\":\"a\"",
        "{\"affected\":[{\"state\":\"odd\"}]}",
        "{\"affected\":[{\"ranges\":[[\"introduced\"]]}]}",
        "{\"affected\":[{\"ranges\":[[\"intro\",\"0\"]]}]}",
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_record r;
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_record_parse(prq_str_from(bad[i]), a, &r, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

/* Every row of RECORD gives the same record back. */
static void test_row_round_trip(void **state)
{
    (void)state;
    struct capture c;
    struct prq_record r;
    capture_open(&c);
    assert_true(prq_record_parse(PRQ_S(RECORD), c.a, &r, NULL));
    for (size_t i = 0; i < r.affected_count; i++) {
        struct prq_db_row row;
        struct prq_affected *p = &r.affected[i];
        PRQ_BUF blob;
        PRQ_BUF again;
        prq_buf_init(&blob, PRQ_KIB(4));
        prq_buf_init(&again, PRQ_KIB(4));
        assert_true(prq_row_write(&r, p, &blob));
        assert_true(prq_row_parse(prq_buf_bytes(&blob), c.a, &row, NULL));
        assert_int_equal(row.affected.state, p->state);
        assert_int_equal(row.affected.fixed.n, p->fixed.n);
        assert_true(row.is_withdrawn && row.is_disputed && row.is_malicious);
        struct prq_record back = { .aliases = row.aliases,
                                   .cves = row.cves,
                                   .is_withdrawn = true,
                                   .is_disputed = true,
                                   .is_malicious = true };
        assert_true(prq_row_write(&back, &row.affected, &again));
        assert_int_equal(again.n, blob.n);
        assert_memory_equal(again.p, blob.p, blob.n);
        /* Any shorter row is malformed, and so is a longer one. */
        for (size_t n = 0; n < blob.n; n++) {
            uint8_t *exact = malloc(n ? n : 1);
            memcpy(exact, blob.p, n);
            struct prq_err err = PRQ_ERR_INIT;
            assert_false(prq_row_parse((prq_bytes){ exact, n }, c.a, &row, &err));
            assert_int_equal(err.code, PRQ_E_FORMAT);
            free(exact);
        }
        prq_buf_byte(&blob, 0);
        assert_false(prq_row_parse(prq_buf_bytes(&blob), c.a, &row, NULL));
    }
    capture_close(&c);
}

static void test_row_budget(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(1024);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_db_row row;
    uint8_t blob[4096] = { 1, 0x80, 0x01, 1, 0xe8, 0x07 }; /* 1,000 empty ranges */
    assert_false(prq_row_parse((prq_bytes){ blob, sizeof blob }, a, &row, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_join(void **state)
{
    (void)state;
    struct capture c;
    struct prq_record out;
    capture_open(&c);
    /* matching.md 3.1: scalars from the newest, each package from the newest copy that has it. */
    struct prq_record v[2];
    assert_true(prq_record_parse(
        PRQ_S("{\"affected\":[{\"name\":\"a\",\"space\":\"npm\",\"versions\":[\"1\"]},{\"name\":"
              "\"b\",\"space\":\"npm\"}],\"id\":\"I\",\"modified\":\"2020\",\"source\":\"osv\","
              "\"summary\":\"old\"}"),
        c.a, &v[0], NULL));
    assert_true(prq_record_parse(
        PRQ_S("{\"affected\":[{\"name\":\"a\",\"space\":\"npm\",\"versions\":[\"2\"]},{\"name\":"
              "\"a\",\"space\":\"npm\",\"versions\":[\"3\"]}],\"id\":\"I\",\"modified\":\"2021\","
              "\"source\":\"osv\",\"summary\":\"new\"}"),
        c.a, &v[1], NULL));
    assert_true(prq_record_join(v, 2, PRQ_JOIN_NEWEST, c.a, &out));
    assert_true(prq_record_write(&out, c.a, &c.text, NULL));
    capture_is(&c, "{\"affected\":[{\"name\":\"a\",\"space\":\"npm\",\"versions\":[\"2\"]},"
                   "{\"name\":\"a\",\"space\":\"npm\",\"versions\":[\"3\"]},{\"name\":\"b\","
                   "\"space\":\"npm\"}],\"id\":\"I\",\"modified\":\"2021\",\"source\":\"osv\","
                   "\"summary\":\"new\"}");
    capture_close(&c);
}

static void test_spaces(void **state)
{
    (void)state;
    static const struct {
        const char *ecosystem, *space;
    } cases[] = {
        { "PyPI", "PyPI" },
        { "npm", "npm" },
        { "Go", "Go" },
        { "Wolfi", "Wolfi" },
        { "Debian:11", "Debian:11" },
        { "Debian:6.0", "Debian:6" },
        { "Debian:3.1", "Debian:3.1" },
        { "Alpine:v3.18", "Alpine:3.18" },
        { "Alpine:edge", "Alpine:edge" },
        { "AlmaLinux:9", "AlmaLinux:9" },
        { "AlmaLinux", "" },
        { "Alpine:3.18", "" },
        { "PyPI:x", "" },
        { "PyPI:", "" },
        { "Debian:", "" },
        { "Debian:a b", "" },
        { "pypi", "" },
        { "", "" },
        { "Ubuntu:20.04:LTS", "Ubuntu:20.04" },
        { "Ubuntu:24.10", "Ubuntu:24.10" },
        { "Ubuntu:Pro:18.04:LTS", "Ubuntu:18.04+esm" },
        { "Ubuntu:Pro:FIPS:20.04:LTS", "Ubuntu:20.04+fips" },
        { "Ubuntu:Pro:FIPS-updates:20.04:LTS", "Ubuntu:20.04+fips-updates" },
        { "Ubuntu:20.4", "" },
        { "Ubuntu:Pro", "" },
        { "Ubuntu:20.04:LTS:x", "" },
        { "Ubuntu", "" },
        { "Red Hat:enterprise_linux:9::appstream", "Red Hat:9" },
        { "Red Hat:rhel_eus:9.2::appstream", "Red Hat:9" },
        { "Red Hat:openshift:4.12::el8", "Red Hat:8" },
        { "Red Hat:satellite:6", "Red Hat:other" },
        { "Rocky Linux:9", "Rocky Linux:9" },
        { "SUSE:Linux Enterprise Server 15 SP5", "SUSE:15.5" },
        { "SUSE:Linux Enterprise Module for Basesystem 15 SP5", "SUSE:15.5" },
        { "SUSE:Linux Enterprise Server 15", "SUSE:15.0" },
        { "SUSE:Linux Enterprise Micro 5.5", "SUSE:micro-5.5" },
        { "SUSE:Linux Enterprise Server 15 SP3-LTSS", "SUSE:Linux Enterprise Server 15 SP3-LTSS" },
        { "SUSE:Package Hub 12", "SUSE:Package Hub 12" },
        { "openSUSE:Leap 15.6", "openSUSE:15.6" },
        { "openSUSE:Tumbleweed", "openSUSE:Tumbleweed" },
        { "Maven", "Maven" },
        { "Maven:https://repo.example:8/x", "Maven" },
        { "Packagist:https://packages.drupal.org/8", "Packagist" },
        { "crates.io", "crates.io" },
        { "GitHub Actions", "GitHub Actions" },
        { "RubyGems:x", "" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_str(prq_space_of_ecosystem(prq_str_from(cases[i].ecosystem), a), cases[i].space);
    assert_str(prq_space_of_codename(PRQ_S("bullseye")), "Debian:11");
    assert_str(prq_space_of_codename(PRQ_S("hamm")), "");
    assert_string_equal(prq_db_family_of_space(PRQ_S("Alpine:3.17")), "alpine");
    assert_string_equal(prq_db_family_of_space(PRQ_S("Ubuntu:22.04")), "ubuntu");
    assert_null(prq_db_family_of_space(PRQ_S("Fedora:39")));
    assert_str(prq_repository_of_ecosystem(PRQ_S("Maven:https://repo.example:8/x")),
               "https://repo.example:8/x");
    assert_str(prq_repository_of_ecosystem(PRQ_S("Debian:12")), "");
}

static void test_fold(void **state)
{
    (void)state;
    static const struct {
        const char *space, *name, *folded;
    } cases[] = {
        { "PyPI", "Oslo.Utils", "oslo-utils" },
        { "PyPI", "a-_.b--c", "a-b-c" },
        { "PyPI", "-a_", "-a-" },
        { "PyPI", "plain-name", "plain-name" },
        { "PyPI", "", "" },
        { "npm", "@Babel/Traverse_x", "@babel/traverse_x" },
        { "Go", "github.com/Azure/x", "github.com/Azure/x" },
        { "Debian:11", "Curl", "Curl" },
        { "Unknown", "A_b", "A_b" },
        { "crates.io", "Rust-Crypto", "rust_crypto" },
        { "NuGet", "Newtonsoft.Json", "newtonsoft.json" },
        { "Packagist", "Symfony/Symfony", "symfony/symfony" },
        { "Maven", "org.Acme:X-y", "org.Acme:X-y" },
        { "RubyGems", "RedCloth", "RedCloth" },
        { "SwiftURL", "https://GitHub.com/Apple/swift-nio.git", "github.com/Apple/swift-nio" },
        { "SwiftURL", "github.com/apple/swift-nio", "github.com/apple/swift-nio" },
        { "SwiftURL", "https://", "" },
        { "GitHub Actions", "Actions/Checkout", "actions/checkout" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_str(prq_name_fold(prq_str_from(cases[i].space), prq_str_from(cases[i].name), a),
                   cases[i].folded);
}

static void test_ids(void **state)
{
    (void)state;
    assert_true(prq_feed_is_cve(PRQ_S("CVE-2021-44228")));
    assert_true(prq_feed_is_cve(PRQ_S("CVE-1999-0001")));
    assert_false(prq_feed_is_cve(PRQ_S("CVE-2021-442")));
    assert_false(prq_feed_is_cve(PRQ_S("CVE-2021-44228x")));
    assert_false(prq_feed_is_cve(PRQ_S("cve-2021-44228")));
    assert_true(prq_feed_is_ghsa(PRQ_S("GHSA-2c8c-84w2-j38j")));
    assert_false(prq_feed_is_ghsa(PRQ_S("GHSA-2c8c-84w2-j38")));
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_str(prq_feed_time(PRQ_S("2024-09-26T05:18:33.211"), a), "2024-09-26T05:18:33.211Z");
    assert_str(prq_feed_time(PRQ_S("2024-09-26T05:18:33Z"), a), "2024-09-26T05:18:33Z");
    assert_str(prq_feed_time(PRQ_S("0001-01-01T00:00:00Z"), a), "");
    assert_str(prq_feed_time(PRQ_S("2024-09-26"), a), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_round_trip),
        cmocka_unit_test(test_record_is_canonical),
        cmocka_unit_test(test_record_refuses),
        cmocka_unit_test(test_row_round_trip),
        cmocka_unit_test(test_row_budget),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_spaces),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
