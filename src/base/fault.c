/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef PRQ_FAULTS
#include <stdatomic.h>
#include <stdlib.h>

extern char **environ;

struct countdown {
    const char *name;
    atomic_long left; /* NOT_READ: the variable was not looked at yet */
};
enum { NOT_READ = -1 };

static bool hit(struct countdown *c)
{
    long not_read = NOT_READ;
    const char *text = atomic_load(&c->left) == NOT_READ ? getenv(c->name) : NULL;
    if (text)
        atomic_compare_exchange_strong(&c->left, &not_read, strtol(text, NULL, 10));
    long left = atomic_load(&c->left);
    while (left > 0 && !atomic_compare_exchange_weak(&c->left, &left, left - 1))
        ;
    return left == 1;
}

bool prq_fault_alloc(void)
{
    static struct countdown c = { "PRQ_TEST_FAIL_ALLOC", NOT_READ };
    return hit(&c);
}

bool prq_fault_io(void)
{
    static struct countdown c = { "PRQ_TEST_FAIL_IO", NOT_READ };
    return hit(&c);
}

char *const *prq_fault_env(void)
{
    return environ;
}
#else
typedef int prq_fault_unused; /* ISO C forbids an empty file */
#endif
