/* SPDX-License-Identifier: Apache-2.0 */
#include "format/exe.h"

#include "base/rd.h"
#include "format/elf.h"

enum {
    MACHO_32 = 0xfeedface,
    MACHO_64 = 0xfeedfacf,
    FAT_32 = 0xcafebabe,
    FAT_64 = 0xcafebabf,
    /* A Java class file begins like a fat file, with its version where the count is: 45 and up. */
    FAT_MOST = 40,
};

static uint32_t head_be(prq_bytes data)
{
    struct prq_rd r = prq_rd_of(data);
    return prq_rd_u32be(&r);
}

static uint32_t head_le(prq_bytes data)
{
    struct prq_rd r = prq_rd_of(data);
    return prq_rd_u32le(&r);
}

static bool is_macho(prq_bytes data)
{
    uint32_t be = head_be(data), le = head_le(data);
    return be == MACHO_32 || be == MACHO_64 || le == MACHO_32 || le == MACHO_64;
}

static bool is_fat(prq_bytes data)
{
    uint32_t m = head_be(data);
    if (m != FAT_32 && m != FAT_64)
        return false;
    struct prq_rd r = prq_rd_of(data);
    prq_rd_take(&r, 4);
    uint32_t count = prq_rd_u32be(&r);
    return !r.bad && count > 0 && count <= FAT_MOST;
}

/* Where the PE signature is; 0 when there is none ("PE Format", "MS-DOS Stub"). */
static size_t pe_at(prq_bytes data)
{
    if (data.n < 0x40 || data.p[0] != 'M' || data.p[1] != 'Z')
        return 0;
    struct prq_rd r = prq_rd_of(data);
    prq_rd_seek(&r, 0x3c);
    uint32_t at = prq_rd_u32le(&r);
    prq_rd_seek(&r, at);
    return prq_rd_u32le(&r) == 0x4550 && !r.bad ? at : 0;
}

enum prq_exe_kind prq_exe_kind(prq_bytes data)
{
    if (prq_elf_is(data))
        return PRQ_EXE_ELF;
    if (is_macho(data))
        return PRQ_EXE_MACHO;
    if (is_fat(data))
        return PRQ_EXE_FAT;
    return pe_at(data) ? PRQ_EXE_PE : PRQ_EXE_NONE;
}

bool prq_exe_slices(prq_bytes data, uint32_t *out, struct prq_err *err)
{
    if (!is_fat(data)) {
        *out = 1;
        return true;
    }
    struct prq_rd r = prq_rd_of(data);
    size_t entry = prq_rd_u32be(&r) == FAT_64 ? 32 : 20;
    uint32_t count = prq_rd_u32be(&r);
    if (prq_rd_count(&r, count, entry) != count)
        return prq_fail_at(err, PRQ_E_FORMAT, 8, "fat header ends early");
    *out = count;
    return true;
}

bool prq_exe_slice(prq_bytes data, uint32_t i, prq_bytes *out, struct prq_err *err)
{
    if (!is_fat(data)) {
        *out = data;
        return true;
    }
    struct prq_rd r = prq_rd_of(data);
    bool wide = prq_rd_u32be(&r) == FAT_64;
    size_t at = 8 + (size_t)i * (wide ? 32 : 20);
    prq_rd_seek(&r, at + 8); /* after the two words of the cpu type */
    uint64_t offset = wide ? prq_rd_u64be(&r) : prq_rd_u32be(&r);
    uint64_t size = wide ? prq_rd_u64be(&r) : prq_rd_u32be(&r);
    if (r.bad || offset > data.n || size > data.n - offset)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "slice of a fat file outside the file");
    *out = (prq_bytes){ data.p + offset, (size_t)size };
    return true;
}

static bool add_part(struct prq_exe *x, struct prq_arena *a, size_t *cap, struct prq_exe_part part,
                     struct prq_err *err)
{
    if (part.bytes.n == 0)
        return true;
    if (x->part_count == *cap &&
        !prq_arena_grow(a, &x->parts, sizeof *x->parts, cap, x->part_count + 1))
        return prq_fail(err, PRQ_E_LIMIT, "too many segments");
    x->parts[x->part_count++] = part;
    return true;
}

static bool open_elf(prq_bytes data, struct prq_arena *a, struct prq_exe *x, struct prq_err *err)
{
    struct prq_elf e;
    if (!prq_elf_open(data, &e, err))
        return false;
    size_t cap = 0;
    for (uint32_t i = 0; i < e.segment_count; i++) {
        struct prq_elf_segment s = prq_elf_segment(&e, i);
        if (s.type != PRQ_ELF_PT_LOAD)
            continue;
        struct prq_exe_part part = {
            .addr = s.addr,
            .bytes = prq_elf_segment_data(&e, &s),
            .is_data = (s.flags & (PRQ_ELF_PF_W | PRQ_ELF_PF_X)) == PRQ_ELF_PF_W,
        };
        if (!add_part(x, a, &cap, part, err))
            return false;
    }
    struct prq_elf_section s;
    if (prq_elf_find(&e, PRQ_S(".go.buildinfo"), &s)) {
        x->has_go_section = true;
        x->go_section = (struct prq_exe_part){ s.addr, prq_elf_section_data(&e, &s), true };
    }
    if (prq_elf_find(&e, PRQ_S(PRQ_EXE_AUDIT), &s)) {
        x->has_audit_section = true;
        x->audit_section = prq_elf_section_data(&e, &s);
    }
    x->has_sections = e.names.n > 0;
    x->is_go_like = prq_elf_find(&e, PRQ_S(".note.go.buildid"), &s) ||
                    prq_elf_find(&e, PRQ_S(".gopclntab"), &s);
    x->goarch = prq_elf_goarch(&e);
    return true;
}

/* ---- PE */

static prq_str pe_goarch(uint16_t machine)
{
    switch (machine) {
    case 0x14c:
        return PRQ_S("386");
    case 0x8664:
        return PRQ_S("amd64");
    case 0x1c4:
        return PRQ_S("arm");
    case 0xaa64:
        return PRQ_S("arm64");
    default:
        return (prq_str){ 0 };
    }
}

/* "PE Format", "Section Table": 40 bytes each, after the optional header. */
static bool read_pe_sections(prq_bytes data, struct prq_rd *r, size_t count, uint64_t base,
                             struct prq_arena *a, struct prq_exe *x, struct prq_err *err)
{
    enum { EXECUTE = 0x20000000, INITIALISED = 0x40 };
    const uint32_t writable = 0x80000000;
    size_t cap = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *name = prq_rd_take(r, 8); /* padded with NUL */
        uint32_t memory = prq_rd_u32le(r), addr = prq_rd_u32le(r);
        uint32_t size = prq_rd_u32le(r), offset = prq_rd_u32le(r);
        prq_rd_take(r, 12);
        uint32_t flags = prq_rd_u32le(r);
        if (offset >= data.n)
            continue;
        /* The raw size is rounded up; what follows the virtual size is padding. */
        size_t n = prq_min_size(memory && memory < size ? memory : size, data.n - offset);
        struct prq_exe_part part = {
            .addr = base + addr,
            .bytes = { data.p + offset, n },
            .is_data = (flags & INITIALISED) && (flags & writable) && !(flags & EXECUTE),
        };
        if (name && !x->has_audit_section && memcmp(name, PRQ_EXE_AUDIT, 8) == 0) {
            x->has_audit_section = true;
            x->audit_section = part.bytes;
        }
        if (!add_part(x, a, &cap, part, err))
            return false;
    }
    return true;
}

/* "PE Format", "Optional Header Data Directories": after the number of them. */
static struct prq_exe_span pe_directory(prq_bytes optional, bool wide, uint64_t base, uint32_t i)
{
    struct prq_rd r = prq_rd_of(optional);
    prq_rd_take(&r, wide ? 108 : 92);
    uint32_t count = prq_rd_u32le(&r);
    prq_rd_take(&r, (size_t)i * 8);
    uint32_t addr = prq_rd_u32le(&r), size = prq_rd_u32le(&r);
    if (r.bad || i >= count || addr == 0)
        return (struct prq_exe_span){ 0 };
    return (struct prq_exe_span){ base + addr, size };
}

static bool open_pe(prq_bytes data, struct prq_arena *a, struct prq_exe *x, struct prq_err *err)
{
    struct prq_rd r = prq_rd_of(data);
    prq_rd_seek(&r, pe_at(data) + 4);
    x->goarch = pe_goarch(prq_rd_u16le(&r));
    x->goos = PRQ_S("windows");
    uint16_t sections = prq_rd_u16le(&r);
    prq_rd_take(&r, 12); /* time, symbol table, symbol count */
    uint16_t optional = prq_rd_u16le(&r);
    prq_rd_take(&r, 2); /* characteristics */
    struct prq_rd opt = r;
    enum { RESOURCES = 2, CLR = 14 };
    const uint8_t *head = prq_rd_take(&r, optional);
    size_t count = prq_rd_count(&r, sections, 40);
    if (r.bad)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&r), "PE headers end early");
    uint64_t base = 0;
    if (optional >= 32) {
        bool wide = prq_rd_u16le(&opt) == 0x20b;
        prq_rd_take(&opt, wide ? 22 : 26);
        base = wide ? prq_rd_u64le(&opt) : prq_rd_u32le(&opt);
        x->resources = pe_directory((prq_bytes){ head, optional }, wide, base, RESOURCES);
        x->clr = pe_directory((prq_bytes){ head, optional }, wide, base, CLR);
    }
    x->base = base;
    x->has_sections = true;
    return read_pe_sections(data, &r, count, base, a, x, err);
}

/* ---- Mach-O */

struct macho {
    prq_bytes data;
    bool is_64, is_big;
};

static uint32_t mword(const struct macho *m, struct prq_rd *r)
{
    return m->is_big ? prq_rd_u32be(r) : prq_rd_u32le(r);
}

static uint64_t mwide(const struct macho *m, struct prq_rd *r)
{
    if (!m->is_64)
        return mword(m, r);
    return m->is_big ? prq_rd_u64be(r) : prq_rd_u64le(r);
}

static prq_bytes mwindow(const struct macho *m, uint64_t offset, uint64_t size)
{
    if (offset >= m->data.n)
        return (prq_bytes){ 0 };
    size_t left = m->data.n - (size_t)offset;
    return (prq_bytes){ m->data.p + offset, size < left ? (size_t)size : left };
}

/* A name is 16 bytes, padded with NUL. */
static bool mname_is(const uint8_t *p, const char *name)
{
    return p && strncmp((const char *)p, name, 16) == 0;
}

static void read_macho_section(const struct macho *m, struct prq_rd *r, struct prq_exe *x)
{
    const uint8_t *name = prq_rd_take(r, 16);
    prq_rd_take(r, 16); /* segment */
    uint64_t addr = mwide(m, r), size = mwide(m, r);
    uint32_t offset = mword(m, r);
    prq_rd_take(r, m->is_64 ? 28 : 24);
    if (!r->bad && !x->has_audit_section && mname_is(name, PRQ_EXE_AUDIT)) {
        x->has_audit_section = true;
        x->audit_section = mwindow(m, offset, size);
    }
    if (r->bad || x->has_go_section || !mname_is(name, "__go_buildinfo"))
        return;
    x->has_go_section = true;
    x->go_section = (struct prq_exe_part){ addr, mwindow(m, offset, size), true };
}

static bool read_macho_segment(const struct macho *m, struct prq_rd *r, struct prq_arena *a,
                               struct prq_exe *x, size_t *cap, struct prq_err *err)
{
    enum { READ_WRITE = 3, EXECUTE = 4 };
    const uint8_t *name = prq_rd_take(r, 16);
    uint64_t addr = mwide(m, r);
    mwide(m, r); /* size in memory */
    uint64_t offset = mwide(m, r), size = mwide(m, r);
    mword(m, r); /* most that may be allowed */
    uint32_t prot = mword(m, r), sections = mword(m, r);
    mword(m, r); /* flags */
    size_t count = prq_rd_count(r, sections, m->is_64 ? 80 : 68);
    if (r->bad)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(r), "Mach-O segment ends early");
    for (size_t i = 0; i < count; i++)
        read_macho_section(m, r, x);
    if (mname_is(name, "__PAGEZERO"))
        return true;
    struct prq_exe_part part = {
        .addr = addr,
        .bytes = mwindow(m, offset, size),
        .is_data = (prot & READ_WRITE) == READ_WRITE && !(prot & EXECUTE),
    };
    return add_part(x, a, cap, part, err);
}

static prq_str macho_goarch(uint32_t cpu)
{
    switch (cpu) {
    case 7:
        return PRQ_S("386");
    case 0x01000007:
        return PRQ_S("amd64");
    case 12:
        return PRQ_S("arm");
    case 0x0100000c:
        return PRQ_S("arm64");
    default:
        return (prq_str){ 0 };
    }
}

static bool open_macho(prq_bytes data, struct prq_arena *a, struct prq_exe *x, struct prq_err *err)
{
    enum { SEGMENT = 1, SEGMENT_64 = 0x19 };
    uint32_t be = head_be(data), le = head_le(data);
    struct macho m = { data, be == MACHO_64 || le == MACHO_64, be == MACHO_32 || be == MACHO_64 };
    struct prq_rd r = prq_rd_of(data);
    prq_rd_take(&r, 4);
    x->goarch = macho_goarch(mword(&m, &r));
    x->goos = PRQ_S("darwin");
    prq_rd_take(&r, 8); /* cpu subtype, file type */
    uint32_t commands = mword(&m, &r), bytes = mword(&m, &r);
    prq_rd_take(&r, m.is_64 ? 8 : 4);
    size_t start = prq_rd_at(&r);
    const uint8_t *p = prq_rd_take(&r, bytes);
    if (!p)
        return prq_fail_at(err, PRQ_E_FORMAT, 16, "Mach-O load commands outside the file");
    struct prq_rd cmds = prq_rd_of((prq_bytes){ p, bytes });
    size_t count = prq_rd_count(&cmds, commands, 8), cap = 0;
    for (size_t i = 0; i < count && !cmds.bad; i++) {
        size_t at = prq_rd_at(&cmds);
        uint32_t cmd = mword(&m, &cmds), size = mword(&m, &cmds);
        const uint8_t *body = size < 8 ? NULL : prq_rd_take(&cmds, size - 8);
        if (!body)
            return prq_fail_at(err, PRQ_E_FORMAT, start + at, "Mach-O load command ends early");
        struct prq_rd one = prq_rd_of((prq_bytes){ body, size - 8 });
        if (cmd == (m.is_64 ? SEGMENT_64 : SEGMENT) &&
            !read_macho_segment(&m, &one, a, x, &cap, err))
            return false;
    }
    if (cmds.bad)
        return prq_fail_at(err, PRQ_E_FORMAT, 16, "more Mach-O load commands than bytes");
    x->has_sections = true;
    return true;
}

bool prq_exe_open(prq_bytes data, struct prq_arena *a, struct prq_exe *out, struct prq_err *err)
{
    struct prq_exe x = { .kind = prq_exe_kind(data) };
    bool ok = true;
    switch (x.kind) {
    case PRQ_EXE_ELF:
        ok = open_elf(data, a, &x, err);
        break;
    case PRQ_EXE_PE:
        ok = open_pe(data, a, &x, err);
        break;
    case PRQ_EXE_MACHO:
        ok = open_macho(data, a, &x, err);
        break;
    case PRQ_EXE_FAT:
    case PRQ_EXE_NONE:
        x.kind = PRQ_EXE_NONE;
        break;
    }
    if (ok)
        *out = x;
    return ok;
}

prq_bytes prq_exe_at(const struct prq_exe *x, uint64_t addr)
{
    for (size_t i = 0; i <= x->part_count; i++) {
        const struct prq_exe_part *p = i < x->part_count ? &x->parts[i] : &x->go_section;
        if (addr >= p->addr && addr - p->addr < p->bytes.n) {
            size_t off = (size_t)(addr - p->addr);
            return (prq_bytes){ p->bytes.p + off, p->bytes.n - off };
        }
    }
    return (prq_bytes){ 0 };
}
