/* SPDX-License-Identifier: Apache-2.0 */
/* The advisory database. */
#ifndef PRATIQUE_DB_H
#define PRATIQUE_DB_H

#include "pratique/core.h"

#ifdef __cplusplus
extern "C" {
#endif

struct prq_db_opts {
    size_t size;
    const char *from;     /* directory or URL laid out like the public feeds; NULL: the public ones */
    const char *families; /* comma list; NULL: all */
    const char *now;      /* as in prq_scan_opts */
    bool update;          /* fetch only what changed */
    void (*progress)(void *user, const char *line);
    void *user;
    const char *addresses; /* comma list "PREFIX=URL" that goes before the public addresses */

    const char *previous; /* build: a database whose first-observed days go on */
    uint32_t retain;      /* how many older files of each family are kept, for prq_scan_opts.as_of */

    /* push, pull, export, import */
    const char *key;      /* PEM file to sign with: Ed25519 or ECDSA P-256; NULL: not signed */
    const char *pubkey;   /* PEM file: what is received must be signed by it; NULL: not checked */
    bool allow_unsigned;  /* receive what is not signed although there is a pubkey */
    bool allow_older;     /* receive what is older than what is there */
    const char *username, *password, *registry_token, *ca_file;
    const char *allow_realms; /* comma list */
    bool insecure;
};
#define PRQ_DB_OPTS_INIT { .size = sizeof(struct prq_db_opts) }

PRQ_API bool prq_database_build(const char *dir, const struct prq_db_opts *opts,
                                struct prq_err *err);

/* The database in `dir` to a registry as an OCI artifact, and from there: only what changed travels. */
PRQ_API bool prq_database_push(const char *dir, const char *ref, const struct prq_db_opts *opts,
                               struct prq_err *err);
PRQ_API bool prq_database_pull(const char *dir, const char *ref, const struct prq_db_opts *opts,
                               struct prq_err *err);
/* The same as one file. */
PRQ_API bool prq_database_export(const char *dir, const char *path, const struct prq_db_opts *opts,
                                 struct prq_err *err);
PRQ_API bool prq_database_import(const char *dir, const char *path, const struct prq_db_opts *opts,
                                 struct prq_err *err);
/* Which advisories changed from A to B: each a directory, or a date of the one in `dir`. */
PRQ_API bool prq_database_diff(const char *dir, const char *a, const char *b, const char *format,
                               char **text, size_t *n, struct prq_err *err);

/* format "table" or "json"; *text is malloc'd. */
PRQ_API bool prq_database_status(const char *dir, const char *format, const char *now, char **text,
                                 size_t *n, struct prq_err *err);
PRQ_API bool prq_database_search(const char *dir, const char *query, const char *format,
                                 char **text, size_t *n, struct prq_err *err);

#ifdef __cplusplus
}
#endif
#endif
