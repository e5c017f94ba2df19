/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share.
 *
 *   package ─ subject ─┬─ question (space, name) ─ rows ─ evaluate ─ candidates
 *                      └─ question …                                   │ by identity
 *   findings, suppressed ─ suppress ─ enrich ────────────────────── groups (judge)
 *
 * matcher.c holds the table of package types and distributions, release.c that of releases. */
#ifndef PRQ_MATCH_CORE_H
#define PRQ_MATCH_CORE_H

#include "base/map.h"
#include "db/criteria.h"
#include "match/match.h"
#include "version/version.h"

/* ---- the database as the core sees it; tests put a table of their own in its place */
struct prq_facts {
    void *user;
    bool (*has_family)(void *user, const char *family);
    bool (*has_space)(void *user, prq_str space);
    size_t (*families)(void *user, const struct prq_family **out);
    bool (*lookup)(void *user, prq_str space, prq_str name, struct prq_arena *a,
                   struct prq_db_row **out, size_t *n, struct prq_err *err);
    bool (*record)(void *user, const char *family, prq_str source, prq_str id,
                   struct prq_arena *a, struct prq_record *out, struct prq_err *err);
    bool (*cve)(void *user, prq_str cve, struct prq_arena *a, struct prq_cve_info *out,
                struct prq_err *err);
    /* NULL: nobody knows the digests of records */
    bool (*digest)(void *user, const char *family, prq_str source, prq_str id, struct prq_arena *a,
                   prq_str *out, struct prq_err *err);
    /* NULL: records are known by their packages only (absence.c) */
    bool (*find)(void *user, prq_str id, struct prq_arena *a, struct prq_db_named **out, size_t *n,
                 struct prq_err *err);
};
struct prq_facts prq_facts_of(struct prq_db *db);

PRQ_MUST_USE bool prq_match_facts(struct prq_ctx *ctx, const struct prq_analysis *analysis,
                                  const struct prq_facts *facts,
                                  const struct prq_match_opts *opts, struct prq_arena *arena,
                                  struct prq_report *report, struct prq_err *err);

/* ---- matcher.c: how packages of a type, or of a distribution's packages, are looked up */
enum {
    PRQ_BY_OWN = 1 << 0,    /* own name, rows of binary names */
    PRQ_BY_ANY = 1 << 1,    /* own name, rows of either kind */
    PRQ_BY_SOURCE = 1 << 2, /* source name, rows of source names */
    PRQ_FIXES_ONLY = 1 << 3,    /* the feed lists fixed issues only */
    PRQ_COMPREHENSIVE = 1 << 4, /* the feed lists unfixed issues too (catalog.md 7) */
    PRQ_OS = 1 << 5,            /* CVE ids first; an advisory is one row a CVE */
    PRQ_MODULES = 1 << 6,       /* rpm module streams */
    PRQ_SPELLINGS = 1 << 7,     /* names differ by case where the feed has two spellings */
    PRQ_REPOSITORIES = 1 << 8,  /* a row may be of one repository only */
    PRQ_CONTENT_SETS = 1 << 9,  /* which products a layer is of counts; by the release alone:
                                 * confidence low */
    PRQ_OWN_VERSION = 1 << 10,  /* compared by source name, but with the package's own version */
    PRQ_OWN_EPOCH = 1 << 11,    /* the source's version with the package's own epoch */
    PRQ_UNLABELLED = 1 << 12,   /* modular builds without a label are of the default stream */
    PRQ_BY_CPE = 1 << 13,       /* no names, but CPEs: confidence medium (matching.md 5.11) */
    PRQ_DISCLOSURES = 1 << 14,  /* a rebuild of RHEL: what its own feed lacks, RHEL's discloses */
};

struct prq_matcher {
    const char *type;    /* purl type */
    const char *distro;  /* the family of distributions, NULL: a language */
    const char *space;   /* of a language; of a rolling distribution; or the part before ':' */
    const char *scheme;
    unsigned flags;
    const char *curated; /* id prefix of the ecosystem's own database, NULL: none */
};

const struct prq_matcher *prq_matcher_of_language(prq_str purl_type);
const struct prq_matcher *prq_matcher_of_distro(const char *family);
bool prq_is_os_type(prq_str purl_type);

/* ---- release.c */
struct prq_place {
    const struct prq_matcher *matcher; /* NULL: no feed of ours covers the distribution */
    prq_str space;                     /* empty: the release cannot be told */
    prq_str release;                   /* "3.17", "12"; empty when rolling */
    prq_str channel;                   /* "Ubuntu:18.04+esm": further fixes; empty: none */
    prq_str shown;                     /* "alpine 3.17.2" */
    prq_str eus;                       /* "9.4": extended support is on; empty: no */
    bool is_rebuild;                   /* of RHEL, judged with its records */
    bool is_unsure;                    /* its builds are not quite those of the records */
    const char *note;                  /* what users must know of the choice of space, or NULL */
};
struct prq_place prq_place_of(const struct prq_distro *d, struct prq_arena *a);
/* Another distribution's feed, where a database lacks the own one; false: there is none. */
bool prq_place_borrow(struct prq_place *place);
/* "alpine-3.17.2", "debian:11", "3.17.2" (then `ns` names it), "" (then only `ns`). */
struct prq_distro prq_distro_of_text(prq_str text, prq_str ns, struct prq_arena *a);
/* The day on which support ended, "YYYY-MM-DD"; NULL when the release is not in the table. */
const char *prq_release_end(const char *family, prq_str release);

/* ---- known.c */
/* One after the other; p == NULL when memory ran out. Most texts of findings are made with it. */
prq_str prq_concat(struct prq_arena *a, const prq_str *parts, size_t n);

/* ---- evaluate.c */
struct prq_scale {
    const struct prq_scheme *scheme;
    int (*against)(prq_str version, prq_str bound); /* a version with a bound of a range */
};
struct prq_scale prq_scale_of(const char *scheme, bool is_source_rpm);

struct prq_hit {
    bool is_hit;
    bool is_listed;     /* by the exact enumeration */
    bool is_everything; /* the row names no version at all */
    bool high_counts;   /* "<=" */
    bool low_is_out;    /* "<" */
    prq_str low, high;  /* empty: open */
};
/* `is_valid`: the scheme knows the version; else only the same text in the enumeration counts. */
struct prq_hit prq_evaluate(const struct prq_affected *row, const struct prq_scale *scale,
                            prq_str version, bool is_valid);
/* The same told event by event, for reports; in `a`. Of rows with very many events those of the range
 * that decides are kept. False when memory ran out. */
PRQ_MUST_USE bool prq_trace_row(const struct prq_affected *row, const struct prq_scale *scale,
                                prq_str version, bool is_valid, struct prq_arena *a,
                                struct prq_trace *out);
/* "1.2.3-r0 < 1.2.4-r1 (apk)" */
prq_str prq_hit_text(const struct prq_hit *hit, const struct prq_scale *scale, prq_str version,
                     struct prq_arena *a);
/* Does any range have a bound that is a tag and no pseudo-version (matching.md 5.8)? */
bool prq_has_tag_bounds(const struct prq_affected *row);

/* ---- known.c: what the database says, asked once each */
struct prq_rows {
    struct prq_db_row *v;
    size_t n;
};
struct prq_known_record {
    struct prq_rating *ratings;
    size_t rating_count;
    /* First the general ones, then reports that name no CVE (whose of an advisory's they are, nobody
     * knows), then those that name one, in its order. */
    struct prq_reference *references;
    size_t reference_count, general_count, named_from;
    struct prq_strs cwes;
    prq_str summary, published, modified;
    uint64_t *holding; /* the configurations of NVD's record that are not false in this image */
    size_t holding_count;
};

struct prq_memo {
    struct prq_map map;
    void **v;
    size_t n, cap;
};

struct prq_matching {
    struct prq_ctx *ctx;
    const struct prq_analysis *analysis;
    const struct prq_facts *facts;
    const struct prq_match_opts *opts;
    struct prq_arena *out;  /* what the report keeps */
    struct prq_arena *work; /* what one call of prq_match keeps */
    struct prq_arena *tmp;  /* rewound after each package */
    struct prq_memo rows, records, digests, cves, sites, counts, families, products;
    struct prq_installed *installed; /* by CPE; made when first asked for */
    struct prq_finding **found; /* judged, `by` filled for what does not survive */
    size_t found_count, found_cap;
    struct prq_gap *gaps;
    size_t gap_count, gap_cap;
};

PRQ_MUST_USE bool prq_known_rows(struct prq_matching *m, prq_str space, prq_str name,
                                 const struct prq_rows **out, struct prq_err *err);
PRQ_MUST_USE bool prq_known_record(struct prq_matching *m, const char *family, prq_str source,
                                   prq_str id, const struct prq_known_record **out,
                                   struct prq_err *err);
PRQ_MUST_USE bool prq_known_digest(struct prq_matching *m, const char *family, prq_str source,
                                   prq_str id, prq_str *out, struct prq_err *err);
PRQ_MUST_USE bool prq_known_cve(struct prq_matching *m, prq_str cve,
                                const struct prq_cve_info **out, struct prq_err *err);
PRQ_MUST_USE bool prq_memo_place(struct prq_memo *memo, prq_str key, struct prq_arena *a,
                                 void ***out, bool *is_new);
bool prq_keep_ratings(struct prq_arena *a, struct prq_rating **ratings, size_t n);
/* "CVE-2021-3712" in "https://example.org/security/cve/CVE-2021-3712"; empty when there is none. */
prq_str prq_cve_in(prq_str url);
bool prq_no_room(struct prq_err *err);

/* ---- subject.c */
struct prq_question {
    prq_str space, name;
    bool is_source;      /* rows of source names */
    bool takes_any;      /* rows of both kinds */
    bool is_indirect;    /* the name is not the package's own */
    bool is_borrowed;    /* RHEL's records, for a rebuild */
    prq_str version;     /* what is compared */
    bool is_valid;
    struct prq_scale scale;
    const struct prq_cpe *cpe; /* space "cpe" */
    bool is_elsewhere;         /* what is only for other systems than Linux is not meant */
    prq_str target;            /* the language whose packages are meant; empty: any */
    bool has_no_fix;           /* rebuilt by a distribution: nobody knows when */
};
enum { PRQ_QUESTIONS_MAX = 12 };
struct prq_subject {
    const struct prq_package *pkg;
    size_t index;
    const struct prq_matcher *matcher;
    prq_str module;      /* "nodejs:12"; empty: none */
    bool lacks_label;    /* a modular build whose label was stripped */
    bool knows_label;
    bool has_channel;    /* a fix of either space counts (matching.md 5.5) */
    bool keeps_misses;   /* rows that do not hit are needed to judge those that do */
    bool is_unsure;      /* confidence low, whatever the rows say */
    prq_str eus;
    const struct prq_strs *products; /* of Red Hat; NULL: by the release */
    bool has_cpes;       /* asked by CPE beside its own feed, whose word counts */
    struct prq_question q[PRQ_QUESTIONS_MAX];
    size_t n;
};
/* A distribution's packages in this analysis: what prq_sites_close reports once each. */
enum prq_site_state {
    PRQ_SITE_OK,
    PRQ_SITE_NONE,        /* packages, but nothing says of which distribution */
    PRQ_SITE_UNSUPPORTED, /* no feed of ours */
    PRQ_SITE_NO_RELEASE,  /* the release cannot be told */
    PRQ_SITE_NO_FAMILY,   /* this database lacks the family */
    PRQ_SITE_NO_ROWS,     /* the family has nothing on this release */
};
struct prq_site {
    struct prq_place place;
    enum prq_site_state state;
    prq_str path; /* the file that named the distribution */
    size_t count; /* packages judged by it, or not judged because of `state` */
    size_t by_release; /* those of whose products nothing is known */
    bool discloses;    /* RHEL's records are there for a rebuild */
};

/* n == 0: nothing to ask (the reason is in the gaps already). */
PRQ_MUST_USE bool prq_subject_of(struct prq_matching *m, size_t index, struct prq_subject *out,
                                 struct prq_err *err);
/* The same without gaps, for the owner of another package. */
PRQ_MUST_USE bool prq_subject_quiet(struct prq_matching *m, size_t index,
                                    struct prq_subject *out, struct prq_err *err);

/* ---- coverage.c: what was not judged, and why */
PRQ_MUST_USE bool prq_gap_note(struct prq_matching *m, const char *kind, prq_str path,
                               prq_str reason, struct prq_err *err);
/* One gap a (kind, purl type) with the number of packages: `reason` ends the sentence
 * "3 packages of type maven …", with "{is|are}" where the verb depends on the number. */
PRQ_MUST_USE bool prq_gap_count(struct prq_matching *m, const char *kind, prq_str type,
                                const char *reason, struct prq_err *err);
/* Where an OS package is looked up; memoised. */
PRQ_MUST_USE bool prq_site_of(struct prq_matching *m, const struct prq_package *p,
                              struct prq_site **out, struct prq_err *err);
/* Is the family of a language's space there? */
bool prq_site_has_language(struct prq_matching *m, const struct prq_matcher *matcher);
/* The gaps of sites and counts. */
PRQ_MUST_USE bool prq_coverage_close(struct prq_matching *m, struct prq_err *err);

/* ---- judge.c */
struct prq_doubt {
    const char *id, *reason;
};
enum prq_verdict { PRQ_NO_WORD, PRQ_MISS, PRQ_HIT, PRQ_NAK };
/* Why a row says nothing of a package. */
enum prq_aside {
    PRQ_ASIDE_NONE,
    PRQ_ASIDE_WITHDRAWN,
    PRQ_ASIDE_KIND,       /* it is of a source package, or of a binary one */
    PRQ_ASIDE_ARCH,
    PRQ_ASIDE_GOOS,
    PRQ_ASIDE_FLAVOUR,    /* FIPS, ksplice and cloud builds */
    PRQ_ASIDE_REPOSITORY,
    PRQ_ASIDE_GO_VERSION, /* pseudo-versions alone, or tags alone */
    PRQ_ASIDE_MODULE,     /* another stream, or none */
    PRQ_ASIDE_PRODUCT,    /* another product of Red Hat */
};
struct prq_candidate {
    const struct prq_db_row *row;
    enum prq_aside aside;   /* with PRQ_NO_WORD */
    const struct prq_question *q;
    prq_str cve;            /* of an advisory that is one row a CVE; else empty */
    enum prq_verdict verdict;
    bool is_unsure;         /* confidence low */
    bool is_eus;            /* of the extended support of a release, not of the base product */
    bool is_unreachable;    /* its fix is for a later release than the image's stream */
    const struct prq_doubt *doubt; /* a safeguard that takes the finding away; NULL: none */
    prq_str note;           /* why, where the row alone does not say */
    struct prq_hit hit;
    size_t root, next;      /* groups */
};
/* What one row says of a subject: PRQ_NO_WORD when it is about something else. */
PRQ_MUST_USE bool prq_row_verdict(struct prq_matching *m, const struct prq_subject *s,
                                  const struct prq_question *q, const struct prq_db_row *row,
                                  struct prq_candidate *out, struct prq_err *err);
struct prq_pile {
    struct prq_candidate *v;
    size_t n, cap;
    bool has_hit, has_nak;
};
/* Which of a group's records decides. */
struct prq_choice {
    const struct prq_candidate *best;  /* the record of the verdict; NULL: nobody reports anything */
    const struct prq_candidate *nak;
    const struct prq_candidate *other; /* one that would have said differently */
    bool is_hit;
    bool is_overruled;                 /* a hit, but the ecosystem's own database says no */
};
PRQ_MUST_USE bool prq_judge(struct prq_matching *m, const struct prq_subject *s,
                            struct prq_err *err);
/* "osv/PYSEC-2021-76": how reports name a record. */
prq_str prq_row_key(const struct prq_db_row *row, struct prq_arena *a);

static inline bool prq_id_is_cve(prq_str id)
{
    return prq_str_starts(id, PRQ_S("CVE-"));
}
static inline bool prq_id_is_ghsa(prq_str id)
{
    return prq_str_starts(id, PRQ_S("GHSA-"));
}
bool prq_is_fix_higher(const struct prq_candidate *a, const struct prq_candidate *b);

/* ---- redhat.c */
bool prq_is_red_hat(const struct prq_question *q);
/* The products of the layer that installed a package; NULL: nothing is known of them. */
PRQ_MUST_USE bool prq_products_of(struct prq_matching *m, const struct prq_package *p,
                                  const struct prq_strs **out, struct prq_err *err);
/* Is a row of Red Hat about the package's products? True for rows of others. */
bool prq_is_for_product(const struct prq_subject *s, const struct prq_question *q,
                        const struct prq_db_row *row, bool *is_eus);
/* Is a fix built for this minor release ("9.4") or one below it? */
bool prq_is_reachable(prq_str fix, prq_str stream);
/* May the package of a rebuild be one of RHEL's? */
bool prq_is_rebuild_of_red_hat(const struct prq_package *p);
struct prq_hit prq_borrowed_hit(const struct prq_affected *row, const struct prq_question *q);
/* Takes the candidates of a group out that others overrule. */
void prq_red_hat_settle(const struct prq_subject *s, struct prq_pile *pile, size_t root);

/* ---- cpematch.c: packages by their CPEs (matching.md 3.12, 5.11) */
/* Did the user ask to match this type by CPE too? */
bool prq_wants_cpes(const struct prq_matching *m, prq_str type);
/* Adds a question for each of the package's names. */
PRQ_MUST_USE bool prq_ask_cpes(struct prq_matching *m, struct prq_subject *s, bool is_quiet,
                               struct prq_err *err);
/* prq_row_verdict for such a question. */
PRQ_MUST_USE bool prq_cpe_verdict(struct prq_matching *m, const struct prq_question *q,
                                  const struct prq_db_row *row, struct prq_candidate *out,
                                  struct prq_err *err);
enum prq_aligned { PRQ_ALIGNED_NOT, PRQ_ALIGNED_MISS, PRQ_ALIGNED_HIT, PRQ_ALIGNED_ANY_VERSION };
/* A package's CPE and version against a criterion of its vendor and product. */
enum prq_aligned prq_criterion_meets(const struct prq_criterion *c, const struct prq_question *q,
                                     struct prq_hit *hit);

/* The question that a CPE name is; false when it names no one vendor and product. In `a`. */
bool prq_question_of_cpe(struct prq_matching *m, const struct prq_package *p, prq_str cpe,
                         struct prq_arena *a, struct prq_question *out);

/* ---- configuration.c: what else has to be there */
/* The numbers of the configurations in a record's text that are not false in this image. In `a`. */
PRQ_MUST_USE bool prq_configurations_hold(struct prq_matching *m, prq_str text,
                                          struct prq_arena *a, uint64_t **out, size_t *n,
                                          struct prq_err *err);
/* Is the image known to be one of Linux? */
bool prq_is_linux(const struct prq_matching *m);

/* ---- fill.c */
struct prq_fill {
    struct prq_matching *m;
    const struct prq_subject *s;
    const struct prq_pile *pile;
    size_t root;
    struct prq_choice choice;
    struct prq_finding *f;
    prq_str *ids; /* all of the group's, sorted, without doubles */
    size_t id_count, id_cap;
    bool is_rejected; /* by NVD, and nobody but the feed's CVE id speaks for it */
};
PRQ_MUST_USE bool prq_fill(struct prq_fill *x, struct prq_err *err);
PRQ_MUST_USE bool prq_fill_short(struct prq_fill *x, struct prq_err *err);

/* ---- rate.c */
struct prq_sources {
    const char *name; /* whose ratings they count as, whoever gave them; NULL: each its own source's */
    struct prq_rating *v;
    size_t n;
};
/* The first of the lists that has a rating decides (matching.md 4); before them the sources in the
 * comma list `first`. The lists are, in this order: the row's own, its record's, GHSA's, NVD's. */
void prq_rate(struct prq_finding *f, const struct prq_sources *steps, size_t n, prq_str first);

/* ---- suppress.c: what takes a finding away, in the order of matching.md 6.4 */
PRQ_MUST_USE bool prq_suppress(struct prq_matching *m, struct prq_finding *f, const char *kind,
                               prq_str id, prq_str reason, struct prq_err *err);
PRQ_MUST_USE bool prq_exclude(struct prq_matching *m, struct prq_finding *f, struct prq_err *err);
PRQ_MUST_USE bool prq_disown(struct prq_matching *m, struct prq_finding *f, struct prq_err *err);
PRQ_MUST_USE bool prq_ignore_states(struct prq_matching *m, struct prq_finding *f,
                                    struct prq_err *err);
/* The same with all that is known of who took it away; texts are copied. */
PRQ_MUST_USE bool prq_suppress_by(struct prq_matching *m, struct prq_finding *f, struct prq_by by,
                                  struct prq_err *err);
bool prq_finding_has_id(const struct prq_finding *f, prq_str id);
/* '*' stands for any text. */
bool prq_is_like(prq_str s, prq_str pattern);

#endif
