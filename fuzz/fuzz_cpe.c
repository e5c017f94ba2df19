/* SPDX-License-Identifier: Apache-2.0 */
/* CPE names: what was read is printed canonical, and reads as the same, in both bindings. */
#include "fuzz.h"

#include "model/cpe.h"

static void same(const struct prq_cpe *x, const struct prq_cpe *y)
{
    for (size_t i = 0; i < PRQ_CPE_FIELDS; i++)
        FUZZ_CHECK(prq_str_eq(x->v[i], y->v[i]));
}

static void guesses(prq_str text, struct prq_arena *a)
{
    static const char *const types[] = { "binary", "cargo", "deb", "golang", "maven", "npm", "pypi" };
    prq_str name = text, version = text;
    (void)prq_str_cut(text, '\n', &name, &version);
    for (size_t i = 0; i < PRQ_COUNT(types); i++) {
        struct prq_package p = { .type = prq_str_from(types[i]), .name = name, .version = version };
        struct prq_strs out;
        if (!prq_cpe_candidates(&p, a, &out))
            return;
        FUZZ_CHECK(out.n <= 64);
        for (size_t k = 0; k < out.n; k++) {
            struct prq_cpe c;
            FUZZ_CHECK(prq_cpe_parse(out.v[k], a, &c, NULL));
            FUZZ_CHECK(prq_str_eq(prq_cpe_print(&c, a), out.v[k]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    prq_str text = { (const char *)data, size };
    struct prq_cpe c, again;
    struct prq_err err = PRQ_ERR_INIT;
    if (size < 4096)
        guesses(text, a);
    if (!prq_cpe_parse(text, a, &c, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT || (err.code == PRQ_E_FORMAT && err.offset <= size));
        return 0;
    }
    prq_str printed = prq_cpe_print(&c, a), uri = prq_cpe_print_uri(&c, a);
    FUZZ_CHECK(printed.p && uri.p);
    FUZZ_CHECK(prq_cpe_parse(printed, a, &again, &err));
    same(&c, &again);
    FUZZ_CHECK(prq_cpe_parse(uri, a, &again, &err));
    same(&c, &again);
    return 0;
}
