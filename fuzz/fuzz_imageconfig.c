/* SPDX-License-Identifier: Apache-2.0 */
/* An image config: instructions go to layers in order, never more than there are. */
#include "fuzz.h"
#include "scan/imageconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LAYERS = 3 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_layer layers[LAYERS] = { 0 };
    struct prq_analysis an = { .layers = layers, .layer_count = LAYERS };
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_image_config_describe((prq_str){ (const char *)data, size }, &prq_limits_default, a,
                                   &an, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        FUZZ_CHECK(!err.has_offset || err.offset <= size);
        return 0;
    }
    FUZZ_CHECK(an.layer_count == LAYERS && an.history_count <= size);
    size_t next = 0;
    for (size_t i = 0; i < an.history_count; i++)
        if (!an.history[i].is_empty_layer && next < LAYERS)
            FUZZ_CHECK(prq_str_eq(layers[next++].instruction, an.history[i].created_by));
    for (; next < LAYERS; next++)
        FUZZ_CHECK(layers[next].instruction.n == 0);
    return 0;
}
