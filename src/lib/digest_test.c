/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors: FIPS 180-2, appendices A.1, B and C (messages "abc" and ""). */
#include "lib/lib_test.h"

static void expect(enum prq_digest_alg alg, const char *message, const char *hex)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_digest *d;
    uint8_t raw[64];
    char text[129];
    assert_true(prq_digest_new(alg, &d, &err));
    for (int round = 0; round < 2; round++) { /* the second: it starts anew */
        for (const char *c = message; *c; c++)
            prq_digest_add(d, c, 1);
        size_t so_far = prq_digest_so_far(d, raw);
        prq_hex_encode((prq_bytes){ raw, so_far }, text);
        if (round == 0 || *message)
            assert_str(((prq_str){ text, 2 * so_far }), hex);
        size_t n = prq_digest_end(d, raw);
        prq_hex_encode((prq_bytes){ raw, n }, text);
        assert_str(((prq_str){ text, 2 * n }), hex);
    }
    prq_digest_free(d);
}

static const char abc_sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void test_digest_vectors(void **state)
{
    (void)state;
    expect(PRQ_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(PRQ_SHA256, "abc", abc_sha256);
    expect(PRQ_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(PRQ_SHA512, "abc",
           "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    uint8_t raw[32];
    assert_true(prq_sha256((prq_bytes){ (const uint8_t *)"abc", 3 }, raw));
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    prq_str text;
    assert_true(prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, 32 }, a, &text));
    assert_true(prq_str_starts(text, PRQ_S("sha256:")));
    assert_str(prq_str_from_at(text, 7), abc_sha256);
    assert_false(prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, 31 }, a, &text));
    assert_true(prq_sha256((prq_bytes){ 0 }, raw));
    prq_lib_prepare();
}

static void test_digest_grammar(void **state)
{
    (void)state;
    enum prq_digest_alg alg = PRQ_SHA1;
    prq_str hex;
    char text[160] = "sha256:";
    memcpy(text + 7, abc_sha256, 65);
    assert_true(prq_digest_parse(prq_str_from(text), &alg, &hex));
    assert_int_equal(alg, PRQ_SHA256);
    assert_str(hex, abc_sha256);
    text[7] = 'B'; /* upper case */
    assert_false(prq_digest_parse(prq_str_from(text), &alg, &hex));
    text[7] = 'b';
    text[70] = '\0'; /* one digit less */
    assert_false(prq_digest_parse(prq_str_from(text), &alg, &hex));
    static const char *const bad[] = {
        "", "sha256", "sha256:", ":", "sha512:abcd", "sha1:a9993e364706816aba3e25717850c26c9cd0d89d"
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++)
        assert_false(prq_digest_parse(prq_str_from(bad[i]), &alg, &hex));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_vectors),
        cmocka_unit_test(test_digest_grammar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
