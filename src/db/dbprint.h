/* SPDX-License-Identifier: Apache-2.0 */
/* Cells of a table on a terminal. */
#ifndef PRQ_DB_DBPRINT_H
#define PRQ_DB_DBPRINT_H

#include "base/buf.h"

/* Control bytes, which could move the cursor, are printed as '?'. */
void prq_print_text(struct prq_buf *out, prq_str s);
/* Padded to `width`, and two blanks. */
void prq_print_cell(struct prq_buf *out, prq_str s, size_t width);

#endif
