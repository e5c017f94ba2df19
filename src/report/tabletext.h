/* SPDX-License-Identifier: Apache-2.0 */
/* Cells that the tables share. */
#ifndef PRQ_REPORT_TABLETEXT_H
#define PRQ_REPORT_TABLETEXT_H

#include "base/arena.h"
#include "model/report.h"

/* A file has no width: this is what most readers of one can show. On a terminal, versions as long as
 * Go's pseudo-versions (36) are still whole. */
enum { PRQ_FILE_WIDTH = 160, PRQ_NARROW = 36 };

const char *prq_severity_color(enum prq_severity s);
/* "1.2.4", "1.2.4 (+2)", "not-fixed" */
prq_str prq_fix_text(const struct prq_finding *f, struct prq_arena *a);
/* Summaries and instructions have lines of their own. */
prq_str prq_one_line(prq_str s, struct prq_arena *a);
/* An instruction without the shell that ran it. */
prq_str prq_shown_instruction(prq_str s);
/* "Alpine Linux v3.17", else "alpine 3.17.1" */
prq_str prq_distro_text(const struct prq_distro *d, struct prq_arena *a);
/* "12.3 MB" */
prq_str prq_size_text(uint64_t bytes, struct prq_arena *a);

#endif
