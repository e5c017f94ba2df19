/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_chisel;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_chisel, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_chisel, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/chisel/%s", name);
    return unit_slurp(a, path);
}

static void assert_list(struct prq_strs list, const char *expected)
{
    prq_str rest = prq_str_from(expected), word;
    for (size_t i = 0; i < list.n; i++) {
        assert_true(prq_str_split(&rest, ' ', &word));
        if (!prq_str_eq(list.v[i], word))
            fail_msg("%.*s is not %.*s", PRQ_FMT(list.v[i]), PRQ_FMT(word));
    }
    assert_true(list.n == 0 ? *expected == '\0' : !rest.p);
}

static void test_chisel(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    const char path[] = "var/lib/chisel/manifest.wall";
    run_ok(&c, path, seed(a, "manifest.wall"));
    assert_int_equal(c.package_count, 2);
    const struct prq_package *p = capture_package(&c, "libc6");
    assert_str(p->type, "deb");
    assert_str(p->version, "2.35-0ubuntu3.8");
    assert_str(p->arch, "amd64");
    assert_list(capture_owned(&c, "deb:base-files")->paths, "etc/debian_version");
    assert_list(capture_owned(&c, "deb:libc6")->paths, "usr/lib/x86_64-linux-gnu/libc.so.6");
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "line is no entry (and 1 more like it)");
    assert_string_not_equal(run_error(a, path, seed(a, "plain")), "");
    assert_string_equal(run_error(a, path, seed(a, "other.zst")), "not a manifest of chisel");
    assert_string_not_equal(run_error(a, path, seed(a, "cut")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chisel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
