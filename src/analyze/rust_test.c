/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: cargo-auditable's schema, and `cargo tree` of the shared images' programs. */
#include "capture.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_rust;

/* zlib with one stored block. Source: RFC 1950, RFC 1951 3.2.4. */
static size_t stored(uint8_t *p, const char *text)
{
    size_t n = strlen(text);
    uint32_t a = 1, b = 0;
    assert_true(n < 65536);
    memcpy(p, "\x78\x01\x01", 3);
    p[3] = (uint8_t)n;
    p[4] = (uint8_t)(n >> 8);
    p[5] = (uint8_t)~p[3];
    p[6] = (uint8_t)~p[4];
    memcpy(p + 7, text, n);
    for (size_t i = 0; i < n; i++) {
        a = (a + (uint8_t)text[i]) % 65521;
        b = (b + a) % 65521;
    }
    const uint8_t sum[] = { (uint8_t)(b >> 8), (uint8_t)b, (uint8_t)(a >> 8), (uint8_t)a };
    memcpy(p + 7 + n, sum, sizeof sum);
    return n + 11;
}

/* An ELF file of three sections: none, .dep-v0, the names. */
static prq_bytes elf_with(struct prq_arena *a, const char *text)
{
    static const char names[] = "\0.dep-v0\0.shstrtab";
    uint8_t *p = prq_arena_alloc(a, 512 + strlen(text));
    assert_non_null(p);
    memcpy(p, "\x7f" "ELF\2\1\1", 7);
    p[16] = 2;  /* executable */
    p[18] = 62; /* x86-64 */
    p[40] = 64; /* section headers */
    p[58] = 64;
    p[60] = 3;
    p[62] = 2;
    memcpy(p + 256, names, sizeof names);
    size_t n = stored(p + 288, text);
    p[128] = 1; /* .dep-v0: name, type, offset, size */
    p[132] = 1;
    p[128 + 24] = 288 & 0xff;
    p[128 + 25] = 288 >> 8;
    p[128 + 32] = (uint8_t)n;
    p[128 + 33] = (uint8_t)(n >> 8);
    p[192] = 9;
    p[196] = 3;
    p[192 + 25] = 1; /* at 256 */
    p[192 + 32] = sizeof names;
    return (prq_bytes){ p, 288 + n };
}

static bool run(struct capture *c, struct prq_arena *a, const char *text, struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_rust, "usr/bin/x", elf_with(a, text), err);
}

static void test_rust_crates(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a,
                    "{\"packages\":["
                    "{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\","
                    "\"dependencies\":[1,2,3,9],\"root\":true},"
                    "{\"name\":\"cc\",\"version\":\"1.0.0\",\"source\":\"crates.io\","
                    "\"kind\":\"build\"},"
                    "{\"name\":\"regex\",\"version\":\"1.5.4\",\"source\":\"crates.io\","
                    "\"kind\":\"runtime\",\"dependencies\":[3]},"
                    "{\"name\":\"wasi\",\"version\":\"0.10.2+wasi-snapshot\",\"source\":\"git\"}],"
                    "\"format\":8}",
                    &err));
    static const char *const want[][2] = {
        { "app", "0.1.0" },
        { "regex", "1.5.4" },
        { "wasi", "0.10.2+wasi-snapshot" },
    };
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    assert_int_equal(c.gap_count, 0);
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].type, "cargo");
        assert_str(c.packages[i].name, want[i][0]);
        assert_str(c.packages[i].version, want[i][1]);
        assert_int_equal(c.packages[i].flags, i ? 0 : PRQ_PKG_MAIN);
    }
    assert_int_equal(c.packages[0].depends.n, 2);
    assert_str(c.packages[0].depends.v[0], "regex");
    assert_str(c.packages[0].depends.v[1], "wasi");
}

static void test_rust_losses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t packages;
    } cases[] = {
        { "", 0 },
        { "[]", 0 },
        { "{}", 0 },
        { "{\"packages\":{}}", 0 },
        { "{\"packages\":[1]}", 0 },
        { "{\"packages\":[{\"name\":\"a\",\"version\":\"1\"},{\"na", 1 },
        { "{\"packages\":[{\"name\":\"a\",\"version\":\"1\"}]} x", 1 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, cases[i].text, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(c.package_count, cases[i].packages);
    }
}

/* Cut, a wrong checksum, no zlib: an error each. */
static void test_rust_streams(void **state)
{
    (void)state;
    for (size_t at = 289; at < 300; at++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        prq_bytes b = elf_with(a, "{\"packages\":[]}");
        capture_init(&c, a);
        assert_true(capture_run(&c, &prq_analyzer_rust, "x", b, NULL));
        assert_false(capture_run(&c, &prq_analyzer_rust, "x", (prq_bytes){ b.p, at }, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        uint8_t *wrong = prq_arena_alloc(a, b.n);
        assert_non_null(wrong);
        memcpy(wrong, b.p, b.n);
        wrong[b.n - 1] ^= 1;
        err = (struct prq_err)PRQ_ERR_INIT;
        assert_false(capture_run(&c, &prq_analyzer_rust, "x", (prq_bytes){ wrong, b.n }, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

/* The forms of executables; made with Python's struct and zlib, not by us. */
static void test_rust_forms(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum prq_code code;
        size_t packages;
    } cases[] = {
        { "elf64", PRQ_E_NONE, 2 },       { "elf64be", PRQ_E_NONE, 2 },
        { "elf32", PRQ_E_NONE, 2 },       { "pe", PRQ_E_NONE, 2 },
        { "macho", PRQ_E_NONE, 2 },       { "fat", PRQ_E_NONE, 2 },
        { "trailing", PRQ_E_NONE, 2 },    { "index-far", PRQ_E_NONE, 2 },
        { "bomb", PRQ_E_LIMIT, 0 },       { "no-zlib", PRQ_E_FORMAT, 0 },
        { "cut-stream", PRQ_E_FORMAT, 0 }, { "bad-sum", PRQ_E_FORMAT, 0 },
        { "cut-json", PRQ_E_FORMAT, 2 },  { "empty-section", PRQ_E_FORMAT, 0 },
        { "empty", PRQ_E_NONE, 0 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        char path[4096];
        snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/rust/%s", cases[i].file);
        prq_bytes b = unit_slurp(a, path);
        assert_true(b.p || b.n == 0);
        capture_init(&c, a);
        capture_run(&c, &prq_analyzer_rust, "usr/bin/x", b, &err);
        if (err.code != cases[i].code || c.package_count != cases[i].packages)
            fail_msg("%s: %s, %zu crates", cases[i].file, err.text, c.package_count);
    }
}

static void put_u32(uint8_t *p, size_t v)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* The file as UPX packs it, with both blocks stored: the sections are gone (upx.h has the layout). */
static void test_rust_packed(void **state)
{
    (void)state;
    static const char decoys[] = "/rustc/0123/library\0\x78\x9c\xff\xff\x78\x01\x01\1\0\xfe\xff{";
    enum { HEAD = 64 + 56, AT = 64 + 24 };
    uint8_t p[1024] = "\x7f" "ELF\2\1\1", head[HEAD] = "\x7f" "ELF\2\1\1", body[512];
    memcpy(body, decoys, sizeof decoys);
    size_t n = sizeof decoys + stored(body + sizeof decoys,
                                      "{\"packages\":[{\"name\":\"a\",\"version\":\"1\"}]}");
    head[16] = 2;
    head[18] = 62;
    head[32] = 64;
    head[54] = 56;
    head[56] = 1;
    head[64] = 1; /* one segment, of all */
    put_u32(head + 64 + 32, HEAD + n);
    put_u32(head + 64 + 40, HEAD + n);
    memcpy(p + 68, "UPX!", 4);
    put_u32(p + 80, HEAD + n);
    put_u32(p + 84, HEAD + n);
    size_t at = AT;
    const struct {
        const uint8_t *p;
        size_t n;
    } blocks[] = { { head, HEAD }, { body, n } };
    for (size_t i = 0; i < 2; i++) {
        put_u32(p + at, blocks[i].n);
        put_u32(p + at + 4, blocks[i].n);
        p[at + 8] = 8;
        memcpy(p + at + 12, blocks[i].p, blocks[i].n);
        at += 12 + blocks[i].n;
    }
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_rust, "x", (prq_bytes){ p, at + 4 }, NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "a");
}

static void test_rust_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_rust, "x",
                             elf_with(a, "{\"packages\":[{\"name\":\"a\",\"version\":\"1\"}]}"), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rust_crates),
        cmocka_unit_test(test_rust_losses),
        cmocka_unit_test(test_rust_streams),
        cmocka_unit_test(test_rust_forms),
        cmocka_unit_test(test_rust_packed),
        cmocka_unit_test(test_rust_full_sink),
    };
    return cmocka_run_group_tests_name("rust", tests, NULL, NULL);
}
