/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes as every file that the analyzer reads; twice, for the same answer. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_rhcontent;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        "root/buildinfo/content_manifests/x.json",
        "root/buildinfo/labels.json",
        "root/buildinfo/Dockerfile-ubi8-8.5-1",
        "var/lib/dnf/history.sqlite",
        "var/lib/yum/yumdb/b/0123-bash-4.2-1-x86_64/from_repo",
    };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct fuzz_sink one, two;
        bool ok = fuzz_analyze(&prq_analyzer_rhcontent, paths[i], (prq_bytes){ data, size }, &one);
        FUZZ_CHECK(fuzz_analyze(&prq_analyzer_rhcontent, paths[i], (prq_bytes){ data, size }, &two) == ok);
        FUZZ_CHECK(one.packages == 0 && one.notes == two.notes && one.gaps == two.gaps && one.sum == two.sum);
    }
    return 0;
}
