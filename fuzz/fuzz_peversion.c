/* SPDX-License-Identifier: Apache-2.0 */
/* Text of a version resource is UTF-8, and no more of it than the file can hold; the same twice. */
#include "format/peversion.h"

#include "fuzz.h"

static void check(prq_str s, size_t size)
{
    FUZZ_CHECK(s.n <= size / 2 * 3);
    for (size_t i = 0, n; i < s.n; i += n) {
        n = prq_utf8_len(prq_str_from_at(s, i));
        FUZZ_CHECK(n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    prq_bytes file = { data, size };
    struct prq_exe exe;
    struct prq_peversion v, again;
    struct prq_err err = PRQ_ERR_INIT;
    if (!a || !prq_exe_open(file, a, &exe, NULL))
        return 0;
    bool ok = prq_peversion_read(file, &exe, a, &v, &err);
    FUZZ_CHECK(ok || (err.code == PRQ_E_FORMAT && err.text[0]));
    FUZZ_CHECK(v.is_managed == prq_peversion_is_managed(&exe));
    const prq_str texts[] = { v.product_name, v.product_version, v.file_version, v.file_description,
                              v.internal_name, v.original_filename, v.company_name };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        check(texts[i], size);
    FUZZ_CHECK(prq_peversion_read(file, &exe, a, &again, NULL) == ok);
    FUZZ_CHECK(prq_str_eq(v.product_version, again.product_version));
    return 0;
}
