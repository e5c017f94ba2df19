/* SPDX-License-Identifier: Apache-2.0 */
/* The report for people: what the image is, a summary, findings grouped by severity with those that
 * have a fix first, then what was suppressed and what could not be judged. */
#include <stdlib.h>

#include "report/grid.h"
#include "report/output.h"
#include "report/tabletext.h"

static bool is_wanted(prq_str list, enum prq_severity s)
{
    prq_str piece;
    if (list.n == 0)
        return true;
    while (prq_str_split(&list, ',', &piece))
        if (prq_str_ieq(prq_str_trim(piece), prq_str_from(prq_severity_word(s))))
            return true;
    return false;
}

static void put_head(const struct prq_report *r, struct prq_buf *out)
{
    const struct prq_analysis *an = r->analysis;
    prq_put_escaped(out, an->name);
    if (an->has_distro) {
        prq_buf_str(out, PRQ_S(" ("));
        const struct prq_distro *d = &an->distro;
        if (d->pretty_name.n) {
            prq_put_escaped(out, d->pretty_name);
        } else {
            prq_put_escaped(out, d->id);
            prq_buf_byte(out, ' ');
            prq_put_escaped(out, d->version_id);
        }
        prq_buf_byte(out, ')');
    }
    prq_buf_printf(out, "\n%zu package%s", an->package_count, an->package_count == 1 ? "" : "s");
    if (an->layer_count)
        prq_buf_printf(out, " in %zu layer%s", an->layer_count, an->layer_count == 1 ? "" : "s");
    if (an->digest.n) {
        prq_buf_str(out, PRQ_S(", "));
        prq_put_escaped(out, an->digest);
    }
    prq_buf_byte(out, '\n');
    prq_put_left_out(out, an);
}

static void put_summary(const struct prq_report *r, const struct prq_report_style *style,
                        struct prq_buf *out)
{
    size_t count[PRQ_SEV_CRITICAL + 1] = { 0 }, fixable = 0, exploited = 0;
    for (size_t i = 0; i < r->finding_count; i++) {
        count[r->findings[i].severity]++;
        fixable += r->findings[i].state == PRQ_FIX_FIXED;
        exploited += r->findings[i].is_kev;
    }
    prq_buf_printf(out, "%zu finding%s", r->finding_count, r->finding_count == 1 ? "" : "s");
    const char *between = ": ";
    for (int s = PRQ_SEV_CRITICAL; s >= 0; s--) {
        if (!count[s])
            continue;
        prq_buf_printf(out, "%s%s%zu %s%s", between, style->color ? prq_severity_color((enum prq_severity)s) : "",
                       count[s], prq_severity_word((enum prq_severity)s),
                       style->color ? "\033[0m" : "");
        between = ", ";
    }
    if (r->finding_count)
        prq_buf_printf(out, "; %zu with a fix", fixable);
    if (exploited)
        prq_buf_printf(out, "; %zu known to be exploited", exploited);
    prq_buf_byte(out, '\n');
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
                    size_t more, struct prq_arena *a)
{
    const struct prq_package *p = &r->analysis->packages[f->package];
    struct prq_cell *c = prq_grid_row(g);
    if (!c)
        return false;
    c[0] = (struct prq_cell){ prq_str_from(prq_severity_word(f->severity)), prq_severity_color(f->severity) };
    c[1].text = f->is_kev ? prq_arena_printf(a, "%.*s !", PRQ_FMT(f->id)) : f->id;
    c[2].text = more ? prq_arena_printf(a, "%.*s (+%zu)", PRQ_FMT(p->name), more) : p->name;
    c[3].text = prq_package_shown_version(p, a);
    c[4].text = prq_fix_text(f, a);
    c[5].text = p->evidence_count ? prq_arena_printf(a, "%u", p->layer) : PRQ_S("-");
    c[6].text = prq_one_line(f->summary, a);
    return true;
}

static bool put_findings(const struct prq_report *r, const struct prq_report_style *style,
                         struct prq_arena *a, struct prq_buf *out)
{
    size_t *order = prq_new_n(a, size_t, r->finding_count + 1), n = 0;
    struct prq_grid g;
    if (!order)
        return false;
    for (size_t i = 0; i < r->finding_count; i++)
        if (is_wanted(style->severities, r->findings[i].severity))
            order[n++] = i;
    struct prq_report copy = *r; /* qsort_r wants a pointer that is not const */
    qsort_r(order, n, sizeof *order, by_use, &copy);
    prq_grid_init(&g, a, 7);
    g.narrow = style->width ? PRQ_NARROW : PRQ_FILE_WIDTH;
    g.can_drop_last = style->width > 0;
    struct prq_cell *c = prq_grid_row(&g);
    static const char *const heads[] = { "SEVERITY", "ID", "PACKAGE", "INSTALLED", "FIXED IN",
                                         "LAYER", "SUMMARY" };
    for (size_t i = 0; c && i < PRQ_COUNT(heads); i++)
        c[i].text = prq_str_from(heads[i]);
    for (size_t i = 0; i < n;) {
        const struct prq_finding *f = &r->findings[order[i]];
        size_t more = 0;
        while (i + more + 1 < n && same_row(r, f, &r->findings[order[i + more + 1]]))
            more++;
        if (!add_row(&g, r, f, more, a))
            return false;
        i += more + 1;
    }
    if (n < r->finding_count)
        prq_buf_printf(out, "%zu of them shown (--severity %.*s)\n", n, PRQ_FMT(style->severities));
    if (n) {
        prq_buf_byte(out, '\n');
        prq_grid_put(&g, style->width ? style->width : PRQ_FILE_WIDTH, style->color, "", out);
    }
    return true;
}

/* Where the base image ends, by its history: whoever builds on an image repeats neither its CMD nor
 * its ENTRYPOINT before the first new layer, so the last such entry that a layer follows belongs to
 * the base. 0: not known. */
static size_t base_layers(const struct prq_analysis *an)
{
    size_t layers = 0, base = 0, pending = 0;
    for (size_t i = 0; i < an->history_count; i++) {
        const struct prq_history *h = &an->history[i];
        prq_str by = h->created_by;
        if (!h->is_empty_layer) {
            if (pending)
                base = pending;
            pending = 0;
            layers++;
        } else if (prq_str_has(by, PRQ_S("CMD ")) || prq_str_has(by, PRQ_S("ENTRYPOINT "))) {
            pending = layers;
        }
    }
    return layers == an->layer_count && base < layers ? base : 0;
}

/* Which layer brought what: whose business a finding is. */
static bool put_layers(const struct prq_report *r, const struct prq_report_style *style,
                       struct prq_arena *a, struct prq_buf *out)
{
    const struct prq_analysis *an = r->analysis;
    struct prq_grid g;
    size_t base = base_layers(an), in_base = 0;
    size_t (*count)[PRQ_SEV_CRITICAL + 1] = prq_arena_alloc_n(a, sizeof *count, an->layer_count + 1);
    if (!count)
        return false;
    if (an->layer_count < 2 || r->finding_count == 0)
        return true;
    for (size_t i = 0; i < r->finding_count; i++) {
        uint32_t layer = an->packages[r->findings[i].package].layer;
        if (layer < an->layer_count)
            count[layer][r->findings[i].severity]++;
        in_base += layer < base;
    }
    prq_grid_init(&g, a, 5);
    g.narrow = PRQ_NARROW;
    struct prq_cell *c = prq_grid_row(&g);
    static const char *const heads[] = { "LAYER", "CRITICAL", "HIGH", "OTHER", "INSTRUCTION" };
    for (size_t i = 0; c && i < PRQ_COUNT(heads); i++)
        c[i].text = prq_str_from(heads[i]);
    for (size_t i = 0; i < an->layer_count; i++) {
        size_t other = 0;
        for (int s = 0; s < PRQ_SEV_HIGH; s++)
            other += count[i][s];
        if (!other && !count[i][PRQ_SEV_HIGH] && !count[i][PRQ_SEV_CRITICAL])
            continue;
        c = prq_grid_row(&g);
        if (!c)
            return false;
        c[0].text = prq_arena_printf(a, "%zu%s", i, i < base ? " (base)" : "");
        c[1].text = prq_arena_printf(a, "%zu", count[i][PRQ_SEV_CRITICAL]);
        c[2].text = prq_arena_printf(a, "%zu", count[i][PRQ_SEV_HIGH]);
        c[3].text = prq_arena_printf(a, "%zu", other);
        c[4].text = prq_one_line(prq_shown_instruction(an->layers[i].instruction), a);
    }
    prq_buf_byte(out, '\n');
    prq_grid_put(&g, style->width ? style->width : PRQ_FILE_WIDTH, style->color, "", out);
    if (base)
        prq_buf_printf(out, "base image (by its history): %zu layer%s, %zu finding%s; above it: %zu\n",
                       base, base == 1 ? "" : "s", in_base, in_base == 1 ? "" : "s",
                       r->finding_count - in_base);
    return true;
}

static void put_suppressed(const struct prq_report *r, const struct prq_report_style *style,
                           struct prq_buf *out)
{
    static const char *const kinds[] = { "rule", "vex", "ownership", "not-affected", "duplicate",
                                         "exclusion", "status" };
    if (!r->suppressed_count)
        return;
    prq_buf_printf(out, "\n%zu suppressed:", r->suppressed_count);
    for (size_t k = 0; k < PRQ_COUNT(kinds); k++) {
        size_t n = 0;
        for (size_t i = 0; i < r->suppressed_count; i++)
            n += prq_str_eq(r->suppressed[i].by.kind, prq_str_from(kinds[k]));
        if (n)
            prq_buf_printf(out, " %zu by %s", n, kinds[k]);
    }
    prq_buf_str(out, style->show_suppressed ? PRQ_S("\n") : PRQ_S(" (--show-suppressed lists them)\n"));
    for (size_t i = 0; style->show_suppressed && i < r->suppressed_count; i++) {
        const struct prq_finding *f = &r->suppressed[i];
        prq_buf_str(out, PRQ_S("  "));
        prq_put_escaped(out, f->id);
        prq_buf_byte(out, ' ');
        prq_put_escaped(out, r->analysis->packages[f->package].name);
        prq_buf_byte(out, ' ');
        prq_put_escaped(out, r->analysis->packages[f->package].version);
        prq_buf_str(out, PRQ_S(": "));
        prq_put_escaped(out, f->by.kind);
        if (f->by.reason.n) {
            prq_buf_str(out, PRQ_S(", "));
            prq_put_escaped(out, f->by.reason);
        }
        prq_buf_byte(out, '\n');
    }
}

static void put_gaps(const struct prq_report *r, struct prq_buf *out)
{
    if (!r->gap_count)
        return;
    prq_buf_printf(out, "\n%zu gap%s (not read, not matched or not checked):\n", r->gap_count,
                   r->gap_count == 1 ? "" : "s");
    for (size_t i = 0; i < r->gap_count; i++) {
        const struct prq_gap *g = &r->gaps[i];
        prq_buf_str(out, PRQ_S("  "));
        if (g->path.n) {
            prq_put_escaped(out, g->path);
            prq_buf_str(out, PRQ_S(": "));
        } else if (g->layer != PRQ_GAP_NO_LAYER) {
            prq_buf_printf(out, "layer %u: ", g->layer);
        }
        prq_put_escaped(out, g->reason);
        if (g->has_offset)
            prq_buf_printf(out, " (byte %llu)", (unsigned long long)g->offset);
        prq_buf_str(out, PRQ_S(" ["));
        prq_put_escaped(out, g->kind);
        prq_buf_str(out, PRQ_S("]\n"));
    }
}

static bool write_table(const struct prq_report *r, const struct prq_report_style *style,
                        struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1024));
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    put_head(r, out);
    put_summary(r, style, out);
    if (!put_findings(r, style, a, out) || !put_layers(r, style, a, out))
        return prq_fail(err, PRQ_E_LIMIT, "the report is too large");
    put_suppressed(r, style, out);
    put_gaps(r, out);
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the report is too large");
}

const struct prq_report_sink prq_report_table = {
    .name = "table", .summary = "aligned columns for people", .write = write_table,
};
