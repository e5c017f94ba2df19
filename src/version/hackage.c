/* SPDX-License-Identifier: Apache-2.0 */
/* Haskell package versions: dotted numbers, of which more are newer.
 * Source: Haskell package versioning policy and Data.Version; matching.md 1.11. Cases:
 * hackage.cases. Linear time. */
#include "version/digits.h"
#include "version/version.h"

/* Invalid pieces are older than numbers. */
static int compare(prq_str a, prq_str b)
{
    if (a.n == 0 || b.n == 0)
        return (a.n > 0) - (b.n > 0);
    for (;;) {
        prq_str left, right;
        bool has_left = prq_str_split(&a, '.', &left), has_right = prq_str_split(&b, '.', &right);
        if (!has_left || !has_right)
            return (int)has_left - (int)has_right;
        bool x = prq_digits_only(left), y = prq_digits_only(right);
        if (x != y)
            return x ? 1 : -1;
        int c = x ? prq_digits_cmp(left, right) : prq_str_cmp(left, right);
        if (c)
            return c;
    }
}

static bool is_valid(prq_str v)
{
    prq_str piece;
    bool is_ok = v.n > 0;
    while (is_ok && prq_str_split(&v, '.', &piece))
        is_ok = prq_digits_only(piece);
    return is_ok;
}

static const char *const aliases[] = { "haskell", NULL };
static const char *const types[] = { "hackage", NULL };
static const char *const spaces[] = { "Hackage", NULL };

const struct prq_scheme prq_scheme_hackage = {
    .name = "hackage",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Haskell packages: dotted numbers, 1.0 < 1.0.0",
    .is_valid = is_valid,
    .compare = compare,
};
