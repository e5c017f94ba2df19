/* SPDX-License-Identifier: Apache-2.0 */
/* The match phase alone: opening the database, matching, closing.
 *   bench_match DB-DIR PURL-LIST TIMES      a line each: milliseconds, findings, KiB of memory */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/source.h"
#include "match/match.h"
#include "scan/analyse.h"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool once(const char *dir, const struct prq_analysis *an, struct prq_err *err)
{
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(512));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_match_opts opts = { .now = PRQ_S("2026-01-01T00:00:00Z") };
    struct prq_report report = { .analysis = an, .now = opts.now };
    struct prq_db *db;
    double begin = now_ms();
    if (!prq_db_open_lazily(prq_str_from(dir), &db, err))
        return false;
    bool ok = prq_match(&ctx, an, db, &opts, arena, &report, err);
    prq_db_close(db);
    printf("%.2f %zu %zu\n", now_ms() - begin, report.finding_count, prq_arena_used(arena) >> 10);
    return ok;
}

int main(int argc, char **argv)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(512));
    struct prq_analysis an = { 0 };
    if (argc != 4 || !arena) {
        fprintf(stderr, "usage: bench_match DB-DIR PURL-LIST TIMES\n");
        return 2;
    }
    PRQ_BUF list;
    prq_buf_init(&list, PRQ_MIB(256));
    bool ok = prq_read_file(argv[2], &list, &err) &&
              prq_analysis_of_purls(prq_buf_view(&list), arena, &an, &err);
    for (long i = strtol(argv[3], NULL, 10); ok && i > 0; i--)
        ok = once(argv[1], &an, &err);
    if (!ok)
        fprintf(stderr, "bench_match: %s\n", err.text);
    return !ok;
}
