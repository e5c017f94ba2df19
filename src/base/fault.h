/* SPDX-License-Identifier: Apache-2.0 */
/* Failure on purpose: PRQ_TEST_FAIL_ALLOC=n fails the n-th allocation, PRQ_TEST_FAIL_IO=n the n-th
 * read of the program; PRQ_TEST_FAIL_WORKER_ALLOC and PRQ_TEST_FAIL_WORKER_IO those of its zygote and
 * of each worker. Builds without -Dfaults=true compile all of it to nothing. */
#ifndef PRQ_BASE_FAULT_H
#define PRQ_BASE_FAULT_H

#include <stdbool.h>

#ifdef PRQ_FAULTS
bool prq_fault_alloc(void);
bool prq_fault_io(void);
/* The environment that a worker is given: so that it fails as well. */
char *const *prq_fault_env(void);
#else
static inline bool prq_fault_alloc(void)
{
    return false;
}
static inline bool prq_fault_io(void)
{
    return false;
}
static inline char *const *prq_fault_env(void)
{
    static char *const none[] = { 0 };
    return none;
}
#endif

#endif
