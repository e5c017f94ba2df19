/* SPDX-License-Identifier: Apache-2.0 */
/* Members come in the order of their headers, contents are as long as was said, and the pieces of
 * the input change nothing. */
#include "fuzz_drip.h"
#include "lib/lib.h"

enum { DATA_MAX = 4 << 20 };

/* True: read to the end. *seen gets a digest of all that was told. */
static bool walk(const uint8_t *data, size_t size, size_t step, uint64_t *seen)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_stream *below = fuzz_drip(data, size, step);
    struct prq_tar *t;
    if (!prq_tar_open(below, &t, &err)) {
        prq_stream_close(below);
        FUZZ_CHECK(err.code != PRQ_E_NONE);
        return false;
    }
    struct prq_tar_entry e;
    enum prq_next next;
    uint64_t total = 0, last_header = 0;
    bool is_first = true, is_good = true;
    while (is_good && (next = prq_tar_next(t, &e, &err)) == PRQ_NEXT_ITEM) {
        FUZZ_CHECK(e.header_offset < size && (is_first || e.header_offset > last_header));
        FUZZ_CHECK(e.path.p && strlen(e.path.p) == e.path.n);
        FUZZ_CHECK((e.mode & ~07777u) == 0);
        last_header = e.header_offset;
        is_first = false;
        *seen = *seen * 31 + prq_str_fnv(e.path) + prq_str_fnv(e.link) * 3 + e.size + e.uid +
                (uint64_t)e.type;
        prq_str name;
        prq_bytes value;
        while (prq_tar_xattr(t, &name, &value) == PRQ_NEXT_ITEM)
            *seen = *seen * 31 + prq_str_fnv(name) + prq_str_fnv(prq_str_of(value));
        const void *p;
        size_t n = 1;
        uint64_t length = 0;
        while (n && total < DATA_MAX && (is_good = prq_tar_data(t, &p, &n, &err))) {
            length += n;
            total += n;
        }
        FUZZ_CHECK(n || length == e.size);
        FUZZ_CHECK(length <= e.size);
    }
    if (is_good)
        FUZZ_CHECK(prq_tar_next(t, &e, NULL) == next);
    is_good = is_good && next == PRQ_NEXT_END;
    FUZZ_CHECK(is_good || err.code != PRQ_E_NONE);
    prq_tar_close(t);
    prq_stream_close(below);
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t a = 0, b = 0;
    bool is_good = walk(data, size, SIZE_MAX, &a);
    FUZZ_CHECK(is_good == walk(data, size, 100, &b));
    FUZZ_CHECK(!is_good || a == b);
    return 0;
}
