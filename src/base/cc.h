/* SPDX-License-Identifier: Apache-2.0 */
/* What the compilers call differently, under one name; and the checked arithmetic. */
#ifndef PRQ_BASE_CC_H
#define PRQ_BASE_CC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRQ_MUST_USE __attribute__((warn_unused_result))
#define PRQ_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define PRQ_CLEANUP(fn) __attribute__((cleanup(fn)))
#define PRQ_NORETURN __attribute__((noreturn))
#define PRQ_UNUSED __attribute__((unused))

#define PRQ_KIB(n) ((size_t)(n) << 10)
#define PRQ_MIB(n) ((size_t)(n) << 20)
#define PRQ_GIB(n) ((uint64_t)(n) << 30)

#define PRQ_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* true when the result fits in *out; on false *out holds the wrapped value: do not use it. */
#define prq_add(a, b, out) (!__builtin_add_overflow((a), (b), (out)))
#define prq_sub(a, b, out) (!__builtin_sub_overflow((a), (b), (out)))
#define prq_mul(a, b, out) (!__builtin_mul_overflow((a), (b), (out)))

static inline size_t prq_min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

#endif
