/* SPDX-License-Identifier: Apache-2.0 */
/* A look at a database without the command line program:
 *   db_probe build|update FEEDS DIR [FAMILIES [NOW [ADDRESSES]]]
 *   db_probe lookup DIR SPACE NAME
 *   db_probe bench DIR SPACE NAMES-FILE
 *   db_probe record DIR FAMILY SOURCE ID
 *   db_probe cve DIR ID
 *   db_probe list DIR */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "db/db.h"
#include "db/dbdoc.h"
#include "io/source.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int failed(const struct prq_err *err)
{
    fprintf(stderr, "db_probe: %s\n", err->text);
    return 1;
}

static void on_progress(void *user, const char *line)
{
    double *last = user, now = seconds();
    printf("%6.2f s  %s\n", now - *last, line);
    *last = now;
}

static int build(int argc, char **argv, bool update)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    double start = seconds(), last = start;
    struct prq_db_build_opts opts = {
        .from = prq_str_from(argv[0]),
        .to = prq_str_from(argv[1]),
        .families = prq_str_from(argc > 2 ? argv[2] : ""),
        .now = prq_str_from(argc > 3 ? argv[3] : "2026-08-23T00:00:00Z"),
        .addresses = prq_str_from(argc > 4 ? argv[4] : ""),
        .update = update,
        .progress = on_progress,
        .progress_user = &last,
    };
    bool ok = scratch && prq_db_build(&ctx, &opts, &err);
    printf("%6.2f s  in all\n", seconds() - start);
    return ok ? 0 : failed(&err);
}

static void print_strs(const char *label, const struct prq_strs *list)
{
    if (list->n)
        printf("  %s:", label);
    for (size_t i = 0; i < list->n; i++)
        printf(" %.*s", PRQ_FMT(list->v[i]));
    if (list->n)
        printf("\n");
}

static void print_row(const struct prq_db_row *r)
{
    static const char *const kinds[] = { ">=", "<", "<=", "limit <" };
    const struct prq_affected *p = &r->affected;
    printf("%.*s %.*s state=%d%s%s%s%s\n", PRQ_FMT(r->source), PRQ_FMT(r->id), (int)p->state,
           p->is_source ? " source" : "", r->is_withdrawn ? " withdrawn" : "",
           r->is_malicious ? " malicious" : "", r->is_disputed ? " disputed" : "");
    print_strs("aliases", &r->aliases);
    print_strs("cves", &r->cves);
    for (size_t i = 0; i < p->range_count; i++) {
        printf("  range:");
        for (size_t k = 0; k < p->ranges[i].n; k++)
            printf(" %s %.*s", kinds[p->ranges[i].events[k].kind],
                   PRQ_FMT(p->ranges[i].events[k].version));
        printf("\n");
    }
    print_strs("versions", &p->versions);
    print_strs("fixed", &p->fixed);
    print_strs("arches", &p->arches);
    print_strs("advisories", &p->advisories);
    const struct {
        const char *label;
        prq_str text;
    } texts[] = { { "module", p->module },
                  { "goos", p->goos },
                  { "note", p->note },
                  { "spelling", p->spelling } };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (texts[i].text.n)
            printf("  %s: %.*s\n", texts[i].label, PRQ_FMT(texts[i].text));
    for (size_t i = 0; i < p->rating_count; i++)
        printf("  rating: %.*s %.*s\n", PRQ_FMT(p->ratings[i].source),
               PRQ_FMT(p->ratings[i].value));
}

static bool lookup(struct prq_db *db, struct prq_arena *a, char **argv, struct prq_err *err)
{
    struct prq_db_row *rows;
    size_t n;
    if (!prq_db_lookup(db, prq_str_from(argv[0]), prq_str_from(argv[1]), a, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        print_row(&rows[i]);
    printf("%zu rows\n", n);
    return true;
}

static bool bench(struct prq_db *db, struct prq_arena *a, char **argv, struct prq_err *err)
{
    PRQ_BUF names;
    prq_buf_init(&names, PRQ_MIB(16));
    if (!prq_read_file(argv[1], &names, err))
        return false;
    for (int round = 0; round < 3; round++) {
        prq_str rest = prq_buf_view(&names), name;
        size_t asked = 0, found = 0;
        double start = seconds();
        struct prq_mark mark = prq_arena_mark(a);
        while (prq_str_line(&rest, &name)) {
            struct prq_db_row *rows;
            size_t n;
            if (!prq_db_lookup(db, prq_str_from(argv[0]), name, a, &rows, &n, err))
                return false;
            asked++;
            found += n;
        }
        printf("%zu names, %zu rows: %.2f ms\n", asked, found, (seconds() - start) * 1e3);
        prq_arena_rewind(a, mark);
    }
    return true;
}

static bool record(struct prq_db *db, struct prq_arena *a, char **argv, struct prq_err *err)
{
    struct prq_record r;
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(16));
    if (!prq_db_record(db, argv[0], prq_str_from(argv[1]), prq_str_from(argv[2]), a, &r, err))
        return false;
    if (!r.id.n) {
        printf("absent\n");
        return true;
    }
    if (!prq_record_write(&r, a, &text, err))
        return false;
    printf("%.*s\n", PRQ_FMT(prq_buf_view(&text)));
    return true;
}

static bool cve(struct prq_db *db, struct prq_arena *a, char **argv, struct prq_err *err)
{
    struct prq_cve_info c;
    if (!prq_db_cve(db, prq_str_from(argv[0]), a, &c, err))
        return false;
    for (size_t i = 0; i < c.rating_count; i++)
        printf("rating %.*s %.*s%s\n", PRQ_FMT(c.ratings[i].source), PRQ_FMT(c.ratings[i].value),
               c.ratings[i].is_primary ? " primary" : "");
    print_strs("cwes", &c.cwes);
    printf("summary %.*s\npublished %.*s modified %.*s rejected %d disputed %d\n",
           PRQ_FMT(c.summary), PRQ_FMT(c.published), PRQ_FMT(c.modified), c.is_rejected,
           c.is_disputed);
    printf("kev %d ransomware %d added %.*s due %.*s\n", c.is_kev, c.kev_ransomware,
           PRQ_FMT(c.kev_added), PRQ_FMT(c.kev_due));
    printf("epss %d %.*s %.*s of %.*s\n", c.has_epss, PRQ_FMT(c.epss_score),
           PRQ_FMT(c.epss_percentile), PRQ_FMT(c.epss_date));
    return true;
}

static bool list(struct prq_db *db, struct prq_arena *a, char **argv, struct prq_err *err)
{
    const struct prq_family *f;
    (void)a;
    (void)argv;
    (void)err;
    size_t n = prq_db_families(db, &f);
    for (size_t i = 0; i < n; i++)
        printf("%.*s %" PRIu64 " records, feed of %.*s, built %.*s, %.*s\n", PRQ_FMT(f[i].name),
               f[i].records, PRQ_FMT(f[i].feed_date), PRQ_FMT(f[i].built), PRQ_FMT(f[i].digest));
    return true;
}

static const struct {
    const char *name;
    int args; /* after DIR */
    bool (*run)(struct prq_db *db, struct prq_arena *a, char **argv, struct prq_err *err);
} commands[] = {
    { "lookup", 2, lookup }, { "bench", 2, bench }, { "record", 3, record },
    { "cve", 1, cve },       { "list", 0, list },
};

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "build") == 0)
        return build(argc - 2, argv + 2, false);
    if (argc >= 4 && strcmp(argv[1], "update") == 0)
        return build(argc - 2, argv + 2, true);
    for (size_t i = 0; i < PRQ_COUNT(commands); i++) {
        if (argc < 2 || strcmp(commands[i].name, argv[1]) != 0 || argc != 3 + commands[i].args)
            continue;
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_db *db;
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
        if (!a || !prq_db_open(prq_str_from(argv[2]), &db, &err))
            return failed(&err);
        bool ok = commands[i].run(db, a, argv + 3, &err);
        prq_db_close(db);
        return ok ? 0 : failed(&err);
    }
    fprintf(stderr, "usage: db_probe build|update FEEDS DIR [FAMILIES [NOW [ADDRESSES]]] | lookup "
                    "DIR SPACE NAME | "
                    "bench DIR SPACE FILE | record DIR FAMILY SOURCE ID | cve DIR ID | list DIR\n");
    return 2;
}
