/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

#include "db/almaerrata.h"

/* Whatever the errata say, a record that they are joined with stays one that can be written, and loses
 * no package. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_alma_errata e;
    prq_str fix = PRQ_S("1.0.5-18.module_el8.5.0+2632+14ced695");
    struct prq_event events[] = { { PRQ_EVENT_INTRODUCED, PRQ_S("0") }, { PRQ_EVENT_FIXED, fix } };
    struct prq_range range = { events, 2 };
    struct prq_affected rows[] = {
        { .space = PRQ_S("AlmaLinux:8"), .name = PRQ_S("Judy"), .state = PRQ_FIX_FIXED,
          .ranges = &range, .range_count = 1, .fixed = { &fix, 1 } },
        { .space = PRQ_S("AlmaLinux:8"), .name = PRQ_S("other"), .state = PRQ_FIX_NOT_FIXED },
    };
    struct prq_record r = { .source = PRQ_S("osv"), .id = PRQ_S("ALSA-2019:3708"),
                            .affected = rows, .affected_count = 2 };
    prq_alma_errata_init(&e, f.a);
    if (!prq_alma_errata_parse((prq_str){ (const char *)data, size }, &e, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
    for (size_t i = 0; i < e.n; i++)
        FUZZ_CHECK(e.builds[i].next <= i);
    FUZZ_CHECK(prq_alma_errata_join(&e, &r, f.a));
    FUZZ_CHECK(r.affected_count >= 2);
    FUZZ_CHECK(sink.record(sink.user, &r, &err));
    prq_arena_free(f.a);
    return 0;
}
