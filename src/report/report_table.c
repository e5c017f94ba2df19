/* SPDX-License-Identifier: Apache-2.0 */
/* The report for people: what the image is, a summary, findings grouped by severity with those that
 * have a fix first, then what was suppressed and what could not be judged. */
#include "report/bylayer.h"
#include "report/findingrows.h"
#include "report/grid.h"
#include "report/output.h"
#include "report/tabletext.h"

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
        enum prq_severity severity = (enum prq_severity)s;
        prq_buf_printf(out, "%s%s%zu %s%s", between, style->color ? prq_severity_color(severity) : "",
                       count[s], prq_severity_word(severity), style->color ? "\033[0m" : "");
        between = ", ";
    }
    if (r->finding_count)
        prq_buf_printf(out, "; %zu with a fix", fixable);
    if (exploited)
        prq_buf_printf(out, "; %zu known to be exploited", exploited);
    prq_buf_byte(out, '\n');
}

static bool put_findings(const struct prq_report *r, const struct prq_report_style *style,
                         struct prq_arena *a, struct prq_buf *out)
{
    size_t *list = prq_new_n(a, size_t, r->finding_count + 1), n = 0;
    if (!list)
        return false;
    for (size_t i = 0; i < r->finding_count; i++)
        if (prq_severity_is_wanted(style->severities, r->findings[i].severity))
            list[n++] = i;
    if (n < r->finding_count)
        prq_buf_printf(out, "%zu of them shown (--severity %.*s)\n", n, PRQ_FMT(style->severities));
    if (n)
        prq_buf_byte(out, '\n');
    return prq_put_finding_rows(r, style, list, n, true, a, out);
}

/* Which layer brought what: whose business a finding is. */
static bool put_layers(const struct prq_report *r, const struct prq_report_style *style,
                       struct prq_arena *a, struct prq_buf *out)
{
    const struct prq_analysis *an = r->analysis;
    struct prq_grid g;
    size_t base = an->base.has_layers ? an->base.layers : 0, in_base = 0;
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
    if (base) {
        prq_buf_str(out, PRQ_S("base image"));
        prq_put_base(&an->base, out);
        prq_buf_printf(out, ": %zu layer%s, %zu finding%s; above it: %zu\n", base,
                       base == 1 ? "" : "s", in_base, in_base == 1 ? "" : "s",
                       r->finding_count - in_base);
    }
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

/* ---- what others decided */

static void put_statement(const struct prq_vex_doc *d, const struct prq_vex_statement *s,
                          struct prq_buf *out)
{
    prq_buf_str(out, PRQ_S("  "));
    prq_put_escaped(out, d->path);
    prq_buf_printf(out, "#%zu ", s->number);
    if (s->ids.n) {
        prq_put_escaped(out, s->ids.v[0]);
        prq_buf_byte(out, ' ');
    }
    prq_buf_printf(out, "%s: %s, ", prq_vex_status_word(s->status),
                   prq_vex_result_word(s->result));
    prq_put_escaped(out, s->reason);
    prq_buf_byte(out, '\n');
}

static void put_vex(const struct prq_report *r, const struct prq_report_style *style,
                    struct prq_buf *out)
{
    size_t count[PRQ_VEX_FLAWED + 1] = { 0 }, all = 0, unverified = 0;
    if (!r->vex)
        return;
    for (size_t i = 0; i < r->vex->n; i++) {
        unverified += r->vex->docs[i]->is_attached;
        all += r->vex->docs[i]->count;
        for (size_t k = 0; k < r->vex->docs[i]->count; k++)
            count[r->vex->docs[i]->statements[k].result]++;
    }
    prq_buf_printf(out, "\n%zu VEX statement%s in %zu document%s", all, all == 1 ? "" : "s",
                   r->vex->n, r->vex->n == 1 ? "" : "s");
    const char *between = ": ";
    for (size_t k = 0; k < PRQ_COUNT(count); k++)
        if (count[k]) {
            prq_buf_printf(out, "%s%zu %s", between, count[k],
                           prq_vex_result_word((enum prq_vex_result)k));
            between = ", ";
        }
    if (unverified)
        prq_buf_printf(out, "; %zu document%s not verified", unverified,
                       unverified == 1 ? "" : "s");
    prq_buf_str(out, style->show_decisions || !all ? PRQ_S("\n") : PRQ_S(" (-v lists them)\n"));
    for (size_t i = 0; style->show_decisions && i < r->vex->n; i++)
        for (size_t k = 0; k < r->vex->docs[i]->count; k++)
            put_statement(r->vex->docs[i], &r->vex->docs[i]->statements[k], out);
}

static void put_rule(const struct prq_ignore_rule *x, struct prq_buf *out)
{
    prq_buf_str(out, PRQ_S("  "));
    prq_put_escaped(out, x->where);
    if (x->ids.n) {
        prq_buf_byte(out, ' ');
        prq_put_escaped(out, x->ids.v[0]);
        if (x->ids.n > 1)
            prq_buf_printf(out, " (+%zu)", x->ids.n - 1);
    }
    prq_buf_printf(out, ": %s", prq_ignore_state_word(x->state));
    if (x->state == PRQ_RULE_EXPIRED) {
        prq_buf_byte(out, ' ');
        prq_put_escaped(out, x->expires);
    }
    if (x->findings)
        prq_buf_printf(out, ", %zu finding%s%s", x->findings, x->findings == 1 ? "" : "s",
                       x->state == PRQ_RULE_EXPIRED ? " back" : "");
    if (x->trouble.n) {
        prq_buf_str(out, PRQ_S(", "));
        prq_put_escaped(out, x->trouble);
    }
    prq_buf_byte(out, '\n');
}

/* Rules that did nothing are listed always: nobody else tells that they can go. */
static void put_ignores(const struct prq_report *r, const struct prq_report_style *style,
                        struct prq_buf *out)
{
    size_t count[PRQ_RULE_REFUSED + 1] = { 0 };
    if (!r->ignores || !r->ignores->n)
        return;
    for (size_t i = 0; i < r->ignores->n; i++)
        count[r->ignores->rules[i].state]++;
    if (!style->show_decisions && count[PRQ_RULE_USED] == r->ignores->n)
        return;
    prq_buf_printf(out, "\n%zu ignore rule%s", r->ignores->n, r->ignores->n == 1 ? "" : "s");
    const char *between = ": ";
    for (size_t k = 0; k < PRQ_COUNT(count); k++)
        if (count[k]) {
            prq_buf_printf(out, "%s%zu %s", between, count[k],
                           prq_ignore_state_word((enum prq_ignore_state)k));
            between = ", ";
        }
    prq_buf_byte(out, '\n');
    for (size_t i = 0; i < r->ignores->n; i++)
        if (style->show_decisions || r->ignores->rules[i].state != PRQ_RULE_USED)
            put_rule(&r->ignores->rules[i], out);
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
    if (style->by_layer ? !prq_put_by_layer(r, style, a, out)
                        : !put_findings(r, style, a, out) || !put_layers(r, style, a, out))
        return prq_fail(err, PRQ_E_LIMIT, "the report is too large");
    put_suppressed(r, style, out);
    put_vex(r, style, out);
    put_ignores(r, style, out);
    put_gaps(r, out);
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the report is too large");
}

const struct prq_report_sink prq_report_table = {
    .name = "table", .summary = "aligned columns for people", .write = write_table,
};
