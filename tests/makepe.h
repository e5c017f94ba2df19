/* SPDX-License-Identifier: Apache-2.0 */
/* The least PE file with a version resource: one section at 0x1000 that holds the file's bytes from
 * PE_SECTION on. Source: Microsoft "PE Format", "VS_VERSIONINFO structure". */
#ifndef PRQ_TESTS_MAKEPE_H
#define PRQ_TESTS_MAKEPE_H

#include <string.h>

#include "base/str.h"

enum {
    PE_ROOM = 4096,
    PE_SECTION = 0x400,              /* in the file; at 0x1000 in memory */
    PE_CLR_AT = PE_SECTION,
    PE_RES_AT = PE_SECTION + 0x80,   /* type, name, language: 24 bytes each, then the data entry */
    PE_DATA_ENTRY_AT = PE_RES_AT + 72,
    PE_VERSION_AT = PE_SECTION + 0x100,
};

static inline void pe_put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void pe_put32(uint8_t *p, size_t v)
{
    pe_put16(p, v);
    pe_put16(p + 2, v >> 16);
}

/* UTF-8 of at most two bytes a character, with a NUL. */
static inline size_t pe_text(uint8_t *p, const char *s)
{
    size_t n = 0;
    for (; *s; s++, n += 2) {
        size_t c = (uint8_t)*s;
        if (c >= 0xc0)
            c = (c & 0x1f) << 6 | ((uint8_t)*++s & 0x3f);
        pe_put16(p + n, c);
    }
    pe_put16(p + n, 0);
    return n + 2;
}

/* The head of a node; returns where its value begins. */
static inline size_t pe_node(uint8_t *f, size_t at, size_t value, int is_text, const char *key)
{
    pe_put16(f + at + 2, value);
    pe_put16(f + at + 4, (size_t)is_text);
    return (at + 6 + pe_text(f + at + 6, key) + 3) & ~(size_t)3;
}

static inline size_t pe_version(uint8_t *f, const char *const *texts)
{
    size_t at = pe_node(f, PE_VERSION_AT, 52, 0, "VS_VERSION_INFO");
    pe_put32(f + at, 0xfeef04bd);
    size_t info = at + 52, table = pe_node(f, info, 0, 1, "StringFileInfo");
    at = pe_node(f, table, 0, 1, "000004b0");
    for (; texts[0]; texts += 2) {
        at = (at + 3) & ~(size_t)3;
        size_t value = pe_node(f, at, 0, 1, texts[0]), n = pe_text(f + value, texts[1]);
        pe_put16(f + at + 2, n / 2);
        pe_put16(f + at, value + n - at);
        at = value + n;
    }
    pe_put16(f + table, at - table);
    pe_put16(f + info, at - info);
    pe_put16(f + PE_VERSION_AT, at - PE_VERSION_AT);
    return at - PE_VERSION_AT;
}

/* `texts`: keys and values in turn, then NULL. */
static inline prq_bytes pe_make(uint8_t *f, bool wide, bool is_managed, const char *const *texts)
{
    enum { HEAD = 0x80, OPTIONAL = HEAD + 24 };
    size_t dirs = OPTIONAL + (wide ? 112u : 96u), size = wide ? 240 : 224;
    memset(f, 0, PE_ROOM);
    memcpy(f, "MZ", 2);
    pe_put32(f + 0x3c, HEAD);
    memcpy(f + HEAD, "PE\0\0", 4);
    pe_put16(f + HEAD + 4, wide ? 0x8664 : 0x14c);
    pe_put16(f + HEAD + 6, 1);
    pe_put16(f + HEAD + 20, size);
    pe_put16(f + OPTIONAL, wide ? 0x20b : 0x10b);
    pe_put32(f + OPTIONAL + (wide ? 24 : 28), 0x400000);
    pe_put32(f + dirs - 4, 16);
    pe_put32(f + dirs + 16, 0x1000 + PE_RES_AT - PE_SECTION);
    pe_put32(f + dirs + 20, 0x800);
    if (is_managed) {
        pe_put32(f + dirs + 112, 0x1000);
        pe_put32(f + dirs + 116, 72);
        pe_put32(f + PE_CLR_AT, 72);
        pe_put16(f + PE_CLR_AT + 4, 2);
        pe_put16(f + PE_CLR_AT + 6, 5);
    }
    uint8_t *section = f + OPTIONAL + size;
    memcpy(section, ".text", 5);
    pe_put32(section + 8, PE_ROOM - PE_SECTION);
    pe_put32(section + 12, 0x1000);
    pe_put32(section + 16, PE_ROOM - PE_SECTION);
    pe_put32(section + 20, PE_SECTION);
    static const uint32_t ids[] = { 16, 1, 0 };
    for (size_t i = 0; i < 3; i++) {
        uint8_t *d = f + PE_RES_AT + i * 24;
        pe_put16(d + 14, 1);
        pe_put32(d + 16, ids[i]);
        pe_put32(d + 20, i < 2 ? 0x80000000 + (i + 1) * 24 : 72);
    }
    size_t n = pe_version(f, texts);
    pe_put32(f + PE_DATA_ENTRY_AT, 0x1000 + PE_VERSION_AT - PE_SECTION);
    pe_put32(f + PE_DATA_ENTRY_AT + 4, n);
    return (prq_bytes){ f, PE_ROOM };
}

#endif
