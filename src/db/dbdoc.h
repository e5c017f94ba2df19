/* SPDX-License-Identifier: Apache-2.0 */
/* Records as canonical JSON and as compact rows. Source: matching.md 2.2.
 *
 * Canonical JSON: keys sorted, no white space, integers and strings only, empty members left out,
 * set-like arrays sorted and without repetitions. `fixed` is left out when it is just the one
 * version of all `fixed` events of a row whose state is "fixed". */
#ifndef PRQ_DB_DBDOC_H
#define PRQ_DB_DBDOC_H

#include "base/buf.h"
#include "db/db.h"

/* Appends. Sorts the lists of `r` in place; works in `scratch`. False: memory, or out->max. */
PRQ_MUST_USE bool prq_record_write(struct prq_record *r, struct prq_arena *scratch,
                                   struct prq_buf *out, struct prq_err *err);
/* Strings are views into `doc` or in `a`. FORMAT when it is not a record. */
PRQ_MUST_USE bool prq_record_parse(prq_str doc, struct prq_arena *a, struct prq_record *out,
                                   struct prq_err *err);

/* What KEV and EPSS say of a CVE, as {"id":…,"source":"kev"|"epss",…}. */
PRQ_MUST_USE bool prq_cve_write(prq_str source, prq_str cve, const struct prq_cve_info *info,
                                struct prq_buf *out);
/* Adds to *info. */
PRQ_MUST_USE bool prq_cve_parse(prq_str doc, struct prq_arena *a, struct prq_cve_info *info,
                                struct prq_err *err);

/* One affected package with what matching needs of its record. */
PRQ_MUST_USE bool prq_row_write(const struct prq_record *r, const struct prq_affected *p,
                                struct prq_buf *out);
/* Fills all of *out but source, id, affected.space and affected.name (the table's key); strings are
 * views into `blob`. FORMAT for anything prq_row_write does not write; LIMIT when `a` is full. */
PRQ_MUST_USE bool prq_row_parse(prq_bytes blob, struct prq_arena *a, struct prq_db_row *out,
                                struct prq_err *err);

/* Would the `fixed` member be left out? */
bool prq_fixed_is_implied(const struct prq_affected *p);

#endif
