/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    prq_str text = { (const char *)data, size };
    if (!prq_eol_parse(text, f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
    prq_arena_free(f.a);
    return 0;
}
