/* SPDX-License-Identifier: Apache-2.0 */
/* The build information that Go's linker leaves in executables: the toolchain's version and the
 * modules that went in. Source: package debug/buildinfo of Go and `go help buildinfo` formats:
 *
 *     byte 0   14 bytes ff ' Go buildinf:'
 *     byte 14  pointer size, byte 15 flags
 *     flag 2   (Go 1.18 on) at byte 32 two strings, each after its length as a varint
 *     else     at byte 16 two addresses of string headers (address, length); flag 1: big endian
 *
 * and of runtime/debug for the lines of the module text. */
#ifndef PRQ_FORMAT_BUILDINFO_H
#define PRQ_FORMAT_BUILDINFO_H

#include "format/exe.h"

struct prq_buildinfo {
    prq_str go_version; /* "go1.22.1", raw */
    prq_str modules;    /* the module text without its frame; empty when there is none */
};

/* True with *found false: no Go executable, or none with build information. FORMAT: the mark is
 * there and what it points to is broken. All views are into the file. */
PRQ_MUST_USE bool prq_buildinfo_read(const struct prq_exe *x, struct prq_buildinfo *out, bool *found,
                                     struct prq_err *err);

enum prq_buildinfo_kind {
    PRQ_BUILDINFO_PATH,    /* a: package path of the main package */
    PRQ_BUILDINFO_MOD,     /* a: path, b: version, c: sum */
    PRQ_BUILDINFO_DEP,     /* likewise */
    PRQ_BUILDINFO_REPLACE, /* likewise: in place of the module before it */
    PRQ_BUILDINFO_SETTING, /* a: key, b: value, unquoted */
    PRQ_BUILDINFO_OTHER,   /* a: the line */
};

struct prq_buildinfo_line {
    enum prq_buildinfo_kind kind;
    prq_str a, b, c;
};

/* The next line off the front of *rest; false at the end. Quoted settings are decoded into the
 * arena (left raw when the quoting is broken or the arena is full). */
bool prq_buildinfo_line(prq_str *rest, struct prq_arena *a, struct prq_buildinfo_line *out);

#endif
