/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes as every file that the analyzer reads; twice, for the same answer. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_kernel;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        "boot/vmlinuz-6.1.0",
        "lib/modules/6.1.0/a-b.ko",
        "lib/modules/6.1.0/a.ko.gz",
        "lib/modules/6.1.0/a.ko.xz",
        "lib/modules/6.1.0/a.ko.zst",
    };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct fuzz_sink one, two;
        bool ok = fuzz_analyze(&prq_analyzer_kernel, paths[i], (prq_bytes){ data, size }, &one);
        FUZZ_CHECK(fuzz_analyze(&prq_analyzer_kernel, paths[i], (prq_bytes){ data, size }, &two) == ok);
        FUZZ_CHECK(one.packages == two.packages && one.gaps == two.gaps && one.sum == two.sum);
    }
    return 0;
}
