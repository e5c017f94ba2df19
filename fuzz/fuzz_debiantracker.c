/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

/* The part up to a NUL is a list of advisories, what follows the tracker's data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_debian_lists lists;
    prq_str list = { 0 }, text = { (const char *)data, size };
    prq_str_cut(text, 0, &list, &text);
    prq_debian_lists_init(&lists, f.a);
    FUZZ_CHECK(prq_debian_list_parse(list, &lists, &sink, NULL));
    for (size_t i = 0; i < lists.n; i++)
        FUZZ_CHECK(lists.fixes[i].next <= i && prq_is_record_id(lists.fixes[i].advisory));
    if (!prq_debian_tracker_parse(text, &lists, f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
    prq_arena_free(f.a);
    return 0;
}
