/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is the path, what follows the content; twice, for the same answer. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_classify;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    prq_str all = { (const char *)data, size };
    size_t end = prq_str_find(all, '\n');
    if (end == 0 || end >= sizeof path)
        return 0;
    memcpy(path, data, end);
    path[end] = '\0';
    prq_bytes content = prq_bytes_of(prq_str_from_at(all, end + 1));
    struct fuzz_sink one, two;
    bool ok = fuzz_analyze(&prq_analyzer_classify, path, content, &one);
    FUZZ_CHECK(fuzz_analyze(&prq_analyzer_classify, path, content, &two) == ok);
    FUZZ_CHECK(one.packages == two.packages && one.gaps == two.gaps && one.sum == two.sum);
    FUZZ_CHECK(one.packages <= 4 && one.owned == 0 && one.notes == 0);
    return 0;
}
