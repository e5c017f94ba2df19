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
};
#define PRQ_DB_OPTS_INIT { .size = sizeof(struct prq_db_opts) }

PRQ_API bool prq_database_build(const char *dir, const struct prq_db_opts *opts,
                                struct prq_err *err);
/* format "table" or "json"; *text is malloc'd. */
PRQ_API bool prq_database_status(const char *dir, const char *format, const char *now, char **text,
                                 size_t *n, struct prq_err *err);
PRQ_API bool prq_database_search(const char *dir, const char *query, const char *format,
                                 char **text, size_t *n, struct prq_err *err);

#ifdef __cplusplus
}
#endif
#endif
