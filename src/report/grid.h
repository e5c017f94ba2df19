/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns for people. Cells are already escaped; a cell may carry an ANSI colour. */
#ifndef PRQ_REPORT_GRID_H
#define PRQ_REPORT_GRID_H

#include "base/arena.h"
#include "base/buf.h"

enum { PRQ_GRID_COLUMNS = 8 };

struct prq_cell {
    prq_str text;
    const char *color; /* "\033[31m", or NULL */
};

struct prq_grid {
    struct prq_arena *arena;
    size_t columns, rows, cap;
    size_t narrow;         /* columns above it are cut when the table is too wide; 0: none is */
    bool can_drop_last;    /* the last column goes when a few letters of it would be left */
    struct prq_cell (*cell)[PRQ_GRID_COLUMNS];
};

void prq_grid_init(struct prq_grid *g, struct prq_arena *a, size_t columns);
/* A row to be filled; NULL when memory ran out. */
struct prq_cell *prq_grid_row(struct prq_grid *g);
/* Row 0 is the heading. `width` 0: as wide as needed; else the last column is cut to fit,
 * then the widest of the others down to `narrow`. Control bytes of cells are escaped here. */
void prq_grid_put(const struct prq_grid *g, unsigned width, bool color, const char *indent,
                  struct prq_buf *out);

#endif
