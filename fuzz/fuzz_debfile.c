/* SPDX-License-Identifier: Apache-2.0 */
/* A control file comes out whole or not at all, and twice the same. */
#include <string.h>

#include "format/debfile.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_BUF one, two;
    struct prq_err err = PRQ_ERR_INIT, again = PRQ_ERR_INIT;
    prq_buf_init(&one, PRQ_KIB(64));
    prq_buf_init(&two, PRQ_KIB(64));
    bool ok = prq_debfile_control((prq_bytes){ data, size }, &prq_limits_default, &one, &err);
    FUZZ_CHECK(prq_debfile_control((prq_bytes){ data, size }, &prq_limits_default, &two, &again) == ok);
    FUZZ_CHECK(ok ? err.code == PRQ_E_NONE : err.code != PRQ_E_NONE && err.text[0]);
    FUZZ_CHECK(!ok || (!one.bad && one.n == two.n && (!one.n || !memcmp(one.p, two.p, one.n))));
    return 0;
}
