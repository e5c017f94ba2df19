/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes as every file that the analyzer reads; twice, for the same answer. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_extensions;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct prq_analyzer *const by = &prq_analyzer_extensions;
    static const char *const paths[] = {
        "wp-content/plugins/a/a.php",
        "wp-content/themes/a/style.css",
        "Extensions/aaaabbbbccccddddeeeeffffgggghhhh/1/manifest.json",
        "usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/a@b/manifest.json",
        "x.vsix",
    };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        struct fuzz_sink one, two;
        bool ok = fuzz_analyze(by, paths[i], (prq_bytes){ data, size }, &one);
        FUZZ_CHECK(fuzz_analyze(by, paths[i], (prq_bytes){ data, size }, &two) == ok);
        FUZZ_CHECK(one.packages == two.packages && one.gaps == two.gaps && one.sum == two.sum);
    }
    return 0;
}
