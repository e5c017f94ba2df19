/* SPDX-License-Identifier: Apache-2.0 */
/* One package at most, and the same for the same bytes. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_jvm;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = { "opt/jdk/release", "usr/lib/jvm/zulu/release", "release" };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct fuzz_sink one, two;
        FUZZ_CHECK(fuzz_analyze(&prq_analyzer_jvm, paths[i], (prq_bytes){ data, size }, &one));
        FUZZ_CHECK(fuzz_analyze(&prq_analyzer_jvm, paths[i], (prq_bytes){ data, size }, &two));
        FUZZ_CHECK(one.packages <= 1 && one.gaps == 0);
        FUZZ_CHECK(one.packages == two.packages && one.sum == two.sum);
    }
    return 0;
}
