/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbspace.h"

#include "db/feed.h"

enum fold { EXACT, LOWER, PEP503, CRATE, URL };

/* What stands behind the ':'. */
enum rest {
    NOTHING,
    RELEASE, /* as written; "AlmaLinux" alone applies to no release */
    ALPINE,
    DEBIAN,
    UBUNTU,
    RED_HAT,
    SUSE,
    REPOSITORY, /* an address, or nothing */
};

/* Source: matching.md 3.1, 5.7. */
static const struct ecosystem {
    prq_str name;
    const char *family;
    enum rest rest;
    enum fold fold;
} ecosystems[] = {
    { PRQ_SI("AlmaLinux"), "almalinux", RELEASE, EXACT },
    { PRQ_SI("Alpine"), "alpine", ALPINE, EXACT },
    { PRQ_SI("Amazon Linux"), "amazon", RELEASE, EXACT },
    { PRQ_SI("Arch Linux"), "arch", NOTHING, EXACT },
    { PRQ_SI("Azure Linux"), "azurelinux", RELEASE, EXACT },
    { PRQ_SI("Bitnami"), "bitnami", NOTHING, LOWER },
    { PRQ_SI("CBL-Mariner"), "azurelinux", RELEASE, EXACT },
    { PRQ_SI("CRAN"), "cran", NOTHING, EXACT },
    { PRQ_SI("Chainguard"), "chainguard", NOTHING, EXACT },
    { PRQ_SI("Debian"), "debian", DEBIAN, EXACT },
    { PRQ_SI("EOL"), "eol", RELEASE, EXACT }, /* the product stands for the release */
    { PRQ_SI("GHC"), "ghc", NOTHING, EXACT },
    { PRQ_SI("GitHub Actions"), "githubactions", NOTHING, LOWER },
    { PRQ_SI("Go"), "go", NOTHING, EXACT },
    { PRQ_SI("Hackage"), "hackage", NOTHING, EXACT },
    { PRQ_SI("Hex"), "hex", NOTHING, EXACT },
    { PRQ_SI("Maven"), "maven", REPOSITORY, EXACT },
    { PRQ_SI("MinimOS"), "minimos", NOTHING, EXACT },
    { PRQ_SI("NuGet"), "nuget", NOTHING, LOWER },
    { PRQ_SI("Oracle Linux"), "oracle", RELEASE, EXACT },
    { PRQ_SI("Packagist"), "packagist", REPOSITORY, LOWER },
    { PRQ_SI("Photon OS"), "photon", RELEASE, EXACT },
    { PRQ_SI("Pub"), "pub", NOTHING, EXACT },
    { PRQ_SI("PyPI"), "pypi", NOTHING, PEP503 },
    { PRQ_SI("Red Hat"), "redhat", RED_HAT, EXACT },
    { PRQ_SI("Rocky Linux"), "rocky", RELEASE, EXACT },
    { PRQ_SI("RubyGems"), "rubygems", NOTHING, EXACT },
    { PRQ_SI("SUSE"), "suse", SUSE, EXACT },
    { PRQ_SI("SwiftURL"), "swift", NOTHING, URL },
    { PRQ_SI("Ubuntu"), "ubuntu", UBUNTU, EXACT },
    { PRQ_SI("Wolfi"), "wolfi", NOTHING, EXACT },
    { PRQ_SI("cpe"), "nvd", NOTHING, EXACT },
    { PRQ_SI("crates.io"), "crates", NOTHING, CRATE },
    { PRQ_SI("npm"), "npm", NOTHING, LOWER },
    { PRQ_SI("openSUSE"), "opensuse", SUSE, EXACT },
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

/* "20.04" */
static bool is_year_month(prq_str s)
{
    return s.n == 5 && s.p[2] == '.' && prq_is_digit(s.p[0]) && prq_is_digit(s.p[1]) &&
           prq_is_digit(s.p[3]) && prq_is_digit(s.p[4]);
}

static prq_str lower(prq_str s, struct prq_arena *a)
{
    char *out = prq_arena_alloc(a, s.n + 1);
    for (size_t i = 0; out && i < s.n; i++)
        out[i] = prq_to_lower(s.p[i]);
    return (prq_str){ out, out ? s.n : 0 };
}

/* [Pro:][product:]YY.MM[:LTS]. Pro alone is Extended Security Maintenance; a product is a build of
 * its own. Either is a channel: "Ubuntu:20.04+esm". */
static prq_str ubuntu_space(prq_str rest, struct prq_arena *a)
{
    prq_str field = { 0 }, channel = { 0 };
    if (!prq_str_split(&rest, ':', &field))
        return (prq_str){ 0 };
    if (prq_str_eq(field, PRQ_S("Pro"))) {
        channel = PRQ_S("esm");
        if (!prq_str_split(&rest, ':', &field))
            return (prq_str){ 0 };
    }
    if (!is_year_month(field)) {
        if (!is_release(field))
            return (prq_str){ 0 };
        channel = lower(field, a);
        if (!prq_str_split(&rest, ':', &field) || !is_year_month(field))
            return (prq_str){ 0 };
    }
    if (rest.p && !prq_str_eq(rest, PRQ_S("LTS")))
        return (prq_str){ 0 };
    return prq_arena_printf(a, "Ubuntu:%.*s%s%.*s", PRQ_FMT(field), channel.n ? "+" : "",
                            PRQ_FMT(channel));
}

/* A channel of its own, which no release of an image names. */
static prq_str other_channel(prq_str name, prq_str rest, struct prq_arena *a)
{
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] < ' ' || rest.p[i] > '~')
            return (prq_str){ 0 };
    return rest.n <= 128 ? prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(name), PRQ_FMT(rest))
                         : (prq_str){ 0 };
}

/* "el9" → "9" */
static prq_str el_major(prq_str edition)
{
    uint64_t n;
    prq_str major = prq_str_from_at(edition, 2);
    bool is_el = prq_str_starts(edition, PRQ_S("el")) && prq_str_u64(major, &n);
    return is_el ? major : (prq_str){ 0 };
}

/* Products whose version is a release of Red Hat Enterprise Linux. */
static bool is_enterprise_linux(prq_str product)
{
    static const prq_str all[] = {
        PRQ_SI("enterprise_linux"), PRQ_SI("rhel"),     PRQ_SI("rhel_aus"),    PRQ_SI("rhel_e4s"),
        PRQ_SI("rhel_els"),         PRQ_SI("rhel_eus"), PRQ_SI("rhel_extras"), PRQ_SI("rhel_tus"),
    };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (prq_str_eq(all[i], product))
            return true;
    return false;
}

prq_str prq_db_red_hat_cpe(prq_str cpe)
{
    static const prq_str heads[] = { PRQ_SI("cpe:/a:redhat:"), PRQ_SI("cpe:/o:redhat:") };
    for (size_t i = 0; i < PRQ_COUNT(heads); i++)
        if (prq_str_starts(cpe, heads[i]) && prq_is_record_id(cpe))
            return prq_str_from_at(cpe, heads[i].n);
    return (prq_str){ 0 };
}

/* The release of RHEL that a product is for, by its version or by an edition such as "el9"; which of
 * its repositories it is of is in the row (matching.md 5.4). */
prq_str prq_db_red_hat_space(prq_str product, struct prq_arena *a)
{
    prq_str rest = product, name = { 0 }, version = { 0 }, update = { 0 }, edition = { 0 }, minor;
    if (!prq_is_record_id(product))
        return (prq_str){ 0 };
    prq_str_split(&rest, ':', &name);
    prq_str_split(&rest, ':', &version);
    prq_str_split(&rest, ':', &update);
    prq_str_split(&rest, ':', &edition);
    prq_str major = el_major(edition);
    if (!major.n && is_enterprise_linux(name)) {
        uint64_t n;
        prq_str_cut(version, '.', &version, &minor);
        major = prq_str_u64(version, &n) ? version : major;
    }
    return major.n && major.n <= 4 ? prq_arena_printf(a, "Red Hat:%.*s", PRQ_FMT(major))
                                   : PRQ_S("Red Hat:other");
}

static bool is_dotted(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_digit(s.p[i]) && s.p[i] != '.')
            return false;
    return s.n > 0 && s.n <= 8 && prq_is_digit(s.p[0]);
}

/* "Linux Enterprise <product> 15 SP5": modules and products share their service pack. */
static prq_str suse_space(prq_str name, prq_str rest, struct prq_arena *a)
{
    prq_str before = rest, last = rest, pack = PRQ_S("0");
    bool is_enterprise = prq_str_starts(rest, PRQ_S("Linux Enterprise "));
    prq_str_rcut(rest, ' ', &before, &last);
    if (is_enterprise && prq_str_starts(last, PRQ_S("SP")) && is_dotted(prq_str_from_at(last, 2))) {
        pack = prq_str_from_at(last, 2);
        rest = before;
        prq_str_rcut(rest, ' ', &before, &last);
    }
    if (!is_dotted(last) || before.n == rest.n)
        return other_channel(name, rest, a);
    if (prq_str_eq(before, PRQ_S("Leap")))
        return prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(name), PRQ_FMT(last));
    if (prq_str_ends(before, PRQ_S(" Micro")))
        return prq_arena_printf(a, "%.*s:micro-%.*s", PRQ_FMT(name), PRQ_FMT(last));
    if (is_enterprise && prq_str_find(last, '.') == last.n)
        return prq_arena_printf(a, "%.*s:%.*s.%.*s", PRQ_FMT(name), PRQ_FMT(last), PRQ_FMT(pack));
    return other_channel(name, rest, a);
}

prq_str prq_space_of_ecosystem(prq_str ecosystem, struct prq_arena *a)
{
    prq_str release;
    const struct ecosystem *e = ecosystem_of(ecosystem, &release);
    if (!e || ecosystem.n != e->name.n + !!release.n + release.n ||
        (e->rest != REPOSITORY && (e->rest != NOTHING) != (release.n > 0)))
        return (prq_str){ 0 };
    switch (e->rest) {
    case NOTHING:
    case REPOSITORY:
        return e->name;
    case ALPINE:
        return prq_space_of_alpine_branch(release, a);
    case UBUNTU:
        return ubuntu_space(release, a);
    case RED_HAT:
        return prq_db_red_hat_space(release, a);
    case SUSE:
        return suse_space(e->name, release, a);
    case DEBIAN:
        release = debian_release(release);
        break;
    case RELEASE:
        break;
    }
    if (!is_release(release))
        return (prq_str){ 0 };
    return prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(e->name), PRQ_FMT(release));
}

prq_str prq_repository_of_ecosystem(prq_str ecosystem)
{
    prq_str release;
    const struct ecosystem *e = ecosystem_of(ecosystem, &release);
    return e && e->rest == REPOSITORY ? release : (prq_str){ 0 };
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

prq_str prq_ubuntu_release_of(prq_str codename)
{
    /* Source: wiki.ubuntu.com/Releases; only those that the feeds know. */
    static const struct {
        prq_str name, release;
    } table[] = {
        { PRQ_SI("precise"), PRQ_SI("12.04") },  { PRQ_SI("trusty"), PRQ_SI("14.04") },
        { PRQ_SI("utopic"), PRQ_SI("14.10") },   { PRQ_SI("vivid"), PRQ_SI("15.04") },
        { PRQ_SI("wily"), PRQ_SI("15.10") },     { PRQ_SI("xenial"), PRQ_SI("16.04") },
        { PRQ_SI("yakkety"), PRQ_SI("16.10") },  { PRQ_SI("zesty"), PRQ_SI("17.04") },
        { PRQ_SI("artful"), PRQ_SI("17.10") },   { PRQ_SI("bionic"), PRQ_SI("18.04") },
        { PRQ_SI("cosmic"), PRQ_SI("18.10") },   { PRQ_SI("disco"), PRQ_SI("19.04") },
        { PRQ_SI("eoan"), PRQ_SI("19.10") },     { PRQ_SI("focal"), PRQ_SI("20.04") },
        { PRQ_SI("groovy"), PRQ_SI("20.10") },   { PRQ_SI("hirsute"), PRQ_SI("21.04") },
        { PRQ_SI("impish"), PRQ_SI("21.10") },   { PRQ_SI("jammy"), PRQ_SI("22.04") },
        { PRQ_SI("kinetic"), PRQ_SI("22.10") },  { PRQ_SI("lunar"), PRQ_SI("23.04") },
        { PRQ_SI("mantic"), PRQ_SI("23.10") },   { PRQ_SI("noble"), PRQ_SI("24.04") },
        { PRQ_SI("oracular"), PRQ_SI("24.10") }, { PRQ_SI("plucky"), PRQ_SI("25.04") },
        { PRQ_SI("questing"), PRQ_SI("25.10") },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_str_eq(table[i].name, codename))
            return table[i].release;
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
        if (prq_is_upper(c) || (how == CRATE && c == '-'))
            return false;
        if (how == PEP503 && is_separator(c) &&
            (c != '-' || (i + 1 < name.n && is_separator(name.p[i + 1]))))
            return false;
    }
    return true;
}

/* host/path: without scheme and ".git", the host in lower case. */
static prq_str fold_url(prq_str name, struct prq_arena *a)
{
    static const prq_str schemes[] = { PRQ_SI("https://"), PRQ_SI("http://") };
    for (size_t i = 0; i < PRQ_COUNT(schemes); i++)
        if (prq_str_starts(name, schemes[i]))
            name = prq_str_from_at(name, schemes[i].n);
    if (prq_str_ends(name, PRQ_S(".git")))
        name.n -= 4;
    prq_str host = prq_str_head(name, prq_str_find(name, '/'));
    if (is_folded(host, LOWER))
        return name;
    char *out = prq_arena_alloc(a, name.n);
    if (!out)
        return (prq_str){ 0 };
    for (size_t i = 0; i < name.n; i++)
        out[i] = i < host.n ? prq_to_lower(name.p[i]) : name.p[i];
    return (prq_str){ out, name.n };
}

static char fold_char(char c, enum fold how)
{
    return how == CRATE && c == '-' ? '_' : prq_to_lower(c);
}

prq_str prq_name_fold(prq_str space, prq_str name, struct prq_arena *a)
{
    prq_str release;
    const struct ecosystem *e = ecosystem_of(space, &release);
    if (e && e->fold == URL)
        return fold_url(name, a);
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
        out[n++] = separates ? '-' : fold_char(name.p[i], e->fold);
    }
    return (prq_str){ out, n };
}
