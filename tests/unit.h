/* SPDX-License-Identifier: Apache-2.0 */
/* What unit tests share: cmocka with its includes in the order it wants, and a few helpers. */
#ifndef PRQ_TESTS_UNIT_H
#define PRQ_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four above */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"

/* cmocka's own macros trip -Wconversion in places; views are compared with this. */
#define assert_str(actual, expected)                                                         \
    do {                                                                                     \
        prq_str a_ = (actual), e_ = prq_str_from(expected);                                  \
        if (!prq_str_eq(a_, e_)) {                                                           \
            print_error("\"%.*s\" is not \"%.*s\"\n", PRQ_FMT(a_), PRQ_FMT(e_));             \
            _fail(__FILE__, __LINE__);                                                       \
        }                                                                                    \
    } while (0)

static inline struct prq_ctx unit_ctx(struct prq_arena *scratch)
{
    return (struct prq_ctx){ .limits = &prq_limits_default, .scratch = scratch };
}

#endif
