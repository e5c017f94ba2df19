/* SPDX-License-Identifier: Apache-2.0 */
/* Records of an rpm NDB file (`Packages.db`). Source: catalog.md 3.3.3. */
#ifndef PRQ_FORMAT_NDB_H
#define PRQ_FORMAT_NDB_H

#include "base/err.h"
#include "base/stream.h"

struct prq_ndb {
    prq_bytes in;
    size_t slot, slots; /* next, and how many are really in the file */
    bool is_short;      /* the file ends before its last slot page */
    uint64_t left;      /* bytes that blobs may still cover: they do not overlap */
};

struct prq_ndb_record {
    uint32_t index;  /* package number */
    prq_bytes value; /* view into the file */
    uint64_t at;     /* where the value begins in the file */
    bool is_damaged; /* its checksum does not hold */
};

bool prq_ndb_is(prq_bytes in); /* by its magic */

PRQ_MUST_USE bool prq_ndb_open(struct prq_ndb *db, prq_bytes in, struct prq_err *err);

/* FAIL: one record is broken; the next call goes on behind it. All calls together cost O(file). */
PRQ_MUST_USE enum prq_next prq_ndb_next(struct prq_ndb *db, struct prq_ndb_record *out,
                                        struct prq_err *err);

#endif
