/* SPDX-License-Identifier: Apache-2.0 */
/* Report sinks: one file per output format, gathered at build time from src/report/meson.build. */
#ifndef PRQ_REPORT_OUTPUT_H
#define PRQ_REPORT_OUTPUT_H

#include "base/buf.h"
#include "model/report.h"

struct prq_report_style {
    bool color;          /* ANSI colours */
    unsigned width;      /* columns of the terminal; 0: unlimited */
    bool show_suppressed;
    prq_str severities;  /* comma list to show; empty: all (tables only) */
    bool by_layer;       /* the table layer by layer */
    prq_str author;      /* of documents that need one */
    bool show_decisions; /* tables: VEX statements and ignore rules with what became of them */
};

struct prq_report_sink {
    const char *name;    /* "table", "json" */
    const char *summary;
    bool (*write)(const struct prq_report *r, const struct prq_report_style *style,
                  struct prq_buf *out, struct prq_err *err);
    bool is_sbom; /* also for reports with is_unjudged set (`pratique sbom`) */
};

/* For `pratique packages`. */
struct prq_list_sink {
    const char *name;    /* "table", "json", "tsv", "purl" */
    const char *summary;
    bool (*write)(const struct prq_analysis *an, const struct prq_report_style *style,
                  struct prq_buf *out, struct prq_err *err);
};

extern const struct prq_report_sink *const prq_report_sinks[]; /* NULL-terminated */
extern const struct prq_list_sink *const prq_list_sinks[];
const struct prq_report_sink *prq_report_sink_find(prq_str name);
const struct prq_list_sink *prq_list_sink_find(prq_str name);

/* Text of an image on a terminal or in a table: control bytes, bidi overrides and bytes that are
 * not UTF-8 are escaped as \xNN. */
void prq_put_escaped(struct prq_buf *b, prq_str s);

/* A line that says how many packages are not in the list, if any. */
void prq_put_left_out(struct prq_buf *b, const struct prq_analysis *an);

#endif
