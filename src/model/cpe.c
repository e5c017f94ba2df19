/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cpe.h"

#include "base/buf.h"

static const prq_str formatted = PRQ_SI("cpe:2.3:"), uri = PRQ_SI("cpe:/");

enum { FIELD_MAX = 1024 };

static bool is_plain(char c)
{
    return prq_is_alnum(c) || c == '_' || c == '.' || c == '-';
}

static bool is_printable(char c)
{
    return c > ' ' && c <= '~';
}

/* A character that stands for itself. */
static void put_literal(struct prq_buf *b, char c)
{
    if (!is_plain(c))
        prq_buf_byte(b, '\\');
    prq_buf_byte(b, (uint8_t)prq_to_lower(c));
}

/* A hyphen alone would be "not applicable". */
static void end_literal(struct prq_buf *b, size_t from)
{
    if (b->n == from + 1 && b->p[from] == '-') {
        b->n = from;
        prq_buf_str(b, PRQ_S("\\-"));
    }
}

prq_str prq_cpe_escape(prq_str plain, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, 4 * FIELD_MAX);
    plain = prq_str_trim(plain);
    for (size_t i = 0; i < plain.n && i < FIELD_MAX; i++) {
        if (plain.p[i] == ' ')
            prq_buf_byte(&b, '_');
        else if (is_printable(plain.p[i]))
            put_literal(&b, plain.p[i]);
    }
    end_literal(&b, 0);
    return b.n ? prq_arena_copy(a, prq_buf_view(&b)) : PRQ_S("*");
}

/* ---- reading */

struct reader {
    prq_str text;
    struct prq_arena *a;
    struct prq_err *err;
    struct prq_buf b;
};

static bool fail(const struct reader *r, prq_str at, const char *why)
{
    return prq_fail_at(r->err, PRQ_E_FORMAT, (uint64_t)(at.p - r->text.p), why);
}

static bool keep(struct reader *r, prq_str *out)
{
    *out = r->b.n ? prq_arena_copy(r->a, prq_buf_view(&r->b)) : PRQ_S("*");
    return (!r->b.bad && out->p) || prq_fail(r->err, PRQ_E_LIMIT, "no room for a CPE");
}

/* '?' may stand several times at either end, '*' once. */
static bool is_wild_place(prq_str s, size_t i)
{
    bool from_start = true, to_end = true;
    for (size_t k = 0; k <= i; k++)
        from_start = from_start && (s.p[k] == '?' || s.p[k] == '*');
    for (size_t k = i; k < s.n; k++)
        to_end = to_end && (s.p[k] == '?' || s.p[k] == '*');
    return from_start || to_end;
}

static bool formatted_field(struct reader *r, prq_str s, prq_str *out)
{
    prq_buf_clear(&r->b);
    if (s.n > FIELD_MAX)
        return fail(r, s, "CPE field is too long");
    if (s.n == 1 && (s.p[0] == '-' || s.p[0] == '*')) {
        *out = s.p[0] == '-' ? PRQ_S("-") : PRQ_S("*");
        return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!is_printable(c))
            return fail(r, prq_str_from_at(s, i), "byte that no CPE has");
        if (c == '\\') {
            if (++i == s.n || !is_printable(s.p[i]))
                return fail(r, prq_str_from_at(s, i), "backslash with nothing behind it");
            put_literal(&r->b, s.p[i]);
        } else if ((c == '*' || c == '?') && is_wild_place(s, i)) {
            prq_buf_byte(&r->b, (uint8_t)c);
        } else {
            put_literal(&r->b, c);
        }
    }
    end_literal(&r->b, 0);
    return keep(r, out);
}

/* Up to the next ':' that no backslash stands before. */
static prq_str next_field(prq_str *rest)
{
    size_t i = 0;
    while (i < rest->n && rest->p[i] != ':')
        i += rest->p[i] == '\\' && i + 1 < rest->n ? 2 : 1;
    prq_str field = prq_str_head(*rest, i);
    *rest = i < rest->n ? prq_str_from_at(*rest, i + 1) : (prq_str){ NULL, 0 };
    return field;
}

static bool read_formatted(struct reader *r, struct prq_cpe *c)
{
    prq_str rest = prq_str_from_at(r->text, formatted.n);
    for (size_t i = 0; i < PRQ_CPE_FIELDS; i++) {
        if (!rest.p)
            return fail(r, prq_str_from_at(r->text, r->text.n), "CPE with too few fields");
        if (!formatted_field(r, next_field(&rest), &c->v[i]))
            return false;
    }
    return !rest.p || fail(r, rest, "CPE with too many fields");
}

/* Percent-encoded; "%01" is '?', "%02" is '*'. */
static bool uri_field(struct reader *r, prq_str s, prq_str *out)
{
    prq_buf_clear(&r->b);
    if (s.n > FIELD_MAX)
        return fail(r, s, "CPE field is too long");
    if (s.n == 1 && s.p[0] == '-') {
        *out = PRQ_S("-");
        return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int hi = s.n - i > 2 ? prq_hex_value(s.p[i + 1]) : -1;
            int lo = s.n - i > 2 ? prq_hex_value(s.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return fail(r, prq_str_from_at(s, i), "'%' without two hex digits");
            c = (char)(hi * 16 + lo);
            i += 2;
            if (c == 1 || c == 2) {
                prq_buf_byte(&r->b, c == 1 ? '?' : '*');
                continue;
            }
        }
        if (!is_printable(c))
            return fail(r, prq_str_from_at(s, prq_min_size(i, s.n - 1)), "byte that no CPE has");
        put_literal(&r->b, c);
    }
    end_literal(&r->b, 0);
    /* Wildcards in the middle are none: what is written back has to be read the same. */
    prq_str plain = prq_buf_view(&r->b);
    for (size_t i = 0; i < plain.n; i++) {
        if (plain.p[i] == '\\')
            i++;
        else if ((plain.p[i] == '*' || plain.p[i] == '?') && !is_wild_place(plain, i))
            return fail(r, s, "wildcard inside of a CPE value");
    }
    return keep(r, out);
}

/* "~edition~sw_edition~target_sw~target_hw~other" */
static bool packed_edition(struct reader *r, prq_str s, struct prq_cpe *c)
{
    static const enum prq_cpe_field fields[] = { PRQ_CPE_EDITION, PRQ_CPE_SW_EDITION,
                                                 PRQ_CPE_TARGET_SW, PRQ_CPE_TARGET_HW,
                                                 PRQ_CPE_OTHER };
    prq_str rest = prq_str_from_at(s, 1), piece;
    size_t i = 0;
    while (prq_str_split(&rest, '~', &piece)) {
        if (i == PRQ_COUNT(fields))
            return fail(r, piece, "packed edition with too many parts");
        if (!uri_field(r, piece, &c->v[fields[i++]]))
            return false;
    }
    return true;
}

static bool read_uri(struct reader *r, struct prq_cpe *c)
{
    prq_str rest = prq_str_from_at(r->text, uri.n), piece;
    for (size_t i = 0; i < PRQ_CPE_FIELDS; i++)
        c->v[i] = PRQ_S("*");
    for (size_t i = 0; prq_str_split(&rest, ':', &piece); i++) {
        if (i > PRQ_CPE_LANGUAGE)
            return fail(r, piece, "CPE with too many fields");
        bool is_packed = i == PRQ_CPE_EDITION && prq_str_starts(piece, PRQ_S("~"));
        if (!(is_packed ? packed_edition(r, piece, c) : uri_field(r, piece, &c->v[i])))
            return false;
    }
    return true;
}

bool prq_cpe_parse(prq_str text, struct prq_arena *a, struct prq_cpe *out, struct prq_err *err)
{
    struct prq_cpe c = { 0 };
    struct reader r = { .text = text, .a = a, .err = err };
    bool is_formatted = text.n >= formatted.n &&
                        prq_str_ieq(prq_str_head(text, formatted.n), formatted);
    bool is_uri = text.n >= uri.n && prq_str_ieq(prq_str_head(text, uri.n), uri);
    if (!is_formatted && !is_uri)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a CPE name");
    prq_buf_init(&r.b, 4 * FIELD_MAX);
    bool ok = is_formatted ? read_formatted(&r, &c) : read_uri(&r, &c);
    prq_buf_release(&r.b);
    static const char parts[] = "aoh*-";
    if (ok && (c.v[PRQ_CPE_PART].n != 1 || !strchr(parts, c.v[PRQ_CPE_PART].p[0])))
        return prq_fail_at(err, PRQ_E_FORMAT, is_formatted ? formatted.n : uri.n,
                           "the part of a CPE is a, o or h");
    if (ok)
        *out = c;
    return ok;
}

/* ---- writing */

prq_str prq_cpe_print(const struct prq_cpe *c, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(64));
    prq_buf_str(&b, PRQ_S("cpe:2.3"));
    for (size_t i = 0; i < PRQ_CPE_FIELDS; i++) {
        prq_buf_byte(&b, ':');
        prq_buf_str(&b, c->v[i].n ? c->v[i] : PRQ_S("*"));
    }
    return b.bad ? (prq_str){ 0 } : prq_arena_copy(a, prq_buf_view(&b));
}

static void put_uri_field(struct prq_buf *b, prq_str s)
{
    if (s.n == 0 || prq_str_eq(s, PRQ_S("*")))
        return;
    if (prq_str_eq(s, PRQ_S("-"))) {
        prq_buf_byte(b, '-');
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        bool is_escaped = s.p[i] == '\\' && i + 1 < s.n;
        char c = s.p[is_escaped ? ++i : i];
        if (!is_escaped && (c == '*' || c == '?'))
            prq_buf_str(b, c == '?' ? PRQ_S("%01") : PRQ_S("%02"));
        else if (is_plain(c) && !is_escaped)
            prq_buf_byte(b, (uint8_t)c);
        else
            prq_buf_printf(b, "%%%02x", (unsigned)(uint8_t)c);
    }
}

static bool is_any(prq_str s)
{
    return s.n == 0 || prq_str_eq(s, PRQ_S("*"));
}

prq_str prq_cpe_print_uri(const struct prq_cpe *c, struct prq_arena *a)
{
    static const enum prq_cpe_field packed[] = { PRQ_CPE_SW_EDITION, PRQ_CPE_TARGET_SW,
                                                 PRQ_CPE_TARGET_HW, PRQ_CPE_OTHER };
    PRQ_BUF b;
    bool has_packed = false;
    size_t end = uri.n;
    prq_buf_init(&b, PRQ_KIB(64));
    prq_buf_str(&b, uri);
    for (size_t i = 0; i < PRQ_COUNT(packed); i++)
        has_packed |= !is_any(c->v[packed[i]]);
    for (size_t i = PRQ_CPE_PART; i <= PRQ_CPE_LANGUAGE; i++) {
        if (i)
            prq_buf_byte(&b, ':');
        size_t before = b.n;
        if (i == PRQ_CPE_EDITION && has_packed) {
            prq_buf_byte(&b, '~');
            put_uri_field(&b, c->v[i]);
            for (size_t k = 0; k < PRQ_COUNT(packed); k++) {
                prq_buf_byte(&b, '~');
                put_uri_field(&b, c->v[packed[k]]);
            }
        } else {
            put_uri_field(&b, c->v[i]);
        }
        if (b.n > before)
            end = b.n;
    }
    if (!b.bad)
        b.n = end; /* trailing colons say nothing */
    return b.bad ? (prq_str){ 0 } : prq_arena_copy(a, prq_buf_view(&b));
}
