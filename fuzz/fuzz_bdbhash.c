/* SPDX-License-Identifier: Apache-2.0 */
/* The walk ends within the file's cost: no more steps than bytes, no more value bytes than the file
 * has, all of them readable; and every failure says where. */
#include "fuzz.h"

#include "format/bdbhash.h"

/* Read every byte, where a sanitizer sees it. */
static void touch(prq_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        (void)*(const volatile uint8_t *)(b.p + i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_bdb db;
    struct prq_bdb_record rec;
    bool is = prq_bdb_is((prq_bytes){ data, size });
    if (!prq_bdb_open(&db, (prq_bytes){ data, size }, a, &err)) {
        FUZZ_CHECK(err.has_offset && err.offset <= 72);
        return 0;
    }
    FUZZ_CHECK(is);
    size_t steps = 0, bytes = 0;
    enum prq_next step;
    while ((step = prq_bdb_next(&db, &rec, &err)) != PRQ_NEXT_END) {
        FUZZ_CHECK(++steps <= size + 1);
        if (step == PRQ_NEXT_FAIL) {
            FUZZ_CHECK(err.code != PRQ_E_NONE && err.has_offset && err.offset <= size);
            continue;
        }
        FUZZ_CHECK(rec.at < size);
        bytes += rec.key.n + rec.value.n;
        FUZZ_CHECK(bytes <= size);
        touch(rec.key);
        touch(rec.value);
    }
    FUZZ_CHECK(prq_bdb_next(&db, &rec, NULL) == PRQ_NEXT_END);
    return 0;
}
