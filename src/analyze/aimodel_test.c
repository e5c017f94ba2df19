/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_aimodel;

#define U64(n) n "\0\0\0\0\0\0\0"
#define U32(n) n "\0\0\0"
#define PAIR_NAME U64("\x0c") "general.name" U32("\x08") U64("\x05") "Llama"
#define PAIR_TOKENS U64("\x01") "t" U32("\x09") U32("\x08") U64("\x02") U64("\x01") "a" U64("\x01") "b"
#define PAIR_SIZE U64("\x01") "n" U32("\x04") U32("\x07")
#define PAIR_VERSION U64("\x0f") "general.version" U32("\x08") U64("\x04") "v3.1"

static bool run(struct capture *c, struct prq_arena *a, const char *path, prq_bytes data,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_aimodel, path, data, err);
}

/* Layout as in ggml's docs/gguf.md, little-endian. */
static void test_aimodel_gguf(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "m/x.gguf",
                    CAPTURE_BYTES("GGUF" U32("\3") U64("\0") U64("\4") PAIR_SIZE PAIR_TOKENS PAIR_NAME
                                  PAIR_VERSION), &err));
    assert_str(c.packages[0].name, "Llama");
    assert_str(c.packages[0].version, "v3.1");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_NO_MATCH);
    assert_true(run(&c, a, "m/q4.gguf", CAPTURE_BYTES("GGUF" U32("\2") U64("\0") U64("\0")), &err));
    assert_str(c.packages[0].name, "q4");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_NO_MATCH | PRQ_PKG_GUESSED);
    assert_false(run(&c, a, "x.gguf", CAPTURE_BYTES("GGUF" U32("\3") U64("\0") U64("\2") PAIR_NAME), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(run(&c, a, "x.gguf", CAPTURE_BYTES("GGUF" U32("\x63")), &err));
    assert_int_equal(err.code, PRQ_E_UNSUPPORTED);
    assert_false(run(&c, a, "x.gguf", CAPTURE_BYTES("GGU"), &err));
}

/* Of a large file only the head is there. */
static void test_aimodel_head(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    capture_init(&c, a);
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(1));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = { .path = PRQ_S("x.gguf"), .type = PRQ_FILE_REGULAR, .size = PRQ_GIB(8) };
    struct prq_input in = { .file = &file,
                            .data = CAPTURE_BYTES("GGUF" U32("\3") U64("\0") U64("\x09") PAIR_NAME) };
    assert_true(prq_analyzer_aimodel.run(&ctx, &in, &c.sink, NULL));
    assert_str(c.packages[0].name, "Llama");
}

static void test_aimodel_safetensors(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    static const char named[] = U64("\x3b") "{\"__metadata__\":{\"modelspec.title\":\"Base\",\"format\":\"pt\"} } ";
    assert_true(run(&c, a, "m/model.safetensors", CAPTURE_BYTES(U64("\2") "{}data"), &err));
    assert_str(c.packages[0].name, "m");
    assert_true(run(&c, a, "m/model-00001-of-00003.safetensors", CAPTURE_BYTES(U64("\2") "{}"), &err));
    assert_str(c.packages[0].name, "m");
    assert_true(run(&c, a, "m/vae-x.safetensors", CAPTURE_BYTES(U64("\2") "{}"), &err));
    assert_str(c.packages[0].name, "vae-x");
    prq_bytes n = { (const uint8_t *)named, sizeof named - 1 };
    assert_int_equal(n.n - 8, 0x3b);
    assert_true(run(&c, a, "m/x.safetensors", n, &err));
    assert_str(c.packages[0].name, "Base");
    assert_false(run(&c, a, "x.safetensors", CAPTURE_BYTES(U64("\x7f") "{}"), &err));
    assert_false(run(&c, a, "x.safetensors", CAPTURE_BYTES(U64("\2") "[]"), &err));
    assert_false(run(&c, a, "x.safetensors", CAPTURE_BYTES("\2"), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aimodel_gguf),
        cmocka_unit_test(test_aimodel_head),
        cmocka_unit_test(test_aimodel_safetensors),
    };
    return cmocka_run_group_tests_name("aimodel", tests, NULL, NULL);
}
