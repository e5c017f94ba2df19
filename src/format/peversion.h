/* SPDX-License-Identifier: Apache-2.0 */
/* What a Windows program or library says of itself: whether it is an assembly of .NET, and the texts
 * of its version resource.
 *
 *     data directory 14   the CLR header, if the code is managed
 *     data directory 2    resources, a tree of three levels: type (16: version), name, language
 *     VS_VERSIONINFO      a node: u16 length, u16 length of the value, u16 type, key in UTF-16 with a
 *                         NUL, value, children; value and children on multiples of four bytes
 *       StringFileInfo → a table a language → "FileVersion" …, the value in UTF-16
 *
 * Sources: Microsoft "PE Format" (".rsrc Section", "Optional Header Data Directories"), ECMA-335 II.25.3.3
 * ("CLI header"), Microsoft "VS_VERSIONINFO structure" and its children. */
#ifndef PRQ_FORMAT_PEVERSION_H
#define PRQ_FORMAT_PEVERSION_H

#include "base/arena.h"
#include "format/exe.h"

struct prq_peversion {
    bool is_managed;
    prq_str product_name, product_version, file_version, file_description, internal_name,
        original_filename, company_name; /* UTF-8, empty where the file has none */
};

/* Of an opened PE file: does it hold managed code? */
bool prq_peversion_is_managed(const struct prq_exe *exe);
/* Text comes from the arena. A file without a version resource has empty texts, and that is no failure.
 * FORMAT for one that is broken: what was read before the fault stays. */
PRQ_MUST_USE bool prq_peversion_read(prq_bytes file, const struct prq_exe *exe, struct prq_arena *a,
                                     struct prq_peversion *out, struct prq_err *err);

#endif
