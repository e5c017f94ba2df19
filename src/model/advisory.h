/* SPDX-License-Identifier: Apache-2.0 */
/* One internal model for every feed. Source: matching.md 2. */
#ifndef PRQ_MODEL_ADVISORY_H
#define PRQ_MODEL_ADVISORY_H

#include "model/package.h"

enum prq_fix_state {
    PRQ_FIX_UNKNOWN,
    PRQ_FIX_FIXED,
    PRQ_FIX_NOT_FIXED,
    PRQ_FIX_WONT_FIX,
    PRQ_FIX_DEFERRED,
    PRQ_FIX_END_OF_LIFE,
    PRQ_FIX_UNDER_INVESTIGATION,
    PRQ_FIX_NOT_AFFECTED,
};
/* "fixed", "not-fixed", "wont-fix", … (matching.md 5.15) */
const char *prq_fix_state_word(enum prq_fix_state s);
bool prq_fix_state_parse(prq_str word, enum prq_fix_state *out);

enum prq_severity {
    PRQ_SEV_UNKNOWN,
    PRQ_SEV_INFO,
    PRQ_SEV_NEGLIGIBLE,
    PRQ_SEV_LOW,
    PRQ_SEV_MEDIUM,
    PRQ_SEV_HIGH,
    PRQ_SEV_CRITICAL,
};
/* "UNKNOWN" … "CRITICAL" */
const char *prq_severity_word(enum prq_severity s);
/* Any vendor's word in any case (important, moderate, negligible, …; matching.md 4). */
bool prq_severity_parse(prq_str word, enum prq_severity *out);

/* A rating as its source gave it. */
struct prq_rating {
    prq_str source;  /* "nvd", "ghsa", "debian", "alma", … */
    prq_str scheme;  /* "word", "CVSS_V2", "CVSS_V3", "CVSS_V4", "score" */
    prq_str value;   /* the word, the vector, or the number */
    bool is_primary; /* NVD "Primary" */
};

enum prq_event_kind { PRQ_EVENT_INTRODUCED, PRQ_EVENT_FIXED, PRQ_EVENT_LAST_AFFECTED, PRQ_EVENT_LIMIT };

struct prq_event {
    enum prq_event_kind kind;
    prq_str version; /* "0" as introduced: before everything */
};

/* "introduced", "fixed", "last_affected", "limit" */
const char *prq_event_word(enum prq_event_kind k);
bool prq_event_parse(prq_str word, enum prq_event_kind *out);

/* One OSV-like range: events in feed order. A range of only `introduced` is unfixed. */
struct prq_range {
    struct prq_event *events;
    size_t n;
};

/* One package of one record. Vulnerable iff the version is listed or lies in any range. */
struct prq_affected {
    prq_str space;     /* where the name is looked up: "Alpine:3.17", "Debian:11", "AlmaLinux:9",
                        * "Wolfi", "PyPI", "npm", "Go" (matching.md 3.1; Alpine without the v) */
    prq_str name;      /* normalised by prq_name_fold(space, …) */
    prq_str spelling;  /* the name as the feed writes it, where folding changed it; else empty */
    bool is_source;    /* the name is a source package's */
    enum prq_fix_state state; /* NOT_AFFECTED: this row only suppresses */
    struct prq_range *ranges;
    size_t range_count;
    struct prq_strs versions;     /* exact enumeration */
    struct prq_strs fixed;        /* fix versions to show, ascending; may be empty */
    struct prq_strs arches;       /* empty: any */
    struct prq_strs advisories;   /* vendor ids of the fix: DSA-…, ALSA-… */
    prq_str module;               /* rpm "name:stream", or the address of the repository that a
                                   * Maven or Composer record is of; Go: "pseudo" or "tags", the
                                   * versions that the row speaks of; space "cpe": the criteria
                                   * (db/criteria.h); empty: none, all */
    struct prq_strs cpes;         /* the products of Red Hat that the row is of, without "cpe:/o:redhat:":
                                   * "enterprise_linux:9::appstream"; empty: told by the space */
    prq_str goos;                 /* comma list from Go imports; empty: any */
    struct prq_rating *ratings;   /* package-specific ones */
    size_t rating_count;
    prq_str note;                 /* the feed's own word: "no-dsa: Minor issue" */
};

struct prq_reference {
    prq_str type, url; /* "ADVISORY", "FIX", "WEB" … */
};

/* An advisory of one source. */
struct prq_record {
    prq_str source;  /* feed: "alpine-secdb", "wolfi-secdb", "debian-tracker", "osv" */
    prq_str id;
    struct prq_strs aliases;  /* the same vulnerability */
    struct prq_strs cves;     /* an advisory of several CVEs: one finding each */
    struct prq_strs upstream; /* related ids that do not merge */
    bool is_withdrawn, is_disputed, is_malicious;
    prq_str published, modified; /* RFC 3339 UTC */
    prq_str summary, details;
    struct prq_rating *ratings;
    size_t rating_count;
    struct prq_strs cwes;
    struct prq_reference *references;
    size_t reference_count;
    struct prq_affected *affected;
    size_t affected_count;
    prq_str configurations; /* NVD: those of which one criterion is not enough (db/criteria.h) */
};

/* What other families know of a CVE. */
struct prq_cve_info {
    struct prq_rating *ratings; /* NVD's and those of the CNAs in it */
    size_t rating_count;
    struct prq_strs cwes;
    struct prq_reference *references; /* NVD's */
    size_t reference_count;
    prq_str summary, published, modified;
    bool is_rejected, is_disputed;
    bool is_kev, kev_ransomware;
    prq_str kev_added, kev_due, kev_action;
    bool has_epss;
    prq_str epss_score, epss_percentile, epss_date; /* decimal text as in the feed */
};

#endif
