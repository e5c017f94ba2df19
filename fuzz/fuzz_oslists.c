/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes as every file that the analyzer reads; twice, for the same answer. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_oslists;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        ("x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/"
         "application-inventory.json"),
        "etc/cos-package-info.json",
        "var/lib/pkgtools/packages/aaa_base-15.0-x86_64-3",
        "var/db/xbps/pkgdb-0.38.plist",
        "var/db/pkg/local.sqlite",
        "var/db/xbps/.x-files.plist",
        "var/lib/flatpak/app/x/files/share/metainfo/x.metainfo.xml",
        "var/lib/flatpak/app/org.example.Hello/x86_64/stable/a686/deploy",
    };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct fuzz_sink one, two;
        bool ok = fuzz_analyze(&prq_analyzer_oslists, paths[i], (prq_bytes){ data, size }, &one);
        FUZZ_CHECK(fuzz_analyze(&prq_analyzer_oslists, paths[i], (prq_bytes){ data, size }, &two) == ok);
        FUZZ_CHECK(one.packages == two.packages && one.gaps == two.gaps && one.sum == two.sum);
    }
    return 0;
}
