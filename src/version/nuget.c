/* SPDX-License-Identifier: Apache-2.0 */
/* NuGet versions: semantic versions of up to four numbers, letters of either case alike.
 * Source: learn.microsoft.com, "NuGet package versioning"; matching.md 1.9. Cases: nuget.cases.
 * Cut once and walked once: linear time. */
#include "version/digits.h"
#include "version/semver.h"

static int compare_identifiers(prq_str a, prq_str b)
{
    bool x = prq_digits_only(a), y = prq_digits_only(b);
    if (x != y)
        return x ? -1 : 1;
    if (x)
        return prq_digits_cmp(a, b);
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int diff = (uint8_t)prq_to_lower(a.p[i]) - (uint8_t)prq_to_lower(b.p[i]);
        if (diff)
            return diff;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static int compare(prq_str a, prq_str b)
{
    struct prq_semver x = prq_semver_split(a), y = prq_semver_split(b);
    int c = prq_digits_dotted_cmp(x.core, y.core);
    if (c)
        return c;
    if (!x.has_pre || !y.has_pre)
        return (int)y.has_pre - (int)x.has_pre;
    for (;;) {
        prq_str left, right;
        bool has_left = prq_str_split(&x.pre, '.', &left);
        bool has_right = prq_str_split(&y.pre, '.', &right);
        if (!has_left || !has_right)
            return (int)has_left - (int)has_right;
        c = compare_identifiers(left, right);
        if (c)
            return c;
    }
}

static bool is_valid(prq_str v)
{
    struct prq_semver s = prq_semver_split(v);
    prq_str core = s.core, number;
    size_t numbers = 0;
    while (prq_str_split(&core, '.', &number))
        numbers++;
    bool has_hyphen = !s.has_pre || (s.pre.n && s.pre.p[-1] == '-');
    return numbers <= 4 && has_hyphen && prq_semver_parts_valid(&s) &&
           (!s.has_build || prq_semver_identifiers_valid(s.build));
}

static const char *const aliases[] = { "dotnet", NULL };
static const char *const types[] = { "nuget", NULL };
static const char *const spaces[] = { "NuGet", NULL };

const struct prq_scheme prq_scheme_nuget = {
    .name = "nuget",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "NuGet: up to four numbers, pre-releases without regard to case",
    .is_valid = is_valid,
    .compare = compare,
};
