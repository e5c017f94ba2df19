/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and documents of a database that somebody else wrote: the first byte chooses. */
#include "dbfeed.h"

static void one_row(prq_bytes blob, struct prq_arena *a)
{
    struct prq_db_row row;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_row_parse(blob, a, &row, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_FORMAT || err.code == PRQ_E_LIMIT);
        return;
    }
    /* Every string lies in the row. */
    const struct prq_affected *p = &row.affected;
    const prq_str texts[] = { p->spelling, p->module, p->goos, p->note };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        FUZZ_CHECK(!texts[i].n || ((const uint8_t *)texts[i].p >= blob.p &&
                                   (const uint8_t *)texts[i].p + texts[i].n <= blob.p + blob.n));
    FUZZ_CHECK(prq_arena_used(a) <= blob.n * 64 + 4096);
    struct prq_record r = { .aliases = row.aliases,
                            .cves = row.cves,
                            .is_withdrawn = row.is_withdrawn,
                            .is_disputed = row.is_disputed,
                            .is_malicious = row.is_malicious };
    fuzz_row(&r, p, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_record r;
    struct prq_cve_info info = { 0 };
    if (size > 0) {
        prq_str text = { (const char *)data + 1, size - 1 };
        if (data[0] % 2 == 0)
            one_row(prq_bytes_of(text), f.a);
        else if (prq_record_parse(text, f.a, &r, NULL) && prq_is_record_id(r.id) && r.source.n) {
            PRQ_BUF out;
            prq_buf_init(&out, PRQ_MIB(4));
            FUZZ_CHECK(prq_record_write(&r, f.a, &out, NULL));
        }
        if (prq_cve_parse(text, f.a, &info, NULL))
            FUZZ_CHECK(!(info.is_kev && info.has_epss));
    }
    (void)sink;
    prq_arena_free(f.a);
    return 0;
}
