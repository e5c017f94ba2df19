/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_nix;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_nix, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_nix, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/nix/%s", name);
    return unit_slurp(a, path);
}

static void run_dir(struct capture *c, const char *path)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(8));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = { .path = prq_str_from(path), .type = PRQ_FILE_DIR };
    struct prq_input in = { .file = &file, .mode = PRQ_WANT_IMAGE };
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_analyzer_nix.run(&ctx, &in, &c->sink, &err));
}

#define HASH "83kinmgkx89kp4y5y15l94y6fb87c1gs"

/* Names as nixpkgs has them; parts as its manual tells name, version and output. */
static void test_nix_names(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        { HASH "-glibc-2.34-210", "glibc", "2.34-210", "" },
        { HASH "-openssl-3.0.7-bin", "openssl", "3.0.7", "bin" },
        { HASH "-python3.11-requests-2.28.1", "python3.11-requests", "2.28.1", "" },
        { HASH "-tzdata-2023c", "tzdata", "2023c", "" },
        { HASH "-foo-0-unstable-2024-01-02-dev", "foo", "0-unstable-2024-01-02", "dev" },
        { HASH "-perl5.36.0-Digest-HMAC-1.04", "perl5.36.0-Digest-HMAC", "1.04", "" },
        { HASH "-source", NULL, NULL, NULL },
        { HASH "-hello-2.12.1.drv", NULL, NULL, NULL },
        { HASH "-fix-1.patch", NULL, NULL, NULL },
        { "short-hello-2.12.1", NULL, NULL, NULL },
        { "e3kinmgkx89kp4y5y15l94y6fb87c1gs-hello-2.12.1", NULL, NULL, NULL },
        { ".links", NULL, NULL, NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        char path[128];
        capture_init(&c, a);
        snprintf(path, sizeof path, "nix/store/%s", cases[i][0]);
        run_dir(&c, path);
        if (c.package_count != (cases[i][1] != NULL))
            fail_msg("%s", cases[i][0]);
        if (!cases[i][1])
            continue;
        assert_str(c.packages[0].type, "nix");
        assert_str(c.packages[0].name, cases[i][1]);
        assert_str(c.packages[0].version, cases[i][2]);
        bool has_output = cases[i][3][0] != '\0';
        assert_int_equal(c.packages[0].qualifiers.n, has_output ? 2 : 1);
        if (has_output)
            assert_true(prq_str_ends(c.packages[0].qualifiers.v[0], prq_str_from(cases[i][3])));
        assert_int_equal(c.owned_count, 1);
        assert_true(prq_str_ends(c.owned[0].paths.v[0], PRQ_S("/")));
    }
}

/* A database that nix-store 2.8 made; expected: what sqlite3 selects from it. */
static void test_nix_database(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "nix/var/nix/db/db.sqlite", seed(a, "db.sqlite"));
    assert_int_equal(c.package_count, 3);
    assert_int_equal(c.gap_count, 0);
    const struct prq_package *p = capture_package(&c, "hello");
    assert_str(p->version, "2.12.1");
    assert_true(p->size_bytes == 120);
    assert_str(p->qualifiers.v[0], "drvpath=00000000000000000000000000000000-hello-2.12.1.drv");
    assert_str(p->qualifiers.v[1], "outputhash=qhr19iifkfslj3l007xlhgb32408c2yg");
    assert_str(capture_package(&c, "python3.11-requests")->version, "2.28.1");
    assert_str(capture_package(&c, "glibc")->version, "2.34-210");
    assert_string_not_equal(run_error(a, "nix/var/nix/db/db.sqlite", seed(a, "other-table.sqlite")), "");
    assert_string_not_equal(run_error(a, "nix/var/nix/db/db.sqlite", CAPTURE_BYTES("")), "");
}

/* A store that nix-build 2.8 filled; expected: `nix-store -q --references` of each output. */
static void test_nix_references(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "nix/var/nix/db/db.sqlite", seed(a, "refs.sqlite"));
    assert_int_equal(c.package_count, 4); /* openssl has two outputs */
    assert_int_equal(c.gap_count, 0);
    const struct prq_package *curl = capture_package(&c, "curl");
    assert_int_equal(curl->depends.n, 2);
    assert_true(prq_str_eq(curl->depends.v[0], PRQ_S("openssl@3.0.7")) ||
                prq_str_eq(curl->depends.v[1], PRQ_S("openssl@3.0.7")));
    for (size_t i = 0; i < c.package_count; i++)
        if (prq_str_eq(c.packages[i].name, PRQ_S("openssl"))) {
            assert_int_equal(c.packages[i].depends.n, 1);
            assert_str(c.packages[i].depends.v[0], "zlib@1.2.13");
        }
    assert_int_equal(capture_package(&c, "zlib")->depends.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nix_names),
        cmocka_unit_test(test_nix_database),
        cmocka_unit_test(test_nix_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
