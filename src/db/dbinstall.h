/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a family's file in its place: written beside it, looked at, synced, renamed. What was
 * there may be kept for --as-of. */
#ifndef PRQ_DB_DBINSTALL_H
#define PRQ_DB_DBINSTALL_H

#include "base/arena.h"
#include "base/err.h"

/* Makes the directory, and takes it for this process alone until *lock is closed; what others left
 * behind that were killed is removed. IO when another process has it. */
PRQ_MUST_USE bool prq_db_take(prq_str dir, struct prq_arena *a, int *lock, struct prq_err *err);

struct prq_db_place {
    prq_str dir, family;
    prq_str final, temporary; /* DIR/FAMILY.db, DIR/.FAMILY.PID.tmp; with a NUL after them */
    unsigned retain;          /* how many older files are kept */
};
/* Both paths; a temporary file that is there is removed. */
PRQ_MUST_USE bool prq_db_place_of(prq_str dir, const char *family, unsigned retain,
                                  struct prq_arena *a, struct prq_db_place *out,
                                  struct prq_err *err);

/* Scans trust the structure of what is installed, so it is looked at here. What is in the file is on
 * the disk before its name is. */
PRQ_MUST_USE bool prq_db_publish(const struct prq_db_place *p, struct prq_arena *a,
                                 struct prq_err *err);
/* The installed file as it is, but with these values in `meta`; as the temporary file. */
struct prq_db_value {
    const char *key;
    prq_str value;
};
PRQ_MUST_USE bool prq_db_retell(const struct prq_db_place *p, const struct prq_db_value *values,
                                size_t n, struct prq_err *err);
/* The same in a file that nobody reads yet. */
PRQ_MUST_USE bool prq_db_tell(const char *path, const struct prq_db_value *values, size_t n,
                              struct prq_err *err);

/* The file of a family that was in use at a time (RFC 3339, UTC): the newest built then or before,
 * whether installed or kept. Empty when there is none. */
PRQ_MUST_USE bool prq_db_path_at(prq_str dir, const char *family, prq_str time, struct prq_arena *a,
                                 prq_str *path, struct prq_err *err);

#endif
