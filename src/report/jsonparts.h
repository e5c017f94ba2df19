/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of our JSON documents that reports, lists and analyses share. */
#ifndef PRQ_REPORT_JSONPARTS_H
#define PRQ_REPORT_JSONPARTS_H

#include "format/json.h"
#include "model/report.h"

void prq_jw_strs(struct prq_jw *w, const char *key, struct prq_strs list); /* nothing when empty */
void prq_jw_package(struct prq_jw *w, const struct prq_analysis *an, const struct prq_package *p);
void prq_jw_evidence(struct prq_jw *w, const struct prq_package *p); /* evidence: [...] */
/* "version": with the epoch in front where there is one. */
void prq_jw_shown_version(struct prq_jw *w, const struct prq_package *p);
/* vex: [...], ignores: [...]; nothing for NULL */
void prq_jw_vex(struct prq_jw *w, const struct prq_vex_set *set);
void prq_jw_ignores(struct prq_jw *w, const struct prq_ignore_set *set);
void prq_jw_gap(struct prq_jw *w, const struct prq_gap *g);
void prq_jw_distro(struct prq_jw *w, const struct prq_distro *d);
/* left_out: {"dev": N}; nothing when nothing was left out */
void prq_jw_left_out(struct prq_jw *w, const struct prq_analysis *an);
void prq_jw_image(struct prq_jw *w, const struct prq_analysis *an); /* image: {...}, layers: [...] */
void prq_jw_trace(struct prq_jw *w, const struct prq_trace *t); /* trace: {...}; nothing without one */

#endif
