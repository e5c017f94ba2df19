/* SPDX-License-Identifier: Apache-2.0 */
#include "format/netbundle.h"

#include "base/rd.h"
#include "format/elf.h"

enum { SIGNATURE = 32, KIND_DEPS = 3, FILES_MAX = 100000 };

static const uint8_t signature[SIGNATURE] = {
    0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
    0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
};

static size_t end_of_elf(prq_bytes file)
{
    struct prq_elf e;
    if (!prq_elf_open(file, &e, NULL) || !e.section_count)
        return file.n;
    uint64_t end = e.sections_at + (uint64_t)e.section_count * e.section_size;
    for (uint32_t i = 0; i < e.section_count; i++) {
        struct prq_elf_section s = prq_elf_section(&e, i);
        uint64_t to;
        if (s.type != PRQ_ELF_SHT_NOBITS && prq_add(s.offset, s.size, &to) && to > end)
            end = to;
    }
    return end < file.n ? (size_t)end : file.n;
}

/* Source: Microsoft "PE Format": the section table follows the optional header. */
static size_t end_of_pe(prq_bytes file)
{
    struct prq_rd r = prq_rd_of(file);
    prq_rd_seek(&r, 0x3c);
    prq_rd_seek(&r, prq_rd_u32le(&r));
    if (prq_rd_u32le(&r) != 0x4550)
        return file.n;
    prq_rd_take(&r, 2);
    uint16_t sections = prq_rd_u16le(&r);
    prq_rd_take(&r, 12);
    uint16_t optional = prq_rd_u16le(&r);
    prq_rd_take(&r, (size_t)2 + optional);
    uint64_t end = 0;
    for (uint16_t i = 0; i < sections && !r.bad; i++) {
        prq_rd_take(&r, 16);
        uint64_t size = prq_rd_u32le(&r), at = prq_rd_u32le(&r);
        prq_rd_take(&r, 16);
        if (at + size > end)
            end = at + size;
    }
    return !r.bad && end && end < file.n ? (size_t)end : file.n;
}

/* Mach-O keeps the bundle inside of what its headers cover, or behind: the whole file counts. */
size_t prq_netbundle_payload_at(prq_bytes file)
{
    if (prq_elf_is(file))
        return end_of_elf(file);
    if (file.n >= 2 && memcmp(file.p, "MZ", 2) == 0)
        return end_of_pe(file);
    return file.n >= 4 ? 4 : file.n;
}

/* A length in groups of seven bits, low ones first, then so many bytes. */
static prq_str read_name(struct prq_rd *r)
{
    return prq_rd_lenstr(r);
}

/* An error's place is in the file, whatever the file says. */
static bool fail_in(prq_bytes file, uint64_t at, const char *why, struct prq_err *err)
{
    return prq_fail_at(err, PRQ_E_FORMAT, at < file.n ? at : file.n, why);
}

static bool span_of(prq_bytes file, uint64_t at, uint64_t size, prq_bytes *out, struct prq_err *err)
{
    if (at > file.n || size > file.n - at)
        return fail_in(file, at, "deps.json of the bundle lies outside of the file", err);
    *out = (prq_bytes){ file.p + at, (size_t)size };
    return true;
}

/* Version 1 has no place of its own for deps.json: it is one of the files. */
static bool find_among_files(prq_bytes file, struct prq_rd *r, uint32_t major, uint32_t count,
                             prq_bytes *deps, struct prq_err *err)
{
    for (uint32_t i = 0; i < count && i < FILES_MAX && !r->bad; i++) {
        uint64_t at = prq_rd_u64le(r), size = prq_rd_u64le(r);
        uint64_t packed = major >= 6 ? prq_rd_u64le(r) : 0;
        uint8_t kind = prq_rd_u8(r);
        read_name(r);
        if (r->bad || kind != KIND_DEPS)
            continue;
        if (packed)
            return prq_fail_at(err, PRQ_E_UNSUPPORTED, prq_rd_at(r), "packed deps.json of a bundle");
        return span_of(file, at, size, deps, err);
    }
    return !r->bad || prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(r), "list of bundled files ends early");
}

static bool read_header(prq_bytes file, uint64_t at, prq_bytes *deps, struct prq_err *err)
{
    struct prq_rd r = prq_rd_of(file);
    prq_rd_seek(&r, at);
    uint32_t major = prq_rd_u32le(&r);
    prq_rd_u32le(&r);
    uint32_t files = prq_rd_u32le(&r);
    read_name(&r);
    if (r.bad || major == 0)
        return fail_in(file, at, "broken header of a .NET bundle", err);
    if (major < 2)
        return find_among_files(file, &r, major, files, deps, err);
    uint64_t deps_at = prq_rd_u64le(&r), deps_size = prq_rd_u64le(&r);
    if (r.bad)
        return fail_in(file, at, "header of a .NET bundle ends early", err);
    return deps_size == 0 || span_of(file, deps_at, deps_size, deps, err);
}

bool prq_netbundle_deps(prq_bytes file, prq_bytes *deps, struct prq_err *err)
{
    *deps = (prq_bytes){ 0 };
    size_t payload = prq_netbundle_payload_at(file);
    if (payload == file.n)
        return true;
    /* The mark is in the executable, the files are behind it; a Mach-O file is searched whole. */
    size_t room = prq_elf_is(file) || file.p[0] == 'M' ? payload : file.n;
    const uint8_t *p = file.p, *end = file.p + room, *hit;
    while ((hit = memmem(p, (size_t)(end - p), signature, SIGNATURE)) != NULL) {
        struct prq_rd r = prq_rd_of(file);
        size_t at = (size_t)(hit - file.p);
        if (at >= 8) {
            prq_rd_seek(&r, at - 8);
            uint64_t header = prq_rd_u64le(&r);
            if (header) /* 0: a host that no bundle was put behind */
                return read_header(file, header, deps, err);
        }
        p = hit + SIGNATURE;
    }
    return true;
}
