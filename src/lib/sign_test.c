/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign.h"
#include "unit.h"

/* RFC 8032, 7.1, TEST 2, in the PEM forms of RFC 8410. */
static const char ed_private[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
static const char ed_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
    "-----END PUBLIC KEY-----\n";
static const char ed_signature[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
/* Made by openssl: ecparam -name prime256v1 -genkey; dgst -sha256 -sign of "hello". */
static const char ec_private[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIOQwYSoxoPOypiciuLBdLqecJbGlqfSWeJ43oL09HOJqoAoGCCqGSM49\n"
    "AwEHoUQDQgAEm/VfwnP+3LANedk7PzEFrgGfhK8cqeGzywjv3kZbkpsP569nxoKn\n"
    "ULdWHUuiylEePpCm6+O1An+6SvRNhg5Xqw==\n"
    "-----END EC PRIVATE KEY-----\n";
static const char ec_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEm/VfwnP+3LANedk7PzEFrgGfhK8c\n"
    "qeGzywjv3kZbkpsP569nxoKnULdWHUuiylEePpCm6+O1An+6SvRNhg5Xqw==\n"
    "-----END PUBLIC KEY-----\n";
static const char ec_signature[] =
    "3046022100c004024b1b95e3ae4221d139983277ed06b88ee484c783acf22c75120622b0"
    "fe022100e1235efad7a4b8b6be0722943d953e1fae456531511049392e9eccc988503822";
/* Of another curve. */
static const char other_private[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MIGkAgEBBDAEKdMmufhEMN8W4MHLtHoe0Odf+mfNGodVOJQfQMzPlxNeHSUhZDhk\n"
    "vLHAWeh3F/6gBwYFK4EEACKhZANiAASOkuAUE/EHlnYh1TvNqXmydrSBuEeZKbG2\n"
    "jDKCROjGbnvNVqFPhv4+jViLZc1Een8Up0Bt6hwQAUdq+7Ej1qmjj5dLGv1DWZj6\n"
    "G0JbhhM1ogqRWwfZmEflFrH2z9RQ4AU=\n"
    "-----END EC PRIVATE KEY-----\n";

static prq_bytes text(const char *z)
{
    return prq_bytes_of(prq_str_from(z));
}

static prq_bytes unhex(const char *hex, uint8_t *room)
{
    prq_str s = prq_str_from(hex);
    assert_true(prq_hex_decode(s, room));
    return (prq_bytes){ room, s.n / 2 };
}

static void test_ed25519(void **state)
{
    (void)state;
    PRQ_KEY private = NULL;
    PRQ_KEY public = NULL;
    PRQ_BUF made;
    uint8_t room[64];
    prq_buf_init(&made, 256);
    assert_true(prq_key_private(text(ed_private), "k", &private, NULL));
    assert_true(prq_key_public(text(ed_public), "k", &public, NULL));
    assert_true(prq_key_sign(private, text("r"), &made, NULL)); /* the byte 72 */
    prq_bytes want = unhex(ed_signature, room);
    assert_int_equal(made.n, want.n);
    assert_memory_equal(made.p, want.p, want.n);
    assert_true(prq_key_checks(public, text("r"), want));
    assert_true(prq_key_checks(private, text("r"), want));
    assert_false(prq_key_checks(public, text("s"), want));
    room[5] ^= 1;
    assert_false(prq_key_checks(public, text("r"), want));
    assert_false(prq_key_checks(public, text("r"), (prq_bytes){ room, 63 }));
    assert_false(prq_key_checks(public, text("r"), (prq_bytes){ NULL, 0 }));
}

static void test_p256(void **state)
{
    (void)state;
    PRQ_KEY private = NULL;
    PRQ_KEY public = NULL;
    PRQ_KEY other = NULL;
    PRQ_BUF made;
    uint8_t room[80];
    prq_buf_init(&made, 256);
    assert_true(prq_key_private(text(ec_private), "k", &private, NULL));
    assert_true(prq_key_public(text(ec_public), "k", &public, NULL));
    assert_true(prq_key_public(text(ed_public), "k", &other, NULL));
    prq_bytes sig = unhex(ec_signature, room);
    assert_true(prq_key_checks(public, text("hello"), sig));
    assert_false(prq_key_checks(public, text("hellp"), sig));
    assert_false(prq_key_checks(other, text("hello"), sig));
    assert_true(prq_key_sign(private, text("database"), &made, NULL));
    assert_true(prq_key_checks(public, text("database"), prq_buf_bytes(&made)));
    assert_false(prq_key_checks(other, text("database"), prq_buf_bytes(&made)));
}

static void refuse(const char *pem, bool is_private, const char *word)
{
    struct prq_key *k = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false((is_private ? prq_key_private : prq_key_public)(text(pem), "my.pem", &k, &err));
    assert_null(k);
    assert_int_equal(err.code, PRQ_E_USAGE);
    assert_non_null(strstr(err.text, "my.pem"));
    assert_non_null(strstr(err.text, word));
}

static void test_refused(void **state)
{
    (void)state;
    refuse("", true, "no unencrypted private key");
    refuse("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", true, "no unencrypted");
    refuse(ed_public, true, "no unencrypted private key");
    refuse(ed_private, false, "no unencrypted public key");
    refuse(other_private, true, "neither Ed25519 nor ECDSA P-256");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ed25519),
        cmocka_unit_test(test_p256),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
