/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: NuGet's and Paket's documentation of their files. */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_nugetlock;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_nugetlock, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_nugetlock_json(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "packages.lock.json",
                    "{\"version\":2,\"dependencies\":{\"net6.0\":{"
                    "\"Serilog\":{\"type\":\"Direct\",\"requested\":\"[2.1, )\",\"resolved\":\"2.12.0\","
                    "\"dependencies\":{\"B\":\"1.0\"}},"
                    "\"B\":{\"type\":\"CentralTransitive\",\"resolved\":\"1.0.2\"},"
                    "\"mine\":{\"type\":\"Project\",\"dependencies\":{}}}}}", NULL));
    assert_int_equal(c.package_count, 3);
    assert_str(c.packages[0].name, "Serilog");
    assert_str(c.packages[0].version, "2.12.0");
    assert_str(c.packages[0].depends.v[0], "B");
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DECLARED);
    assert_int_equal(c.packages[2].flags, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION);
    assert_true(run(&c, a, "packages.lock.json",
                    "{\"version\":1,\"other\":{\"net6.0\":{\"A\":{\"type\":\"Direct\",\"resolved\":\"1\"}}},"
                    "\"dependencies\":{}}", NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, "obj/project.assets.json",
                    "{\"libraries\":{\"A.B/1.2.3\":{\"type\":\"package\",\"path\":\"a.b/1.2.3\"},"
                    "\"mine/1.0.0\":{\"type\":\"project\"}}}", NULL));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "A.B");
    assert_str(c.packages[0].version, "1.2.3");
}

static void test_nugetlock_config(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "packages.config",
                    "<?xml version=\"1.0\"?><packages><package id=\"A\" version=\"1.0\"/>"
                    "<package id=\"T\" version=\"2.0\" developmentDependency=\"true\"/>"
                    "<package version=\"3\"/></packages>", NULL));
    assert_int_equal(c.package_count, 2);
    assert_int_equal(c.packages[1].flags, PRQ_PKG_DECLARED | PRQ_PKG_DEV);
    assert_int_equal(c.gap_count, 1);
}

static void test_nugetlock_project(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "src/app.csproj",
                    "<Project Sdk=\"Microsoft.NET.Sdk\">"
                    "<PropertyGroup><LibVersion>4.5</LibVersion><Loop>$(loop)</Loop></PropertyGroup>"
                    "<ItemGroup>"
                    "<PackageReference Include=\"A\" Version=\"1.2.3\"/>"
                    "<PackageReference Include=\"B\"><Version>[2.0.0]</Version></PackageReference>"
                    "<PackageReference Include=\"C\" Version=\"$(libversion).6\"/>"
                    "<PackageReference Include=\"D\" Version=\"1.*\"/>"
                    "<PackageReference Include=\"E\"/>"
                    "<PackageReference Include=\"F\" Version=\"$(Elsewhere)\"/>"
                    "<PackageReference Include=\"G\" Version=\"[1.0,2.0)\"/>"
                    "<PackageReference Include=\"H\" Version=\"$(Loop)\"/>"
                    "<PackageReference Include=\"I\" Version=\"9\" PrivateAssets=\"all\"/>"
                    "<PackageReference Include=\"J\" Version=\"9\"><PrivateAssets>All</PrivateAssets>"
                    "</PackageReference></ItemGroup></Project>", NULL));
    static const struct {
        const char *name, *version;
        uint32_t flags;
    } want[] = {
        { "A", "1.2.3", 0 }, { "B", "2.0.0", 0 }, { "C", "4.5.6", 0 }, { "D", "", 0 },
        { "F", "", 0 },      { "G", "", 0 },      { "H", "", 0 },
        { "I", "9", PRQ_PKG_DEV }, { "J", "9", PRQ_PKG_DEV },
    };
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].name, want[i].name);
        assert_str(c.packages[i].version, want[i].version);
        assert_int_equal(c.packages[i].flags, PRQ_PKG_DECLARED | want[i].flags);
    }
    assert_true(run(&c, a, "Directory.Packages.props",
                    "<Project><ItemGroup><PackageVersion Include=\"LiteDB\" Version=\"5.0.12\"/>"
                    "</ItemGroup></Project>", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].version, "5.0.12");
}

static void test_nugetlock_others(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "x.nuspec",
                    "<package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata>"
                    "<id>My.Lib</id><version>1.0.1</version><license type=\"expression\">MIT</license>"
                    "</metadata></package>", NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "My.Lib");
    assert_str(c.packages[0].licenses.v[0], "MIT");
    assert_true(run(&c, a, "paket.lock",
                    "STORAGE: NONE\nNUGET\n  remote: https://x.example/\n    Argu (6.1.1)\n"
                    "      FSharp.Core (>= 4.3.2)\n    Odd\n\nGITHUB\n  remote: a/b\n    file.fs (0123abcd)\n",
                    NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "Argu");
    assert_str(c.packages[0].version, "6.1.1");
    assert_int_equal(c.gap_count, 1);
}

static void test_nugetlock_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const paths[] = { "packages.lock.json", "project.assets.json", "packages.config",
                                         "a.csproj", "a.nuspec" };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, paths[i], "not\nthat", &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nugetlock_json),    cmocka_unit_test(test_nugetlock_config),
        cmocka_unit_test(test_nugetlock_project), cmocka_unit_test(test_nugetlock_others),
        cmocka_unit_test(test_nugetlock_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
