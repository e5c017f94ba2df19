/* SPDX-License-Identifier: Apache-2.0 */
/* A whole packed program is among the images of tests/integration/lang_test.py. */
#include "unit.h"

#include "format/elf.h"
#include "format/nrv.h"
#include "format/upx.h"

/* The first block of a Go program for linux/amd64 packed by UPX: its ELF header and its six program
 * headers, 400 bytes. */
static const uint8_t headers[] = {
    0xbb, 0xfb, 0x20, 0xff, 0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00, 0x02, 0x00,
    0x3e, 0x00, 0x1b, 0xc0, 0x26, 0x47, 0x1f, 0xbf, 0x5f, 0xda, 0xed, 0x40, 0x2f, 0x90,
    0x45, 0x26, 0x38, 0x00, 0x06, 0x0a, 0x10, 0x00, 0x0f, 0x0f, 0xf6, 0xb5, 0x76, 0x0e,
    0x00, 0x04, 0x4f, 0x40, 0x00, 0x40, 0x0f, 0x50, 0x01, 0x7b, 0x9b, 0x3d, 0x90, 0x00,
    0x00, 0x10, 0x0d, 0x04, 0x07, 0x78, 0x0f, 0x1f, 0x81, 0x7c, 0x20, 0x2d, 0x0e, 0x40,
    0x64, 0x00, 0x00, 0x6c, 0x60, 0xbb, 0xc9, 0x04, 0x8d, 0x05, 0x00, 0x01, 0x40, 0x0f,
    0x36, 0x6c, 0x20, 0x1f, 0x71, 0xda, 0x13, 0xdf, 0x01, 0x87, 0xc8, 0x07, 0x7b, 0x1b,
    0xe0, 0x2f, 0xe0, 0x53, 0x0f, 0xb8, 0x12, 0x16, 0xbb, 0x7d, 0x03, 0x1b, 0x6f, 0x06,
    0x13, 0x2a, 0xcf, 0x6a, 0x0f, 0x3f, 0xd8, 0xd9, 0x07, 0x80, 0x8e, 0x02, 0x5d, 0x76,
    0x05, 0x6f, 0x51, 0xe5, 0x74, 0x64, 0xb0, 0x4d, 0xc0, 0x22, 0x01, 0x08, 0x0f, 0x92,
    0x24, 0x49, 0x92, 0x00, 0x00, 0x00, 0xa0, 0xff,
};

static void test_nrv_real_block(void **state)
{
    (void)state;
    uint8_t out[400];
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_elf e;
    assert_true(prq_nrv_unpack((prq_bytes){ headers, sizeof headers }, out, sizeof out, &err));
    memset(out + 40, 0, 8); /* its section headers are not here */
    assert_true(prq_elf_open((prq_bytes){ out, sizeof out }, &e, &err));
    assert_true(e.is_64 && !e.is_big);
    assert_int_equal(e.machine, 62);
    assert_int_equal(e.segments_at, 64);
    assert_int_equal(64 + e.segment_count * e.segment_size, sizeof out);
    uint64_t end = 0;
    for (uint32_t i = 0; i < e.segment_count; i++) {
        struct prq_elf_segment s = prq_elf_segment(&e, i);
        if (s.type != PRQ_ELF_PT_LOAD)
            continue;
        assert_true(s.addr == 0x400000 + s.offset); /* as Go's linker lays it out */
        assert_true(s.offset >= end);
        end = s.offset + s.file_size;
    }
    assert_true(end > sizeof out);
}

static void test_nrv_damage(void **state)
{
    (void)state;
    uint8_t out[401], *copy = malloc(sizeof headers);
    struct prq_err err = PRQ_ERR_INIT;
    assert_non_null(copy);
    /* one byte more or less than there is */
    assert_false(prq_nrv_unpack((prq_bytes){ headers, sizeof headers }, out, 401, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(prq_nrv_unpack((prq_bytes){ headers, sizeof headers }, out, 399, NULL));
    for (size_t n = 0; n < sizeof headers; n++) {
        memcpy(copy, headers, n);
        assert_false(prq_nrv_unpack((prq_bytes){ copy, n }, out, 400, NULL));
    }
    free(copy);
}

struct pack {
    uint8_t p[1024];
    size_t n;
};

static void add(struct pack *k, const void *p, size_t n)
{
    memcpy(k->p + k->n, p, n);
    k->n += n;
}

static void add_u32(struct pack *k, uint32_t v)
{
    uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
    add(k, b, 4);
}

static void begin(struct pack *k, uint32_t size)
{
    static const uint8_t elf[64] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    k->n = 0;
    add(k, elf, sizeof elf);
    add_u32(k, 0);
    add(k, "UPX!", 4);
    add_u32(k, 0);
    add_u32(k, 0);
    add_u32(k, size);
    add_u32(k, size);
}

static void block(struct pack *k, uint32_t size, uint8_t method, uint8_t filter, uint8_t byte,
                  const void *p, uint32_t n)
{
    uint8_t how[4] = { method, filter, byte, 0 };
    add_u32(k, size);
    add_u32(k, n);
    add(k, how, 4);
    add(k, p, n);
}

/* The two bytes of properties, then what Python's lzma makes of 64 times "ab" (FORMAT_RAW, lc 3, lp 0,
 * pb 2). */
static const uint8_t lzma_abab[] = {
    0x1a, 0x03, 0x00, 0x30, 0x98, 0xa9, 0xb0, 0x18, 0x3d, 0xff, 0xff, 0xff, 0xfc, 0x20, 0x00,
    0x00,
};

/* Likewise of 80 bytes: a call of 0x1234 from its operand, made absolute and marked with 7, then zeros:
 * e8 07 00 12 35 00 … */
static const uint8_t lzma_call[] = {
    0x1a, 0x03, 0x00, 0x74, 0x01, 0xbc, 0x01, 0x32, 0x18, 0x29, 0xa8, 0x18, 0x04, 0xe9, 0xff,
    0xff, 0xfb, 0xc5, 0x60, 0x00,
};

/* Two loaded segments: the headers and what follows, then one at 0x140. */
static void test_upx_blocks(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    uint8_t first[64 + 2 * 56] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    first[16] = 2;
    first[18] = 62;
    first[32] = 64;
    first[40] = 0x99; /* section headers that are gone */
    first[54] = 56;
    first[56] = 2;
    first[60] = 5;
    first[64] = first[120] = 1;
    first[120 + 8] = 0x40;
    first[120 + 9] = 1; /* offset 0x140 */
    struct pack k;
    begin(&k, 0x140 + 128);
    block(&k, sizeof first, 8, 0, 0, first, sizeof first);
    block(&k, 80, 14, 0x49, 7, lzma_call, sizeof lzma_call);
    block(&k, 128, 14, 0, 0, lzma_abab, sizeof lzma_abab);
    add_u32(&k, 0);
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes out;
    assert_true(prq_upx_is((prq_bytes){ k.p, k.n }));
    if (!prq_upx_unpack((prq_bytes){ k.p, k.n }, a, &out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(out.n, 0x140 + 128);
    assert_int_equal(out.p[40], 0);
    static const uint8_t called[] = { 0xe8, 0x34, 0x12, 0, 0, 0 };
    assert_memory_equal(out.p + sizeof first, called, sizeof called);
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(out.p[0x140 + i], i % 2 ? 'b' : 'a');
    struct prq_elf e;
    assert_true(prq_elf_open(out, &e, &err));
    assert_int_equal(e.segment_count, 2);

    for (size_t n = 64; n < k.n - 4; n++) {
        PRQ_ARENA b = prq_arena_new(PRQ_MIB(1));
        if (prq_upx_is((prq_bytes){ k.p, n }))
            assert_false(prq_upx_unpack((prq_bytes){ k.p, n }, b, &out, NULL));
    }
}

static void test_upx_refused(void **state)
{
    (void)state;
    uint8_t first[64] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    struct pack k;
    static const struct {
        uint32_t size, block_size;
        uint8_t method;
        enum prq_code code;
    } cases[] = {
        { 0, 64, 8, PRQ_E_FORMAT },
        { UINT32_MAX, 64, 8, PRQ_E_LIMIT },
        { 63, 64, 8, PRQ_E_FORMAT },
        { 4096, 65, 2, PRQ_E_UNSUPPORTED },
        { 4096, 65, 8, PRQ_E_FORMAT },
        { 4096, 65, 14, PRQ_E_FORMAT },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_err err = PRQ_ERR_INIT;
        prq_bytes out;
        begin(&k, cases[i].size);
        block(&k, cases[i].block_size, cases[i].method, 0, 0, first, sizeof first);
        assert_false(prq_upx_unpack((prq_bytes){ k.p, k.n }, a, &out, &err));
        assert_int_equal(err.code, cases[i].code);
    }
    assert_false(prq_upx_is(prq_bytes_of(PRQ_S("\x7f" "ELF without a mark"))));
    assert_false(prq_upx_is(prq_bytes_of(PRQ_S("#!/bin/sh UPX!"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nrv_real_block),
        cmocka_unit_test(test_nrv_damage),
        cmocka_unit_test(test_upx_blocks),
        cmocka_unit_test(test_upx_refused),
    };
    return cmocka_run_group_tests_name("upx", tests, NULL, NULL);
}
