/* SPDX-License-Identifier: Apache-2.0 */
/* ELF programs packed by UPX: what they are once unpacked. Source: catalog.md 4.4, which describes
 *
 *     checksum u32, "UPX!", loader size u16, version u8, format u8
 *     program id u32, file size u32, block size u32
 *     blocks: unpacked size u32, packed size u32, method u8, filter u8, filter byte u8, pad u8, data */
#ifndef PRQ_FORMAT_UPX_H
#define PRQ_FORMAT_UPX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The packer's mark is where it belongs. */
bool prq_upx_is(prq_bytes data);
/* The file before packing, from the arena; what the packer does not keep (section headers) is gone.
 * FORMAT; UNSUPPORTED: another method or file format; LIMIT: larger than the arena allows. */
PRQ_MUST_USE bool prq_upx_unpack(prq_bytes data, struct prq_arena *a, prq_bytes *out,
                                 struct prq_err *err);

#endif
