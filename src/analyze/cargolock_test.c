/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: the Cargo Book and cargo's own reading of its lock files. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_cargolock;

static bool run(struct capture *c, struct prq_arena *a, const char *text, struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_cargolock, "Cargo.lock",
                       prq_bytes_of(prq_str_from(text)), err);
}

#define SUM "78ca9ab1a0babb1e7d5695e3530886289c18cf2f87ec19a575a0abdce112e3a3"
#define PUBLIC "registry+https://github.com/rust-lang/crates.io-index"

static void test_cargolock_new(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a,
                    "version = 4\n"
                    "[[package]]\nname = \"app\"\nversion = \"1.0.0\"\n"
                    "dependencies = [\n \"memchr\",\n \"regex 1.11.1 (git+https://x.example/r)\",\n]\n"
                    "[[package]]\nname = \"memchr\"\nversion = \"2.7.4\"\nsource = \"" PUBLIC "\"\n"
                    "checksum = \"" SUM "\"\n"
                    "[[package]]\nname = \"regex\"\nversion = \"1.11.1\"\n"
                    "source = \"git+https://x.example/r?branch=a%2Fb#0123abcd\"\n"
                    "[[package]]\nname = \"own\"\nversion = \"0.3.0\"\n"
                    "source = \"sparse+https://crates.example/index/\"\n",
                    &err));
    assert_int_equal(c.package_count, 4);
    assert_int_equal(c.gap_count, 0);
    assert_str(c.packages[0].type, "cargo");
    assert_str(c.packages[0].name, "app");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION);
    assert_int_equal(c.packages[0].depends.n, 2);
    assert_str(c.packages[0].depends.v[1], "regex");
    assert_str(c.packages[1].version, "2.7.4");
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DECLARED);
    assert_str(c.packages[2].vcs_url, "git+https://x.example/r@0123abcd");
    assert_int_equal(c.packages[3].flags, PRQ_PKG_DECLARED);
}

static void test_cargolock_old(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a,
                    "[root]\nname = \"app\"\nversion = \"1.0.0\"\n"
                    "dependencies = [\"libc 0.2.1 (" PUBLIC ")\"]\n"
                    "[[package]]\nname = \"libc\"\nversion = \"0.2.1\"\nsource = \"" PUBLIC "\"\n"
                    "[metadata]\n\"checksum libc 0.2.1 (" PUBLIC ")\" = \"" SUM "\"\n",
                    &err));
    assert_int_equal(c.package_count, 2);
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION);
    assert_str(c.packages[0].depends.v[0], "libc");
    assert_str(c.packages[1].name, "libc");
}

static void test_cargolock_losses(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "[[package]]\nversion = \"1\"\n[[package]]\nname = \"a\"\n", &err));
    assert_int_equal(c.gap_count, 1);
    assert_int_equal(c.package_count, 1);
    assert_false(run(&c, a, "package = 1\n", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(run(&c, a, "[[package]\n", &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(run(&c, a, "", NULL));
    assert_int_equal(c.package_count, 0);
}

static void test_cargolock_manifest(void **state)
{
    (void)state;
    static const char text[] =
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n"
        "[dependencies]\na = \"1.2\"\nb = \"=1.2.3\"\nc = { version = \"= 2.0\", package = \"d\" }\n"
        "e = { path = \"../e\" }\nf = \"=1, <2\"\n"
        "[dev-dependencies]\ng = \"=0.1.0\"\n"
        "[target.'cfg(unix)'.dependencies]\nh = \"1\"\n";
    static const struct {
        const char *name, *version;
        uint32_t flags;
    } want[] = {
        { "app", "0.1.0", PRQ_PKG_APPLICATION },
        { "b", "1.2.3", 0 },
        { "d", "2.0", 0 },
        { "g", "0.1.0", PRQ_PKG_DEV },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_cargolock, "x/Cargo.toml",
                            prq_bytes_of(prq_str_from(text)), NULL));
    assert_int_equal(c.gap_count, 0);
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].name, want[i].name);
        assert_str(c.packages[i].version, want[i].version);
        assert_int_equal(c.packages[i].flags, PRQ_PKG_DECLARED | want[i].flags);
    }
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_cargolock, "x/vendor/y/Cargo.toml",
                            prq_bytes_of(prq_str_from(text)), NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(capture_run(&c, &prq_analyzer_cargolock, "Cargo.toml",
                            CAPTURE_BYTES("[dependencies]\na = { git = {x = 1} }\nb = 1\n"), NULL));
    assert_int_equal(c.gap_count, 1);
    assert_true(capture_run(&c, &prq_analyzer_cargolock, "Cargo.toml",
                            CAPTURE_BYTES("[package]\nname = \"x\"\nversion.workspace = true\n"),
                            NULL));
    assert_int_equal(c.package_count, 0);
}

static void test_cargolock_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    for (size_t room = 0; room < 2; room++) {
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        c.room = room;
        assert_false(capture_run(&c, &prq_analyzer_cargolock, "Cargo.lock",
                                 CAPTURE_BYTES("[[package]]\nname = \"a\"\n[[package]]\n"), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cargolock_new),
        cmocka_unit_test(test_cargolock_old),
        cmocka_unit_test(test_cargolock_losses),
        cmocka_unit_test(test_cargolock_manifest),
        cmocka_unit_test(test_cargolock_full_sink),
    };
    return cmocka_run_group_tests_name("cargolock", tests, NULL, NULL);
}
