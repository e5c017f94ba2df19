/* SPDX-License-Identifier: Apache-2.0 */
/* The families, once: what is read for each, and where it lies. */
#ifndef PRQ_DB_DBFAMILY_H
#define PRQ_DB_DBFAMILY_H

#include "db/dbintake.h"
#include "db/dbschema.h"

struct prq_family_def {
    const char *name;
    const char *source;          /* of its records */
    const char *folder;          /* of an OSV family: its ecosystem */
    const char *const *releases; /* that may have folders of their own; NULL-terminated, or NULL */
    enum prq_db_join join;
    /* Read the whole feed into `out`. */
    bool (*read)(const struct prq_family_def *def, struct prq_source *from, struct prq_intake *out,
                 struct prq_err *err);
};

/* A reader of one whole file. */
typedef bool (*prq_family_reader)(struct prq_intake *out, prq_bytes bytes, void *user,
                                  struct prq_err *err);
/* Get a path and read it; *found tells whether it was there. A file that cannot be read is counted
 * and passed over, or the end (prq_intake_bad_file). */
PRQ_MUST_USE bool prq_family_path(struct prq_source *from, struct prq_intake *out, prq_str path,
                                  prq_family_reader read, void *user, bool *found,
                                  struct prq_err *err);

/* dbfamily.c, dbvendor.c, dbredhat.c, dbfallback.c */
typedef bool prq_family_read(const struct prq_family_def *def, struct prq_source *from,
                             struct prq_intake *out, struct prq_err *err);
prq_family_read prq_read_osv, prq_read_almalinux, prq_read_amazon, prq_read_arch, prq_read_azurelinux,
    prq_read_chainguard, prq_read_eol, prq_read_minimos, prq_read_opensuse, prq_read_oracle,
    prq_read_photon, prq_read_red_hat, prq_read_suse, prq_read_ubuntu;

/* dborigin.c: *any is set when one of the family's origins was there. */
PRQ_MUST_USE bool prq_read_origins(const struct prq_family_def *def, struct prq_source *from,
                                   struct prq_intake *out, bool *any, struct prq_err *err);

/* In byte order of the names. */
extern const struct prq_family_def prq_family_defs[];
extern const size_t prq_family_count;

#endif
