/* SPDX-License-Identifier: Apache-2.0 */
/* Everything is little-endian.
 *
 *     header 32: "RpmP", version, generation, slot pages, next package index
 *     slots  16: "Slot", package index, block offset (0: unused), block count; pages of 4096 from 0
 * on blob     : "BlbS", package index, generation, length | bytes, padded | adler32, length, "BlbE"
 */
#include "format/ndb.h"

#include "base/rd.h"

enum {
    HEADER = 32,
    SLOT = 16,
    SLOT_PAGE = 4096,
    BLOCK = 16,
    BLOB_HEAD = 16,
    BLOB_TAIL = 12,
    ADLER = 65521,
    ADLER_RUN = 5552, /* sums fit 32 bits for that many bytes (RFC 1950) */
};

static bool magic_is(const uint8_t *p, const char *magic)
{
    return p && memcmp(p, magic, 4) == 0;
}

bool prq_ndb_is(prq_bytes in)
{
    return in.n >= HEADER && magic_is(in.p, "RpmP");
}

bool prq_ndb_open(struct prq_ndb *db, prq_bytes in, struct prq_err *err)
{
    if (!prq_ndb_is(in))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an rpm NDB file");
    struct prq_rd r = { .p = in.p, .n = in.n, .at = 4 };
    if (prq_rd_u32le(&r) != 0)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 4, "rpm NDB version is not read");
    prq_rd_u32le(&r);
    uint64_t told = (uint64_t)prq_rd_u32le(&r) * SLOT_PAGE;
    if (told == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 12, "rpm NDB file without slots");
    *db = (struct prq_ndb){ .in = in, .slot = HEADER / SLOT, .left = in.n };
    db->is_short = told > in.n;
    db->slots = (size_t)(db->is_short ? in.n : told) / SLOT;
    return true;
}

/* Source: RFC 1950 section 9. */
static uint32_t adler32(const uint8_t *p, size_t n)
{
    uint32_t a = 1, b = 0;
    while (n) {
        size_t run = prq_min_size(n, ADLER_RUN);
        n -= run;
        while (run--) {
            a += *p++;
            b += a;
        }
        a %= ADLER;
        b %= ADLER;
    }
    return b << 16 | a;
}

static bool read_blob(struct prq_ndb *db, uint32_t index, uint32_t block, uint32_t blocks,
                      struct prq_ndb_record *out, struct prq_err *err)
{
    uint64_t at = (uint64_t)block * BLOCK, bytes = (uint64_t)blocks * BLOCK;
    if (at > db->in.n || bytes > db->in.n - at || bytes < BLOB_HEAD + BLOB_TAIL)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "rpm NDB record outside of the file");
    if (bytes > db->left)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "rpm NDB records overlap");
    db->left -= bytes;
    const uint8_t *p = db->in.p + at;
    struct prq_rd r = { .p = p, .n = (size_t)bytes };
    bool ok = magic_is(prq_rd_take(&r, 4), "BlbS") && prq_rd_u32le(&r) == index;
    prq_rd_u32le(&r);
    uint32_t length = prq_rd_u32le(&r);
    if (!ok || length > bytes - BLOB_HEAD - BLOB_TAIL)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "rpm NDB record with a malformed head");
    prq_rd_seek(&r, bytes - BLOB_TAIL);
    uint32_t sum = prq_rd_u32le(&r), again = prq_rd_u32le(&r);
    if (again != length || !magic_is(prq_rd_take(&r, 4), "BlbE"))
        return prq_fail_at(err, PRQ_E_FORMAT, at, "rpm NDB record with a malformed end");
    *out = (struct prq_ndb_record){ .index = index,
                                    .value = { p + BLOB_HEAD, length },
                                    .at = at + BLOB_HEAD,
                                    .is_damaged = sum != adler32(p, (size_t)bytes - BLOB_TAIL) };
    return true;
}

enum prq_next prq_ndb_next(struct prq_ndb *db, struct prq_ndb_record *out, struct prq_err *err)
{
    while (db->slot < db->slots) {
        uint64_t at = (uint64_t)db->slot++ * SLOT;
        struct prq_rd r = { .p = db->in.p, .n = db->in.n, .at = (size_t)at };
        bool ok = magic_is(prq_rd_take(&r, 4), "Slot");
        uint32_t index = prq_rd_u32le(&r), block = prq_rd_u32le(&r), blocks = prq_rd_u32le(&r);
        if (!ok) {
            prq_fail_at(err, PRQ_E_FORMAT, at, "rpm NDB slot without its magic");
            return PRQ_NEXT_FAIL;
        }
        if (block)
            return read_blob(db, index, block, blocks, out, err) ? PRQ_NEXT_ITEM : PRQ_NEXT_FAIL;
    }
    if (!db->is_short)
        return PRQ_NEXT_END;
    db->is_short = false;
    prq_fail_at(err, PRQ_E_FORMAT, db->in.n, "rpm NDB file ends early");
    return PRQ_NEXT_FAIL;
}
