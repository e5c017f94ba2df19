/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: opam's manual; the layout that opam 2.1 leaves behind. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_ocaml;

static bool run(struct capture *c, struct prq_arena *a, uint32_t mode, const char *path,
                const char *text, struct prq_err *err)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(16));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = { .path = prq_str_from(path), .type = PRQ_FILE_REGULAR };
    struct prq_input in = { .file = &file, .data = prq_bytes_of(prq_str_from(text)), .mode = mode };
    capture_init(c, a);
    return prq_analyzer_ocaml.run(&ctx, &in, &c->sink, err);
}

static void test_ocaml_definition(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char text[] =
        "# made by hand \" [\n(* a (* nested *) { comment *)\nopam-version: \"2.0\"\nversion: \"1.7.0\"\n"
        "synopsis: \"\"\"three \" quotes\"\"\"\ndescription: \"escaped \\\" quote\"\n"
        "depends: [\n  \"dune\" {>= \"3.0\"}\n  \"ocaml\" {>= \"4.08\" & < \"5.2\"}\n"
        "  \"fmt\" {= \"0.9.0\"}\n  \"alcotest\" {with-test}\n  \"x\" {!with-test}\n]\n"
        "build: [[\"dune\" \"build\"] [make] {ocaml:native}]\nurl { src: \"http://x\" }\n";
    assert_true(run(&c, a, PRQ_WANT_SOURCE, "src/alco.opam", text, NULL));
    assert_int_equal(c.package_count, 6);
    assert_str(c.packages[0].type, "opam");
    assert_str(c.packages[0].name, "alco");
    assert_str(c.packages[0].version, "1.7.0");
    assert_int_equal(c.packages[0].depends.n, 5);
    assert_str(c.packages[1].name, "dune");
    assert_int_equal(c.packages[1].version.n, 0);
    assert_int_equal(c.packages[2].version.n, 0);
    assert_str(c.packages[3].version, "0.9.0");
    assert_int_equal(c.packages[4].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_int_equal(c.packages[5].flags, PRQ_PKG_DECLARED);
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "lib/alco/opam", text, NULL));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.packages[0].flags, 0);
}

static void test_ocaml_place(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char text[] = "opam-version: \"2.0\"\n";
    assert_true(run(&c, a, PRQ_WANT_SOURCE, "r/.opam/d/.opam-switch/packages/astring.0.8.5/opam", text,
                    NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "astring");
    assert_str(c.packages[0].version, "0.8.5");
    assert_int_equal(c.packages[0].flags, 0);
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "r/.opam/repo/d/packages/x/x.1.0/opam", text, NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "opt/x/opam", "opam-version: \"2\" name: \"y\"", NULL));
    assert_str(c.packages[0].name, "y");
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "r/.opam-switch/sources/x.1/x.opam", text, NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "usr/bin/opam", "\177ELF rubbish ", NULL));
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "usr/share/bash-completion/opam", "_opam() {\n", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

static void test_ocaml_switch(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "r/_opam/.opam-switch/switch-state",
                    "opam-version: \"2.0\"\ncompiler: [\"ocaml-base-compiler.5.1.0\"]\nroots: [\"a.1\"]\n"
                    "installed: [\n  \"base-bigarray.base\"\n  \"ocaml.5.1.0\"\n \"odd\"]\n", NULL));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].version, "base");
    assert_str(c.packages[1].name, "ocaml");
    assert_str(c.packages[1].version, "5.1.0");
    assert_int_equal(c.gap_count, 1);
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "r/.opam-switch/install/x.install",
                    "# installed\nlwt.5.7.0\ndune.3.12.1 extra\n\n", NULL));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "lwt");
    assert_str(c.packages[1].version, "3.12.1");
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "r/.opam-switch/install/x.install",
                    "bin: [\n  \"_build/x\" {\"x\"}\n]\n", NULL));
    assert_true(run(&c, a, PRQ_WANT_IMAGE, "r/.opam-switch/install/x.install", "", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

static void test_ocaml_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const bad[] = { "name: \"x", "depends: [", "]", "(* (* *)", "name \"x\"", "\x80" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, PRQ_WANT_SOURCE, "x.opam", bad[i], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    assert_false(run(&c, a, PRQ_WANT_IMAGE, ".opam-switch/install/x.install", "not-an-entry\n", NULL));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ocaml_definition),
        cmocka_unit_test(test_ocaml_place),
        cmocka_unit_test(test_ocaml_switch),
        cmocka_unit_test(test_ocaml_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
