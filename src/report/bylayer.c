/* SPDX-License-Identifier: Apache-2.0 */
#include "report/bylayer.h"

#include "report/findingrows.h"
#include "report/grid.h"
#include "report/tabletext.h"

enum { NAMES_SHOWN = 8 };

struct group {
    size_t *findings, *packages; /* indices */
    size_t finding_count, package_count, severe[PRQ_SEV_CRITICAL + 1];
};

static const struct {
    prq_str word, says;
} sources[] = {
    { PRQ_SI("annotation"), PRQ_SI("an annotation") },
    { PRQ_SI("dockerfile"), PRQ_SI("the Dockerfile") },
    { PRQ_SI("history"), PRQ_SI("its history") },
    { PRQ_SI("index"), PRQ_SI("an image seen before") },
    { PRQ_SI("label"), PRQ_SI("a label") },
};

static prq_str says(prq_str word)
{
    for (size_t i = 0; i < PRQ_COUNT(sources); i++)
        if (prq_str_eq(word, sources[i].word))
            return sources[i].says;
    return word;
}

void prq_put_base(const struct prq_base *b, struct prq_buf *out)
{
    prq_str name = b->name.n ? b->name : b->digest;
    bool is_one = prq_str_eq(b->name_from, b->layers_from);
    if (name.n) {
        prq_buf_byte(out, ' ');
        prq_put_escaped(out, name);
    }
    prq_buf_str(out, PRQ_S(" ("));
    if (name.n && !is_one) {
        prq_buf_printf(out, "named by %.*s", PRQ_FMT(says(b->name_from)));
        if (b->has_layers)
            prq_buf_str(out, PRQ_S(", its end "));
    }
    if (b->has_layers)
        prq_buf_printf(out, "by %.*s", PRQ_FMT(says(b->layers_from)));
    prq_buf_byte(out, ')');
}

/* Counts first, then places: one array for all layers. */
static struct group *groups_of(const struct prq_report *r, prq_str severities, struct prq_arena *a)
{
    const struct prq_analysis *an = r->analysis;
    size_t layers = an->layer_count;
    struct group *g = prq_new_n(a, struct group, layers + 1); /* the last: of no layer */
    size_t *findings = prq_new_n(a, size_t, r->finding_count + 1);
    size_t *packages = prq_new_n(a, size_t, an->package_count + 1);
    if (!g || !findings || !packages)
        return NULL;
    for (size_t i = 0; i < an->package_count; i++)
        g[prq_min_size(an->packages[i].layer, layers)].package_count++;
    for (size_t i = 0; i < r->finding_count; i++)
        g[prq_min_size(an->packages[r->findings[i].package].layer, layers)].finding_count++;
    for (size_t i = 0; i <= layers; i++) {
        g[i].findings = findings;
        g[i].packages = packages;
        findings += g[i].finding_count;
        packages += g[i].package_count;
        g[i].finding_count = g[i].package_count = 0;
    }
    for (size_t i = 0; i < an->package_count; i++) {
        struct group *to = &g[prq_min_size(an->packages[i].layer, layers)];
        to->packages[to->package_count++] = i;
    }
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct prq_finding *f = &r->findings[i];
        struct group *to = &g[prq_min_size(an->packages[f->package].layer, layers)];
        to->severe[f->severity]++;
        if (prq_severity_is_wanted(severities, f->severity))
            to->findings[to->finding_count++] = i;
    }
    return g;
}

static bool is_in_base(const struct prq_base *b, size_t layer)
{
    return b->has_layers && layer < b->layers;
}

static bool put_overview(const struct prq_report *r, const struct prq_report_style *style,
                         const struct group *g, struct prq_arena *a, struct prq_buf *out)
{
    static const char *const heads[] = { "LAYER", "SIZE", "WASTED", "PACKAGES", "CRITICAL", "HIGH",
                                         "OTHER", "INSTRUCTION" };
    const struct prq_analysis *an = r->analysis;
    struct prq_grid grid;
    prq_grid_init(&grid, a, PRQ_COUNT(heads));
    grid.narrow = PRQ_NARROW;
    struct prq_cell *c = prq_grid_row(&grid);
    for (size_t i = 0; c && i < PRQ_COUNT(heads); i++)
        c[i].text = prq_str_from(heads[i]);
    for (size_t i = 0; c && i < an->layer_count && (c = prq_grid_row(&grid)); i++) {
        const struct prq_layer *l = &an->layers[i];
        size_t other = 0;
        for (int s = 0; s < PRQ_SEV_HIGH; s++)
            other += g[i].severe[s];
        c[0].text = prq_arena_printf(a, "%zu%s", i, is_in_base(&an->base, i) ? " (base)" : "");
        c[1].text = prq_size_text(l->size_bytes, a);
        c[2].text = l->wasted_bytes ? prq_size_text(l->wasted_bytes, a) : PRQ_S("-");
        c[3].text = prq_arena_printf(a, "%zu", g[i].package_count);
        c[4].text = prq_arena_printf(a, "%zu", g[i].severe[PRQ_SEV_CRITICAL]);
        c[5].text = prq_arena_printf(a, "%zu", g[i].severe[PRQ_SEV_HIGH]);
        c[6].text = prq_arena_printf(a, "%zu", other);
        c[7].text = prq_one_line(prq_shown_instruction(l->instruction), a);
    }
    prq_grid_put(&grid, style->width ? style->width : PRQ_FILE_WIDTH, style->color, "", out);
    return c != NULL;
}

static void put_packages(const struct prq_analysis *an, const struct group *g, struct prq_arena *a,
                         struct prq_buf *out)
{
    if (!g->package_count)
        return;
    prq_buf_printf(out, "%zu package%s: ", g->package_count, g->package_count == 1 ? "" : "s");
    for (size_t i = 0; i < g->package_count && i < NAMES_SHOWN; i++) {
        const struct prq_package *p = &an->packages[g->packages[i]];
        prq_buf_str(out, i ? PRQ_S(", ") : PRQ_S(""));
        prq_put_escaped(out, p->name);
        prq_buf_byte(out, ' ');
        prq_put_escaped(out, prq_package_shown_version(p, a));
    }
    if (g->package_count > NAMES_SHOWN)
        prq_buf_printf(out, " and %zu more", g->package_count - NAMES_SHOWN);
    prq_buf_byte(out, '\n');
}

static bool put_group(const struct prq_report *r, const struct prq_report_style *style,
                      const struct group *g, struct prq_arena *a, struct prq_buf *out)
{
    put_packages(r->analysis, g, a, out);
    return prq_put_finding_rows(r, style, g->findings, g->finding_count, false, a, out);
}

static void put_layer_head(const struct prq_analysis *an, size_t i, struct prq_arena *a,
                           struct prq_buf *out)
{
    const struct prq_layer *l = &an->layers[i];
    if (an->base.has_layers && an->base.layers && i == an->base.layers)
        prq_buf_str(out, PRQ_S("\n---- the base image ends here ----\n"));
    prq_buf_printf(out, "\nlayer %zu%s: ", i, is_in_base(&an->base, i) ? " (base)" : "");
    prq_str by = prq_one_line(prq_shown_instruction(l->instruction), a);
    prq_put_escaped(out, by.n ? by : PRQ_S("(no instruction is told)"));
    prq_buf_printf(out, "\n%.*s, %.*s unpacked, %llu file%s",
                   PRQ_FMT(prq_size_text(l->size_bytes, a)), PRQ_FMT(prq_size_text(l->tar_bytes, a)),
                   (unsigned long long)l->file_count, l->file_count == 1 ? "" : "s");
    if (l->wasted_files)
        prq_buf_printf(out, "; wasted: %.*s in %llu file%s that a later layer replaces or deletes",
                       PRQ_FMT(prq_size_text(l->wasted_bytes, a)), (unsigned long long)l->wasted_files,
                       l->wasted_files == 1 ? "" : "s");
    prq_buf_byte(out, '\n');
}

bool prq_put_by_layer(const struct prq_report *r, const struct prq_report_style *style,
                      struct prq_arena *a, struct prq_buf *out)
{
    const struct prq_analysis *an = r->analysis;
    const struct prq_base *b = &an->base;
    struct group *g = groups_of(r, style->severities, a);
    if (!g)
        return false;
    prq_buf_str(out, PRQ_S("base image"));
    if (b->name.n || b->digest.n || b->has_layers)
        prq_put_base(b, out);
    else
        prq_buf_str(out, PRQ_S(": not known: no label, annotation, history or image seen before tells"));
    if (b->has_layers)
        prq_buf_printf(out, ": %zu of %zu layers", b->layers, an->layer_count);
    else if (b->name.n || b->digest.n)
        prq_buf_str(out, PRQ_S("; where it ends is not known"));
    prq_buf_str(out, PRQ_S("\n\n"));
    if (an->layer_count && !put_overview(r, style, g, a, out))
        return false;
    for (size_t i = 0; i < an->layer_count; i++) {
        put_layer_head(an, i, a, out);
        if (!put_group(r, style, &g[i], a, out))
            return false;
    }
    if (g[an->layer_count].package_count) {
        prq_buf_str(out, PRQ_S("\nof no layer:\n"));
        return put_group(r, style, &g[an->layer_count], a, out);
    }
    return true;
}
