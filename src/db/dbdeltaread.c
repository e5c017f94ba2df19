/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a delta:
 *
 *     8 bytes "PRQDELTA", u8 format, varint schema
 *     text from, from_observed, to, to_observed                       digests
 *     text family, source, built, feed_date, observed_since, skipped, skip_reason
 *     varint n, n times: text source, id, document                    ascending; empty: gone
 *     varint n, n times: text source, id, space, name, fix, day       ascending; empty: gone
 *     varint n, n times: text path, etag, modified, mark              ascending
 *
 * A text is a varint length and as many bytes. Nothing follows. */
#include "base/rd.h"
#include "db/dbdelta.h"

#define MAGIC "PRQDELTA"
enum { FORMAT = 1 };

/* The texts of the head, in order. */
enum { HEAD_TEXTS = 11 };
static void head_texts(struct prq_delta *d, prq_str *out[HEAD_TEXTS])
{
    struct prq_db_state *s = &d->about;
    prq_str *const texts[HEAD_TEXTS] = {
        &d->from,   &d->from_observed, &d->to,             &d->to_observed, &s->family,     &s->source,
        &s->built,  &s->feed_date,     &s->observed_since, &s->skipped,     &s->skip_reason,
    };
    memcpy(out, texts, sizeof texts);
}

/* Keys are joined by NULs elsewhere: none may hold one. */
static bool has_nul(const prq_str *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (parts[i].n && memchr(parts[i].p, 0, parts[i].n))
            return true;
    return false;
}

static int compare(const prq_str *a, const prq_str *b, size_t n)
{
    int order = 0;
    for (size_t i = 0; i < n && !order; i++)
        order = prq_str_cmp(a[i], b[i]);
    return order;
}

/* n texts; the first `keys` of them are above the last ones. *at tells where a fault is. */
static bool read_texts(struct prq_rd *r, prq_str *texts, size_t n, size_t keys, prq_str *last,
                       bool is_first, struct prq_err *err)
{
    size_t at = prq_rd_at(r);
    for (size_t i = 0; i < n; i++)
        texts[i] = prq_rd_lenstr(r);
    if (r->bad)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(r), "the delta ends early");
    if (has_nul(texts, n > keys ? keys : n))
        return prq_fail_at(err, PRQ_E_FORMAT, at, "a key with a NUL");
    if (!is_first && compare(last, texts, keys) >= 0)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "keys are not ascending");
    memcpy(last, texts, keys * sizeof *last);
    return true;
}

static bool read_records(struct prq_rd *r, struct prq_arena *a, struct prq_delta *d,
                         struct prq_err *err)
{
    prq_str last[2] = { { 0 } }, texts[3];
    size_t n = prq_rd_count(r, prq_rd_varint(r), 3);
    d->records = prq_new_n(a, struct prq_delta_record, n);
    if (!d->records)
        return prq_fail(err, PRQ_E_LIMIT, "a delta of %zu records", n);
    for (d->record_count = 0; d->record_count < n; d->record_count++) {
        if (!read_texts(r, texts, 3, 2, last, d->record_count == 0, err))
            return false;
        d->records[d->record_count] = (struct prq_delta_record){ texts[0], texts[1], texts[2] };
    }
    return true;
}

static bool read_days(struct prq_rd *r, struct prq_arena *a, struct prq_delta *d,
                      struct prq_err *err)
{
    prq_str last[PRQ_DAY_PARTS] = { { 0 } }, texts[PRQ_DAY_PARTS + 1];
    size_t n = prq_rd_count(r, prq_rd_varint(r), PRQ_DAY_PARTS + 1);
    d->days = prq_new_n(a, struct prq_delta_day, n);
    if (!d->days)
        return prq_fail(err, PRQ_E_LIMIT, "a delta of %zu days", n);
    for (d->day_count = 0; d->day_count < n; d->day_count++) {
        struct prq_delta_day *day = &d->days[d->day_count];
        if (!read_texts(r, texts, PRQ_DAY_PARTS + 1, PRQ_DAY_PARTS, last, d->day_count == 0, err))
            return false;
        memcpy(day->part, texts, sizeof day->part);
        day->day = texts[PRQ_DAY_PARTS];
    }
    return true;
}

static bool read_validators(struct prq_rd *r, struct prq_arena *a, struct prq_delta *d,
                            struct prq_err *err)
{
    prq_str last[1] = { { 0 } }, texts[4];
    size_t n = prq_rd_count(r, prq_rd_varint(r), 4);
    d->validators = prq_new_n(a, struct prq_db_validator, n);
    if (!d->validators)
        return prq_fail(err, PRQ_E_LIMIT, "a delta of %zu fetched files", n);
    for (d->validator_count = 0; d->validator_count < n; d->validator_count++) {
        struct prq_db_validator *v = &d->validators[d->validator_count];
        if (!read_texts(r, texts, 4, 1, last, d->validator_count == 0, err))
            return false;
        v->path = texts[0];
        v->etag = texts[1];
        v->modified = texts[2];
        v->mark = texts[3];
    }
    return true;
}

bool prq_delta_parse(prq_bytes bytes, struct prq_arena *a, struct prq_delta *out,
                     struct prq_err *err)
{
    struct prq_delta d = { .schema = 0 };
    struct prq_rd r = prq_rd_of(bytes);
    prq_str *texts[HEAD_TEXTS];
    if (!prq_str_eq(prq_rd_str(&r, sizeof MAGIC - 1), PRQ_S(MAGIC)))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a delta");
    if (prq_rd_u8(&r) != FORMAT)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, sizeof MAGIC - 1, "a delta of another format");
    d.schema = prq_rd_varint(&r);
    head_texts(&d, texts);
    for (size_t i = 0; i < HEAD_TEXTS; i++)
        *texts[i] = prq_rd_lenstr(&r);
    d.about.digest = d.to;
    d.about.observed = d.to_observed;
    if (r.bad)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&r), "the delta ends early");
    if (!read_records(&r, a, &d, err) || !read_days(&r, a, &d, err) ||
        !read_validators(&r, a, &d, err))
        return false;
    if (r.bad || prq_rd_left(&r))
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&r),
                           r.bad ? "the delta ends early" : "bytes after the delta");
    *out = d;
    return true;
}

static void put(struct prq_buf *out, prq_str s)
{
    prq_buf_varint(out, s.n);
    prq_buf_str(out, s);
}

bool prq_delta_write(const struct prq_delta *given, struct prq_buf *out)
{
    struct prq_delta d = *given;
    prq_str *texts[HEAD_TEXTS];
    prq_buf_str(out, PRQ_S(MAGIC));
    prq_buf_byte(out, FORMAT);
    prq_buf_varint(out, d.schema);
    head_texts(&d, texts);
    for (size_t i = 0; i < HEAD_TEXTS; i++)
        put(out, *texts[i]);
    prq_buf_varint(out, d.record_count);
    for (size_t i = 0; i < d.record_count && !out->bad; i++) {
        put(out, d.records[i].source);
        put(out, d.records[i].id);
        put(out, d.records[i].doc);
    }
    prq_buf_varint(out, d.day_count);
    for (size_t i = 0; i < d.day_count && !out->bad; i++) {
        for (size_t k = 0; k < PRQ_DAY_PARTS; k++)
            put(out, d.days[i].part[k]);
        put(out, d.days[i].day);
    }
    prq_buf_varint(out, d.validator_count);
    for (size_t i = 0; i < d.validator_count && !out->bad; i++) {
        put(out, d.validators[i].path);
        put(out, d.validators[i].etag);
        put(out, d.validators[i].modified);
        put(out, d.validators[i].mark);
    }
    return !out->bad;
}
