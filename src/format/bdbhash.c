/* SPDX-License-Identifier: Apache-2.0 */
/* Instead of following buckets, every page of type "hash" is read: the same records, and a broken
 * chain of buckets loses none.
 *
 *     page:  lsn 8, pgno @8, prev @12, next @16, entries u16 @20, free u16 @22, level @24, type @25
 *            then `entries` u16 offsets of items, which fill the page from its end downwards:
 *            key, value, key, value … */
#include "format/bdbhash.h"

#include "base/rd.h"

enum {
    MAGIC = 0x00061561,
    HEADER = 26,
    META_BYTES = 72, /* as far as we read */
    TYPE_HASH_UNSORTED = 2,
    TYPE_OVERFLOW = 7,
    TYPE_META = 8,
    TYPE_HASH = 13,
    ITEM_INLINE = 1,
    ITEM_OFF_PAGE = 3,
    OFF_PAGE_BYTES = 12,
};

static uint32_t u32(const struct prq_bdb *db, const uint8_t *p)
{
    struct prq_rd r = { .p = p, .n = 4 };
    return db->big_endian ? prq_rd_u32be(&r) : prq_rd_u32le(&r);
}

static uint32_t u16(const struct prq_bdb *db, const uint8_t *p)
{
    struct prq_rd r = { .p = p, .n = 2 };
    return db->big_endian ? prq_rd_u16be(&r) : prq_rd_u16le(&r);
}

static const uint8_t *page_at(const struct prq_bdb *db, uint32_t page)
{
    return db->in.p + (size_t)page * db->page_size;
}

static uint64_t place(const struct prq_bdb *db, uint32_t page, uint32_t offset)
{
    return (uint64_t)page * db->page_size + offset;
}

static bool order_of(prq_bytes in, bool *big_endian)
{
    struct prq_rd le = { .p = in.p, .n = in.n, .at = 12 }, be = le;
    if (in.n < HEADER)
        return false;
    *big_endian = prq_rd_u32be(&be) == MAGIC;
    return *big_endian || prq_rd_u32le(&le) == MAGIC;
}

bool prq_bdb_is(prq_bytes in)
{
    bool big_endian;
    return order_of(in, &big_endian);
}

bool prq_bdb_open(struct prq_bdb *db, prq_bytes in, struct prq_arena *arena, struct prq_err *err)
{
    struct prq_bdb d = { .in = in, .arena = arena };
    if (!order_of(in, &d.big_endian))
        return prq_fail_at(err, PRQ_E_FORMAT, 12, "not a Berkeley DB hash file");
    if (in.n < META_BYTES)
        return prq_fail_at(err, PRQ_E_FORMAT, in.n, "Berkeley DB file ends early");
    if (in.p[24])
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 24, "Berkeley DB file is encrypted");
    if (in.p[25] != TYPE_META)
        return prq_fail_at(err, PRQ_E_FORMAT, 25, "Berkeley DB file without a hash metadata page");
    d.page_size = u32(&d, in.p + 20);
    if (d.page_size < 512 || d.page_size > 65536 || (d.page_size & (d.page_size - 1)))
        return prq_fail_at(err, PRQ_E_FORMAT, 20, "Berkeley DB page size is out of range");
    uint64_t told = (uint64_t)u32(&d, in.p + 32) + 1, there = in.n / d.page_size;
    d.is_short = told > there;
    d.pages = (uint32_t)(d.is_short ? there : told);
    d.seen = prq_new_n(arena, uint8_t, d.pages / 8 + 1);
    if (!d.seen)
        return prq_fail_at(err, PRQ_E_LIMIT, 0, "Berkeley DB file exceeds its memory");
    *db = d;
    return true;
}

/* ---- overflow pages */

static bool claim_page(struct prq_bdb *db, uint32_t page)
{
    uint8_t bit = (uint8_t)(1 << page % 8);
    if (page == 0 || page >= db->pages || db->seen[page / 8] & bit)
        return false;
    db->seen[page / 8] |= bit;
    return page_at(db, page)[25] == TYPE_OVERFLOW;
}

/* Walked before it is copied, so that an announced length costs nothing until its bytes are seen.
 */
static bool chain_has(struct prq_bdb *db, uint32_t first, uint32_t bytes)
{
    uint64_t sum = 0;
    for (uint32_t page = first; page; page = u32(db, page_at(db, page) + 16)) {
        if (!claim_page(db, page))
            return false;
        uint32_t here = u16(db, page_at(db, page) + 22);
        if (here > db->page_size - HEADER)
            return false;
        sum += here;
        if (sum >= bytes)
            break;
    }
    return sum == bytes;
}

static bool read_off_page(struct prq_bdb *db, const uint8_t *item, uint64_t at, prq_bytes *out,
                          struct prq_err *err)
{
    uint32_t first = u32(db, item + 4), bytes = u32(db, item + 8);
    if (!chain_has(db, first, bytes))
        return prq_fail_at(err, PRQ_E_FORMAT, at, "broken chain of overflow pages");
    uint8_t *p = prq_new_n(db->arena, uint8_t, bytes);
    if (!p)
        return prq_fail_at(err, PRQ_E_LIMIT, at, "record exceeds the memory of this file");
    size_t n = 0;
    for (uint32_t page = first; n < bytes; page = u32(db, page_at(db, page) + 16)) {
        uint32_t here = u16(db, page_at(db, page) + 22);
        memcpy(p + n, page_at(db, page) + HEADER, here);
        n += here;
    }
    *out = (prq_bytes){ p, n };
    return true;
}

/* ---- items */

struct item {
    uint32_t offset, bytes; /* type byte included */
};

/* The next item of the page; a broken one ends the page, because the following lengths hang on it.
 */
static bool next_item(struct prq_bdb *db, struct item *out, struct prq_err *err)
{
    const uint8_t *page = page_at(db, db->page);
    uint32_t slot = HEADER + 2 * db->entry;
    uint32_t offset = u16(db, page + slot), least = HEADER + 2 * db->entries;
    if (offset < least || offset >= db->floor) {
        db->entry = db->entries;
        return prq_fail_at(err, PRQ_E_FORMAT, place(db, db->page, slot), "hash item out of place");
    }
    *out = (struct item){ offset, db->floor - offset };
    db->floor = offset;
    db->entry++;
    return true;
}

static bool read_item(struct prq_bdb *db, const struct item *it, prq_bytes *out,
                      struct prq_err *err)
{
    const uint8_t *p = page_at(db, db->page) + it->offset;
    uint64_t at = place(db, db->page, it->offset);
    if (p[0] == ITEM_INLINE) {
        *out = (prq_bytes){ p + 1, it->bytes - 1 };
        return true;
    }
    if (p[0] != ITEM_OFF_PAGE)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, at, "hash item of a kind that is not read");
    if (it->bytes < OFF_PAGE_BYTES)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "hash item ends early");
    return read_off_page(db, p, at, out, err);
}

/* Start the next hash page that has items. False at the end of the file. */
static bool next_page(struct prq_bdb *db, bool *broken)
{
    while (db->page + 1 < db->pages) {
        const uint8_t *page = page_at(db, ++db->page);
        if (page[25] != TYPE_HASH && page[25] != TYPE_HASH_UNSORTED)
            continue;
        db->entry = 0;
        db->entries = u16(db, page + 20);
        db->floor = db->page_size;
        *broken = HEADER + 2 * db->entries > db->page_size;
        if (*broken)
            db->entries = 0;
        if (db->entries || *broken)
            return true;
    }
    return false;
}

enum prq_next prq_bdb_next(struct prq_bdb *db, struct prq_bdb_record *out, struct prq_err *err)
{
    if (db->entry >= db->entries) {
        bool broken = false;
        if (!next_page(db, &broken)) {
            if (!db->is_short)
                return PRQ_NEXT_END;
            db->is_short = false;
            prq_fail_at(err, PRQ_E_FORMAT, db->in.n, "Berkeley DB file ends before its last page");
            return PRQ_NEXT_FAIL;
        }
        if (broken) {
            prq_fail_at(err, PRQ_E_FORMAT, place(db, db->page, 20),
                        "hash page with too many items");
            return PRQ_NEXT_FAIL;
        }
    }
    struct item key, value;
    struct prq_bdb_record rec;
    if (!next_item(db, &key, err))
        return PRQ_NEXT_FAIL;
    if (db->entry >= db->entries) {
        prq_fail_at(err, PRQ_E_FORMAT, place(db, db->page, key.offset), "hash key without a value");
        return PRQ_NEXT_FAIL;
    }
    if (!next_item(db, &value, err) || !read_item(db, &key, &rec.key, err) ||
        !read_item(db, &value, &rec.value, err))
        return PRQ_NEXT_FAIL;
    rec.at = place(db, db->page, value.offset);
    *out = rec;
    return PRQ_NEXT_ITEM;
}
