/* SPDX-License-Identifier: Apache-2.0 */
/* Licence identifiers and expressions. Source: SPDX specification 2.3, annex D; the list is
 * model/spdxids.def. */
#ifndef PRQ_MODEL_SPDXLICENSE_H
#define PRQ_MODEL_SPDXLICENSE_H

#include "base/buf.h"
#include "base/str.h"

/* The identifier as the list spells it (names differ by case only); empty when it is none. */
prq_str prq_spdx_license_id(prq_str name);
prq_str prq_spdx_exception_id(prq_str name);

enum prq_license_kind {
    PRQ_LICENSE_NAME,       /* free text */
    PRQ_LICENSE_ID,         /* one identifier of the list */
    PRQ_LICENSE_EXPRESSION, /* parses, and is more than an identifier */
};
/* `out` (may be NULL) gets the expression as the list spells it, with single blanks; nothing for a
 * PRQ_LICENSE_NAME. O(length), no recursion. */
enum prq_license_kind prq_spdx_expression(prq_str text, struct prq_buf *out);

#endif
