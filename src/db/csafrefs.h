/* SPDX-License-Identifier: Apache-2.0 */
/* The "references" of CSAF documents and of their vulnerabilities. */
#ifndef PRQ_DB_CSAFREFS_H
#define PRQ_DB_CSAFREFS_H

#include "format/json.h"
#include "model/advisory.h"

/* Consumes the array; adds each address to r->references, of which *cap is the room. `only_own`: only the
 * document's own page. */
void prq_csaf_references(struct prq_json *j, struct prq_arena *a, struct prq_record *r, size_t *cap,
                         bool only_own);

#endif
