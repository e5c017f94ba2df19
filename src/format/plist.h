/* SPDX-License-Identifier: Apache-2.0 */
/* Apple's binary property lists, as far as a dictionary of texts at the root goes.
 *
 *     "bplist00"   objects   offset table: `offset_bytes` per object   trailer, the last 32 bytes:
 *     5 unused, sort version, offset_bytes, reference_bytes, u64 objects, u64 root, u64 table at
 *
 *     an object    high four bits: 5 ASCII text, 6 UTF-16 text, 0xd dictionary; low four: the
 *                  count, 0xf: an integer object with the count follows
 *
 * Big-endian throughout. Source: CoreFoundation's CFBinaryPList.c, the essay at its head. */
#ifndef PRQ_FORMAT_PLIST_H
#define PRQ_FORMAT_PLIST_H

#include "base/arena.h"
#include "base/err.h"

struct prq_plist_pair {
    prq_str key, value; /* UTF-8 */
};

bool prq_plist_is_binary(prq_bytes data);
/* The texts of the root dictionary, in its order; members of other types are left out. FORMAT for
 * what breaks the rules. */
PRQ_MUST_USE bool prq_plist_texts(prq_bytes data, struct prq_arena *a, struct prq_plist_pair **out,
                                  size_t *n, struct prq_err *err);

#endif
