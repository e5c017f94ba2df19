/* SPDX-License-Identifier: Apache-2.0 */
/* Digests by OpenSSL's EVP, which picks the processor's SHA instructions. OpenSSL reads its
 * configuration file at the first use: see prq_lib_prepare. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/fault.h"
#include "lib/lib.h"

struct prq_digest {
    EVP_MD_CTX *evp;
    const EVP_MD *md;
    bool is_bad;     /* OpenSSL said no: end answers 0 */
    bool is_running; /* bytes were added, or init was done, since the last end */
};

static const struct {
    const char *name; /* as written in references, and OpenSSL's */
    size_t hex_digits;
} algs[] = {
    [PRQ_SHA256] = { "sha256", 64 },
    [PRQ_SHA512] = { "sha512", 128 },
    [PRQ_SHA1] = { "sha1", 40 },
};

static const EVP_MD *md_of(enum prq_digest_alg alg)
{
    switch (alg) {
    case PRQ_SHA256:
        return EVP_sha256();
    case PRQ_SHA512:
        return EVP_sha512();
    case PRQ_SHA1:
        return EVP_sha1();
    }
    return NULL;
}

bool prq_digest_new(enum prq_digest_alg alg, struct prq_digest **out, struct prq_err *err)
{
    struct prq_digest *d = prq_fault_alloc() ? NULL : calloc(1, sizeof *d);
    if (!d)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
    d->md = md_of(alg);
    d->evp = EVP_MD_CTX_new();
    if (!d->md || !d->evp || !EVP_DigestInit_ex(d->evp, d->md, NULL)) {
        prq_digest_free(d);
        return prq_fail(err, PRQ_E_NOMEM, "cannot start a digest");
    }
    d->is_running = true;
    *out = d;
    return true;
}

static bool start(struct prq_digest *d)
{
    if (!d->is_running) {
        d->is_bad = !EVP_DigestInit_ex(d->evp, NULL, NULL);
        d->is_running = true;
    }
    return !d->is_bad;
}

void prq_digest_add(struct prq_digest *d, const void *p, size_t n)
{
    if (n && start(d) && !EVP_DigestUpdate(d->evp, p, n))
        d->is_bad = true;
}

size_t prq_digest_end(struct prq_digest *d, uint8_t *out)
{
    unsigned n = 0;
    bool is_good = start(d) && EVP_DigestFinal_ex(d->evp, out, &n);
    d->is_running = false;
    return is_good ? n : 0;
}

size_t prq_digest_so_far(const struct prq_digest *d, uint8_t *out)
{
    unsigned n = 0;
    EVP_MD_CTX *copy = d->is_bad || !d->is_running || prq_fault_alloc() ? NULL : EVP_MD_CTX_new();
    bool is_good = copy && EVP_MD_CTX_copy_ex(copy, d->evp) && EVP_DigestFinal_ex(copy, out, &n);
    EVP_MD_CTX_free(copy);
    return is_good ? n : 0;
}

void prq_digest_free(struct prq_digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->evp);
    free(d);
}

bool prq_sha256(prq_bytes data, uint8_t out[32])
{
    unsigned n = 0;
    return EVP_Digest(data.n ? (const void *)data.p : "", data.n, out, &n, EVP_sha256(), NULL) &&
           n == 32;
}

static bool is_lower_hex(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
            return false;
    return true;
}

bool prq_digest_parse(prq_str text, enum prq_digest_alg *alg, prq_str *hex)
{
    prq_str name, digits;
    if (!prq_str_cut(text, ':', &name, &digits))
        return false;
    /* Source: security-model.md 2.3: these two and nothing else. */
    static const enum prq_digest_alg accepted[] = { PRQ_SHA256, PRQ_SHA512 };
    for (size_t i = 0; i < PRQ_COUNT(accepted); i++) {
        enum prq_digest_alg a = accepted[i];
        if (!prq_str_eq(name, prq_str_from(algs[a].name)))
            continue;
        if (digits.n != algs[a].hex_digits || !is_lower_hex(digits))
            return false;
        *alg = a;
        *hex = digits;
        return true;
    }
    return false;
}

bool prq_digest_text(enum prq_digest_alg alg, prq_bytes raw, struct prq_arena *a, prq_str *out)
{
    if (raw.n * 2 != algs[alg].hex_digits)
        return false;
    char hex[128];
    prq_hex_encode(raw, hex);
    prq_str text = prq_arena_printf(a, "%s:%.*s", algs[alg].name, (int)(raw.n * 2), hex);
    if (!text.p)
        return false;
    *out = text;
    return true;
}
