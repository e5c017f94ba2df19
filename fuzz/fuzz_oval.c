/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

/* Each vendor's way of writing reads every document: what fails for one, fails for all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        enum prq_oval_vendor vendor;
        const char *family, *space;
    } vendors[] = {
        { PRQ_OVAL_ORACLE, "oracle", "" },
        { PRQ_OVAL_SUSE, "suse", "" },
        { PRQ_OVAL_AZURE, "azurelinux", "Azure Linux:3.0" },
        { PRQ_OVAL_PHOTON, "photon", "" },
    };
    prq_bytes file = { data, size };
    unsigned failed = 0;
    for (size_t i = 0; i < PRQ_COUNT(vendors); i++) {
        struct fuzz_feed f;
        struct prq_feed_sink sink = fuzz_feed_open(&f);
        struct prq_err err = PRQ_ERR_INIT;
        bool ok = prq_oval_parse(file, vendors[i].vendor, vendors[i].family,
                                 prq_str_from(vendors[i].space), f.a, &sink, &err);
        FUZZ_CHECK(ok || err.code != PRQ_E_NONE);
        failed += !ok;
        prq_arena_free(f.a);
    }
    FUZZ_CHECK(failed == 0 || failed == PRQ_COUNT(vendors));
    return 0;
}
