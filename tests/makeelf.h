/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest ELF file with one named section, for tests: 64 bits, little-endian; the header, the
 * payload, the names, three section headers. */
#ifndef PRQ_TESTS_MAKEELF_H
#define PRQ_TESTS_MAKEELF_H

#include "unit.h"

static inline void makeelf_put(uint8_t *at, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static inline prq_bytes makeelf(struct prq_arena *a, const char *name, uint32_t type,
                                const void *payload, size_t n)
{
    enum { HEADER = 64, NAMES = 64, SECTION = 64 };
    size_t names_at = HEADER + n, sections_at = names_at + NAMES, total = sections_at + 3 * SECTION;
    uint8_t *p = prq_arena_alloc(a, total);
    assert_non_null(p);
    memcpy(p, "\x7f" "ELF\2\1\1", 7);
    makeelf_put(p + 16, 1, 2);           /* relocatable */
    makeelf_put(p + 18, 62, 2);          /* x86-64 */
    makeelf_put(p + 40, sections_at, 8);
    makeelf_put(p + 58, SECTION, 2);
    makeelf_put(p + 60, 3, 2);
    makeelf_put(p + 62, 2, 2);
    memcpy(p + HEADER, payload, n);
    snprintf((char *)p + names_at + 1, NAMES - 1, "%s", name);
    uint8_t *one = p + sections_at + SECTION, *two = one + SECTION;
    makeelf_put(one, 1, 4);
    makeelf_put(one + 4, type, 4);
    makeelf_put(one + 24, HEADER, 8);
    makeelf_put(one + 32, n, 8);
    makeelf_put(two + 4, 3, 4);          /* names */
    makeelf_put(two + 24, names_at, 8);
    makeelf_put(two + 32, NAMES, 8);
    return (prq_bytes){ p, total };
}

#endif
