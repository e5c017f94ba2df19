/* SPDX-License-Identifier: Apache-2.0 */
#include "report/grid.h"

#include "report/output.h"

enum { GAP = 2, LEAST_LAST = 16 };

void prq_grid_init(struct prq_grid *g, struct prq_arena *a, size_t columns)
{
    *g = (struct prq_grid){ .arena = a, .columns = columns };
}

struct prq_cell *prq_grid_row(struct prq_grid *g)
{
    if (!prq_arena_grow(g->arena, &g->cell, sizeof *g->cell, &g->cap, g->rows + 1))
        return NULL;
    memset(g->cell[g->rows], 0, sizeof *g->cell);
    return g->cell[g->rows++];
}

/* Columns on the screen: one per UTF-8 sequence. East Asian wide characters are rare in package
 * names and cost alignment only. */
static size_t width_of(prq_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((uint8_t)s.p[i] & 0xc0) != 0x80;
    return n;
}

static void put_cut(struct prq_buf *out, prq_str s, size_t columns)
{
    if (width_of(s) <= columns) {
        prq_buf_str(out, s);
        return;
    }
    size_t i = 0, n = 0;
    while (i < s.n && n + 1 < columns) {
        i++;
        while (i < s.n && ((uint8_t)s.p[i] & 0xc0) == 0x80)
            i++;
        n++;
    }
    prq_buf_add(out, s.p, i);
    prq_buf_str(out, PRQ_S("…"));
}

struct shape {
    size_t wide[PRQ_GRID_COLUMNS]; /* of all columns but the last */
    size_t columns, last;          /* last 0: as long as it is */
};

static void put_row(const struct prq_grid *g, size_t row, const struct shape *s, bool color,
                    const char *indent, struct prq_buf *out)
{
    prq_buf_str(out, prq_str_from(indent));
    for (size_t c = 0; c < s->columns; c++) {
        const struct prq_cell *cell = &g->cell[row][c];
        const char *paint = color ? (row == 0 ? "\033[1m" : cell->color) : NULL;
        bool is_last = c + 1 == g->columns;
        size_t n = width_of(cell->text);
        if (paint)
            prq_buf_str(out, prq_str_from(paint));
        if (is_last && !s->last)
            prq_buf_str(out, cell->text);
        else
            put_cut(out, cell->text, is_last ? s->last : s->wide[c]);
        if (paint)
            prq_buf_str(out, PRQ_S("\033[0m"));
        for (size_t pad = prq_min_size(n, s->wide[c]); !is_last && pad < s->wide[c] + GAP; pad++)
            prq_buf_byte(out, ' ');
    }
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    prq_buf_byte(out, '\n');
}

static size_t used_columns(const struct prq_grid *g, const struct shape *s, const char *indent)
{
    size_t used = strlen(indent);
    for (size_t c = 0; c + 1 < g->columns; c++)
        used += s->wide[c] + GAP;
    return used;
}

/* The widest column, again and again, until all fits or none is wider than `narrow`. */
static void squeeze(const struct prq_grid *g, struct shape *s, size_t over)
{
    while (over) {
        size_t widest = 0, second = g->narrow;
        for (size_t c = 1; c + 1 < g->columns; c++)
            if (s->wide[c] > s->wide[widest])
                widest = c;
        if (s->wide[widest] <= g->narrow)
            return;
        for (size_t c = 0; c + 1 < g->columns; c++)
            if (c != widest && s->wide[c] > second)
                second = s->wide[c];
        size_t cut = s->wide[widest] > second ? s->wide[widest] - second : 1;
        cut = prq_min_size(cut, over);
        s->wide[widest] -= cut;
        over -= cut;
    }
}

static struct shape shape_of(const struct prq_grid *g, unsigned width, const char *indent)
{
    struct shape s = { .columns = g->columns };
    for (size_t r = 0; r < g->rows; r++)
        for (size_t c = 0; c < g->columns; c++) {
            size_t n = width_of(g->cell[r][c].text);
            if (n > s.wide[c])
                s.wide[c] = n;
        }
    if (!width)
        return s;
    size_t used = used_columns(g, &s, indent);
    if (g->can_drop_last && width < used + LEAST_LAST) {
        s.columns--;
        used -= prq_min_size(used, GAP);
        if (used > width && g->narrow)
            squeeze(g, &s, used - width);
        return s;
    }
    if (width < used + LEAST_LAST && g->narrow) {
        squeeze(g, &s, used + LEAST_LAST - width);
        used = used_columns(g, &s, indent);
    }
    s.last = width > used + LEAST_LAST ? width - used : LEAST_LAST;
    return s;
}

void prq_grid_put(const struct prq_grid *g, unsigned width, bool color, const char *indent,
                  struct prq_buf *out)
{
    for (size_t r = 0; r < g->rows; r++)
        for (size_t c = 0; c < g->columns; c++) {
            PRQ_BUF b;
            prq_buf_init(&b, PRQ_MIB(1));
            prq_put_escaped(&b, g->cell[r][c].text);
            prq_str kept = prq_arena_copy(g->arena, prq_buf_view(&b));
            if (kept.p)
                g->cell[r][c].text = kept;
        }
    struct shape s = shape_of(g, width, indent);
    for (size_t r = 0; r < g->rows; r++)
        put_row(g, r, &s, color, indent, out);
}
