/* SPDX-License-Identifier: Apache-2.0 */
/* Source: "Database File Format" of the SQLite project (sections in the comments below).
 *
 *     page:  [100 bytes of file header, on page 1] type u8, freeblock u16, cells u16, content u16,
 *            fragments u8, [right child u32 on interior pages]; then u16 pointers to cells
 *     cells of table pages:  0x05 interior: left child u32, rowid varint
 *                            0x0d leaf: payload size varint, rowid varint, payload, [overflow u32]
 */
#include "format/sqlitefile.h"

#include "base/rd.h"

enum {
    FILE_HEADER = 100,
    INTERIOR = 0x05,
    LEAF = 0x0d,
    WAL_HEADER = 32,
    WAL_FRAME = 24,
};

static const char magic[] = "SQLite format 3"; /* with its NUL: 16 bytes */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

bool prq_sqlite_is(prq_bytes in)
{
    return in.n >= sizeof magic && memcmp(in.p, magic, sizeof magic) == 0;
}

/* ---- the file header (1.3) */

bool prq_sqlite_open(struct prq_sqlite *db, prq_bytes in, struct prq_arena *arena,
                     struct prq_err *err)
{
    if (!prq_sqlite_is(in))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an SQLite database file");
    if (in.n < FILE_HEADER)
        return prq_fail_at(err, PRQ_E_FORMAT, in.n, "SQLite file ends early");
    uint32_t size = be16(in.p + 16), reserved = in.p[20];
    if (size == 1)
        size = 65536;
    if (size < 512 || (size & (size - 1)) || size - reserved < 480)
        return prq_fail_at(err, PRQ_E_FORMAT, 16, "SQLite page size is out of range");
    if (in.p[19] != 1 && in.p[19] != 2)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 19, "SQLite file format version is not read");
    uint32_t encoding = be32(in.p + 56);
    if (encoding > 1) /* 0: an empty database has not chosen yet */
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 56, "SQLite file is not in UTF-8");
    if (in.n / size > UINT32_MAX - 1)
        return prq_fail_at(err, PRQ_E_LIMIT, 0, "SQLite file has too many pages");
    struct prq_sqlite d = {
        .in = in, .arena = arena, .page_size = size, .usable = size - reserved
    };
    d.in_pages = d.pages = (uint32_t)(in.n / size);
    d.is_wal = in.p[19] == 2;
    d.is_short = in.n % size != 0;
    /* The page count of the header holds only when the two change counters agree (1.3.7). */
    uint32_t told = be32(in.p + 28);
    if (told && be32(in.p + 24) == be32(in.p + 92)) {
        d.is_short = told > d.in_pages;
        d.pages = d.is_short ? d.in_pages : told;
    }
    *db = d;
    return true;
}

/* ---- the write-ahead log (4) */

struct wal {
    prq_bytes in;
    bool big_endian; /* of the words that are summed */
    uint32_t a, b;   /* running checksum */
};

/* Source: 4.2 "Checksum Algorithm". n is a multiple of 8. */
static void wal_sum(struct wal *w, const uint8_t *p, size_t n)
{
    uint32_t a = w->a, b = w->b;
    for (size_t i = 0; i < n; i += 8) {
        struct prq_rd r = { .p = p + i, .n = 8 };
        a += (w->big_endian ? prq_rd_u32be(&r) : prq_rd_u32le(&r)) + b;
        b += (w->big_endian ? prq_rd_u32be(&r) : prq_rd_u32le(&r)) + a;
    }
    w->a = a;
    w->b = b;
}

static bool wal_start(const struct prq_sqlite *db, struct wal *w, struct prq_err *err)
{
    const uint8_t *p = w->in.p;
    uint32_t kind = w->in.n < WAL_HEADER ? 0 : be32(p);
    if ((kind & ~1u) != 0x377f0682)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an SQLite write-ahead log");
    if (be32(p + 4) != 3007000)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 4, "write-ahead log version is not read");
    if (be32(p + 8) != db->page_size)
        return prq_fail_at(err, PRQ_E_FORMAT, 8, "write-ahead log has another page size");
    w->big_endian = kind & 1;
    wal_sum(w, p, 24);
    if (w->a != be32(p + 24) || w->b != be32(p + 28))
        return prq_fail_at(err, PRQ_E_FORMAT, 24, "write-ahead log header checksum does not hold");
    return true;
}

/* Does the frame belong to this log and follow the one before it? Frames of earlier rounds stay
 * behind the end, so that the first one that does not is the end and no error (4.1). */
static bool wal_frame_holds(struct wal *w, const uint8_t *frame, uint32_t page_size)
{
    if (be32(frame) == 0 || memcmp(frame + 8, w->in.p + 16, 8) != 0)
        return false;
    wal_sum(w, frame, 8);
    wal_sum(w, frame + WAL_FRAME, page_size);
    return w->a == be32(frame + 16) && w->b == be32(frame + 20);
}

bool prq_sqlite_wal(struct prq_sqlite *db, prq_bytes in, struct prq_err *err)
{
    if (in.n == 0 || !db->is_wal)
        return true;
    struct wal w = { .in = in };
    if (!wal_start(db, &w, err))
        return false;
    size_t step = (size_t)db->page_size + WAL_FRAME;
    size_t count = prq_min_size((in.n - WAL_HEADER) / step, UINT32_MAX - 1), committed = 0;
    uint32_t pages = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *frame = in.p + WAL_HEADER + i * step;
        if (!wal_frame_holds(&w, frame, db->page_size))
            break;
        if (be32(frame + 4)) {
            committed = i + 1;
            pages = be32(frame + 4);
        }
    }
    if (committed == 0)
        return true;
    uint64_t most = (uint64_t)db->in_pages + committed;
    if (pages > most)
        return prq_fail_at(err, PRQ_E_FORMAT, WAL_HEADER, "write-ahead log commits pages it lacks");
    uint32_t *frames = prq_new_n(db->arena, uint32_t, (size_t)pages + 1);
    if (!frames)
        return prq_fail_at(err, PRQ_E_LIMIT, 0, "write-ahead log exceeds the memory of this file");
    for (size_t i = 0; i < committed; i++) {
        uint32_t page = be32(in.p + WAL_HEADER + i * step);
        if (page <= pages)
            frames[page] = (uint32_t)i + 1;
    }
    db->wal = in;
    db->frames = frames;
    db->pages = pages;
    db->is_short = false; /* pages that are in neither show when they are asked for */
    return true;
}

/* ---- pages */

/* Page numbers begin at 1. NULL when it is not there. */
static const uint8_t *page_at(const struct prq_sqlite *db, uint32_t page)
{
    if (page < 1 || page > db->pages)
        return NULL;
    uint32_t frame = db->frames ? db->frames[page] : 0;
    if (frame)
        return db->wal.p + WAL_HEADER + (size_t)(frame - 1) * (db->page_size + WAL_FRAME) +
               WAL_FRAME;
    return page <= db->in_pages ? db->in.p + (size_t)(page - 1) * db->page_size : NULL;
}

static uint64_t place(const struct prq_sqlite *db, uint32_t page, uint32_t offset)
{
    return page ? (uint64_t)(page - 1) * db->page_size + offset : 0;
}

/* Every page has one place in a table: a second visit is a loop, or a file made to cost time. */
static const uint8_t *claim_page(struct prq_sqlite_rows *rows, uint32_t page)
{
    const uint8_t *p = page_at(rows->db, page);
    uint8_t bit = (uint8_t)(1 << page % 8);
    if (!p || rows->seen[page / 8] & bit)
        return NULL;
    rows->seen[page / 8] |= bit;
    return p;
}

static uint32_t header_at(uint32_t page)
{
    return page == 1 ? FILE_HEADER : 0;
}

static bool fail_page(const struct prq_sqlite *db, uint32_t page, const char *why,
                      struct prq_err *err)
{
    return prq_fail_at(err, PRQ_E_FORMAT, place(db, page, 0), why);
}

/* Go down to a page of the tree (1.6). `from`: where the page was named, for the message. */
static bool push_page(struct prq_sqlite_rows *rows, uint32_t page, uint64_t from,
                      struct prq_err *err)
{
    const struct prq_sqlite *db = rows->db;
    if (rows->depth == PRQ_SQLITE_DEPTH)
        return prq_fail_at(err, PRQ_E_FORMAT, from, "SQLite tree is too deep");
    const uint8_t *p = claim_page(rows, page);
    if (!p)
        return prq_fail_at(err, PRQ_E_FORMAT, from, "SQLite page is missing or used twice");
    uint32_t at = header_at(page);
    if (p[at] != LEAF && p[at] != INTERIOR)
        return fail_page(db, page, "not a page of an SQLite table", err);
    uint32_t cells = be16(p + at + 3), head = at + (p[at] == LEAF ? 8 : 12);
    if (head + 2 * cells > db->usable)
        return fail_page(db, page, "SQLite page with too many cells", err);
    rows->stack[rows->depth++] = (struct prq_sqlite_level){ .page = page,
                                                            .cells = cells,
                                                            .left = db->usable - head - 2 * cells };
    return true;
}

/* ---- payloads (1.6, "Cell Payload Overflow Pages") */

struct cell {
    uint32_t page, offset;
    uint64_t payload; /* bytes */
    int64_t rowid;
    uint32_t local; /* bytes of the payload in the cell */
    uint32_t head;  /* bytes in front of them */
};

/* SQLite's varint: big-endian groups of seven bits, the ninth byte counts whole (1.6). */
static uint64_t varint(struct prq_rd *r)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        uint8_t b = prq_rd_u8(r);
        v = v << 7 | (b & 127);
        if (b < 128)
            return v;
    }
    return v << 8 | prq_rd_u8(r);
}

static uint32_t local_bytes(uint32_t usable, uint64_t payload)
{
    uint32_t most = usable - 35;
    if (payload <= most)
        return (uint32_t)payload;
    uint32_t least = (usable - 12) * 32 / 255 - 23;
    uint32_t want = least + (uint32_t)((payload - least) % (usable - 4));
    return want <= most ? want : least;
}

/* Check that the chain is long enough before anything is allocated for it. */
static bool chain_holds(struct prq_sqlite_rows *rows, uint32_t page, uint64_t bytes)
{
    uint32_t room = rows->db->usable - 4;
    for (uint64_t got = 0; got < bytes; got += room) {
        const uint8_t *p = claim_page(rows, page);
        if (!p)
            return false;
        page = be32(p);
    }
    return true;
}

static bool read_payload(struct prq_sqlite_rows *rows, const struct cell *c, prq_bytes *out,
                         struct prq_err *err)
{
    const struct prq_sqlite *db = rows->db;
    const uint8_t *p = page_at(db, c->page) + c->offset + c->head;
    if (c->local == c->payload) {
        *out = (prq_bytes){ p, c->local };
        return true;
    }
    uint32_t next = be32(p + c->local);
    if (!chain_holds(rows, next, c->payload - c->local))
        return prq_fail_at(err, PRQ_E_FORMAT, place(db, c->page, c->offset),
                           "broken chain of SQLite overflow pages");
    uint8_t *to = prq_new_n(db->arena, uint8_t, (size_t)c->payload);
    if (!to)
        return prq_fail_at(err, PRQ_E_LIMIT, place(db, c->page, c->offset),
                           "SQLite row exceeds the memory of this file");
    size_t n = c->local;
    memcpy(to, p, n);
    while (n < c->payload) {
        const uint8_t *over = page_at(db, next);
        size_t run = prq_min_size(db->usable - 4, (size_t)c->payload - n);
        memcpy(to + n, over + 4, run);
        n += run;
        next = be32(over);
    }
    *out = (prq_bytes){ to, n };
    return true;
}

/* ---- records (2.1) */

static int64_t load_int(const uint8_t *p, size_t n)
{
    uint64_t v = n && p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

static bool read_value(struct prq_rd *body, uint64_t serial, struct prq_sqlite_value *out)
{
    static const uint8_t int_bytes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };
    if (serial >= 12) {
        uint64_t n = (serial - 12) / 2;
        if (n > prq_rd_left(body))
            return false;
        const uint8_t *p = prq_rd_take(body, (size_t)n);
        *out = (struct prq_sqlite_value){ .type = serial % 2 ? PRQ_SQLITE_TEXT : PRQ_SQLITE_BLOB,
                                          .bytes = { p, (size_t)n } };
        return p != NULL;
    }
    if (serial >= PRQ_COUNT(int_bytes))
        return false; /* 10 and 11 are reserved */
    const uint8_t *p = prq_rd_take(body, int_bytes[serial]);
    if (!p)
        return false;
    *out = (struct prq_sqlite_value){ .type = serial ? PRQ_SQLITE_INTEGER : PRQ_SQLITE_NULL };
    if (serial == 7) {
        out->type = PRQ_SQLITE_REAL;
        uint64_t bits = (uint64_t)load_int(p, 8);
        memcpy(&out->real, &bits, sizeof bits);
    } else {
        out->integer = serial >= 8 ? (int64_t)serial - 8 : load_int(p, int_bytes[serial]);
    }
    return true;
}

static bool read_record(prq_bytes payload, struct prq_sqlite_row *row)
{
    struct prq_rd head = prq_rd_of(payload), body = head;
    uint64_t head_bytes = varint(&head);
    if (head.bad || head_bytes < prq_rd_at(&head) || head_bytes > payload.n)
        return false;
    prq_rd_seek(&body, head_bytes);
    head.n = (size_t)head_bytes;
    row->count = 0;
    while (prq_rd_left(&head)) {
        uint64_t serial = varint(&head);
        struct prq_sqlite_value v;
        if (head.bad || !read_value(&body, serial, &v))
            return false;
        if (row->count < PRQ_SQLITE_COLUMNS)
            row->v[row->count++] = v;
    }
    return true;
}

/* ---- the walk */

/* The pointer of the level's next cell; cells of a page do not overlap, so that all of them
 * together cost no more than the page. */
static bool next_cell(struct prq_sqlite_rows *rows, struct prq_sqlite_level *level,
                      struct cell *out, struct prq_err *err)
{
    const struct prq_sqlite *db = rows->db;
    const uint8_t *p = page_at(db, level->page);
    uint32_t at = header_at(level->page);
    bool leaf = p[at] == LEAF;
    uint32_t slot = at + (leaf ? 8 : 12) + 2 * level->cell++;
    struct cell c = { .page = level->page, .offset = be16(p + slot) };
    struct prq_rd r = { .p = p, .n = db->usable, .at = prq_min_size(c.offset, db->usable) };
    if (leaf) {
        c.payload = varint(&r);
        c.rowid = (int64_t)varint(&r);
        c.local = local_bytes(db->usable, c.payload);
        c.head = (uint32_t)(r.at - prq_min_size(c.offset, r.at));
        prq_rd_take(&r, c.local + (c.local < c.payload ? 4 : 0));
    } else {
        prq_rd_take(&r, 4);
        varint(&r);
    }
    uint32_t bytes = (uint32_t)(r.at - prq_min_size(c.offset, r.at));
    if (r.bad || c.offset < at + 8 || bytes > level->left)
        return prq_fail_at(err, PRQ_E_FORMAT, place(db, level->page, slot),
                           "SQLite cell outside of its page");
    level->left -= bytes;
    *out = c;
    return true;
}

static bool row_of(struct prq_sqlite_rows *rows, const struct cell *c, struct prq_sqlite_row *out,
                   struct prq_err *err)
{
    prq_bytes payload = { 0 };
    if (!read_payload(rows, c, &payload, err))
        return false;
    out->rowid = c->rowid;
    out->at = place(rows->db, c->page, c->offset);
    if (!read_record(payload, out))
        return prq_fail_at(err, PRQ_E_FORMAT, out->at, "malformed SQLite record");
    return true;
}

/* One step on an interior page: down to its next child, or to the right one, or up again. */
static bool step_interior(struct prq_sqlite_rows *rows, struct prq_sqlite_level *level,
                          struct prq_err *err)
{
    const uint8_t *p = page_at(rows->db, level->page);
    uint32_t at = header_at(level->page), child = be32(p + at + 8), offset = at + 8;
    if (level->cell < level->cells) {
        struct cell c;
        if (!next_cell(rows, level, &c, err))
            return false;
        child = be32(p + c.offset);
        offset = c.offset;
    } else {
        level->cell++;
    }
    return push_page(rows, child, place(rows->db, level->page, offset), err);
}

enum prq_next prq_sqlite_next(struct prq_sqlite_rows *rows, struct prq_sqlite_row *out,
                              struct prq_err *err)
{
    while (rows->depth) {
        struct prq_sqlite_level *level = &rows->stack[rows->depth - 1];
        bool leaf = page_at(rows->db, level->page)[header_at(level->page)] == LEAF;
        if (level->cell >= level->cells + !leaf) {
            rows->depth--;
            continue;
        }
        struct cell c;
        if (leaf) {
            bool ok = next_cell(rows, level, &c, err) && row_of(rows, &c, out, err);
            return ok ? PRQ_NEXT_ITEM : PRQ_NEXT_FAIL;
        }
        if (!step_interior(rows, level, err))
            return PRQ_NEXT_FAIL;
    }
    if (!rows->db->is_short || rows->told_short)
        return PRQ_NEXT_END;
    rows->told_short = true;
    prq_fail_at(err, PRQ_E_FORMAT, rows->db->in.n, "SQLite file ends before its last page");
    return PRQ_NEXT_FAIL;
}

static bool start_rows(const struct prq_sqlite *db, uint32_t root, uint64_t from,
                       struct prq_sqlite_rows *out, struct prq_err *err)
{
    *out = (struct prq_sqlite_rows){ .db = db };
    out->seen = prq_new_n(db->arena, uint8_t, (size_t)db->pages / 8 + 1);
    if (!out->seen)
        return prq_fail_at(err, PRQ_E_LIMIT, from, "SQLite file exceeds its memory");
    return push_page(out, root, from, err);
}

static bool is_table(const struct prq_sqlite_row *row, prq_str name)
{
    return row->count >= 4 && row->v[0].type == PRQ_SQLITE_TEXT &&
           prq_str_eq(prq_str_of(row->v[0].bytes), PRQ_S("table")) &&
           row->v[1].type == PRQ_SQLITE_TEXT && row->v[3].type == PRQ_SQLITE_INTEGER &&
           prq_str_ieq(prq_str_of(row->v[1].bytes), name);
}

/* The schema table is rooted at page 1: type, name, tbl_name, rootpage, sql (2.6). */
bool prq_sqlite_table(const struct prq_sqlite *db, prq_str name, struct prq_sqlite_rows *out,
                      struct prq_err *err)
{
    struct prq_sqlite_rows schema;
    struct prq_sqlite_row row;
    struct prq_err first = PRQ_ERR_INIT;
    if (!start_rows(db, 1, 0, &schema, err))
        return false;
    schema.told_short = true; /* said once, with the rows */
    enum prq_next step;
    while ((step = prq_sqlite_next(&schema, &row, first.code ? NULL : &first)) != PRQ_NEXT_END) {
        if (step != PRQ_NEXT_ITEM || !is_table(&row, name))
            continue;
        int64_t root = row.v[3].integer;
        if (root < 1 || root > UINT32_MAX)
            return prq_fail_at(err, PRQ_E_FORMAT, row.at, "SQLite table with a malformed root");
        return start_rows(db, (uint32_t)root, row.at, out, err);
    }
    if (first.code) /* it may have been in the part that could not be read */
        return prq_fail_at(err, first.code, first.offset,
                           "no such SQLite table in a broken schema");
    return prq_fail_at(err, PRQ_E_FORMAT, FILE_HEADER, "no such SQLite table");
}
