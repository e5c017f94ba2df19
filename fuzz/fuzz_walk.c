/* SPDX-License-Identifier: Apache-2.0 */
/* A tar through the walk with the real analyzers: facts and index that can be read back, paths that
 * stay inside the image, and the same from pieces of any size. */
#include <string.h>

#include "fuzz_drip.h"
#include "scan/walk.h"

static struct prq_limits limits;

struct input {
    const uint8_t *data;
    size_t size, step;
};

static struct prq_stream *reopen(void *user)
{
    const struct input *in = user;
    return fuzz_drip(in->data, in->size, in->step);
}

static void check_path(prq_str path)
{
    prq_str rest = path, part;
    while (path.n && prq_str_split(&rest, '/', &part))
        FUZZ_CHECK(part.n && !prq_str_eq(part, PRQ_S(".")) && !prq_str_eq(part, PRQ_S("..")));
}

static bool walk(struct input *in, struct prq_facts_writer *w)
{
    PRQ_ARENA scratch = prq_arena_new((size_t)limits.scratch_bytes);
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &limits, .scratch = scratch };
    struct prq_walk_opts opts = { .dispatch = prq_dispatch_new(PRQ_WANT_SOURCE, a),
                                  .mode = PRQ_WANT_SOURCE, .spool_fd = -1, .digest_files = true,
                                  .reopen = reopen, .user = in };
    struct prq_err err = PRQ_ERR_INIT;
    prq_facts_writer_init(w, &limits);
    struct prq_stream *s = reopen(in);
    bool ok = prq_walk_layer(&ctx, s, &opts, w, &err);
    prq_stream_close(s);
    FUZZ_CHECK(ok || (err.code != PRQ_E_NONE && err.text[0]));
    FUZZ_CHECK(!err.has_offset || err.offset <= in->size + 1024);
    struct prq_facts f;
    if (w->facts.bad || w->index.bad)
        return false; /* a budget ran out in the middle of a record */
    FUZZ_CHECK(prq_facts_parse(prq_buf_bytes(&w->facts), 0, a, &f, NULL));
    struct prq_path_iter it;
    struct prq_file file;
    prq_index_begin(&it, prq_buf_bytes(&w->index));
    while (prq_index_next(&it, &file))
        check_path(file.path);
    FUZZ_CHECK(!it.bad);
    for (size_t i = 0; i < f.package_count; i++)
        check_path(f.packages[i].evidence[0].path);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    limits = prq_limits_default;
    limits.member_bytes = limits.image_bytes = 4 << 20;
    limits.facts_bytes = limits.index_bytes = 4 << 20;
    limits.scratch_bytes = 32 << 20;
    limits.file_memory = 1 << 20;
    struct prq_facts_writer one, two;
    struct input whole = { data, size, SIZE_MAX }, pieces = { data, size, 100 };
    bool ok = walk(&whole, &one);
    FUZZ_CHECK(walk(&pieces, &two) == ok);
    FUZZ_CHECK(!ok || (one.facts.n == two.facts.n && one.index.n == two.index.n));
    FUZZ_CHECK(!ok || !one.facts.n || memcmp(one.facts.p, two.facts.p, one.facts.n) == 0);
    FUZZ_CHECK(!ok || !one.index.n || memcmp(one.index.p, two.index.p, one.index.n) == 0);
    prq_facts_writer_release(&one);
    prq_facts_writer_release(&two);
    return 0;
}
