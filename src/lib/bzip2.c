/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2 by libarchive's filter over its "raw" format. Its memory is fixed by the format (at most
 * 900 KB blocks), and streams that follow each other are read through. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "lib/lib.h"

enum { IN_BYTES = 128 << 10 };

struct unbzip2 {
    struct prq_stream base;
    struct prq_stream *below;
    struct archive *a;
    const uint8_t *block; /* lent by libarchive */
    size_t block_n;
    uint64_t read_bytes;
    bool is_end, is_broken, is_below_broken;
    struct prq_err why;
    uint8_t in[IN_BYTES];
};

static la_ssize_t feed(struct archive *a, void *user, const void **p)
{
    struct unbzip2 *b = user;
    size_t n = 0, got = 1;
    while (n < IN_BYTES && got) { /* full blocks, so that a short file is one block */
        if (!prq_stream_read(b->below, b->in + n, IN_BYTES - n, &got, &b->why)) {
            b->is_below_broken = true;
            archive_set_error(a, EIO, "read failed");
            return -1;
        }
        n += got;
    }
    b->read_bytes += n;
    *p = b->in;
    return (la_ssize_t)n;
}

static bool fail_bzip2(struct unbzip2 *b)
{
    if (b->is_below_broken)
        return false;
    int64_t at = archive_filter_bytes(b->a, -1);
    enum prq_code code = archive_errno(b->a) == ENOMEM ? PRQ_E_NOMEM : PRQ_E_FORMAT;
    return prq_fail_at(&b->why, code, at < 0 ? 0 : (uint64_t)at, "bzip2: damaged or cut short");
}

static bool step(struct unbzip2 *b, void *buf, size_t cap, size_t *got)
{
    while (b->block_n == 0 && !b->is_end) {
        const void *p;
        size_t n;
        la_int64_t offset;
        int ret = archive_read_data_block(b->a, &p, &n, &offset);
        if (ret != ARCHIVE_OK && ret != ARCHIVE_EOF)
            return fail_bzip2(b);
        b->is_end = ret == ARCHIVE_EOF;
        b->block = p;
        b->block_n = b->is_end ? 0 : n;
    }
    *got = prq_min_size(cap, b->block_n);
    if (*got) {
        memcpy(buf, b->block, *got);
        b->block += *got;
        b->block_n -= *got;
    }
    return true;
}

static bool unbzip2_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                         struct prq_err *err)
{
    struct unbzip2 *b = (struct unbzip2 *)s;
    if (!b->is_broken) {
        if (step(b, buf, cap, got))
            return true;
        b->is_broken = true;
    }
    if (err)
        *err = b->why;
    return false;
}

static void unbzip2_close(struct prq_stream *s)
{
    struct unbzip2 *b = (struct unbzip2 *)s;
    archive_read_free(b->a);
    prq_stream_close(b->below);
    free(b);
}

static const struct prq_stream_ops unbzip2_ops = { unbzip2_read, unbzip2_close };

static bool begin(struct unbzip2 *b)
{
    struct archive_entry *entry;
    return archive_read_support_format_raw(b->a) == ARCHIVE_OK &&
           archive_read_append_filter(b->a, ARCHIVE_FILTER_BZIP2) == ARCHIVE_OK &&
           archive_read_open2(b->a, b, NULL, feed, NULL, NULL) == ARCHIVE_OK &&
           archive_read_next_header(b->a, &entry) == ARCHIVE_OK;
}

/* "raw" does not take a file of no bytes, and libarchive's "empty" would take one that was cut
 * short, so the one way to pack nothing is known here: "BZh", a level, the end mark, a zero CRC. */
static bool is_empty_stream(const struct unbzip2 *b)
{
    static const uint8_t end[] = { 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0 };
    return b->read_bytes == 4 + sizeof end && memcmp(b->in, "BZh", 3) == 0 &&
           memcmp(b->in + 4, end, sizeof end) == 0;
}

bool prq_bzip2_open(struct prq_stream *below, struct prq_stream **out, struct prq_err *err)
{
    struct unbzip2 *b = below && !prq_fault_alloc() ? malloc(sizeof *b) : NULL;
    if (!b) {
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read bzip2");
    }
    memset(b, 0, offsetof(struct unbzip2, in));
    b->base.ops = &unbzip2_ops;
    b->below = below;
    b->a = archive_read_new();
    if (!b->a) {
        unbzip2_close(&b->base);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read bzip2");
    }
    b->is_end = !begin(b);
    if (b->is_end && !is_empty_stream(b)) {
        fail_bzip2(b);
        if (err)
            *err = b->why;
        unbzip2_close(&b->base);
        return false;
    }
    *out = &b->base;
    return true;
}
