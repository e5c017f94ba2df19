/* SPDX-License-Identifier: Apache-2.0 */
/* OCaml package versions: ordered as Debian's, but any text of letters, digits and "-_+.~" is one.
 * Source: opam manual, "Version ordering"; matching.md 1.11. Cases: opam.cases, checked against
 * opam. Linear time. */
#include "version/version.h"

static bool is_valid(prq_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!prq_is_alnum(v.p[i]) && (v.p[i] == '\0' || !strchr("-_+.~", v.p[i])))
            return false;
    return v.n > 0;
}

static const char *const aliases[] = { "ocaml", NULL };
static const char *const types[] = { "opam", NULL };
static const char *const spaces[] = { "opam", NULL };

const struct prq_scheme prq_scheme_opam = {
    .name = "opam",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "OCaml packages: ordered as Debian's versions",
    .is_valid = is_valid,
    .compare = prq_deb_compare,
};
