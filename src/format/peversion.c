/* SPDX-License-Identifier: Apache-2.0 */
#include "format/peversion.h"

#include "base/rd.h"

enum {
    TYPE_VERSION = 16,
    CLR_HEADER = 72, /* bytes that a CLI header has */
    ENTRIES_MAX = 4096,
    STRINGS_MAX = 1024,
};
static const uint32_t high_bit = 0x80000000;

static size_t place_of(prq_bytes file, const uint8_t *p)
{
    return (size_t)(p - file.p);
}

/* What a span really has. */
static prq_bytes bytes_of(const struct prq_exe *exe, uint64_t addr, uint32_t size)
{
    prq_bytes b = prq_exe_at(exe, addr);
    return (prq_bytes){ b.p, prq_min_size(b.n, size) };
}

bool prq_peversion_is_managed(const struct prq_exe *exe)
{
    if (exe->kind != PRQ_EXE_PE || exe->clr.size == 0)
        return false;
    struct prq_rd r = prq_rd_of(bytes_of(exe, exe->clr.addr, CLR_HEADER));
    uint32_t size = prq_rd_u32le(&r);
    uint16_t major = prq_rd_u16le(&r);
    return !r.bad && size >= CLR_HEADER && major >= 2;
}

/* ---- the tree of resources */

/* One level: the entry of that ID, or the first one (id 0). *to: where it leads, with the high bit when
 * to a directory. False when there is none. */
static bool find_entry(prq_bytes tree, uint32_t at, uint32_t id, uint32_t *to, bool *is_cut)
{
    struct prq_rd r = prq_rd_of(tree);
    prq_rd_seek(&r, at);
    prq_rd_take(&r, 12);
    uint32_t named = prq_rd_u16le(&r), with_id = prq_rd_u16le(&r);
    uint32_t count = named + with_id;
    for (uint32_t i = 0; i < count && i < ENTRIES_MAX && !r.bad; i++) {
        uint32_t name = prq_rd_u32le(&r), where = prq_rd_u32le(&r);
        if (!r.bad && (id == 0 || name == id)) {
            *to = where;
            return true;
        }
    }
    *is_cut = r.bad;
    return false;
}

/* *out stays empty when there is no version resource. */
static bool find_version(prq_bytes file, const struct prq_exe *exe, prq_bytes *out,
                         struct prq_err *err)
{
    static const uint32_t ids[] = { TYPE_VERSION, 0, 0 };
    prq_bytes tree = exe->resources.size ? prq_exe_at(exe, exe->resources.addr) : (prq_bytes){ 0 };
    if (exe->resources.size == 0)
        return true;
    if (tree.n == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "resources of a PE file lie outside of it");
    uint32_t at = 0;
    for (size_t level = 0; level < PRQ_COUNT(ids); level++) {
        bool is_cut = false;
        if (!find_entry(tree, at & ~high_bit, ids[level], &at, &is_cut))
            return !is_cut || prq_fail_at(err, PRQ_E_FORMAT, place_of(file, tree.p),
                                          "resource directory of a PE file ends early");
        bool is_dir = at & high_bit;
        if (is_dir != (level + 1 < PRQ_COUNT(ids)))
            return prq_fail_at(err, PRQ_E_FORMAT, place_of(file, tree.p),
                               "version resource of a PE file is not three levels deep");
    }
    struct prq_rd r = prq_rd_of(tree);
    prq_rd_seek(&r, at);
    uint32_t addr = prq_rd_u32le(&r), size = prq_rd_u32le(&r);
    if (!r.bad)
        *out = bytes_of(exe, exe->base + addr, size);
    return out->n > 0 || size == 0 ||
           prq_fail_at(err, PRQ_E_FORMAT, place_of(file, tree.p),
                       "version resource of a PE file lies outside of it");
}

/* ---- VS_VERSIONINFO and what is below */

struct node {
    prq_bytes key; /* UTF-16, without its NUL */
    prq_bytes value;
    size_t value_at, end; /* in the resource */
};

static size_t align4(size_t at)
{
    return (at + 3) & ~(size_t)3;
}

/* UTF-16 text up to a NUL or the end of the bytes. */
static prq_bytes text_of(prq_bytes b)
{
    size_t n = 0;
    while (n + 2 <= b.n && (b.p[n] || b.p[n + 1]))
        n += 2;
    return (prq_bytes){ b.p, n };
}

static bool key_is(prq_bytes key, const char *word)
{
    size_t n = strlen(word);
    if (key.n != n * 2)
        return false;
    for (size_t i = 0; i < n; i++)
        if (key.p[2 * i] != (uint8_t)word[i] || key.p[2 * i + 1])
            return false;
    return true;
}

/* The node at `at`, within `end`. */
static bool read_node(prq_bytes res, size_t at, size_t end, struct node *out)
{
    struct prq_rd r = prq_rd_of((prq_bytes){ res.p, end });
    prq_rd_seek(&r, at);
    uint16_t length = prq_rd_u16le(&r), value = prq_rd_u16le(&r);
    uint16_t is_text = prq_rd_u16le(&r);
    if (r.bad || length < 6 || length > end - at)
        return false;
    out->end = at + length;
    out->key = text_of((prq_bytes){ res.p + at + 6, length - 6u });
    size_t after = align4(at + 6 + out->key.n + 2);
    out->value_at = prq_min_size(after, out->end);
    /* Lengths of text are in characters; some writers count bytes. */
    size_t n = is_text == 1 ? (size_t)value * 2 : value;
    out->value = (prq_bytes){ res.p + out->value_at, prq_min_size(n, out->end - out->value_at) };
    return true;
}

static uint32_t unit_at(prq_bytes b, size_t i)
{
    return (uint32_t)(b.p[i] | b.p[i + 1] << 8);
}

/* One character of UTF-16 at *i; a lone half of a pair is U+FFFD. */
static uint32_t next_char(prq_bytes b, size_t *i)
{
    uint32_t c = unit_at(b, *i);
    *i += 2;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    uint32_t low = *i + 2 <= b.n ? unit_at(b, *i) : 0;
    if (c > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    *i += 2;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
    to[0] = (char)(lead[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        to[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

static bool to_utf8(prq_bytes b, struct prq_arena *a, prq_str *out)
{
    char *text = prq_arena_raw(a, b.n / 2 * 3 + 1);
    size_t n = 0;
    if (!text)
        return false;
    for (size_t i = 0; i + 2 <= b.n;)
        n += put_utf8(text + n, next_char(b, &i));
    *out = (prq_str){ text, n };
    return true;
}

static prq_str *field_of(struct prq_peversion *v, prq_bytes key)
{
    const struct {
        const char *key;
        prq_str *to;
    } fields[] = {
        { "ProductName", &v->product_name },
        { "ProductVersion", &v->product_version },
        { "FileVersion", &v->file_version },
        { "FileDescription", &v->file_description },
        { "InternalName", &v->internal_name },
        { "OriginalFilename", &v->original_filename },
        { "CompanyName", &v->company_name },
    };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (key_is(key, fields[i].key))
            return fields[i].to;
    return NULL;
}

/* Where reading a list of nodes stands: broken is where the fault is. */
struct walk {
    prq_bytes res;
    struct prq_arena *a;
    struct prq_peversion *v;
    unsigned strings;
    size_t fault_at;
    bool is_broken, is_full;
};

/* False at the end of the list. */
static bool next_node(struct walk *w, size_t *at, size_t end, struct node *out)
{
    *at = align4(*at);
    if (w->is_broken || w->is_full || *at >= end || end - *at < 6)
        return false;
    /* Padding of some writers: a length of 0 ends the list. */
    if (unit_at(w->res, *at) == 0)
        return false;
    if (!read_node(w->res, *at, end, out)) {
        w->is_broken = true;
        w->fault_at = *at;
        return false;
    }
    *at = out->end;
    return true;
}

static void read_table(struct walk *w, const struct node *table)
{
    struct node one;
    size_t at = table->value_at;
    while (next_node(w, &at, table->end, &one)) {
        prq_str *to = field_of(w->v, one.key);
        if (++w->strings > STRINGS_MAX)
            return;
        if (to && to->n == 0 && !to_utf8(text_of(one.value), w->a, to))
            w->is_full = true;
    }
}

static void read_info(struct walk *w)
{
    struct node root, info, table;
    size_t at = 0;
    if (!next_node(w, &at, w->res.n, &root) || !key_is(root.key, "VS_VERSION_INFO"))
        return;
    at = root.value_at + root.value.n;
    while (next_node(w, &at, root.end, &info)) {
        if (!key_is(info.key, "StringFileInfo"))
            continue;
        size_t inner = info.value_at;
        while (next_node(w, &inner, info.end, &table))
            read_table(w, &table);
    }
}

bool prq_peversion_read(prq_bytes file, const struct prq_exe *exe, struct prq_arena *a,
                        struct prq_peversion *out, struct prq_err *err)
{
    struct walk w = { .a = a, .v = out };
    *out = (struct prq_peversion){ .is_managed = prq_peversion_is_managed(exe) };
    if (exe->kind != PRQ_EXE_PE)
        return true;
    if (!find_version(file, exe, &w.res, err))
        return false;
    if (w.res.n == 0)
        return true;
    read_info(&w);
    if (w.is_full)
        return prq_fail(err, PRQ_E_LIMIT, "no room for a version resource");
    return !w.is_broken || prq_fail_at(err, PRQ_E_FORMAT, place_of(file, w.res.p) + w.fault_at,
                                       "broken version resource of a PE file");
}
