/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include "lib/regex.h"

extern const struct prq_analyzer prq_analyzer_classify;

/* Strings as they stand in the programs (Debian 12, upstream's own builds); the versions are those
 * that the programs print. */
#define ROW(path, content, name, version, cpe) \
    { path, content, sizeof(content) - 1, name, version, cpe }
static const struct row {
    const char *path, *content;
    size_t n;
    const char *name, *version; /* NULL: nothing is found */
    const char *cpe;            /* the first; NULL: not looked at */
} rows[] = {
    ROW("usr/bin/python3.11", "\0pymalloc\0" "3.11.2\0strict\0", "python", "3.11.2",
        "cpe:2.3:a:python:python:3.11.2:*:*:*:*:*:*:*"),
    ROW("python3.11", "\0" "3.1.4\0" "3.11\0" "1.2.13\0" "3.110.2\0", NULL, NULL, NULL),
    ROW("lib/libpython3.6m.so.1.0", "\0" "3.6.15\0", "python", "3.6.15", NULL),
    ROW("lib/libpython3.11.so.1.0", "/tmp/build/Python-3.11.7\0./Modules", "python", "3.11.7", NULL),
    ROW("usr/bin/python3.9", "\0" "3.9.2+\0", "python", "3.9.2+",
        "cpe:2.3:a:python:python:3.9.2\\+:*:*:*:*:*:*:*"),
    ROW("usr/bin/python", "\0" "3.9.2\0", NULL, NULL, NULL),
    ROW("bin/node", "x node.js/v22.23.3 y", "node", "22.23.3",
        "cpe:2.3:a:nodejs:node.js:22.23.3:*:*:*:*:*:*:*"),
    ROW("bin/node", "agent.\n\0v4.9.1\0moduleLoadList\0", "node", "4.9.1", NULL),
    ROW("lib/libruby-3.1.so.3.1", "\0ruby 3.1.7p261 (2025-03-26 revision 0a3704f218) [x]\0", "ruby",
        "3.1.7", NULL),
    ROW("bin/ruby", "ruby 1.9.3p551 (2014-11-13 revision 48407)", "ruby", "1.9.3p551",
        "cpe:2.3:a:ruby-lang:ruby:1.9.3:p551:*:*:*:*:*:*"),
    ROW("bin/ruby", "jruby 9.4.5.0 (3.1.4)", NULL, NULL, NULL),
    ROW("usr/bin/perl", "PERL5LIB\0PERL_INTERNAL_RAND_SEED\0v5.36.0\0panic", "perl", "5.36.0", NULL),
    ROW("usr/sbin/php-fpm8.2", "\0X-Powered-By: PHP/8.2.36\0", "php-fpm", "8.2.36",
        "cpe:2.3:a:php:php:8.2.36:*:*:*:*:*:*:*"),
    ROW("usr/lib/php/20220829/xmlwriter.so", "\0xmlwriter\0" "8.2.36\0API20220829,NTS\0",
        "php-xmlwriter", "8.2.36", NULL),
    ROW("usr/lib/php/20220829/redis.so", "Redis Support\0" "5.3.7\0Redis Version\0API20220829,NTS\0",
        "php-redis", "5.3.7", NULL),
    ROW("usr/lib/php-other/x.so", "\0" "8.2.36\0API\0", NULL, NULL, NULL),
    ROW("usr/bin/composer", "'root' => array('pretty_version' => '2.5.7',", "composer", "2.5.7", NULL),
    ROW("jvm/bin/java", "\0openjdk\0java\0" "0.0\0" "17.0.21.1+2-1-deb12u1-Debian\0-J-ms8m\0",
        "openjdk", "17.0.21.1+2-1-deb12u1-Debian",
        "cpe:2.3:a:oracle:openjdk:17.0.21.1\\+2-1-deb12u1-debian:*:*:*:*:*:*:*"),
    ROW("jvm/bin/jdb", "\0openjdk\0jdb\0" "0.0\0" "25.0.3+9-LTS\0-J-ms8m\0", "openjdk", "25.0.3+9-LTS",
        NULL),
    ROW("jvm/bin/java", "\0openjdk\0java\0" "1.8\0" "1.8.0_352-b08\0", "openjdk", "1.8.0_352-b08",
        "cpe:2.3:a:oracle:openjdk:1.8.0:update352:*:*:*:*:*:*"),
    ROW("jvm/bin/java", "\0" "0.0\0\0\0\0\0" "11.0.22+7\0\0\0\0\0\0\0openjdk\0java\0", "openjdk",
        "11.0.22+7", NULL),
    ROW("usr/lib/jvm/zulu11/bin/java", "\0openjdk\0java\0" "0.0\0" "11.0.17+8-LTS\0", "zulu",
        "11.0.17+8-LTS", "cpe:2.3:a:azul:zulu:11.0.17\\+8-lts:*:*:*:*:*:*:*"),
    ROW("opt/ibm/java/bin/java", "\0java\0" "1.8\0\0\0" "1.8.0-foreman_2022_01_20_09_33-b00\0", "java",
        "1.8.0-foreman_2022_01_20_09_33-b00", NULL),
    ROW("graal/bin/java", "\0" "17.0.3+7-jvmci-22.1-b06\0", "graalvm", "17.0.3+7-jvmci-22.1-b06", NULL),
    ROW("jdk/bin/java", "\0" "19.0.1+10-21\0" "0.0\0java\0", "jre", "19.0.1+10-21", NULL),
    ROW("lib/libstd-d1237ef7159db0a2.so", "LLVM (rustc version 1.97.0-nightly (e50aa6fba 2026-05-19))",
        "rust", "1.97.0-nightly", NULL),
    ROW("lib/libstd-a5a48102fbd58791.so", "CAPACITY/usr/src/rustc-1.63.0/library/alloc/src/x.rs",
        "rust", "1.63.0", NULL),
    ROW("otp/bin/beam.smp", "\0\0" "26.1.2\0\0\0\0Erlang/OTP", "erlang", "26.1.2",
        "cpe:2.3:a:erlang:erlang\\/otp:26.1.2:*:*:*:*:*:*:*"),
    ROW("otp/bin/erl", "BINDIR=\"$ROOTDIR/erts-13.1.5/bin\"", "erlang", "25.2.3", NULL),
    ROW("otp/bin/erl", "BINDIR=\"$ROOTDIR/erts-99.1.5/bin\"", NULL, NULL, NULL),
    ROW("otp/releases/25/OTP_VERSION", "25.2.3\n", "erlang", "25.2.3", NULL),
    ROW("usr/local/go/VERSION", "go1.26.8\ntime 2026-09-01T00:00:00Z\n", "go", "1.26.8", NULL),
    ROW("usr/local/go/VERSION", "devel go1.25-d524e1e Sun Feb 16\n", "go", "1.25-d524e1e", NULL),
    ROW("app/VERSION", "1.21.3\n", NULL, NULL, NULL),
    ROW("app/VERSION", "needs go1.21.3\n", NULL, NULL, NULL),
    ROW("usr/local/go/bin/go", "\0\0go1.21.3\0\0", "go", "1.21.3", NULL),
    ROW("bin/deno", "Exporter-Deno/0.80.0grpc denover2.9.6Deno/2.9.6+e518fbd", "deno", "2.9.6", NULL),
    ROW("bin/deno", "deno-ab286750a8c87215a9651efb11fcc620f29140051.16.4release/vdl", "deno", "1.16.4",
        NULL),
    ROW("bin/bun", "Bun v1.4.5\n", "bun", "1.4.5", NULL),
    ROW("bin/ffmpeg", "\0%s version N-47683-g0e8eb07980-static\0", NULL, NULL, NULL),
    ROW("bin/ffmpeg", "\0%s version 5.1.9-0+deb12u1\0", "ffmpeg", "5.1.9", NULL),
    ROW("bin/bash", "@(#)Bash version 5.2.15(1) release GNU", "bash", "5.2.15", NULL),
    ROW("bin/gzip", "gzip\0" "1.12\0", "gzip", "1.12", NULL),
    ROW("usr/bin/sudo", "sudoers\0" "1.9.13p3\0", "sudo", "1.9.13p3",
        "cpe:2.3:a:sudo_project:sudo:1.9.13:p3:*:*:*:*:*:*"),
    ROW("usr/sbin/sshd", "OpenSSH_9.2p1 Debian-2+deb12u10\0", "openssh", "9.2p1",
        "cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*"),
    ROW("usr/bin/openssl", "\0OpenSSL 1.1.1w  11 Sep 2023\0", "openssl", "1.1.1w", NULL),
    ROW("usr/bin/openssl", "\0OpenSSL 1.1.1 (compatible; AWS-LC 1.69.0)\0", "aws-lc", "1.69.0", NULL),
    ROW("lib/libcrypto.so.1.1", "\0OpenSSL 1.1.1 (compatible; BoringSSL)\0", NULL, NULL, NULL),
    ROW("x.libs/libcrypto-fb8d5b21.so.3", "\0OpenSSL 3.5.8 1 Sep 2026\0", "openssl", "3.5.8", NULL),
    ROW("usr/bin/curl", "libcurl/8.0.0\0curl/7.88.1\0", "curl", "7.88.1", NULL),
    ROW("usr/sbin/nginx", "\0nginx version: openresty/1.21.4.1\0", "nginx", "1.21.4",
        "cpe:2.3:a:f5:nginx:1.21.4:*:*:*:*:*:*:*"),
    ROW("usr/sbin/haproxy", " version 2.6.12-1+deb12u4, released 2026/10/17\0", "haproxy", "2.6.12", NULL),
    ROW("usr/bin/redis-check-rdb", "err\0" "7.0.15\0c11-builtin\0", "redis", "7.0.15", NULL),
    ROW("usr/bin/redis-server", "0000\0\0" "5.0.05ca5019de136-1539906480000000000\0", "redis", "5.0.0",
        NULL),
    ROW("usr/bin/redis-server", "\xdf" "A7.0.151790282056000000000\0", "redis", "7.0.15", NULL),
    ROW("usr/bin/valkey-server", "valkey9.0.0buildkitsandbox-1764887574000000000\0", "valkey", "9.0.0",
        NULL),
    ROW("bin/postgres", "\0PostgreSQL 15beta4 (Debian", "postgresql", "15beta4", NULL),
    ROW("bin/mysql", "/BUILD/Percona-XtraDB-Cluster-8.0.34/percona-server-8.0.34/x",
        "percona-xtradb-cluster", "8.0.34", "cpe:2.3:a:percona:xtradb_cluster:8.0.34:*:*:*:*:*:*:*"),
    ROW("bin/mysql", "x/release/mysql-8.0.4-rc/mysys_ssl/my_default.cc", "mysql", "8.0.4", NULL),
    ROW("bin/mongod", "7.0.28\0heap_size", "mongodb", "7.0.28", NULL),
    ROW("ff/application.ini", "[App]\nVendor=Mozilla\nName=Firefox\nVersion=153.7.0\n[Gecko]\n",
        "firefox", "153.7.0", NULL),
    ROW("ff/application.ini", "[App]\nName=Thunderbird\n[X]\nName=Firefox\nVersion=1.0\n", NULL, NULL, NULL),
    ROW("chrome", "cdm\0" "126.0.6478.182\0Default\n", "chrome", "126.0.6478.182", NULL),
    ROW("usr/bin/busybox", "another bad binary", NULL, NULL, NULL),
    ROW("usr/bin/nginx", "", NULL, NULL, NULL),
};

static void run_row(const struct row *r, struct capture *c, struct prq_arena *a)
{
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(c, a);
    assert_true(capture_run(c, &prq_analyzer_classify, r->path,
                            (prq_bytes){ (const uint8_t *)r->content, r->n }, &err));
}

static void test_classify_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
        struct capture c;
        const struct row *r = &rows[i];
        run_row(r, &c, a);
        if (c.package_count != (r->name ? 1 : 0))
            print_error("%s %s: %zu packages\n", r->path, r->version ? r->version : "-",
                        c.package_count);
        assert_int_equal(c.package_count, r->name ? 1 : 0);
        if (!r->name)
            continue;
        const struct prq_package *p = &c.packages[0];
        assert_str(p->type, "binary");
        assert_str(p->name, r->name);
        assert_str(p->version, r->version);
        if (r->cpe) {
            assert_true(p->cpes.n > 0);
            assert_str(p->cpes.v[0], r->cpe);
        }
    }
}

/* A file may be two things at once, and be known by another type. */
static void test_classify_products(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    static const struct row cluster = ROW("mysqld", "-cluster-gpl\0" "5.7.33-ndb-7.6.17\0", "", "", NULL);
    struct capture c;
    run_row(&cluster, &c, a);
    assert_int_equal(c.package_count, 2);
    assert_str(capture_package(&c, "mysql-server")->version, "5.7.33");
    assert_str(capture_package(&c, "mysql-cluster")->version, "7.6.17");

    static const struct row consul = ROW("consul", "<!-- CONSUL_VERSION: 1.15.2\n -->", "", "", NULL);
    run_row(&consul, &c, a);
    assert_str(c.packages[0].type, "golang");
    assert_str(c.packages[0].name, "github.com/hashicorp/consul");

    static const struct row ghc = ROW("ghc-9.0.2", "\0GHC 9.0.2\0", "", "", NULL);
    run_row(&ghc, &c, a);
    assert_str(c.packages[0].ns, "haskell");
    assert_str(c.packages[0].name, "haskell/ghc");

    static const struct row erl = ROW("erl", "erts-16.3/bin", "", "", NULL);
    run_row(&erl, &c, a);
    assert_int_equal(c.packages[0].flags, PRQ_PKG_GUESSED);
}

/* A file made of what looks like versions ends in LIMIT, soon. */
static void test_classify_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    static const char unit[] = "\0" "1.30.1\0";
    uint8_t *p = prq_arena_alloc(a, PRQ_MIB(8));
    assert_non_null(p);
    for (size_t i = 0; i + sizeof unit - 1 <= PRQ_MIB(8); i += sizeof unit - 1)
        memcpy(p + i, unit, sizeof unit - 1);
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    assert_false(capture_run(&c, &prq_analyzer_classify, "envoy", (prq_bytes){ p, PRQ_MIB(8) }, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);

    capture_init(&c, a);
    c.room = 0;
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(capture_run(&c, &prq_analyzer_classify, "bun", CAPTURE_BYTES("Bun v1.4.5"), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

/* ---- the table itself */

struct rule {
    const char *group, *product;
    const char *choice;
    prq_str anchor, needs;
    const char *dir;
    uint16_t before;
    bool inside, is_named;
    const char *pattern;
};

#define PRODUCT(id, type, ns, name, ...) id,
#define FILES(group, ...)
#define RULE(group, product, ...)
#define ERTS(erts, otp)
static const char *const products[] = {
#include "analyze/classifiers.def"
};
#undef PRODUCT
#undef FILES
#undef RULE
#define PRODUCT(id, type, ns, name, ...)
#define FILES(group, ...) group,
#define RULE(group, product, ...)
static const char *const groups[] = {
#include "analyze/classifiers.def"
};
#undef FILES
#undef RULE
#define FILES(group, ...)
#define RULE(group, product, ...) { group, product, __VA_ARGS__ },
static const struct rule rules[] = {
#include "analyze/classifiers.def"
};

static bool is_among(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool is_used(const char *product)
{
    for (size_t i = 0; i < PRQ_COUNT(rules); i++)
        if (strcmp(product, rules[i].product) == 0)
            return true;
    return false;
}

/* Every rule has files and a product, its pattern compiles, and it catches a version. */
static void test_classify_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        struct prq_err err = PRQ_ERR_INIT;
        PRQ_REGEX regex = NULL;
        bool ok = prq_regex_new(prq_str_from(r->pattern), PRQ_REGEX_DOTALL, &prq_limits_default,
                                &regex, &err);
        if (!ok)
            print_error("%s: %s: %s\n", r->group, r->pattern, err.text);
        assert_true(ok);
        assert_true(strstr(r->pattern, "(?<v>") || strstr(r->pattern, "(?<erts>"));
        assert_true(is_among(r->product, products, PRQ_COUNT(products)));
        assert_true(is_among(r->group, groups, PRQ_COUNT(groups)));
        assert_true(r->before == 0 || r->anchor.n > 0);
    }
    for (size_t i = 0; i < PRQ_COUNT(products); i++) {
        assert_true(is_used(products[i]));
        assert_false(is_among(products[i], products, i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classify_rows),
        cmocka_unit_test(test_classify_products),
        cmocka_unit_test(test_classify_limits),
        cmocka_unit_test(test_classify_table),
    };
    return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
