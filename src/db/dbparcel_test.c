/* SPDX-License-Identifier: Apache-2.0 */
/* Config and manifest as docs/database.md shows them. */
#include "db/dbparcel.h"
#include "unit.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TYPE "application/vnd.pratique.db.config.v1+json"
#define FAMILY(name, rest)                                                                         \
    "{\"blob\":\"" A "\",\"blob_size\":10,\"built\":\"2026-02-01T00:00:00Z\",\"deltas\":[" rest    \
    "],\"digest\":\"" B "\",\"name\":\"" name "\",\"observed\":\"" A                                \
    "\",\"records\":3,\"size\":100}"
#define DELTA "{\"blob\":\"" B "\",\"from\":\"" A "\",\"from_observed\":\"" B "\",\"size\":5}"
#define CONFIG(families, rest)                                                                     \
    "{\"built\":\"2026-02-01T00:00:00Z\",\"families\":[" families "],\"mediaType\":\"" TYPE        \
    "\",\"schema\":2" rest "}"

static void test_config(void **state)
{
    (void)state;
    static const char text[] = CONFIG(FAMILY("alpine", "") "," FAMILY("pypi", DELTA), "");
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_BUF out;
    struct prq_parcel p;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&out, PRQ_KIB(16));
    if (!prq_parcel_parse(prq_str_from(text), a, &p, &err))
        fail_msg("%s", err.text);
    assert_int_equal(p.schema, 2);
    assert_int_equal(p.count, 2);
    assert_str(p.families[0].name, "alpine");
    assert_int_equal(p.families[0].delta_count, 0);
    const struct prq_parcel_family *f = &p.families[1];
    assert_str(f->blob.digest, A);
    assert_int_equal(f->blob.size, 10);
    assert_int_equal(f->size, 100);
    assert_int_equal(f->delta_count, 1);
    assert_str(f->deltas[0].from_observed, B);
    assert_int_equal(f->deltas[0].blob.size, 5);
    assert_true(prq_parcel_write(&p, &out));
    assert_str(prq_buf_view(&out), text);
}

static void refuse(const char *text, enum prq_code code, const char *word)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_parcel p;
    struct prq_err err = PRQ_ERR_INIT;
    if (prq_parcel_parse(prq_str_from(text), a, &p, &err))
        fail_msg("taken: %s", text);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, word))
        fail_msg("%s", err.text);
}

static void test_refused(void **state)
{
    (void)state;
    refuse("", PRQ_E_FORMAT, "");
    refuse("[]", PRQ_E_FORMAT, "an object is expected");
    refuse(CONFIG("", ",\"schema\":2"), PRQ_E_FORMAT, "twice");
    refuse(CONFIG("1", ""), PRQ_E_FORMAT, "an object is expected");
    refuse("{\"built\":\"2026-02-01T00:00:00Z\",\"mediaType\":\"" TYPE "\",\"schema\":2}", PRQ_E_FORMAT,
           "missing");
    refuse("{\"built\":\"2026-02-01T00:00:00Z\",\"families\":[],\"mediaType\":\"x\",\"schema\":2}",
           PRQ_E_UNSUPPORTED, "not the config");
    refuse(CONFIG(FAMILY("pypi", "") "," FAMILY("alpine", ""), ""), PRQ_E_FORMAT, "not in order");
    refuse(CONFIG(FAMILY("pypi", "") "," FAMILY("pypi", ""), ""), PRQ_E_FORMAT, "not in order");
    refuse(CONFIG(FAMILY("../etc", ""), ""), PRQ_E_FORMAT, "a name or a time");
    refuse(CONFIG(FAMILY("", ""), ""), PRQ_E_FORMAT, "a name or a time");
    refuse(CONFIG(FAMILY("pypi", "{\"blob\":\"md5:00\",\"from\":\"" A "\",\"from_observed\":\"" B
                                 "\",\"size\":5}"), ""), PRQ_E_FORMAT, "digest is malformed");
    refuse(CONFIG(FAMILY("pypi", "{\"blob\":\"" A "\"}"), ""), PRQ_E_FORMAT, "missing");
    assert_true(prq_parcel_is_time(PRQ_S("2026-02-01T00:00:00Z")));
    assert_false(prq_parcel_is_time(PRQ_S("2026-02-01T00:00:00+01")));
    assert_false(prq_parcel_is_time(PRQ_S("2026-02-01")));
}

#define MANIFEST(type, annotations)                                                                \
    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","           \
    "\"artifactType\":\"application/vnd.pratique.db.v1\",\"config\":{\"mediaType\":\"" type        \
    "\",\"digest\":\"" A "\",\"size\":10},\"layers\":[],\"annotations\":{" annotations "}}"

static bool parse_manifest(const char *text, struct prq_arena *a, struct prq_parcel_manifest *m)
{
    struct prq_err err = PRQ_ERR_INIT;
    return prq_parcel_manifest_parse(prq_str_from(text), a, m, &err);
}

static void test_manifest(void **state)
{
    (void)state;
    static const uint8_t signature[] = { 0x00, 0xff, 0x12 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_parcel_manifest m;
    assert_true(parse_manifest(MANIFEST(TYPE, "\"vnd.pratique.db.signature\":\"00ff12\""), a, &m));
    assert_str(m.config.digest, A);
    assert_int_equal(m.config.size, 10);
    assert_int_equal(m.signature.n, sizeof signature);
    assert_memory_equal(m.signature.p, signature, sizeof signature);
    assert_true(parse_manifest(MANIFEST(TYPE, "\"other\":\"x\""), a, &m));
    assert_int_equal(m.signature.n, 0);
    assert_false(parse_manifest(MANIFEST(TYPE, "\"vnd.pratique.db.signature\":\"00f\""), a, &m));
    assert_false(parse_manifest(MANIFEST(TYPE, "\"vnd.pratique.db.signature\":1"), a, &m));
    assert_false(parse_manifest(MANIFEST("application/vnd.oci.image.config.v1+json", ""), a, &m));
    assert_false(parse_manifest("{\"manifests\":[]}", a, &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_manifest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
