/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out is an ELF file of the size that was announced. */
#include "format/elf.h"
#include "format/nrv.h"
#include "format/upx.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes out = { 0 };
    uint8_t plain[512];
    if (!prq_nrv_unpack((prq_bytes){ data, size }, plain, sizeof plain, &err))
        FUZZ_CHECK(err.code == PRQ_E_FORMAT && err.offset <= size);
    err = (struct prq_err)PRQ_ERR_INIT;
    if (!prq_upx_is((prq_bytes){ data, size }))
        return 0;
    if (prq_upx_unpack((prq_bytes){ data, size }, a, &out, &err)) {
        FUZZ_CHECK(out.n > 0 && out.n <= PRQ_MIB(1));
        FUZZ_CHECK(prq_elf_is(out) || out.n < 64);
    } else {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
    }
    return 0;
}
