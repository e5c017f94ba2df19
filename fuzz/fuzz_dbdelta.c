/* SPDX-License-Identifier: Apache-2.0 */
/* Deltas that somebody else wrote: what is read is in the input and in order, and is read the same when
 * it is written again. */
#include "fuzz.h"

#include "db/dbdelta.h"

static bool is_inside(prq_str s, prq_bytes in)
{
    return s.n == 0 || ((const uint8_t *)s.p >= in.p && (const uint8_t *)s.p + s.n <= in.p + in.n);
}

static void check_order(const struct prq_delta *d, prq_bytes in)
{
    for (size_t i = 0; i < d->record_count; i++) {
        const struct prq_delta_record *r = &d->records[i];
        FUZZ_CHECK(is_inside(r->source, in) && is_inside(r->id, in) && is_inside(r->doc, in));
        int order = i ? prq_str_cmp(r[-1].source, r->source) : -1;
        FUZZ_CHECK(order < 0 || (order == 0 && prq_str_cmp(r[-1].id, r->id) < 0));
    }
    for (size_t i = 0; i < d->day_count; i++)
        for (size_t k = 0; k < PRQ_DAY_PARTS; k++)
            FUZZ_CHECK(is_inside(d->days[i].part[k], in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_bytes in = { data, size };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_BUF once, twice;
    struct prq_delta d, again;
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&once, PRQ_MIB(16));
    prq_buf_init(&twice, PRQ_MIB(16));
    if (!prq_delta_parse(in, a, &d, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_FORMAT || err.code == PRQ_E_LIMIT ||
                   err.code == PRQ_E_UNSUPPORTED);
        return 0;
    }
    FUZZ_CHECK(prq_arena_used(a) <= size * 64 + 4096);
    check_order(&d, in);
    FUZZ_CHECK(prq_delta_write(&d, &once) && once.n <= size);
    FUZZ_CHECK(prq_delta_parse(prq_buf_bytes(&once), a, &again, NULL));
    FUZZ_CHECK(prq_delta_write(&again, &twice));
    FUZZ_CHECK(prq_str_eq(prq_buf_view(&once), prq_buf_view(&twice)));
    return 0;
}
