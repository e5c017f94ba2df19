/* SPDX-License-Identifier: Apache-2.0 */
/* Scanning: an image to an analysis, an analysis to a report. */
#ifndef PRATIQUE_SCAN_H
#define PRATIQUE_SCAN_H

#include "pratique/core.h"

#ifdef __cplusplus
extern "C" {
#endif

struct prq_scan; /* an analysis and, once judged, its report */

enum prq_log_level { PRQ_LEVEL_ERROR, PRQ_LEVEL_WARN, PRQ_LEVEL_INFO, PRQ_LEVEL_DEBUG };

struct prq_scan_opts {
    size_t size; /* set by PRQ_SCAN_OPTS_INIT */

    /* the source; strings are NUL-terminated and may be NULL */
    const char *platform;    /* "linux/arm64/v8"; the host's when NULL */
    const char *name;        /* what the report calls the image */
    const char *username, *password, *registry_token;
    const char *ca_file;
    const char *allow_realms; /* comma list */
    bool insecure;

    /* the work */
    const char *worker_exe;  /* program that answers "worker-zygote"; NULL: /proc/self/exe */
    uint32_t jobs;           /* layers at once; 0: one per CPU */
    const char *cache_dir;   /* NULL: no cache */
    bool verify;             /* read and hash every layer even when its facts are cached */
    bool digest_files;       /* SHA-256 of every file into the analysis */
    bool leave_out_dev;      /* no packages that only development needs; reports say how many */

    /* the judgement */
    const char *db_dir;
    const char *now;         /* RFC 3339; NULL: SOURCE_DATE_EPOCH, else the clock */
    const char *distro;      /* "debian:11" overrides the image's own */
    const char *ignore_status; /* comma list of fix states */
    const char *severity_from; /* comma list of rating sources put first */
    bool no_default_ignores, by_cve, go_main_pseudo, debian_temp;
    uint64_t max_data_age_s; /* 0: no limit */

    /* conversation; may be NULL, called from any thread */
    void (*log)(void *user, enum prq_log_level level, const char *line);
    enum prq_log_level log_level;
    /* phase: "pull", "reading", "match"; done of total (0: unknown), layer index or 0 */
    void (*progress)(void *user, const char *phase, size_t layer, uint64_t done, uint64_t total);
    void *user;

    const char *dockerfile; /* the file that the image was built from: its FROM names the base */
    bool find_base;         /* look among the images seen before (cache_dir) for the base */

    const char *as_of;      /* judge by the database of that date or time; NULL: the installed one */
    bool no_rhel_disclosures; /* rebuilds of RHEL: their own advisories only */
    const char *cpe;        /* comma list of package types that are matched by CPE too */
    const char *vex;          /* files and directories of VEX documents, a line each */
    const char *vex_add;      /* comma list of VEX statuses that bring back what a rule took away */
    const char *ignore_files; /* files of ignore rules, a line each */
};
#define PRQ_SCAN_OPTS_INIT { .size = sizeof(struct prq_scan_opts) }

/* Analyse: everything known of the image without advisories. `target` is an image reference or
 * "oci-dir:…", "docker-archive:…", "dir:…", "rootfs:…", "purl:…", "sbom:…",
 * "analysis:…", "report:…" (to be compared: it is judged already). */
PRQ_API bool prq_scan_open(const char *target, const struct prq_scan_opts *opts,
                           struct prq_scan **out, struct prq_err *err);
/* Judge it by the advisory database. PRQ_E_DATA when there is none, or it is too old. */
PRQ_API bool prq_scan_judge(struct prq_scan *s, const struct prq_scan_opts *opts,
                            struct prq_err *err);
PRQ_API void prq_scan_free(struct prq_scan *s);

struct prq_style {
    bool color;
    unsigned width;       /* terminal columns; 0: unlimited */
    bool show_suppressed;
    const char *severities; /* comma list to show; NULL: all (formats for machines ignore it) */
    bool by_layer;        /* the table layer by layer, with packages and wasted bytes */
    const char *author;   /* of a VEX document; NULL: unknown */
    bool show_decisions;  /* the table lists VEX statements and ignore rules, and what became of them */
};

/* The report in one of prq_report_formats(); *text is malloc'd, *n bytes and a NUL. */
PRQ_API bool prq_scan_report(const struct prq_scan *s, const char *format,
                             const struct prq_style *style, char **text, size_t *n,
                             struct prq_err *err);
/* The packages in one of prq_list_formats(). */
PRQ_API bool prq_scan_packages(const struct prq_scan *s, const char *format,
                               const struct prq_style *style, char **text, size_t *n,
                               struct prq_err *err);
/* The analysis document: "pratique" (header line and zstd frames) or "json". */
PRQ_API bool prq_scan_analysis(const struct prq_scan *s, const char *format, char **text, size_t *n,
                               struct prq_err *err);

/* The packages as an SBOM, without judgement, in one of prq_sbom_formats(). `now`: as in the
 * options. */
PRQ_API bool prq_scan_sbom(const struct prq_scan *s, const char *now, const char *format,
                           char **text, size_t *n, struct prq_err *err);

/* Name and one line each; name NULL ends the table. */
struct prq_named {
    const char *name, *summary;
};
PRQ_API const struct prq_named *prq_report_formats(void);
PRQ_API const struct prq_named *prq_list_formats(void);
PRQ_API const struct prq_named *prq_sbom_formats(void);

struct prq_cataloger {
    const char *name, *purl_type, *summary;
    uint32_t revision;
};
PRQ_API const struct prq_cataloger *prq_catalogers(void); /* name NULL ends it */
/* The same with a glob for each kind of file that is looked for: "table" or "json"; *text is
 * malloc'd. */
PRQ_API bool prq_catalogers_write(const char *format, char **text, size_t *n, struct prq_err *err);

/* By prq_scan_judge, or because it was read from a saved report ("report:FILE"). */
PRQ_API bool prq_scan_is_judged(const struct prq_scan *s);
/* Facts that exit codes are made of. */
PRQ_API size_t prq_scan_gap_count(const struct prq_scan *s);
/* Findings at or above a severity word ("LOW"); SIZE_MAX for a word that is none. */
PRQ_API size_t prq_scan_finding_count(const struct prq_scan *s, const char *severity);

#ifdef __cplusplus
}
#endif
#endif
