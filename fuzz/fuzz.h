/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target shares. A target asserts more than survival: FUZZ_CHECK aborts. */
#ifndef PRQ_FUZZ_FUZZ_H
#define PRQ_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(cond)                                                        \
    do {                                                                        \
        if (!(cond)) {                                                          \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond); \
            abort();                                                            \
        }                                                                       \
    } while (0)

#endif
