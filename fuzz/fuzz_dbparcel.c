/* SPDX-License-Identifier: Apache-2.0 */
/* Configs and manifests of databases that somebody else wrote: what is taken is strict, and is read the
 * same when it is written again. */
#include "fuzz.h"

#include "db/dbparcel.h"
#include "lib/lib.h"

static bool is_digest(prq_str s)
{
    enum prq_digest_alg alg;
    prq_str hex;
    return prq_digest_parse(s, &alg, &hex) && alg == PRQ_SHA256;
}

static void config(prq_str text, struct prq_arena *a)
{
    struct prq_parcel p, again;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF once, twice;
    prq_buf_init(&once, PRQ_MIB(16));
    prq_buf_init(&twice, PRQ_MIB(16));
    if (!prq_parcel_parse(text, a, &p, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_FORMAT || err.code == PRQ_E_LIMIT ||
                   err.code == PRQ_E_UNSUPPORTED);
        return;
    }
    FUZZ_CHECK(p.count <= PRQ_PARCEL_FAMILIES && prq_parcel_is_time(p.built));
    for (size_t i = 0; i < p.count; i++) {
        const struct prq_parcel_family *f = &p.families[i];
        FUZZ_CHECK(f->delta_count <= PRQ_PARCEL_DELTAS && is_digest(f->blob.digest));
        FUZZ_CHECK(f->name.n > 0 && prq_str_find(f->name, '/') == f->name.n);
        FUZZ_CHECK(i == 0 || prq_str_cmp(f[-1].name, f->name) < 0);
        for (size_t k = 0; k < f->delta_count; k++)
            FUZZ_CHECK(is_digest(f->deltas[k].blob.digest) && is_digest(f->deltas[k].from));
    }
    FUZZ_CHECK(prq_parcel_write(&p, &once));
    FUZZ_CHECK(prq_parcel_parse(prq_buf_view(&once), a, &again, NULL));
    FUZZ_CHECK(prq_parcel_write(&again, &twice));
    FUZZ_CHECK(prq_str_eq(prq_buf_view(&once), prq_buf_view(&twice)));
}

static void manifest(prq_str text, struct prq_arena *a)
{
    struct prq_parcel none = { .count = 0 };
    struct prq_parcel_manifest m, again;
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(1));
    if (!prq_parcel_manifest_parse(text, a, &m, NULL))
        return;
    FUZZ_CHECK(is_digest(m.config.digest) && m.config.size <= PRQ_PARCEL_BYTES);
    FUZZ_CHECK(prq_parcel_manifest_write(&none, &m, &out));
    FUZZ_CHECK(prq_parcel_manifest_parse(prq_buf_view(&out), a, &again, NULL));
    FUZZ_CHECK(prq_str_eq(again.config.digest, m.config.digest) &&
               again.signature.n == m.signature.n &&
               (m.signature.n == 0 || memcmp(again.signature.p, m.signature.p, m.signature.n) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    prq_str text = { (const char *)data, size };
    config(text, a);
    manifest(text, a);
    return 0;
}
