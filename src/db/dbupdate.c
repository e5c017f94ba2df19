/* SPDX-License-Identifier: Apache-2.0 */
/* Source: matching.md 3 (conditional GET), 3.1 (modified_id.csv). */
#include "db/dbupdate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/map.h"
#include "db/dbdoc.h"
#include "db/jsonutil.h"

/* With more changes than this the archive costs less than a request each. */
enum { SINGLE_MAX = 300 };

bool prq_db_validators(struct prq_sql *previous, struct prq_arena *a, struct prq_db_validator **out,
                       size_t *n, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    if (!prq_sql_prepare(previous, "SELECT path,etag,modified,mark FROM fetch ORDER BY path", &st,
                         err))
        return false;
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM) {
        if (!prq_arena_grow(a, out, sizeof **out, &cap, *n + 1))
            return prq_fail(err, PRQ_E_NOMEM, "no memory to update");
        struct prq_db_validator *v = &(*out)[(*n)++];
        prq_str *columns[] = { &v->path, &v->etag, &v->modified, &v->mark };
        for (size_t i = 0; i < PRQ_COUNT(columns); i++)
            *columns[i] = prq_arena_copy(a, prq_sql_text(st, (int)i));
    }
    return step == PRQ_NEXT_END;
}

/* ---- the file before */

static bool read_meta(struct prq_sql *previous, const char *key, struct prq_arena *a, prq_str *out,
                      struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    if (!prq_sql_prepare(previous, "SELECT value FROM meta WHERE key=?1", &st, err))
        return false;
    prq_sql_bind_text(st, 1, prq_str_from(key));
    enum prq_next step = prq_sql_step(st, err);
    if (step == PRQ_NEXT_ITEM)
        *out = prq_arena_copy(a, prq_sql_text(st, 0));
    return step != PRQ_NEXT_FAIL;
}

/* Its records behind the new ones, and its counts. */
static bool add_previous(struct prq_sql *previous, struct prq_intake *in, struct prq_err *err)
{
    PRQ_SQL_STMT st = NULL;
    prq_str date = { 0 }, skipped = { 0 }, reason = { 0 };
    uint64_t count = 0;
    if (!read_meta(previous, "feed_date", in->a, &date, err) ||
        !read_meta(previous, "skipped", in->a, &skipped, err) ||
        !read_meta(previous, "skip_reason", in->a, &reason, err))
        return false;
    prq_intake_date(in, date);
    if (prq_str_u64(skipped, &count) && count) {
        in->skipped += count;
        snprintf(in->skip_reason, sizeof in->skip_reason, "%.*s", PRQ_FMT(reason));
    }
    uint64_t taken = in->taken;
    if (!prq_sql_prepare(previous, "SELECT source,id,doc FROM record ORDER BY source,id", &st, err))
        return false;
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM)
        if (!prq_intake_doc(in, prq_sql_text(st, 0), prq_sql_text(st, 1),
                            prq_str_of(prq_sql_blob(st, 2)), err))
            return false;
    in->taken = taken; /* read from the feed */
    return step == PRQ_NEXT_END;
}

/* ---- OSV: a list of what changed when, and each record by its id */

struct changes {
    struct prq_strs ids;
    size_t cap;
    bool is_usable; /* the list reaches down to the mark, in order, with few enough changes */
};

/* Did we read the record at this very time? Feeds write fractions of a second in one place and not
 * in the other. */
static bool has_version(struct prq_sql_stmt *find, prq_str id, prq_str time, struct prq_arena *a,
                        bool *has, struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(a);
    struct prq_record r = { 0 };
    prq_sql_bind_text(find, 1, PRQ_S("osv"));
    prq_sql_bind_text(find, 2, id);
    enum prq_next step = prq_sql_step(find, err);
    bool ok = step != PRQ_NEXT_FAIL;
    if (step == PRQ_NEXT_ITEM)
        ok = prq_record_parse(prq_str_of(prq_sql_blob(find, 0)), a, &r, err);
    *has = ok && r.modified.n >= 19 &&
           prq_str_eq(prq_str_head(r.modified, 19), prq_str_head(time, 19));
    prq_sql_reset(find);
    prq_arena_rewind(a, mark);
    return ok;
}

/* Newest first: read until the mark is passed. Records of the mark's own second may have come after
 * it was taken. */
static bool read_changes(prq_str text, prq_str mark, struct prq_sql *previous, struct prq_arena *a,
                         struct changes *out, struct prq_err *err)
{
    PRQ_SQL_STMT find = NULL;
    prq_str line, time, id, last = { 0 };
    bool reached = false;
    *out = (struct changes){ .is_usable = mark.n > 0 };
    if (!prq_sql_prepare(previous, "SELECT doc FROM record WHERE source=?1 AND id=?2", &find, err))
        return false;
    while (out->is_usable && prq_str_line(&text, &line)) {
        bool has = false;
        if (!prq_str_cut(line, ',', &time, &id) || !prq_is_record_id(id) ||
            (last.n && prq_str_cmp(time, last) > 0) || out->ids.n >= SINGLE_MAX) {
            out->is_usable = false;
            break;
        }
        last = time;
        reached |= prq_str_cmp(time, mark) <= 0;
        if (prq_str_cmp(time, mark) < 0)
            break;
        if (prq_str_eq(time, mark) && !has_version(find, id, time, a, &has, err))
            return false;
        if (!has && !prq_db_strs_add(&out->ids, &out->cap, prq_arena_copy(a, id), a))
            return prq_fail(err, PRQ_E_NOMEM, "no memory to update");
    }
    out->is_usable &= reached;
    return true;
}

/* *found: false when the mirror has no single records. */
static bool fetch_single(const struct prq_family_def *def, struct prq_source *from, prq_str id,
                         struct prq_intake *in, bool *found, struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(in->a);
    PRQ_FEED_BLOB blob = { .is_found = false };
    struct prq_record r;
    struct prq_err why = PRQ_ERR_INIT;
    prq_str path = prq_arena_printf(in->a, "osv/%s/%.*s.json", def->folder, PRQ_FMT(id));
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to update");
    if (!prq_source_get_once(from, path, &blob, err))
        return false;
    *found = blob.is_found;
    bool ok = true;
    if (blob.is_found && !prq_osv_parse(prq_str_of(blob.bytes), def->name, in->a, &r, &why))
        in->sink.skip(in, id, why.text); /* what we have of it stays */
    else if (blob.is_found && !prq_osv_counts(&r))
        ok = prq_intake_doc(in, r.source, r.id, (prq_str){ 0 }, err);
    else if (blob.is_found)
        ok = in->sink.record(in, &r, err);
    prq_arena_rewind(in->a, mark);
    return ok;
}

static bool fetch_changes(const struct prq_family_def *def, struct prq_source *from,
                          const struct changes *changes, struct prq_intake *in, bool *complete,
                          struct prq_err *err)
{
    *complete = true;
    for (size_t i = 0; i < changes->ids.n && *complete; i++)
        if (!fetch_single(def, from, changes->ids.v[i], in, complete, err))
            return false;
    return true;
}

/* ---- records that the list no longer has */

static bool map_list(prq_str text, struct prq_map *ids, prq_str *oldest, struct prq_err *err)
{
    prq_str line, time, id;
    while (prq_str_line(&text, &line)) {
        if (!prq_str_cut(line, ',', &time, &id))
            continue;
        *oldest = time;
        if (!prq_map_put(ids, id, 0, NULL))
            return prq_fail(err, PRQ_E_LIMIT, "too many ids in the list of changes");
    }
    return true;
}

/* A list may be cut off at its end: only what is newer than that is gone when it is not there. */
static bool is_gone(prq_str doc, prq_str oldest, struct prq_arena *a, bool *out,
                    struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(a);
    struct prq_record r;
    if (!prq_record_parse(doc, a, &r, err))
        return false;
    *out = r.modified.n >= 19 &&
           prq_str_cmp(prq_str_head(r.modified, 19), prq_str_head(oldest, 19)) > 0;
    prq_arena_rewind(a, mark);
    return true;
}

static bool take_gone(prq_str list, struct prq_sql *previous, struct prq_intake *in, bool *any,
                      struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(512));
    PRQ_SQL_STMT st = NULL;
    struct prq_map ids;
    prq_str oldest = { 0 };
    *any = false;
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to update");
    prq_map_init(&ids, a);
    if (!map_list(list, &ids, &oldest, err) ||
        !prq_sql_prepare(previous, "SELECT id,doc FROM record WHERE source='osv' ORDER BY id", &st,
                         err))
        return false;
    enum prq_next step;
    while ((step = prq_sql_step(st, err)) == PRQ_NEXT_ITEM) {
        bool gone = false;
        if (prq_map_find(&ids, prq_sql_text(st, 0)))
            continue;
        if (!is_gone(prq_str_of(prq_sql_blob(st, 1)), oldest, a, &gone, err))
            return false;
        if (gone && !prq_intake_doc(in, PRQ_S("osv"), prq_sql_text(st, 0), (prq_str){ 0 }, err))
            return false;
        *any |= gone;
    }
    return step == PRQ_NEXT_END;
}

static prq_str mark_of(const struct prq_db_validator *v, size_t n, prq_str path)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(v[i].path, path))
            return v[i].mark;
    return (prq_str){ 0 };
}

static bool full(const struct prq_family_def *def, struct prq_source *from, struct prq_intake *in,
                 enum prq_update *how, struct prq_err *err)
{
    *how = PRQ_UPDATE_FULL;
    prq_source_expect(from, NULL, 0);
    return prq_intake_reset(in, err) && def->read(def, from, in, err);
}

static bool update_osv(const struct prq_family_def *def, struct prq_source *from,
                       struct prq_sql *previous, struct prq_intake *in, struct prq_arena *a,
                       prq_str mark, enum prq_update *how, struct prq_err *err)
{
    PRQ_FEED_BLOB list = { .is_found = false };
    struct changes changes;
    bool complete = false, any_gone = false;
    prq_str path = prq_arena_printf(a, "osv/%s/modified_id.csv", def->folder);
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to update");
    if (!prq_source_get(from, path, &list, err))
        return false;
    if (list.is_unchanged) {
        *how = PRQ_UPDATE_NONE;
        return true;
    }
    if (!read_changes(prq_str_of(list.bytes), mark, previous, a, &changes, err))
        return false;
    if (changes.is_usable &&
        !take_gone(prq_str_of(list.bytes), previous, in, &any_gone, err))
        return false;
    if (changes.is_usable && changes.ids.n == 0 && !any_gone) {
        *how = PRQ_UPDATE_NONE;
        return true;
    }
    if (changes.is_usable && !fetch_changes(def, from, &changes, in, &complete, err))
        return false;
    if (!complete)
        return full(def, from, in, how, err);
    *how = PRQ_UPDATE_DELTA;
    prq_str text = prq_str_of(list.bytes), line, time, rest;
    if (prq_str_line(&text, &line) && prq_str_cut(line, ',', &time, &rest)) {
        snprintf(in->mark_path, sizeof in->mark_path, "%.*s", PRQ_FMT(path));
        snprintf(in->mark, sizeof in->mark, "%.*s", PRQ_FMT(time));
    }
    return add_previous(previous, in, err);
}

bool prq_family_update(const struct prq_family_def *def, struct prq_source *from,
                       struct prq_sql *previous, struct prq_intake *in, struct prq_arena *a,
                       enum prq_update *how, struct prq_err *err)
{
    struct prq_db_validator *v;
    size_t n;
    if (!prq_db_validators(previous, a, &v, &n, err))
        return false;
    prq_source_expect(from, v, n);
    if (def->folder) {
        prq_str path = prq_arena_printf(a, "osv/%s/modified_id.csv", def->folder);
        return update_osv(def, from, previous, in, a, mark_of(v, n, path), how, err);
    }
    if (!def->read(def, from, in, err))
        return false;
    if (in->unchanged == 0) {
        *how = PRQ_UPDATE_FULL;
        return true;
    }
    if (in->changed == 0) {
        *how = PRQ_UPDATE_NONE;
        return true;
    }
    /* Some files of several. Where each holds records of its own, the rest is as it was; the feeds of
     * Ubuntu and AlmaLinux share theirs. */
    if (def->join != PRQ_JOIN_NEWEST || def->read == prq_read_ubuntu ||
        def->read == prq_read_almalinux)
        return full(def, from, in, how, err);
    *how = PRQ_UPDATE_DELTA;
    return add_previous(previous, in, err);
}
