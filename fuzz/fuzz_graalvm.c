/* SPDX-License-Identifier: Apache-2.0 */
/* The same facts for the same bytes. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_graalvm;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_sink one, two;
    prq_bytes in = { data, size };
    bool ok = fuzz_analyze(&prq_analyzer_graalvm, "app/server", in, &one);
    FUZZ_CHECK(fuzz_analyze(&prq_analyzer_graalvm, "app/server", in, &two) == ok);
    FUZZ_CHECK(one.packages == two.packages && one.gaps == two.gaps && one.sum == two.sum);
    return 0;
}
