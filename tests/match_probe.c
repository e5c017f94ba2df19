/* SPDX-License-Identifier: Apache-2.0 */
/* Matching without the command line program:
 *   match_probe DB-DIR PURL-LIST          one JSON line a finding, a suppressed one, a gap
 *   match_probe DB-DIR PURL-LIST N        N times, printing the time of each */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "format/json.h"
#include "match/match.h"
#include "scan/analyse.h"

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int failed(const struct prq_err *err)
{
    fprintf(stderr, "match_probe: %s\n", err->text);
    return 1;
}

static void put_strs(struct prq_jw *w, const char *key, const struct prq_strs *list)
{
    prq_jw_key(w, key);
    prq_jw_array(w);
    for (size_t i = 0; i < list->n; i++)
        prq_jw_str(w, list->v[i]);
    prq_jw_array_end(w);
}

static void put_finding(struct prq_jw *w, const struct prq_report *r, const struct prq_finding *f)
{
    const struct prq_package *p = &r->analysis->packages[f->package];
    prq_jw_object(w);
    prq_jw_kv(w, "purl", p->purl);
    prq_jw_kv(w, "id", f->id);
    put_strs(w, "aliases", &f->aliases);
    put_strs(w, "advisories", &f->advisories);
    prq_jw_kv(w, "severity", prq_str_from(prq_severity_word(f->severity)));
    prq_jw_opt(w, "severity_source", f->severity_source);
    prq_jw_opt(w, "cvss", f->cvss_score);
    prq_jw_kv(w, "state", prq_str_from(prq_fix_state_word(f->state)));
    put_strs(w, "fixed_in", &f->fixed_in);
    prq_jw_opt(w, "record", f->record_id);
    prq_jw_opt(w, "source", f->record_source);
    prq_jw_opt(w, "space", f->space);
    prq_jw_opt(w, "matched", f->matched_name);
    prq_jw_kv_bool(w, "indirect", f->is_indirect);
    prq_jw_opt(w, "comparison", f->comparison);
    prq_jw_opt(w, "confidence", f->confidence);
    prq_jw_opt(w, "note", f->note);
    prq_jw_opt(w, "summary", f->summary);
    prq_jw_opt(w, "kev", f->kev_added);
    prq_jw_opt(w, "epss", f->epss_score);
    if (f->by.kind.n > 0) {
        prq_jw_kv(w, "by", f->by.kind);
        prq_jw_kv(w, "by_id", f->by.id);
        prq_jw_kv(w, "reason", f->by.reason);
    }
    prq_jw_object_end(w);
}

static bool line_out(struct prq_buf *b)
{
    bool ok = !b->bad && prq_buf_byte(b, '\n') && fwrite(b->p, 1, b->n, stdout) == b->n;
    prq_buf_clear(b);
    return ok;
}

static bool print(const struct prq_report *r)
{
    PRQ_BUF b;
    bool ok = true;
    prq_buf_init(&b, PRQ_MIB(16));
    for (size_t i = 0; ok && i < r->finding_count + r->suppressed_count; i++) {
        struct prq_jw w;
        prq_jw_init(&w, &b, false);
        put_finding(&w, r, i < r->finding_count ? &r->findings[i]
                                                : &r->suppressed[i - r->finding_count]);
        ok = line_out(&b);
    }
    for (size_t i = 0; ok && i < r->gap_count; i++) {
        struct prq_jw w;
        prq_jw_init(&w, &b, false);
        prq_jw_object(&w);
        prq_jw_kv(&w, "gap", r->gaps[i].kind);
        prq_jw_kv(&w, "reason", r->gaps[i].reason);
        prq_jw_object_end(&w);
        ok = line_out(&b);
    }
    return ok;
}

static bool once(const char *dir, const struct prq_analysis *an, bool quiet, struct prq_err *err)
{
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(512));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_match_opts opts = { .now = PRQ_S("2026-08-23T00:00:00Z") };
    struct prq_report report = { .analysis = an, .now = opts.now };
    struct prq_db *db;
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!prq_db_open(prq_str_from(dir), &db, err))
        return false;
    double opened = seconds(CLOCK_MONOTONIC);
    bool ok = prq_match(&ctx, an, db, &opts, arena, &report, err);
    double matched = seconds(CLOCK_MONOTONIC);
    prq_db_close(db);
    if (quiet)
        printf("%.1f ms wall, %.1f ms cpu (open %.1f, match %.1f): %zu packages, %zu findings, "
               "%zu suppressed, %zu gaps, %zu KiB\n",
               (seconds(CLOCK_MONOTONIC) - wall) * 1e3,
               (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3, (opened - wall) * 1e3,
               (matched - opened) * 1e3, an->package_count, report.finding_count,
               report.suppressed_count, report.gap_count, prq_arena_used(arena) >> 10);
    return ok && (quiet || print(&report));
}

int main(int argc, char **argv)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(512));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = arena };
    struct prq_analysis an = { 0 };
    if (argc < 3 || !arena) {
        fprintf(stderr, "usage: match_probe DB-DIR PURL-LIST [TIMES]\n");
        return 2;
    }
    if (!prq_analyse_purls(&ctx, prq_str_from(argv[2]), PRQ_S("list"), arena, &an, &err))
        return failed(&err);
    int times = argc > 3 ? atoi(argv[3]) : 1;
    for (int i = 0; i < times; i++)
        if (!once(argv[1], &an, argc > 3, &err))
            return failed(&err);
    return 0;
}
