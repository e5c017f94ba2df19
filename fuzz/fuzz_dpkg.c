/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the file, the rest is its content. */
#include "fuzz_analyzer.h"

extern const struct prq_analyzer prq_analyzer_dpkg;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        "var/lib/dpkg/status",
        "var/lib/dpkg/info/a:amd64.list",
        "var/lib/dpkg/info/a.md5sums",
        "var/lib/dpkg/info/a.conffiles",
        "usr/share/doc/a/copyright",
        "usr/lib/opkg/status",
    };
    if (size == 0)
        return 0;
    fuzz_analyzer(&prq_analyzer_dpkg, paths[data[0] % PRQ_COUNT(paths)], data + 1, size - 1);
    return 0;
}
