/* SPDX-License-Identifier: Apache-2.0 */
/* Names lie inside the input, contents are as long as was said and the same the second time. */
#include "fuzz.h"
#include "lib/lib.h"

enum { OUT_MAX = 4 << 20 };

static bool add_piece(void *user, prq_bytes piece, struct prq_err *err)
{
    return prq_buf_add(user, piece.p, piece.n) || prq_fail(err, PRQ_E_LIMIT, "full");
}

/* In pieces it is the same, and fails when that does. */
static void check_pieces(struct prq_zip *z, bool is_good, prq_bytes whole, uint64_t max)
{
    PRQ_BUF out;
    prq_buf_init(&out, OUT_MAX);
    struct prq_err err = PRQ_ERR_INIT;
    FUZZ_CHECK(prq_zip_read_pieces(z, max, add_piece, &out, &err) == is_good);
    FUZZ_CHECK(!is_good || (out.n == whole.n && (!out.n || !memcmp(out.p, whole.p, out.n))));
}

static uint64_t walk(struct prq_zip *z, const uint8_t *data, size_t size)
{
    PRQ_BUF out;
    prq_buf_init(&out, OUT_MAX);
    struct prq_zip_entry e;
    uint64_t seen = 0;
    while (prq_zip_next(z, &e, NULL) == PRQ_NEXT_ITEM) {
        const uint8_t *p = (const uint8_t *)e.path.p;
        FUZZ_CHECK(e.path.n == 0 || (p >= data && e.path.n <= size - (size_t)(p - data)));
        size_t before = out.n;
        struct prq_err err = PRQ_ERR_INIT;
        bool is_good = prq_zip_read(z, &out, &err);
        FUZZ_CHECK(out.n - before == (is_good ? e.size : 0));
        FUZZ_CHECK(is_good == (err.code == PRQ_E_NONE));
        check_pieces(z, is_good, (prq_bytes){ out.p + before, out.n - before }, OUT_MAX - before);
        seen = seen * 31 + prq_str_fnv(e.path) + is_good;
        if (out.bad)
            break;
    }
    return seen + prq_str_fnv(prq_buf_view(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prq_zip *z;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_zip_open((prq_bytes){ data, size }, &z, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.offset <= size);
        return 0;
    }
    uint64_t first = walk(z, data, size);
    prq_zip_rewind(z);
    FUZZ_CHECK(walk(z, data, size) == first);
    prq_zip_close(z);
    return 0;
}
