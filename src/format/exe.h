/* SPDX-License-Identifier: Apache-2.0 */
/* Executables of any system as what a reader of their data needs: which bytes of the file lie at
 * which address. ELF, PE, Mach-O; a fat Mach-O file is asked slice by slice.
 * Sources: System V ABI; Microsoft "PE Format"; Apple's <mach-o/loader.h> and <mach-o/fat.h>. */
#ifndef PRQ_FORMAT_EXE_H
#define PRQ_FORMAT_EXE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum prq_exe_kind { PRQ_EXE_NONE, PRQ_EXE_ELF, PRQ_EXE_PE, PRQ_EXE_MACHO, PRQ_EXE_FAT };

/* A run of the file that is mapped. Where data and file disagree, what the file has. */
struct prq_exe_part {
    uint64_t addr;
    prq_bytes bytes;
    bool is_data; /* initialised, writable, not executable */
};

/* What a header says lies at an address; nothing of it need be there. */
struct prq_exe_span {
    uint64_t addr;
    uint32_t size;
};

/* The section of cargo-auditable, in every format. Source: its PARSING.md. */
#define PRQ_EXE_AUDIT ".dep-v0"

struct prq_exe {
    enum prq_exe_kind kind;
    struct prq_exe_part *parts;
    size_t part_count;
    bool has_go_section; /* the section that Go's linker makes for its build information */
    struct prq_exe_part go_section;
    bool has_audit_section; /* the one that cargo-auditable makes */
    prq_bytes audit_section;
    bool has_sections;   /* the file names its sections */
    bool is_go_like;     /* some other mark of Go's linker is there */
    prq_str goarch, goos; /* as Go names them, where the header tells */
    /* PE only. base: where the image is loaded, part of all addresses. size 0: the file has none. */
    uint64_t base;
    struct prq_exe_span resources, clr;
};

enum prq_exe_kind prq_exe_kind(prq_bytes data);
/* How many executables the file holds: those of a fat file, else 1. */
PRQ_MUST_USE bool prq_exe_slices(prq_bytes data, uint32_t *out, struct prq_err *err);
PRQ_MUST_USE bool prq_exe_slice(prq_bytes data, uint32_t i, prq_bytes *out, struct prq_err *err);
/* One executable (not a fat file). Parts come from the arena. FORMAT for broken headers; kind is
 * NONE, and that is no failure, for what is not an executable at all. */
PRQ_MUST_USE bool prq_exe_open(prq_bytes data, struct prq_arena *a, struct prq_exe *out,
                               struct prq_err *err);
/* The bytes from `addr` to the end of its part; empty when nothing is there. */
prq_bytes prq_exe_at(const struct prq_exe *x, uint64_t addr);

#endif
