/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#undef PRQ_SOURCE_DIR /* the build's word for a path; model/analysis.h has an enumerator of that name */
#include "image/auth.h"
#include "image/verify.h"

static struct prq_credentials got;
static prq_str helper;

static bool parse(const char *json, bool is_bare, const char *host, const char *repository,
                  struct prq_arena *a)
{
    bool found = false;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_auth_file_parse(prq_str_from(json), is_bare, prq_str_from(host),
                             prq_str_from(repository), a, &prq_limits_default, &found, &got,
                             &helper, &err))
        fail_msg("%s", err.text);
    return found;
}

/* base64 by coreutils: printf user:password | base64 */
#define A1 "\"auth\":\"dXNlcjpwYXNzd29yZA==\""

static void test_auth_files(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const char *plain = "{\"auths\":{\"r.example:5000\":{" A1 "}}}";
    assert_true(parse(plain, false, "r.example:5000", "x/y", a));
    assert_str(got.username, "user");
    assert_str(got.password, "password");
    assert_false(parse(plain, false, "r.example", "x/y", a));

    const char *hub = "{\"auths\":{\"https://index.docker.io/v1/\":{" A1 "}}}";
    assert_true(parse(hub, false, "docker.io", "library/alpine", a));
    assert_true(parse("{\"https://r.example/v2/\":{" A1 ",\"email\":\"\"}}", true, "r.example", "x", a));

    const char *paths = "{\"auths\":{"
                        "\"r.example\":{\"username\":\"u0\",\"password\":\"p\"},"
                        "\"r.example/team\":{\"username\":\"u1\",\"password\":\"p\"},"
                        "\"r.example/team/app\":{\"username\":\"u2\",\"password\":\"p\"}}}";
    assert_true(parse(paths, false, "r.example", "team/app", a));
    assert_str(got.username, "u2");
    assert_true(parse(paths, false, "r.example", "team/app/sub", a));
    assert_str(got.username, "u2");
    assert_true(parse(paths, false, "r.example", "team/apple", a));
    assert_str(got.username, "u1");
    assert_true(parse(paths, false, "r.example", "teams", a));
    assert_str(got.username, "u0");

    const char *tokens = "{\"auths\":{\"a\":{\"identitytoken\":\"it\"},"
                         "\"b\":{\"registrytoken\":\"rt\"}}}";
    assert_true(parse(tokens, false, "a", "x", a));
    assert_str(got.identity_token, "it");
    assert_true(parse(tokens, false, "b", "x", a));
    assert_str(got.registry_token, "rt");
}

static void test_auth_file_helpers(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const char *json = "{\"credsStore\":\"desktop\",\"credHelpers\":{\"gcr.io\":\"gcloud\"},"
                       "\"auths\":{\"gcr.io\":{" A1 "},\"empty.example\":{},"
                       "\"full.example\":{" A1 "}}}";
    assert_true(parse(json, false, "gcr.io", "x", a));
    assert_str(helper, "gcloud");
    assert_true(parse(json, false, "empty.example", "x", a));
    assert_str(helper, "desktop");
    assert_true(parse(json, false, "other.example", "x", a));
    assert_str(helper, "desktop");
    assert_true(parse(json, false, "full.example", "x", a));
    assert_str(helper, "");
    assert_str(got.username, "user");
}

static void test_malformed_auth_files(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const char *const bad[] = { "{", "{\"auths\":{\"r\":{\"auth\":\"%%%\"}}}",
                                       "{\"auths\":{\"r\":{\"auth\":\"bm9jb2xvbg==\"}}}", "{} x" };
    bool found;
    for (size_t i = 0; i < PRQ_COUNT(bad); i++)
        assert_false(prq_auth_file_parse(prq_str_from(bad[i]), false, PRQ_S("r"), PRQ_S("x"), a,
                                         &prq_limits_default, &found, &got, &helper, NULL));
    assert_false(parse("[]", false, "r", "x", a));
    assert_false(parse("{\"auths\":[1,{}],\"credsStore\":7,\"credHelpers\":null}", false, "r", "x", a));
}

static void put(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* The order of places, each with a user of its own name. */
static void test_lookup_order(void **state)
{
    (void)state;
    char dir[] = "/tmp/prq-credentials-XXXXXX", path[512];
    assert_non_null(mkdtemp(dir));
    static const char *const dirs[] = { "run", "run/containers", "cfg", "cfg/containers", ".docker" };
    for (size_t i = 0; i < PRQ_COUNT(dirs); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, dirs[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    static const char *const files[] = { "given.json", "run/containers/auth.json",
                                         "cfg/containers/auth.json", ".docker/config.json",
                                         ".dockercfg" };
    for (size_t i = 0; i < PRQ_COUNT(files); i++) {
        char text[256];
        snprintf(text, sizeof text,
                 i == 4 ? "{\"r\":{\"username\":\"%zu\",\"password\":\"p\"}}"
                        : "{\"auths\":{\"r\":{\"username\":\"%zu\",\"password\":\"p\"}}}",
                 i);
        put(dir, files[i], text);
    }
    setenv("HOME", dir, 1);
    unsetenv("DOCKER_CONFIG");
    snprintf(path, sizeof path, "%s/run", dir);
    setenv("XDG_RUNTIME_DIR", path, 1);
    snprintf(path, sizeof path, "%s/cfg", dir);
    setenv("XDG_CONFIG_HOME", path, 1);
    snprintf(path, sizeof path, "%s/given.json", dir);
    setenv("REGISTRY_AUTH_FILE", path, 1);

    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_ctx ctx = unit_ctx(a);
    for (size_t i = 0; i <= PRQ_COUNT(files); i++) {
        char want[8] = "";
        assert_true(prq_credentials_find(&ctx, PRQ_S("r"), PRQ_S("x"), a, &got, NULL));
        if (i < PRQ_COUNT(files))
            snprintf(want, sizeof want, "%zu", i);
        assert_str(got.username, want);
        snprintf(path, sizeof path, "%s/%s", dir, files[i < PRQ_COUNT(files) ? i : 0]);
        unlink(path);
    }
    for (size_t i = PRQ_COUNT(dirs); i-- > 0;) {
        snprintf(path, sizeof path, "%s/%s", dir, dirs[i]);
        rmdir(path);
    }
    rmdir(dir);
}

/* RFC 4648, section 10. */
static void test_base64(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *coded;
    } v[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
              { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
    for (size_t i = 0; i < PRQ_COUNT(v); i++) {
        PRQ_BUF b, c;
        prq_buf_init(&b, 64);
        prq_buf_init(&c, 64);
        assert_true(prq_base64_decode(prq_str_from(v[i].coded), &b));
        assert_str(prq_buf_view(&b), v[i].plain);
        assert_true(prq_base64_encode(prq_bytes_of(prq_str_from(v[i].plain)), &c));
        assert_str(prq_buf_view(&c), v[i].coded);
    }
    PRQ_BUF b;
    prq_buf_init(&b, 64);
    assert_false(prq_base64_decode(PRQ_S("Zg=a"), &b));
    assert_false(prq_base64_decode(PRQ_S("Z"), &b));
    assert_false(prq_base64_decode(PRQ_S("Zm9v\n"), &b));
}

static void test_tokens(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    prq_str token;
    uint64_t life;
    const struct prq_limits *l = &prq_limits_default;
    assert_true(prq_token_parse(PRQ_S("{\"token\":\"abc\",\"expires_in\":3600}"), a, l, &token, &life,
                                NULL));
    assert_str(token, "abc");
    assert_int_equal(life, 3600);
    assert_true(prq_token_parse(PRQ_S("{\"access_token\":\"x.y\",\"expires_in\":5}"), a, l, &token,
                                &life, NULL));
    assert_str(token, "x.y");
    assert_int_equal(life, 60);
    assert_true(prq_token_parse(PRQ_S("{\"token\":\"abc\"}"), a, l, &token, &life, NULL));
    assert_int_equal(life, 60);
    static const char *const bad[] = { "{}", "[]", "", "{\"token\":\"\"}", "{\"token\":\"a b\"}",
                                       "{\"token\":\"a\\nb\"}", "{\"token\":\"\\u00e9\"}",
                                       "{\"token\":\"a\"}x" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++)
        assert_false(prq_token_parse(prq_str_from(bad[i]), a, l, &token, &life, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auth_files),           cmocka_unit_test(test_auth_file_helpers),
        cmocka_unit_test(test_malformed_auth_files), cmocka_unit_test(test_lookup_order),
        cmocka_unit_test(test_base64),               cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
