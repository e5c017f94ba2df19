/* SPDX-License-Identifier: Apache-2.0 */
/* The advisory database: a directory of SQLite files, one per family, each read-only and mapped
 * when opened. Source: matching.md 2 and 3.
 *
 * Families: "nvd", "kev" and "epss" hold what is known of a CVE; the others ("alpine", "debian",
 * "pypi", …; dbfamily.c) records and the rows that packages are matched with. */
#ifndef PRQ_DB_DB_H
#define PRQ_DB_DB_H

#include "base/buf.h"
#include "base/ctx.h"
#include "model/advisory.h"
#include "model/finding.h"

struct prq_db;

/* DATA when the directory has no database at all (the text says what to do); FORMAT for a file that
 * is not ours or of another schema. A family that is not there is simply absent. One handle per
 * thread. */
PRQ_MUST_USE bool prq_db_open(prq_str dir, struct prq_db **out, struct prq_err *err);
/* The same, but a file is opened when it is first asked: for scans, which ask few. What is wrong with
 * a file is told then, and `families` has the names only of those not asked. */
PRQ_MUST_USE bool prq_db_open_lazily(prq_str dir, struct prq_db **out, struct prq_err *err);
/* Likewise lazily, the database as it was at a time (RFC 3339, UTC): of each family the newest file
 * built then or before, of those installed and retained. DATA when there is none. */
PRQ_MUST_USE bool prq_db_open_at(prq_str dir, prq_str time, struct prq_db **out,
                                 struct prq_err *err);
void prq_db_close(struct prq_db *db);

/* The family that answers for a space ("Alpine:3.17" → "alpine", "PyPI" → "pypi"); NULL: none of
 * ours does. */
const char *prq_db_family_of_space(prq_str space);
bool prq_db_has_family(const struct prq_db *db, const char *family);
/* Does the family hold rows for this space at all ("Debian:12")? */
bool prq_db_has_space(struct prq_db *db, prq_str space);
/* Metadata of every family present, by name; views live as long as db. */
size_t prq_db_families(const struct prq_db *db, const struct prq_family **out);

/* A row of a package: source and id name the record that it came from. */
struct prq_db_row {
    prq_str source, id;
    struct prq_strs aliases, cves;
    bool is_withdrawn, is_disputed, is_malicious;
    struct prq_affected affected;
};
/* The rows of a package, in record-key order; the array, its rows and their strings are in `a`.
 * `name` is best given as the package writes it: it is folded here, and where two spellings fold
 * into one name (npm: jquery, jQuery) each is a package of its own. No rows is no error. */
PRQ_MUST_USE bool prq_db_lookup(struct prq_db *db, prq_str space, prq_str name, struct prq_arena *a,
                                struct prq_db_row **out, size_t *n, struct prq_err *err);

/* The whole record: texts, references, ratings. False without error when absent (out->id empty). */
PRQ_MUST_USE bool prq_db_record(struct prq_db *db, const char *family, prq_str source, prq_str id,
                                struct prq_arena *a, struct prq_record *out, struct prq_err *err);

/* The same without `affected`, which rows have, and with `details` only where there is no summary,
 * cut after their first words: for reports, and much cheaper. */
PRQ_MUST_USE bool prq_db_brief(struct prq_db *db, const char *family, prq_str source, prq_str id,
                               struct prq_arena *a, struct prq_record *out, struct prq_err *err);

/* "sha256:…" of the record's canonical JSON (docs/database.md); empty when there is no such record. */
PRQ_MUST_USE bool prq_db_record_digest(struct prq_db *db, const char *family, prq_str source,
                                       prq_str id, struct prq_arena *a, prq_str *out,
                                       struct prq_err *err);

/* NVD, KEV and EPSS on one CVE; a zeroed struct when nothing is known. */
PRQ_MUST_USE bool prq_db_cve(struct prq_db *db, prq_str cve, struct prq_arena *a,
                             struct prq_cve_info *out, struct prq_err *err);

/* The records that are called `id` or have it among their aliases and CVEs, in every family that has
 * packages; no more than a few hundred. */
struct prq_db_named {
    prq_str family;
    struct prq_record record;
};
PRQ_MUST_USE bool prq_db_find(struct prq_db *db, prq_str id, struct prq_arena *a,
                              struct prq_db_named **out, size_t *n, struct prq_err *err);
/* "cve-2021-1" as feeds write it; other texts as they are. */
prq_str prq_id_of_typed(prq_str typed, struct prq_arena *a);

/* What `pratique db status` and `pratique db search` print: a table, or JSON. A search finds records
 * by id or alias, and packages by name in any space; nothing found is no error and says so. */
PRQ_MUST_USE bool prq_db_status_write(struct prq_db *db, prq_str now, bool as_json,
                                      struct prq_buf *out, struct prq_err *err);
PRQ_MUST_USE bool prq_db_search_write(struct prq_db *db, prq_str query, bool as_json,
                                      struct prq_arena *a, struct prq_buf *out,
                                      struct prq_err *err);

/* "cpe:/a:redhat:enterprise_linux:9::appstream" → "enterprise_linux:9::appstream", as rows have it;
 * empty for a CPE of another form. */
prq_str prq_db_red_hat_cpe(prq_str cpe);

/* The space of such a product: "Red Hat:9", or "Red Hat:other" where no release can be told; empty for
 * what is no CPE. */
prq_str prq_db_red_hat_space(prq_str product, struct prq_arena *a);

/* The one name normaliser, used when building and when looking up (matching.md 5.7): PEP 503 for
 * PyPI, lower case for npm, NuGet and others, as written where case counts. */
prq_str prq_name_fold(prq_str space, prq_str name, struct prq_arena *a);

/* ---- building */
struct prq_db_build_opts {
    prq_str from;        /* directory or URL laid out like shared feeds (SOURCES.md); empty: the
                          * public addresses */
    prq_str addresses;   /* comma list that goes before the table of public addresses:
                          * "wolfi/=https://packages.example/os/" */
    prq_str to;          /* database directory, made when absent; each file is replaced atomically */
    prq_str families;    /* comma list; empty: all */
    prq_str now;         /* RFC 3339 */
    prq_str previous;    /* a database whose first-observed days go on; empty: that in `to` */
    unsigned retain;     /* how many older files of each family are kept (prq_db_open_at) */
    bool update;         /* keep what is there and fetch only what changed */
    void (*progress)(void *user, const char *line);
    void *progress_user;
    const atomic_bool *cancel;
};
/* Runs each family independently: one that fails keeps its old file and is named in the error, which
 * is returned after the others are done. */
PRQ_MUST_USE bool prq_db_build(struct prq_ctx *ctx, const struct prq_db_build_opts *opts,
                               struct prq_err *err);

#endif
