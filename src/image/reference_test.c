/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "image/reference.h"

#define HEX64 "4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1"

/* The grammar's own examples: distribution/reference, "reference_test.go" style cases rewritten from
 * the documentation of `docker pull` and the OCI distribution-spec's grammar. */
static void test_image_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *repository, *tag, *digest;
    } good[] = {
        { "alpine", "docker.io", "library/alpine", "latest", "" },
        { "alpine:3.17", "docker.io", "library/alpine", "3.17", "" },
        { "grafana/grafana", "docker.io", "grafana/grafana", "latest", "" },
        { "index.docker.io/alpine", "docker.io", "library/alpine", "latest", "" },
        { "docker.io/a/b:c", "docker.io", "a/b", "c", "" },
        { "localhost/x", "localhost", "x", "latest", "" },
        { "localhost:5000/x", "localhost:5000", "x", "latest", "" },
        { "localhost:5000", "docker.io", "library/localhost", "5000", "" },
        { "Quay.IO/a/b.c_d__e---f:T_1.x-y", "quay.io", "a/b.c_d__e---f", "T_1.x-y", "" },
        { "[::1]:5000/a", "[::1]:5000", "a", "latest", "" },
        { "r.example/a@sha256:" HEX64, "r.example", "a", "", "sha256:" HEX64 },
        { "r.example:443/a:t@sha256:" HEX64, "r.example:443", "a", "t", "sha256:" HEX64 },
    };
    static const char *const bad[] = {
        "", ":", "a:", "a/", "/a", "a//b", "Alpine", "a..b", "a___b", "-a", "a-", "a b", "a:b:c",
        "https://r.example/a", "r.example:0/a", "r.example:99999/a", "r.example:x/a",
        "a@sha256:abc", "a@sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "a@", "a:.b",
        ("a@sha256:" HEX64 "@sha256:" HEX64), "a@SHA256:" HEX64, "a:t\n", "r..example/a",
        "[::1/a", "[zz]:1/a", "-r.example/a",
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_image_ref ref;
    for (size_t i = 0; i < PRQ_COUNT(good); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        if (!prq_image_ref_parse(prq_str_from(good[i].text), a, &ref, &err))
            fail_msg("%s: %s", good[i].text, err.text);
        assert_str(ref.host, good[i].host);
        assert_str(ref.repository, good[i].repository);
        assert_str(ref.tag, good[i].tag);
        assert_str(ref.digest, good[i].digest);
    }
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        if (prq_image_ref_parse(prq_str_from(bad[i]), a, &ref, &err))
            fail_msg("%s was accepted", bad[i]);
        assert_int_equal(err.code, PRQ_E_USAGE);
    }
    assert_false(prq_image_ref_parse((prq_str){ "a\0b", 3 }, a, &ref, NULL));
}

static void test_image_name_lengths(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_image_ref ref;
    char text[400];
    memset(text, 'a', sizeof text);
    /* "docker.io/library/" does not count for the 255: the name as written does. */
    assert_true(prq_image_ref_parse((prq_str){ text, 245 }, a, &ref, NULL));
    assert_false(prq_image_ref_parse((prq_str){ text, 256 }, a, &ref, NULL));
    memcpy(text, "b:", 2);
    assert_true(prq_image_ref_parse((prq_str){ text, 2 + 128 }, a, &ref, NULL));
    assert_false(prq_image_ref_parse((prq_str){ text, 2 + 129 }, a, &ref, NULL));
}

static void test_hosts(void **state)
{
    (void)state;
    static const char *const local[] = { "localhost", "localhost:5000", "127.0.0.1:1", "127.8.9.1",
                                         "[::1]", "[::1]:5000", "LOCALHOST" };
    static const char *const remote[] = { "localhost.example", "127.0.0.1.example", "1.127.0.0.1",
                                          "0177.0.0.1", "127.1", "127.0.0.256", "[::2]", "10.0.0.1",
                                          "2130706433" };
    for (size_t i = 0; i < PRQ_COUNT(local); i++)
        assert_true(prq_host_is_local(prq_str_from(local[i])));
    for (size_t i = 0; i < PRQ_COUNT(remote); i++)
        assert_false(prq_host_is_local(prq_str_from(remote[i])));
    assert_str(prq_host_name(PRQ_S("[fe80::1]:5000")), "fe80::1");
    assert_str(prq_host_name(PRQ_S("r.example:80")), "r.example");
}

static void test_platforms(void **state)
{
    (void)state;
    struct prq_platform p;
    assert_true(prq_platform_parse(PRQ_S("linux/arm64/v8"), &p, NULL));
    assert_str(p.os, "linux");
    assert_str(p.architecture, "arm64");
    assert_str(p.variant, "");
    assert_true(prq_platform_parse(PRQ_S("aarch64"), &p, NULL));
    assert_str(p.architecture, "arm64");
    assert_true(prq_platform_parse(PRQ_S("windows/amd64"), &p, NULL));
    assert_str(p.os, "windows");
    assert_true(prq_platform_parse((prq_str){ 0 }, &p, NULL));
    assert_false(p.is_given);
    assert_str(p.os, "linux");
    assert_false(prq_platform_parse(PRQ_S("a/b/c/d"), &p, NULL));
    assert_false(prq_platform_parse(PRQ_S("linux//v8"), &p, NULL));
    assert_false(prq_platform_parse(PRQ_S("linux/a b"), &p, NULL));
}

static unsigned score(const char *want, const char *arch, const char *variant)
{
    struct prq_platform p;
    assert_true(prq_platform_parse(prq_str_from(want), &p, NULL));
    return prq_platform_score(&p, PRQ_S("linux"), prq_str_from(arch), prq_str_from(variant));
}

static void test_platform_scores(void **state)
{
    (void)state;
    assert_true(score("linux/arm64", "arm64", "v8") > 0);
    assert_true(score("linux/amd64", "x86_64", "") > 0);
    assert_int_equal(score("linux/amd64", "arm64", ""), 0);
    assert_int_equal(score("windows/amd64", "amd64", ""), 0);
    /* a v7 machine takes v7 before v6 before v5, and never v8 */
    assert_true(score("linux/arm/v7", "arm", "v7") > score("linux/arm/v7", "arm", "v6"));
    assert_true(score("linux/arm/v7", "arm", "v6") > score("linux/arm/v7", "arm", "v5"));
    assert_int_equal(score("linux/arm/v6", "arm", "v7"), 0);
    /* plain before the variants that need newer processors */
    assert_true(score("linux/amd64", "amd64", "") > score("linux/amd64", "amd64", "v2"));
    assert_true(score("linux/amd64", "amd64", "v2") > score("linux/amd64", "amd64", "v3"));
    assert_true(score("linux/amd64/v3", "amd64", "v2") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image_names),     cmocka_unit_test(test_image_name_lengths),
        cmocka_unit_test(test_hosts),           cmocka_unit_test(test_platforms),
        cmocka_unit_test(test_platform_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
