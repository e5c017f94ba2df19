/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef PRQ_FAULTS
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

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
    static const char *const names[][2] = {
        { "PRQ_TEST_FAIL_WORKER_ALLOC", "PRQ_TEST_FAIL_ALLOC" },
        { "PRQ_TEST_FAIL_WORKER_IO", "PRQ_TEST_FAIL_IO" },
        { "ASAN_OPTIONS", "ASAN_OPTIONS" },
        { "UBSAN_OPTIONS", "UBSAN_OPTIONS" },
    };
    enum { N = sizeof names / sizeof *names };
    static char text[N][256];
    static char *env[N + 1];
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        const char *value = getenv(names[i][0]);
        if (value) {
            snprintf(text[n], sizeof text[n], "%s=%s", names[i][1], value);
            env[n] = text[n];
            n++;
        }
    }
    env[n] = NULL;
    return env;
}
#else
typedef int prq_fault_unused; /* ISO C forbids an empty file */
#endif
