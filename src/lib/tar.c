/* SPDX-License-Identifier: Apache-2.0 */
/* tar by libarchive: v7, ustar, pax and GNU, uncompressed. Ours is the error text with its byte,
 * the zeros of sparse members, and the ceilings on what one member's headers may cost.
 *
 * Names are bytes. libarchive converts pax names from UTF-8 to the locale and keeps the bytes as
 * they are when it cannot; in the C locale that means: ASCII converts to itself, and the rest is
 * kept. So every call that converts runs in the C locale, whatever the program has set.
 *
 * What libarchive reads first is a symbolic link of ours, in front of the real bytes and skipped at
 * once. Without it the first link that has its target only in a pax header would lose it
 * (libarchive 3.6 takes a link name that it never had memory for as no link), and an empty input,
 * which tar(1) takes for an empty archive, would be refused. So offsets of libarchive's are
 * PRIMER_BYTES more than ours. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>

#include "base/fault.h"
#include "lib/lib.h"

enum {
    IN_BYTES = 256 << 10,
    ZERO_BYTES = 64 << 10,
    SPARSE_PER_BLOCK = 21, /* of an old GNU sparse map */
    TAR_BLOCK = 512,
    PRIMER_BYTES = TAR_BLOCK,
};

struct prq_tar {
    struct prq_stream *below;
    prq_lender lend;             /* NULL: below only reads */
    const struct prq_limits *limits;
    struct archive *a;
    struct archive_entry *entry; /* libarchive's, NULL before the first and after the last */
    locale_t c_locale;
    bool is_primed;
    uint64_t delivered;   /* bytes handed to libarchive, the primer not counted */
    uint64_t deliver_max; /* while it reads headers: the most it may ask for */
    bool is_below_broken, is_broken, is_end;
    struct prq_err why;         /* once broken; or below's, behind an error of libarchive */
    uint64_t data_at, data_end; /* of the current member, holes counted */
    uint64_t hole_end;          /* zeros up to here, then the block, if there is one */
    const uint8_t *block;       /* lent by libarchive, to be delivered next */
    size_t block_n;
    bool is_data_done;
    uint8_t in[IN_BYTES];
};

static const uint8_t zeros[ZERO_BYTES];

/* A v7 header: name, mode, …, checksum, type, link name. */
static void make_primer(char h[static PRIMER_BYTES])
{
    memset(h, 0, PRIMER_BYTES);
    memcpy(h, "x", 1);
    memcpy(h + 100, "0000777", 7);
    memset(h + 148, ' ', 8);
    h[156] = '2';
    memcpy(h + 157, "x", 1);
    unsigned sum = 0;
    for (size_t i = 0; i < PRIMER_BYTES; i++)
        sum += (unsigned char)h[i];
    for (size_t i = 0; i < 6; i++)
        h[148 + i] = (char)('0' + (sum >> (15 - 3 * i) & 7));
    h[154] = '\0';
}

static bool next_input(struct prq_tar *t, const void **p, size_t *got)
{
    if (t->delivered >= t->deliver_max)
        return prq_fail_at(&t->why, PRQ_E_LIMIT, t->delivered,
                           "tar: headers of one member are too large");
    if (t->lend)
        return t->lend(t->below, p, got, &t->why);
    *p = t->in;
    return prq_stream_read(t->below, t->in, IN_BYTES, got, &t->why);
}

static la_ssize_t feed(struct archive *a, void *user, const void **p)
{
    struct prq_tar *t = user;
    size_t got = 0;
    if (!t->is_primed) {
        t->is_primed = true;
        make_primer((char *)t->in);
        *p = t->in;
        return PRIMER_BYTES;
    }
    if (!next_input(t, p, &got)) {
        t->is_below_broken = true;
        archive_set_error(a, EIO, "read failed");
        return -1;
    }
    t->delivered += got;
    return (la_ssize_t)got;
}

/* Of the tar: what libarchive has consumed, and where the current member's first header is. */
static uint64_t tar_at(struct prq_tar *t)
{
    int64_t n = archive_filter_bytes(t->a, 0);
    return n < PRIMER_BYTES ? 0 : (uint64_t)n - PRIMER_BYTES;
}

static uint64_t header_at(struct prq_tar *t)
{
    int64_t n = archive_read_header_position(t->a);
    return n < PRIMER_BYTES ? 0 : (uint64_t)n - PRIMER_BYTES;
}

/* What libarchive could not do, in our words where they matter. */
static bool fail_tar(struct prq_tar *t, struct prq_err *err)
{
    if (t->is_below_broken) {
        if (err && err != &t->why)
            *err = t->why;
        return false;
    }
    const char *text = archive_error_string(t->a);
    enum prq_code code = PRQ_E_FORMAT;
    if (archive_errno(t->a) == ENOMEM)
        code = PRQ_E_NOMEM;
    else if (!text)
        text = "archive ends early";
    else if (strstr(text, "pecial header")) /* "Special … too large", "Too many special …" */
        code = PRQ_E_LIMIT;
    prq_fail_at(err, code, tar_at(t), text ? text : "no memory");
    return prq_in(err, "tar");
}

bool prq_tar_open(struct prq_stream *below, struct prq_tar **out, struct prq_err *err)
{
    struct prq_tar *t = below && !prq_fault_alloc() ? malloc(sizeof *t) : NULL;
    if (!t)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read tar");
    memset(t, 0, offsetof(struct prq_tar, in));
    t->below = below;
    t->limits = &prq_limits_default;
    t->deliver_max = UINT64_MAX;
    t->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    t->a = archive_read_new();
    if (!t->a || !t->c_locale || archive_read_support_format_tar(t->a) != ARCHIVE_OK) {
        prq_tar_close(t);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read tar");
    }
    struct archive_entry *primer;
    if (archive_read_open2(t->a, t, NULL, feed, NULL, NULL) != ARCHIVE_OK ||
        archive_read_next_header(t->a, &primer) != ARCHIVE_OK) {
        fail_tar(t, err);
        prq_tar_close(t);
        return false;
    }
    *out = t;
    return true;
}

void prq_tar_lender(struct prq_tar *t, prq_lender lend)
{
    t->lend = lend;
}

void prq_tar_limit(struct prq_tar *t, const struct prq_limits *limits)
{
    t->limits = limits;
}

void prq_tar_close(struct prq_tar *t)
{
    if (!t)
        return;
    archive_read_free(t->a);
    if (t->c_locale)
        freelocale(t->c_locale);
    free(t);
}

static char type_of(struct archive_entry *e)
{
    if (archive_entry_hardlink(e))
        return 'h';
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
        return 'f';
    case AE_IFDIR:
        return 'd';
    case AE_IFLNK:
        return 'l';
    case AE_IFCHR:
        return 'c';
    case AE_IFBLK:
        return 'b';
    case AE_IFIFO:
        return 'p';
    default:
        return '?';
    }
}

static struct prq_tar_entry describe(struct prq_tar *t)
{
    struct archive_entry *e = t->entry;
    char type = type_of(e);
    const char *link = type == 'h'   ? archive_entry_hardlink(e)
                       : type == 'l' ? archive_entry_symlink(e)
                                     : NULL;
    return (struct prq_tar_entry){
        .path = prq_str_from(archive_entry_pathname(e)),
        .link = prq_str_from(link),
        .type = type,
        .mode = (uint32_t)archive_entry_perm(e) & 07777,
        .uid = (uint64_t)archive_entry_uid(e),
        .gid = (uint64_t)archive_entry_gid(e),
        .size = (uint64_t)archive_entry_size(e),
        .mtime_s = archive_entry_mtime(e),
        .header_offset = header_at(t),
    };
}

/* Extended headers, long names and the sparse map are read in one go: bound what they may take.
 * Source: security-model.md 2.1. */
static uint64_t header_max(const struct prq_limits *l)
{
    return l->pax_bytes + (l->sparse_entries / SPARSE_PER_BLOCK + 4) * TAR_BLOCK;
}

static bool is_readable(struct prq_tar *t, struct prq_err *err)
{
    uint64_t from = header_at(t);
    uint64_t to = tar_at(t);
    if (to - from > header_max(t->limits))
        return prq_fail_at(err, PRQ_E_LIMIT, from, "tar: headers of one member are too large");
    int sparse = archive_entry_sparse_count(t->entry);
    if (sparse > 0 && (uint64_t)sparse > t->limits->sparse_entries)
        return prq_fail_at(err, PRQ_E_LIMIT, from, "tar: sparse map has too many entries");
    /* Where libarchive gives up on a chain of special headers it warns and has no name. */
    if (!archive_entry_pathname(t->entry))
        return prq_fail_at(err, PRQ_E_FORMAT, from, "tar: headers without a member");
    if (archive_entry_size(t->entry) < 0)
        return prq_fail_at(err, PRQ_E_FORMAT, from, "tar: member has a negative size");
    return true;
}

/* What libarchive warns of. Names that it could not convert are as we want them. */
static prq_str warning_of(struct prq_tar *t, int ret)
{
    prq_str text = ret == ARCHIVE_WARN ? prq_str_from(archive_error_string(t->a)) : (prq_str){ 0 };
    return prq_str_has(text, PRQ_S("can't be converted")) ? (prq_str){ 0 } : text;
}

static enum prq_next next_header(struct prq_tar *t, struct prq_tar_entry *e, struct prq_err *err)
{
    if (t->entry && archive_read_data_skip(t->a) < ARCHIVE_WARN) {
        fail_tar(t, err);
        return PRQ_NEXT_FAIL;
    }
    t->entry = NULL;
    t->data_at = t->hole_end = 0;
    t->block_n = 0;
    t->is_data_done = true;
    /* Blocks are handed over whole, so one more than what the headers need may be asked for. */
    t->deliver_max = tar_at(t) + header_max(t->limits) + IN_BYTES;
    struct archive_entry *entry;
    int ret = archive_read_next_header(t->a, &entry);
    t->deliver_max = UINT64_MAX;
    if (ret == ARCHIVE_EOF)
        return PRQ_NEXT_END;
    if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN) {
        fail_tar(t, err);
        return PRQ_NEXT_FAIL;
    }
    t->entry = entry;
    if (!is_readable(t, err))
        return PRQ_NEXT_FAIL;
    *e = describe(t);
    e->warning = warning_of(t, ret);
    t->data_end = e->size;
    t->is_data_done = false;
    archive_entry_xattr_reset(entry);
    return PRQ_NEXT_ITEM;
}

enum prq_next prq_tar_next(struct prq_tar *t, struct prq_tar_entry *e, struct prq_err *err)
{
    if (t->is_end)
        return PRQ_NEXT_END;
    if (!t->is_broken) {
        locale_t keep = uselocale(t->c_locale);
        enum prq_next step = next_header(t, e, &t->why);
        uselocale(keep);
        t->is_end = step == PRQ_NEXT_END;
        if (step != PRQ_NEXT_FAIL)
            return step;
        t->is_broken = true; /* libarchive would look for a next header: what it skips is lost */
    }
    if (err)
        *err = t->why;
    return PRQ_NEXT_FAIL;
}

/* Ask libarchive for the next stored piece; the end of the member is a piece at data_end. */
static bool next_block(struct prq_tar *t, uint64_t *offset, struct prq_err *err)
{
    const void *p;
    size_t n;
    la_int64_t at;
    int ret = archive_read_data_block(t->a, &p, &n, &at);
    if (ret == ARCHIVE_EOF) {
        t->is_data_done = true;
        *offset = t->data_end;
        return true;
    }
    if (ret != ARCHIVE_OK)
        return fail_tar(t, err);
    uint64_t end;
    if (at < 0 || (uint64_t)at < t->data_at || !prq_add((uint64_t)at, (uint64_t)n, &end) ||
        end > t->data_end)
        return prq_fail_at(err, PRQ_E_FORMAT, tar_at(t),
                           "tar: sparse map is out of order or too long");
    t->block = p;
    t->block_n = n;
    *offset = (uint64_t)at;
    return true;
}

bool prq_tar_data(struct prq_tar *t, const void **p, size_t *n, struct prq_err *err)
{
    while (t->block_n == 0 && t->data_at >= t->hole_end && !t->is_data_done)
        if (!next_block(t, &t->hole_end, err))
            return false;
    if (t->data_at < t->hole_end) {
        uint64_t hole = t->hole_end - t->data_at;
        *n = hole < ZERO_BYTES ? (size_t)hole : (size_t)ZERO_BYTES;
        *p = zeros;
    } else {
        *n = t->block_n;
        *p = t->block;
        t->block_n = 0;
    }
    t->data_at += *n;
    return true;
}

enum prq_next prq_tar_xattr(struct prq_tar *t, prq_str *name, prq_bytes *value)
{
    const char *key;
    const void *p;
    size_t n;
    if (!t->entry || archive_entry_xattr_next(t->entry, &key, &p, &n) != ARCHIVE_OK) {
        if (t->entry)
            archive_entry_xattr_reset(t->entry); /* the next reader begins with the first */
        return PRQ_NEXT_END;
    }
    *name = prq_str_from(key);
    *value = (prq_bytes){ p, n };
    return PRQ_NEXT_ITEM;
}
