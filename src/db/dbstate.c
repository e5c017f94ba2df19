/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbstate.h"

#include <unistd.h>

#include "db/dbschema.h"
#include "lib/lib.h"

static void drop_digest(struct prq_digest **d)
{
    prq_digest_free(*d);
}
#define DIGEST PRQ_CLEANUP(drop_digest) struct prq_digest *

static bool end_digest(struct prq_digest *d, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    uint8_t raw[64];
    size_t n = prq_digest_end(d, raw);
    return prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, n }, a, out) ||
           prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
}

/* SHA-256 over observed_since, NUL, and each column of each row in key order with a NUL after it. */
static bool observed_digest(struct prq_sql *sql, prq_str since, struct prq_arena *a, prq_str *out,
                            struct prq_err *err)
{
    enum { COLUMNS = 6 };
    PRQ_SQL_STMT st = NULL;
    DIGEST d = NULL;
    if (!prq_digest_new(PRQ_SHA256, &d, err) ||
        !prq_sql_prepare(sql,
                         "SELECT source,id,space,name,fix,day FROM observed "
                         "ORDER BY source,id,space,name,fix",
                         &st, err))
        return false;
    prq_digest_add(d, since.p, since.n);
    prq_digest_add(d, "", 1);
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM)
        for (int i = 0; i < COLUMNS; i++) {
            prq_str v = prq_sql_text(st, i);
            prq_digest_add(d, v.p, v.n);
            prq_digest_add(d, "", 1);
        }
    return step == PRQ_NEXT_END && end_digest(d, a, out, err);
}

bool prq_db_state_read(struct prq_sql *sql, struct prq_arena *a, struct prq_db_state *out,
                       struct prq_err *err)
{
    struct prq_db_state s = { .records = 0 };
    prq_str records = { 0 };
    const struct {
        const char *key;
        prq_str *to;
    } members[] = {
        { "built", &s.built },     { "digest", &s.digest },
        { "family", &s.family },   { "feed_date", &s.feed_date },
        { "source", &s.source },   { "observed_since", &s.observed_since },
        { "skipped", &s.skipped }, { "skip_reason", &s.skip_reason },
        { "records", &records },
    };
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_prepare(sql, "SELECT value FROM meta WHERE key=?1", &st, err))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(members); i++) {
        prq_sql_bind_text(st, 1, prq_str_from(members[i].key));
        enum prq_next step = prq_sql_step(st, err);
        if (step == PRQ_NEXT_FAIL)
            return false;
        if (step == PRQ_NEXT_ITEM)
            *members[i].to = prq_arena_copy(a, prq_sql_text(st, 0));
        prq_sql_reset(st);
    }
    if (!prq_str_u64(records, &s.records))
        return prq_fail(err, PRQ_E_FORMAT, "its counts are no numbers");
    if (!observed_digest(sql, s.observed_since, a, &s.observed, err))
        return false;
    *out = s;
    return true;
}

bool prq_db_state_of(const char *path, struct prq_arena *a, struct prq_db_state *out, bool *found,
                     struct prq_err *err)
{
    PRQ_SQL sql = NULL;
    *found = false;
    if (access(path, R_OK) != 0 || !prq_sql_open(path, PRQ_SQL_IMMUTABLE, &sql, NULL) ||
        !prq_db_check_schema(sql, NULL))
        return true;
    *found = true;
    return prq_db_state_read(sql, a, out, err) || prq_in(err, "%s", path);
}

static bool add_records(struct prq_sql *sql, struct prq_digest *d, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_prepare(sql, "SELECT doc,sha FROM record ORDER BY source,id", &st, err))
        return false;
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM) {
        uint8_t sha[32];
        prq_bytes said = prq_sql_blob(st, 1);
        if (!prq_sha256(prq_sql_blob(st, 0), sha))
            return prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
        if (said.n != sizeof sha || memcmp(said.p, sha, sizeof sha) != 0)
            return prq_fail(err, PRQ_E_FORMAT, "a record has another digest than its row tells");
        prq_digest_add(d, sha, sizeof sha);
    }
    return step == PRQ_NEXT_END;
}

bool prq_db_state_check(struct prq_sql *sql, const struct prq_db_state *state, struct prq_arena *a,
                        struct prq_err *err)
{
    DIGEST d = NULL;
    prq_str digest, family = prq_arena_copy(a, state->family);
    if (!family.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
    if (!prq_family_digest_new(family.p, &d, err) || !add_records(sql, d, err) ||
        !end_digest(d, a, &digest, err))
        return false;
    return prq_str_eq(digest, state->digest) ||
           prq_fail(err, PRQ_E_FORMAT, "the records have the digest %.*s, not %.*s",
                    PRQ_FMT(digest), PRQ_FMT(state->digest));
}
