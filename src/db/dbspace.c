/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbspace.h"

enum fold { EXACT, LOWER, PEP503 };

static const struct ecosystem {
    prq_str name;
    const char *family;
    bool has_release; /* "Debian" alone applies to no release */
    enum fold fold;
} ecosystems[] = {
    { PRQ_SI("Alpine"), "alpine", true, EXACT }, { PRQ_SI("Wolfi"), "wolfi", false, EXACT },
    { PRQ_SI("Debian"), "debian", true, EXACT }, { PRQ_SI("AlmaLinux"), "almalinux", true, EXACT },
    { PRQ_SI("PyPI"), "pypi", false, PEP503 },   { PRQ_SI("npm"), "npm", false, LOWER },
    { PRQ_SI("Go"), "go", false, EXACT },
};

static const struct ecosystem *ecosystem_of(prq_str space, prq_str *release)
{
    prq_str name = space;
    *release = (prq_str){ 0 };
    prq_str_cut(space, ':', &name, release);
    for (size_t i = 0; i < PRQ_COUNT(ecosystems); i++)
        if (prq_str_eq(ecosystems[i].name, name))
            return &ecosystems[i];
    return NULL;
}

const char *prq_db_family_of_space(prq_str space)
{
    prq_str release;
    const struct ecosystem *e = ecosystem_of(space, &release);
    return e ? e->family : NULL;
}

/* Letters, digits, '.', '_', '-': what a release may consist of. */
static bool is_release(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '_' && s.p[i] != '-')
            return false;
    return s.n > 0 && s.n <= 32;
}

prq_str prq_space_of_alpine_branch(prq_str branch, struct prq_arena *a)
{
    if (prq_str_eq(branch, PRQ_S("edge")))
        return PRQ_S("Alpine:edge");
    if (branch.n < 2 || branch.p[0] != 'v' || !prq_is_digit(branch.p[1]) || !is_release(branch))
        return (prq_str){ 0 };
    return prq_arena_printf(a, "Alpine:%.*s", (int)branch.n - 1, branch.p + 1);
}

/* From Debian 4 on the major number is the release; before that "3.0" and "3.1" are two. */
static prq_str debian_release(prq_str release)
{
    prq_str major = release, minor;
    uint64_t n;
    if (prq_str_cut(release, '.', &major, &minor) && prq_str_u64(major, &n) && n >= 4)
        return major;
    return release;
}

prq_str prq_space_of_ecosystem(prq_str ecosystem, struct prq_arena *a)
{
    prq_str release;
    const struct ecosystem *e = ecosystem_of(ecosystem, &release);
    if (!e || e->has_release != (release.n > 0) ||
        ecosystem.n != e->name.n + !!release.n + release.n)
        return (prq_str){ 0 };
    if (!e->has_release)
        return e->name;
    if (prq_str_eq(e->name, PRQ_S("Alpine")))
        return prq_space_of_alpine_branch(release, a);
    if (prq_str_eq(e->name, PRQ_S("Debian")))
        release = debian_release(release);
    if (!is_release(release))
        return (prq_str){ 0 };
    return prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(e->name), PRQ_FMT(release));
}

prq_str prq_space_of_codename(prq_str codename)
{
    /* Source: debian.org/releases; matching.md 3.2. */
    static const struct {
        prq_str name, space;
    } table[] = {
        { PRQ_SI("woody"), PRQ_SI("Debian:3.0") },    { PRQ_SI("sarge"), PRQ_SI("Debian:3.1") },
        { PRQ_SI("etch"), PRQ_SI("Debian:4") },       { PRQ_SI("lenny"), PRQ_SI("Debian:5") },
        { PRQ_SI("squeeze"), PRQ_SI("Debian:6") },    { PRQ_SI("wheezy"), PRQ_SI("Debian:7") },
        { PRQ_SI("jessie"), PRQ_SI("Debian:8") },     { PRQ_SI("stretch"), PRQ_SI("Debian:9") },
        { PRQ_SI("buster"), PRQ_SI("Debian:10") },    { PRQ_SI("bullseye"), PRQ_SI("Debian:11") },
        { PRQ_SI("bookworm"), PRQ_SI("Debian:12") },  { PRQ_SI("trixie"), PRQ_SI("Debian:13") },
        { PRQ_SI("forky"), PRQ_SI("Debian:14") },     { PRQ_SI("duke"), PRQ_SI("Debian:15") },
        { PRQ_SI("sid"), PRQ_SI("Debian:unstable") },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_str_eq(table[i].name, codename))
            return table[i].space;
    return (prq_str){ 0 };
}

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

/* Is `name` its own folded form? */
static bool is_folded(prq_str name, enum fold how)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (prq_is_upper(c))
            return false;
        if (how == PEP503 && is_separator(c) &&
            (c != '-' || (i + 1 < name.n && is_separator(name.p[i + 1]))))
            return false;
    }
    return true;
}

prq_str prq_name_fold(prq_str space, prq_str name, struct prq_arena *a)
{
    prq_str release;
    const struct ecosystem *e = ecosystem_of(space, &release);
    if (!e || e->fold == EXACT || is_folded(name, e->fold))
        return name;
    char *out = prq_arena_alloc(a, name.n);
    if (!out)
        return (prq_str){ 0 };
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        bool separates = e->fold == PEP503 && is_separator(name.p[i]);
        if (separates && n && out[n - 1] == '-' && i && is_separator(name.p[i - 1]))
            continue;
        out[n++] = separates ? '-' : prq_to_lower(name.p[i]);
    }
    return (prq_str){ out, n };
}
