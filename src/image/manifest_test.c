/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes from the OCI image-spec's and Docker's own examples; digests by coreutils' sha256sum. */
#include "unit.h"

#include "image/manifest.h"

#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define D1 "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" /* {} */
#define D2 "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945" /* [] */
#define CONFIG "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," \
               "\"digest\":\"" D1 "\",\"size\":2}"
#define LAYER "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"," \
              "\"digest\":\"" D2 "\",\"size\":2}"

static struct prq_manifest m;
static struct prq_err err;

static bool parse(const char *json, const char *said, struct prq_arena *a)
{
    err = (struct prq_err)PRQ_ERR_INIT;
    return prq_manifest_parse(prq_str_from(json), prq_str_from(said), a, &prq_limits_default, &m,
                              &err);
}

static void test_manifest(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_true(parse("{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST "\"," CONFIG
                      ",\"layers\":[" LAYER "],\"annotations\":{\"x\":\"y\"}}",
                      OCI_MANIFEST "; charset=utf-8", a));
    assert_false(m.is_index);
    assert_int_equal(m.count, 1);
    assert_str(m.config.digest, D1);
    assert_int_equal(m.config.size, 2);
    assert_str(m.items[0].digest, D2);
    assert_str(m.media_type, OCI_MANIFEST);
    assert_true(parse("{\"schemaVersion\":2," CONFIG ",\"layers\":[]}", "", a));
    assert_str(m.media_type, OCI_MANIFEST);
    assert_int_equal(m.count, 0);
}

static void test_index(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    assert_true(parse(
        "{\"schemaVersion\":2,\"manifests\":["
        "{\"mediaType\":\"" OCI_MANIFEST "\",\"digest\":\"" D1 "\",\"size\":7,\"platform\":"
        "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"},"
        "\"annotations\":{\"org.opencontainers.image.ref.name\":\"a\",\"b\":\"c\"}},"
        "{\"mediaType\":\"" OCI_MANIFEST "\",\"digest\":\"" D2 "\",\"size\":7,\"platform\":"
        "{\"os\":\"unknown\",\"architecture\":\"unknown\"}},"
        "{\"mediaType\":\"" OCI_MANIFEST "\",\"digest\":\"" D2 "\",\"size\":7,"
        "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}},"
        "{\"mediaType\":\"" OCI_MANIFEST "\",\"digest\":\"" D2 "\",\"size\":7,"
        "\"artifactType\":\"application/x\"},"
        "{\"mediaType\":\"application/x\",\"digest\":\"" D2 "\",\"size\":7}]}",
        OCI_INDEX, a));
    assert_true(m.is_index);
    assert_int_equal(m.count, 5);
    assert_str(m.items[0].variant, "v7");
    assert_str(m.items[0].ref_name, "a");
    assert_true(prq_descriptor_is_image(&m.items[0]));
    for (size_t i = 1; i < m.count; i++)
        assert_false(prq_descriptor_is_image(&m.items[i]));
}

/* security-model.md 2.3: what different readers would take for different things. */
static void test_manifest_confusion(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *json, *said;
    } bad[] = {
        { "{\"schemaVersion\":2," CONFIG ",\"layers\":[]}", OCI_INDEX },
        { "{\"schemaVersion\":2,\"manifests\":[]}", OCI_MANIFEST },
        { "{\"schemaVersion\":2,\"manifests\":[]," CONFIG ",\"layers\":[]}", OCI_INDEX },
        { "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\"," CONFIG ",\"layers\":[]}", "" },
        { "{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST "\"," CONFIG ",\"layers\":[]}",
          "application/vnd.docker.distribution.manifest.v2+json" },
        { "{\"schemaVersion\":2," CONFIG ",\"layers\":[]}", "application/json" },
        { "{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"Layers\":[]}", "" },
        { "{\"schemaVersion\":2," CONFIG ",\"layer\xc5\xbf\":[]}", "" },
        { "{\"schemaVersion\":2," CONFIG "," CONFIG ",\"layers\":[]}", "" },
        { "{\"schemaVersion\":2," CONFIG ",\"layer\\u0073\":[],\"layers\":[]}", "" },
        { "{\"schemaVersion\":2,\"layers\":[]}", "" },
        { "{\"schemaVersion\":2," CONFIG "}", "" },
        { "{\"schemaVersion\":2,\"config\":{\"digest\":\"" D1 "\"},\"layers\":[]}", "" },
        { "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:00\",\"size\":1},\"layers\":[]}", "" },
        { "{\"schemaVersion\":2,\"config\":{\"digest\":\"" D1 "\",\"size\":-1},\"layers\":[]}", "" },
        { "{\"schemaVersion\":2,\"config\":{\"digest\":\"" D1 "\",\"size\":2,\"DIGEST\":\"" D2
          "\"},\"layers\":[]}", "" },
        { "{\"schemaVersion\":2," CONFIG ",\"layers\":[]} {}", "" },
        { "[]", "" },
        { "", "" },
        { "null", "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        if (parse(bad[i].json, bad[i].said, a))
            fail_msg("accepted: %s", bad[i].json);
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    assert_false(parse("{\"schemaVersion\":1,\"fsLayers\":[]}", "", a));
    assert_int_equal(err.code, PRQ_E_UNSUPPORTED);
    assert_false(parse("{\"schemaVersion\":3," CONFIG ",\"layers\":[]}", "", a));
    assert_int_equal(err.code, PRQ_E_UNSUPPORTED);
}

static void test_embedded_data(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
#define WITH(data) \
    "{\"schemaVersion\":2,\"config\":{\"digest\":\"" D1 "\",\"size\":2,\"data\":\"" data \
    "\"},\"layers\":[]}"
    assert_true(parse(WITH("e30="), "", a)); /* base64 of {} */
    assert_false(parse(WITH("W10="), "", a)); /* of [] */
    assert_false(parse(WITH("e30gIA=="), "", a));
    assert_false(parse(WITH("!"), "", a));
}

static void test_manifest_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_limits one = prq_limits_default;
    one.layers = 1;
    prq_str two = PRQ_S("{\"schemaVersion\":2," CONFIG ",\"layers\":[" LAYER "," LAYER "]}");
    assert_true(prq_manifest_parse(two, (prq_str){ 0 }, a, &prq_limits_default, &m, &err));
    assert_false(prq_manifest_parse(two, (prq_str){ 0 }, a, &one, &m, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static void test_image_config(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_image_config c;
    const struct prq_limits *l = &prq_limits_default;
    assert_true(prq_image_config_parse(
        PRQ_S("{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":null,\"config\":{\"Os\":1},"
              "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D1 "\",\"" D2 "\"]}}"),
        a, l, &c, NULL));
    assert_str(c.architecture, "arm64");
    assert_int_equal(c.diff_id_count, 2);
    assert_str(c.diff_ids[1], D2);
    static const char *const bad[] = {
        "{\"rootfs\":{\"diff_ids\":[\"sha256:1\"]}}",
        "{\"rootfs\":{\"diff_ids\":[1]}}",
        "{\"rootfs\":{\"diff_ids\":{}}}",
        "{\"rootfs\":{\"type\":\"base\"}}",
        "{\"rootfs\":{},\"RootFS\":{}}",
        "{\"os\":7}",
        "[]",
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++)
        if (prq_image_config_parse(prq_str_from(bad[i]), a, l, &c, NULL))
            fail_msg("accepted: %s", bad[i]);
}

static void test_saved_images(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_saved_image *v;
    size_t n;
    const struct prq_limits *l = &prq_limits_default;
    assert_true(prq_saved_images_parse(
        PRQ_S("[{\"Config\":\"c.json\",\"RepoTags\":[\"a:1\",\"a:2\"],\"Layers\":[\"x/layer.tar\"],"
              "\"LayerSources\":{}},{\"Config\":\"d.json\",\"RepoTags\":null,\"Layers\":[]}]"),
        a, l, &v, &n, NULL));
    assert_int_equal(n, 2);
    assert_int_equal(v[0].tag_count, 2);
    assert_str(v[0].tags[1], "a:2");
    assert_str(v[0].layers[0], "x/layer.tar");
    assert_int_equal(v[1].tag_count, 0);
    static const char *const bad[] = { "{}", "[{}]", "[1]", "[{\"Config\":\"a\",\"config\":\"b\"}]",
                                       "[{\"Config\":\"a\",\"Layers\":\"x\"}]" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++)
        if (prq_saved_images_parse(prq_str_from(bad[i]), a, l, &v, &n, NULL))
            fail_msg("accepted: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest),           cmocka_unit_test(test_index),
        cmocka_unit_test(test_manifest_confusion), cmocka_unit_test(test_embedded_data),
        cmocka_unit_test(test_manifest_limits),    cmocka_unit_test(test_image_config),
        cmocka_unit_test(test_saved_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
