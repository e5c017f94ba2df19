/* SPDX-License-Identifier: Apache-2.0 */
/* Bitnami versions: semantic versions with a rebuild number at the end, which does not count.
 * Source: bitnami/vulndb, "Versioning"; matching.md 1.12. Cases: bitnami.cases. Linear time. */
#include "version/digits.h"
#include "version/version.h"

static prq_str without_revision(prq_str v)
{
    size_t n = v.n;
    while (n > 0 && prq_is_digit(v.p[n - 1]))
        n--;
    bool has_revision = n < v.n && n > 1 && v.p[n - 1] == '-';
    return has_revision ? prq_str_head(v, n - 1) : v;
}

static int compare(prq_str a, prq_str b)
{
    return prq_semver_compare(without_revision(a), without_revision(b));
}

static bool is_valid(prq_str v)
{
    return prq_semver_is_valid(without_revision(v));
}

static const char *const types[] = { "bitnami", NULL };
static const char *const spaces[] = { "Bitnami", NULL };

const struct prq_scheme prq_scheme_bitnami = {
    .name = "bitnami",
    .purl_types = types,
    .spaces = spaces,
    .summary = "Bitnami: semantic versions without the last -N, a rebuild",
    .is_valid = is_valid,
    .compare = compare,
};
