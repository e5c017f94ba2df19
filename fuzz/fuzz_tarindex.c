/* SPDX-License-Identifier: Apache-2.0 */
/* An index of a tar: every member lies inside the archive, every path inside the root, and what was
 * indexed is found. */
#include "fuzz.h"

#include "image/tarindex.h"

static bool read_at(void *user, uint64_t at, void *buf, size_t n, size_t *got, struct prq_err *err)
{
    const prq_bytes *b = user;
    (void)err;
    *got = at >= b->n ? 0 : prq_min_size(n, b->n - (size_t)at);
    if (*got)
        memcpy(buf, b->p + at, *got);
    return true;
}

static void check_path(prq_str path)
{
    prq_str rest = path, piece;
    while (path.n && prq_str_split(&rest, '/', &piece))
        FUZZ_CHECK(piece.n && !prq_str_eq(piece, PRQ_S(".")) && !prq_str_eq(piece, PRQ_S("..")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_bytes bytes = { data, size };
    struct prq_tar_bytes in = { read_at, &bytes, size };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(32));
    struct prq_tarindex ix;
    struct prq_err err = PRQ_ERR_INIT;
    if (!a)
        return 0;
    if (!prq_tarindex_read(&in, &prq_limits_default, a, &ix, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE);
        FUZZ_CHECK(!err.has_offset || err.offset <= size);
        return 0;
    }
    FUZZ_CHECK(ix.count > 0 && ix.count <= size / 512);
    for (size_t i = 0; i < ix.count; i++) {
        const struct prq_tar_member *m = &ix.members[i];
        FUZZ_CHECK(m->offset <= size && m->size <= size - m->offset);
        check_path(m->path);
        const struct prq_tar_member *found = prq_tarindex_find(&ix, m->path);
        FUZZ_CHECK(!found || found->type == 'f');
        const size_t *last = prq_map_find(&ix.by_path, m->path);
        FUZZ_CHECK(last && *last >= i && *last < ix.count);
        FUZZ_CHECK(ix.members[*last].type != 'f' || found == &ix.members[*last]);
    }
    return 0;
}
