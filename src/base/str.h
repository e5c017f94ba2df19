/* SPDX-License-Identifier: Apache-2.0 */
/* Views of text and bytes. Nothing here allocates; nothing needs a terminator. */
#ifndef PRQ_BASE_STR_H
#define PRQ_BASE_STR_H

#include <string.h>

#include "base/cc.h"
#include "pratique/core.h"

/* A view of a string literal. */
#define PRQ_S(literal) ((prq_str){ "" literal "", sizeof(literal) - 1 })
/* The same for static initialisers. */
#define PRQ_SI(literal) { "" literal "", sizeof(literal) - 1 }
/* printf("%.*s", PRQ_FMT(s)): long views are cut at INT_MAX. */
#define PRQ_FMT(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p ? (s).p : "")

static inline prq_str prq_str_from(const char *z)
{
    return z ? (prq_str){ z, strlen(z) } : (prq_str){ 0 };
}

static inline prq_str prq_str_of(prq_bytes b)
{
    return (prq_str){ (const char *)b.p, b.n };
}

static inline prq_bytes prq_bytes_of(prq_str s)
{
    return (prq_bytes){ (const uint8_t *)s.p, s.n };
}

static inline bool prq_str_eq(prq_str a, prq_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII case is folded; other bytes compare as they are. */
bool prq_str_ieq(prq_str a, prq_str b);

/* <0, 0, >0 by bytes, shorter prefix first. */
int prq_str_cmp(prq_str a, prq_str b);

static inline bool prq_str_starts(prq_str s, prq_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool prq_str_ends(prq_str s, prq_str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

/* The part from `at` on; empty when `at` is past the end. */
static inline prq_str prq_str_from_at(prq_str s, size_t at)
{
    return at >= s.n ? (prq_str){ s.p ? s.p + s.n : NULL, 0 } : (prq_str){ s.p + at, s.n - at };
}

/* The first `n` bytes, or all of them. */
static inline prq_str prq_str_head(prq_str s, size_t n)
{
    return (prq_str){ s.p, n < s.n ? n : s.n };
}

/* Index of the first/last `c`, or s.n when there is none. */
size_t prq_str_find(prq_str s, char c);
size_t prq_str_rfind(prq_str s, char c);
/* Index of the first `needle`, or s.n when there is none. An empty needle is found at 0. */
size_t prq_str_search(prq_str s, prq_str needle);
static inline bool prq_str_has(prq_str s, prq_str needle)
{
    return needle.n == 0 || prq_str_search(s, needle) < s.n;
}

/* Split at the first `c`: true, with the parts before and after it; false leaves both untouched. */
bool prq_str_cut(prq_str s, char c, prq_str *before, prq_str *after);
/* Split at the last `c`. */
bool prq_str_rcut(prq_str s, char c, prq_str *before, prq_str *after);

/* Take the next piece up to `c` off the front of *rest. False when *rest is exhausted (p == NULL).
 * "a,b" gives a, b; "a," gives a and an empty piece; "" gives one empty piece. */
bool prq_str_split(prq_str *rest, char c, prq_str *piece);

/* Take the next line off the front of *rest: without its LF and one CR before it. False at the end;
 * a last line without LF counts, a last LF opens no further line. */
bool prq_str_line(prq_str *rest, prq_str *line);

/* Without ASCII white space (space, tab, CR, LF, VT, FF) at both ends. */
prq_str prq_str_trim(prq_str s);

/* The part after the last '/', and the part before it (empty when there is none). */
prq_str prq_path_base(prq_str path);
prq_str prq_path_dir(prq_str path);

/* Decimal digits only (no sign, no blanks), the whole of `s`, without overflow. */
bool prq_str_u64(prq_str s, uint64_t *out);

static inline bool prq_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool prq_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
static inline bool prq_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
static inline bool prq_is_alpha(char c)
{
    return prq_is_lower(c) || prq_is_upper(c);
}
static inline bool prq_is_alnum(char c)
{
    return prq_is_alpha(c) || prq_is_digit(c);
}
static inline bool prq_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline char prq_to_lower(char c)
{
    return prq_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

/* Value of a hex digit of either case, or -1. */
int prq_hex_value(char c);
/* `out` gets 2*n lower-case digits, no terminator. */
void prq_hex_encode(prq_bytes in, char *out);
/* Strict: even length, hex digits only; `out` has room for s.n/2 bytes. */
bool prq_hex_decode(prq_str s, uint8_t *out);

/* Length of the valid UTF-8 sequence at the start of `s` (1 to 4), or 0 when it is malformed. */
size_t prq_utf8_len(prq_str s);

/* SipHash-1-3 with a key drawn once per process: tables with hostile keys use it, and no output
 * may depend on it. */
uint64_t prq_str_hash(prq_str s);
/* FNV-1a: stable across runs, for tables of our own constants. */
uint64_t prq_str_fnv(prq_str s);

#endif
