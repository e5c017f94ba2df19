/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_gentoo;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_gentoo, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_gentoo, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/gentoo/%s", name);
    return unit_slurp(a, path);
}

static void test_gentoo_package(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    const char dir[] = "var/db/pkg/app-containers/skopeo-1.5.1/";
    char path[128];
    snprintf(path, sizeof path, "%sCONTENTS", dir);
    run_ok(&c, path, seed(a, "CONTENTS"));
    snprintf(path, sizeof path, "%sPF", dir);
    run_ok(&c, path, seed(a, "PF"));
    snprintf(path, sizeof path, "%sLICENSE", dir);
    run_ok(&c, path, seed(a, "LICENSE"));
    assert_int_equal(c.package_count, 2); /* the same, from two files */
    for (int i = 0; i < 2; i++) {
        assert_str(c.packages[i].type, "ebuild");
        assert_str(c.packages[i].name, "app-containers/skopeo");
        assert_str(c.packages[i].version, "1.5.1");
    }
    const struct capture_owned *o =
        capture_owned(&c, "ebuild:var/db/pkg/app-containers/skopeo-1.5.1/CONTENTS");
    assert_non_null(o);
    assert_int_equal(o->paths.n, 3);
    assert_str(o->paths.v[1], "usr/share/a file.txt");
    assert_str(o->paths.v[2], "usr/bin/s");
    assert_int_equal(c.note_count, 1);
    assert_int_equal(c.notes[0].n, 3);
    assert_str(c.notes[0].pairs[0].value, "Apache-2.0");
    assert_str(c.notes[0].pairs[2].value, "CC-BY-SA-4.0");
}

/* Names and versions by the grammar of PMS 3.1.2 and 3.2. */
static void test_gentoo_names(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "openssl-3.0.7-r1", "c/openssl", "3.0.7-r1" },
        { "gtk+-2.24.33", "c/gtk+", "2.24.33" },
        { "foo-bar-1.2.3b_rc4_p5-r10", "c/foo-bar", "1.2.3b_rc4_p5-r10" },
        { "iso-codes-4.9.0", "c/iso-codes", "4.9.0" },
        { "font-100-dpi-1.0", "c/font-100-dpi", "1.0" },
        { "zlib-9999", "c/zlib", "9999" },
        { "libpcre2-10_pre20200101", "c/libpcre2", "10_pre20200101" },
        { "2.580.0", NULL, NULL },
        { "noversion", NULL, NULL },
        { "x-1.", NULL, NULL },
        { "x-1_foo", NULL, NULL },
        { "-1", NULL, NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        bool ok = capture_run(&c, &prq_analyzer_gentoo, "var/db/pkg/c/x-1/PF",
                              prq_bytes_of(prq_str_from(cases[i][0])), &err);
        if (ok != (cases[i][1] != NULL))
            fail_msg("%s", cases[i][0]);
        if (ok && (!prq_str_eq(c.packages[0].name, prq_str_from(cases[i][1])) ||
                   !prq_str_eq(c.packages[0].version, prq_str_from(cases[i][2]))))
            fail_msg("%s: %.*s", cases[i][0], PRQ_FMT(c.packages[0].name));
    }
}

static void test_gentoo_malformed(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    assert_string_equal(run_error(a, "var/db/pkg/app-misc/x-1/PF", CAPTURE_BYTES("2.580.0")),
                        "not the name and version of a package");
    run_ok(&c, "var/db/pkg/app-misc/x-1/CONTENTS", seed(a, "bad"));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "line names no file (and 3 more like it)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gentoo_package),
        cmocka_unit_test(test_gentoo_names),
        cmocka_unit_test(test_gentoo_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
