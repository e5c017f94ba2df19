/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <pthread.h>
#include <sys/random.h>

bool prq_str_ieq(prq_str a, prq_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (prq_to_lower(a.p[i]) != prq_to_lower(b.p[i]))
            return false;
    return true;
}

int prq_str_cmp(prq_str a, prq_str b)
{
    size_t n = prq_min_size(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

size_t prq_str_find(prq_str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

size_t prq_str_rfind(prq_str s, char c)
{
    const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

size_t prq_str_search(prq_str s, prq_str needle)
{
    if (needle.n == 0)
        return 0;
    const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

static bool cut_at(prq_str s, size_t at, prq_str *before, prq_str *after)
{
    if (at == s.n)
        return false;
    *after = (prq_str){ s.p + at + 1, s.n - at - 1 };
    *before = (prq_str){ s.p, at };
    return true;
}

bool prq_str_cut(prq_str s, char c, prq_str *before, prq_str *after)
{
    return cut_at(s, prq_str_find(s, c), before, after);
}

bool prq_str_rcut(prq_str s, char c, prq_str *before, prq_str *after)
{
    return cut_at(s, prq_str_rfind(s, c), before, after);
}

bool prq_str_split(prq_str *rest, char c, prq_str *piece)
{
    if (!rest->p)
        return false;
    size_t at = prq_str_find(*rest, c);
    *piece = (prq_str){ rest->p, at };
    if (at == rest->n)
        *rest = (prq_str){ 0 };
    else
        *rest = (prq_str){ rest->p + at + 1, rest->n - at - 1 };
    return true;
}

bool prq_str_line(prq_str *rest, prq_str *line)
{
    if (rest->n == 0)
        return false;
    size_t at = prq_str_find(*rest, '\n');
    size_t end = at;
    if (at < rest->n && end > 0 && rest->p[end - 1] == '\r')
        end--;
    *line = (prq_str){ rest->p, end };
    *rest = prq_str_from_at(*rest, at < rest->n ? at + 1 : at);
    return true;
}

prq_str prq_str_trim(prq_str s)
{
    while (s.n && prq_is_space(s.p[0]))
        s = (prq_str){ s.p + 1, s.n - 1 };
    while (s.n && prq_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

prq_str prq_path_base(prq_str path)
{
    size_t at = prq_str_rfind(path, '/');
    return at == path.n ? path : prq_str_from_at(path, at + 1);
}

prq_str prq_path_dir(prq_str path)
{
    size_t at = prq_str_rfind(path, '/');
    return at == path.n ? (prq_str){ path.p, 0 } : (prq_str){ path.p, at };
}

bool prq_str_u64(prq_str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!prq_is_digit(s.p[i]))
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (!prq_mul(v, (uint64_t)10, &v) || !prq_add(v, digit, &v))
            return false;
    }
    *out = v;
    return true;
}

int prq_hex_value(char c)
{
    if (prq_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void prq_hex_encode(prq_bytes in, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.n; i++) {
        out[2 * i] = digits[in.p[i] >> 4];
        out[2 * i + 1] = digits[in.p[i] & 15];
    }
}

bool prq_hex_decode(prq_str s, uint8_t *out)
{
    if (s.n % 2)
        return false;
    for (size_t i = 0; i < s.n / 2; i++) {
        int hi = prq_hex_value(s.p[2 * i]);
        int lo = prq_hex_value(s.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i] = (uint8_t)(hi * 16 + lo);
    }
    return true;
}

/* Source: RFC 3629 section 4, the table of well-formed sequences. */
size_t prq_utf8_len(prq_str s)
{
    if (s.n == 0)
        return 0;
    const uint8_t *b = (const uint8_t *)s.p;
    if (b[0] < 0x80)
        return 1;
    size_t len = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    if (b[0] < 0xc2 || b[0] > 0xf4 || s.n < len)
        return 0;
    uint8_t lo = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t hi = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
    if (b[1] < lo || b[1] > hi)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (b[i] < 0x80 || b[i] > 0xbf)
            return 0;
    return len;
}

static uint64_t sip_key[2];
static pthread_once_t sip_once = PTHREAD_ONCE_INIT;

static void sip_draw(void)
{
    /* A short answer leaves a weaker key, never a wrong result. */
    if (getrandom(sip_key, sizeof sip_key, 0) != (ssize_t)sizeof sip_key)
        sip_key[0] ^= (uint64_t)(uintptr_t)&sip_once;
}

static inline uint64_t rotl(uint64_t x, unsigned r)
{
    return (x << r) | (x >> (64 - r));
}

#define SIP_ROUND(v0, v1, v2, v3) \
    do {                          \
        (v0) += (v1);             \
        (v1) = rotl((v1), 13);    \
        (v1) ^= (v0);             \
        (v0) = rotl((v0), 32);    \
        (v2) += (v3);             \
        (v3) = rotl((v3), 16);    \
        (v3) ^= (v2);             \
        (v0) += (v3);             \
        (v3) = rotl((v3), 21);    \
        (v3) ^= (v0);             \
        (v2) += (v1);             \
        (v1) = rotl((v1), 17);    \
        (v1) ^= (v2);             \
        (v2) = rotl((v2), 32);    \
    } while (0)

/* Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", with 1 and 3 rounds. */
uint64_t prq_str_hash(prq_str s)
{
    pthread_once(&sip_once, sip_draw);
    uint64_t v0 = 0x736f6d6570736575ULL ^ sip_key[0], v1 = 0x646f72616e646f6dULL ^ sip_key[1];
    uint64_t v2 = 0x6c7967656e657261ULL ^ sip_key[0], v3 = 0x7465646279746573ULL ^ sip_key[1];
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t m;
        memcpy(&m, s.p + i, 8);
        v3 ^= m;
        SIP_ROUND(v0, v1, v2, v3);
        v0 ^= m;
    }
    uint64_t last = (uint64_t)s.n << 56;
    for (unsigned shift = 0; i < s.n; i++, shift += 8)
        last |= (uint64_t)(uint8_t)s.p[i] << shift;
    v3 ^= last;
    SIP_ROUND(v0, v1, v2, v3);
    v0 ^= last;
    v2 ^= 0xff;
    for (int r = 0; r < 3; r++)
        SIP_ROUND(v0, v1, v2, v3);
    return v0 ^ v1 ^ v2 ^ v3;
}

uint64_t prq_str_fnv(prq_str s)
{
    uint64_t h = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3ULL;
    return h;
}
