/* SPDX-License-Identifier: Apache-2.0 */
#include "format/buildinfo.h"

#include "base/rd.h"

enum {
    HEADER = 32,
    ALIGN = 16,
    FLAG_BIG = 1,
    FLAG_INLINE = 2,
    /* Where sections have names and none of them is Go's, a short look is enough: the linker puts
     * the mark near the start of the data. */
    SHORT_SEARCH = 64 * 1024,
    FRAME = 16,
};

static const uint8_t mark[14] = "\xff Go buildinf:";

/* The first mark at an aligned address: its address, 0 when there is none. */
static bool search(const struct prq_exe_part *part, size_t most, uint64_t *addr)
{
    const uint8_t *p = part->bytes.p, *end = p + prq_min_size(part->bytes.n, most);
    while (p && end - p >= HEADER) {
        const uint8_t *hit = memmem(p, (size_t)(end - p), mark, sizeof mark);
        if (!hit || end - hit < HEADER)
            return false;
        uint64_t at = part->addr + (uint64_t)(hit - part->bytes.p);
        if (at % ALIGN == 0) {
            *addr = at;
            return true;
        }
        p = hit + 1;
    }
    return false;
}

static bool find_mark(const struct prq_exe *x, uint64_t *addr)
{
    if (x->has_go_section && search(&x->go_section, SIZE_MAX, addr))
        return true;
    bool is_named = x->kind == PRQ_EXE_ELF && x->has_sections && !x->is_go_like;
    for (size_t i = 0; i < x->part_count; i++)
        if (x->parts[i].is_data && search(&x->parts[i], is_named ? SHORT_SEARCH : SIZE_MAX, addr))
            return true;
    return false;
}

static uint64_t pointer(struct prq_rd *r, unsigned size, bool big)
{
    if (size == 4)
        return big ? prq_rd_u32be(r) : prq_rd_u32le(r);
    return big ? prq_rd_u64be(r) : prq_rd_u64le(r);
}

/* A Go string: its header (data address, length) lies at `addr`. */
static bool far_string(const struct prq_exe *x, uint64_t addr, unsigned size, bool big,
                       prq_str *out)
{
    if (addr == 0)
        return true; /* no string */
    struct prq_rd head = prq_rd_of(prq_exe_at(x, addr));
    uint64_t data = pointer(&head, size, big), n = pointer(&head, size, big);
    if (head.bad)
        return false;
    prq_bytes bytes = prq_exe_at(x, data);
    if (n > bytes.n)
        return false;
    *out = prq_str_head(prq_str_of(bytes), (size_t)n);
    return true;
}

/* The text stands between two marks of 16 bytes, the second after a newline. */
static prq_str unframe(prq_str text)
{
    if (text.n < 2 * FRAME + 1 || text.p[text.n - FRAME - 1] != '\n')
        return (prq_str){ 0 };
    return (prq_str){ text.p + FRAME, text.n - 2 * FRAME };
}

bool prq_buildinfo_read(const struct prq_exe *x, struct prq_buildinfo *out, bool *found,
                        struct prq_err *err)
{
    uint64_t addr = 0;
    if (!find_mark(x, &addr)) {
        *found = false;
        return true;
    }
    prq_bytes blob = prq_exe_at(x, addr);
    struct prq_rd r = prq_rd_of(blob);
    prq_rd_take(&r, sizeof mark);
    unsigned size = prq_rd_u8(&r), flags = prq_rd_u8(&r);
    prq_str version = { 0 }, modules = { 0 };
    if (flags & FLAG_INLINE) {
        prq_rd_take(&r, 16);
        version = prq_rd_lenstr(&r);
        modules = prq_rd_lenstr(&r);
        if (r.bad)
            return prq_fail(err, PRQ_E_FORMAT, "Go build information ends early");
    } else {
        bool big = flags & FLAG_BIG;
        if (size != 4 && size != 8)
            return prq_fail(err, PRQ_E_FORMAT, "Go build information with pointers of %u bytes",
                            size);
        uint64_t version_at = pointer(&r, size, big), modules_at = pointer(&r, size, big);
        if (r.bad || !far_string(x, version_at, size, big, &version) ||
            !far_string(x, modules_at, size, big, &modules))
            return prq_fail(err, PRQ_E_FORMAT, "Go build information points outside the file");
    }
    if (version.n == 0)
        return prq_fail(err, PRQ_E_FORMAT, "Go build information without a version");
    *out = (struct prq_buildinfo){ version, unframe(modules) };
    *found = true;
    return true;
}

/* ---- the lines */

static unsigned put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (c >> 18 & 7));
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* `digits` hex digits at s[*at]. */
static bool hex(prq_str s, size_t *at, unsigned digits, uint32_t *out)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < digits; i++, ++*at) {
        int d = *at < s.n ? prq_hex_value(s.p[*at]) : -1;
        if (d < 0)
            return false;
        v = v << 4 | (uint32_t)d;
    }
    *out = v;
    return true;
}

/* What follows a backslash, at s[*at]: one to four bytes to out. Source: The Go Programming
 * Language Specification, "Rune literals". */
static unsigned unescape(prq_str s, size_t *at, char *out)
{
    static const char from[] = "abfnrtv\\'\"", to[] = "\a\b\f\n\r\t\v\\'\"";
    char c = s.p[(*at)++];
    const char *plain = c ? strchr(from, c) : NULL;
    uint32_t v;
    if (plain) {
        out[0] = to[plain - from];
        return 1;
    }
    if (c == 'x' && hex(s, at, 2, &v)) {
        out[0] = (char)v;
        return 1;
    }
    if ((c == 'u' && hex(s, at, 4, &v)) || (c == 'U' && hex(s, at, 8, &v)))
        return v <= 0x10ffff ? put_utf8(v, out) : 0;
    if (c >= '0' && c <= '3' && *at + 2 <= s.n && s.p[*at] >= '0' && s.p[*at] <= '7' &&
        s.p[*at + 1] >= '0' && s.p[*at + 1] <= '7') {
        out[0] = (char)((c - '0') << 6 | (s.p[*at] - '0') << 3 | (s.p[*at + 1] - '0'));
        *at += 2;
        return 1;
    }
    return 0;
}

static prq_str unquote(prq_str s, struct prq_arena *a)
{
    if (s.n < 2 || s.p[0] != s.p[s.n - 1] || (s.p[0] != '"' && s.p[0] != '`'))
        return s;
    prq_str in = { s.p + 1, s.n - 2 };
    if (s.p[0] == '`' || prq_str_find(in, '\\') == in.n)
        return in;
    char *out = prq_new_n(a, char, in.n); /* no escape is shorter than what it stands for */
    size_t n = 0;
    if (!out)
        return s;
    for (size_t at = 0; at < in.n;) {
        char c = in.p[at++];
        if (c != '\\') {
            out[n++] = c;
            continue;
        }
        char bytes[4];
        unsigned got = at < in.n ? unescape(in, &at, bytes) : 0;
        if (got == 0)
            return s;
        memcpy(out + n, bytes, got);
        n += got;
    }
    return (prq_str){ out, n };
}

/* key=value, either of them quoted by Go's rules. */
static void setting(prq_str s, struct prq_arena *a, struct prq_buildinfo_line *out)
{
    size_t at = 0;
    if (s.n && (s.p[0] == '"' || s.p[0] == '`')) {
        char quote = s.p[at++];
        while (at < s.n && s.p[at] != quote)
            at += quote == '"' && s.p[at] == '\\' && at + 1 < s.n ? 2 : 1;
    }
    while (at < s.n && s.p[at] != '=')
        at++;
    out->kind = PRQ_BUILDINFO_SETTING;
    out->a = unquote(prq_str_head(s, at), a);
    out->b = unquote(prq_str_from_at(s, at + 1), a);
}

bool prq_buildinfo_line(prq_str *rest, struct prq_arena *a, struct prq_buildinfo_line *out)
{
    static const struct {
        prq_str word;
        enum prq_buildinfo_kind kind;
    } words[] = {
        { PRQ_SI("path"), PRQ_BUILDINFO_PATH },  { PRQ_SI("mod"), PRQ_BUILDINFO_MOD },
        { PRQ_SI("dep"), PRQ_BUILDINFO_DEP },    { PRQ_SI("=>"), PRQ_BUILDINFO_REPLACE },
        { PRQ_SI("build"), PRQ_BUILDINFO_SETTING },
    };
    prq_str line, word, fields;
    if (!prq_str_line(rest, &line))
        return false;
    *out = (struct prq_buildinfo_line){ .kind = PRQ_BUILDINFO_OTHER, .a = line };
    if (!prq_str_cut(line, '\t', &word, &fields))
        return true;
    for (size_t i = 0; i < PRQ_COUNT(words); i++) {
        if (!prq_str_eq(word, words[i].word))
            continue;
        if (words[i].kind == PRQ_BUILDINFO_SETTING) {
            setting(fields, a, out);
            return true;
        }
        *out = (struct prq_buildinfo_line){ .kind = words[i].kind };
        prq_str_split(&fields, '\t', &out->a);
        prq_str_split(&fields, '\t', &out->b);
        prq_str_split(&fields, '\t', &out->c);
        return true;
    }
    return true;
}
