/* SPDX-License-Identifier: Apache-2.0 */
/* What is read is inside the input and in order; printed again and read again it is the same. */
#include "fuzz.h"

#include "base/buf.h"
#include "format/stanza.h"

static void print(prq_str in, struct prq_buf *out, uint64_t *bad_lines)
{
    struct prq_stanzas r;
    struct prq_stanza_field f;
    size_t last = 0;
    prq_stanzas_init(&r, in);
    while (prq_stanza_next(&r)) {
        size_t fields = 0;
        while (prq_stanza_field(&r, &f)) {
            size_t end = (size_t)(f.value.p + f.value.n - in.p);
            FUZZ_CHECK(f.name.n && f.at == (size_t)(f.name.p - in.p));
            FUZZ_CHECK(f.at >= last && end <= in.n && f.value.p > f.name.p);
            last = end;
            prq_buf_str(out, f.name);
            prq_buf_add(out, ": ", 2);
            prq_buf_str(out, f.value);
            prq_buf_byte(out, '\n');
            fields++;
        }
        if (fields)
            prq_buf_byte(out, '\n');
    }
    FUZZ_CHECK(r.rest.n == 0 || prq_str_trim(r.rest).n == 0);
    FUZZ_CHECK(r.bad_lines == 0 || r.bad_at < in.n);
    *bad_lines = r.bad_lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_BUF once, twice;
    uint64_t bad;
    prq_buf_init(&once, size * 4 + 64);
    prq_buf_init(&twice, size * 4 + 64);
    print((prq_str){ (const char *)data, size }, &once, &bad);
    FUZZ_CHECK(!once.bad);
    print(prq_buf_view(&once), &twice, &bad);
    FUZZ_CHECK(!twice.bad && bad == 0);
    FUZZ_CHECK(prq_str_eq(prq_buf_view(&once), prq_buf_view(&twice)));
    return 0;
}
