/* SPDX-License-Identifier: Apache-2.0 */
/* What each family reads. Paths are those of shared mirrors; dbaddress.c maps them to the public
 * addresses. Source: matching.md 3. */
#include "db/dbfamily.h"

#include <stdio.h>
#include <time.h>

#include "db/dbspace.h"
#include "lib/lib.h"

enum { JSON_MAX = 1 << 30 };

/* A reader that fails may have given records already: what precedes a break in a file stays. */
bool prq_family_path(struct prq_source *from, struct prq_intake *out, prq_str path,
                        prq_family_reader read, void *user, bool *found, struct prq_err *err)
{
    PRQ_FEED_BLOB blob = { .is_found = false };
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_source_get(from, path, &blob, err))
        return false;
    *found = blob.is_found;
    out->changed += blob.is_found && !blob.is_unchanged;
    out->unchanged += blob.is_unchanged;
    if (!blob.is_found || blob.is_unchanged || read(out, blob.bytes, user, &why))
        return true;
    bool ok = prq_intake_bad_file(out, path, &why);
    if (!ok && err)
        *err = why;
    return ok;
}

static bool need_path(struct prq_source *from, struct prq_intake *out, prq_str path,
                      prq_family_reader read, void *user, struct prq_err *err)
{
    bool found = false;
    out->keeps_old = true; /* without its one file the family is nothing */
    if (!prq_family_path(from, out, path, read, user, &found, err))
        return false;
    return found || prq_fail(err, PRQ_E_DATA, "%.*s is not there", PRQ_FMT(path));
}

/* ---- OSV */

static bool read_osv_zip(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct prq_family_def *def = user;
    return prq_osv_zip(bytes, def->name, out->a, &out->sink, err);
}

/* The list of changes is read before the archive: what changes in between is fetched once more by
 * the next update. */
static bool note_mark(const struct prq_family_def *def, struct prq_source *from,
                      struct prq_intake *out, struct prq_err *err)
{
    PRQ_FEED_BLOB blob = { .is_found = false };
    prq_str line, time, id, text;
    snprintf(out->mark_path, sizeof out->mark_path, "osv/%s/modified_id.csv", def->folder);
    if (!prq_source_get(from, prq_str_from(out->mark_path), &blob, err))
        return false;
    text = prq_str_of(blob.bytes);
    if (prq_str_line(&text, &line) && prq_str_cut(line, ',', &time, &id) &&
        time.n < sizeof out->mark) {
        memcpy(out->mark, time.p, time.n);
        out->mark[time.n] = 0;
    }
    return true;
}

/* A mirror may hold single releases only; the plain folder has them all (matching.md 3.1). */
static bool read_releases(const struct prq_family_def *def, struct prq_source *from,
                          struct prq_intake *out, bool *any, struct prq_err *err)
{
    struct prq_family_def copy = *def;
    for (const char *const *r = def->releases; r && *r; r++) {
        bool found = false;
        prq_str path = prq_arena_printf(out->a, "osv/%s:%s/all.zip", def->folder, *r);
        if (!path.p)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        if (!prq_family_path(from, out, path, read_osv_zip, &copy, &found, err))
            return false;
        *any |= found;
    }
    return true;
}

bool prq_read_osv(const struct prq_family_def *def, struct prq_source *from,
                  struct prq_intake *out, struct prq_err *err)
{
    struct prq_family_def copy = *def;
    bool found = false;
    prq_str path = prq_arena_printf(out->a, "osv/%s/all.zip", def->folder);
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    out->keeps_old = true; /* without its archive the family is nothing */
    if (!note_mark(def, from, out, err) ||
        !prq_family_path(from, out, path, read_osv_zip, &copy, &found, err) ||
        (!found && !read_releases(def, from, out, &found, err)) ||
        (!found && !prq_read_origins(def, from, out, &found, err)))
        return false;
    return found || prq_fail(err, PRQ_E_DATA, "%.*s is not there", PRQ_FMT(path));
}

/* ---- Alpine, Wolfi */

struct secdb {
    prq_str source, space;
};

static bool read_secdb(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct secdb *s = user;
    return prq_secdb_parse(prq_str_of(bytes), s->source, s->space, out->a, &out->sink, err);
}

/* Both repositories of a branch; *found when there is either. */
static bool read_alpine_branch(struct prq_source *from, struct prq_intake *out, prq_str branch,
                               bool *found, struct prq_err *err)
{
    static const char *const repositories[] = { "main", "community" };
    struct secdb s = { PRQ_S("alpine-secdb"), prq_space_of_alpine_branch(branch, out->a) };
    *found = false;
    for (size_t i = 0; i < PRQ_COUNT(repositories); i++) {
        bool has = false;
        prq_str path =
            prq_arena_printf(out->a, "alpine-secdb/%.*s/%s.json", PRQ_FMT(branch), repositories[i]);
        if (!path.p || !s.space.n)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        if (!prq_family_path(from, out, path, read_secdb, &s, &has, err))
            return false;
        *found |= has;
    }
    return true;
}

/* Branches are not listed anywhere: they are asked for one after the other, a server until three in
 * a row are missing behind the first that is there. The first with a secdb is v3.2. */
static bool read_alpine(const struct prq_family_def *def, struct prq_source *from,
                        struct prq_intake *out, struct prq_err *err)
{
    enum { MINOR_FIRST = 2, MINOR_LAST = 99, MISSING_MAX = 3 };
    bool found, has_edge, any = false;
    unsigned missing = 0;
    (void)def;
    if (!read_alpine_branch(from, out, PRQ_S("edge"), &has_edge, err))
        return false;
    for (unsigned minor = MINOR_FIRST; minor <= MINOR_LAST; minor++) {
        prq_str branch = prq_arena_printf(out->a, "v3.%u", minor);
        if (!read_alpine_branch(from, out, branch, &found, err))
            return false;
        missing = found ? 0 : missing + 1;
        any |= found;
        if (missing >= MISSING_MAX && (any || minor > 24) && prq_source_is_remote(from))
            break;
    }
    return any || has_edge || prq_fail(err, PRQ_E_DATA, "alpine-secdb has no branch");
}

static bool read_wolfi(const struct prq_family_def *def, struct prq_source *from,
                       struct prq_intake *out, struct prq_err *err)
{
    struct secdb s = { PRQ_S("wolfi-secdb"), PRQ_S("Wolfi") };
    (void)def;
    return need_path(from, out, PRQ_S("wolfi/security.json"), read_secdb, &s, err);
}

/* ---- Debian */

struct debian {
    struct prq_debian_lists lists;
    struct prq_feed_blob blobs[2];
};

static bool read_tracker(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    struct debian *d = user;
    return prq_debian_tracker_parse(prq_str_of(bytes), &d->lists, out->a, &out->sink, err);
}

/* The lists give advisory ids only: without them the tracker still says all it knows. */
static bool read_lists(struct prq_source *from, struct prq_intake *out, struct debian *d,
                       struct prq_err *err)
{
    static const prq_str paths[] = { PRQ_SI("debian/data/DSA/list"),
                                     PRQ_SI("debian/data/DLA/list") };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++) {
        if (!prq_source_get(from, paths[i], &d->blobs[i], err))
            return false;
        out->changed += d->blobs[i].is_found && !d->blobs[i].is_unchanged;
        out->unchanged += d->blobs[i].is_unchanged;
        if (!d->blobs[i].is_found)
            out->sink.skip(out, paths[i], "not there: no ids of advisories from it");
        else if (!prq_debian_list_parse(prq_str_of(d->blobs[i].bytes), &d->lists, &out->sink, err))
            return false;
    }
    return true;
}

static bool read_debian(const struct prq_family_def *def, struct prq_source *from,
                        struct prq_intake *out, struct prq_err *err)
{
    struct debian d = { .blobs = { { .is_found = false } } };
    (void)def;
    prq_debian_lists_init(&d.lists, out->a);
    bool ok = read_lists(from, out, &d, err) &&
              need_path(from, out, PRQ_S("debian/tracker.json"), read_tracker, &d, err);
    for (size_t i = 0; i < PRQ_COUNT(d.blobs); i++)
        prq_feed_blob_release(&d.blobs[i]);
    if (ok && d.lists.newest[0])
        prq_intake_date(out, prq_arena_printf(out->a, "%sT00:00:00Z", d.lists.newest));
    return ok;
}

/* ---- NVD, KEV, EPSS */

static bool gunzip(prq_bytes bytes, struct prq_buf *text, struct prq_err *err)
{
    prq_buf_init(text, JSON_MAX);
    return prq_gunzip_all(bytes, text, err);
}

static bool read_nvd_year(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    (void)user;
    PRQ_BUF text;
    return gunzip(bytes, &text, err) && prq_nvd_parse(prq_buf_view(&text), out->a, &out->sink, err);
}

static unsigned year_of(prq_str now)
{
    uint64_t year = 0;
    return prq_str_u64(prq_str_head(now, 4), &year) ? (unsigned)year : 0;
}

/* One file a year since 2002; a mirror may be ahead of `now` or lack years. What changed in the last
 * days may stand in `modified` first; of two copies of a record the newest counts. */
static bool read_nvd(const struct prq_family_def *def, struct prq_source *from,
                     struct prq_intake *out, struct prq_err *err)
{
    bool found = true, any = false;
    (void)def;
    for (unsigned year = 2002; year <= year_of(out->now) || found; year++) {
        prq_str path =
            prq_arena_printf(out->a, "nvd/feeds/json/cve/2.0/nvdcve-2.0-%u.json.gz", year);
        if (!path.p)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        if (!prq_family_path(from, out, path, read_nvd_year, NULL, &found, err))
            return false;
        any |= found;
    }
    return (any || prq_fail(err, PRQ_E_DATA, "nvd has no yearly file")) &&
           prq_family_path(from, out, PRQ_S("nvd/feeds/json/cve/2.0/nvdcve-2.0-modified.json.gz"),
                     read_nvd_year, NULL, &found, err);
}

static bool read_kev_file(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    prq_str date = { 0 };
    (void)user;
    out->source = PRQ_S("kev");
    bool ok = prq_kev_parse(prq_str_of(bytes), out->a, &out->sink, &date, err);
    prq_intake_date(out, date);
    return ok;
}

static bool read_kev(const struct prq_family_def *def, struct prq_source *from,
                     struct prq_intake *out, struct prq_err *err)
{
    (void)def;
    return need_path(from, out, PRQ_S("cisa/known_exploited_vulnerabilities.json"), read_kev_file,
                     NULL, err);
}

static bool read_epss_file(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    prq_str *name_date = user, date = { 0 };
    PRQ_BUF text;
    out->source = PRQ_S("epss");
    bool ok = gunzip(bytes, &text, err) &&
              prq_epss_parse(prq_buf_view(&text), *name_date, out->a, &out->sink, &date, err);
    if (ok && date.n)
        prq_intake_date(out, prq_arena_printf(out->a, "%.*sT00:00:00Z", PRQ_FMT(date)));
    return ok;
}

/* A directory has the tables of some days: the newest counts. A server has "current". */
static bool read_epss(const struct prq_family_def *def, struct prq_source *from,
                      struct prq_intake *out, struct prq_err *err)
{
    prq_str prefix = PRQ_S("epss_scores-"), suffix = PRQ_S(".csv.gz"), name;
    (void)def;
    if (!prq_source_newest(from, "epss", prefix, suffix, out->a, &name, err))
        return false;
    if (!name.n)
        name = PRQ_S("epss_scores-current.csv.gz");
    prq_str date = prq_str_head(prq_str_from_at(name, prefix.n), 10);
    prq_str path = prq_arena_printf(out->a, "epss/%.*s", PRQ_FMT(name));
    return need_path(from, out, path, read_epss_file, &date, err);
}

static const char *const rhel_releases[] = { "8", "9", "10", NULL };

const struct prq_family_def prq_family_defs[] = {
    { "almalinux", "osv", NULL, NULL, PRQ_JOIN_NEWEST, prq_read_almalinux },
    { "alpine", "alpine-secdb", NULL, NULL, PRQ_JOIN_UNION, read_alpine },
    { "amazon", "amazon", NULL, NULL, PRQ_JOIN_UNION, prq_read_amazon },
    { "arch", "arch-tracker", NULL, NULL, PRQ_JOIN_UNION, prq_read_arch },
    { "azurelinux", "azurelinux-oval", NULL, NULL, PRQ_JOIN_UNION, prq_read_azurelinux },
    { "bitnami", "osv", "Bitnami", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "chainguard", "chainguard-secdb", NULL, NULL, PRQ_JOIN_UNION, prq_read_chainguard },
    { "cran", "osv", "CRAN", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "crates", "osv", "crates.io", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "debian", "debian-tracker", NULL, NULL, PRQ_JOIN_UNION, read_debian },
    { "eol", "endoflife", NULL, NULL, PRQ_JOIN_UNION, prq_read_eol },
    { "epss", "epss", NULL, NULL, PRQ_JOIN_FIRST, read_epss },
    { "ghc", "osv", "GHC", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "githubactions", "osv", "GitHub Actions", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "go", "osv", "Go", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "hackage", "osv", "Hackage", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "hex", "osv", "Hex", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "kev", "kev", NULL, NULL, PRQ_JOIN_FIRST, read_kev },
    { "maven", "osv", "Maven", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "minimos", "minimos-secdb", NULL, NULL, PRQ_JOIN_UNION, prq_read_minimos },
    { "npm", "osv", "npm", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "nuget", "osv", "NuGet", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "nvd", "nvd", NULL, NULL, PRQ_JOIN_NEWEST, read_nvd },
    { "opensuse", "suse-oval", NULL, NULL, PRQ_JOIN_UNION, prq_read_opensuse },
    { "oracle", "oracle-oval", NULL, NULL, PRQ_JOIN_UNION, prq_read_oracle },
    { "packagist", "osv", "Packagist", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "photon", "photon", NULL, NULL, PRQ_JOIN_UNION, prq_read_photon },
    { "pub", "osv", "Pub", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "pypi", "osv", "PyPI", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "redhat", "redhat-vex", NULL, NULL, PRQ_JOIN_UNION, prq_read_red_hat },
    { "rocky", "osv", "Rocky Linux", rhel_releases, PRQ_JOIN_NEWEST, prq_read_osv },
    { "rubygems", "osv", "RubyGems", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "suse", "suse-oval", NULL, NULL, PRQ_JOIN_UNION, prq_read_suse },
    { "swift", "osv", "SwiftURL", NULL, PRQ_JOIN_NEWEST, prq_read_osv },
    { "ubuntu", "osv", NULL, NULL, PRQ_JOIN_NEWEST, prq_read_ubuntu },
    { "wolfi", "wolfi-secdb", NULL, NULL, PRQ_JOIN_UNION, read_wolfi },
};
const size_t prq_family_count = PRQ_COUNT(prq_family_defs);
