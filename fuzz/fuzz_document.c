/* SPDX-License-Identifier: Apache-2.0 */
/* An analysis that was read is written the same, again and again, in both forms. */
#include <string.h>

#include "fuzz.h"
#include "store/document.h"

static bool write_json(const struct prq_analysis *an, bool as_json, struct prq_buf *out)
{
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(out, PRQ_MIB(64));
    return prq_document_write(an, as_json, out, &err);
}

/* Reads and writes once more; the same bytes must come. */
static void again(const struct prq_buf *form, const struct prq_buf *first)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF second;
    bool ok = prq_document_read(prq_buf_bytes(form), &prq_limits_default, a, &an, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    FUZZ_CHECK(ok);
    FUZZ_CHECK(write_json(&an, true, &second));
    FUZZ_CHECK(second.n == first->n && memcmp(second.p, first->p, second.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_document_parse((prq_bytes){ data, size }, &prq_limits_default, a, &an, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    for (size_t i = 0; i < an.package_count; i++)
        FUZZ_CHECK(an.packages[i].owner <= an.package_count);
    PRQ_BUF first, framed;
    prq_buf_init(&framed, 0);
    if (!write_json(&an, true, &first))
        return 0;
    again(&first, &first);
    FUZZ_CHECK(write_json(&an, false, &framed));
    again(&framed, &first);
    return 0;
}
