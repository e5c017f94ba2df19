/* SPDX-License-Identifier: Apache-2.0 */
/* Trivy's reports; the same reader takes both. */
#include "foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_foreign(data, size);
}
