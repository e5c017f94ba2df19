/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: the .NET runtime's documents of deps.json and of the single-file bundle. */
#include "capture.h"

#include "format/netbundle.h"
#include "makepe.h"

extern const struct prq_analyzer prq_analyzer_dotnet;

#define TARGET ".NETCoreApp,Version=v8.0/linux-x64"
static const char deps_json[] =
    "{\"runtimeTarget\":{\"name\":\"" TARGET "\",\"signature\":\"\"},"
    "\"targets\":{\".NETCoreApp,Version=v8.0\":{},\"" TARGET "\":{"
    "\"app/1.0.0\":{\"dependencies\":{\"Serilog\":\"3.1.1\"},\"runtime\":{\"app.dll\":{}}},"
    "\"Serilog/3.1.1\":{\"dependencies\":{\"X.Build\":\"1.0.0\"},\"runtime\":{\"lib/net7.0/Serilog.dll\":{}}},"
    "\"X.Build/1.0.0\":{\"compile\":{\"ref/X.dll\":{}}},"
    "\"SQLitePCLRaw.lib.e_sqlite3/2.1.6\":{\"native\":{\"libe_sqlite3.so\":{}}},"
    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1\":{\"runtime\":{\"System.dll\":{}}}}},"
    "\"libraries\":{\"app/1.0.0\":{\"type\":\"project\"},\"Serilog/3.1.1\":{\"type\":\"package\"},"
    "\"X.Build/1.0.0\":{\"type\":\"package\"},"
    "\"SQLitePCLRaw.lib.e_sqlite3/2.1.6\":{\"type\":\"package\"},"
    "\"Local/1.0.0\":{\"type\":\"reference\"},"
    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1\":{\"type\":\"runtimepack\"}}}";

static bool run(struct capture *c, struct prq_arena *a, const char *path, prq_bytes data,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_dotnet, path, data, err);
}

static prq_bytes text(const char *s)
{
    return prq_bytes_of(prq_str_from(s));
}

static void check_app(struct capture *c)
{
    assert_int_equal(c->package_count, 4);
    assert_int_equal(capture_package(c, "app")->flags, PRQ_PKG_APPLICATION);
    const struct prq_package *p = capture_package(c, "Serilog");
    assert_str(p->type, "nuget");
    assert_str(p->version, "3.1.1");
    assert_int_equal(p->depends.n, 1);
    assert_str(p->depends.v[0], "X.Build");
    assert_str(capture_package(c, "SQLitePCLRaw.lib.e_sqlite3")->version, "2.1.6");
    assert_str(capture_package(c, "Microsoft.NETCore.App.Runtime.linux-x64")->version, "8.0.1");
}

static void test_dotnet_deps(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a, "app/app.deps.json", text(deps_json), NULL));
    check_app(&c);
    /* No target of that name: what all targets ship; no targets at all: the libraries' word. */
    assert_true(run(&c, a, "app/app.deps.json",
                    text("{\"runtimeTarget\":\"T\",\"libraries\":{\"A/1\":{\"type\":\"package\"},"
                         "\"B/2\":{\"type\":\"package\"}},\"targets\":{\"U\":{\"A/1\":{\"runtime\":{}},"
                         "\"C/3\":{\"resources\":{\"de/C.dll\":{}}}}}}"), NULL));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].name, "B");
    assert_str(c.packages[1].name, "C");
}

static void test_dotnet_framework(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    assert_true(run(&c, a,
                    "usr/share/dotnet/shared/Microsoft.AspNetCore.App/8.0.1/Microsoft.AspNetCore.App.deps.json",
                    text("{}"), NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "Microsoft.AspNetCore.App");
    assert_str(c.packages[0].version, "8.0.1");
    assert_str(c.packages[0].cpes.v[0], "cpe:2.3:a:microsoft:asp.net_core:8.0.1:*:*:*:*:*:*:*");
    assert_true(run(&c, a, "shared/Other/8.0.1/Other.deps.json", text("{}"), NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, "Microsoft.NETCore.App.deps.json", text("{}"), NULL));
    assert_int_equal(c.package_count, 0);
}

static void test_dotnet_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static const char *const bad[] = { "", "[]", "{", "{\"libraries\":{\"A/1\":{\"type\":\"package\"}", "{}x" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, "x.deps.json", text(bad[i]), &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    assert_true(run(&c, a, "x.deps.json",
                    text("{\"targets\":1,\"libraries\":[],\"runtimeTarget\":{\"name\":2}}"), NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, "x.deps.json", text("{\"libraries\":{\"noslash\":{},\"/1\":{}}}"), NULL));
    assert_int_equal(c.package_count, 0);
}

/* ---- single-file programs */

static void put32(uint8_t *p, uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static void put64(uint8_t *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

enum { HOST = 512, HEADER_AT = 4096, ROOM = 8192, MARK_AT = 200 };

static const uint8_t mark[] = {
    0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
    0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
};

/* The least ELF file: a header and one section, then a bundle of that version with `deps` in it. */
static size_t make_bundle(uint8_t *f, uint32_t major, const char *deps)
{
    size_t n = strlen(deps), at = HOST;
    memset(f, 0, ROOM);
    memcpy(f, "\x7f" "ELF\2\1\1", 7);
    f[16] = 2;     /* an executable */
    f[18] = 62;    /* x86-64 */
    put32(f + 20, 1);
    put64(f + 40, HOST - 64); /* section headers */
    f[52] = 64;
    f[58] = 64;    /* of one header */
    f[60] = 1;     /* how many */
    put64(f + MARK_AT - 8, HEADER_AT);
    memcpy(f + MARK_AT, mark, sizeof mark);
    memcpy(f + at, deps, n);
    uint8_t *h = f + HEADER_AT;
    put32(h, major);
    put32(h + 8, 1);
    h[12] = 2;
    memcpy(h + 13, "id", 2);
    h += 15;
    if (major >= 2) {
        put64(h, at);
        put64(h + 8, n);
        return ROOM;
    }
    put64(h, at);
    put64(h + 8, n);
    h[16] = 3;
    h[17] = 1;
    h[18] = 'd';
    return ROOM;
}

static void test_dotnet_bundle(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static uint8_t f[ROOM];
    static const uint32_t majors[] = { 1, 2, 6 };
    for (size_t i = 0; i < PRQ_COUNT(majors); i++) {
        size_t n = make_bundle(f, majors[i], deps_json);
        assert_int_equal(prq_netbundle_payload_at((prq_bytes){ f, n }), HOST);
        assert_true(run(&c, a, "app/app", (prq_bytes){ f, n }, NULL));
        check_app(&c);
        assert_str(c.packages[0].evidence[0].path, "app/app!/app.deps.json");
    }
    put64(f + MARK_AT - 8, 0); /* a host without a bundle */
    assert_true(run(&c, a, "app/app", (prq_bytes){ f, ROOM }, NULL));
    assert_int_equal(c.package_count, 0);
}

static void test_dotnet_bundle_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static uint8_t f[ROOM];
    struct prq_err err = PRQ_ERR_INIT;
    make_bundle(f, 6, deps_json);
    put64(f + HEADER_AT + 15, ROOM - 1); /* deps.json outside */
    assert_false(run(&c, a, "app/app", (prq_bytes){ f, ROOM }, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    put64(f + HEADER_AT + 15, UINT64_MAX - 3);
    assert_false(run(&c, a, "app/app", (prq_bytes){ f, ROOM }, &err));
    make_bundle(f, 6, deps_json);
    put64(f + MARK_AT - 8, UINT64_MAX);
    assert_false(run(&c, a, "app/app", (prq_bytes){ f, ROOM }, &err));
    make_bundle(f, 1, deps_json);
    put32(f + HEADER_AT + 8, UINT32_MAX);
    f[HEADER_AT + 15 + 16] = 1; /* not deps.json: the list goes on to the end of the file */
    assert_false(run(&c, a, "app/app", (prq_bytes){ f, ROOM }, &err));
    for (size_t n = 0; n < ROOM; n += 61) { /* cut anywhere: never outside, nothing invented */
        make_bundle(f, 2, deps_json);
        (void)run(&c, a, "app/app", (prq_bytes){ f, n }, NULL);
    }
}

/* ---- assemblies */

/* Names and versions as Syft's tests expect them (TestParseDotnetPortableExecutable), with comma form
 * and commit cut as catalog.md 4.8 says; 13.0.3 and 8.0.1: files of the packages of those versions. */
static const struct {
    const char *company, *product, *description, *internal, *product_version, *file_version;
    const char *name, *version;
} assemblies[] = {
    { "Microsoft Corporation", "Active Directory Authentication Library",
      "Active Directory Authentication Library", "Microsoft.IdentityModel.dll",
      "c61f043686a544863efc014114c42e844f905336", "3.14.40721.0918    xxxfffdddjjjj",
      "Active Directory Authentication Library", "3.14.40721.0918" },
    { "Microsoft Corporation", "Microsoft\xc2\xae .NET Framework", "System.Data.Linq.dll",
      "System.Data.Linq.dll", "4.7.3190.0", "4.7.3190.0 built by: NET472REL1LAST_C",
      "System.Data.Linq", "4.7.3190.0" },
    { "", "", "", "Prometheus.AspNetCore.dll", "8.0.1", "8.0.1", "Prometheus.AspNetCore", "8.0.1" },
    { "", "Hidden \t Input", "x", "y", "1, 0, 0, 0", "1, 0, 0, 0", "Hidden Input", "1.0.0.0" },
    { "", "", "Better", "", "80.1.7.92", "80.1.7", "Better", "80.1.7.92" },
    { "", "", "Better", "", "80.1.7", "80.1.7.92", "Better", "80.1.7.92" },
    { "", "", "Higher", "", "3.0.1+b86b61bf", "3.0.0.0", "Higher", "3.0.1" },
    { "", "", "Higher", "", "3.0.0", "3.0.1+b86b61bf", "Higher", "3.0.1" },
    { "", "", "Invalid", "", "3.0.1+b86b61bf", "A", "Invalid", "3.0.1" },
    { "", "", "Invalid", "", "A", "3.0.1+b86b61bf", "Invalid", "3.0.1" },
    { "", "", "Equal", "", "3.0.0", "3.0.0.0", "Equal", "3.0.0.0" },
    { "Newtonsoft", "Json.NET", "Json.NET", "Newtonsoft.Json.dll", "13.0.3+0a2e291c0d9c",
      "13.0.3.27908", "Json.NET", "13.0.3.27908" },
    { "Microsoft Corporation", "Microsoft\xc2\xae .NET", "System.Text.Json", "System.Text.Json.dll",
      "8.0.1+bf5e279d9239", "8.0.123.58001", "System.Text.Json", "8.0.1" },
    { "", "", "Pre", "", "1.0.0-beta.2+0a2e", "1.0.0.0", "Pre", "1.0.0-beta.2" },
    { "", "", "Unset", "", " ", "0.0.0.0", NULL, NULL },
    { "", "", "", "", "1.0", "1.0", NULL, NULL },
};

static void test_dotnet_assembly(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    static uint8_t f[PE_ROOM];
    for (size_t i = 0; i < PRQ_COUNT(assemblies); i++) {
        const char *const texts[] = { "CompanyName", assemblies[i].company,
                                      "ProductName", assemblies[i].product,
                                      "FileDescription", assemblies[i].description,
                                      "InternalName", assemblies[i].internal,
                                      "ProductVersion", assemblies[i].product_version,
                                      "FileVersion", assemblies[i].file_version, NULL };
        assert_true(run(&c, a, "app/x.dll", pe_make(f, i % 2, true, texts), NULL));
        assert_int_equal(c.package_count, assemblies[i].name ? 1 : 0);
        if (!assemblies[i].name)
            continue;
        assert_str(c.packages[0].name, assemblies[i].name);
        assert_str(c.packages[0].version, assemblies[i].version);
        assert_int_equal(c.packages[0].flags, PRQ_PKG_GUESSED);
        assert_true(run(&c, a, "app/x.dll", pe_make(f, i % 2, false, texts), NULL)); /* native */
        assert_int_equal(c.package_count, 0);
        assert_true(run(&c, a, "dotnet/packs/X.Ref/8.0.1/ref/net8.0/x.dll",
                        pe_make(f, i % 2, true, texts), NULL));
        assert_int_equal(c.package_count, 0);
        assert_true(run(&c, a, "app/de/x.resources.dll", pe_make(f, i % 2, true, texts), NULL));
        assert_int_equal(c.package_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dotnet_deps),
        cmocka_unit_test(test_dotnet_framework),
        cmocka_unit_test(test_dotnet_broken),
        cmocka_unit_test(test_dotnet_bundle),
        cmocka_unit_test(test_dotnet_bundle_broken),
        cmocka_unit_test(test_dotnet_assembly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
