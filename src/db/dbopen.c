/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the database: one SQLite file a family, immutable and mapped. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/rd.h"
#include "db/dbdoc.h"
#include "db/dbfamily.h"
#include "db/dbhandle.h"
#include "db/dbinstall.h"
#include "db/dbschema.h"

enum { ARENA_MAX = 8 << 20 };

static const char *const queries[] = {
    [PRQ_Q_PACKAGE] = "SELECT rows FROM package WHERE space=?1 AND name=?2",
    [PRQ_Q_RECORD] = "SELECT doc FROM record WHERE source=?1 AND id=?2",
    [PRQ_Q_BRIEF] = "SELECT iif(length(brief),brief,doc) FROM record WHERE source=?1 AND id=?2",
    [PRQ_Q_META] = "SELECT value FROM meta WHERE key=?1",
    [PRQ_Q_SPACES] = "SELECT space,packages,rows FROM space",
    [PRQ_Q_ALIAS] = "SELECT source,id FROM alias WHERE alias=?1",
    [PRQ_Q_SHA] = "SELECT sha FROM record WHERE source=?1 AND id=?2",
};

struct prq_sql_stmt *prq_db_query(struct prq_db_file *f, enum prq_db_query_id q,
                                  struct prq_err *err)
{
    if (!f->queries[q] && !prq_sql_prepare(f->sql, queries[q], &f->queries[q], err))
        return NULL;
    prq_sql_reset(f->queries[q]);
    return f->queries[q];
}

static void close_file(struct prq_db_file *f)
{
    for (size_t i = 0; i < PRQ_COUNT(f->queries); i++)
        prq_sql_finish(f->queries[i]);
    prq_sql_close(f->sql);
}

void prq_db_close(struct prq_db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->n; i++)
        close_file(&db->files[i]);
    prq_arena_free(db->a);
    free(db);
}

static bool get_meta(struct prq_db *db, struct prq_db_file *f, const char *key, prq_str *out,
                     struct prq_err *err)
{
    struct prq_sql_stmt *st = prq_db_query(f, PRQ_Q_META, err);
    if (!st)
        return false;
    prq_sql_bind_text(st, 1, prq_str_from(key));
    enum prq_next step = prq_sql_step(st, err);
    if (step == PRQ_NEXT_ITEM)
        *out = prq_arena_copy(db->a, prq_sql_text(st, 0));
    prq_sql_reset(st);
    return step != PRQ_NEXT_FAIL;
}

static bool read_meta(struct prq_db *db, struct prq_db_file *f, struct prq_err *err)
{
    struct prq_family *m = &f->about;
    prq_str family = { 0 }, records = { 0 }, rows = { 0 }, skipped = { 0 };
    const struct {
        const char *key;
        prq_str *to;
    } members[] = {
        { "family", &family },
        { "source", &m->source },
        { "digest", &m->digest },
        { "built", &m->built },
        { "feed_date", &m->feed_date },
        { "records", &records },
        { "rows", &rows },
        { "skipped", &skipped },
        { "skip_reason", &f->skip_reason },
        { "observed_since", &f->observed_since },
    };
    for (size_t i = 0; i < PRQ_COUNT(members); i++)
        if (!get_meta(db, f, members[i].key, members[i].to, err))
            return false;
    m->name = prq_str_from(f->def->name);
    if (!prq_str_eq(family, m->name))
        return prq_fail(err, PRQ_E_FORMAT, "it holds the family \"%.*s\"", PRQ_FMT(family));
    if (!prq_str_u64(records, &m->records) || !prq_str_u64(rows, &f->rows) ||
        !prq_str_u64(skipped, &f->skipped))
        return prq_fail(err, PRQ_E_FORMAT, "its counts are no numbers");
    return true;
}

static bool read_spaces(struct prq_db *db, struct prq_db_file *f, struct prq_err *err)
{
    struct prq_sql_stmt *st = prq_db_query(f, PRQ_Q_SPACES, err);
    size_t cap = 0;
    if (!st)
        return false;
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM) {
        if (!prq_arena_grow(db->a, &f->spaces, sizeof *f->spaces, &cap, f->space_count + 1))
            return prq_fail(err, PRQ_E_LIMIT, "too many spaces");
        f->spaces[f->space_count++] =
            (struct prq_db_space){ prq_arena_copy(db->a, prq_sql_text(st, 0)),
                                   (uint64_t)prq_sql_int(st, 1), (uint64_t)prq_sql_int(st, 2) };
    }
    prq_sql_reset(st);
    return step == PRQ_NEXT_END;
}

static bool open_file(struct prq_db *db, struct prq_db_file *f, struct prq_err *err)
{
    if (!f->sql && !prq_sql_open(f->path.p, PRQ_SQL_IMMUTABLE, &f->sql, err))
        return false;
    /* No cell_size_check here: in a mapped file SQLite would repeat it each time it comes to a
     * page, a quarter of all work of matching; who installs a file checks it before that. One
     * transaction for all questions: each would begin and end its own. */
    f->is_open = prq_sql_exec(f->sql, "BEGIN", err) && prq_db_check_schema(f->sql, err) &&
                 read_meta(db, f, err) && read_spaces(db, f, err);
    return f->is_open || prq_in(err, "%s", f->path.p);
}

/* Opens a family that is there, once. With some thirty of them a scan that asks three would spend
 * more time on opening than on asking. */
bool prq_db_ensure(struct prq_db *db, struct prq_db_file *f, struct prq_err *err)
{
    struct prq_err own = PRQ_ERR_INIT;
    if (f->is_open)
        return true;
    if (open_file(db, f, &own)) {
        db->families[f - db->files] = f->about;
        return true;
    }
    if (db->is_lazy && own.code != PRQ_E_NOMEM && own.code != PRQ_E_BUG)
        own.code = PRQ_E_DATA; /* what cannot be read is no advisory data */
    if (err)
        *err = own;
    return false;
}

/* `at` empty: as it is now. */
static bool find_file(struct prq_db *db, prq_str dir, prq_str at, const struct prq_family_def *def,
                      struct prq_err *err)
{
    prq_str path = { 0 };
    struct stat st;
    if (at.n && !prq_db_path_at(dir, def->name, at, db->a, &path, err))
        return false;
    if (at.n && !path.n)
        return true;
    if (!at.n)
        path = prq_arena_printf(db->a, "%.*s/%s.db", PRQ_FMT(dir), def->name);
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to open a database");
    if (stat(path.p, &st) != 0)
        return errno == ENOENT || prq_fail(err, PRQ_E_IO, "%s", path.p);
    struct prq_db_file *f = &db->files[db->n];
    *f = (struct prq_db_file){ .def = def, .path = path, .size_bytes = (uint64_t)st.st_size };
    f->about.name = prq_str_from(def->name);
    db->families[db->n++] = f->about;
    return true;
}

static bool find_all(struct prq_db *db, prq_str dir, prq_str at, struct prq_err *err)
{
    db->files = prq_new_n(db->a, struct prq_db_file, prq_family_count);
    db->families = prq_new_n(db->a, struct prq_family, prq_family_count);
    if (!db->files || !db->families)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to open a database");
    for (size_t i = 0; i < prq_family_count; i++)
        if (!find_file(db, dir, at, &prq_family_defs[i], err))
            return false;
    if (db->n == 0 && at.n)
        return prq_fail(err, PRQ_E_DATA,
                        "no vulnerability database of %.*s or before is retained in %.*s",
                        PRQ_FMT(at), PRQ_FMT(dir));
    if (db->n == 0)
        return prq_fail(err, PRQ_E_DATA,
                        "no vulnerability database in %.*s; fetch one with `pratique db update`",
                        PRQ_FMT(dir));
    return true;
}

bool prq_db_open(prq_str dir, struct prq_db **out, struct prq_err *err)
{
    struct prq_db *db;
    if (!prq_db_open_lazily(dir, &db, err))
        return false;
    db->is_lazy = false;
    for (size_t i = 0; i < db->n; i++)
        if (!prq_db_ensure(db, &db->files[i], err)) {
            prq_db_close(db);
            return false;
        }
    *out = db;
    return true;
}

bool prq_db_open_lazily(prq_str dir, struct prq_db **out, struct prq_err *err)
{
    return prq_db_open_at(dir, (prq_str){ 0 }, out, err);
}

bool prq_db_open_at(prq_str dir, prq_str time, struct prq_db **out, struct prq_err *err)
{
    struct prq_db *db = calloc(1, sizeof *db);
    if (db)
        db->a = prq_arena_new(ARENA_MAX);
    if (!db || !db->a) {
        free(db);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to open a database");
    }
    db->is_lazy = true;
    if (!find_all(db, dir, time, err)) {
        prq_db_close(db);
        return false;
    }
    *out = db;
    return true;
}

struct prq_db_file *prq_db_file(const struct prq_db *db, prq_str family)
{
    for (size_t i = 0; i < db->n; i++)
        if (prq_str_eq(db->families[i].name, family))
            return &db->files[i];
    return NULL;
}

bool prq_db_has_family(const struct prq_db *db, const char *family)
{
    return prq_db_file(db, prq_str_from(family)) != NULL;
}

size_t prq_db_families(const struct prq_db *db, const struct prq_family **out)
{
    *out = db->families;
    return db->n;
}

static bool file_has_space(const struct prq_db_file *f, prq_str space)
{
    for (size_t i = 0; i < f->space_count; i++)
        if (prq_str_eq(f->spaces[i].space, space))
            return true;
    return false;
}

bool prq_db_has_space(struct prq_db *db, prq_str space)
{
    const char *family = prq_db_family_of_space(space);
    struct prq_db_file *f = family ? prq_db_file(db, prq_str_from(family)) : NULL;
    /* What cannot be opened says so when it is asked for rows. */
    return f && (!prq_db_ensure(db, f, NULL) || file_has_space(f, space));
}

/* ---- packages */

static bool parse_rows(prq_bytes blob, prq_str space, prq_str name, struct prq_arena *a,
                       struct prq_db_row **out, size_t *n, struct prq_err *err)
{
    struct prq_rd rd = prq_rd_of(blob);
    /* A row takes two empty texts, a length and three bytes at least. */
    size_t count = prq_rd_count(&rd, prq_rd_varint(&rd), 6);
    struct prq_db_row *rows = prq_new_n(a, struct prq_db_row, count);
    if (!rows)
        return prq_fail(err, PRQ_E_LIMIT, "rows exceed the memory budget");
    for (size_t i = 0; i < count; i++) {
        prq_str source = prq_rd_lenstr(&rd), id = prq_rd_lenstr(&rd), row = prq_rd_lenstr(&rd);
        if (rd.bad)
            break;
        if (!prq_row_parse(prq_bytes_of(row), a, &rows[i], err))
            return false;
        rows[i].source = source;
        rows[i].id = id;
        rows[i].affected.space = space;
        rows[i].affected.name = name;
    }
    if (rd.bad || prq_rd_left(&rd) || count == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&rd), "malformed rows");
    *out = rows;
    *n = count;
    return true;
}

/* Two spellings that fold into one name are two packages: then only the asked one's rows stay
 * (matching.md 5.7). */
static size_t keep_spelling(struct prq_db_row *rows, size_t n, prq_str folded, prq_str asked)
{
    bool differ = false;
    for (size_t i = 1; i < n && !differ; i++)
        differ = !prq_str_eq(rows[i].affected.spelling, rows[0].affected.spelling);
    if (!differ || !prq_str_eq(rows[0].affected.space, PRQ_S("npm")))
        return n;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        prq_str spelling = rows[i].affected.spelling.n ? rows[i].affected.spelling : folded;
        if (prq_str_eq(spelling, asked))
            rows[kept++] = rows[i];
    }
    return kept;
}

bool prq_db_lookup(struct prq_db *db, prq_str space, prq_str name, struct prq_arena *a,
                   struct prq_db_row **out, size_t *n, struct prq_err *err)
{
    const char *family = prq_db_family_of_space(space);
    struct prq_db_file *f = family ? prq_db_file(db, prq_str_from(family)) : NULL;
    *out = NULL;
    *n = 0;
    if (!f)
        return true;
    if (!prq_db_ensure(db, f, err))
        return false;
    if (!file_has_space(f, space))
        return true;
    struct prq_sql_stmt *st = prq_db_query(f, PRQ_Q_PACKAGE, err);
    prq_str folded = prq_name_fold(space, name, a);
    if (!st)
        return false;
    if (name.n && !folded.n)
        return prq_fail(err, PRQ_E_LIMIT, "rows exceed the memory budget");
    prq_sql_bind_text(st, 1, space);
    prq_sql_bind_text(st, 2, folded);
    enum prq_next step = prq_sql_step(st, err);
    bool ok = step != PRQ_NEXT_FAIL;
    if (step == PRQ_NEXT_ITEM) {
        prq_str blob = prq_arena_copy(a, prq_str_of(prq_sql_blob(st, 0)));
        ok = blob.p ? parse_rows(prq_bytes_of(blob), space, folded, a, out, n, err)
                    : prq_fail(err, PRQ_E_LIMIT, "rows exceed the memory budget");
    }
    prq_sql_reset(st);
    if (!ok)
        return prq_in(err, "%s: %.*s", f->path.p, PRQ_FMT(folded));
    *n = keep_spelling(*out, *n, folded, name);
    return true;
}

/* ---- records */

/* The document of a record, copied into `a`; empty when there is none. */
static bool get_doc(struct prq_db_file *f, enum prq_db_query_id query, prq_str source, prq_str id,
                    struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    struct prq_sql_stmt *st = prq_db_query(f, query, err);
    *out = (prq_str){ 0 };
    if (!st)
        return false;
    prq_sql_bind_text(st, 1, source);
    prq_sql_bind_text(st, 2, id);
    enum prq_next step = prq_sql_step(st, err);
    bool ok = step != PRQ_NEXT_FAIL;
    if (step == PRQ_NEXT_ITEM) {
        *out = prq_arena_copy(a, prq_str_of(prq_sql_blob(st, 0)));
        ok = out->p || prq_fail(err, PRQ_E_LIMIT, "the record exceeds the memory budget");
    }
    prq_sql_reset(st);
    return ok || prq_in(err, "%s: %.*s", f->path.p, PRQ_FMT(id));
}

enum { FEW = 8192 };

/* *all: there were no more than FEW. */
static bool collect_ids(struct prq_db *db, struct prq_db_file *f, const char *sql,
                        struct prq_map *to, bool *all, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_prepare(f->sql, sql, &st, err))
        return false;
    prq_map_init(to, db->a);
    enum prq_next step;
    size_t n = 0;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM && n++ < FEW) {
        bool added;
        prq_str id = prq_arena_copy(db->a, prq_sql_text(st, 0));
        if (!id.p || !prq_map_put(to, id, 0, &added))
            return prq_fail(err, PRQ_E_LIMIT, "the ids exceed the memory budget");
    }
    *all = step == PRQ_NEXT_END;
    return step != PRQ_NEXT_FAIL;
}

/* Can the family hold this record? Ecosystems with a database of their own name a GHSA id in nearly
 * every record and hold few of these. */
static bool may_hold(struct prq_db *db, struct prq_db_file *f, prq_str id, bool *out,
                     struct prq_err *err)
{
    *out = true;
    if (!prq_str_starts(id, PRQ_S("GHSA-")))
        return true;
    if (!f->asked_ghsa &&
        !collect_ids(db, f,
                     "SELECT id FROM record WHERE source='osv' AND id>='GHSA-' AND id<'GHSA.'",
                     &f->ghsa, &f->has_ghsa, err))
        return false;
    f->asked_ghsa = true;
    *out = !f->has_ghsa || prq_map_find(&f->ghsa, id);
    return true;
}

static bool read_record(struct prq_db *db, const char *family, enum prq_db_query_id query,
                        prq_str source, prq_str id, struct prq_arena *a, struct prq_record *out,
                        struct prq_err *err)
{
    struct prq_db_file *f = prq_db_file(db, prq_str_from(family));
    prq_str doc;
    bool may;
    *out = (struct prq_record){ 0 };
    if (!f)
        return true;
    if (!prq_db_ensure(db, f, err))
        return false;
    if (!may_hold(db, f, id, &may, err))
        return prq_in(err, "%s", f->path.p);
    if (!may)
        return true;
    if (!get_doc(f, query, source, id, a, &doc, err))
        return false;
    return !doc.n || prq_record_parse(doc, a, out, err) ||
           prq_in(err, "%s: %.*s", f->path.p, PRQ_FMT(id));
}

bool prq_db_record(struct prq_db *db, const char *family, prq_str source, prq_str id,
                   struct prq_arena *a, struct prq_record *out, struct prq_err *err)
{
    return read_record(db, family, PRQ_Q_RECORD, source, id, a, out, err);
}

bool prq_db_brief(struct prq_db *db, const char *family, prq_str source, prq_str id,
                  struct prq_arena *a, struct prq_record *out, struct prq_err *err)
{
    return read_record(db, family, PRQ_Q_BRIEF, source, id, a, out, err);
}

bool prq_db_record_digest(struct prq_db *db, const char *family, prq_str source, prq_str id,
                          struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    static const char hex[] = "0123456789abcdef";
    struct prq_db_file *f = prq_db_file(db, prq_str_from(family));
    prq_str raw;
    *out = (prq_str){ 0 };
    if (!f)
        return true;
    if (!prq_db_ensure(db, f, err) || !get_doc(f, PRQ_Q_SHA, source, id, a, &raw, err))
        return false;
    if (raw.n == 0)
        return true;
    char *text = raw.n == 32 ? prq_arena_alloc(a, 7 + 64) : NULL;
    if (!text)
        return prq_fail(err, PRQ_E_FORMAT, "%s: the digest of %.*s is none", f->path.p, PRQ_FMT(id));
    memcpy(text, "sha256:", 7);
    for (size_t i = 0; i < 32; i++) {
        text[7 + 2 * i] = hex[(uint8_t)raw.p[i] >> 4];
        text[8 + 2 * i] = hex[(uint8_t)raw.p[i] & 15];
    }
    *out = (prq_str){ text, 7 + 64 };
    return true;
}

/* The ids of a small family, read once: then an absent one costs no query. */
static bool load_ids(struct prq_db *db, struct prq_db_file *f, struct prq_err *err)
{
    if (f->has_ids || f->about.records > FEW)
        return true;
    return collect_ids(db, f, "SELECT id FROM record", &f->ids, &f->has_ids, err);
}

static bool add_nvd(struct prq_db_file *f, prq_str cve, struct prq_arena *a,
                    struct prq_cve_info *out, struct prq_err *err)
{
    struct prq_record r = { 0 };
    prq_str doc;
    if (!get_doc(f, PRQ_Q_BRIEF, PRQ_S("nvd"), cve, a, &doc, err))
        return false;
    if (!doc.n)
        return true;
    if (!prq_record_parse(doc, a, &r, err))
        return prq_in(err, "%s: %.*s", f->path.p, PRQ_FMT(cve));
    out->ratings = r.ratings;
    out->rating_count = r.rating_count;
    out->cwes = r.cwes;
    out->references = r.references;
    out->reference_count = r.reference_count;
    out->summary = r.details;
    out->published = r.published;
    out->modified = r.modified;
    out->is_rejected = r.is_withdrawn;
    out->is_disputed = r.is_disputed;
    return true;
}

bool prq_db_cve(struct prq_db *db, prq_str cve, struct prq_arena *a, struct prq_cve_info *out,
                struct prq_err *err)
{
    static const prq_str others[] = { PRQ_SI("kev"), PRQ_SI("epss") };
    struct prq_db_file *nvd = prq_db_file(db, PRQ_S("nvd"));
    *out = (struct prq_cve_info){ 0 };
    if (nvd && !(prq_db_ensure(db, nvd, err) && add_nvd(nvd, cve, a, out, err)))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(others); i++) {
        struct prq_db_file *f = prq_db_file(db, others[i]);
        prq_str doc = { 0 };
        if (!f)
            continue;
        if (!prq_db_ensure(db, f, err))
            return false;
        if (!load_ids(db, f, err))
            return prq_in(err, "%s", f->path.p);
        if (f->has_ids && !prq_map_find(&f->ids, cve))
            continue;
        if (!get_doc(f, PRQ_Q_RECORD, others[i], cve, a, &doc, err))
            return false;
        if (doc.n && !prq_cve_parse(doc, a, out, err))
            return prq_in(err, "%s: %.*s", f->path.p, PRQ_FMT(cve));
    }
    return true;
}
