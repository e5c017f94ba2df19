/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRQ_BASE_LIMITS_H
#define PRQ_BASE_LIMITS_H

#include <stdint.h>

struct prq_limits {
#define LIMIT(name, value, unit, why) uint64_t name;
#include "base/limits.def"
#undef LIMIT
};

extern const struct prq_limits prq_limits_default;

#endif
