/* SPDX-License-Identifier: Apache-2.0 */
/* Semantic versions and their loose kin: "semver", and "npm" which allows more in front.
 * Source: semver.org 2.0.0, item 11 (precedence); node-semver, "Versions"; matching.md 1.5. Cases:
 * semver.cases, npm.cases. The parts are cut once and then walked once: linear time. */
#include "version/semver.h"

#include "version/digits.h"

/* Everything from the first byte that is neither digit nor dot is the pre-release: 1.0.0.beta1 and
 * 1.0.0beta1 are 1.0.0-beta1. */
struct prq_semver prq_semver_split(prq_str v)
{
    struct prq_semver s = { .core = v };
    s.has_build = prq_str_cut(v, '+', &s.core, &s.build);
    size_t n = 0;
    while (n < s.core.n && (prq_is_digit(s.core.p[n]) || s.core.p[n] == '.'))
        n++;
    if (n == s.core.n)
        return s;
    s.has_pre = true;
    s.pre = prq_str_from_at(s.core, n);
    s.core.n = n;
    if (s.pre.p[0] == '-')
        prq_digits_skip(&s.pre, 1);
    else if (n > 0 && s.core.p[n - 1] == '.')
        s.core.n--;
    return s;
}

static int compare_identifiers(prq_str a, prq_str b)
{
    bool x = prq_digits_only(a), y = prq_digits_only(b);
    if (x != y)
        return x ? -1 : 1;
    return x ? prq_digits_cmp(a, b) : prq_str_cmp(a, b);
}

/* False at the end; then `more` was given too, when there is one. */
static bool next_identifier(prq_str *rest, prq_str *more, prq_str *id)
{
    if (prq_str_split(rest, '.', id))
        return true;
    if (!more->p)
        return false;
    *id = *more;
    *more = (prq_str){ 0 };
    return true;
}

static int compare_pre(const struct prq_semver *a, const struct prq_semver *b)
{
    struct prq_semver x = *a, y = *b;
    for (;;) {
        prq_str left, right;
        bool has_left = next_identifier(&x.pre, &x.pre_more, &left);
        bool has_right = next_identifier(&y.pre, &y.pre_more, &right);
        if (!has_left || !has_right)
            return (int)has_left - (int)has_right;
        int c = compare_identifiers(left, right);
        if (c)
            return c;
    }
}

int prq_semver_compare_parts(const struct prq_semver *a, const struct prq_semver *b)
{
    int c = prq_digits_dotted_cmp(a->core, b->core);
    if (c)
        return c;
    if (!a->has_pre || !b->has_pre)
        return (int)b->has_pre - (int)a->has_pre;
    return compare_pre(a, b);
}

bool prq_semver_identifiers_valid(prq_str v)
{
    prq_str id;
    while (prq_str_split(&v, '.', &id)) {
        for (size_t i = 0; i < id.n; i++)
            if (!prq_is_alnum(id.p[i]) && id.p[i] != '-')
                return false;
        if (id.n == 0)
            return false;
    }
    return true;
}

bool prq_semver_parts_valid(const struct prq_semver *s)
{
    prq_str core = s->core, number;
    while (prq_str_split(&core, '.', &number))
        if (number.n == 0)
            return false;
    return s->core.n > 0 && (!s->has_pre || (s->pre.n && prq_semver_identifiers_valid(s->pre)));
}

static prq_str without_v(prq_str v)
{
    return v.n && (v.p[0] == 'v' || v.p[0] == 'V') ? prq_str_from_at(v, 1) : v;
}

/* node-semver reads any run of 'v', '=' and blanks in front. */
static prq_str without_npm_prefix(prq_str v)
{
    size_t n = 0;
    v = prq_str_trim(v);
    while (n < v.n && (v.p[n] == 'v' || v.p[n] == 'V' || v.p[n] == '=' || prq_is_space(v.p[n])))
        n++;
    return prq_str_from_at(v, n);
}

static int compare_bare(prq_str a, prq_str b)
{
    struct prq_semver x = prq_semver_split(a), y = prq_semver_split(b);
    return prq_semver_compare_parts(&x, &y);
}

static bool bare_is_valid(prq_str v)
{
    struct prq_semver s = prq_semver_split(v);
    return prq_semver_parts_valid(&s) &&
           (!s.has_build || (s.build.n && prq_semver_identifiers_valid(s.build)));
}

int prq_semver_compare(prq_str a, prq_str b)
{
    return compare_bare(without_v(a), without_v(b));
}

bool prq_semver_is_valid(prq_str v)
{
    return bare_is_valid(without_v(v));
}

static int npm_compare(prq_str a, prq_str b)
{
    return compare_bare(without_npm_prefix(a), without_npm_prefix(b));
}

static bool npm_is_valid(prq_str v)
{
    return bare_is_valid(without_npm_prefix(v));
}

static const char *const semver_aliases[] = {
    "bioconductor", "cargo", "conan", "ghc", "github-actions", "hex", "julia", "swift", NULL,
};
static const char *const semver_types[] = {
    "bioconductor", "cargo", "conan", "ghc", "githubactions", "hex", "julia", "swift", NULL,
};
static const char *const semver_spaces[] = {
    "Bioconductor", "ConanCenter",    "Docker Hardened Images",
    "GHC",          "GitHub Actions", "Hex",
    "Julia",        "SwiftURL",       "crates.io",
    NULL,
};

const struct prq_scheme prq_scheme_semver = {
    .name = "semver",
    .aliases = semver_aliases,
    .purl_types = semver_types,
    .spaces = semver_spaces,
    .summary = "semantic versions, loosely: missing and further components are allowed",
    .is_valid = prq_semver_is_valid,
    .compare = prq_semver_compare,
};

static const char *const npm_aliases[] = { "node", NULL };
static const char *const npm_types[] = { "npm", NULL };
static const char *const npm_spaces[] = { "npm", NULL };

const struct prq_scheme prq_scheme_npm = {
    .name = "npm",
    .aliases = npm_aliases,
    .purl_types = npm_types,
    .spaces = npm_spaces,
    .summary = "semantic versions with '=', 'v' and blanks allowed in front",
    .is_valid = npm_is_valid,
    .compare = npm_compare,
};
