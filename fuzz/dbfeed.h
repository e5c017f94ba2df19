/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets of the feed readers share: every record that a reader gives is canonical. */
#ifndef PRQ_FUZZ_DBFEED_H
#define PRQ_FUZZ_DBFEED_H

#include "fuzz.h"

#include "db/dbdoc.h"
#include "db/feed.h"

struct fuzz_feed {
    struct prq_arena *a;
    unsigned records;
};

static inline bool fuzz_same(const struct prq_buf *x, const struct prq_buf *y)
{
    return prq_str_eq(prq_buf_view(x), prq_buf_view(y));
}

/* A row that is written is read, and is the same when it is written again. */
static inline void fuzz_row(const struct prq_record *r, const struct prq_affected *p,
                            struct prq_arena *a)
{
    PRQ_BUF once;
    PRQ_BUF twice;
    struct prq_db_row row;
    prq_buf_init(&once, PRQ_MIB(4));
    prq_buf_init(&twice, PRQ_MIB(4));
    FUZZ_CHECK(prq_row_write(r, p, &once));
    FUZZ_CHECK(prq_row_parse(prq_buf_bytes(&once), a, &row, NULL));
    struct prq_record back = { .aliases = row.aliases,
                               .cves = row.cves,
                               .is_withdrawn = row.is_withdrawn,
                               .is_disputed = row.is_disputed,
                               .is_malicious = row.is_malicious };
    FUZZ_CHECK(prq_row_write(&back, &row.affected, &twice));
    FUZZ_CHECK(fuzz_same(&once, &twice));
}

/* Writing, reading and writing again gives the same text; keys can be keys. */
static inline bool fuzz_record(void *user, struct prq_record *r, struct prq_err *err)
{
    struct fuzz_feed *f = user;
    struct prq_mark mark = prq_arena_mark(f->a);
    PRQ_BUF once;
    PRQ_BUF twice;
    struct prq_record back;
    (void)err;
    prq_buf_init(&once, PRQ_MIB(4));
    prq_buf_init(&twice, PRQ_MIB(4));
    f->records++;
    FUZZ_CHECK(prq_is_record_id(r->id) && r->source.n);
    for (size_t i = 0; i < r->affected_count; i++)
        FUZZ_CHECK(prq_is_row_text(r->affected[i].name) && prq_is_row_text(r->affected[i].space));
    FUZZ_CHECK(prq_record_write(r, f->a, &once, NULL));
    FUZZ_CHECK(prq_record_parse(prq_buf_view(&once), f->a, &back, NULL));
    for (size_t i = 0; i < back.affected_count; i++)
        fuzz_row(&back, &back.affected[i], f->a);
    FUZZ_CHECK(prq_record_write(&back, f->a, &twice, NULL));
    FUZZ_CHECK(fuzz_same(&once, &twice));
    prq_arena_rewind(f->a, mark);
    return true;
}

static inline bool fuzz_cve(void *user, prq_str cve, const struct prq_cve_info *info,
                            struct prq_err *err)
{
    struct fuzz_feed *f = user;
    struct prq_mark mark = prq_arena_mark(f->a);
    PRQ_BUF once;
    PRQ_BUF twice;
    struct prq_cve_info back = { 0 };
    prq_str source = info->has_epss ? PRQ_S("epss") : PRQ_S("kev");
    (void)err;
    prq_buf_init(&once, PRQ_MIB(4));
    prq_buf_init(&twice, PRQ_MIB(4));
    f->records++;
    FUZZ_CHECK(prq_feed_is_cve(cve));
    FUZZ_CHECK(prq_cve_write(source, cve, info, &once));
    FUZZ_CHECK(prq_cve_parse(prq_buf_view(&once), f->a, &back, NULL));
    FUZZ_CHECK(back.is_kev == info->is_kev && back.has_epss == info->has_epss);
    FUZZ_CHECK(prq_cve_write(source, cve, &back, &twice));
    FUZZ_CHECK(fuzz_same(&once, &twice));
    prq_arena_rewind(f->a, mark);
    return true;
}

static inline void fuzz_skip(void *user, prq_str what, const char *why)
{
    (void)user;
    (void)what;
    FUZZ_CHECK(why && *why);
}

static inline struct prq_feed_sink fuzz_feed_open(struct fuzz_feed *f)
{
    *f = (struct fuzz_feed){ .a = prq_arena_new(PRQ_MIB(64)) };
    FUZZ_CHECK(f->a);
    return (struct prq_feed_sink){ f, fuzz_record, fuzz_cve, fuzz_skip };
}

#endif
