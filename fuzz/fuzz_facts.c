/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker sends: records inside the input, iterators that end, and whole parts that stay. The
 * first byte says how much is facts; the rest is an index. */
#include "fuzz.h"
#include "store/facts.h"

static const uint8_t *from, *to;

static void inside(prq_str s)
{
    FUZZ_CHECK(s.n == 0 || ((const uint8_t *)s.p >= from && (const uint8_t *)s.p + s.n <= to));
}

static void check_facts(prq_bytes bytes)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_facts f;
    struct prq_err err = PRQ_ERR_INIT;
    size_t whole = prq_facts_whole(bytes);
    FUZZ_CHECK(whole <= bytes.n && prq_facts_whole((prq_bytes){ bytes.p, whole }) == whole);
    if (!prq_facts_parse(bytes, 7, a, &f, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= bytes.n));
        return;
    }
    FUZZ_CHECK(whole == bytes.n);
    for (size_t i = 0; i < f.package_count; i++) {
        const struct prq_package *p = &f.packages[i];
        FUZZ_CHECK(p->evidence_count == 1 && p->evidence[0].layer == 7);
        inside(p->name);
        inside(p->evidence[0].path);
        for (size_t k = 0; k < p->licenses.n; k++)
            inside(p->licenses.v[k]);
        for (size_t k = 0; k < p->depends.n; k++)
            inside(p->depends.v[k]);
    }
    for (size_t i = 0; i < f.gap_count; i++)
        inside(f.gaps[i].reason);
    for (size_t i = 0; i < f.note_count; i++)
        for (size_t k = 0; k < f.notes[i].n; k++)
            inside(f.notes[i].pairs[k].value);
    for (size_t i = 0; i < f.link_count; i++)
        inside(f.links[i].target);
    for (size_t i = 0; i < f.owned_count; i++) {
        struct prq_path_iter it;
        prq_str path;
        size_t n = 0;
        prq_owned_begin(&it, &f.owned[i]);
        while (prq_owned_next(&it, &path))
            FUZZ_CHECK(path.n < sizeof it.path && ++n <= bytes.n);
        FUZZ_CHECK(!prq_owned_next(&it, &path));
    }
}

static void check_index(prq_bytes index)
{
    struct prq_path_iter it;
    struct prq_file f;
    size_t n = 0;
    prq_index_begin(&it, index);
    while (prq_index_next(&it, &f)) {
        FUZZ_CHECK(f.path.n < sizeof it.path && ++n <= index.n);
        inside(f.link);
    }
    FUZZ_CHECK(!prq_index_next(&it, &f));
    size_t whole = prq_index_whole(index);
    FUZZ_CHECK(it.bad ? whole <= index.n : whole == index.n);
    FUZZ_CHECK(prq_index_whole((prq_bytes){ index.p, whole }) == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    from = data;
    to = data + size;
    size_t cut = 1 + (size - 1) * data[0] / 255;
    check_facts((prq_bytes){ data + 1, cut - 1 });
    check_index((prq_bytes){ data + cut, size - cut });
    return 0;
}
