/* SPDX-License-Identifier: Apache-2.0 */
/* A line of pattern, then the subject: matches lie in the subject and begin where the last ended. */
#include "fuzz.h"
#include "lib/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str all = { (const char *)data, size };
    size_t end = prq_str_find(all, '\n');
    prq_str pattern = prq_str_head(all, end);
    prq_bytes subject = prq_bytes_of(prq_str_from_at(all, end + 1));
    struct prq_limits limits = prq_limits_default;
    limits.regex_steps = 2000;
    limits.regex_bytes = PRQ_KIB(256);
    PRQ_REGEX r = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    uint32_t flags = pattern.n % 8;
    if (pattern.n > 256)
        return 0;
    if (!prq_regex_new(pattern, flags, &limits, &r, &err)) {
        FUZZ_CHECK(!r && err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    size_t at = 0;
    for (unsigned n = 0; n < 100; n++) {
        enum prq_next step = prq_regex_find(r, subject, at, subject.n, &err);
        FUZZ_CHECK((step == PRQ_NEXT_FAIL) == (err.code != PRQ_E_NONE));
        if (step != PRQ_NEXT_ITEM)
            break;
        for (uint32_t i = 0; i <= prq_regex_group_count(r); i++) {
            prq_str g = prq_regex_group(r, i);
            FUZZ_CHECK(!g.p || (g.p >= (const char *)subject.p &&
                                g.n <= subject.n - (size_t)(g.p - (const char *)subject.p)) ||
                       (subject.n == 0 && g.n == 0));
        }
        at++;
    }
    return 0;
}
