/* SPDX-License-Identifier: Apache-2.0 */
/* Go module and toolchain versions: v1.2.3, v0.0.0-20060102150405-abcdefabcdef, go1.21rc2.
 * Source: go.dev/ref/mod, "Versions" and "Pseudo-versions"; go.dev/doc/toolchain, "Go versions";
 * matching.md 1.6. Cases: go.cases. Linear time: cut once, walked once. */
#include "version/digits.h"
#include "version/semver.h"

static prq_str without_prefix(prq_str v)
{
    if (prq_str_starts(v, PRQ_S("go")))
        return prq_str_from_at(v, 2);
    return v.n && (v.p[0] == 'v' || v.p[0] == 'V') ? prq_str_from_at(v, 1) : v;
}

/* Toolchains write 1.21rc2 for what advisories call 1.21.0-rc.2: a word and its number without a
 * hyphen become two identifiers. */
static struct prq_semver split(prq_str v)
{
    static const prq_str words[] = { PRQ_SI("alpha"), PRQ_SI("beta"), PRQ_SI("rc") };
    struct prq_semver s = prq_semver_split(without_prefix(v));
    if (!s.has_pre || s.core.n == 0 || s.pre.p != s.core.p + s.core.n)
        return s;
    for (size_t i = 0; i < PRQ_COUNT(words); i++) {
        prq_str number = prq_str_from_at(s.pre, words[i].n);
        if (prq_str_starts(s.pre, words[i]) && prq_digits_only(number)) {
            s.pre.n = words[i].n;
            s.pre_more = number;
        }
    }
    return s;
}

int prq_go_compare(prq_str a, prq_str b)
{
    struct prq_semver x = split(a), y = split(b);
    return prq_semver_compare_parts(&x, &y);
}

/* "+incompatible+dirty": the build part may hold more plus signs. "(devel)" is no version. */
bool prq_go_is_valid(prq_str v)
{
    struct prq_semver s = split(v);
    if (!prq_semver_parts_valid(&s))
        return false;
    prq_str piece;
    while (s.has_build && prq_str_split(&s.build, '+', &piece))
        if (piece.n == 0 || !prq_semver_identifiers_valid(piece))
            return false;
    return true;
}

/* "-yyyymmddhhmmss-12hex" or ".yyyymmddhhmmss-12hex" at the end, before build metadata. */
bool prq_go_is_pseudo(prq_str v)
{
    prq_str core, build, before, hash;
    if (prq_str_cut(v, '+', &core, &build))
        v = core;
    if (!prq_str_rcut(v, '-', &before, &hash) || hash.n != 12 || before.n < 15)
        return false;
    for (size_t i = 0; i < hash.n; i++)
        if (prq_hex_value(hash.p[i]) < 0)
            return false;
    const char *stamp = before.p + before.n - 14;
    for (size_t i = 0; i < 14; i++)
        if (!prq_is_digit(stamp[i]))
            return false;
    return stamp[-1] == '-' || stamp[-1] == '.';
}

static const char *const aliases[] = { "golang", NULL };
static const char *const types[] = { "golang", NULL };
static const char *const spaces[] = { "Go", NULL };

const struct prq_scheme prq_scheme_go = {
    .name = "go",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Go modules and toolchains: v1.2.3, pseudo-versions, go1.21rc2",
    .is_valid = prq_go_is_valid,
    .compare = prq_go_compare,
};
