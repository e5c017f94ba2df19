/* SPDX-License-Identifier: Apache-2.0 */
#include "report/findingrows.h"

#include <stdlib.h>

#include "report/grid.h"
#include "report/tabletext.h"

bool prq_severity_is_wanted(prq_str list, enum prq_severity s)
{
    prq_str piece;
    if (list.n == 0)
        return true;
    while (prq_str_split(&list, ',', &piece))
        if (prq_str_ieq(prq_str_trim(piece), prq_str_from(prq_severity_word(s))))
            return true;
    return false;
}

/* Fixable first, then severity, then package and id. */
static prq_str source_of(const struct prq_package *p)
{
    return p->source_name.n ? p->source_name : p->name;
}

static int by_use(const void *x, const void *y, void *user)
{
    const struct prq_report *sorting = user;
    const struct prq_finding *a = &sorting->findings[*(const size_t *)x];
    const struct prq_finding *b = &sorting->findings[*(const size_t *)y];
    int fix = (b->state == PRQ_FIX_FIXED) - (a->state == PRQ_FIX_FIXED);
    if (fix)
        return fix;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    const struct prq_package *p = &sorting->analysis->packages[a->package];
    const struct prq_package *q = &sorting->analysis->packages[b->package];
    int c = prq_str_cmp(source_of(p), source_of(q));
    c = c ? c : prq_str_cmp(a->id, b->id);
    return c ? c : (a->package > b->package) - (a->package < b->package);
}

/* Binary packages of one source share their findings: one row for all of them (matching.md 5.3). */
static bool same_row(const struct prq_report *r, const struct prq_finding *a,
                     const struct prq_finding *b)
{
    const struct prq_package *p = &r->analysis->packages[a->package];
    const struct prq_package *q = &r->analysis->packages[b->package];
    return prq_str_eq(a->id, b->id) && prq_str_eq(p->type, q->type) && prq_package_is_os(p) &&
           prq_str_eq(source_of(p), source_of(q)) && prq_str_eq(p->version, q->version) &&
           a->severity == b->severity && p->layer == q->layer;
}

static bool add_row(struct prq_grid *g, const struct prq_report *r, const struct prq_finding *f,
                    size_t more, bool with_layer, struct prq_arena *a)
{
    const struct prq_package *p = &r->analysis->packages[f->package];
    struct prq_cell *c = prq_grid_row(g);
    if (!c)
        return false;
    c[0] = (struct prq_cell){ prq_str_from(prq_severity_word(f->severity)),
                              prq_severity_color(f->severity) };
    c[1].text = f->is_kev ? prq_arena_printf(a, "%.*s !", PRQ_FMT(f->id)) : f->id;
    c[2].text = more ? prq_arena_printf(a, "%.*s (+%zu)", PRQ_FMT(p->name), more) : p->name;
    c[3].text = prq_package_shown_version(p, a);
    c[4].text = prq_fix_text(f, a);
    if (with_layer)
        c[5].text = p->evidence_count ? prq_arena_printf(a, "%u", p->layer) : PRQ_S("-");
    c[with_layer ? 6 : 5].text = prq_one_line(f->summary, a);
    return true;
}

bool prq_put_finding_rows(const struct prq_report *r, const struct prq_report_style *style,
                          size_t *list, size_t n, bool with_layer, struct prq_arena *a,
                          struct prq_buf *out)
{
    static const char *const heads[] = { "SEVERITY", "ID", "PACKAGE", "INSTALLED", "FIXED IN" };
    struct prq_report copy = *r; /* qsort_r wants a pointer that is not const */
    struct prq_grid g;
    qsort_r(list, n, sizeof *list, by_use, &copy);
    prq_grid_init(&g, a, PRQ_COUNT(heads) + 1 + with_layer);
    g.narrow = style->width ? PRQ_NARROW : PRQ_FILE_WIDTH;
    g.can_drop_last = style->width > 0;
    struct prq_cell *c = prq_grid_row(&g);
    if (!c)
        return false;
    for (size_t i = 0; i < PRQ_COUNT(heads); i++)
        c[i].text = prq_str_from(heads[i]);
    c[5].text = PRQ_S("LAYER");
    c[with_layer ? 6 : 5].text = PRQ_S("SUMMARY");
    for (size_t i = 0; i < n;) {
        const struct prq_finding *f = &r->findings[list[i]];
        size_t more = 0;
        while (i + more + 1 < n && same_row(r, f, &r->findings[list[i + more + 1]]))
            more++;
        if (!add_row(&g, r, f, more, with_layer, a))
            return false;
        i += more + 1;
    }
    if (n)
        prq_grid_put(&g, style->width ? style->width : PRQ_FILE_WIDTH, style->color, "", out);
    return true;
}
