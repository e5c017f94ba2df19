/* SPDX-License-Identifier: Apache-2.0 */
#include "image/tarwrite.h"

#include <stdio.h>

enum { BLOCK = 512 };

static bool zeros(struct prq_buf *b, size_t n)
{
    static const uint8_t block[2 * BLOCK];
    return prq_buf_add(b, block, n);
}

bool prq_tar_end(struct prq_buf *out)
{
    return zeros(out, 2 * BLOCK);
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static void record(struct prq_buf *b, const char *key, prq_str value)
{
    size_t bare = strlen(key) + value.n + 3, digits = 1, n;
    for (;;) {
        n = bare + digits;
        char text[24];
        if ((size_t)snprintf(text, sizeof text, "%zu", n) == digits)
            break;
        digits++;
    }
    prq_buf_printf(b, "%zu %s=", n, key);
    prq_buf_str(b, value);
    prq_buf_byte(b, '\n');
}

static void record_number(struct prq_buf *b, const char *key, bool is_negative, uint64_t v)
{
    char text[32];
    snprintf(text, sizeof text, "%s%llu", is_negative ? "-" : "", (unsigned long long)v);
    record(b, key, prq_str_from(text));
}

static void octal(uint8_t *p, size_t width, uint64_t v)
{
    for (size_t i = width - 1; i-- > 0;) {
        p[i] = (uint8_t)('0' + (v & 7));
        v >>= 3;
    }
}

static char flag(enum prq_file_type type)
{
    switch (type) {
    case PRQ_FILE_HARDLINK:
        return '1';
    case PRQ_FILE_SYMLINK:
        return '2';
    case PRQ_FILE_CHAR:
        return '3';
    case PRQ_FILE_BLOCK:
        return '4';
    case PRQ_FILE_DIR:
        return '5';
    case PRQ_FILE_FIFO:
        return '6';
    case PRQ_FILE_REGULAR:
    case PRQ_FILE_WHITEOUT:
    case PRQ_FILE_OPAQUE:
        break;
    }
    return '0';
}

static void text(uint8_t *p, size_t width, prq_str s)
{
    memcpy(p, s.p ? s.p : "", prq_min_size(s.n, width));
}

static bool block(struct prq_buf *out, prq_str name, prq_str link, char type, uint32_t mode,
                  uint64_t uid, uint64_t gid, uint64_t size, uint64_t mtime)
{
    uint8_t h[BLOCK] = { 0 };
    text(h, 100, name);
    octal(h + 100, 8, mode & 07777);
    octal(h + 108, 8, uid);
    octal(h + 116, 8, gid);
    octal(h + 124, 12, size);
    octal(h + 136, 12, mtime);
    memset(h + 148, ' ', 8);
    h[156] = (uint8_t)type;
    text(h + 157, 100, link);
    memcpy(h + 257, "ustar\0" "00", 8);
    octal(h + 329, 8, 0);
    octal(h + 337, 8, 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof h; i++)
        sum += h[i];
    octal(h + 148, 7, sum);
    h[154] = '\0';
    return prq_buf_add(out, h, sizeof h);
}

/* What does not fit: the field gets 0 or the head of the text, the pax record the truth. */
static void extended(struct prq_buf *b, const struct prq_file *f, const uint64_t *real_size)
{
    bool is_long = f->path.n > 99, has_long_link = f->link.n > 100;
    if (is_long || has_long_link) /* names are bytes, whatever their encoding */
        record(b, "hdrcharset", PRQ_S("BINARY"));
    if (is_long)
        record(b, "path", f->path);
    if (has_long_link)
        record(b, "linkpath", f->link);
    if (f->size >> 33)
        record_number(b, "size", false, f->size);
    if (f->uid >> 21)
        record_number(b, "uid", false, f->uid);
    if (f->gid >> 21)
        record_number(b, "gid", false, f->gid);
    if (f->mtime_s < 0)
        record_number(b, "mtime", true, 0 - (uint64_t)f->mtime_s);
    else if (f->mtime_s >> 33)
        record_number(b, "mtime", false, (uint64_t)f->mtime_s);
    if (real_size) {
        record_number(b, "PRATIQUE.size", false, *real_size);
        record_number(b, "SCHILY.xattr." PRQ_TAR_SIZE_XATTR, false, *real_size);
    }
}

bool prq_tar_header(struct prq_buf *out, const struct prq_file *f, const uint64_t *real_size)
{
    PRQ_BUF pax;
    prq_buf_init(&pax, PRQ_KIB(64));
    extended(&pax, f, real_size);
    if (pax.bad)
        return false;
    if (pax.n && !(block(out, PRQ_S("pax"), (prq_str){ 0 }, 'x', 0644, 0, 0, pax.n, 0) &&
                   prq_buf_str(out, prq_buf_view(&pax)) && zeros(out, prq_tar_pad(pax.n))))
        return false;
    uint64_t uid = f->uid >> 21 ? 0 : f->uid, gid = f->gid >> 21 ? 0 : f->gid;
    uint64_t size = f->type != PRQ_FILE_REGULAR || f->size >> 33 ? 0 : f->size;
    uint64_t mtime = f->mtime_s < 0 || f->mtime_s >> 33 ? 0 : (uint64_t)f->mtime_s;
    return block(out, f->path, f->link, flag(f->type), f->mode, uid, gid, size, mtime);
}
