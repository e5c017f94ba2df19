/* SPDX-License-Identifier: Apache-2.0 */
/* From what an image calls its distribution to the space that its packages are looked up in.
 * Source: catalog.md 2.4, 2.5, 2.6. ID_LIKE is not followed: a derivative numbers its releases in
 * its own way, so its relatives' feeds would answer for another release. */
#include "match/core.h"

#include <stdio.h>

#include "db/dbspace.h"

enum rule {
    ROLLING, BY_PRODUCT, ALPINE, AMAZON, POSTMARKETOS, DEBIAN, MAJOR, MINOR, UBUNTU, SUSE, SUSE_MICRO,
    TUMBLEWEED
};

static const struct {
    prq_str id;
    const char *family;
    enum rule rule;
    const char *note;
} distros[] = {
    { PRQ_SI("alma"), "almalinux", MAJOR, NULL },
    { PRQ_SI("almalinux"), "almalinux", MAJOR, NULL },
    { PRQ_SI("alpine"), "alpine", ALPINE, NULL },
    { PRQ_SI("amazon"), "amazon", AMAZON, NULL },
    { PRQ_SI("amazonlinux"), "amazon", AMAZON, NULL },
    { PRQ_SI("amzn"), "amazon", AMAZON, NULL },
    { PRQ_SI("arch"), "arch", ROLLING, NULL },
    { PRQ_SI("archlinux"), "arch", ROLLING, NULL },
    { PRQ_SI("azurelinux"), "azurelinux", MINOR, NULL },
    { PRQ_SI("centos"), "redhat", MAJOR, "CentOS's packages are judged with the records of RHEL" },
    { PRQ_SI("chainguard"), "chainguard", ROLLING, NULL },
    { PRQ_SI("debian"), "debian", DEBIAN, NULL },
    { PRQ_SI("mariner"), "mariner", MINOR, NULL },
    { PRQ_SI("minimos"), "minimos", ROLLING, NULL },
    { PRQ_SI("ol"), "oracle", MAJOR, NULL },
    { PRQ_SI("opensuse"), "opensuse", SUSE, NULL },
    { PRQ_SI("opensuse-leap"), "opensuse", SUSE, NULL },
    { PRQ_SI("opensuse-tumbleweed"), "opensuse", TUMBLEWEED, NULL },
    { PRQ_SI("oracle"), "oracle", MAJOR, NULL },
    { PRQ_SI("oraclelinux"), "oracle", MAJOR, NULL },
    { PRQ_SI("photon"), "photon", MINOR, NULL },
    { PRQ_SI("postmarketos"), "alpine", POSTMARKETOS,
      "postmarketOS is judged with the feed of the Alpine release that it is built on" },
    { PRQ_SI("raspbian"), "debian", DEBIAN, "Raspbian's packages are judged with Debian's feed" },
    { PRQ_SI("rhcos"), "redhat", BY_PRODUCT, NULL },
    { PRQ_SI("rhel"), "redhat", MAJOR, NULL },
    { PRQ_SI("rocky"), "rocky", MAJOR, NULL },
    { PRQ_SI("rockylinux"), "rocky", MAJOR, NULL },
    { PRQ_SI("sl-micro"), "suse", SUSE_MICRO, NULL },
    { PRQ_SI("sle-micro"), "suse", SUSE_MICRO, NULL },
    { PRQ_SI("sle-micro-rancher"), "suse", SUSE_MICRO, NULL },
    { PRQ_SI("sles"), "suse", SUSE, NULL },
    { PRQ_SI("ubuntu"), "ubuntu", UBUNTU, NULL },
    { PRQ_SI("wolfi"), "wolfi", ROLLING, NULL },
};

struct pair {
    prq_str from, to;
};

/* catalog.md 2.6 */
static const struct pair postmarketos[] = {
    { PRQ_SI("25.12"), PRQ_SI("3.23") }, { PRQ_SI("25.06"), PRQ_SI("3.22") },
    { PRQ_SI("24.12"), PRQ_SI("3.21") }, { PRQ_SI("24.06"), PRQ_SI("3.20") },
    { PRQ_SI("23.12"), PRQ_SI("3.19") }, { PRQ_SI("23.06"), PRQ_SI("3.18") },
    { PRQ_SI("22.12"), PRQ_SI("3.17") }, { PRQ_SI("22.06"), PRQ_SI("3.16") },
    { PRQ_SI("21.12"), PRQ_SI("3.15") }, { PRQ_SI("21.06"), PRQ_SI("3.14") },
    { PRQ_SI("21.03"), PRQ_SI("3.13") }, { PRQ_SI("20.05"), PRQ_SI("3.12") },
    { PRQ_SI("edge"), PRQ_SI("edge") },
};

/* matching.md 3.2. An image of testing or sid has no VERSION_ID and the codename of the release in
 * the making, which today means sid: this line moves with each freeze. */
static const struct pair codenames[] = {
    { PRQ_SI("woody"), PRQ_SI("3.0") },   { PRQ_SI("sarge"), PRQ_SI("3.1") },
    { PRQ_SI("etch"), PRQ_SI("4") },      { PRQ_SI("lenny"), PRQ_SI("5") },
    { PRQ_SI("squeeze"), PRQ_SI("6") },   { PRQ_SI("wheezy"), PRQ_SI("7") },
    { PRQ_SI("jessie"), PRQ_SI("8") },    { PRQ_SI("stretch"), PRQ_SI("9") },
    { PRQ_SI("buster"), PRQ_SI("10") },   { PRQ_SI("bullseye"), PRQ_SI("11") },
    { PRQ_SI("bookworm"), PRQ_SI("12") }, { PRQ_SI("trixie"), PRQ_SI("13") },
    { PRQ_SI("forky"), PRQ_SI("unstable") }, { PRQ_SI("sid"), PRQ_SI("unstable") },
    { PRQ_SI("unstable"), PRQ_SI("unstable") },
};

/* Facts of endoflife.date (Debian: the end of LTS, until which the tracker gets DLAs). */
static const struct {
    const char *family, *release, *end;
} ends[] = {
    { "almalinux", "8", "2029-03-01" },  { "almalinux", "9", "2032-05-31" },
    { "almalinux", "10", "2035-05-31" }, { "alpine", "2.1", "2012-11-01" },
    { "alpine", "2.2", "2013-05-01" },   { "alpine", "2.3", "2013-11-01" },
    { "alpine", "2.4", "2014-05-01" },   { "alpine", "2.5", "2014-11-01" },
    { "alpine", "2.6", "2015-05-01" },   { "alpine", "2.7", "2015-11-01" },
    { "alpine", "3.0", "2016-05-01" },   { "alpine", "3.1", "2016-11-01" },
    { "alpine", "3.2", "2017-05-01" },   { "alpine", "3.3", "2017-11-01" },
    { "alpine", "3.4", "2018-05-01" },   { "alpine", "3.5", "2018-11-01" },
    { "alpine", "3.6", "2019-05-01" },   { "alpine", "3.7", "2019-11-01" },
    { "alpine", "3.8", "2020-05-01" },   { "alpine", "3.9", "2020-11-01" },
    { "alpine", "3.10", "2021-05-01" },  { "alpine", "3.11", "2021-11-01" },
    { "alpine", "3.12", "2022-05-01" },  { "alpine", "3.13", "2022-11-01" },
    { "alpine", "3.14", "2023-05-01" },  { "alpine", "3.15", "2023-11-01" },
    { "alpine", "3.16", "2024-05-23" },  { "alpine", "3.17", "2024-11-22" },
    { "alpine", "3.18", "2025-05-09" },  { "alpine", "3.19", "2025-11-01" },
    { "alpine", "3.20", "2026-04-01" },  { "alpine", "3.21", "2026-11-01" },
    { "alpine", "3.22", "2027-05-01" },  { "alpine", "3.23", "2027-11-01" },
    { "debian", "3.0", "2006-06-30" },   { "debian", "3.1", "2008-03-31" },
    { "debian", "4", "2010-02-15" },     { "debian", "5", "2012-02-06" },
    { "debian", "6", "2016-02-29" },     { "debian", "7", "2018-05-31" },
    { "debian", "8", "2020-06-30" },     { "debian", "9", "2022-07-01" },
    { "debian", "10", "2024-06-30" },    { "debian", "11", "2026-08-31" },
    { "debian", "12", "2028-06-30" },    { "debian", "13", "2030-06-30" },
    { "rocky", "8", "2029-05-31" },      { "rocky", "9", "2032-05-31" },
    { "rocky", "10", "2035-05-31" },     { "ubuntu", "12.04", "2017-04-28" },
    { "ubuntu", "14.04", "2019-04-25" }, { "ubuntu", "14.10", "2015-07-23" },
    { "ubuntu", "15.04", "2016-02-04" }, { "ubuntu", "15.10", "2016-07-28" },
    { "ubuntu", "16.04", "2021-04-30" }, { "ubuntu", "16.10", "2017-07-20" },
    { "ubuntu", "17.04", "2018-01-13" }, { "ubuntu", "17.10", "2018-07-19" },
    { "ubuntu", "18.04", "2023-05-31" }, { "ubuntu", "18.10", "2019-07-18" },
    { "ubuntu", "19.04", "2020-01-23" }, { "ubuntu", "19.10", "2020-07-17" },
    { "ubuntu", "20.04", "2025-05-31" }, { "ubuntu", "20.10", "2021-07-22" },
    { "ubuntu", "21.04", "2022-01-20" }, { "ubuntu", "21.10", "2022-07-14" },
    { "ubuntu", "22.04", "2027-04-01" }, { "ubuntu", "22.10", "2023-07-20" },
    { "ubuntu", "23.04", "2024-01-25" }, { "ubuntu", "23.10", "2024-07-11" },
    { "ubuntu", "24.04", "2029-05-31" }, { "ubuntu", "24.10", "2025-07-10" },
};

const char *prq_release_end(const char *family, prq_str release)
{
    for (size_t i = 0; i < PRQ_COUNT(ends); i++)
        if (strcmp(ends[i].family, family) == 0 && prq_str_eq(release, prq_str_from(ends[i].release)))
            return ends[i].end;
    return NULL;
}

static prq_str mapped(const struct pair *table, size_t n, prq_str from)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(from, table[i].from))
            return table[i].to;
    return (prq_str){ 0 };
}

/* The first `parts` numbers of a dotted version; empty when there are fewer. */
static prq_str numbers(prq_str v, int parts)
{
    size_t n = 0;
    for (int i = 0; i < parts; i++) {
        if (i > 0) {
            if (n >= v.n || v.p[n] != '.')
                return (prq_str){ 0 };
            n++;
        }
        size_t start = n;
        while (n < v.n && prq_is_digit(v.p[n]))
            n++;
        if (n == start)
            return (prq_str){ 0 };
    }
    return prq_str_head(v, n);
}

static prq_str without_v(prq_str v)
{
    return v.n > 1 && v.p[0] == 'v' && prq_is_digit(v.p[1]) ? prq_str_from_at(v, 1) : v;
}

static prq_str release_debian(const struct prq_distro *d)
{
    prq_str v = d->version_id.n ? d->version_id : d->codename, testing, sid;
    if (v.n > 0 && prq_is_digit(v.p[0])) {
        prq_str major = numbers(v, 1);
        return major.n == 1 && major.p[0] < '4' ? numbers(v, 2) : major;
    }
    if (prq_str_cut(v, '/', &testing, &sid)) /* "trixie/sid" */
        v = sid;
    return mapped(codenames, PRQ_COUNT(codenames), v);
}

static prq_str release_ubuntu(const struct prq_distro *d)
{
    prq_str v = d->version_id.n ? d->version_id : d->codename;
    return v.n > 0 && prq_is_digit(v.p[0])
               ? numbers(v, 2)
               : prq_ubuntu_release_of(v);
}

/* The first release of a major number has no service pack: 15 is 15.0. */
static prq_str release_suse(prq_str v, struct prq_arena *a)
{
    prq_str release = numbers(v, 2), major = numbers(v, 1);
    return release.n || !major.n ? release : prq_arena_printf(a, "%.*s.0", PRQ_FMT(major));
}

/* Amazon Linux 1 calls itself by its date: "2018.03"; of its successors by year 2022 is the first. */
static prq_str release_amazon(prq_str v)
{
    prq_str major = numbers(v, 1);
    uint64_t year;
    bool is_first = prq_str_u64(major, &year) && year > 2000 && year < 2022;
    return is_first ? PRQ_S("1") : major;
}

static prq_str release_of(enum rule rule, const struct prq_distro *d, struct prq_arena *a)
{
    prq_str v = without_v(d->version_id);
    switch (rule) {
    case ALPINE:
        if (prq_str_has(v, PRQ_S("_alpha")) || prq_str_starts(v, PRQ_S("edge")))
            return PRQ_S("edge");
        return numbers(v, 2);
    case AMAZON:
        return release_amazon(v);
    case MINOR:
        return numbers(v, 2);
    case POSTMARKETOS:
        return mapped(postmarketos, PRQ_COUNT(postmarketos), v);
    case DEBIAN:
        return release_debian(d);
    case MAJOR:
        return numbers(v, 1);
    case UBUNTU:
        return release_ubuntu(d);
    case SUSE:
        return release_suse(v, a);
    case SUSE_MICRO:
        return numbers(v, 2).n ? prq_arena_printf(a, "micro-%.*s", PRQ_FMT(numbers(v, 2)))
                               : (prq_str){ 0 };
    case TUMBLEWEED:
        return PRQ_S("Tumbleweed");
    case ROLLING:
    case BY_PRODUCT:
        break;
    }
    return (prq_str){ 0 };
}

/* Whose feed answers where a database lacks the distribution's own. */
bool prq_place_borrow(struct prq_place *place)
{
    if (!place->matcher || strcmp(place->matcher->distro, "chainguard") != 0)
        return false;
    place->matcher = prq_matcher_of_distro("wolfi");
    place->space = prq_str_from(place->matcher->space);
    place->note = "Chainguard's packages are judged with Wolfi's feed";
    return true;
}

static bool has_channel(const struct prq_distro *d, prq_str name)
{
    for (size_t i = 0; i < d->channels.n; i++)
        if (prq_str_eq(d->channels.v[i], name))
            return true;
    return false;
}

/* CentOS Linux, up to 8, is RHEL built anew; Stream has what the next release of RHEL will have. Extended
 * support of a minor release is there from RHEL 8 on. */
static void place_red_hat(const struct prq_distro *d, struct prq_place *place)
{
    uint64_t major = 0;
    bool has_major = prq_str_u64(numbers(d->version_id, 1), &major);
    bool is_stream = prq_str_has(d->name, PRQ_S("Stream")) || major >= 9;
    place->is_rebuild = prq_str_ieq(d->id, PRQ_S("centos"));
    place->is_unsure = place->is_rebuild && is_stream;
    if (!place->is_rebuild && has_channel(d, PRQ_S("eus")) && has_major && major >= 8)
        place->eus = numbers(d->version_id, 2);
}

struct prq_place prq_place_of(const struct prq_distro *d, struct prq_arena *a)
{
    struct prq_place place = { 0 };
    place.shown = d->version_id.n || d->codename.n
                      ? prq_arena_printf(a, "%.*s %.*s", PRQ_FMT(d->id),
                                         PRQ_FMT(d->version_id.n ? d->version_id : d->codename))
                      : prq_arena_copy(a, d->id);
    /* Kitten calls itself almalinux, but no advisories are published for it. */
    if (prq_str_has(d->name, PRQ_S("Kitten")) || prq_str_has(d->version_id, PRQ_S("kitten")))
        return place;
    for (size_t i = 0; i < PRQ_COUNT(distros); i++) {
        if (!prq_str_ieq(d->id, distros[i].id))
            continue;
        place.matcher = prq_matcher_of_distro(distros[i].family);
        place.note = distros[i].note;
        prq_str space = prq_str_from(place.matcher->space);
        if (distros[i].rule == ROLLING) {
            place.space = space;
            break;
        }
        /* Its version is OpenShift's; of which RHEL it is built its content sets tell. */
        if (distros[i].rule == BY_PRODUCT) {
            place.space = PRQ_S("Red Hat:other");
            break;
        }
        place.release = release_of(distros[i].rule, d, a);
        if (place.release.n > 0) {
            place.space = prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(space), PRQ_FMT(place.release));
            place.release = prq_str_from_at(place.space, space.n + 1);
        }
        if (strcmp(distros[i].family, "redhat") == 0)
            place_red_hat(d, &place);
        if (distros[i].rule == UBUNTU && place.space.n && has_channel(d, PRQ_S("esm")))
            place.channel = prq_arena_printf(a, "%.*s+esm", PRQ_FMT(place.space));
        break;
    }
    return place;
}

prq_str prq_space_of_distro(const struct prq_distro *d, struct prq_arena *a)
{
    return prq_place_of(d, a).space;
}

static bool is_known_id(prq_str id)
{
    for (size_t i = 0; i < PRQ_COUNT(distros); i++)
        if (prq_str_ieq(id, distros[i].id))
            return true;
    return false;
}

static bool starts_version(prq_str s)
{
    s = without_v(s);
    return s.n > 0 && prq_is_digit(s.p[0]);
}

static bool is_codename(prq_str s)
{
    return mapped(codenames, PRQ_COUNT(codenames), s).n > 0 ||
           prq_ubuntu_release_of(s).n > 0;
}

struct prq_distro prq_distro_of_text(prq_str text, prq_str ns, struct prq_arena *a)
{
    struct prq_distro d = { .id = ns };
    prq_str id, version, base, channel = { 0 };
    if (prq_str_cut(text, '+', &base, &channel)) /* "ubuntu:18.04+esm" */
        text = base;
    if (text.n == 0)
        ;
    else if (starts_version(text) || (ns.n > 0 && is_codename(text)))
        d.version_id = text;
    else if (is_known_id(text))
        d.id = text;
    else if (prq_str_cut(text, ':', &id, &version) ||
             (prq_str_rcut(text, '-', &id, &version) && is_known_id(id)) ||
             (prq_str_cut(text, '-', &id, &version) && is_known_id(id)) ||
             (prq_str_rcut(text, '-', &id, &version) && starts_version(version)))
        d = (struct prq_distro){ .id = id, .version_id = version };
    else
        d.id = text;
    d.id = prq_arena_copy(a, d.id);
    d.version_id = prq_arena_copy(a, d.version_id);
    d.channels.v = channel.n ? prq_new(a, prq_str) : NULL;
    if (d.channels.v) {
        d.channels.v[0] = prq_arena_copy(a, channel);
        d.channels.n = 1;
    }
    return d;
}

bool prq_distro_text_check(prq_str text, struct prq_arena *a, struct prq_err *err)
{
    struct prq_distro d = prq_distro_of_text(text, (prq_str){ 0 }, a);
    if (prq_place_of(&d, a).space.n > 0)
        return true;
    char known[400] = "";
    size_t n = 0;
    for (size_t i = 0; i < PRQ_COUNT(distros) && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%.*s", i ? ", " : "",
                              PRQ_FMT(distros[i].id));
    return prq_fail(err, PRQ_E_USAGE, "distro \"%.*s\": id-version or id:version (debian-12) of %s",
                    PRQ_FMT(prq_str_head(text, 40)), known);
}
