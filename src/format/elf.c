/* SPDX-License-Identifier: Apache-2.0 */
#include "format/elf.h"

#include "base/rd.h"

static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };

bool prq_elf_is(prq_bytes data)
{
    return data.n >= sizeof magic && memcmp(data.p, magic, sizeof magic) == 0;
}

static uint16_t half(const struct prq_elf *e, struct prq_rd *r)
{
    return e->is_big ? prq_rd_u16be(r) : prq_rd_u16le(r);
}

static uint32_t word(const struct prq_elf *e, struct prq_rd *r)
{
    return e->is_big ? prq_rd_u32be(r) : prq_rd_u32le(r);
}

/* An address, offset or size: as wide as the class. */
static uint64_t wide(const struct prq_elf *e, struct prq_rd *r)
{
    if (!e->is_64)
        return word(e, r);
    return e->is_big ? prq_rd_u64be(r) : prq_rd_u64le(r);
}

/* The part of [offset, offset + size) that the file has. */
static prq_bytes window(prq_bytes data, uint64_t offset, uint64_t size)
{
    if (offset >= data.n)
        return (prq_bytes){ 0 };
    size_t left = data.n - (size_t)offset;
    return (prq_bytes){ data.p + offset, size < left ? (size_t)size : left };
}

static bool table_fits(const struct prq_elf *e, uint64_t at, uint64_t count, uint64_t size)
{
    uint64_t bytes, end;
    return prq_mul(count, size, &bytes) && prq_add(at, bytes, &end) && end <= e->data.n;
}

struct prq_elf_section prq_elf_section(const struct prq_elf *e, uint32_t i)
{
    struct prq_elf_section s = { 0 };
    struct prq_rd r = prq_rd_of(e->data);
    prq_rd_seek(&r, e->sections_at + (uint64_t)i * e->section_size);
    s.name = word(e, &r);
    s.type = word(e, &r);
    s.flags = wide(e, &r);
    s.addr = wide(e, &r);
    s.offset = wide(e, &r);
    s.size = wide(e, &r);
    s.link = word(e, &r);
    s.info = word(e, &r);
    wide(e, &r); /* alignment */
    s.entry_size = wide(e, &r);
    return s;
}

struct prq_elf_segment prq_elf_segment(const struct prq_elf *e, uint32_t i)
{
    struct prq_elf_segment s = { 0 };
    struct prq_rd r = prq_rd_of(e->data);
    prq_rd_seek(&r, e->segments_at + (uint64_t)i * e->segment_size);
    s.type = word(e, &r);
    if (e->is_64)
        s.flags = word(e, &r);
    s.offset = wide(e, &r);
    s.addr = wide(e, &r);
    wide(e, &r); /* physical address */
    s.file_size = wide(e, &r);
    s.memory_size = wide(e, &r);
    if (!e->is_64)
        s.flags = word(e, &r);
    return s;
}

prq_bytes prq_elf_section_data(const struct prq_elf *e, const struct prq_elf_section *s)
{
    if (s->type == PRQ_ELF_SHT_NOBITS)
        return (prq_bytes){ 0 };
    return window(e->data, s->offset, s->size);
}

prq_bytes prq_elf_segment_data(const struct prq_elf *e, const struct prq_elf_segment *s)
{
    return window(e->data, s->offset, s->file_size);
}

/* Both tables must be whole. More than 0xff00 sections: their number is the size of section 0, and
 * the index of the names its link (System V ABI, "ELF Header", e_shnum and e_shstrndx). */
static bool read_tables(struct prq_elf *e, uint32_t names, struct prq_err *err)
{
    uint32_t least_segment = e->is_64 ? 56 : 32, least_section = e->is_64 ? 64 : 40;
    if (e->segment_count &&
        (e->segment_size < least_segment ||
         !table_fits(e, e->segments_at, e->segment_count, e->segment_size)))
        return prq_fail_at(err, PRQ_E_FORMAT, e->segments_at, "program headers outside the file");
    if (e->sections_at == 0) {
        e->section_count = 0;
        return true;
    }
    if (e->section_size < least_section || !table_fits(e, e->sections_at, 1, e->section_size))
        return prq_fail_at(err, PRQ_E_FORMAT, e->sections_at, "section headers outside the file");
    struct prq_elf_section first = prq_elf_section(e, 0);
    if (e->section_count == 0) {
        if (first.size > UINT32_MAX)
            return prq_fail_at(err, PRQ_E_FORMAT, e->sections_at, "too many section headers");
        e->section_count = (uint32_t)first.size;
    }
    if (names == 0xffff)
        names = first.link;
    if (!table_fits(e, e->sections_at, e->section_count, e->section_size))
        return prq_fail_at(err, PRQ_E_FORMAT, e->sections_at, "section headers outside the file");
    if (names != 0 && names < e->section_count) {
        struct prq_elf_section s = prq_elf_section(e, names);
        e->names = prq_elf_section_data(e, &s);
        e->names_cut = s.type != PRQ_ELF_SHT_NOBITS && e->names.n < s.size;
    }
    return true;
}

bool prq_elf_open(prq_bytes data, struct prq_elf *out, struct prq_err *err)
{
    if (!prq_elf_is(data))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an ELF file");
    struct prq_rd r = prq_rd_of(data);
    const uint8_t *ident = prq_rd_take(&r, 16);
    if (!ident)
        return prq_fail_at(err, PRQ_E_FORMAT, data.n, "ELF header ends early");
    if (ident[4] != 1 && ident[4] != 2)
        return prq_fail_at(err, PRQ_E_FORMAT, 4, "unknown ELF class");
    if (ident[5] != 1 && ident[5] != 2)
        return prq_fail_at(err, PRQ_E_FORMAT, 5, "unknown ELF byte order");
    struct prq_elf e = { .data = data, .is_64 = ident[4] == 2, .is_big = ident[5] == 2 };
    e.type = half(&e, &r);
    e.machine = half(&e, &r);
    word(&e, &r); /* version */
    wide(&e, &r); /* entry */
    e.segments_at = wide(&e, &r);
    e.sections_at = wide(&e, &r);
    word(&e, &r); /* flags */
    half(&e, &r); /* header size */
    e.segment_size = half(&e, &r);
    e.segment_count = half(&e, &r);
    e.section_size = half(&e, &r);
    e.section_count = half(&e, &r);
    uint32_t names = half(&e, &r);
    if (r.bad)
        return prq_fail_at(err, PRQ_E_FORMAT, data.n, "ELF header ends early");
    if (!read_tables(&e, names, err))
        return false;
    *out = e;
    return true;
}

bool prq_elf_find(const struct prq_elf *e, prq_str name, struct prq_elf_section *out)
{
    for (uint32_t i = 0; i < e->section_count; i++) {
        struct prq_elf_section s = prq_elf_section(e, i);
        prq_str at = prq_str_from_at(prq_str_of(e->names), s.name);
        if (at.n > name.n && at.p[name.n] == '\0' && prq_str_starts(at, name)) {
            *out = s;
            return true;
        }
    }
    return false;
}

/* Source: the machine numbers of the System V ABI and its supplements; Go's names of them. */
prq_str prq_elf_goarch(const struct prq_elf *e)
{
    static const struct {
        uint16_t machine;
        bool is_64, is_big;
        prq_str name;
    } arches[] = {
        { 3, false, false, PRQ_SI("386") },       { 62, true, false, PRQ_SI("amd64") },
        { 40, false, false, PRQ_SI("arm") },      { 183, true, false, PRQ_SI("arm64") },
        { 21, true, true, PRQ_SI("ppc64") },    { 21, true, false, PRQ_SI("ppc64le") },
        { 22, true, true, PRQ_SI("s390x") },    { 243, true, false, PRQ_SI("riscv64") },
        { 258, true, false, PRQ_SI("loong64") }, { 8, false, true, PRQ_SI("mips") },
        { 8, false, false, PRQ_SI("mipsle") },    { 8, true, true, PRQ_SI("mips64") },
        { 8, true, false, PRQ_SI("mips64le") },
    };
    for (size_t i = 0; i < PRQ_COUNT(arches); i++)
        if (arches[i].machine == e->machine && arches[i].is_64 == e->is_64 &&
            arches[i].is_big == e->is_big)
            return arches[i].name;
    return (prq_str){ 0 };
}
