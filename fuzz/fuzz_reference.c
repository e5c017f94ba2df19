/* SPDX-License-Identifier: Apache-2.0 */
/* Image names: what was accepted, written out again, is accepted and means the same. */
#include "fuzz.h"

#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str text = { (const char *)data, size };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_image_ref ref, again;
    struct prq_platform p;
    if (prq_platform_parse(text, &p, NULL)) {
        FUZZ_CHECK(p.os.n && p.architecture.n);
        FUZZ_CHECK(prq_platform_score(&p, p.os, p.architecture, p.variant) > 0);
    }
    if (!a || !prq_image_ref_parse(text, a, &ref, NULL))
        return 0;
    FUZZ_CHECK(prq_is_host(ref.host));
    FUZZ_CHECK(prq_is_repository(ref.repository));
    FUZZ_CHECK(ref.tag.n == 0 || prq_is_tag(ref.tag));
    FUZZ_CHECK(ref.tag.n || ref.digest.n);
    FUZZ_CHECK(prq_host_name(ref.host).n > 0);
    prq_str out = prq_arena_printf(a, "%.*s/%.*s%s%.*s%s%.*s", PRQ_FMT(ref.host),
                                   PRQ_FMT(ref.repository), ref.tag.n ? ":" : "", PRQ_FMT(ref.tag),
                                   ref.digest.n ? "@" : "", PRQ_FMT(ref.digest));
    /* "docker.io/library/" may make a name too long. */
    if (!prq_image_ref_parse(out, a, &again, NULL)) {
        FUZZ_CHECK(ref.host.n + 1 + ref.repository.n > 255);
        return 0;
    }
    FUZZ_CHECK(prq_str_eq(ref.host, again.host));
    FUZZ_CHECK(prq_str_eq(ref.repository, again.repository));
    FUZZ_CHECK(prq_str_eq(ref.tag, again.tag));
    FUZZ_CHECK(prq_str_eq(ref.digest, again.digest));
    return 0;
}
