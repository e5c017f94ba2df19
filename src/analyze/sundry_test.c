/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: the documentation of Terraform, SWI-Prolog and vcpkg. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_sundry;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_sundry, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_sundry_terraform(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "infra/.terraform.lock.hcl",
                    "# This file is maintained automatically by \"terraform init\".\n\n"
                    "provider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"5.72.1\"\n"
                    "  constraints = \"> 5.72.0\"\n  hashes = [\n    \"h1:jhd5O5o0CfZCNEwwN0EiDAzb7Q==\",\n"
                    "  ]\n}\n\nprovider \"registry.opentofu.org/x/y\" {\r\n  version = \"0.1.0\"\r\n}\r\n",
                    NULL));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].type, "terraform");
    assert_str(c.packages[0].name, "registry.terraform.io/hashicorp/aws");
    assert_str(c.packages[0].version, "5.72.1");
    assert_str(c.packages[1].version, "0.1.0");
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DECLARED);
    assert_true(run(&c, a, ".terraform.lock.hcl", "/* a\nb */\n", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

static void test_sundry_prolog(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "swi-prolog/pack/hsts/pack.pl",
                    "% a pack\nname(condition).\n/* version('9').\n*/\nversion('0.1.1').\n"
                    "author('A', 'a@b').\ntitle('name(x)').\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].type, "swiplpack");
    assert_str(c.packages[0].name, "condition");
    assert_str(c.packages[0].version, "0.1.1");
    assert_true(run(&c, a, "game/pack.pl", ":- module(pack, [pack/1]).\nnames(x).\nname(\n", NULL));
    assert_int_equal(c.package_count + c.gap_count, 0);
}

static void test_sundry_vcpkg_status(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "vcpkg/installed/vcpkg/status",
                    "Package: fmt\nVersion: 9.1.0\nPort-Version: 1\nDepends: vcpkg-cmake\n"
                    "Architecture: x64-linux\nMulti-Arch: same\nAbi: ae\nStatus: install ok installed\n\n"
                    "Package: curl\nFeature: ssl\nArchitecture: x64-linux\nStatus: install ok installed\n\n"
                    "Package: zlib\nVersion: 1.3\nArchitecture: x64-linux\nStatus: purge ok not-installed\n\n"
                    "Version: 1\nStatus: install ok installed\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].type, "vcpkg");
    assert_str(c.packages[0].name, "fmt");
    assert_str(c.packages[0].version, "9.1.0");
    assert_str(c.packages[0].qualifiers.v[0], "port_version=1");
    assert_str(c.packages[0].qualifiers.v[1], "triplet=x64-linux");
    assert_int_equal(c.packages[0].flags, 0);
    assert_int_equal(c.gap_count, 1); /* the last stanza */
}

static void test_sundry_vcpkg_json(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "app/vcpkg.json",
                    "{\"name\":\"app\",\"version-semver\":\"1.0.0\",\"dependencies\":[\"fmt\","
                    "{\"name\":\"zlib\",\"version>=\":\"1.2.12#1\"},{\"name\":\"cmake-x\",\"host\":true},1],"
                    "\"overrides\":[{\"name\":\"zlib\",\"version\":\"1.2.13\",\"port-version\":2}]}", NULL));
    assert_int_equal(c.package_count, 4);
    assert_str(c.packages[0].name, "app");
    assert_str(c.packages[0].version, "1.0.0");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION);
    assert_int_equal(c.packages[1].version.n, 0);
    assert_str(c.packages[2].version, "1.2.13");
    assert_str(c.packages[2].qualifiers.v[0], "port_version=2");
    assert_int_equal(c.packages[3].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_int_equal(c.gap_count, 1);
}

static void test_sundry_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const bad[][2] = {
        { "vcpkg.json", "" },
        { "vcpkg.json", "[]" },
        { "vcpkg.json", "{\"dependencies\":[{\"name\":" },
        { ".terraform.lock.hcl", "provider \"x\" {\n  version = \"1\"\n" },
        { ".terraform.lock.hcl", "rubbish\n" },
        { ".terraform.lock.hcl", "provider {\n}\n" },
    };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, bad[i][0], bad[i][1], &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(c.package_count, 0);
    }
    assert_true(run(&c, a, "installed/vcpkg/status", "rubbish\n", NULL));
    assert_int_equal(c.gap_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sundry_terraform),
        cmocka_unit_test(test_sundry_prolog),
        cmocka_unit_test(test_sundry_vcpkg_status),
        cmocka_unit_test(test_sundry_vcpkg_json),
        cmocka_unit_test(test_sundry_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
