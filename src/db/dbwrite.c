/* SPDX-License-Identifier: Apache-2.0 */
/* From sorted canonical records to the file of a family. Everything is inserted in key order, so
 * the same records give the same bytes. */
#include <inttypes.h>
#include <stdio.h>

#include "db/dbdoc.h"
#include "db/dbobserved.h"
#include "db/dbschema.h"
#include "lib/lib.h"

enum { ROWS_MAX = 256 << 20, DOC_MAX = 32 << 20, ARENA_MAX = 512 << 20 };

struct writer {
    const struct prq_db_input *in;
    struct prq_sql *sql;
    struct prq_arena *a;
    struct prq_stage rows, aliases, observed;
    struct prq_sql_stmt *put_record;
    struct prq_digest *digest;
    struct prq_observer observer;
    struct prq_buf doc, row, brief;
    uint64_t records, row_count;
};

/* The parts of each key, and then the value when it has one, as the columns of a row. */
static bool put_pairs(struct prq_sql *sql, const char *text, struct prq_stage *s, bool has_value,
                      struct prq_err *err)
{
    PRQ_SQL_STMT put = NULL;
    if (!prq_stage_sort(s, err) || !prq_sql_prepare(sql, text, &put, err))
        return false;
    prq_str last = { 0 };
    for (size_t i = 0; i < s->n; i++) {
        prq_str key, value, piece;
        prq_stage_get(s, i, &key, &value);
        if (i && prq_str_eq(key, last))
            continue;
        last = key;
        if (has_value && !value.n)
            continue;
        int at = 1;
        while (prq_str_split(&key, 0, &piece))
            prq_sql_bind_text(put, at++, piece);
        if (value.n)
            prq_sql_bind_text(put, at, value);
        if (!prq_sql_run(put, err))
            return false;
    }
    return true;
}

/* ---- records */

static bool add_aliases(struct writer *w, const struct prq_record *r, struct prq_err *err)
{
    const struct prq_strs *lists[] = { &r->aliases, &r->cves, &r->upstream };
    for (size_t k = 0; k < PRQ_COUNT(lists); k++)
        for (size_t i = 0; i < lists[k]->n; i++) {
            struct prq_mark mark = prq_arena_mark(w->a);
            prq_str tail = prq_db_key(r->source, r->id, w->a);
            prq_str key = prq_db_key(lists[k]->v[i], tail, w->a);
            if (!key.n || !prq_stage_add(&w->aliases, key, (prq_str){ 0 }, err))
                return key.n ? false : prq_fail(err, PRQ_E_LIMIT, "too many aliases");
            prq_arena_rewind(w->a, mark);
        }
    return true;
}

/* space NUL name NUL source NUL id NUL, and four bytes that keep the order of the document. */
static prq_str row_key(struct writer *w, const struct prq_record *r, const struct prq_affected *p,
                       size_t seq)
{
    prq_str tail = prq_db_key(r->source, r->id, w->a);
    prq_str head = prq_db_key(p->space, p->name, w->a);
    prq_str both = tail.n && head.n ? prq_db_key(head, tail, w->a) : (prq_str){ 0 };
    char number[4] = { (char)(seq >> 24 & 255), (char)(seq >> 16 & 255), (char)(seq >> 8 & 255),
                       (char)(seq & 255) };
    return both.n ? prq_db_key(both, (prq_str){ number, 4 }, w->a) : both;
}

static bool add_rows(struct writer *w, const struct prq_record *r, struct prq_err *err)
{
    for (size_t i = 0; i < r->affected_count; i++) {
        struct prq_mark mark = prq_arena_mark(w->a);
        prq_str key = row_key(w, r, &r->affected[i], i);
        prq_buf_clear(&w->row);
        if (!key.n || !prq_row_write(r, &r->affected[i], &w->row))
            return prq_fail(err, PRQ_E_LIMIT, "row %zu of %.*s is too large", i, PRQ_FMT(r->id));
        if (!prq_stage_add(&w->rows, key, prq_buf_view(&w->row), err))
            return false;
        w->row_count++;
        prq_arena_rewind(w->a, mark);
    }
    return true;
}

/* Details stand in for a summary that is not there, and then their first words do. */
static prq_str few_words(prq_str details)
{
    enum { MAX = 200 };
    prq_str line = { 0 };
    details = prq_str_trim(details);
    if (!prq_str_line(&details, &line) || line.n <= MAX)
        return line;
    size_t n = MAX;
    while (n > 0 && ((uint8_t)line.p[n] & 0xc0) == 0x80) /* not within a character */
        n--;
    return prq_str_head(line, n);
}

/* The document without `affected` and long texts, where that is much shorter: matching finds in the
 * rows what is affected, and needs of the record only what reports show. */
static bool make_brief(struct writer *w, const struct prq_record *r, prq_str doc,
                       struct prq_err *err)
{
    enum { WORTH = 256, WORTH_OF_CVES = 4096 };
    struct prq_record few = *r;
    bool is_cve = prq_str_eq(r->source, PRQ_S("nvd")); /* its text is a finding's summary */
    size_t worth = is_cve ? WORTH_OF_CVES : WORTH;
    few.affected_count = 0;
    if (!is_cve)
        few.details = r->summary.n ? (prq_str){ 0 } : few_words(r->details);
    prq_buf_clear(&w->brief);
    if (r->affected_count == 0 || doc.n < worth)
        return true;
    if (!prq_record_write(&few, w->a, &w->brief, err))
        return false;
    if (w->brief.n + worth > doc.n)
        prq_buf_clear(&w->brief);
    return true;
}

static bool put_record(struct writer *w, const struct prq_record *r, prq_str doc,
                       struct prq_err *err)
{
    uint8_t sha[32];
    if (!make_brief(w, r, doc, err))
        return false;
    if (!prq_sha256(prq_bytes_of(doc), sha))
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
    prq_digest_add(w->digest, sha, sizeof sha);
    prq_sql_bind_text(w->put_record, 1, r->source);
    prq_sql_bind_text(w->put_record, 2, r->id);
    prq_sql_bind_blob(w->put_record, 3, (prq_bytes){ sha, sizeof sha });
    prq_sql_bind_blob(w->put_record, 4, prq_buf_bytes(&w->brief));
    prq_sql_bind_blob(w->put_record, 5, prq_bytes_of(doc));
    w->records++;
    return prq_sql_run(w->put_record, err) && add_aliases(w, r, err) && add_rows(w, r, err) &&
           prq_observe(&w->observer, r, &w->observed, w->a, err);
}

/* The copies [from, to) of one record. */
static bool one_record(struct writer *w, size_t from, size_t to, struct prq_err *err)
{
    prq_str key, doc;
    struct prq_record r;
    if (w->in->join == PRQ_JOIN_FIRST)
        to = from + 1;
    struct prq_record *copies = prq_new_n(w->a, struct prq_record, to - from);
    if (!copies)
        return prq_fail(err, PRQ_E_LIMIT, "a record of %zu copies", to - from);
    for (size_t i = from; i < to; i++) {
        prq_stage_get(w->in->records, i, &key, &doc);
        if (w->in->join == PRQ_JOIN_FIRST && !doc.n)
            return true;
        if (!prq_record_parse(doc, w->a, &copies[i - from], err))
            return false;
    }
    if (to - from == 1)
        return put_record(w, &copies[0], doc, err);
    if (!prq_record_join(copies, to - from, w->in->join, w->a, &r))
        return prq_fail(err, PRQ_E_LIMIT, "the copies of a record exceed the memory budget");
    /* Rows are numbered in the order of the document, which the writer sorts. */
    prq_buf_clear(&w->doc);
    struct prq_record joined;
    if (!prq_record_write(&r, w->a, &w->doc, err) ||
        !prq_record_parse(prq_buf_view(&w->doc), w->a, &joined, err))
        return false;
    return put_record(w, &joined, prq_buf_view(&w->doc), err);
}

static bool write_records(struct writer *w, struct prq_err *err)
{
    struct prq_stage *s = w->in->records;
    for (size_t from = 0, to; from < s->n; from = to) {
        prq_str first, key, doc;
        prq_stage_get(s, from, &first, &doc);
        for (to = from + 1; to < s->n; to++) {
            prq_stage_get(s, to, &key, &doc);
            if (!prq_str_eq(first, key))
                break;
        }
        struct prq_mark mark = prq_arena_mark(w->a);
        if (!one_record(w, from, to, err)) {
            prq_str source, id = { 0 };
            prq_str_cut(first, 0, &source, &id);
            return prq_in(err, "record %.*s", PRQ_FMT(id));
        }
        prq_arena_rewind(w->a, mark);
    }
    return true;
}

/* ---- packages: all rows of one name in one blob
 *   varint count; each: text source, text id, varint bytes, the row */

struct pack {
    prq_str space, name;
    uint64_t n;
    struct prq_buf rows;
};

static bool put_package(struct prq_sql_stmt *put, struct pack *p, struct prq_err *err)
{
    PRQ_BUF blob;
    prq_buf_init(&blob, ROWS_MAX);
    prq_buf_varint(&blob, p->n);
    if (!prq_buf_add(&blob, p->rows.p, p->rows.n) || p->rows.bad)
        return prq_fail(err, PRQ_E_LIMIT, "the rows of %.*s are too large", PRQ_FMT(p->name));
    prq_sql_bind_text(put, 1, p->space);
    prq_sql_bind_text(put, 2, p->name);
    prq_sql_bind_blob(put, 3, prq_buf_bytes(&blob));
    return prq_sql_run(put, err);
}

struct space_count {
    prq_str space;
    int64_t packages, rows;
};

static bool put_space(struct prq_sql_stmt *put, const struct space_count *c, struct prq_err *err)
{
    if (!c->space.n)
        return true;
    prq_sql_bind_text(put, 1, c->space);
    prq_sql_bind_int(put, 2, c->packages);
    prq_sql_bind_int(put, 3, c->rows);
    return prq_sql_run(put, err);
}

static bool write_packages_with(struct writer *w, struct prq_sql_stmt *put,
                                struct prq_sql_stmt *count, struct pack *p, struct prq_err *err)
{
    struct space_count spaces = { .packages = 0 };
    for (size_t i = 0; i < w->rows.n; i++) {
        prq_str key, row, space, name, source, id;
        prq_stage_get(&w->rows, i, &key, &row);
        if (!prq_str_split(&key, 0, &space) || !prq_str_split(&key, 0, &name) ||
            !prq_str_split(&key, 0, &source) || !prq_str_split(&key, 0, &id))
            return prq_fail(err, PRQ_E_BUG, "a row's key has too few parts");
        if (!prq_str_eq(space, p->space) || !prq_str_eq(name, p->name)) {
            if (p->n && !put_package(put, p, err))
                return false;
            if (!prq_str_eq(space, spaces.space)) {
                if (!put_space(count, &spaces, err))
                    return false;
                spaces = (struct space_count){ .space = space };
            }
            p->space = space;
            p->name = name;
            p->n = 0;
            prq_buf_clear(&p->rows);
            spaces.packages++;
        }
        p->n++;
        spaces.rows++;
        prq_buf_varint(&p->rows, source.n);
        prq_buf_str(&p->rows, source);
        prq_buf_varint(&p->rows, id.n);
        prq_buf_str(&p->rows, id);
        prq_buf_varint(&p->rows, row.n);
        prq_buf_str(&p->rows, row);
    }
    return (!p->n || put_package(put, p, err)) && put_space(count, &spaces, err);
}

static bool write_packages(struct writer *w, struct prq_err *err)
{
    PRQ_SQL_STMT put = NULL;
    PRQ_SQL_STMT count = NULL;
    struct pack p = { .n = 0 };
    if (!prq_stage_sort(&w->rows, err) ||
        !prq_sql_prepare(w->sql, "INSERT INTO package VALUES(?1,?2,?3)", &put, err) ||
        !prq_sql_prepare(w->sql, "INSERT INTO space VALUES(?1,?2,?3)", &count, err))
        return false;
    prq_buf_init(&p.rows, ROWS_MAX);
    bool ok = write_packages_with(w, put, count, &p, err);
    prq_buf_release(&p.rows);
    return ok;
}

/* ---- meta */

static bool write_meta(struct writer *w, struct prq_err *err)
{
    const struct prq_db_about *about = &w->in->about;
    PRQ_SQL_STMT put = NULL;
    uint8_t raw[64];
    prq_str digest;
    size_t n = prq_digest_end(w->digest, raw);
    if (!prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, n }, w->a, &digest))
        return prq_fail(err, PRQ_E_NOMEM, "no memory for a digest");
    if (!prq_sql_prepare(w->sql, "INSERT INTO meta VALUES(?1,?2)", &put, err))
        return false;
    const struct {
        const char *key;
        prq_str value;
    } pairs[] = {
        { "built", about->built },
        { "digest", digest },
        { "family", prq_str_from(about->family) },
        { "feed_date", about->feed_date },
        { "observed_since", w->in->observed ? w->in->observed_since
                                            : prq_observer_since(&w->observer) },
        { "records", prq_arena_printf(w->a, "%" PRIu64, w->records) },
        { "rows", prq_arena_printf(w->a, "%" PRIu64, w->row_count) },
        { "skip_reason", about->skip_reason },
        { "skipped", prq_arena_printf(w->a, "%" PRIu64, about->skipped) },
        { "source", about->source },
    };
    for (size_t i = 0; i < PRQ_COUNT(pairs); i++) {
        prq_sql_bind_text(put, 1, prq_str_from(pairs[i].key));
        prq_sql_bind_text(put, 2, pairs[i].value);
        if (!prq_sql_run(put, err))
            return false;
    }
    return true;
}

static bool write_validators(struct writer *w, struct prq_err *err)
{
    PRQ_SQL_STMT put = NULL;
    if (!prq_sql_prepare(w->sql, "INSERT INTO fetch VALUES(?1,?2,?3,?4)", &put, err))
        return false;
    for (size_t i = 0; i < w->in->validator_count; i++) {
        const struct prq_db_validator *v = &w->in->validators[i];
        const prq_str columns[] = { v->path, v->etag, v->modified, v->mark };
        for (size_t k = 0; k < PRQ_COUNT(columns); k++)
            prq_sql_bind_text(put, (int)k + 1, columns[k]);
        if (!prq_sql_run(put, err))
            return false;
    }
    return true;
}

static bool write_all(struct writer *w, struct prq_err *err)
{
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d; BEGIN",
             PRQ_DB_APPLICATION_ID, PRQ_DB_SCHEMA);
    return prq_sql_exec(w->sql, pragmas, err) && prq_sql_exec(w->sql, prq_db_schema_sql, err) &&
           prq_sql_prepare(w->sql, "INSERT INTO record VALUES(?1,?2,?3,?4,?5)", &w->put_record,
                           err) &&
           write_records(w, err) && write_packages(w, err) &&
           put_pairs(w->sql, "INSERT INTO alias VALUES(?1,?2,?3)", &w->aliases, false,
                     err) &&
           put_pairs(w->sql, "INSERT INTO observed VALUES(?1,?2,?3,?4,?5,?6)",
                     w->in->observed ? w->in->observed : &w->observed, true, err) &&
           write_meta(w, err) && write_validators(w, err) && prq_sql_exec(w->sql, "COMMIT", err);
}

static bool open_writer(struct writer *w, const char *path, struct prq_err *err)
{
    prq_buf_init(&w->doc, DOC_MAX);
    prq_buf_init(&w->row, DOC_MAX);
    prq_buf_init(&w->brief, DOC_MAX);
    w->rows.fd = w->aliases.fd = w->observed.fd = -1;
    w->a = prq_arena_new(ARENA_MAX);
    if (!w->a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to write %s", path);
    return prq_stage_init(&w->rows, err) && prq_stage_init(&w->aliases, err) &&
           prq_stage_init(&w->observed, err) &&
           prq_family_digest_new(w->in->about.family, &w->digest, err) &&
           prq_observer_open(&w->observer, w->in->previous, w->in->about.built, err) &&
           prq_sql_open(path, PRQ_SQL_BUILD, &w->sql, err);
}

bool prq_db_write(const char *path, const struct prq_db_input *in, struct prq_err *err)
{
    struct writer w = { .in = in };
    bool ok = open_writer(&w, path, err) && write_all(&w, err);
    prq_observer_close(&w.observer);
    prq_sql_finish(w.put_record);
    prq_sql_close(w.sql);
    prq_digest_free(w.digest);
    prq_stage_release(&w.rows);
    prq_stage_release(&w.aliases);
    prq_stage_release(&w.observed);
    prq_buf_release(&w.doc);
    prq_buf_release(&w.row);
    prq_buf_release(&w.brief);
    prq_arena_free(w.a);
    return ok;
}
