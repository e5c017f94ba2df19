/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison for people: what is the same, a count for each cause, then a line for each
 * difference. */
#include "report/comparison.h"
#include "report/grid.h"
#include "report/tabletext.h"

struct sheet {
    const struct prq_comparison *c;
    const struct prq_report_style *style;
    struct prq_arena *a;
    struct prq_buf *out;
};

static void put_head(const struct sheet *s)
{
    const struct prq_comparison *c = s->c;
    const struct prq_foreign *f = c->foreign;
    prq_buf_str(s->out, PRQ_S("here:  "));
    prq_put_escaped(s->out, c->report->analysis->name);
    prq_buf_printf(s->out, ", %zu packages, %zu findings\nthere: ", c->report->analysis->package_count,
                   c->report->finding_count);
    prq_put_escaped(s->out, f->name);
    prq_buf_printf(s->out, " by %s", prq_foreign_name(f->tool));
    if (f->tool_version.n) {
        prq_buf_byte(s->out, ' ');
        prq_put_escaped(s->out, f->tool_version);
    }
    size_t live = 0;
    for (size_t i = 0; i < f->finding_count; i++)
        live += !f->findings[i].is_suppressed;
    prq_buf_printf(s->out, ", %zu packages, %zu findings\n", f->package_count, live);
    for (size_t i = 0; i < c->note_count; i++) {
        prq_buf_str(s->out, PRQ_S("note: "));
        prq_put_escaped(s->out, c->notes[i]);
        prq_buf_byte(s->out, '\n');
    }
    prq_buf_printf(s->out, "same: %zu packages, %zu findings and %zu under another name\n",
                   c->packages_same, c->findings_same, c->findings_alias);
}

static void put_counts(const struct sheet *s)
{
    if (s->c->n == 0) {
        prq_buf_str(s->out, PRQ_S("no difference\n"));
        return;
    }
    prq_buf_printf(s->out, "%zu differences:\n", s->c->n);
    for (unsigned i = 0; i < PRQ_UNLIKE_CAUSES; i++)
        if (s->c->counts[i])
            prq_buf_printf(s->out, "%6zu %-17s%s\n", s->c->counts[i],
                           prq_unlike_word((enum prq_unlike_cause)i),
                           prq_unlike_summary((enum prq_unlike_cause)i));
}

static prq_str told(const struct sheet *s, const struct prq_unlike *u)
{
    prq_str text = u->text;
    if (u->side == PRQ_BOTH)
        return prq_arena_printf(s->a, "here %.*s, there %.*s", PRQ_FMT(u->here), PRQ_FMT(u->there));
    if (u->there.n)
        text = prq_arena_printf(s->a, "%.*s%s[%.*s]", PRQ_FMT(text), text.n ? " " : "",
                                PRQ_FMT(u->there));
    return prq_one_line(text, s->a);
}

static bool put_rows(const struct sheet *s)
{
    static const char *const heads[] = { "CAUSE", "SIDE", "ID", "TYPE", "PACKAGE", "VERSION", "WHY" };
    static const char *const sides[] = { "here", "there", "both" };
    struct prq_grid g;
    prq_grid_init(&g, s->a, PRQ_COUNT(heads));
    g.narrow = s->style->width ? PRQ_NARROW : PRQ_FILE_WIDTH;
    struct prq_cell *cell = prq_grid_row(&g);
    for (size_t i = 0; cell && i < PRQ_COUNT(heads); i++)
        cell[i].text = prq_str_from(heads[i]);
    for (size_t i = 0; cell && i < s->c->n; i++) {
        const struct prq_unlike *u = &s->c->v[i];
        cell = prq_grid_row(&g);
        if (!cell)
            break;
        cell[0].text = prq_str_from(prq_unlike_word(u->cause));
        cell[1].text = prq_str_from(sides[u->side]);
        cell[2].text = u->id.n ? u->id : PRQ_S("-");
        cell[3].text = u->type;
        cell[4].text = u->name;
        cell[5].text = u->version.n ? u->version : PRQ_S("-");
        cell[6].text = told(s, u);
    }
    if (cell && s->c->n) {
        prq_buf_byte(s->out, '\n');
        prq_grid_put(&g, s->style->width, s->style->color, "", s->out);
    }
    return cell != NULL;
}

bool prq_comparison_table(const struct prq_comparison *c, const struct prq_report_style *style,
                          struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1024));
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    struct sheet s = { c, style, a, out };
    put_head(&s);
    put_counts(&s);
    return (put_rows(&s) && !out->bad) || prq_fail(err, PRQ_E_LIMIT, "the comparison is too large");
}
