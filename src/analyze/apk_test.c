/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_apk;

static const char installed[] = "lib/apk/db/installed";

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_apk, path, data, &err))
        fail_msg("%s", err.text);
}

/* Lines in the manner of alpine 3.19's busybox and ssl_client. */
#define BUSYBOX                                                                  \
    "C:Q1tSkotDGQQ2dMMhFCGhyYUAg+TLQ=\nP:busybox\nV:1.36.1-r15\nA:x86_64\n"      \
    "S:509600\nI:950272\nT:Size optimized toolbox\nU:https://busybox.net/\n"     \
    "L:GPL-2.0-only\no:busybox\nm:Some Body <some@example.org>\nt:1699383189\n"  \
    "c:d1b6f274f29076967826e0ecf6ebcaa5d360272f\nk:100\n"                        \
    "D:so:libc.musl-x86_64.so.1 !gone musl>=1.2\np:/bin/sh cmd:busybox=1.36.1-r15 cmd:sh\n" \
    "r:busybox-initscripts\nF:bin\nR:busybox\na:0:0:755\nZ:Q1x\nR:sh\nF:\nR:at-root\n" \
    "F:etc\nF:etc/logrotate.d\nM:0:0:755\nR:acpid\n"

static void test_apk_fields(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, installed,
           CAPTURE_BYTES(BUSYBOX "\nC:Q1tSkotDGQQ2dMMhFCGhyYUAg+TLQ=\nP:ssl_client\nV:1.36.1-r15\n"
                                 "A:x86_64\nL:GPL-2.0-only\no:busybox\nD:\np:")); /* cut */
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "ends in the middle of a line");
    assert_int_equal(c.package_count, 2);
    const struct prq_package *p = capture_package(&c, "busybox");
    assert_str(p->type, "apk");
    assert_str(p->version, "1.36.1-r15");
    assert_str(p->arch, "x86_64");
    assert_str(p->vendor, "Some Body <some@example.org>");
    assert_str(p->source_name, "");
    assert_true(p->size_bytes == 950272);
    assert_int_equal(p->licenses.n, 1);
    assert_str(p->licenses.v[0], "GPL-2.0-only");
    assert_int_equal(p->depends.n, 2);
    assert_str(p->depends.v[0], "so:libc.musl-x86_64.so.1");
    assert_str(p->depends.v[1], "musl");
    assert_int_equal(p->provides.n, 3);
    assert_str(p->provides.v[0], "/bin/sh");
    assert_str(p->provides.v[1], "cmd:busybox");
    assert_int_equal(p->flags, 0);
    p = capture_package(&c, "ssl_client");
    assert_str(p->source_name, "busybox");
    assert_str(p->source_version, "");
    assert_int_equal(p->depends.n + p->provides.n, 0);
    const struct capture_owned *o = capture_owned(&c, "apk:busybox");
    assert_non_null(o);
    const char *paths[] = { "bin/busybox", "bin/sh", "at-root", "etc/logrotate.d/acpid" };
    assert_int_equal(o->paths.n, PRQ_COUNT(paths));
    for (size_t i = 0; i < PRQ_COUNT(paths); i++)
        assert_str(o->paths.v[i], paths[i]);
    assert_null(capture_owned(&c, "apk:ssl_client"));
}

static void test_apk_oddities(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "usr/lib/apk/db/installed",
           CAPTURE_BYTES("\n\nP:.build-deps\r\nV:20240101.101010\r\n\r\n" /* apk add --virtual */
                         "P:twice\nV:1-r0\n\nP:twice\nV:2-r0\n\n"
                         "V:3-r0\n\n"                 /* nobody's */
                         "P:noversion\n\n"
                         "P:odd\nV:not a version\nX:unknown\nnot a field\n\n"
                         "P:hide\nP:seek\nV:1\n"));
    assert_int_equal(c.package_count, 5);
    assert_true(capture_package(&c, ".build-deps")->flags & PRQ_PKG_NO_MATCH);
    assert_str(capture_package(&c, ".build-deps")->version, "20240101.101010");
    assert_str(capture_package(&c, "twice")->version, "1-r0");
    assert_str(capture_package(&c, "noversion")->version, "");
    assert_str(capture_package(&c, "odd")->version, "not a version");
    assert_str(capture_package(&c, "hide")->version, "1");
    assert_int_equal(c.gap_count, 2);
    assert_str(c.gaps[0].reason, "line is not letter, colon, value");
    assert_true(c.gaps[0].has_offset);
    assert_str(c.gaps[1].reason, "record without a name (and 1 more like it)");
    capture_init(&c, a);
    run_ok(&c, installed, CAPTURE_BYTES("P:a\nV:1\nF:\0\0\0\0"));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "NUL byte in a text file");
    assert_int_equal(c.gaps[0].offset, 10);
}

static void test_apk_checksum(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, installed,
           CAPTURE_BYTES("P:a\nV:1\nC:d41d8cd98f00b204e9800998ecf8427e\n\n" /* bare hex: md5 */
                         "P:b\nV:1\nC:Q247DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
                         "P:c\nV:1\nC:Q2tSkotDGQQ2dMMhFCGhyYUAg+TLQ=\n"));
    assert_int_equal(c.gap_count, 0);
    run_ok(&c, installed, CAPTURE_BYTES("P:busybox\nV:1.36.1-r15\nC:Q1aGk=\n"));
    assert_int_equal(c.package_count, 4);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "checksum is 2 bytes, needs 20");
    assert_true(c.gaps[0].offset == 25);
}

/* catalog.md 12: a line of 1 MiB; and 100,000 files of one package in batches. */
static void test_apk_large(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(16));
    prq_buf_printf(&b, "P:big\nV:1-r0\np:");
    while (b.n < PRQ_MIB(1))
        prq_buf_printf(&b, "so:lib%zu.so=1 ", b.n);
    prq_buf_printf(&b, "\nF:usr/share/big\n");
    for (int i = 0; i < 100000; i++)
        prq_buf_printf(&b, "R:f%d\n", i);
    prq_buf_printf(&b, "\nP:next\nV:1-r0\n");
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, installed, prq_buf_bytes(&b));
    assert_int_equal(c.package_count, 2);
    assert_true(capture_package(&c, "big")->provides.n > 40000);
    size_t files = 0;
    for (size_t i = 0; i < c.owned_count; i++)
        files += c.owned[i].paths.n;
    assert_int_equal(files, 100000);
    assert_str(c.owned[c.owned_count - 1].paths.v[c.owned[c.owned_count - 1].paths.n - 1],
               "usr/share/big/f99999");
}

/* A package whose edges do not fit takes nothing with it. */
static void test_apk_budget(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(1));
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(16));
    prq_buf_printf(&b, "P:big\nV:1-r0\nD:");
    for (int i = 0; i < 100000; i++)
        prq_buf_add(&b, "a ", 2);
    prq_buf_printf(&b, "\n\nP:next\nV:2-r0\n");
    struct capture c;
    capture_init(&c, a);
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = { .path = prq_str_from(installed), .type = PRQ_FILE_REGULAR };
    struct prq_input in = { .file = &file, .data = prq_buf_bytes(&b) };
    assert_true(prq_analyzer_apk.run(&ctx, &in, &c.sink, NULL));
    assert_int_equal(c.package_count, 2);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].kind, "limit");
    assert_str(c.gaps[0].reason, "dependencies exceed the file's budget");
}

static void test_apk_full_sink(void **state)
{
    (void)state;
    for (size_t room = 0; room < 3; room++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        c.room = room;
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = capture_run(&c, &prq_analyzer_apk, installed, CAPTURE_BYTES(BUSYBOX "\nP:a\nV:1\n"),
                              &err);
        assert_false(ok);
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

static void test_apk_repositories(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "etc/apk/repositories",
           CAPTURE_BYTES("# https://dl-cdn.alpinelinux.org/alpine/v3.1/main\n"
                         "https://dl-cdn.alpinelinux.org/alpine/v3.19/main\n"
                         "@edge http://mirror.example/alpine/edge/testing\n"
                         "http://mirror.example/pub/alpine/edge/testing/\n"
                         "ftp://mirror.example/alpine/v3.9/community\r\n"
                         "/media/cdrom/apks\nhttps://packages.wolfi.dev/os\n"
                         "gopher://mirror.example/alpine/v3.8/main\n"));
    assert_int_equal(c.note_count, 1);
    assert_str(c.notes[0].kind, "apk-repositories");
    assert_int_equal(c.notes[0].n, 3);
    const char *releases[] = { "3.19", "edge", "3.9" };
    for (size_t i = 0; i < 3; i++) {
        assert_str(c.notes[0].pairs[i].key, "alpine");
        assert_str(c.notes[0].pairs[i].value, releases[i]);
    }
}

/* Cataloguing fixtures: names and versions that two independent sources agree on (cases.jsonl). */
static void test_apk_fixtures(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    shared_or_skip(a, "data/fixtures/README.md");
    static const struct {
        const char *dir, *packages;
    } cases[] = {
        { "syft-alpine-base", "alpine-baselayout=3.2.0-r6" },
        { "syft-alpine-empty-deps-and-provides", "alpine-baselayout-data=3.4.0-r0" },
        { "trivy-apk-apk",
          "musl=1.1.14-r10 invalidPackageWithoutAVersion= busybox=1.24.2-r9 alpine-baselayout=3.0.3-r0 "
          "alpine-keys=1.1-r0 zlib=1.2.8-r2 libcrypto1.0=1.0.2h-r1 libssl1.0=1.0.2h-r1 "
          "apk-tools=2.6.7-r0 scanelf=1.1.6-r0 musl-utils=1.1.14-r10 libc-utils=0.7-r0 "
          "pkgconf=1.6.0-r0 sqlite-libs=3.26.0-r3 test=2.9.11_pre20061021-r2 ada-libs=2.7.4-r0" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        char path[512];
        snprintf(path, sizeof path, "apk/%s/%s", cases[i].dir, installed);
        struct capture c;
        capture_init(&c, a);
        run_ok(&c, installed, fixture_member(a, path));
        prq_str got = PRQ_S("");
        for (size_t k = 0; k < c.package_count; k++)
            got = prq_arena_printf(a, "%.*s%s%.*s=%.*s", PRQ_FMT(got), k ? " " : "",
                                   PRQ_FMT(c.packages[k].name), PRQ_FMT(c.packages[k].version));
        assert_str(got, cases[i].packages);
    }
}

/* The lists beside the images were taken from the databases with awk. */
static void check_image(const char *which)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    char name[256];
    snprintf(name, sizeof name, "data/images/alpine/%s.expected.tsv", which);
    prq_str expected = prq_str_of(shared_or_skip(a, name));
    snprintf(name, sizeof name, "data/images/alpine/%s.docker-archive.tar.gz", which);
    prq_bytes data = docker_member(a, name, installed);
    assert_true(data.n > 0);
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, installed, data);
    assert_int_equal(c.gap_count, 0);
    prq_str line, cell[5];
    size_t rows = 0;
    while (prq_str_line(&expected, &line)) {
        for (size_t i = 0; i < 5; i++)
            assert_true(prq_str_split(&line, '\t', &cell[i]));
        prq_str z = prq_arena_copy(a, cell[0]);
        const struct prq_package *p = capture_package(&c, z.p);
        assert_non_null(p);
        assert_true(prq_str_eq(p->version, cell[1]));
        assert_true(prq_str_eq(p->arch, cell[2]));
        assert_true(prq_str_eq(p->source_name.n ? p->source_name : p->name, cell[3]));
        assert_true(prq_str_eq(p->licenses.v[0], cell[4]));
        rows++;
    }
    assert_int_equal(rows, c.package_count);
    assert_non_null(capture_owned(&c, "apk:busybox"));
}

static void test_apk_alpine_3_10(void **state)
{
    (void)state;
    check_image("alpine-3.10");
}

static void test_apk_alpine_3_11(void **state)
{
    (void)state;
    check_image("alpine-3.11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apk_fields),      cmocka_unit_test(test_apk_oddities),
        cmocka_unit_test(test_apk_checksum),    cmocka_unit_test(test_apk_large),
        cmocka_unit_test(test_apk_full_sink),   cmocka_unit_test(test_apk_budget),   cmocka_unit_test(test_apk_repositories),
        cmocka_unit_test(test_apk_alpine_3_10), cmocka_unit_test(test_apk_alpine_3_11),
        cmocka_unit_test(test_apk_fixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
