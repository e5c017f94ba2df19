/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the pieces of input and output, the bytes are the same. (libzstd notices a wrong content
 * size before an empty last block only when it has the whole frame, so success may differ.) */
#include "fuzz_drip.h"
#include "lib/lib.h"

enum { OUT_MAX = 1 << 20 };

static bool run(const uint8_t *data, size_t size, size_t step, size_t cap, struct prq_buf *out)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_limits limits = prq_limits_default;
    limits.window_bytes = 1 << 20; /* so that fuzzing is quick */
    struct prq_stream *s;
    prq_buf_init(out, OUT_MAX);
    bool is_good = prq_zstd_open(fuzz_drip(data, size, step), &limits, &s, &err) &&
                   fuzz_drain(s, cap, out, &err);
    FUZZ_CHECK(is_good || err.code != PRQ_E_NONE);
    FUZZ_CHECK(is_good || err.offset <= size);
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_BUF whole, pieces, all;
    bool is_good = run(data, size, SIZE_MAX, 65536, &whole);
    if (whole.n == OUT_MAX)
        return 0;
    bool is_pieces_good = run(data, size, 3, 100, &pieces);
    FUZZ_CHECK(!is_good || is_pieces_good);
    FUZZ_CHECK(!is_good || prq_str_eq(prq_buf_view(&whole), prq_buf_view(&pieces)));
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&all, OUT_MAX);
    bool is_all_good = prq_zstd_unpack((prq_bytes){ data, size }, &all, &err);
    FUZZ_CHECK(!is_good || is_all_good); /* the window limit is the stream's only */
    FUZZ_CHECK(!is_good || prq_str_eq(prq_buf_view(&whole), prq_buf_view(&all)));
    return 0;
}
