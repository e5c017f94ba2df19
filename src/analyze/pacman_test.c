/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_pacman;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_pacman, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_pacman, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/pacman/%s", name);
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

/* Files as pacman 6.0.2 wrote them; expected: what its -Qi and -Ql say of the package. */
static void test_pacman_package(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/pacman/local/hello-lib-1:2.12-3/desc", seed(a, "desc"));
    assert_int_equal(c.package_count, 1);
    const struct prq_package *p = &c.packages[0];
    assert_str(p->type, "alpm");
    assert_str(p->name, "hello-lib");
    assert_str(p->version, "1:2.12-3");
    assert_str(p->arch, "x86_64");
    assert_str(p->source_name, "hello");
    assert_str(p->vendor, "Some One <some@example.org>");
    assert_true(p->size_bytes == 12345);
    assert_list(p->licenses, "GPL3 MIT");
    assert_list(p->depends, "glibc libacl.so");
    assert_list(p->provides, "libhello.so hi");
}

static void test_pacman_files(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/pacman/local/hello-lib-1:2.12-3/files", seed(a, "files"));
    const struct capture_owned *o = capture_owned(&c, "alpm:hello-lib");
    assert_non_null(o);
    assert_list(o->paths, "usr/bin/hello usr/share/doc/hello/README");
}

static void test_pacman_malformed(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    const char path[] = "var/lib/pacman/local/x-1-1/desc";
    assert_string_equal(run_error(a, path, CAPTURE_BYTES("%NAME%\ngawk\n\n%VERSION%")),
                        "package without %VERSION%");
    assert_string_equal(run_error(a, path, CAPTURE_BYTES("")), "package without %NAME%");
    assert_string_equal(run_error(a, path, CAPTURE_BYTES("%NAME%\r\nx\r\n\r\n%VERSION%\r\n1-1\r\n")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pacman_package),
        cmocka_unit_test(test_pacman_files),
        cmocka_unit_test(test_pacman_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
