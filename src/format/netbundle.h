/* SPDX-License-Identifier: Apache-2.0 */
/* .NET single-file programs: an executable with the application's files behind it.
 *
 *     in the executable's data   i64 offset of the header, 32 bytes SHA-256 of ".net core bundle\n"
 *     header                     u32 major, u32 minor, i32 files, identifier (length in 7-bit groups)
 *       major 2 and later        i64 offset, i64 size of deps.json; the same of runtimeconfig.json;
 *                                u64 flags
 *     each file                  i64 offset, i64 size, major 6: i64 packed size (0: not packed),
 *                                u8 kind (3: deps.json), name
 *
 * Little-endian throughout. Source: the bundle design of the .NET runtime (docs/design, single-file). */
#ifndef PRQ_FORMAT_NETBUNDLE_H
#define PRQ_FORMAT_NETBUNDLE_H

#include "base/err.h"
#include "base/str.h"

/* Where the executable itself ends by its own headers: what lies behind it was put there later. The
 * file's size when the headers do not tell. */
size_t prq_netbundle_payload_at(prq_bytes file);

/* *deps is empty, and that is no failure, for a file that is no bundle or one without deps.json.
 * FORMAT for a bundle that points outside of the file. UNSUPPORTED for a packed deps.json. */
PRQ_MUST_USE bool prq_netbundle_deps(prq_bytes file, prq_bytes *deps, struct prq_err *err);

#endif
