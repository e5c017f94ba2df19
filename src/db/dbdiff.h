/* SPDX-License-Identifier: Apache-2.0 */
/* Which advisories came, went or changed from one database to another. */
#ifndef PRQ_DB_DBDIFF_H
#define PRQ_DB_DBDIFF_H

#include "db/db.h"

/* A table, or JSON. Equal databases are no error and say so. */
PRQ_MUST_USE bool prq_db_diff_write(struct prq_db *from, struct prq_db *to, bool as_json,
                                    struct prq_buf *out, struct prq_err *err);

#endif
