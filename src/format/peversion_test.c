/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: Microsoft "PE Format" and "VS_VERSIONINFO structure"; the names and versions of assemblies
 * those that pefile reads from real ones. */
#include "unit.h"

#include "format/peversion.h"
#include "makepe.h"

static bool read(prq_bytes file, struct prq_arena *a, struct prq_peversion *v, struct prq_err *err)
{
    struct prq_exe exe;
    assert_true(prq_exe_open(file, a, &exe, NULL));
    return prq_peversion_read(file, &exe, a, v, err);
}

static const char *const texts[] = { "CompanyName", "Zw\xc3\xb6lf", "ProductName", "Json.NET",
                                     "FileVersion", "13.0.3.27908", "ProductVersion", "13.0.3+0a2e29",
                                     "FileDescription", "Json", "InternalName", "N.dll",
                                     "OriginalFilename", "O.dll", "LegalCopyright", "", NULL };

static void test_peversion_read(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static uint8_t f[PE_ROOM];
    struct prq_peversion v;
    for (int wide = 0; wide < 2; wide++) {
        prq_bytes file = pe_make(f, wide, true, texts);
        assert_true(read(file, a, &v, NULL));
        assert_true(v.is_managed);
        assert_str(v.company_name, "Zw\xc3\xb6lf");
        assert_str(v.product_name, "Json.NET");
        assert_str(v.file_version, "13.0.3.27908");
        assert_str(v.product_version, "13.0.3+0a2e29");
        assert_str(v.file_description, "Json");
        assert_str(v.internal_name, "N.dll");
        assert_str(v.original_filename, "O.dll");
    }
    assert_true(read(pe_make(f, true, false, texts), a, &v, NULL));
    assert_false(v.is_managed);
    assert_str(v.product_name, "Json.NET");
}

static void test_peversion_none(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static uint8_t f[PE_ROOM];
    struct prq_peversion v;
    prq_bytes file = pe_make(f, false, true, texts);
    pe_put32(f + PE_RES_AT + 16, 3); /* an icon instead of a version */
    assert_true(read(file, a, &v, NULL));
    assert_int_equal(v.product_name.n, 0);
    assert_true(read((prq_bytes){ (const uint8_t *)"\x7f" "EL", 3 }, a, &v, NULL));
    assert_false(v.is_managed);
}

static void test_peversion_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    static uint8_t f[PE_ROOM];
    struct prq_peversion v;
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes file = pe_make(f, false, true, texts);
    pe_put32(f + PE_DATA_ENTRY_AT, 0x7fffff00); /* version resource outside */
    assert_false(read(file, a, &v, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    file = pe_make(f, false, true, texts);
    pe_put32(f + PE_RES_AT + 20, 0x80000000); /* the directory is its own child */
    assert_false(read(file, a, &v, &err));
    file = pe_make(f, false, true, texts);
    pe_put32(f + PE_RES_AT + 20, 0xffffff00); /* a directory outside */
    assert_false(read(file, a, &v, &err));
    file = pe_make(f, false, true, texts);
    f[PE_VERSION_AT] = 0xff; /* longer than the resource */
    f[PE_VERSION_AT + 1] = 0xff;
    assert_false(read(file, a, &v, &err));
    assert_true(v.is_managed);
    for (size_t n = 0; n < PE_ROOM; n += 3) {
        struct prq_exe exe;
        file = pe_make(f, false, true, texts);
        file.n = prq_min_size(file.n, n);
        if (prq_exe_open(file, a, &exe, NULL))
            (void)!prq_peversion_read(file, &exe, a, &v, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peversion_read),
        cmocka_unit_test(test_peversion_none),
        cmocka_unit_test(test_peversion_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
