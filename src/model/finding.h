/* SPDX-License-Identifier: Apache-2.0 */
/* A judgement: this package has this vulnerability, and why. */
#ifndef PRQ_MODEL_FINDING_H
#define PRQ_MODEL_FINDING_H

#include "model/advisory.h"
#include "model/gap.h"

/* What took a finding away (matching.md 5.16). */
struct prq_by {
    prq_str kind;   /* rule, vex, ownership, not-affected, duplicate, exclusion, status */
    prq_str id, reason;

    /* of a VEX statement; of a rule of the user the author is its owner */
    prq_str status, justification, author, timestamp;
    bool is_unverified; /* found beside the image, and nobody checked who signed it */
};

/* How a version was held against a row of an advisory: every event of every range, and what came out.
 * `sign` is that of the version to the event's: '<', '=', '>'; '?' where the scheme does not know the
 * event's version, which then does not count. */
struct prq_step {
    enum prq_event_kind kind;
    prq_str version;
    char sign;
};
struct prq_traced_range {
    struct prq_step *steps;
    size_t n;
    bool is_hit;
};
struct prq_trace {
    prq_str scheme;
    struct prq_traced_range *ranges;
    size_t n;
    size_t left_out;      /* events that are too many to be kept */
    size_t listed;        /* versions that the row names one by one */
    bool is_listed;       /* the version is one of them */
    bool is_everything;   /* the row names no version at all */
    bool is_invalid;      /* the version is none of the scheme: compared with no range */
};

struct prq_finding {
    prq_str id;               /* CVE-… for OS packages; GHSA-… or the record's own for languages */
    struct prq_strs aliases;
    enum prq_severity severity;
    prq_str severity_source;
    struct prq_rating *ratings;
    size_t rating_count;
    prq_str cvss_score;       /* best base score shown, "" when there is none */
    size_t package;           /* index into the analysis' packages */
    struct prq_strs fixed_in;
    prq_str upstream_fix;             /* a fix that the distribution itself does not have: RHEL's, for a
                                       * rebuild or a stream of extended support */
    enum prq_fix_state state;
    struct prq_reference *references;
    size_t reference_count;
    prq_str summary, published, modified;
    struct prq_strs cwes;
    struct prq_strs advisories;
    bool is_kev, kev_ransomware, is_disputed, is_malicious;
    prq_str kev_added, kev_due;
    prq_str epss_score, epss_percentile, epss_date;

    /* why */
    prq_str record_id, record_source; /* the advisory record and its feed */
    prq_str family;                   /* database family it came from */
    prq_str space, matched_name;      /* what was looked up */
    bool is_indirect;                 /* matched through the source package */
    prq_str compared_version;         /* the version that was compared */
    prq_str comparison;               /* "1.2.3-r0 < 1.2.4-r1 (apk)" */
    prq_str confidence;               /* high, medium, low */
    prq_str note;
    prq_str record_digest;            /* sha256:… of the record as the database has it, or empty */
    prq_str severity_rule;            /* whose word decided: preferred, package, record, ghsa, nvd,
                                       * malicious; empty: nobody rated it */
    struct prq_trace trace;

    struct prq_by by;                 /* suppressed ones only */
    struct prq_by *also;
    size_t also_count;

    /* Of live ones too: the VEX statements about it that count, nearest to the package first. */
    struct prq_by *vex;
    size_t vex_count;
    prq_str ended; /* of rules that took it away until they expired, "FILE:LINE ended DATE, …" */
};

/* A database family used in a judgement. */
struct prq_family {
    prq_str name;   /* "alpine", "debian", "pypi", "nvd", … */
    prq_str source; /* where it was read from */
    prq_str digest; /* sha256:… of its canonical records */
    prq_str built;  /* RFC 3339 */
    prq_str feed_date; /* newest date in the feed, RFC 3339 or empty */
    uint64_t records;
};

#endif
