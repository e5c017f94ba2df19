/* SPDX-License-Identifier: Apache-2.0 */
/* zip in memory. The one format of this room without a library around it: what the caller must be
 * able to rely on (names as the bytes they are, members that do not overlap, local headers that say
 * the same as the central directory, a member cap before memory is spent) is what libraries do not
 * show. Deflate is ISA-L's (gunzip.c). Source: PKWARE APPNOTE.TXT 6.3.10, sections in [brackets].
 *
 *     local header, data │ … │ central directory: one header per member │ [zip64 end] │ end
 *
 * The central directory is authoritative. Bytes may stand in front of it all (self-extracting
 * files); then `base` is what its offsets are short by. */
#include <stdlib.h>

#include "base/fault.h"
#include "base/pages.h"
#include "base/rd.h"
#include "lib/lib.h"

enum {
    LOCAL_SIG = 0x04034b50,
    CENTRAL_SIG = 0x02014b50,
    END_SIG = 0x06054b50,
    END64_SIG = 0x06064b50,
    LOCATOR_SIG = 0x07064b50,
    CENTRAL_BYTES = 46,
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    COMMENT_MAX = 0xffff,
    FLAG_ENCRYPTED = 1,
    STORED = 0,
    DEFLATED = 8,
    EXTRA_ZIP64 = 1,
    DEFLATE_RATIO_MAX = 1032, /* 258 bytes of output for 2 bits of input */
    AROUND_BYTES = 64 << 10,  /* what a touch of a mapping brings in: fault_around_bytes of Linux */
    TOUCHED_MAX = 4 << 20,
};

struct member {
    prq_str path;
    uint64_t packed, size, local_at, data_at;
    uint32_t crc;
    uint16_t flags, method;
    bool is_overlapping, is_local_odd;
};

struct prq_zip {
    prq_bytes data;
    uint64_t base;
    struct member *members;
    size_t n, at; /* at: the next one's index; the current is before it */
    bool is_mapped;
    uint64_t touched; /* bytes of the mapping that may be in memory */
};

struct directory {
    uint64_t at, size, entries;
};

/* So many bytes of `data` were looked at. */
static void touch(struct prq_zip *z, uint64_t n)
{
    if (!z->is_mapped)
        return;
    z->touched += n + AROUND_BYTES;
    if (z->touched > TOUCHED_MAX) {
        prq_pages_forget(z->data);
        z->touched = 0;
    }
}

/* ---- where the central directory is */

/* [4.3.15, 4.3.14]: the zip64 end, when a locator stands right before the end record. */
static bool read_end64(prq_bytes d, size_t end_at, struct directory *dir, uint64_t *dir_end)
{
    if (end_at < LOCATOR_BYTES)
        return false;
    struct prq_rd r = prq_rd_of(d);
    prq_rd_seek(&r, end_at - LOCATOR_BYTES);
    if (prq_rd_u32le(&r) != LOCATOR_SIG)
        return false;
    prq_rd_take(&r, 4);
    uint64_t at = prq_rd_u64le(&r);
    prq_rd_seek(&r, at);
    if (prq_rd_u32le(&r) != END64_SIG) {
        /* Bytes in front of the file: without its optional part it is right before the locator. */
        at = end_at < LOCATOR_BYTES + END64_BYTES ? 0 : end_at - LOCATOR_BYTES - END64_BYTES;
        r = prq_rd_of(d);
        prq_rd_seek(&r, at);
        if (prq_rd_u32le(&r) != END64_SIG)
            return false;
    }
    prq_rd_take(&r, 8 + 2 + 2 + 4 + 4 + 8);
    dir->entries = prq_rd_u64le(&r);
    dir->size = prq_rd_u64le(&r);
    dir->at = prq_rd_u64le(&r);
    *dir_end = at;
    return !r.bad;
}

/* [4.3.16]: the last end record whose comment fits; one that ends the file exactly comes first. */
static bool find_end(prq_bytes d, size_t *found)
{
    bool has_loose = false;
    size_t stop = d.n > END_BYTES + COMMENT_MAX ? d.n - END_BYTES - COMMENT_MAX : 0;
    for (size_t at = d.n < END_BYTES ? 0 : d.n - END_BYTES + 1; at-- > stop;) {
        if (d.p[at] != 'P')
            continue;
        struct prq_rd r = prq_rd_of(d);
        prq_rd_seek(&r, at);
        if (prq_rd_u32le(&r) != END_SIG)
            continue;
        prq_rd_take(&r, 16);
        size_t comment = prq_rd_u16le(&r);
        if (prq_rd_left(&r) == comment) {
            *found = at;
            return true;
        }
        if (prq_rd_left(&r) > comment && !has_loose) {
            has_loose = true;
            *found = at;
        }
    }
    return has_loose;
}

static bool is_central(const struct prq_zip *z, uint64_t at)
{
    struct prq_rd r = prq_rd_of(z->data);
    prq_rd_seek(&r, at);
    return prq_rd_u32le(&r) == CENTRAL_SIG;
}

static bool find_directory(struct prq_zip *z, struct directory *dir, struct prq_err *err)
{
    size_t end_at;
    if (!find_end(z->data, &end_at))
        return prq_fail_at(err, PRQ_E_FORMAT, z->data.n, "zip: no end of central directory");
    struct prq_rd r = prq_rd_of(z->data);
    prq_rd_seek(&r, end_at + 4);
    uint32_t disks = prq_rd_u32le(&r);
    prq_rd_take(&r, 2);
    dir->entries = prq_rd_u16le(&r);
    dir->size = prq_rd_u32le(&r);
    dir->at = prq_rd_u32le(&r);
    uint64_t dir_end = end_at;
    bool is_zip64 = dir->entries == 0xffff || dir->size == UINT32_MAX || dir->at == UINT32_MAX;
    if (disks && disks != UINT32_MAX)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, end_at, "zip: one of several disks");
    struct directory wide;
    uint64_t wide_end;
    if (is_zip64 && read_end64(z->data, end_at, &wide, &wide_end)) {
        *dir = wide;
        dir_end = wide_end;
    } else if (dir->at == UINT32_MAX && dir->size <= dir_end) {
        dir->at = dir_end - dir->size; /* zip 3.0 writing to a pipe forgets the zip64 end */
    }
    uint64_t start, used;
    if (!prq_add(dir->at, dir->size, &used) || used > dir_end)
        return prq_fail_at(err, PRQ_E_FORMAT, end_at, "zip: central directory is out of range");
    start = dir_end - dir->size;
    z->base = start - dir->at;
    if (dir->entries && !is_central(z, start)) {
        z->base = 0; /* bytes between the directory and its end: believe the offset */
        start = dir->at;
    }
    dir->at = start;
    return true;
}

/* ---- members */

/* [4.5.3]: only the fields that are all ones in the header stand here, in this order. */
static bool read_zip64_extra(prq_bytes extra, struct member *m)
{
    bool wants = m->size == UINT32_MAX || m->packed == UINT32_MAX || m->local_at == UINT32_MAX;
    struct prq_rd r = prq_rd_of(extra);
    while (wants && prq_rd_left(&r) >= 4) {
        uint16_t id = prq_rd_u16le(&r);
        size_t n = prq_rd_u16le(&r);
        const uint8_t *p = prq_rd_take(&r, n);
        if (id != EXTRA_ZIP64 || !p)
            continue;
        struct prq_rd f = prq_rd_of((prq_bytes){ p, n });
        if (m->size == UINT32_MAX)
            m->size = prq_rd_u64le(&f);
        if (m->packed == UINT32_MAX)
            m->packed = prq_rd_u64le(&f);
        if (m->local_at == UINT32_MAX)
            m->local_at = prq_rd_u64le(&f);
        return !f.bad;
    }
    return true;
}

/* [4.3.12] */
static bool read_central(struct prq_rd *r, struct member *m)
{
    if (prq_rd_u32le(r) != CENTRAL_SIG)
        return false;
    prq_rd_take(r, 4);
    m->flags = prq_rd_u16le(r);
    m->method = prq_rd_u16le(r);
    prq_rd_take(r, 4);
    m->crc = prq_rd_u32le(r);
    m->packed = prq_rd_u32le(r);
    m->size = prq_rd_u32le(r);
    size_t name = prq_rd_u16le(r), extra = prq_rd_u16le(r), comment = prq_rd_u16le(r);
    prq_rd_take(r, 2 + 2 + 4);
    m->local_at = prq_rd_u32le(r);
    m->path = prq_rd_str(r, name);
    const uint8_t *x = prq_rd_take(r, extra);
    prq_rd_take(r, comment);
    return !r->bad && read_zip64_extra((prq_bytes){ x, extra }, m);
}

/* [4.3.7]: where the data is, and whether the local header says what the central one says. With
 * flag 3 the local header may leave sizes and CRC to a descriptor behind the data. */
static bool read_local(const struct prq_zip *z, struct member *m)
{
    struct prq_rd r = prq_rd_of(z->data);
    if (!prq_add(m->local_at, z->base, &m->local_at))
        return false;
    prq_rd_seek(&r, m->local_at);
    bool is_local = prq_rd_u32le(&r) == LOCAL_SIG;
    prq_rd_take(&r, 4);
    uint16_t method = prq_rd_u16le(&r);
    prq_rd_take(&r, 16);
    size_t name = prq_rd_u16le(&r), extra = prq_rd_u16le(&r);
    prq_str path = prq_rd_str(&r, name);
    prq_rd_take(&r, extra);
    m->data_at = prq_rd_at(&r);
    m->is_local_odd = method != m->method || !prq_str_eq(path, m->path);
    return is_local && !r.bad && m->packed <= prq_rd_left(&r);
}

static int by_place(const void *a, const void *b)
{
    const struct member *x = *(struct member *const *)a, *y = *(struct member *const *)b;
    return (x->local_at > y->local_at) - (x->local_at < y->local_at);
}

/* Members that share bytes are how a small zip unpacks to a huge one. */
static bool mark_overlaps(struct prq_zip *z)
{
    struct member **order =
        prq_fault_alloc() ? NULL : calloc(z->n ? z->n : 1, sizeof(struct member *));
    if (!order)
        return false;
    for (size_t i = 0; i < z->n; i++)
        order[i] = &z->members[i];
    qsort(order, z->n, sizeof(struct member *), by_place);
    for (size_t i = 0, furthest = 0; i < z->n; i++) {
        uint64_t far_end = order[furthest]->data_at + order[furthest]->packed;
        if (i && order[i]->local_at < far_end)
            order[i]->is_overlapping = order[furthest]->is_overlapping = true;
        if (order[i]->data_at + order[i]->packed > far_end)
            furthest = i;
    }
    free(order);
    return true;
}

static bool read_members(struct prq_zip *z, const struct directory *dir, struct prq_err *err)
{
    struct prq_rd r = prq_rd_of((prq_bytes){ z->data.p, (size_t)(dir->at + dir->size) });
    prq_rd_seek(&r, dir->at);
    for (size_t i = 0; i < dir->entries; i++) {
        size_t at = prq_rd_at(&r);
        struct member *m = &z->members[i];
        if (!read_central(&r, m))
            return prq_fail_at(err, PRQ_E_FORMAT, at, "zip: damaged central directory");
        if (!read_local(z, m))
            return prq_fail_at(err, PRQ_E_FORMAT, at, "zip: member is out of range");
        z->n++;
        touch(z, 0);
    }
    return true;
}

bool prq_zip_open(prq_bytes data, struct prq_zip **out, struct prq_err *err)
{
    return prq_zip_open_max(data, prq_limits_default.archive_members, out, err);
}

bool prq_zip_open_max(prq_bytes data, uint64_t members_max, struct prq_zip **out,
                      struct prq_err *err)
{
    return prq_zip_open_with(data, &(struct prq_zip_opts){ .members_max = members_max }, out, err);
}

bool prq_zip_open_with(prq_bytes data, const struct prq_zip_opts *opts, struct prq_zip **out,
                       struct prq_err *err)
{
    uint64_t members_max = opts->members_max;
    struct prq_zip *z = prq_fault_alloc() ? NULL : calloc(1, sizeof *z);
    if (!z)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read zip");
    z->data = data;
    z->is_mapped = opts->is_mapped;
    struct directory dir = { 0 };
    bool is_good = find_directory(z, &dir, err);
    if (is_good && dir.entries > members_max)
        is_good = prq_fail(err, PRQ_E_LIMIT, "zip: more than %llu members",
                           (unsigned long long)members_max);
    if (is_good && dir.entries > dir.size / CENTRAL_BYTES)
        is_good = prq_fail_at(err, PRQ_E_FORMAT, dir.at, "zip: central directory is too short");
    if (is_good) {
        z->members = calloc(dir.entries ? (size_t)dir.entries : 1, sizeof *z->members);
        is_good = z->members || prq_fail(err, PRQ_E_NOMEM, "no memory to read zip");
    }
    is_good = is_good && read_members(z, &dir, err) &&
              (mark_overlaps(z) || prq_fail(err, PRQ_E_NOMEM, "no memory to read zip"));
    if (!is_good) {
        prq_zip_close(z);
        return false;
    }
    *out = z;
    return true;
}

void prq_zip_close(struct prq_zip *z)
{
    if (!z)
        return;
    if (z->is_mapped)
        prq_pages_forget(z->data);
    free(z->members);
    free(z);
}

void prq_zip_rewind(struct prq_zip *z)
{
    z->at = 0;
}

enum prq_next prq_zip_next(struct prq_zip *z, struct prq_zip_entry *e, struct prq_err *err)
{
    (void)err; /* all is known since open */
    if (z->at == z->n)
        return PRQ_NEXT_END;
    const struct member *m = &z->members[z->at++];
    *e = (struct prq_zip_entry){
        .path = m->path,
        .size = m->size,
        .is_dir = prq_str_ends(m->path, PRQ_S("/")),
    };
    return PRQ_NEXT_ITEM;
}

/* May it be read at all, and is its size one that its packed bytes can have? */
static bool check_member(const struct member *m, struct prq_err *err)
{
    if (m->flags & FLAG_ENCRYPTED)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, m->local_at, "zip: member is encrypted");
    if (m->method != STORED && m->method != DEFLATED)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, m->local_at, "zip: unknown method");
    if (m->is_local_odd)
        return prq_fail_at(err, PRQ_E_FORMAT, m->local_at,
                           "zip: local header differs from the central one");
    if (m->is_overlapping)
        return prq_fail_at(err, PRQ_E_FORMAT, m->local_at, "zip: members overlap");
    if (m->method == STORED ? m->size != m->packed : m->size / DEFLATE_RATIO_MAX > m->packed)
        return prq_fail_at(err, PRQ_E_FORMAT, m->local_at, "zip: size is impossible");
    return true;
}

uint64_t prq_zip_size(const struct prq_zip *z)
{
    return z->at ? z->members[z->at - 1].size : 0;
}

/* Of bytes that lie in the archive. */
static uint32_t crc_of(struct prq_zip *z, prq_bytes b)
{
    uint32_t crc = 0;
    while (b.n) {
        prq_bytes piece = { b.p, z->is_mapped ? prq_min_size(b.n, TOUCHED_MAX / 2) : b.n };
        crc = prq_crc32_add(crc, piece);
        touch(z, piece.n);
        b.p += piece.n;
        b.n -= piece.n;
    }
    return crc;
}

void prq_zip_select(struct prq_zip *z, size_t i)
{
    z->at = prq_min_size(i, z->n) + (i < z->n ? 1 : 0);
}

bool prq_zip_view(struct prq_zip *z, prq_bytes *out, bool *is_stored, struct prq_err *err)
{
    if (z->at == 0)
        return prq_fail(err, PRQ_E_BUG, "zip: no current member");
    const struct member *m = &z->members[z->at - 1];
    *is_stored = m->method == STORED;
    if (!*is_stored)
        return true;
    if (!check_member(m, err))
        return false;
    *out = (prq_bytes){ z->data.p + m->data_at, (size_t)m->packed };
    if (crc_of(z, *out) != m->crc)
        return prq_fail_at(err, PRQ_E_FORMAT, m->data_at, "zip: checksum differs");
    return true;
}

bool prq_zip_read(struct prq_zip *z, struct prq_buf *out, struct prq_err *err)
{
    if (z->at == 0)
        return prq_fail(err, PRQ_E_BUG, "zip: no current member");
    const struct member *m = &z->members[z->at - 1];
    if (!check_member(m, err))
        return false;
    if (m->size > out->max - out->n)
        return prq_fail_at(err, PRQ_E_LIMIT, m->local_at, "zip: member is too large");
    prq_bytes packed = { z->data.p + m->data_at, (size_t)m->packed };
    uint8_t *room = prq_buf_room(out, (size_t)m->size);
    if (!room)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a member of a zip");
    if (m->method == DEFLATED) {
        if (!prq_inflate(packed, room, (size_t)m->size, err)) {
            if (err)
                err->offset += m->data_at;
            return false;
        }
    } else if (packed.n) {
        memcpy(room, packed.p, packed.n);
    }
    if (prq_crc32((prq_bytes){ room, (size_t)m->size }) != m->crc)
        return prq_fail_at(err, PRQ_E_FORMAT, m->data_at, "zip: checksum differs");
    out->n += (size_t)m->size;
    touch(z, m->packed);
    return true;
}

/* ---- piece by piece */

struct checked {
    prq_put *put;
    void *user;
    uint32_t crc;
};

static bool put_checked(void *user, prq_bytes piece, struct prq_err *err)
{
    struct checked *c = user;
    c->crc = prq_crc32_add(c->crc, piece);
    return c->put(c->user, piece, err);
}

bool prq_zip_read_pieces(struct prq_zip *z, uint64_t max, prq_put *put, void *user,
                         struct prq_err *err)
{
    if (z->at == 0)
        return prq_fail(err, PRQ_E_BUG, "zip: no current member");
    const struct member *m = &z->members[z->at - 1];
    struct checked c = { put, user, 0 };
    if (!check_member(m, err))
        return false;
    if (m->size > max)
        return prq_fail_at(err, PRQ_E_LIMIT, m->local_at, "zip: member is too large");
    prq_bytes packed = { z->data.p + m->data_at, (size_t)m->packed };
    if (m->method == STORED) {
        if (packed.n && !put_checked(&c, packed, err))
            return false;
    } else if (!prq_inflate_pieces(packed, z->is_mapped, m->size, put_checked, &c, err)) {
        if (err && err->code == PRQ_E_FORMAT)
            err->offset += m->data_at;
        return false;
    }
    touch(z, TOUCHED_MAX);
    return c.crc == m->crc ||
           prq_fail_at(err, PRQ_E_FORMAT, m->data_at, "zip: checksum differs");
}
