/* SPDX-License-Identifier: Apache-2.0 */
/* Common Platform Enumeration names. Source: NIST IR 7695 (CPE naming 2.3), 5.3.3 "Well-formed
 * names", 6.1 "URI binding", 6.2 "Formatted string binding"; catalog.md 10. */
#ifndef PRQ_MODEL_CPE_H
#define PRQ_MODEL_CPE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/package.h"

enum prq_cpe_field {
    PRQ_CPE_PART,
    PRQ_CPE_VENDOR,
    PRQ_CPE_PRODUCT,
    PRQ_CPE_VERSION,
    PRQ_CPE_UPDATE,
    PRQ_CPE_EDITION,
    PRQ_CPE_LANGUAGE,
    PRQ_CPE_SW_EDITION,
    PRQ_CPE_TARGET_SW,
    PRQ_CPE_TARGET_HW,
    PRQ_CPE_OTHER,
    PRQ_CPE_FIELDS
};

/* Each field as a formatted string has it, canonical: lower case, escaped with backslash but for
 * letters, digits, '_', '.' and '-'; "*" any, "-" not applicable; '*' and '?' at the ends of a value
 * are wildcards. */
struct prq_cpe {
    prq_str v[PRQ_CPE_FIELDS];
};

/* "cpe:2.3:…" or "cpe:/…". FORMAT for anything else; what only lacks escapes is read. Views into `a`. */
PRQ_MUST_USE bool prq_cpe_parse(prq_str text, struct prq_arena *a, struct prq_cpe *out,
                                struct prq_err *err);
/* "cpe:2.3:a:vendor:product:…" and "cpe:/a:vendor:product:…". p == NULL when memory ran out. */
prq_str prq_cpe_print(const struct prq_cpe *c, struct prq_arena *a);
prq_str prq_cpe_print_uri(const struct prq_cpe *c, struct prq_arena *a);

/* Plain text (a name, a version) as a field. */
prq_str prq_cpe_escape(prq_str plain, struct prq_arena *a);

/* Those that it was given and those that NVD uses for it; no guesses. False without memory. */
bool prq_cpe_known(const struct prq_package *p, struct prq_arena *a, struct prq_strs *out);
/* CPE 2.3 names that the package may have, best first: those it was given, those NVD uses for it
 * (model/cpenames.def), then guesses from its names. None for packages of operating systems, which
 * advisories know by other names; at most 64. False when memory ran out. */
bool prq_cpe_candidates(const struct prq_package *p, struct prq_arena *a, struct prq_strs *out);

#endif
