/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

/* The part up to a NUL is a map of repositories, what follows a document. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    prq_str map = { 0 }, text = { (const char *)data, size };
    if (prq_str_cut(text, 0, &map, &text) &&
        !prq_red_hat_repositories_parse(map, f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= map.n));
    err = (struct prq_err)PRQ_ERR_INIT;
    if (!prq_csaf_vex_parse(text, f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
    err = (struct prq_err)PRQ_ERR_INIT;
    if (!prq_csaf_advisory_parse(text, f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
    prq_arena_free(f.a);
    return 0;
}
