/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"

const struct prq_limits prq_limits_default = {
#define LIMIT(name, value, unit, why) .name = (value),
#include "base/limits.def"
#undef LIMIT
};
