/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/core.h"

const char *prq_version(void)
{
    return PRQ_VERSION;
}
