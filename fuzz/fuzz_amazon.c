/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

#include "db/xmlslice.h"
#include "io/source.h"

/* Slices are never larger than what is around them together with the input, and those of one
 * document never overlap. */
static void check_slices(prq_bytes file, unsigned depth)
{
    PRQ_XMLSLICE s = NULL;
    struct prq_xmlslice_piece piece;
    struct prq_err err = PRQ_ERR_INIT;
    enum prq_next step;
    uint64_t at = 0;
    FUZZ_CHECK(prq_xmlslice_open(prq_mem_stream(file), depth, &s, &err));
    while ((step = prq_xmlslice_next(s, &piece, &err)) == PRQ_NEXT_ITEM) {
        FUZZ_CHECK(piece.at >= at && piece.at < file.n);
        FUZZ_CHECK(piece.bytes.n <= 3 * file.n + 16);
        at = piece.at + 1;
    }
    FUZZ_CHECK(step == PRQ_NEXT_END || (err.code != PRQ_E_NONE && err.offset <= file.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes file = { data, size };
    check_slices(file, 1);
    check_slices(file, 2);
    if (!prq_amazon_parse(file, PRQ_S("Amazon Linux:2"), f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE);
    prq_arena_free(f.a);
    return 0;
}
