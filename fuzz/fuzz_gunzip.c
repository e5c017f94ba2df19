/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the pieces of input and output, the answer is the same. */
#include "fuzz_drip.h"
#include "lib/lib.h"

enum { OUT_MAX = 1 << 20 };

static bool run(const uint8_t *data, size_t size, size_t step, size_t cap, struct prq_buf *out,
                uint64_t *trailing)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_stream *s;
    prq_buf_init(out, OUT_MAX);
    bool is_good = prq_gunzip_open(fuzz_drip(data, size, step), &s, trailing, &err) &&
                   fuzz_drain(s, cap, out, &err);
    FUZZ_CHECK(is_good || (err.code == PRQ_E_FORMAT && err.offset <= size));
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_BUF whole, pieces, all;
    uint64_t t1 = 0, t2 = 0;
    bool is_good = run(data, size, SIZE_MAX, 65536, &whole, &t1);
    if (whole.n == OUT_MAX) /* cut by us: what follows was not looked at */
        return 0;
    FUZZ_CHECK(is_good == run(data, size, 1, 7, &pieces, &t2));
    FUZZ_CHECK(!is_good || prq_str_eq(prq_buf_view(&whole), prq_buf_view(&pieces)));
    FUZZ_CHECK(!is_good || (t1 == t2 && t1 < size));
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(&all, OUT_MAX);
    FUZZ_CHECK(is_good == prq_gunzip_all((prq_bytes){ data, size }, &all, &err));
    FUZZ_CHECK(!is_good || prq_str_eq(prq_buf_view(&whole), prq_buf_view(&all)));
    return 0;
}
