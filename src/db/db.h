/* SPDX-License-Identifier: Apache-2.0 */
/* The advisory database: a directory of SQLite files, one per family, each read-only and mapped
 * when opened. Source: matching.md 2 and 3.
 *
 * Families: "alpine", "wolfi", "debian", "almalinux", "pypi", "npm", "go" hold records and the rows
 * packages are matched with; "nvd", "kev", "epss" hold what is known of a CVE. */
#ifndef PRQ_DB_DB_H
#define PRQ_DB_DB_H

#include "base/ctx.h"
#include "model/advisory.h"
#include "model/finding.h"

struct prq_db;

/* DATA when the directory has no database at all (the text says what to do); FORMAT for a file that
 * is not ours or of another schema. A family that is not there is simply absent. One handle per
 * thread. */
PRQ_MUST_USE bool prq_db_open(prq_str dir, struct prq_db **out, struct prq_err *err);
void prq_db_close(struct prq_db *db);

/* The family that answers for a space ("Alpine:3.17" → "alpine", "PyPI" → "pypi"); NULL: none of
 * ours does. */
const char *prq_db_family_of_space(prq_str space);
bool prq_db_has_family(const struct prq_db *db, const char *family);
/* Does the family hold rows for this space at all ("Debian:12")? */
bool prq_db_has_space(struct prq_db *db, prq_str space);
/* Metadata of every family present, by name; views live as long as db. */
size_t prq_db_families(const struct prq_db *db, const struct prq_family **out);

/* Rows for (space, folded name), in record-key order. The array, its rows and their strings are in
 * `a`. record_source and record_id name the record that each came from. */
struct prq_db_row {
    prq_str source, id;
    struct prq_strs aliases, cves;
    bool is_withdrawn, is_disputed, is_malicious;
    struct prq_affected affected;
};
PRQ_MUST_USE bool prq_db_lookup(struct prq_db *db, prq_str space, prq_str name, struct prq_arena *a,
                                struct prq_db_row **out, size_t *n, struct prq_err *err);

/* The whole record: texts, references, ratings. False without error when absent (out->id empty). */
PRQ_MUST_USE bool prq_db_record(struct prq_db *db, const char *family, prq_str source, prq_str id,
                                struct prq_arena *a, struct prq_record *out, struct prq_err *err);

/* NVD, KEV and EPSS on one CVE; a zeroed struct when nothing is known. */
PRQ_MUST_USE bool prq_db_cve(struct prq_db *db, prq_str cve, struct prq_arena *a,
                             struct prq_cve_info *out, struct prq_err *err);

/* The one name normaliser, used when building and when looking up (matching.md 5.7): PEP 503 for
 * PyPI, lower case for npm, as written for the rest. */
prq_str prq_name_fold(prq_str space, prq_str name, struct prq_arena *a);

/* ---- building */
struct prq_db_build_opts {
    prq_str from;        /* directory or URL laid out like shared feeds (SOURCES.md); empty: the
                          * public addresses */
    prq_str to;          /* database directory, made when absent; each file is replaced atomically */
    prq_str families;    /* comma list; empty: all */
    prq_str now;         /* RFC 3339 */
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
