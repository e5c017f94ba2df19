/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: SPDX specification 2.3, annex D, and its list of licences. */
#include "unit.h"

#include "model/spdxlicense.h"

static void test_license_ids(void **state)
{
    (void)state;
    assert_str(prq_spdx_license_id(PRQ_S("mit")), "MIT");
    assert_str(prq_spdx_license_id(PRQ_S("APACHE-2.0")), "Apache-2.0");
    assert_str(prq_spdx_license_id(PRQ_S("0bsd")), "0BSD");
    assert_str(prq_spdx_license_id(PRQ_S("ZPL-2.1")), "ZPL-2.1");
    assert_str(prq_spdx_license_id(PRQ_S("GPL-2.0")), "GPL-2.0"); /* deprecated, but listed */
    assert_str(prq_spdx_exception_id(PRQ_S("classpath-exception-2.0")), "Classpath-exception-2.0");
    assert_int_equal(prq_spdx_license_id(PRQ_S("GPL")).n, 0);
    assert_int_equal(prq_spdx_license_id((prq_str){ 0 }).n, 0);
    assert_int_equal(prq_spdx_license_id(PRQ_S("MIT\0")).n, 0);
}

static void test_license_expressions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum prq_license_kind kind;
        const char *canonical;
    } cases[] = {
        { "MIT", PRQ_LICENSE_ID, "MIT" },
        { " mit ", PRQ_LICENSE_ID, "MIT" },
        { "GPL-2.0+", PRQ_LICENSE_EXPRESSION, "GPL-2.0+" },
        { "LGPL-2.1-only OR MIT", PRQ_LICENSE_EXPRESSION, "LGPL-2.1-only OR MIT" },
        { "mit  and ( apache-2.0 OR BSD-3-Clause )", PRQ_LICENSE_NAME, "" }, /* "and" */
        { "mit  AND ( apache-2.0 OR(bsd-3-clause) )", PRQ_LICENSE_EXPRESSION,
          "MIT AND (Apache-2.0 OR (BSD-3-Clause))" },
        { "GPL-2.0-or-later WITH Bison-exception-2.2", PRQ_LICENSE_EXPRESSION,
          "GPL-2.0-or-later WITH Bison-exception-2.2" },
        { "LicenseRef-23", PRQ_LICENSE_EXPRESSION, "LicenseRef-23" },
        { "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2", PRQ_LICENSE_EXPRESSION,
          "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2" },
        { "", PRQ_LICENSE_NAME, "" },
        { "GPL-2+", PRQ_LICENSE_NAME, "" }, /* Debian's own */
        { "MIT MIT", PRQ_LICENSE_NAME, "" },
        { "MIT OR", PRQ_LICENSE_NAME, "" },
        { "(MIT", PRQ_LICENSE_NAME, "" },
        { "MIT)", PRQ_LICENSE_NAME, "" },
        { "()", PRQ_LICENSE_NAME, "" },
        { "(MIT) WITH Bison-exception-2.2", PRQ_LICENSE_NAME, "" },
        { "MIT WITH", PRQ_LICENSE_NAME, "" },
        { "MIT WITH Bison-exception-2.2 WITH Bison-exception-2.2", PRQ_LICENSE_NAME, "" },
        { "LicenseRef-a_b", PRQ_LICENSE_NAME, "" },
        { "+", PRQ_LICENSE_NAME, "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_BUF b;
        prq_buf_init(&b, PRQ_KIB(1));
        assert_int_equal(prq_spdx_expression(prq_str_from(cases[i].text), &b), cases[i].kind);
        assert_str(prq_buf_view(&b), cases[i].canonical);
        assert_int_equal(prq_spdx_expression(prq_str_from(cases[i].text), NULL), cases[i].kind);
    }
}

/* A million brackets are looked at once each. */
static void test_license_depth(void **state)
{
    (void)state;
    enum { DEPTH = 1000000 };
    char *text = test_malloc(2 * DEPTH + 3);
    memset(text, '(', DEPTH);
    memcpy(text + DEPTH, "MIT", 3);
    memset(text + DEPTH + 3, ')', DEPTH);
    assert_int_equal(prq_spdx_expression((prq_str){ text, 2 * DEPTH + 3 }, NULL),
                     PRQ_LICENSE_EXPRESSION);
    assert_int_equal(prq_spdx_expression((prq_str){ text, 2 * DEPTH + 2 }, NULL), PRQ_LICENSE_NAME);
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_license_ids),
        cmocka_unit_test(test_license_expressions),
        cmocka_unit_test(test_license_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
