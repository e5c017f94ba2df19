/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "makeelf.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_golang;

/* An ELF file with one writable segment that holds build information of the inline form. */
static prq_bytes elf_with(struct prq_arena *a, const char *version, const char *modules)
{
    enum { AT = 128, ADDR = 0x10000 };
    size_t version_n = strlen(version), text_n = strlen(modules), framed = text_n ? text_n + 32 : 0;
    size_t n = AT + 32 + 1 + version_n + 5 + framed;
    uint8_t *p = prq_arena_alloc(a, n);
    assert_non_null(p);
    memcpy(p, "\x7f" "ELF\2\1\1", 7);
    p[16] = 2;  /* executable */
    p[18] = 62; /* x86-64 */
    p[32] = 64; /* program headers */
    p[54] = 56;
    p[56] = 1;
    p[64] = 1; /* PT_LOAD, read and write */
    p[68] = 6;
    p[82] = ADDR >> 16;
    for (size_t i = 0; i < 4; i++) {
        p[64 + 32 + i] = (uint8_t)(n >> 8 * i);
        p[64 + 40 + i] = (uint8_t)(n >> 8 * i);
    }
    memcpy(p + AT, "\xff Go buildinf:\x08\x02", 16);
    uint8_t *q = p + AT + 32;
    *q++ = (uint8_t)version_n;
    memcpy(q, version, version_n);
    q += version_n;
    for (size_t v = framed, i = 0; i < 5; i++, v >>= 7)
        *q++ = (uint8_t)((v & 0x7f) | (i < 4 ? 0x80 : 0));
    if (framed) {
        memset(q, 'S', 16);
        memcpy(q + 16, modules, text_n);
        memset(q + 16 + text_n, 'E', 16);
    }
    return (prq_bytes){ p, n };
}

static void run(struct capture *c, struct prq_arena *a, const char *version, const char *modules)
{
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(c, a);
    if (!capture_run(c, &prq_analyzer_golang, "usr/bin/x", elf_with(a, version, modules), &err))
        fail_msg("%s", err.text);
}

static void test_go_packages(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "go1.20.12 X:strictfipsruntime",
        "path\texample.com/Tool/cmd/x\n"
        "mod\texample.com/Tool\tv1.4.2+dirty\t\n"
        "dep\tgithub.com/Azure/a\tv1.0.0\th1:x=\n"
        "dep\tgolang.org/x/net\tv0.5.0\n"
        "=>\tgolang.org/x/net\tv0.7.0\th1:y=\n"
        "dep\texample.com/local\tv1.0.0\n"
        "=>\t./local\t(devel)\t\n"
        "dep\texample.com/Tool\tv1.4.2\n"
        "dep\t\tv1.0.0\n"
        "build\tGOARCH=arm64\nbuild\tGOOS=linux\n");
    assert_int_equal(c.package_count, 5);
    const struct prq_package *p = capture_package(&c, "github.com/Azure/a");
    assert_non_null(p);
    assert_str(p->type, "golang");
    assert_str(p->ns, "github.com/Azure");
    assert_str(p->version, "v1.0.0");
    assert_str(p->arch, "arm64");
    assert_str(p->goos, "linux");
    assert_int_equal(p->flags, 0);
    assert_str(capture_package(&c, "golang.org/x/net")->version, "v0.7.0");
    p = capture_package(&c, "./local");
    assert_str(p->version, "(devel)");
    assert_int_equal(p->flags, PRQ_PKG_NO_MATCH);
    p = capture_package(&c, "example.com/Tool");
    assert_str(p->version, "v1.4.2+dirty");
    assert_int_equal(p->flags, PRQ_PKG_MAIN);
    assert_int_equal(p->depends.n, 4);
    assert_str(p->depends.v[0], "stdlib");
    p = capture_package(&c, "stdlib");
    assert_str(p->version, "1.20.12");
    assert_str(p->ns, "");
}

/* The version that the main module gets. */
static void test_go_main_version(void **state)
{
    (void)state;
    static const struct {
        const char *mod, *settings, *want;
    } cases[] = {
        { "v1.2.3", "", "v1.2.3" },
        { "(devel)", "", "(devel)" },
        { "", "", "" },
        { "(devel)", "build\t-ldflags=\"-s -X main.version=1.2.3\"\n", "v1.2.3" },
        { "(devel)", "build\t-ldflags=\"-X=main.Version=v2.0.0-rc.1 -w\"\n", "v2.0.0-rc.1" },
        { "(devel)", "build\t-ldflags=\"-X 'example.com/m/internal/build.GitVersion=v3.1.0'\"\n", "v3.1.0" },
        /* not a version, not a version's name, somebody else's */
        { "(devel)", "build\t-ldflags=\"-X main.version=dev\"\n", "(devel)" },
        { "(devel)", "build\t-ldflags=\"-X main.commit=1.2.3\"\n", "(devel)" },
        { "(devel)", "build\t-ldflags=\"-X example.org/other/lib.Version=1.2.3\"\n", "(devel)" },
        { "(devel)", "build\t-ldflags=\"-X example.com/master/x.Version=1.2.3\"\n", "(devel)" },
        /* the usual place of somebody else's module */
        { "(devel)", "build\t-ldflags=\"-X github.com/prometheus/common/version.Version=2.45.0\"\n", "v2.45.0" },
        /* rank: below cmd, then main, then others; two that differ say nothing */
        { "(devel)", "build\t-ldflags=\"-X main.version=1.0.0 -X example.com/m/cmd/x.version=2.0.0\"\n", "v2.0.0" },
        { "(devel)", "build\t-ldflags=\"-X main.version=1.0.0 -X main.Tag=2.0.0\"\n", "(devel)" },
        /* a pseudo-version gives way */
        { "v0.0.0-20230102150405-0123456789ab", "build\t-ldflags=\"-X main.version=1.0.0\"\n", "v1.0.0" },
        { "v0.0.0-20230102150405-0123456789ab", "", "v0.0.0-20230102150405-0123456789ab" },
        { "(devel)", "build\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n"
                     "build\tvcs.time=2023-01-02T15:04:05Z\n", "v0.0.0-20230102150405-0123456789ab" },
        { "(devel)", "build\tvcs.revision=short\nbuild\tvcs.time=2023-01-02T15:04:05Z\n", "(devel)" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        char text[1024];
        snprintf(text, sizeof text, "path\texample.com/m\nmod\texample.com/m\t%s\t\n%s", cases[i].mod,
                 cases[i].settings);
        run(&c, a, "go1.22.1", text);
        const struct prq_package *p = capture_package(&c, "example.com/m");
        assert_non_null(p);
        assert_str(p->version, cases[i].want);
    }
}

static void test_go_release(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *want;
    } cases[] = {
        { "go1.21.5", "1.21.5" },
        { "go1.22rc1", "1.22rc1" },
        { "go1.26.5 (Red Hat 1.26.5-1.el9)", "1.26.5" },
        { "go1.26.0-X:nodwarf5", "1.26.0" },
        { "devel go1.22-abcdef Tue Jan 2", "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        run(&c, a, cases[i].raw, "");
        assert_int_equal(c.package_count, 1); /* no modules: the standard library alone */
        assert_str(c.packages[0].name, "stdlib");
        assert_str(c.packages[0].version, cases[i].want);
    }
}

static void test_go_main_among_deps(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    run(&c, a, "go1.12.17",
        "path\texample.com/a/b/cmd/x\ndep\texample.com/a\tv1.0.0\ndep\texample.com/a/b\tv2.0.0\n");
    assert_int_equal(capture_package(&c, "example.com/a/b")->flags, PRQ_PKG_MAIN);
    assert_int_equal(capture_package(&c, "example.com/a")->flags, 0);
}

/* Anywhere a program is cut: nothing found is not nothing there. */
static void test_go_cut(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    prq_bytes whole = elf_with(a, "go1.22.1", "path\tx\nmod\texample.com/x\tv1.0.0\t\n");
    for (size_t n = 4; n <= whole.n; n++) {
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        bool is_good = capture_run(&c, &prq_analyzer_golang, "x", (prq_bytes){ whole.p, n }, &err);
        assert_int_equal(is_good, n == whole.n);
        assert_int_equal(err.code, is_good ? PRQ_E_NONE : PRQ_E_FORMAT);
    }
    assert_int_equal(c.package_count, 2);
    /* Names of sections: there, and beyond the end. A file of debug symbols is whole. */
    prq_bytes named = makeelf(a, ".text", 1, "code", 4);
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_golang, "x", named, NULL));
    uint8_t *p = prq_arena_alloc(a, named.n);
    assert_non_null(p);
    memcpy(p, named.p, named.n);
    makeelf_put(p + named.n - 64 + 24, named.n - 1, 8);
    capture_init(&c, a);
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(capture_run(&c, &prq_analyzer_golang, "x", (prq_bytes){ p, named.n }, &err));
    assert_int_equal(err.offset, named.n);
}

static void test_go_gaps(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes packed = elf_with(a, "go1.22.1", "");
    uint8_t *copy = prq_arena_alloc(a, packed.n);
    assert_non_null(copy);
    memcpy(copy, packed.p, packed.n);
    memcpy(copy + 128, "UPX!", 4); /* and nothing behind it that could be unpacked */
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_golang, "x", (prq_bytes){ copy, packed.n }, &err));
    assert_int_equal(c.package_count, 0);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].kind, "packed");

    capture_init(&c, a);
    assert_false(capture_run(&c, &prq_analyzer_golang, "x", CAPTURE_BYTES("\x7f" "ELF"), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);

    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_golang, "x", elf_with(a, "go1.22.1", ""), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go_packages),
        cmocka_unit_test(test_go_main_version),
        cmocka_unit_test(test_go_release),
        cmocka_unit_test(test_go_main_among_deps),
        cmocka_unit_test(test_go_cut),
        cmocka_unit_test(test_go_gaps),
    };
    return cmocka_run_group_tests_name("golang", tests, NULL, NULL);
}
