/* SPDX-License-Identifier: Apache-2.0 */
#include "dbfeed.h"

#include "match/core.h"

/* Lines are read, and are the same when they are written again. */
static void check_rows(const struct prq_record *r)
{
    PRQ_BUF again;
    prq_buf_init(&again, PRQ_MIB(4));
    for (size_t i = 0; i < r->affected_count; i++) {
        prq_str rest = r->affected[i].module, line;
        FUZZ_CHECK(prq_str_eq(r->affected[i].space, PRQ_S("cpe")));
        FUZZ_CHECK(rest.n > 0);
        while (prq_str_split(&rest, '\n', &line)) {
            struct prq_row_criterion c;
            FUZZ_CHECK(prq_row_criterion_parse(line, &c));
            FUZZ_CHECK(!c.is_conditional || r->configurations.n);
            prq_buf_clear(&again);
            prq_buf_printf(&again, "%llu%c", (unsigned long long)c.configuration,
                           c.is_conditional ? '&' : '=');
            prq_criterion_write(&c.c, false, &again);
            FUZZ_CHECK(prq_str_eq(prq_buf_view(&again), line));
        }
    }
}

/* Each row against a package of its name, and what else has to be there. */
static void check_match(struct prq_record *r, struct prq_arena *a)
{
    PRQ_ARENA work = prq_arena_new(PRQ_MIB(64));
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(64));
    prq_str name = r->affected_count ? r->affected[0].name : PRQ_S("v:p");
    prq_str cpe = prq_arena_printf(a, "cpe:2.3:a:%.*s:1.8.0:update302:*:*:*:*:*:*", PRQ_FMT(name));
    struct prq_package p = { .type = PRQ_S("binary"), .name = PRQ_S("x"), .version = PRQ_S("1.8"),
                             .cpes = { &cpe, 1 } };
    struct prq_analysis analysis = { .packages = &p, .package_count = 1 };
    struct prq_match_opts opts = { .by_cve = false };
    struct prq_matching m = { .analysis = &analysis, .opts = &opts, .work = work, .tmp = tmp,
                              .out = work };
    uint64_t *holding = NULL;
    size_t n = 0;
    struct prq_question q;
    FUZZ_CHECK(work && tmp && cpe.p);
    FUZZ_CHECK(prq_configurations_hold(&m, r->configurations, work, &holding, &n, NULL));
    for (size_t i = 1; i < n; i++)
        FUZZ_CHECK(holding[i - 1] < holding[i]);
    if (!prq_question_of_cpe(&m, &p, cpe, work, &q))
        return;
    prq_str rest = r->affected_count ? r->affected[0].module : (prq_str){ 0 }, line;
    while (rest.n && prq_str_split(&rest, '\n', &line)) {
        struct prq_row_criterion c;
        struct prq_hit hit;
        FUZZ_CHECK(prq_row_criterion_parse(line, &c));
        enum prq_aligned how = prq_criterion_meets(&c.c, &q, &hit);
        FUZZ_CHECK((how >= PRQ_ALIGNED_HIT) == hit.is_hit);
    }
}

static bool take(void *user, struct prq_record *r, struct prq_err *err)
{
    struct fuzz_feed *f = user;
    struct prq_mark mark = prq_arena_mark(f->a);
    check_rows(r);
    check_match(r, f->a);
    prq_arena_rewind(f->a, mark);
    return fuzz_record(user, r, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_feed f;
    struct prq_feed_sink sink = fuzz_feed_open(&f);
    struct prq_err err = PRQ_ERR_INIT;
    prq_str text = { (const char *)data, size };
    sink.record = take;
    if (!prq_nvd_parse(text, f.a, &sink, &err))
        FUZZ_CHECK(err.code != PRQ_E_NONE && (!err.has_offset || err.offset <= size));
    prq_arena_free(f.a);
    return 0;
}
