/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <time.h>

static bool run_ok(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                   struct prq_err *err)
{
    (void)in;
    (void)err;
    if (!prq_arena_alloc(ctx->scratch, 1000))
        return prq_fail(err, PRQ_E_LIMIT, "scratch");
    const struct prq_package p = { .type = PRQ_S("t"), .name = PRQ_S("n") };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool run_bad(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                    struct prq_err *err)
{
    (void)ctx;
    (void)in;
    (void)sink;
    return prq_fail_at(err, PRQ_E_FORMAT, 7, "seventh byte");
}

static bool run_stop(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err)
{
    (void)ctx;
    (void)in;
    (void)sink;
    return prq_fail(err, PRQ_E_CANCELLED, "asked to stop");
}

static const struct prq_want by_path[] = {
    { .path = PRQ_SI("etc/os-release"), .max_bytes = 10 },
    { .suffix = PRQ_SI("/lib/x/installed"), .max_bytes = 20 },
    { .max_bytes = 0 },
};
static const struct prq_want by_name[] = {
    { .basename = PRQ_SI("package.json"), .max_bytes = 100 },
    { .suffix = PRQ_SI(".jar"), .max_bytes = 1000 },
    { .stem = PRQ_SI("python"), .is_numbered = true, .max_bytes = 60 },
    { .stem = PRQ_SI("libjq.so"), .is_numbered = true, .prefix = PRQ_SI("usr/"), .max_bytes = 60 },
    { .stem = PRQ_SI("lib"), .suffix = PRQ_SI(".a"), .max_bytes = 70 },
    { .stem = PRQ_SI("go-"), .head_bytes = 16, .max_bytes = 80 },
    { .basename = PRQ_SI("copyright"), .prefix = PRQ_SI("usr/share/doc/"), .max_bytes = 50 },
    { .max_bytes = 0 },
};
static const prq_str magics[] = { PRQ_SI("\xcf\xfa\xed\xfe"), PRQ_SI("MZ"), { 0 } };
static const struct prq_want by_magic[] = {
    { .magic = PRQ_SI("\x7f" "ELF"), .max_bytes = 5000 },
    { .magics = magics, .max_bytes = 5000 },
    { .prefix = PRQ_SI("var/lib/d/"), .max_bytes = 30 },
    { .suffix = PRQ_SI("z"), .magic = PRQ_SI("PK"), .max_bytes = 40 },
    { .max_bytes = 0 },
};
static const struct prq_want declared[] = {
    { .basename = PRQ_SI("package-lock.json"), .max_bytes = 100, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("both"), .max_bytes = 100, .modes = PRQ_WANT_ALWAYS },
    { .max_bytes = 0 },
};
static const struct prq_analyzer a0 = { .name = "a0", .revision = 1, .wants = by_path, .run = run_ok };
static const struct prq_analyzer a1 = { .name = "a1", .revision = 2, .wants = by_name, .run = run_bad };
static const struct prq_analyzer a2 = { .name = "a2", .revision = 3, .wants = by_magic, .run = run_ok };
static const struct prq_analyzer a3 = { .name = "a3", .revision = 4, .wants = declared, .run = run_stop };
static const struct prq_analyzer *const table[] = { &a0, &a1, &a2, &a3, NULL };

static prq_wanted match(const struct prq_dispatch *d, const char *path, const char *head)
{
    const struct prq_file f = { .path = prq_str_from(path), .type = PRQ_FILE_REGULAR, .size = 4096 };
    return prq_dispatch_match(d, &f, prq_bytes_of(prq_str_from(head)), head != NULL);
}

static void test_dispatch_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        prq_wanted want;
    } cases[] = {
        { "etc/os-release", 1 },
        { "usr/etc/os-release", 0 },
        { "os-release", 0 },
        { "lib/x/installed", 1 },
        { "usr/lib/x/installed", 1 },
        { "mylib/x/installed", 0 },
        { "installed", 0 },
        { "package.json", 2 },
        { "a/b/package.json", 2 },
        { "a/b/xpackage.json", 0 },
        { "a/b/package.json/c", 0 },
        { "usr/bin/python", 2 },
        { "usr/bin/python3", 2 },
        { "python3.11", 2 },
        { "python3.7m", 2 },
        { "python2.7dm", 2 },
        { "usr/bin/python3.11/x", 0 },
        { "usr/bin/pythonw", 0 },
        { "usr/bin/python3-config", 0 },
        { "usr/bin/python3.11abc", 0 },
        { "usr/bin/ipython3", 0 },
        { "usr/lib/libjq.so.1.0.4", 2 },
        { "opt/libjq.so.1.0.4", 0 },
        { "usr/lib/libjq.son.1", 0 },
        { "usr/lib/libx.a", 2 },
        { "usr/lib/lib.a", 2 },
        { "usr/lib/libx.so", 0 },
        { "usr/lib/xlib.a", 0 },
        { "go-", 2 },
        { "go", 0 },
        { "opt/a.jar", 2 },
        { ".jar", 2 },
        { "jar", 0 },
        { "opt/a.jar/", 0 },
        { "usr/share/doc/bash/copyright", 2 },
        { "usr/share/docs/copyright", 0 },
        { "var/lib/d/x", 4 },
        { "var/lib/d", 0 },
        { "package-lock.json", 0 },
        { "both", 8 },
        { "", 0 },
        { "a", 0 },
        { "/", 0 },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(table, PRQ_WANT_IMAGE, a);
    assert_non_null(d);
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        prq_wanted got = match(d, cases[i].path, "nothing");
        if (got != cases[i].want)
            print_error("%s: %llx\n", cases[i].path, (unsigned long long)got);
        assert_true(got == cases[i].want);
    }
}

static void test_dispatch_magic(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(table, PRQ_WANT_IMAGE, a);
    assert_true(match(d, "usr/bin/x", "\x7f" "ELF\2\1") == 4);
    assert_true(match(d, "usr/bin/x", "MZ..") == 4);
    assert_true(match(d, "usr/bin/x", "\x7f" "E") == 4); /* the rest may still fit */
    assert_true(match(d, "usr/bin/x", "\x7f" "EXF") == 0);
    assert_true(match(d, "usr/bin/x", NULL) == 4); /* perhaps */
    assert_true(match(d, "usr/bin/z", "PK\3\4") == 4);
    assert_true(match(d, "usr/bin/y", "PK\3\4") == 0);
    /* Nothing but these bytes: too short is no. */
    struct prq_file f = { .path = PRQ_S("x"), .type = PRQ_FILE_REGULAR, .size = 2 };
    assert_true(prq_dispatch_match(d, &f, prq_bytes_of(PRQ_S("\x7f" "E")), true) == 0);
    f.size = 0;
    assert_true(prq_dispatch_match(d, &f, (prq_bytes){ 0 }, false) == 0);
}

static void test_dispatch_held(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(table, PRQ_WANT_IMAGE, a);
    struct prq_file f = { .path = PRQ_S("x/go-1"), .type = PRQ_FILE_REGULAR, .size = 70 };
    assert_true(prq_dispatch_held_bytes(d, 2, &f) == 16);
    assert_true(prq_dispatch_max_bytes(d, 2, &f) == 80);
    assert_true(prq_dispatch_held_bytes(d, 2 | 4, &f) == UINT64_MAX); /* by magic: all of it */
    assert_true(prq_dispatch_held_bytes(d, 0, &f) == 0);
    f.path = PRQ_S("x/package.json");
    assert_true(prq_dispatch_held_bytes(d, 2, &f) == UINT64_MAX);
}

static void test_dispatch_types_and_modes(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(table, PRQ_WANT_SOURCE, a);
    struct prq_file f = { .path = PRQ_S("p/package-lock.json"), .type = PRQ_FILE_REGULAR, .size = 9 };
    assert_true(prq_dispatch_match(d, &f, (prq_bytes){ 0 }, true) == 8);
    f.path = PRQ_S("etc/os-release"); /* installed evidence counts in a source tree too */
    assert_true(prq_dispatch_match(d, &f, (prq_bytes){ 0 }, true) == 1);
    f.type = PRQ_FILE_HARDLINK;
    assert_true(prq_dispatch_match(d, &f, (prq_bytes){ 0 }, true) & 1);
    const enum prq_file_type others[] = { PRQ_FILE_DIR, PRQ_FILE_SYMLINK, PRQ_FILE_CHAR,
                                          PRQ_FILE_BLOCK, PRQ_FILE_FIFO, PRQ_FILE_WHITEOUT,
                                          PRQ_FILE_OPAQUE };
    for (size_t i = 0; i < PRQ_COUNT(others); i++) {
        f.type = others[i];
        assert_true(prq_dispatch_match(d, &f, (prq_bytes){ 0 }, false) == 0);
    }
}

static void test_dispatch_run(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(table, PRQ_WANT_IMAGE, a);
    struct prq_ctx ctx = unit_ctx(scratch);
    struct capture c;
    capture_init(&c, a);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_file f = { .path = PRQ_S("etc/os-release"), .type = PRQ_FILE_REGULAR, .size = 10 };
    struct prq_input in = { .file = &f, .data = CAPTURE_BYTES("0123456789") };
    assert_true(prq_dispatch_run(d, &ctx, 1, &in, &c.sink, &err));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(prq_arena_used(scratch), 0);

    f.size = 11; /* not read at all */
    in.data = (prq_bytes){ 0 };
    assert_int_equal(prq_dispatch_max_bytes(d, 1, &f), 10);
    assert_true(prq_dispatch_run(d, &ctx, 1, &in, &c.sink, &err));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].kind, "limit");
    assert_str(c.gaps[0].path, "etc/os-release");
    assert_str(c.gaps[0].reason, "file is 11 bytes, the limit is 10");

    f = (struct prq_file){ .path = PRQ_S("package.json"), .type = PRQ_FILE_REGULAR, .size = 4 };
    in.data = CAPTURE_BYTES("{\"a\"");
    assert_true(prq_dispatch_run(d, &ctx, 2 | 4, &in, &c.sink, &err)); /* 4: perhaps an ELF, it was not */
    assert_int_equal(c.gap_count, 2);
    assert_str(c.gaps[1].kind, "format");
    assert_true(c.gaps[1].has_offset && c.gaps[1].offset == 7);
    assert_str(c.gaps[1].reason, "seventh byte");
    assert_int_equal(c.package_count, 1);

    f.path = PRQ_S("both");
    assert_false(prq_dispatch_run(d, &ctx, 8, &in, &c.sink, &err));
    assert_int_equal(err.code, PRQ_E_CANCELLED);
    assert_string_equal(err.text, "a3: asked to stop");

    c.room = 0;
    f.path = PRQ_S("package.json");
    assert_false(prq_dispatch_run(d, &ctx, 2, &in, &c.sink, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_dispatch_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(table, PRQ_WANT_IMAGE, a);
    struct prq_file f = { .path = PRQ_S("usr/share/doc/a/copyright"), .type = PRQ_FILE_REGULAR };
    assert_int_equal(prq_dispatch_max_bytes(d, 2, &f), 50);
    assert_int_equal(prq_dispatch_max_bytes(d, 2 | 4, &f), 5000);
    assert_int_equal(prq_dispatch_max_bytes(d, 0, &f), 0);
    PRQ_ARENA tiny = prq_arena_new(64);
    assert_null(prq_dispatch_new_over(table, PRQ_WANT_IMAGE, tiny));
}

static void test_dispatch_registry(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_non_null(prq_dispatch_new(PRQ_WANT_IMAGE, a));
    prq_str line = prq_dispatch_revision(a);
    assert_true(prq_str_has(line, PRQ_S("apk=")));
    for (size_t i = 0; prq_analyzers[i]; i++) {
        assert_non_null(prq_analyzers[i]->summary);
        assert_true(i == 0 || strcmp(prq_analyzers[i - 1]->name, prq_analyzers[i]->name) < 0);
        for (const struct prq_want *w = prq_analyzers[i]->wants; w->max_bytes; w++)
            assert_true(w->path.n || w->basename.n || w->stem.n || w->suffix.n || w->prefix.n ||
                        w->magic.n || w->magics);
    }
}

/* Every member of every layer is asked about: an unwanted one must cost next to nothing. */
static void test_dispatch_speed(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new(PRQ_WANT_IMAGE, a);
    static const char *const paths[] = {
        "usr/share/zoneinfo/America/Argentina/Buenos_Aires",
        "usr/lib/python3/dist-packages/pip/_vendor/rich/_emoji_codes.py",
        "opt/app/node_modules/lodash/fp/_baseConvert.js", "usr/lib/x86_64-linux-gnu/libc.so.6",
    };
    enum { ROUNDS = 500000 };
    struct timespec t0, t1;
    prq_wanted any = 0;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    for (int i = 0; i < ROUNDS; i++) {
        const struct prq_file f = { .path = prq_str_from(paths[i & 3]), .type = PRQ_FILE_REGULAR,
                                    .size = 4096 };
        any |= prq_dispatch_match(d, &f, prq_bytes_of(PRQ_S("#!/bin/sh\n")), true);
    }
    clock_gettime(CLOCK_MONOTONIC, &t1);
    double ns = (double)(t1.tv_sec - t0.tv_sec) * 1e9 + (double)(t1.tv_nsec - t0.tv_nsec);
    print_message("# %.1f ns a path, wanted %llx\n", ns / ROUNDS, (unsigned long long)any);
}

/* A want of directories fits those of its depth, and no file. */
static void test_dispatch_directories(void **state)
{
    (void)state;
    static const struct prq_want dirs[] = {
        { .prefix = PRQ_SI("nix/store/"), .dir_depth = 3, .max_bytes = 1 },
        { .path = PRQ_SI("Files/Windows"), .dir_depth = 2, .max_bytes = 1 },
        { .max_bytes = 0 },
    };
    static const struct prq_analyzer one = { .name = "d", .revision = 1, .wants = dirs,
                                             .run = run_ok };
    static const struct prq_analyzer *const only[] = { &one, NULL };
    static const struct {
        const char *path;
        enum prq_file_type type;
        prq_wanted want;
    } cases[] = {
        { "nix/store/x-1", PRQ_FILE_DIR, 1 },     { "nix/store/x-1", PRQ_FILE_REGULAR, 0 },
        { "nix/store/x-1/bin", PRQ_FILE_DIR, 0 }, { "nix/store", PRQ_FILE_DIR, 0 },
        { "Files/Windows", PRQ_FILE_DIR, 1 },     { "Files/Windows", PRQ_FILE_SYMLINK, 0 },
        { "a/Files/Windows", PRQ_FILE_DIR, 0 },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(1));
    const struct prq_dispatch *d = prq_dispatch_new_over(only, PRQ_WANT_IMAGE, a);
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_file f = { .path = prq_str_from(cases[i].path), .type = cases[i].type };
        assert_true(prq_dispatch_match(d, &f, (prq_bytes){ 0 }, true) == cases[i].want);
    }
    struct prq_ctx ctx = unit_ctx(scratch);
    struct capture c;
    capture_init(&c, a);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_file f = { .path = PRQ_S("nix/store/x-1"), .type = PRQ_FILE_DIR };
    struct prq_input in = { .file = &f };
    assert_true(prq_dispatch_run(d, &ctx, 1, &in, &c.sink, &err));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dispatch_directories),
        cmocka_unit_test(test_dispatch_paths),    cmocka_unit_test(test_dispatch_magic),
        cmocka_unit_test(test_dispatch_held),
        cmocka_unit_test(test_dispatch_types_and_modes),
        cmocka_unit_test(test_dispatch_run),      cmocka_unit_test(test_dispatch_limits),
        cmocka_unit_test(test_dispatch_registry), cmocka_unit_test(test_dispatch_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
