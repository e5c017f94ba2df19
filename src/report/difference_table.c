/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison for people: what matters most (new findings) comes first. */
#include "report/difference.h"
#include "report/grid.h"
#include "report/tabletext.h"

struct sheet {
    const struct prq_difference *d;
    const struct prq_report_style *style;
    struct prq_arena *a;
    struct prq_buf *out;
};

static uint64_t size_of(const struct prq_analysis *an)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < an->layer_count; i++)
        sum += an->layers[i].size_bytes;
    return sum;
}

static void put_side(const struct sheet *s, const char *mark, const struct prq_analysis *an)
{
    prq_buf_str(s->out, prq_str_from(mark));
    prq_put_escaped(s->out, an->name);
    if (an->has_distro) {
        prq_buf_str(s->out, PRQ_S(" ("));
        prq_put_escaped(s->out, prq_distro_text(&an->distro, s->a));
        prq_buf_byte(s->out, ')');
    }
    if (an->digest.n) {
        prq_buf_str(s->out, PRQ_S(", "));
        prq_put_escaped(s->out, an->digest);
    }
    prq_buf_byte(s->out, '\n');
}

static void put_sizes(const struct sheet *s)
{
    const struct prq_analysis *a = s->d->a->analysis, *b = s->d->b->analysis;
    uint64_t x = size_of(a), y = size_of(b);
    if (!a->layer_count && !b->layer_count)
        return;
    prq_buf_printf(s->out, "layers: %zu, %zu (%zu shared)\n", a->layer_count,
                   b->layer_count, s->d->shared_layers);
    if (x || y)
        prq_buf_printf(s->out, "size: %.*s, %.*s (%s%.*s)\n", PRQ_FMT(prq_size_text(x, s->a)),
                       PRQ_FMT(prq_size_text(y, s->a)), y < x ? "-" : "+",
                       PRQ_FMT(prq_size_text(y < x ? x - y : y - x, s->a)));
}

static void put_head(const struct sheet *s)
{
    const struct prq_difference *d = s->d;
    put_side(s, "--- ", d->a->analysis);
    put_side(s, "+++ ", d->b->analysis);
    prq_buf_printf(s->out, "packages: %zu added, %zu removed, %zu changed; %zu unchanged\n", d->added,
                   d->removed, d->changed, d->unchanged);
    if (d->is_judged)
        prq_buf_printf(s->out, "findings: %zu introduced, %zu fixed; %zu remain\n",
                       d->introduced_count, d->fixed_count, d->remaining);
    put_sizes(s);
    for (size_t i = 0; i < d->note_count; i++) {
        prq_buf_str(s->out, PRQ_S("note: "));
        prq_buf_str(s->out, d->notes[i]);
        prq_buf_byte(s->out, '\n');
    }
}

static bool begin(const struct sheet *s, struct prq_grid *g, const char *const *heads, size_t n)
{
    prq_grid_init(g, s->a, n);
    g->narrow = s->style->width ? PRQ_NARROW : PRQ_FILE_WIDTH;
    g->can_drop_last = s->style->width > 0;
    struct prq_cell *c = prq_grid_row(g);
    for (size_t i = 0; c && i < n; i++)
        c[i].text = prq_str_from(heads[i]);
    return c != NULL;
}

static void end(const struct sheet *s, const struct prq_grid *g)
{
    if (g->rows < 2)
        return;
    prq_buf_byte(s->out, '\n');
    prq_grid_put(g, s->style->width ? s->style->width : PRQ_FILE_WIDTH, s->style->color, "", s->out);
}

static bool add_findings(const struct sheet *s, struct prq_grid *g, const struct prq_report *r,
                         const size_t *list, size_t n, const char *word, const char *color)
{
    for (size_t i = 0; i < n; i++) {
        const struct prq_finding *f = &r->findings[list[i]];
        const struct prq_package *p = &r->analysis->packages[f->package];
        struct prq_cell *c = prq_grid_row(g);
        if (!c)
            return false;
        c[0] = (struct prq_cell){ prq_str_from(word), color };
        c[1] = (struct prq_cell){ prq_str_from(prq_severity_word(f->severity)),
                                  prq_severity_color(f->severity) };
        c[2].text = f->is_kev ? prq_arena_printf(s->a, "%.*s !", PRQ_FMT(f->id)) : f->id;
        c[3].text = p->name;
        c[4].text = prq_package_shown_version(p, s->a);
        c[5].text = prq_fix_text(f, s->a);
        c[6].text = prq_one_line(f->summary, s->a);
    }
    return true;
}

static bool put_findings(const struct sheet *s)
{
    static const char *const heads[] = { "FINDING", "SEVERITY", "ID", "PACKAGE", "INSTALLED",
                                         "FIXED IN", "SUMMARY" };
    const struct prq_difference *d = s->d;
    struct prq_grid g;
    if (!begin(s, &g, heads, PRQ_COUNT(heads)) ||
        !add_findings(s, &g, d->b, d->introduced, d->introduced_count, "introduced", "\033[31m") ||
        !add_findings(s, &g, d->a, d->fixed, d->fixed_count, "fixed", "\033[32m"))
        return false;
    end(s, &g);
    return true;
}

static bool put_packages(const struct sheet *s)
{
    static const char *const heads[] = { "PACKAGE", "TYPE", "NAME", "FROM", "TO" };
    static const char *const words[] = { "changed", "upgraded", "downgraded" };
    struct prq_grid g;
    if (!begin(s, &g, heads, PRQ_COUNT(heads)))
        return false;
    for (size_t i = 0; i < s->d->package_count; i++) {
        const struct prq_package_change *change = &s->d->packages[i];
        const struct prq_package *p = change->to ? change->to : change->from;
        struct prq_cell *c = prq_grid_row(&g);
        if (!c)
            return false;
        c[0].text = prq_str_from(!change->from ? "added" : !change->to ? "removed"
                                                                       : words[change->direction]);
        c[1].text = p->type;
        c[2].text = p->name;
        c[3].text = change->from ? prq_package_shown_version(change->from, s->a) : PRQ_S("-");
        c[4].text = change->to ? prq_package_shown_version(change->to, s->a) : PRQ_S("-");
    }
    end(s, &g);
    return true;
}

static prq_str shown_value(const prq_str *v, prq_str key)
{
    if (!v)
        return PRQ_S("-");
    return v->n ? *v : key.n ? PRQ_S("\"\"") : PRQ_S("-");
}

static bool put_settings(const struct sheet *s)
{
    static const char *const heads[] = { "CONFIG", "KEY", "FROM", "TO" };
    struct prq_grid g;
    if (!begin(s, &g, heads, PRQ_COUNT(heads)))
        return false;
    for (size_t i = 0; i < s->d->setting_count; i++) {
        const struct prq_setting_change *change = &s->d->settings[i];
        struct prq_cell *c = prq_grid_row(&g);
        if (!c)
            return false;
        bool is_set = prq_str_eq(change->field, PRQ_S("exposed_port")) ||
                      prq_str_eq(change->field, PRQ_S("volume"));
        c[0].text = change->field;
        c[1].text = change->key.n ? change->key : PRQ_S("-");
        c[2].text = is_set && change->from ? PRQ_S("yes") : shown_value(change->from, change->key);
        c[3].text = is_set && change->to ? PRQ_S("yes") : shown_value(change->to, change->key);
    }
    end(s, &g);
    return true;
}

static bool add_layers(const struct sheet *s, struct prq_grid *g, const struct prq_analysis *an,
                       const char *word)
{
    for (size_t i = s->d->shared_layers; i < an->layer_count; i++) {
        struct prq_cell *c = prq_grid_row(g);
        if (!c)
            return false;
        c[0].text = prq_str_from(word);
        c[1].text = prq_arena_printf(s->a, "%zu", i);
        c[2].text = prq_size_text(an->layers[i].size_bytes, s->a);
        c[3].text = prq_one_line(prq_shown_instruction(an->layers[i].instruction), s->a);
    }
    return true;
}

static bool put_layers(const struct sheet *s)
{
    static const char *const heads[] = { "LAYER", "INDEX", "SIZE", "INSTRUCTION" };
    struct prq_grid g;
    if (!begin(s, &g, heads, PRQ_COUNT(heads)) || !add_layers(s, &g, s->d->a->analysis, "removed") ||
        !add_layers(s, &g, s->d->b->analysis, "added"))
        return false;
    end(s, &g);
    return true;
}

bool prq_difference_table(const struct prq_difference *d, const struct prq_report_style *style,
                          struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1024));
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    struct sheet s = { d, style, a, out };
    put_head(&s);
    bool ok = put_findings(&s) && put_packages(&s) && put_settings(&s) && put_layers(&s);
    return (ok && !out->bad) || prq_fail(err, PRQ_E_LIMIT, "the comparison is too large");
}
