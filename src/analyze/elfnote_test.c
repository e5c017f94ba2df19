/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "makeelf.h"

extern const struct prq_analyzer prq_analyzer_elfnote;

/* What `ld --package-metadata` writes. */
static prq_bytes elf_with(struct prq_arena *a, const char *section, const char *json)
{
    size_t n = strlen(json) + 1, room = 16 + (n + 3) / 4 * 4;
    uint8_t *note = prq_arena_alloc(a, room);
    assert_non_null(note);
    makeelf_put(note, 4, 4);
    makeelf_put(note + 4, n, 4);
    makeelf_put(note + 8, 0xcafe1a7e, 4);
    memcpy(note + 12, "FDO", 4);
    memcpy(note + 16, json, n);
    return makeelf(a, section, 7, note, room);
}

static void run(struct capture *c, struct prq_arena *a, const char *json, bool ok)
{
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(c, a);
    assert_int_equal(capture_run(c, &prq_analyzer_elfnote, "usr/bin/x",
                                 elf_with(a, ".note.package", json), &err), ok);
    assert_true(ok || err.code == PRQ_E_FORMAT);
}

/* The example of systemd's page on package metadata, and what Fedora writes. */
static void test_elfnote_types(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct capture c;
    run(&c, a, "{\"type\":\"rpm\",\"name\":\"coreutils\",\"version\":\"4711.0815.fc13\","
               "\"architecture\":\"arm32\",\"osCpe\":\"cpe:/o:fedoraproject:fedora:33\"}", true);
    const struct prq_package *p = capture_package(&c, "coreutils");
    assert_str(p->type, "rpm");
    assert_str(p->ns, "fedora");
    assert_str(p->version, "4711.0815.fc13");
    assert_str(p->arch, "arm32");
    assert_str(p->distro, "fedora-33");
    assert_int_equal(p->flags, PRQ_PKG_STRAY);
    run(&c, a, "{\"type\":\"rpm\",\"name\":\"bash\",\"version\":\"5.1.8-6.el9\","
               "\"osCPE\":\"cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*\"}", true);
    assert_str(c.packages[0].ns, "rhel");
    assert_str(c.packages[0].distro, "rhel-9");
    run(&c, a, "{\"type\":\"deb\",\"os\":\"debian\",\"osVersion\":\"12\",\"name\":\"bash\",\"version\":\"1\"}", true);
    assert_str(c.packages[0].type, "deb");
    assert_str(c.packages[0].distro, "debian-12");
    run(&c, a, "{\"type\":\"testfixture\",\"license\":\"MIT\",\"name\":\"mylib\",\"version\":\"1.2.3\","
               "\"appCpe\":\"cpe:2.3:a:example:mylib:1.2.3:*:*:*:*:*:*:*\",\"system\":\"sys\",\"vendor\":\"v\"}", true);
    p = capture_package(&c, "mylib");
    assert_str(p->type, "binary");
    assert_str(p->ns, "sys");
    assert_str(p->distro, "");
    assert_str(p->vendor, "v");
    assert_str(p->licenses.v[0], "MIT");
    assert_str(p->cpes.v[0], "cpe:2.3:a:example:mylib:1.2.3:*:*:*:*:*:*:*");
    run(&c, a, "{\"purl\":\"pkg:github/o/r@1.0\",\"name\":\"other\"}", true);
    assert_str(c.packages[0].type, "github");
    assert_str(c.packages[0].version, "1.0");
}

static void test_elfnote_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct capture c;
    run(&c, a, "", false);
    run(&c, a, "[]", false);
    run(&c, a, "{\"name\":\"x\"", false);
    run(&c, a, "{\"version\":\"1\"}", false);
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_elfnote, "x", CAPTURE_BYTES("\x7f" "ELF"), NULL));
    assert_true(capture_run(&c, &prq_analyzer_elfnote, "x",
                            elf_with(a, ".note.other", "{\"name\":\"x\"}"), NULL));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elfnote_types),
        cmocka_unit_test(test_elfnote_broken),
    };
    return cmocka_run_group_tests_name("elfnote", tests, NULL, NULL);
}
