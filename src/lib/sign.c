/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

enum { SIGNATURE_MAX = 256, PEM_MAX = 64 << 10 };

struct prq_key {
    EVP_PKEY *pkey;
    const EVP_MD *md; /* NULL: the algorithm has its own */
};

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *buf, int size, int is_write, void *user)
{
    (void)buf;
    (void)size;
    (void)is_write;
    (void)user;
    return -1;
}

static bool is_p256(EVP_PKEY *pkey)
{
    char group[64];
    size_t n = 0;
    return EVP_PKEY_is_a(pkey, "EC") &&
           EVP_PKEY_get_group_name(pkey, group, sizeof group, &n) == 1 &&
           (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0);
}

static bool take(EVP_PKEY *pkey, const char *what, const char *name, struct prq_key **out,
                 struct prq_err *err)
{
    ERR_clear_error();
    if (!pkey)
        return prq_fail(err, PRQ_E_USAGE, "%s: no unencrypted %s key in PEM", name, what);
    bool is_ed = EVP_PKEY_is_a(pkey, "ED25519") == 1;
    if (!is_ed && !is_p256(pkey)) {
        EVP_PKEY_free(pkey);
        return prq_fail(err, PRQ_E_USAGE, "%s: neither Ed25519 nor ECDSA P-256", name);
    }
    struct prq_key *k = calloc(1, sizeof *k);
    if (!k) {
        EVP_PKEY_free(pkey);
        return prq_fail(err, PRQ_E_NOMEM, "key");
    }
    *k = (struct prq_key){ pkey, is_ed ? NULL : EVP_sha256() };
    *out = k;
    return true;
}

static BIO *open_pem(prq_bytes pem)
{
    return pem.n && pem.n <= PEM_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
}

bool prq_key_private(prq_bytes pem, const char *name, struct prq_key **out, struct prq_err *err)
{
    BIO *bio = open_pem(pem);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    return take(pkey, "private", name, out, err);
}

bool prq_key_public(prq_bytes pem, const char *name, struct prq_key **out, struct prq_err *err)
{
    BIO *bio = open_pem(pem);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    return take(pkey, "public", name, out, err);
}

void prq_key_free(struct prq_key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey);
    free(k);
}

bool prq_key_sign(const struct prq_key *k, prq_bytes data, struct prq_buf *out, struct prq_err *err)
{
    size_t n = SIGNATURE_MAX;
    uint8_t *room = prq_buf_room(out, n);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = room && ctx && EVP_DigestSignInit(ctx, NULL, k->md, NULL, k->pkey) == 1 &&
              EVP_DigestSign(ctx, room, &n, data.p, data.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    if (!ok)
        return prq_fail(err, PRQ_E_NOMEM, "cannot sign");
    out->n += n;
    return true;
}

bool prq_key_checks(const struct prq_key *k, prq_bytes data, prq_bytes signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && signature.n > 0 && signature.n <= SIGNATURE_MAX &&
              EVP_DigestVerifyInit(ctx, NULL, k->md, NULL, k->pkey) == 1 &&
              EVP_DigestVerify(ctx, signature.p, signature.n, data.p, data.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}
