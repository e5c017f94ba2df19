/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the database, for `pratique db status`. */
#include <inttypes.h>

#include "db/dbfamily.h"
#include "db/dbhandle.h"
#include "db/dbinstall.h"
#include "db/dbprint.h"
#include "format/json.h"

/* Days since 1970-01-01 of a date in the Gregorian calendar. Source: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool day_number(prq_str s, int64_t *out)
{
    uint64_t y, m, d;
    if (s.n < 10 || !prq_str_u64(prq_str_head(s, 4), &y) ||
        !prq_str_u64(prq_str_head(prq_str_from_at(s, 5), 2), &m) ||
        !prq_str_u64(prq_str_head(prq_str_from_at(s, 8), 2), &d) || m < 1 || m > 12)
        return false;
    *out = days_of((int64_t)y, (int64_t)m, (int64_t)d);
    return true;
}

/* Age in days of the feed's newest date, or of the build where the feed has none. */
static bool age_of(const struct prq_db_file *f, prq_str now, int64_t *days)
{
    int64_t from, to;
    prq_str since = f->about.feed_date.n ? f->about.feed_date : f->about.built;
    if (!day_number(since, &from) || !day_number(now, &to))
        return false;
    *days = to - from;
    return true;
}

static void json_retained(struct prq_jw *w, const struct prq_db_file *f, struct prq_arena *a)
{
    prq_str *times;
    size_t n;
    if (!prq_db_retained(prq_path_dir(f->path), f->def->name, a, &times, &n, NULL) || n == 0)
        return;
    prq_jw_key(w, "retained");
    prq_jw_array(w);
    for (size_t i = 0; i < n; i++)
        prq_jw_str(w, times[i]);
    prq_jw_array_end(w);
}

static void json_family(struct prq_jw *w, const struct prq_db_file *f, prq_str now,
                        struct prq_arena *a)
{
    int64_t age;
    prq_jw_object(w);
    prq_jw_kv(w, "name", f->about.name);
    prq_jw_kv(w, "source", f->about.source);
    prq_jw_kv(w, "digest", f->about.digest);
    prq_jw_kv(w, "built", f->about.built);
    prq_jw_opt(w, "feed_date", f->about.feed_date);
    if (age_of(f, now, &age)) {
        prq_jw_key(w, "age_days");
        prq_jw_i64(w, age);
    }
    prq_jw_kv(w, "observed_since", f->observed_since);
    prq_jw_kv_u64(w, "records", f->about.records);
    prq_jw_kv_u64(w, "rows", f->rows);
    prq_jw_kv_u64(w, "skipped", f->skipped);
    prq_jw_opt(w, "skip_reason", f->skip_reason);
    prq_jw_kv_u64(w, "size_bytes", f->size_bytes);
    json_retained(w, f, a);
    if (f->space_count) {
        prq_jw_key(w, "spaces");
        prq_jw_array(w);
        for (size_t i = 0; i < f->space_count; i++) {
            prq_jw_object(w);
            prq_jw_kv(w, "space", f->spaces[i].space);
            prq_jw_kv_u64(w, "packages", f->spaces[i].packages);
            prq_jw_kv_u64(w, "rows", f->spaces[i].rows);
            prq_jw_object_end(w);
        }
        prq_jw_array_end(w);
    }
    prq_jw_object_end(w);
}

static void write_json(const struct prq_db *db, prq_str now, struct prq_buf *out)
{
    struct prq_jw w;
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    prq_jw_kv_u64(&w, "schema", PRQ_DB_SCHEMA);
    prq_jw_key(&w, "families");
    prq_jw_array(&w);
    for (size_t i = 0; i < db->n; i++)
        json_family(&w, &db->files[i], now, db->a);
    prq_jw_array_end(&w);
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
}

static void table_family(const struct prq_db_file *f, prq_str now, struct prq_buf *out)
{
    int64_t age;
    prq_print_cell(out, f->about.name, 10);
    prq_buf_printf(out, "%9" PRIu64 " %9" PRIu64 " %8" PRIu64 "  ", f->about.records, f->rows,
                   f->skipped);
    prq_print_cell(out, prq_str_head(f->about.feed_date, 10), 10);
    if (age_of(f, now, &age))
        prq_buf_printf(out, "%5" PRId64 " d  ", age);
    else
        prq_buf_printf(out, "%7s  ", "");
    prq_print_cell(out, prq_str_head(f->about.built, 10), 10);
    /* "sha256:" and twelve digits tell databases apart. */
    prq_print_cell(out, prq_str_head(f->about.digest, 19), 19);
    prq_print_text(out, f->about.source);
    prq_buf_byte(out, '\n');
}

bool prq_db_status_write(struct prq_db *db, prq_str now, bool as_json, struct prq_buf *out,
                         struct prq_err *err)
{
    if (as_json) {
        write_json(db, now, out);
    } else {
        prq_buf_printf(out, "%-12s%9s %9s %8s  %-12s%7s  %-12s%-21s%s\n", "FAMILY", "RECORDS",
                       "ROWS", "SKIPPED", "FEED DATE", "AGE", "BUILT", "DIGEST", "SOURCE");
        for (size_t i = 0; i < db->n; i++)
            table_family(&db->files[i], now, out);
    }
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the status is too long");
}
