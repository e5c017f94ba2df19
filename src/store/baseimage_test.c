/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "store/baseimage.h"

/* Chain ids by sha256sum(1): printf 'sha256:A… sha256:B…' | sha256sum */
#define A "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define B "sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
#define C "sha256:2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6"
#define A_B "sha256:51c0c8ace48498d6f5fee6b0592cc06f2da0f3cbe09c5a34a97dce85c3889676"
#define A_B_C "sha256:2fce7f8ce91bcf0a1428b36e1024639fdbd9469eea762dba98aa749631885106"

static void test_chain_ids(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_layer layers[] = { { .diff_id = PRQ_S(A) }, { .diff_id = PRQ_S(B) }, { .diff_id = PRQ_S(C) } };
    struct prq_analysis an = { .layers = layers, .layer_count = 3 };
    prq_str *v = prq_chain_ids(&an, a);
    assert_str(v[0], A);
    assert_str(v[1], A_B);
    assert_str(v[2], A_B_C);
    layers[1].diff_id = (prq_str){ 0 };
    v = prq_chain_ids(&an, a);
    assert_str(v[0], A);
    assert_int_equal(v[1].n + v[2].n, 0);
}

struct made {
    const char *by;
    bool is_empty;
};

/* How many layers the Dockerfile leaves to its base; -1: not known. */
static int by_dockerfile(const char *dockerfile, const struct made *history, size_t n)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_history h[16];
    struct prq_layer layers[16];
    memset(h, 0, sizeof h);
    memset(layers, 0, sizeof layers);
    struct prq_analysis an = { .history = h, .history_count = n, .layers = layers };
    struct prq_ctx ctx = unit_ctx(a);
    struct prq_err err = PRQ_ERR_INIT;
    for (size_t i = 0; i < n; i++) {
        h[i].created_by = prq_str_from(history[i].by);
        h[i].is_empty_layer = history[i].is_empty;
        an.layer_count += !history[i].is_empty;
    }
    assert_true(prq_base_find(&ctx, NULL, prq_str_from(dockerfile), a, &an, &err));
    return an.base.has_layers ? (int)an.base.layers : -1;
}

/* As docker history --no-trunc shows them: the classic builder, BuildKit, buildah. */
static void test_base_by_instructions(void **state)
{
    (void)state;
    static const struct made classic[] = {
        { "/bin/sh -c #(nop) ADD file:5d673d25da3a14ce1f6cf66e4c7fd4f4b85a3759a9d93efb3fd9ff852b5b56e4 in / ", false },
        { "/bin/sh -c #(nop)  CMD [\"/bin/sh\"]", true },
        { "/bin/sh -c #(nop)  ENV A=b", true },
        { "|1 V=1 /bin/sh -c apk add x", false },
        { "/bin/sh -c #(nop) COPY dir:abc in /app ", false },
    };
    static const struct made buildkit[] = {
        { "/bin/sh -c #(nop) ADD file:1 in / ", false },
        { "/bin/sh -c #(nop)  CMD [\"bash\"]", true },
        { "ARG V=1", true },
        { "RUN |1 V=1 /bin/sh -c apk add x # buildkit", false },
        { "WORKDIR /app", false },
        { "COPY . . # buildkit", false },
        { "CMD [\"x\"]", true },
    };
    assert_int_equal(by_dockerfile("FROM alpine\nENV A=b\nARG V=1\nRUN apk add x\nCOPY a /app\n", classic,
                                   PRQ_COUNT(classic)), 1);
    assert_int_equal(by_dockerfile("FROM x\nRUN apk add x\nCOPY a /app\n", classic, PRQ_COUNT(classic)), 1);
    assert_int_equal(by_dockerfile("FROM x\nCOPY a /app\n", classic, PRQ_COUNT(classic)), 2);
    assert_int_equal(by_dockerfile("FROM x\nADD a /app\n", classic, PRQ_COUNT(classic)), -1);
    assert_int_equal(by_dockerfile("FROM x\nARG V=1\nRUN apk add x\nWORKDIR /app\nCOPY . .\nCMD x\n",
                                   buildkit, PRQ_COUNT(buildkit)), 1);
    assert_int_equal(by_dockerfile("FROM a\nARG V\nRUN x\nFROM a AS b\nWORKDIR /app\nCOPY . .\nCMD x\n",
                                   buildkit, PRQ_COUNT(buildkit)), 2);
    /* from scratch: nothing may be left */
    assert_int_equal(by_dockerfile("FROM scratch\nCOPY . .\nCMD x\n", buildkit, PRQ_COUNT(buildkit)), -1);
    assert_int_equal(by_dockerfile("FROM scratch\nADD r /\nCMD x\nENV A=b\nRUN y\nCOPY a b\n", classic,
                                   PRQ_COUNT(classic)), 0);
}

static void test_base_by_history(void **state)
{
    (void)state;
    static const struct made two[] = { { "ADD x", false }, { "CMD x", true }, { "RUN y", false } };
    static const struct made own[] = { { "ADD x", false }, { "RUN y", false }, { "CMD x", true } };
    assert_int_equal(by_dockerfile("", two, PRQ_COUNT(two)), 1);
    assert_int_equal(by_dockerfile("", own, PRQ_COUNT(own)), -1);
}

static void test_base_index(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    char dir[] = "/tmp/prq-base.XXXXXX", line[64];
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_ctx ctx = unit_ctx(a);
    assert_non_null(mkdtemp(dir));
    struct prq_cache *c = prq_cache_open(dir, &err);
    assert_non_null(c);
    prq_str tags[] = { PRQ_SI("docker.io/library/one:1") };
    struct prq_layer layers[] = { { .diff_id = PRQ_S(A) }, { .diff_id = PRQ_S(B) }, { .diff_id = PRQ_S(C) } };
    struct prq_analysis one = { .layers = layers, .layer_count = 1, .tags = { tags, 1 }, .name = PRQ_S("z") };
    struct prq_analysis two = { .layers = layers, .layer_count = 2, .name = PRQ_S("two"), .digest = PRQ_S(C) };
    struct prq_analysis app = { .layers = layers, .layer_count = 3, .name = PRQ_S("app") };
    prq_base_remember(c, &one, a);
    prq_base_remember(c, &two, a);
    prq_base_remember(c, &app, a); /* itself is not its base */
    assert_true(prq_base_find(&ctx, c, (prq_str){ 0 }, a, &app, &err));
    assert_int_equal(app.base.layers, 2);
    assert_str(app.base.name, "two");
    /* the one that is named, though another one is longer */
    assert_true(prq_base_find(&ctx, c, PRQ_S("FROM one:1\n"), a, &app, &err));
    assert_int_equal(app.base.layers, 1);
    assert_str(app.base.layers_from, "index");
    app.base_digest = PRQ_S(C);
    assert_true(prq_base_find(&ctx, c, (prq_str){ 0 }, a, &app, &err));
    assert_int_equal(app.base.layers, 2);
    assert_str(app.base.name_from, "annotation");
    prq_cache_close(c);
    snprintf(line, sizeof line, "rm -rf %s", dir);
    assert_int_equal(system(line), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain_ids),
        cmocka_unit_test(test_base_by_instructions),
        cmocka_unit_test(test_base_by_history),
        cmocka_unit_test(test_base_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
