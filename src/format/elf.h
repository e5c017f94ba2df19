/* SPDX-License-Identifier: Apache-2.0 */
/* ELF headers over bytes in memory: sections and program headers, of either class and byte order.
 * Nothing is copied and nothing outside the headers is touched, so asking a foreign binary costs a
 * few pages. Source: System V ABI, "Object Files" and "Program Loading". */
#ifndef PRQ_FORMAT_ELF_H
#define PRQ_FORMAT_ELF_H

#include "base/err.h"
#include "base/str.h"

enum {
    PRQ_ELF_PT_LOAD = 1,
    PRQ_ELF_PT_NOTE = 4,
    PRQ_ELF_PF_X = 1,
    PRQ_ELF_PF_W = 2,
    PRQ_ELF_SHT_SYMTAB = 2,
    PRQ_ELF_SHT_NOBITS = 8,
};

struct prq_elf {
    prq_bytes data;
    bool is_64, is_big;
    uint16_t type, machine;
    uint32_t segment_count, section_count;
    uint64_t segments_at, sections_at;
    uint32_t segment_size, section_size; /* of one table entry */
    prq_bytes names;                     /* section names; empty when there are none */
    bool names_cut;                      /* some of them lie behind the end of the file */
};

struct prq_elf_section {
    uint32_t name; /* offset into the names */
    uint32_t type, link, info;
    uint64_t flags, addr, offset, size, entry_size;
};

struct prq_elf_segment {
    uint32_t type, flags;
    uint64_t offset, addr, file_size, memory_size;
};

bool prq_elf_is(prq_bytes data);
/* FORMAT when the file header is broken or a header table lies outside the file. */
PRQ_MUST_USE bool prq_elf_open(prq_bytes data, struct prq_elf *out, struct prq_err *err);
/* i < section_count, i < segment_count. */
struct prq_elf_section prq_elf_section(const struct prq_elf *e, uint32_t i);
struct prq_elf_segment prq_elf_segment(const struct prq_elf *e, uint32_t i);
/* The first section of that name. */
bool prq_elf_find(const struct prq_elf *e, prq_str name, struct prq_elf_section *out);
/* What of it is in the file: cut at the end of the file, empty for NOBITS. */
prq_bytes prq_elf_section_data(const struct prq_elf *e, const struct prq_elf_section *s);
prq_bytes prq_elf_segment_data(const struct prq_elf *e, const struct prq_elf_segment *s);
/* The machine as Go names it ("amd64"), empty when it has no such name. */
prq_str prq_elf_goarch(const struct prq_elf *e);

#endif
