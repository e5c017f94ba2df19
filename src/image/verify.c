/* SPDX-License-Identifier: Apache-2.0 */
#include "image/verify.h"

#include "lib/lib.h"

bool prq_verify(prq_str bytes, prq_str digest, uint64_t size, struct prq_err *err)
{
    enum prq_digest_alg alg;
    prq_str hex;
    uint8_t want[64], got[64];
    if (size != UINT64_MAX && bytes.n != size)
        return prq_fail(err, PRQ_E_FORMAT, "%.*s has %zu bytes, its descriptor says %llu",
                        PRQ_FMT(digest), bytes.n, (unsigned long long)size);
    if (!prq_digest_parse(digest, &alg, &hex) || hex.n > 128 || !prq_hex_decode(hex, want))
        return prq_fail(err, PRQ_E_FORMAT, "not a digest: %.*s", PRQ_FMT(digest));
    struct prq_digest *d;
    if (!prq_digest_new(alg, &d, err))
        return false;
    prq_digest_add(d, bytes.p, bytes.n);
    size_t n = prq_digest_end(d, got);
    prq_digest_free(d);
    if (n != hex.n / 2 || memcmp(got, want, n) != 0)
        return prq_fail(err, PRQ_E_FORMAT, "contents do not have the digest %.*s", PRQ_FMT(digest));
    return true;
}

bool prq_digest_of(prq_str bytes, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    uint8_t raw[32];
    if (!prq_sha256(prq_bytes_of(bytes), raw) ||
        !prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, sizeof raw }, a, out))
        return prq_fail(err, PRQ_E_NOMEM, "digest");
    return true;
}

static int value(char c)
{
    if (prq_is_upper(c))
        return c - 'A';
    if (prq_is_lower(c))
        return c - 'a' + 26;
    if (prq_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool prq_base64_decode(prq_str text, struct prq_buf *out)
{
    for (int pad = 0; pad < 2 && text.n && text.p[text.n - 1] == '='; pad++)
        text.n--;
    if (text.n % 4 == 1)
        return false;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < text.n; i++) {
        int v = value(text.p[i]);
        if (v < 0)
            return false;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (!prq_buf_byte(out, (uint8_t)(bits >> have)))
                return false;
            bits &= (1u << have) - 1;
        }
    }
    return true;
}

bool prq_base64_encode(prq_bytes in, struct prq_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < in.n; i += 3) {
        size_t n = prq_min_size(in.n - i, 3);
        uint32_t v = (uint32_t)in.p[i] << 16 | (n > 1 ? (uint32_t)in.p[i + 1] << 8 : 0) |
                     (n > 2 ? (uint32_t)in.p[i + 2] : 0);
        prq_buf_byte(out, (uint8_t)digits[v >> 18]);
        prq_buf_byte(out, (uint8_t)digits[v >> 12 & 63]);
        prq_buf_byte(out, (uint8_t)(n > 1 ? digits[v >> 6 & 63] : '='));
        prq_buf_byte(out, (uint8_t)(n > 2 ? digits[v & 63] : '='));
    }
    return !out->bad;
}
