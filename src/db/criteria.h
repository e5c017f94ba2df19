/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's match criteria as text: what rows of the space "cpe" and configurations of records hold.
 * Source: matching.md 3.12; csrc.nist.gov/schema/nvd/api/2.0 (cve_api_json_2.0.schema, "config").
 *
 * A row is of one "vendor:product", and its `module` has a line for each vulnerable criterion, sorted:
 *
 *   1=a:*:*:*:*:lts TAB >=18.0.0 TAB <18.20.4     configuration 1 is one list of alternatives
 *   2&a:1.0:rc1                                   configuration 2 asks for more than this
 *
 * The fields are those of a CPE name in its order, without vendor and product, and without the "*" at
 * the end. The configurations that ask for more stand in the record, in the order of the feed:
 *
 *   2&                                            a configuration: "&" all, "|" any of its nodes
 *   |                                             a node, likewise; "!" behind it: not so
 *   +a:vendor:product:1.0:rc1                     a criterion, with its name; "+": it is vulnerable,
 *   -o:linux:linux_kernel:-                       "-": it is only what that runs on
 */
#ifndef PRQ_DB_CRITERIA_H
#define PRQ_DB_CRITERIA_H

#include "base/buf.h"
#include "model/cpe.h"

struct prq_criterion {
    struct prq_cpe cpe; /* canonical; vendor and product are empty in rows */
    prq_str from, to;   /* bounds; empty: open */
    bool from_counts, to_counts;
};

/* The fields and bounds. */
void prq_criterion_write(const struct prq_criterion *c, bool is_named, struct prq_buf *out);
/* False for what the writer does not write. Views into `text`. */
bool prq_criterion_parse(prq_str text, bool is_named, struct prq_criterion *out);

/* A line of a row. */
struct prq_row_criterion {
    uint64_t configuration; /* from 1 */
    bool is_conditional;
    struct prq_criterion c;
};
bool prq_row_criterion_parse(prq_str line, struct prq_row_criterion *out);

/* A line of a record's configurations. */
enum prq_conf_kind { PRQ_CONF_START, PRQ_CONF_NODE, PRQ_CONF_CRITERION };
struct prq_conf_line {
    enum prq_conf_kind kind;
    uint64_t configuration;     /* START */
    bool is_all, is_negated;    /* START, NODE */
    bool is_vulnerable;         /* CRITERION */
    struct prq_criterion c;
};
bool prq_conf_line_parse(prq_str line, struct prq_conf_line *out);

#endif
