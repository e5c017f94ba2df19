/* SPDX-License-Identifier: Apache-2.0 */
/* The samples are read by `go version -m` too; what it prints is what is expected here. */
#include "shared.h"

#include "format/buildinfo.h"

struct sample {
    const char *name, *version, *arch;
    enum prq_exe_kind kind;
    bool has_modules;
};

static const struct sample samples[] = {
    { "ptr32le.elf", "go1.16.15", "386", PRQ_EXE_ELF, true },
    { "ptr32be.elf", "go1.16.15", "mips", PRQ_EXE_ELF, true },
    { "ptr64le.elf", "go1.17.13", "amd64", PRQ_EXE_ELF, true },
    { "ptr64be.elf", "go1.17.13", "s390x", PRQ_EXE_ELF, true },
    { "inline64le.elf", "go1.20.12 X:strictfipsruntime", "amd64", PRQ_EXE_ELF, true },
    { "inline32be-nosections.elf", "go1.22.0", "mips", PRQ_EXE_ELF, true },
    { "nomodules.elf", "go1.21.5", "amd64", PRQ_EXE_ELF, false },
    { "inline64.macho", "go1.24.1", "arm64", PRQ_EXE_MACHO, true },
    { "inline64.fat", "go1.24.1", "arm64", PRQ_EXE_MACHO, true },
    { "inline64.exe", "go1.24.1", "amd64", PRQ_EXE_PE, true },
};

static prq_bytes load(struct prq_arena *a, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/tests/samples/gobin/%s", name);
    prq_bytes data = unit_slurp(a, path);
    assert_non_null(data.p);
    return data;
}

static void check_modules(prq_str text, struct prq_arena *a)
{
    static const struct prq_buildinfo_line want[] = {
        { PRQ_BUILDINFO_PATH, PRQ_SI("example.com/tool/cmd/tool"), { 0 }, { 0 } },
        { PRQ_BUILDINFO_MOD, PRQ_SI("example.com/tool"), PRQ_SI("v1.2.3"), PRQ_SI("h1:AAAA=") },
        { PRQ_BUILDINFO_DEP, PRQ_SI("github.com/Azure/go-thing"), PRQ_SI("v0.1.0"),
          PRQ_SI("h1:BBBB=") },
        { PRQ_BUILDINFO_DEP, PRQ_SI("golang.org/x/net"), PRQ_SI("v0.5.0"), { 0 } },
        { PRQ_BUILDINFO_REPLACE, PRQ_SI("golang.org/x/net"), PRQ_SI("v0.7.0"), PRQ_SI("h1:CCCC=") },
        { PRQ_BUILDINFO_DEP, PRQ_SI("example.com/local"), PRQ_SI("v1.0.0"), { 0 } },
        { PRQ_BUILDINFO_REPLACE, PRQ_SI("./local"), PRQ_SI("(devel)"), { 0 } },
    };
    struct prq_buildinfo_line line;
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_true(prq_buildinfo_line(&text, a, &line));
        assert_int_equal(line.kind, want[i].kind);
        assert_true(prq_str_eq(line.a, want[i].a));
        assert_true(prq_str_eq(line.b, want[i].b));
        assert_true(prq_str_eq(line.c, want[i].c));
    }
    assert_true(prq_buildinfo_line(&text, a, &line));
    assert_int_equal(line.kind, PRQ_BUILDINFO_SETTING);
    assert_str(line.a, "GOARCH");
    assert_true(prq_buildinfo_line(&text, a, &line));
    assert_str(line.a, "GOOS");
    assert_false(prq_buildinfo_line(&text, a, &line));
}

static void test_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(samples); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_err err = PRQ_ERR_INIT;
        prq_bytes slice;
        uint32_t slices;
        struct prq_exe x;
        struct prq_buildinfo info;
        bool found = false;
        assert_true(prq_exe_slices(load(a, samples[i].name), &slices, &err));
        assert_int_equal(slices, 1);
        assert_true(prq_exe_slice(load(a, samples[i].name), 0, &slice, &err));
        assert_true(prq_exe_open(slice, a, &x, &err));
        assert_int_equal(x.kind, samples[i].kind);
        assert_str(x.goarch, samples[i].arch);
        assert_true(prq_buildinfo_read(&x, &info, &found, &err));
        assert_true(found);
        assert_str(info.go_version, samples[i].version);
        assert_int_equal(info.modules.n > 0, samples[i].has_modules);
        if (samples[i].has_modules)
            check_modules(info.modules, a);
    }
}

/* Cut anywhere, a sample is an error or not found, and never half of an answer. */
static void test_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(samples); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
        prq_bytes whole = load(a, samples[i].name);
        for (size_t n = 0; n < whole.n; n++) {
            uint8_t *copy = malloc(n ? n : 1);
            assert_non_null(copy);
            memcpy(copy, whole.p, n);
            struct prq_exe x;
            struct prq_buildinfo info;
            bool found = false;
            prq_bytes slice = { copy, n };
            if (prq_exe_slice(slice, 0, &slice, NULL) && prq_exe_open(slice, a, &x, NULL) &&
                prq_buildinfo_read(&x, &info, &found, NULL) && found)
                assert_str(info.go_version, samples[i].version);
            free(copy);
        }
    }
}

static void test_settings(void **state)
{
    (void)state;
    static const struct {
        const char *line, *key, *value;
    } cases[] = {
        { "build\tCGO_ENABLED=0", "CGO_ENABLED", "0" },
        { "build\t-ldflags=\"-X main.v=1 -s\"", "-ldflags", "-X main.v=1 -s" },
        { "build\t-tags=`a \"b\"`", "-tags", "a \"b\"" },
        { "build\t\"odd = key\"=x=y", "odd = key", "x=y" },
        { "build\tk=\"tab\\tu\\u00e9 \\x41\\101 \\\"q\\\"\"", "k", "tab\tu\xc3\xa9 AA \"q\"" },
        { "build\tk=\"broken \\q\"", "k", "\"broken \\q\"" },
        { "build\tlonely", "lonely", "" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        prq_str text = prq_str_from(cases[i].line);
        struct prq_buildinfo_line line;
        assert_true(prq_buildinfo_line(&text, a, &line));
        assert_int_equal(line.kind, PRQ_BUILDINFO_SETTING);
        assert_str(line.a, cases[i].key);
        assert_str(line.b, cases[i].value);
    }
}

static void test_what_is_no_executable(void **state)
{
    (void)state;
    static const prq_str texts[] = {
        PRQ_SI(""), PRQ_SI("MZ is how this text begins"), PRQ_SI("#!/bin/sh\n"),
        PRQ_SI("\xca\xfe\xba\xbe\0\0\0\x34 a class file"),
    };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_exe x;
        assert_int_equal(prq_exe_kind(prq_bytes_of(texts[i])), PRQ_EXE_NONE);
        assert_true(prq_exe_open(prq_bytes_of(texts[i]), a, &x, NULL));
        assert_int_equal(x.kind, PRQ_EXE_NONE);
        assert_int_equal(x.part_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_what_is_no_executable),
    };
    return cmocka_run_group_tests_name("buildinfo", tests, NULL, NULL);
}
