/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef PRQ_FAULTS
#include <stdatomic.h>
#include <stdlib.h>

static bool hit(const char *name, atomic_long *left, atomic_bool *known)
{
    if (!atomic_load(known)) {
        const char *text = getenv(name);
        atomic_store(left, text ? strtol(text, NULL, 10) : 0);
        atomic_store(known, true);
    }
    return atomic_load(left) > 0 && atomic_fetch_sub(left, 1) == 1;
}

bool prq_fault_alloc(void)
{
    static atomic_long left;
    static atomic_bool known;
    return hit("PRQ_TEST_FAIL_ALLOC", &left, &known);
}

bool prq_fault_io(void)
{
    static atomic_long left;
    static atomic_bool known;
    return hit("PRQ_TEST_FAIL_IO", &left, &known);
}
#else
typedef int prq_fault_unused; /* ISO C forbids an empty file */
#endif
