/* SPDX-License-Identifier: Apache-2.0 */
/* registries.conf: whatever it says, what comes out are places that an image name could name. */
#include "fuzz.h"

#include "image/mirrors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_image_ref ref = { .host = PRQ_SI("r.example"), .repository = PRQ_SI("a/b"),
                                 .tag = PRQ_SI("latest") };
    struct prq_mirrors m = { 0 };
    prq_str text = { (const char *)data, size };
    if (!a || !prq_registries_conf_apply(text, &ref, a, &prq_limits_default, &m, NULL))
        return 0;
    FUZZ_CHECK((m.fit > 0) == (m.count > 0));
    for (size_t i = 0; i < m.count; i++) {
        FUZZ_CHECK(prq_is_host(m.endpoints[i].host));
        FUZZ_CHECK(prq_is_repository(m.endpoints[i].repository));
    }
    return 0;
}
