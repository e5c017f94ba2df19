/* SPDX-License-Identifier: Apache-2.0 */
/* Native images made section by section. Source: System V ABI, "ELF Header", "Symbol Table". */
#include "capture.h"

#include "base/buf.h"
#include "lib/lib.h"

extern const struct prq_analyzer prq_analyzer_graalvm;

static const char list[] =
    "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"type\":\"library\",\"group\":\"io.netty\","
    "\"name\":"
    "\"netty-codec-http2\",\"version\":\"4.1.76.Final\"},{\"name\":\"x\",\"purl\":"
    "\"pkg:maven/org.yaml/snakeyaml@1.30\"},{\"version\":\"1\"}]}";

/* The list as `gzip -n` stores it without packing (RFC 1951, 3.2.4; RFC 1952, 2.3). */
static void put_gzip(struct prq_buf *b, prq_str s)
{
    uint32_t crc = prq_crc32(prq_bytes_of(s)), n = (uint32_t)s.n;
    prq_buf_add(b, "\x1f\x8b\x08\0\0\0\0\0\0\3\1", 11);
    const uint8_t size[] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)~n, (uint8_t)(~n >> 8) };
    prq_buf_add(b, size, sizeof size);
    prq_buf_str(b, s);
    for (int i = 0; i < 4; i++)
        prq_buf_byte(b, (uint8_t)(crc >> 8 * i));
    for (int i = 0; i < 4; i++)
        prq_buf_byte(b, (uint8_t)(n >> 8 * i));
}

static void put(struct prq_buf *b, uint64_t v, size_t n)
{
    for (; n; n--, v >>= 8)
        prq_buf_byte(b, (uint8_t)v);
}

static void put_section(struct prq_buf *b, uint32_t type, uint64_t at, uint64_t n, uint32_t link)
{
    put(b, 0, 4);
    put(b, type, 4);
    put(b, 0, 16); /* flags, address */
    put(b, at, 8);
    put(b, n, 8);
    put(b, link, 4);
    put(b, 0, 20);
}

static void put_symbol(struct prq_buf *b, uint32_t name, uint64_t addr)
{
    put(b, name, 4);
    put(b, 0, 4);
    put(b, addr, 8);
    put(b, 0, 8);
}

enum { BASE = 0x400000 };

/* `wrong`: how many bytes the length is told to be more than it is. */
static void make(struct prq_buf *b, const char *text, uint64_t wrong, bool has_version)
{
    static const char strings[] = "\0sbom\0sbom_length\0__svm_version_info\0";
    PRQ_BUF packed;
    prq_buf_init(&packed, PRQ_MIB(1));
    put_gzip(&packed, prq_str_from(text));
    size_t strings_at = 64 + 56, symbols_at = strings_at + sizeof strings;
    size_t length_at = symbols_at + 96, list_at = length_at + 8, sections = list_at + packed.n;
    prq_buf_init(b, PRQ_MIB(2));
    prq_buf_add(b,
                "\x7f"
                "ELF\2\1\1\0\0\0\0\0\0\0\0\0",
                16);
    put(b, 2, 2);  /* executable */
    put(b, 62, 2); /* x86-64 */
    put(b, 1, 4);
    put(b, 0, 8);
    put(b, 64, 8);
    put(b, sections, 8);
    put(b, 0, 4);
    put(b, 64, 2);
    put(b, 56, 2);
    put(b, 1, 2);
    put(b, 64, 2);
    put(b, 3, 2);
    put(b, 0, 2);
    put(b, 1, 4); /* PT_LOAD, readable, the whole file */
    put(b, 4, 4);
    put(b, 0, 8);
    put(b, BASE, 8);
    put(b, BASE, 8);
    put(b, sections, 8);
    put(b, sections, 8);
    put(b, 4096, 8);
    prq_buf_add(b, strings, sizeof strings);
    put_symbol(b, 0, 0);
    put_symbol(b, 1, BASE + list_at);
    put_symbol(b, 6, BASE + length_at);
    put_symbol(b, has_version ? 18 : 0, BASE + 64);
    put(b, packed.n + wrong, 8);
    prq_buf_str(b, prq_buf_view(&packed));
    put_section(b, 0, 0, 0, 0);
    put_section(b, 2, symbols_at, 96, 2);
    put_section(b, 3, strings_at, sizeof strings, 0);
}

static bool run(struct capture *c, struct prq_arena *a, const char *text, uint64_t wrong,
                bool has_version, struct prq_err *err)
{
    PRQ_BUF b;
    make(&b, text, wrong, has_version);
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_graalvm, "app/server", prq_buf_bytes(&b), err);
}

static void test_graalvm_list(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, list, 0, true, &err));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "io.netty:netty-codec-http2");
    assert_str(c.packages[0].version, "4.1.76.Final");
    assert_str(c.packages[1].name, "org.yaml:snakeyaml");
    assert_str(c.packages[1].version, "1.30");
    assert_int_equal(c.gap_count, 1); /* one has no name */
    /* other programs may have such symbols */
    assert_true(run(&c, a, list, 0, false, &err));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

static void test_graalvm_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(run(&c, a, list, 1, true, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(run(&c, a, "{\"components\":[", 0, true, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(prq_str_has(prq_str_from(err.text), PRQ_S("native image")));
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_graalvm, "x",
                            CAPTURE_BYTES("\x7f"
                                          "ELF"),
                            &err));
    PRQ_BUF b;
    make(&b, list, 0, true);
    for (size_t room = 0; room < 3; room++) {
        capture_init(&c, a);
        c.room = room;
        assert_false(capture_run(&c, &prq_analyzer_graalvm, "x", prq_buf_bytes(&b), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
    for (size_t n = 0; n < b.n; n++) { /* cut anywhere: no crash, no package out of nothing */
        capture_init(&c, a);
        (void)capture_run(&c, &prq_analyzer_graalvm, "x", (prq_bytes){ b.p, n }, &err);
        assert_int_equal(c.package_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graalvm_list),
        cmocka_unit_test(test_graalvm_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
