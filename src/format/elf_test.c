/* SPDX-License-Identifier: Apache-2.0 */
/* Expected numbers are what readelf -hlS prints for the samples. */
#include "shared.h"

#include "format/elf.h"

static prq_bytes load(struct prq_arena *a, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/tests/samples/gobin/%s", name);
    prq_bytes data = unit_slurp(a, path);
    assert_non_null(data.p);
    return data;
}

static void test_elf_tables(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_64, is_big;
        uint16_t machine;
        uint64_t addr, offset;
    } cases[] = {
        { "ptr32le.elf", false, false, 3, 0x10060, 0x60 },
        { "ptr32be.elf", false, true, 8, 0x10060, 0x60 },
        { "ptr64le.elf", true, false, 62, 0x10080, 0x80 },
        { "ptr64be.elf", true, true, 22, 0x10080, 0x80 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_elf e;
        assert_true(prq_elf_open(load(a, cases[i].name), &e, &err));
        assert_int_equal(e.is_64, cases[i].is_64);
        assert_int_equal(e.is_big, cases[i].is_big);
        assert_int_equal(e.machine, cases[i].machine);
        assert_int_equal(e.type, 2);
        assert_int_equal(e.section_count, 3);
        assert_int_equal(e.segment_count, 1);
        struct prq_elf_segment seg = prq_elf_segment(&e, 0);
        assert_int_equal(seg.type, PRQ_ELF_PT_LOAD);
        assert_int_equal(seg.flags, 6);
        assert_true(seg.addr == 0x10000);
        assert_true(seg.file_size == seg.memory_size);
        struct prq_elf_section s;
        assert_true(prq_elf_find(&e, PRQ_S(".go.buildinfo"), &s));
        assert_true(s.addr == cases[i].addr && s.offset == cases[i].offset);
        assert_int_equal(prq_elf_section_data(&e, &s).n, s.size);
        assert_true(prq_elf_find(&e, PRQ_S(".shstrtab"), &s));
        assert_false(prq_elf_find(&e, PRQ_S(".go"), &s));
        assert_false(prq_elf_find(&e, PRQ_S(".text"), &s));
    }
}

static void patch(uint8_t *p, size_t at, uint8_t v)
{
    p[at] = v;
}

/* One byte of the header of ptr64le.elf changed. */
static void test_elf_broken(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        const char *text;
    } cases[] = {
        { 0, 0x7e, "not an ELF file" },
        { 4, 3, "unknown ELF class" },
        { 5, 0, "unknown ELF byte order" },
        { 54, 55, "program headers outside the file" }, /* entry size */
        { 57, 1, "program headers outside the file" },  /* 257 of them */
        { 39, 0xff, "program headers outside the file" },
        { 58, 63, "section headers outside the file" },
        { 60, 4, "section headers outside the file" },
        { 47, 0xff, "section headers outside the file" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        prq_bytes whole = load(a, "ptr64le.elf");
        uint8_t *copy = prq_arena_alloc(a, whole.n);
        assert_non_null(copy);
        memcpy(copy, whole.p, whole.n);
        patch(copy, cases[i].at, cases[i].value);
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_elf e;
        assert_false(prq_elf_open((prq_bytes){ copy, whole.n }, &e, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_str(prq_str_from(err.text), cases[i].text);
    }
}

/* More sections than 16 bits count: their number stands in section 0. */
static void test_elf_many_sections(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    prq_bytes whole = load(a, "ptr64le.elf");
    uint8_t *copy = prq_arena_alloc(a, whole.n);
    assert_non_null(copy);
    memcpy(copy, whole.p, whole.n);
    size_t table = whole.n - 3 * 64;
    patch(copy, 60, 0);
    patch(copy, 62, 0xff);
    patch(copy, 63, 0xff);
    patch(copy, table + 32, 3); /* size */
    patch(copy, table + 40, 2); /* link */
    struct prq_elf e;
    struct prq_elf_section s;
    assert_true(prq_elf_open((prq_bytes){ copy, whole.n }, &e, NULL));
    assert_int_equal(e.section_count, 3);
    assert_true(prq_elf_find(&e, PRQ_S(".go.buildinfo"), &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elf_tables),
        cmocka_unit_test(test_elf_broken),
        cmocka_unit_test(test_elf_many_sections),
    };
    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
