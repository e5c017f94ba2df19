/* SPDX-License-Identifier: Apache-2.0 */
/* The feed readers: pure functions from bytes to records. Source: matching.md 3.
 *
 * A record that makes no sense is told to `skip` and passed over; only bytes that cannot be walked
 * (broken JSON) or a full budget fail the whole call. Records are lent until the callback returns.
 * Readers work in `a` and give back what one record took. */
#ifndef PRQ_DB_FEED_H
#define PRQ_DB_FEED_H

#include "base/map.h"
#include "db/db.h"

struct prq_feed_sink {
    void *user;
    /* False stops the reader, which then fails with this error. */
    bool (*record)(void *user, struct prq_record *r, struct prq_err *err);
    bool (*cve)(void *user, prq_str cve, const struct prq_cve_info *info, struct prq_err *err);
    void (*skip)(void *user, prq_str what, const char *why);
};

/* ---- osv.c: one OSV document. Only packages of `family` are kept in *out; strings are views into
 * `json` or in `a`. FORMAT for what is no OSV record. */
PRQ_MUST_USE bool prq_osv_parse(prq_str json, const char *family, struct prq_arena *a,
                                struct prq_record *out, struct prq_err *err);
/* Is it a security advisory, or does it name a CVE? Bug-fix and enhancement advisories (ALBA, ALEA,
 * RHBA, SUSE-RU …) that do not are no vulnerabilities (matching.md 3). True for other records. */
bool prq_osv_counts(const struct prq_record *r);
/* osvzip.c: every document of an all.zip; members are read in the order of the archive. */
PRQ_MUST_USE bool prq_osv_zip(prq_bytes zip, const char *family, struct prq_arena *a,
                              const struct prq_feed_sink *sink, struct prq_err *err);
/* Only members with `folder` in their path: archives of repositories that hold more. */
PRQ_MUST_USE bool prq_osv_zip_folder(prq_bytes zip, prq_str folder, const char *family,
                                     struct prq_arena *a, const struct prq_feed_sink *sink,
                                     struct prq_err *err);

/* ---- secdb.c: Alpine (source "alpine-secdb") and Wolfi ("wolfi-secdb"). */
PRQ_MUST_USE bool prq_secdb_parse(prq_str json, prq_str source, prq_str space, struct prq_arena *a,
                                  const struct prq_feed_sink *sink, struct prq_err *err);

/* ---- debianlist.c: data/DSA/list and data/DLA/list. */
struct prq_debian_fix {
    prq_str advisory, version;
    size_t next; /* 1 + index of the next one of the same key; 0: none */
};
struct prq_debian_lists {
    struct prq_arena *a;
    struct prq_map by_key; /* "package codename CVE" → 1 + index of the latest fix */
    struct prq_debian_fix *fixes;
    size_t n, cap;
    char newest[11]; /* YYYY-MM-DD of the newest advisory, or empty */
};
void prq_debian_lists_init(struct prq_debian_lists *lists, struct prq_arena *a);
/* Adds a list. `text` must outlive `lists`. Lines that are not understood go to sink->skip. */
PRQ_MUST_USE bool prq_debian_list_parse(prq_str text, struct prq_debian_lists *lists,
                                        const struct prq_feed_sink *sink, struct prq_err *err);
/* The advisories that state this fix (or, when none has this very version, all that name the CVE);
 * sorted by their text. Empty without memory. */
struct prq_strs prq_debian_advisories(const struct prq_debian_lists *lists, prq_str package,
                                      prq_str codename, prq_str cve, prq_str version,
                                      struct prq_arena *a);

/* ---- debiantracker.c: /tracker/data/json. `lists` may be NULL. One record for each package and
 * CVE; the builder joins those of one CVE. */
PRQ_MUST_USE bool prq_debian_tracker_parse(prq_str json, const struct prq_debian_lists *lists,
                                           struct prq_arena *a, const struct prq_feed_sink *sink,
                                           struct prq_err *err);

/* ---- csafvex.c: one CSAF VEX document of Red Hat, a record a vulnerability (source "redhat-vex"). */
PRQ_MUST_USE bool prq_csaf_vex_parse(prq_str json, struct prq_arena *a,
                                     const struct prq_feed_sink *sink, struct prq_err *err);
/* csafadvisory.c: one CSAF advisory of Red Hat, a record without packages (source "redhat-csaf"). */
PRQ_MUST_USE bool prq_csaf_advisory_parse(prq_str json, struct prq_arena *a,
                                          const struct prq_feed_sink *sink, struct prq_err *err);
/* ---- rhrepos.c: repository-to-cpe.json. Each repository is a record (source "redhat-repositories")
 * whose one row, of the space PRQ_RED_HAT_REPOSITORIES, lists the products that it is of. */
#define PRQ_RED_HAT_REPOSITORIES "Red Hat:repositories"
PRQ_MUST_USE bool prq_red_hat_repositories_parse(prq_str json, struct prq_arena *a,
                                                 const struct prq_feed_sink *sink,
                                                 struct prq_err *err);

/* ---- photon.c: cve_data_photonN.json of the release "Photon OS:N". */
PRQ_MUST_USE bool prq_photon_parse(prq_str json, prq_str space, struct prq_arena *a,
                                   const struct prq_feed_sink *sink, struct prq_err *err);
/* ---- archtracker.c: all.json. */
PRQ_MUST_USE bool prq_arch_parse(prq_str json, struct prq_arena *a,
                                 const struct prq_feed_sink *sink, struct prq_err *err);
/* ---- amazon.c: a repository's updateinfo.xml, packed or not, of the release "Amazon Linux:2". */
PRQ_MUST_USE bool prq_amazon_parse(prq_bytes file, prq_str space, struct prq_arena *a,
                                   const struct prq_feed_sink *sink, struct prq_err *err);

/* ---- oval.c: definitions in OVAL 5, packed or not; each vendor writes them in its own way. */
enum prq_oval_vendor { PRQ_OVAL_ORACLE, PRQ_OVAL_SUSE, PRQ_OVAL_AZURE, PRQ_OVAL_PHOTON };
/* `family`: rows of other families are left out. `space`: of what names no platform; may be empty. */
PRQ_MUST_USE bool prq_oval_parse(prq_bytes file, enum prq_oval_vendor vendor, const char *family,
                                 prq_str space, struct prq_arena *a,
                                 const struct prq_feed_sink *sink, struct prq_err *err);

/* ---- ubuntuvex.c: one OpenVEX document of Ubuntu, and all below cve/ of vex-all.tar.xz. Records
 * have the key of the OSV record of the same CVE and no date. */
PRQ_MUST_USE bool prq_ubuntu_vex_parse(prq_str json, struct prq_arena *a,
                                       const struct prq_feed_sink *sink, struct prq_err *err);
PRQ_MUST_USE bool prq_ubuntu_vex_tar(prq_bytes file, struct prq_arena *a,
                                     const struct prq_feed_sink *sink, struct prq_err *err);

/* The OSV documents of osv-all.tar.xz. */
PRQ_MUST_USE bool prq_ubuntu_osv_tar(prq_bytes file, struct prq_arena *a,
                                     const struct prq_feed_sink *sink, struct prq_err *err);

/* ---- eol.c: endoflife.date's products; a row for each release, in the space "EOL:PRODUCT", whose
 * note is the day on which support ends. */
PRQ_MUST_USE bool prq_eol_parse(prq_str json, struct prq_arena *a,
                                const struct prq_feed_sink *sink, struct prq_err *err);

/* ---- nvd.c: a yearly file or a page of the API 2.0. Scores, weaknesses, text and status. */
PRQ_MUST_USE bool prq_nvd_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                                struct prq_err *err);

/* ---- kev.c, epss.c. *date gets the feed's own date (in `a`), empty when it has none. */
PRQ_MUST_USE bool prq_kev_parse(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                                prq_str *date, struct prq_err *err);
/* `name_date`: YYYY-MM-DD from the file's name, for tables of before 2022 that have no comment. */
PRQ_MUST_USE bool prq_epss_parse(prq_str csv, prq_str name_date, struct prq_arena *a,
                                 const struct prq_feed_sink *sink, prq_str *date,
                                 struct prq_err *err);

/* ---- ids.c: what every reader asks of an identifier */
/* CVE-YYYY-NNNN… exactly. */
bool prq_feed_is_cve(prq_str s);
/* GHSA-xxxx-xxxx-xxxx exactly. */
bool prq_feed_is_ghsa(prq_str s);
/* Usable as the key of a record: 1 to 128 printable ASCII characters without white space. */
bool prq_is_record_id(prq_str s);
/* Usable as a package name or version in a row: 1 to 1024 bytes without control characters. */
bool prq_is_row_text(prq_str s);
/* "2024-01-02T03:04:05.123" → with a "Z"; year 1 and what is no time → empty. */
prq_str prq_feed_time(prq_str s, struct prq_arena *a);
/* The same, and "+00:00" is a "Z". */
prq_str prq_feed_time_utc(prq_str s, struct prq_arena *a);

#endif
