/* SPDX-License-Identifier: Apache-2.0 */
/* Values lie in the file and do not add up to more than it; failures say where. */
#include "fuzz.h"

#include "format/ndb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_ndb db;
    struct prq_ndb_record rec;
    if (!prq_ndb_open(&db, (prq_bytes){ data, size }, &err)) {
        FUZZ_CHECK(err.has_offset && err.offset <= 12);
        return 0;
    }
    size_t steps = 0, bytes = 0;
    enum prq_next step;
    while ((step = prq_ndb_next(&db, &rec, &err)) != PRQ_NEXT_END) {
        FUZZ_CHECK(++steps <= size / 16 + 1);
        if (step == PRQ_NEXT_FAIL) {
            FUZZ_CHECK(err.code == PRQ_E_FORMAT && err.has_offset);
            continue;
        }
        FUZZ_CHECK(rec.value.p == data + rec.at && rec.at + rec.value.n <= size);
        bytes += rec.value.n + 28;
        FUZZ_CHECK(bytes <= size);
    }
    FUZZ_CHECK(prq_ndb_next(&db, &rec, NULL) == PRQ_NEXT_END);
    return 0;
}
