/* SPDX-License-Identifier: Apache-2.0 */
/* The container is found by its magic; any bytes are read as a manifest too. A database with a log
 * is the business of fuzz_sqlitefile. */
#include "analyze.h"

extern const struct prq_analyzer prq_analyzer_rpm;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_bytes bytes = { data, size };
    struct fuzz_sink f;
    bool ok = fuzz_analyze(&prq_analyzer_rpm, "var/lib/rpm/Packages", bytes, &f);
    FUZZ_CHECK(ok || f.packages <= size);
    fuzz_analyze(&prq_analyzer_rpm, "var/lib/rpmmanifest/container-manifest-2", bytes, &f);
    FUZZ_CHECK(f.gaps <= 1); /* bad lines are told together */
    fuzz_analyze(&prq_analyzer_rpm, "x.rpm", bytes, &f);
    FUZZ_CHECK(f.packages <= 1 && f.owned == 0);
    return 0;
}
