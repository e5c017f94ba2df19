/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

extern const struct prq_analyzer prq_analyzer_classify;

static void test_classify_none(void **state)
{
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classify_none),
    };
    return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
