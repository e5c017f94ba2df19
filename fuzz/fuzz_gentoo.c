/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes as every file that the analyzer reads; twice, for the same answer. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_gentoo;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        "var/db/pkg/app-misc/x-1/CONTENTS",
        "var/db/pkg/app-misc/x-1/PF",
        "var/db/pkg/app-misc/x-1/LICENSE",
    };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct fuzz_sink one, two;
        bool ok = fuzz_analyze(&prq_analyzer_gentoo, paths[i], (prq_bytes){ data, size }, &one);
        FUZZ_CHECK(fuzz_analyze(&prq_analyzer_gentoo, paths[i], (prq_bytes){ data, size }, &two) == ok);
        FUZZ_CHECK(one.packages == two.packages && one.gaps == two.gaps && one.sum == two.sum);
    }
    return 0;
}
