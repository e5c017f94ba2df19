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

static void put_row(const struct prq_grid *g, size_t row, const size_t *wide, size_t last, bool color,
                    const char *indent, struct prq_buf *out)
{
    prq_buf_str(out, prq_str_from(indent));
    for (size_t c = 0; c < g->columns; c++) {
        const struct prq_cell *cell = &g->cell[row][c];
        const char *paint = color ? (row == 0 ? "\033[1m" : cell->color) : NULL;
        bool is_last = c + 1 == g->columns;
        size_t n = width_of(cell->text);
        if (paint)
            prq_buf_str(out, prq_str_from(paint));
        if (is_last && last)
            put_cut(out, cell->text, last);
        else
            prq_buf_str(out, cell->text);
        if (paint)
            prq_buf_str(out, PRQ_S("\033[0m"));
        for (size_t pad = n; !is_last && pad < wide[c] + GAP; pad++)
            prq_buf_byte(out, ' ');
    }
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    prq_buf_byte(out, '\n');
}

void prq_grid_put(const struct prq_grid *g, unsigned width, bool color, const char *indent,
                  struct prq_buf *out)
{
    size_t wide[PRQ_GRID_COLUMNS] = { 0 }, used = strlen(indent), last = 0;
    for (size_t r = 0; r < g->rows; r++)
        for (size_t c = 0; c < g->columns; c++) {
            PRQ_BUF b;
            prq_buf_init(&b, PRQ_MIB(1));
            prq_put_escaped(&b, g->cell[r][c].text);
            prq_str kept = prq_arena_copy(g->arena, prq_buf_view(&b));
            if (kept.p)
                g->cell[r][c].text = kept;
            size_t n = width_of(g->cell[r][c].text);
            if (n > wide[c])
                wide[c] = n;
        }
    for (size_t c = 0; c + 1 < g->columns; c++)
        used += wide[c] + GAP;
    if (width)
        last = width > used + LEAST_LAST ? width - used : LEAST_LAST;
    for (size_t r = 0; r < g->rows; r++)
        put_row(g, r, wide, last, color, indent, out);
}
