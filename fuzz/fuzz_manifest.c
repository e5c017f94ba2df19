/* SPDX-License-Identifier: Apache-2.0 */
/* Manifest, index, config and manifest.json over the same bytes: nothing is two things at once, and
 * no digest without the strict grammar gets out. */
#include "fuzz.h"

#include "image/manifest.h"
#include "lib/lib.h"

static void check_descriptor(const struct prq_descriptor *d)
{
    enum prq_digest_alg alg;
    prq_str hex;
    FUZZ_CHECK(prq_digest_parse(d->digest, &alg, &hex));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const prq_str types[] = { PRQ_SI(""), PRQ_SI("application/vnd.oci.image.index.v1+json"),
                                     PRQ_SI("application/vnd.oci.image.manifest.v1+json") };
    prq_str bytes = { (const char *)data, size };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_manifest m[3];
    struct prq_image_config c;
    struct prq_saved_image *saved;
    size_t count;
    bool ok[3];
    if (!a)
        return 0;
    for (size_t i = 0; i < 3; i++) {
        struct prq_err err = PRQ_ERR_INIT;
        ok[i] = prq_manifest_parse(bytes, types[i], a, &prq_limits_default, &m[i], &err);
        FUZZ_CHECK(ok[i] || err.code != PRQ_E_NONE);
        if (!ok[i])
            continue;
        FUZZ_CHECK(m[i].media_type.n > 0);
        for (size_t k = 0; k < m[i].count; k++)
            check_descriptor(&m[i].items[k]);
        if (!m[i].is_index)
            check_descriptor(&m[i].config);
        FUZZ_CHECK(m[i].is_index || m[i].count <= prq_limits_default.layers);
    }
    FUZZ_CHECK(!(ok[1] && ok[2]));
    FUZZ_CHECK(ok[0] || (!ok[1] && !ok[2]));
    FUZZ_CHECK(!ok[1] || m[1].is_index);
    FUZZ_CHECK(!ok[2] || !m[2].is_index);
    if (prq_image_config_parse(bytes, a, &prq_limits_default, &c, NULL))
        for (size_t i = 0; i < c.diff_id_count; i++)
            check_descriptor(&(struct prq_descriptor){ .digest = c.diff_ids[i] });
    if (prq_saved_images_parse(bytes, a, &prq_limits_default, &saved, &count, NULL))
        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(saved[i].config.n > 0);
    return 0;
}
