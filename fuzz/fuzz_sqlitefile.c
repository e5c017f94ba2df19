/* SPDX-License-Identifier: Apache-2.0 */
/* The first two bytes cut the rest into database and log. The walk ends within the cost of both;
 * values are readable and do not add up to more; a second walk gives the same. */
#include "fuzz.h"

#include "format/sqlitefile.h"

struct seen {
    size_t items, fails, bytes;
    uint64_t sum;
};

static void touch(struct seen *s, const struct prq_sqlite_row *row)
{
    FUZZ_CHECK(row->count <= PRQ_SQLITE_COLUMNS);
    s->sum = s->sum * 31 + (uint64_t)row->rowid;
    for (size_t i = 0; i < row->count; i++) {
        const struct prq_sqlite_value *v = &row->v[i];
        s->sum = s->sum * 31 + (uint64_t)v->type + (uint64_t)v->integer;
        for (size_t k = 0; k < v->bytes.n; k++)
            s->sum = s->sum * 31 + v->bytes.p[k];
        s->bytes += v->bytes.n;
    }
}

static struct seen walk(prq_bytes file, prq_bytes wal)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct seen s = { 0 };
    struct prq_sqlite db;
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_sqlite_open(&db, file, a, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.has_offset && err.offset <= 100);
        return s;
    }
    if (!prq_sqlite_wal(&db, wal, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.has_offset && err.offset <= wal.n);
    if (!prq_sqlite_table(&db, PRQ_S("Packages"), &rows, &err))
        return s;
    enum prq_next step;
    while ((step = prq_sqlite_next(&rows, &row, &err)) != PRQ_NEXT_END) {
        s.fails += step == PRQ_NEXT_FAIL;
        s.items += step == PRQ_NEXT_ITEM;
        if (step == PRQ_NEXT_ITEM)
            touch(&s, &row);
        FUZZ_CHECK(s.items + s.fails <= file.n + wal.n);
        FUZZ_CHECK(s.bytes <= file.n + wal.n);
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t cut = prq_min_size((size_t)data[0] << 8 | data[1], size - 2);
    prq_bytes file = { data + 2, cut }, wal = { data + 2 + cut, size - 2 - cut };
    struct seen a = walk(file, wal), b = walk(file, wal);
    FUZZ_CHECK(a.items == b.items && a.fails == b.fails && a.sum == b.sum);
    return 0;
}
