/* SPDX-License-Identifier: Apache-2.0 */
#include "report/grid.h"
#include "report/output.h"

static bool write_list(const struct prq_analysis *an, const struct prq_report_style *style,
                       struct prq_buf *out, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1024));
    struct prq_grid g;
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    prq_grid_init(&g, a, 5);
    g.narrow = 36; /* as in the report */
    struct prq_cell *c = prq_grid_row(&g);
    static const char *const heads[] = { "NAME", "VERSION", "TYPE", "LAYER", "PATH" };
    for (size_t i = 0; c && i < PRQ_COUNT(heads); i++)
        c[i].text = prq_str_from(heads[i]);
    for (size_t i = 0; i < an->package_count; i++) {
        const struct prq_package *p = &an->packages[i];
        c = prq_grid_row(&g);
        if (!c)
            return prq_fail(err, PRQ_E_LIMIT, "the list is too large");
        c[0].text = p->name;
        c[1].text = prq_package_shown_version(p, a);
        c[2].text = p->type;
        c[3].text = prq_arena_printf(a, "%u", p->layer);
        if (p->evidence_count > 1)
            c[4].text = prq_arena_printf(a, "%.*s (and %zu more)", PRQ_FMT(p->evidence[0].path),
                                         p->evidence_count - 1);
        else if (p->evidence_count)
            c[4].text = p->evidence[0].path;
    }
    prq_grid_put(&g, style->width, style->color, "", out);
    prq_put_left_out(out, an);
    if (an->gap_count) {
        prq_buf_printf(out, "\n%zu gap%s: what could not be read is not in this list\n",
                       an->gap_count, an->gap_count == 1 ? "" : "s");
        for (size_t i = 0; i < an->gap_count; i++) {
            prq_buf_str(out, PRQ_S("  "));
            prq_put_escaped(out, an->gaps[i].path);
            prq_buf_str(out, an->gaps[i].path.n ? PRQ_S(": ") : PRQ_S(""));
            prq_put_escaped(out, an->gaps[i].reason);
            if (an->gaps[i].has_offset)
                prq_buf_printf(out, " (byte %llu)", (unsigned long long)an->gaps[i].offset);
            prq_buf_byte(out, '\n');
        }
    }
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the list is too large");
}

const struct prq_list_sink prq_list_table = { "table", "aligned columns for people", write_list };
