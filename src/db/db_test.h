/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the readers share: a sink that keeps canonical JSON, one record a line. */
#ifndef PRQ_DB_DB_TEST_H
#define PRQ_DB_DB_TEST_H

#include "unit.h"

#include "db/dbdoc.h"
#include "db/feed.h"

struct capture {
    struct prq_arena *a;
    struct prq_buf text;
    unsigned records, skipped, stop_after; /* stop_after 0: never */
    char first_skip[256];
};

static inline bool capture_record(void *user, struct prq_record *r, struct prq_err *err)
{
    struct capture *c = user;
    if (c->stop_after && c->records >= c->stop_after)
        return prq_fail(err, PRQ_E_CANCELLED, "enough");
    c->records++;
    return prq_record_write(r, c->a, &c->text, err) && prq_buf_byte(&c->text, '\n');
}

static inline bool capture_cve(void *user, prq_str cve, const struct prq_cve_info *info,
                               struct prq_err *err)
{
    struct capture *c = user;
    if (c->stop_after && c->records >= c->stop_after)
        return prq_fail(err, PRQ_E_CANCELLED, "enough");
    c->records++;
    prq_str source = info->has_epss ? PRQ_S("epss") : PRQ_S("kev");
    return prq_cve_write(source, cve, info, &c->text) && prq_buf_byte(&c->text, '\n');
}

static inline void capture_skip(void *user, prq_str what, const char *why)
{
    struct capture *c = user;
    if (c->skipped++ == 0)
        snprintf(c->first_skip, sizeof c->first_skip, "%.*s: %s", PRQ_FMT(what), why);
}

static inline struct prq_feed_sink capture_open(struct capture *c)
{
    *c = (struct capture){ .a = prq_arena_new(PRQ_MIB(64)) };
    assert_non_null(c->a);
    prq_buf_init(&c->text, PRQ_MIB(64));
    return (struct prq_feed_sink){ c, capture_record, capture_cve, capture_skip };
}

static inline void capture_close(struct capture *c)
{
    prq_buf_release(&c->text);
    prq_arena_free(c->a);
}

#define capture_has(c, expected) assert_true(prq_str_has(prq_buf_view(&(c)->text), PRQ_S(expected)))
#define capture_lacks(c, absent) \
    assert_false(prq_str_has(prq_buf_view(&(c)->text), PRQ_S(absent)))
#define capture_is(c, expected) assert_str(prq_buf_view(&(c)->text), expected)

#endif
