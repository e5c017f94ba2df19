/* SPDX-License-Identifier: Apache-2.0 */
/* The database as it travels: an OCI artifact. Its config says what is in it and is what is signed;
 * the manifest names the blobs, so that registries keep and copy them. docs/database.md. */
#ifndef PRQ_DB_DBPARCEL_H
#define PRQ_DB_DBPARCEL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define PRQ_PARCEL_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define PRQ_PARCEL_TYPE "application/vnd.pratique.db.v1"
#define PRQ_PARCEL_CONFIG "application/vnd.pratique.db.config.v1+json"
#define PRQ_PARCEL_FAMILY "application/vnd.pratique.db.family.v1.sqlite+zstd"
#define PRQ_PARCEL_DELTA "application/vnd.pratique.db.delta.v1+zstd"
#define PRQ_PARCEL_SIGNATURE "vnd.pratique.db.signature" /* annotation: hex */

enum {
    PRQ_PARCEL_FAMILIES = 128,
    PRQ_PARCEL_DELTAS = 64, /* of a family */
    PRQ_PARCEL_BYTES = 4 << 20,
};

struct prq_parcel_blob {
    prq_str digest; /* strict "sha256:…" */
    uint64_t size;
};
/* Leads from this version to that of the next delta, or to the family's. */
struct prq_parcel_delta {
    prq_str from, from_observed;
    struct prq_parcel_blob blob;
};
struct prq_parcel_family {
    prq_str name, digest, observed, built, feed_date, source;
    uint64_t records, size; /* size: of the unpacked file */
    struct prq_parcel_blob blob;
    struct prq_parcel_delta *deltas; /* oldest first */
    size_t delta_count;
};
struct prq_parcel {
    uint64_t schema;
    prq_str built; /* the newest of the families' */
    struct prq_parcel_family *families; /* ascending by name */
    size_t count;
};

/* The config; pure. Strict: a member twice, of another type or missing is FORMAT; members that are
 * not known are passed over. */
PRQ_MUST_USE bool prq_parcel_parse(prq_str bytes, struct prq_arena *a, struct prq_parcel *out,
                                   struct prq_err *err);
PRQ_MUST_USE bool prq_parcel_write(const struct prq_parcel *p, struct prq_buf *out);

/* The manifest; pure. */
struct prq_parcel_manifest {
    struct prq_parcel_blob config;
    prq_bytes signature; /* empty: none */
};
PRQ_MUST_USE bool prq_parcel_manifest_parse(prq_str bytes, struct prq_arena *a,
                                            struct prq_parcel_manifest *out, struct prq_err *err);
PRQ_MUST_USE bool prq_parcel_manifest_write(const struct prq_parcel *p,
                                            const struct prq_parcel_manifest *m,
                                            struct prq_buf *out);

/* "2026-01-31T12:00:00Z": the only form of times here; they sort as text. */
bool prq_parcel_is_time(prq_str s);

#endif
