/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of a stage and its bases come in the order of the text, without any FROM. */
#include "format/dockerfile.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_dockerfile d;
    struct prq_dockerfile_stage s;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_dockerfile_parse((prq_str){ (const char *)data, size }, a, &d, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    for (size_t i = 0; i < d.n; i++) {
        FUZZ_CHECK(d.v[i].keyword.n > 0 && (i == 0 || d.v[i].line > d.v[i - 1].line));
        FUZZ_CHECK(d.v[i].rest.n <= size);
    }
    if (!prq_dockerfile_last_stage(&d, a, &s, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_NOMEM);
        return 0;
    }
    FUZZ_CHECK(s.n <= d.n && (s.n == 0 || s.v[s.n - 1] <= &d.v[d.n - 1]));
    for (size_t i = 0; i < s.n; i++)
        FUZZ_CHECK((i == 0 || s.v[i] > s.v[i - 1]) && !prq_str_eq(s.v[i]->keyword, PRQ_S("FROM")));
    return 0;
}
