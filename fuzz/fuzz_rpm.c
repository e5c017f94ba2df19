/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "analyze/analyze.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    return 0;
}
