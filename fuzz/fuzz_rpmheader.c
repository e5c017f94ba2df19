/* SPDX-License-Identifier: Apache-2.0 */
/* What the index hands out lies in the blob; strings end there; look-ups agree with each other. */
#include "fuzz.h"

#include "format/rpmheader.h"

static void check_inside(prq_bytes blob, const void *p, size_t n)
{
    const uint8_t *at = p;
    FUZZ_CHECK(at >= blob.p && at <= blob.p + blob.n && n <= (size_t)(blob.p + blob.n - at));
}

static void check_strings(prq_bytes blob, const struct prq_rpm_header *h, uint32_t tag)
{
    struct prq_rpm_strings list = prq_rpm_header_strings(h, tag);
    prq_str first = prq_rpm_header_string(h, tag), s;
    size_t announced = list.left, n = 0;
    while (n < 64 && prq_rpm_strings_next(&list, &s)) {
        check_inside(blob, s.p, s.n + 1);
        FUZZ_CHECK(s.p[s.n] == '\0' && !memchr(s.p, 0, s.n));
        FUZZ_CHECK(n > 0 || (first.p == s.p && first.n == s.n));
        n++;
        FUZZ_CHECK(list.left + n == announced);
    }
    FUZZ_CHECK(!announced || n); /* the first one is always there */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_bytes blob = { data, size };
    struct prq_rpm_header h;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_rpm_header_parse(blob, &h, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_FORMAT && err.has_offset && err.offset <= size);
        return 0;
    }
    FUZZ_CHECK(h.count >= 1 && h.index.n + h.data.n + 8 == size);
    for (size_t i = 0; i < h.count && i < 256; i++) {
        const uint8_t *e = h.index.p + 16 * i;
        uint32_t tag = (uint32_t)e[0] << 24 | (uint32_t)e[1] << 16 | (uint32_t)e[2] << 8 | e[3];
        FUZZ_CHECK(prq_rpm_header_has(&h, tag));
        check_strings(blob, &h, tag);
        struct prq_rpm_ints v = prq_rpm_header_ints(&h, tag);
        if (v.count) {
            check_inside(blob, v.p, v.count * v.size);
            FUZZ_CHECK(v.size == 8 || prq_rpm_int(&v, v.count - 1) >> (8 * v.size) == 0);
        }
    }
    return 0;
}
