/* SPDX-License-Identifier: Apache-2.0 */
/* Auth files and token answers. The first line is the host, the rest the file. */
#include "fuzz.h"

#include "image/auth.h"
#include "image/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str bytes = { (const char *)data, size }, host, json, token, helper;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_credentials c;
    uint64_t life;
    bool found;
    if (!a || !prq_str_cut(bytes, '\n', &host, &json))
        return 0;
    for (int bare = 0; bare < 2; bare++)
        if (prq_auth_file_parse(json, bare, host, PRQ_S("team/app"), a, &prq_limits_default, &found,
                                &c, &helper, NULL))
            FUZZ_CHECK(found || (prq_credentials_are_empty(&c) && helper.n == 0));
    if (prq_token_parse(json, a, &prq_limits_default, &token, &life, NULL)) {
        FUZZ_CHECK(token.n > 0 && token.n <= 65536 && life >= 60);
        for (size_t i = 0; i < token.n; i++)
            FUZZ_CHECK(token.p[i] > ' ' && token.p[i] <= '~');
    }
    PRQ_BUF raw, text;
    prq_buf_init(&raw, size + 4);
    prq_buf_init(&text, 2 * size + 8);
    FUZZ_CHECK(prq_base64_encode((prq_bytes){ data, size }, &text));
    FUZZ_CHECK(prq_base64_decode(prq_buf_view(&text), &raw));
    FUZZ_CHECK(prq_str_eq(prq_buf_view(&raw), bytes));
    return 0;
}
