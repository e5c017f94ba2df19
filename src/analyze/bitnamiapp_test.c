/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_bitnamiapp;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_bitnamiapp, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_bitnamiapp, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/bitnamiapp/%s", name);
    return unit_slurp(a, path);
}

static void assert_list(struct prq_strs list, const char *expected)
{
    prq_str rest = prq_str_from(expected), word;
    for (size_t i = 0; i < list.n; i++) {
        assert_true(prq_str_split(&rest, ' ', &word));
        if (!prq_str_eq(list.v[i], word))
            fail_msg("%.*s is not %.*s", PRQ_FMT(list.v[i]), PRQ_FMT(word));
    }
    assert_true(list.n == 0 ? *expected == '\0' : !rest.p);
}

static void test_bitnamiapp_spdx(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    const char path[] = "opt/bitnami/redis/.spdx-redis.spdx";
    run_ok(&c, path, seed(a, "redis.spdx"));
    assert_int_equal(c.package_count, 1);
    const struct prq_package *p = &c.packages[0];
    assert_str(p->type, "bitnami");
    assert_str(p->name, "redis");
    assert_str(p->version, "7.4.0-0");
    assert_list(p->licenses, "RSALv2");
    assert_list(p->qualifiers, "arch=arm64 distro=debian-12");
    const struct capture_owned *o = capture_owned(&c, "bitnami:opt/bitnami/redis/.spdx-redis.spdx");
    assert_non_null(o);
    assert_list(o->paths, "opt/bitnami/redis/");
    capture_init(&c, a);
    run_ok(&c, path, CAPTURE_BYTES("{\"packages\":[{\"externalRefs\":[{\"referenceType\":\"purl\","
                                   "\"referenceLocator\":\"pkg:golang/a.example/b@v1\"}]},"
                                   "{\"name\":\"no reference\"}]}"));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "a.example/b");
    capture_init(&c, a);
    run_ok(&c, path, seed(a, "odd.spdx"));
    assert_int_equal(c.package_count, 0);
    assert_str(c.gaps[0].reason, "malformed package URL");
    assert_string_not_equal(run_error(a, path, seed(a, "cut.spdx")), "");
}

static void test_bitnamiapp_components(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "opt/bitnami/.bitnami_components.json", seed(a, "components.json"));
    assert_int_equal(c.package_count, 2);
    const struct prq_package *p = capture_package(&c, "nginx");
    assert_str(p->version, "1.25.3-0");
    assert_list(p->qualifiers, "arch=amd64 distro=debian-12");
    assert_int_equal(p->digests.n, 1);
    assert_str(capture_package(&c, "common")->version, "1.0.0-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bitnamiapp_spdx),
        cmocka_unit_test(test_bitnamiapp_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
