/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

/* The first byte chooses the family. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const families[] = {
        "pypi",   "npm",   "go",   "almalinux", "debian",    "alpine",
        "ubuntu", "rocky", "suse", "crates",    "packagist", "redhat",
    };
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_record r;
    if (size > 0) {
        const char *family = families[data[0] % PRQ_COUNT(families)];
        prq_str text = { (const char *)data + 1, size - 1 };
        if (prq_osv_parse(text, family, f.a, &r, &err))
            sink.record(sink.user, &r, NULL);
        else
            FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
        for (size_t i = 0; err.code == PRQ_E_NONE && i < r.affected_count; i++)
            FUZZ_CHECK(!strcmp(prq_db_family_of_space(r.affected[i].space), family));
    }
    prq_arena_free(f.a);
    return 0;
}
