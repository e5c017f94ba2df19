/* SPDX-License-Identifier: Apache-2.0 */
/* A ustar header is one block of 512 bytes: name 0+100, size 124+12, checksum 148+8, type 156,
 * link 157+100, magic 257+8, prefix 345+155. Contents follow, padded to a block. Members of type x
 * and L, K carry names and sizes for the member after them. */
#include "image/tarindex.h"

#include <errno.h>
#include <unistd.h>

enum { BLOCK = 512, LINK_HOPS = 40 };

/* What extended headers said of the next member. */
struct extended {
    prq_str path, link;
    bool has_size, is_sparse;
    uint64_t size, bytes;
};

struct walk {
    const struct prq_tar_bytes *in;
    const struct prq_limits *limits;
    struct prq_tarindex *ix;
    size_t cap;
    uint64_t at; /* of the header at hand, then of its contents */
    struct extended next;
};

static bool fd_read_at(void *user, uint64_t at, void *buf, size_t n, size_t *got,
                       struct prq_err *err)
{
    int fd = *(const int *)user;
    *got = 0;
    while (*got < n) {
        ssize_t r = pread(fd, (uint8_t *)buf + *got, n - *got, (off_t)(at + *got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return prq_fail(err, PRQ_E_IO, "read archive");
        if (r == 0)
            break;
        *got += (size_t)r;
    }
    return true;
}

struct prq_tar_bytes prq_tar_bytes_of_fd(const int *fd, uint64_t size)
{
    union {
        const int *in;
        void *out;
    } user = { .in = fd };
    return (struct prq_tar_bytes){ fd_read_at, user.out, size };
}

prq_str prq_path_clean(prq_str path, struct prq_arena *a)
{
    char *p = prq_arena_alloc(a, path.n + 1);
    size_t n = 0;
    prq_str rest = path, piece;
    while (p && prq_str_split(&rest, '/', &piece)) {
        if (piece.n == 0 || prq_str_eq(piece, PRQ_S(".")))
            continue;
        if (prq_str_eq(piece, PRQ_S(".."))) {
            size_t slash = prq_str_rfind((prq_str){ p, n }, '/');
            n = slash == n ? 0 : slash;
            continue;
        }
        if (n)
            p[n++] = '/';
        memcpy(p + n, piece.p, piece.n);
        n += piece.n;
    }
    return (prq_str){ p, n };
}

/* A field that ends at its first NUL, or at its width. */
static prq_str field(const uint8_t *h, size_t at, size_t width)
{
    prq_str s = { (const char *)h + at, width };
    return prq_str_head(s, prq_str_find(s, '\0'));
}

/* Octal digits between blanks, or base-256 when the first bit is set. */
static bool number(const uint8_t *p, size_t width, uint64_t *out)
{
    uint64_t v = 0;
    if (p[0] & 0x80) {
        if (p[0] != 0x80) /* negative, or more than 64 bits */
            return false;
        for (size_t i = 1; i < width; i++) {
            if (v >> 56)
                return false;
            v = v << 8 | p[i];
        }
        *out = v;
        return true;
    }
    prq_str s = prq_str_trim(field(p, 0, width));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '7' || v >> 61)
            return false;
        v = v << 3 | (uint64_t)(s.p[i] - '0');
    }
    *out = v;
    return true;
}

/* The sum of all bytes with the checksum itself as blanks; some old writers took bytes as signed. */
static bool checksum_holds(const uint8_t *h)
{
    uint64_t said;
    if (!number(h + 148, 8, &said))
        return false;
    uint64_t sum = 0;
    int64_t signed_sum = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        uint8_t c = i >= 148 && i < 156 ? ' ' : h[i];
        sum += c;
        signed_sum += (int8_t)c;
    }
    return sum == said || signed_sum == (int64_t)said;
}

static bool is_zero(const uint8_t *h)
{
    for (size_t i = 0; i < BLOCK; i++)
        if (h[i])
            return false;
    return true;
}

bool prq_is_tar_block(prq_bytes block)
{
    return block.n >= BLOCK && !is_zero(block.p) && checksum_holds(block.p);
}

/* Lends the contents of an extended header, copied into the arena. */
static bool read_extended(struct walk *w, uint64_t size, prq_str *out, struct prq_err *err)
{
    size_t got;
    w->next.bytes += size;
    if (size > w->limits->pax_bytes || w->next.bytes > w->limits->pax_bytes)
        return prq_fail_at(err, PRQ_E_LIMIT, w->at, "extended header of a tar member too large");
    char *p = prq_arena_alloc(w->ix->arena, (size_t)size + 1);
    if (!p)
        return prq_fail_at(err, PRQ_E_LIMIT, w->at, "tar index exceeds its memory");
    if (!w->in->read_at(w->in->user, w->at, p, (size_t)size, &got, err))
        return false;
    if (got < size)
        return prq_fail_at(err, PRQ_E_FORMAT, w->at + got, "archive ends inside a member");
    *out = (prq_str){ p, (size_t)size };
    return true;
}

/* Records "LENGTH KEY=VALUE\n", LENGTH counting the whole record. */
static bool read_pax(struct walk *w, prq_str body, struct prq_err *err)
{
    while (body.n) {
        prq_str length, rest, key, value;
        uint64_t n;
        if (!prq_str_cut(prq_str_head(body, 21), ' ', &length, &rest) ||
            !prq_str_u64(length, &n) || n > body.n || n < length.n + 3 || body.p[n - 1] != '\n')
            return prq_fail_at(err, PRQ_E_FORMAT, w->at, "malformed pax record");
        prq_str record = { body.p + length.n + 1, (size_t)n - length.n - 2 };
        if (!prq_str_cut(record, '=', &key, &value))
            return prq_fail_at(err, PRQ_E_FORMAT, w->at, "pax record without an equals sign");
        if (prq_str_eq(key, PRQ_S("path"))) {
            w->next.path = value;
        } else if (prq_str_eq(key, PRQ_S("linkpath"))) {
            w->next.link = value;
        } else if (prq_str_eq(key, PRQ_S("size"))) {
            if (!prq_str_u64(value, &w->next.size))
                return prq_fail_at(err, PRQ_E_FORMAT, w->at, "pax size is no number");
            w->next.has_size = true;
        } else if (prq_str_starts(key, PRQ_S("GNU.sparse."))) {
            w->next.is_sparse = true;
        }
        body = prq_str_from_at(body, (size_t)n);
    }
    return true;
}

static prq_str header_path(struct prq_arena *a, const uint8_t *h)
{
    prq_str name = field(h, 0, 100), prefix = field(h, 345, 155);
    /* GNU headers ("ustar  ") keep times where POSIX has the prefix. */
    if (memcmp(h + 257, "ustar\0", 6) != 0 || prefix.n == 0)
        return prq_arena_copy(a, name);
    return prq_arena_printf(a, "%.*s/%.*s", PRQ_FMT(prefix), PRQ_FMT(name));
}

static char member_type(const uint8_t *h, prq_str name, bool is_sparse)
{
    switch (h[156]) {
    case '\0':
    case '0':
    case '7':
        if (is_sparse)
            return 's';
        return h[156] != '0' && prq_str_ends(name, PRQ_S("/")) ? 'd' : 'f';
    case '1':
        return 'h';
    case '2':
        return 'l';
    case '5':
        return 'd';
    case 'S':
        return 's';
    default:
        return '?';
    }
}

/* Links, directories, devices and pipes have no contents, whatever their size says. */
static bool has_contents(uint8_t type)
{
    return type < '1' || type > '6';
}

static bool add_member(struct walk *w, const uint8_t *h, uint64_t size, struct prq_err *err)
{
    struct prq_tarindex *ix = w->ix;
    struct prq_arena *a = ix->arena;
    prq_str name = w->next.path.p ? w->next.path : header_path(a, h);
    prq_str link = w->next.link.p ? w->next.link : prq_arena_copy(a, field(h, 157, 100));
    if (ix->count >= w->limits->tar_members)
        return prq_fail_at(err, PRQ_E_LIMIT, w->at, "too many members in the archive");
    if (name.n > w->limits->path_bytes || link.n > w->limits->path_bytes)
        return prq_fail_at(err, PRQ_E_LIMIT, w->at, "name of a tar member too long");
    prq_str path = prq_path_clean(name, a);
    bool added;
    size_t *place = NULL;
    if (name.p && link.p && path.p &&
        prq_arena_grow(a, &ix->members, sizeof *ix->members, &w->cap, ix->count + 1))
        place = prq_map_put(&ix->by_path, path, ix->count, &added);
    if (!place)
        return prq_fail_at(err, PRQ_E_LIMIT, w->at, "tar index exceeds its memory");
    *place = ix->count;
    char type = member_type(h, name, w->next.is_sparse);
    ix->members[ix->count++] = (struct prq_tar_member){
        .path = path,
        .link = link,
        .type = type,
        .offset = w->at,
        .size = type == 'f' || type == 's' ? size : 0,
    };
    w->next = (struct extended){ 0 };
    return true;
}

/* One header with its contents; w->at ends at the next. */
static bool step(struct walk *w, const uint8_t *h, struct prq_err *err)
{
    uint64_t size, end;
    prq_str body;
    if (!checksum_holds(h))
        return prq_fail_at(err, PRQ_E_FORMAT, w->at,
                           w->at ? "checksum of a tar header does not hold" : "not a tar archive");
    if (!number(h + 124, 12, &size))
        return prq_fail_at(err, PRQ_E_FORMAT, w->at, "size of a tar member is no number");
    uint8_t type = h[156];
    bool is_extended = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    if (!is_extended && w->next.has_size)
        size = w->next.size;
    if (!has_contents(type))
        size = 0;
    w->at += BLOCK;
    if (!prq_add(w->at, size, &end) || end > w->in->size)
        return prq_fail_at(err, PRQ_E_FORMAT, w->at, "archive ends inside a member");
    if (is_extended && !read_extended(w, size, &body, err))
        return false;
    if (type == 'x') {
        if (!read_pax(w, body, err))
            return false;
    } else if (type == 'L' || type == 'K') {
        body = prq_str_head(body, prq_str_find(body, '\0'));
        *(type == 'L' ? &w->next.path : &w->next.link) = body;
    } else if (type != 'g' && !add_member(w, h, size, err)) {
        return false;
    }
    uint64_t pad = (BLOCK - size % BLOCK) % BLOCK;
    w->at = end + prq_min_size((size_t)pad, (size_t)(w->in->size - end));
    return true;
}

bool prq_tarindex_read(const struct prq_tar_bytes *in, const struct prq_limits *limits,
                       struct prq_arena *a, struct prq_tarindex *out, struct prq_err *err)
{
    uint8_t h[BLOCK];
    size_t got;
    *out = (struct prq_tarindex){ .arena = a };
    prq_map_init(&out->by_path, a);
    struct walk w = { .in = in, .limits = limits, .ix = out };
    while (w.at < in->size) {
        if (!in->read_at(in->user, w.at, h, sizeof h, &got, err))
            return false;
        if (got < sizeof h)
            return prq_fail_at(err, PRQ_E_FORMAT, w.at, "archive ends inside a header");
        if (is_zero(h))
            break;
        if (!step(&w, h, err))
            return false;
    }
    if (out->count == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a tar archive, or an empty one");
    return true;
}

const struct prq_tar_member *prq_tarindex_find(const struct prq_tarindex *ix, prq_str path)
{
    prq_str at = prq_path_clean(path, ix->arena);
    for (unsigned hop = 0; at.p && hop <= LINK_HOPS; hop++) {
        const size_t *i = prq_map_find(&ix->by_path, at);
        const struct prq_tar_member *m = i ? &ix->members[*i] : NULL;
        if (!m || m->type == 'f')
            return m;
        if (m->type != 'l' && m->type != 'h')
            return NULL;
        prq_str dir = m->type == 'h' || prq_str_starts(m->link, PRQ_S("/")) ? (prq_str){ 0 }
                                                                          : prq_path_dir(at);
        prq_str joined =
            prq_arena_printf(ix->arena, "%.*s/%.*s", PRQ_FMT(dir), PRQ_FMT(m->link));
        at = joined.p ? prq_path_clean(joined, ix->arena) : joined;
    }
    return NULL;
}
