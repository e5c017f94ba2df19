/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the file, the rest is its content. */
#include "fuzz_analyzer.h"

extern const struct prq_analyzer prq_analyzer_apk;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = { "lib/apk/db/installed", "etc/apk/repositories" };
    if (size == 0)
        return 0;
    fuzz_analyzer(&prq_analyzer_apk, paths[data[0] % PRQ_COUNT(paths)], data + 1, size - 1);
    return 0;
}
