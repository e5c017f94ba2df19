/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs. Source: package-url/purl-spec; what peers write: catalog.md 9. */
#ifndef PRQ_MODEL_PURL_H
#define PRQ_MODEL_PURL_H

#include "base/arena.h"
#include "base/err.h"
#include "model/distro.h"
#include "model/package.h"

/* A decoded package URL. Views into the arena given to parse. */
struct prq_purl {
    prq_str type;    /* lower case */
    prq_str ns;      /* decoded, segments joined with '/' */
    prq_str name, version, subpath;
    struct prq_purl_qual {
        prq_str key, value; /* key lower case */
    } *quals;
    size_t qual_count;
};

/* FORMAT for anything that is not a package URL. */
PRQ_MUST_USE bool prq_purl_parse(prq_str text, struct prq_arena *a, struct prq_purl *out,
                                 struct prq_err *err);
/* Empty when there is none. */
prq_str prq_purl_qual(const struct prq_purl *p, prq_str key);

/* The package that a purl names: name and ns as struct prq_package wants them, epoch, upstream,
 * arch, distro and rpmmod from the qualifiers. */
PRQ_MUST_USE bool prq_package_from_purl(prq_str text, struct prq_arena *a, struct prq_package *out,
                                        struct prq_err *err);

/* The purl of a package; `distro` may be NULL. p == NULL when memory ran out. */
prq_str prq_purl_print(const struct prq_package *p, const struct prq_distro *distro,
                       struct prq_arena *a);

#endif
