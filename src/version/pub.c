/* SPDX-License-Identifier: Apache-2.0 */
/* Dart package versions: semantic versions whose build part breaks ties.
 * Source: dart.dev, "Package versioning"; matching.md 1.11. Cases: pub.cases. Linear time. */
#include "version/semver.h"

static prq_str without_v(prq_str v)
{
    return v.n && (v.p[0] == 'v' || v.p[0] == 'V') ? prq_str_from_at(v, 1) : v;
}

static int compare(prq_str a, prq_str b)
{
    int c = prq_semver_compare(a, b);
    if (c)
        return c;
    struct prq_semver x = prq_semver_split(without_v(a)), y = prq_semver_split(without_v(b));
    if (x.has_build != y.has_build)
        return x.has_build ? 1 : -1;
    return prq_str_cmp(x.build, y.build);
}

static const char *const aliases[] = { "dart", NULL };
static const char *const types[] = { "pub", NULL };
static const char *const spaces[] = { "Pub", NULL };

const struct prq_scheme prq_scheme_pub = {
    .name = "pub",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Dart packages: semantic versions, 1.0.0 < 1.0.0+1",
    .is_valid = prq_semver_is_valid,
    .compare = compare,
};
