/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of this room share while an image is opened. */
#ifndef PRQ_IMAGE_OPENING_H
#define PRQ_IMAGE_OPENING_H

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "image/image.h"
#include "image/manifest.h"
#include "image/reference.h"

struct prq_opening {
    struct prq_ctx *ctx;
    const struct prq_source_opts *opts;
    struct prq_arena *arena; /* lives as long as the image */
    struct prq_platform platform;
    prq_str what; /* the argument after its prefix */
};

/* DENIED without an errno behind it. */
#define prq_deny(err, ...) (errno = 0, prq_fail((err), PRQ_E_DENIED, __VA_ARGS__))

/* ---- resolve.c: from an index or manifest to a filled struct prq_image */

struct prq_blob_reader {
    /* All bytes of a manifest or config, up to out->max. *content_type stays empty when nobody
     * says. Whoever calls verifies. */
    bool (*read)(void *user, const struct prq_descriptor *d, bool is_manifest, struct prq_buf *out,
                 prq_str *content_type, struct prq_err *err);
    /* Are the bytes of a foreign layer here all the same? */
    bool (*has)(void *user, const struct prq_descriptor *d);
    void *user;
};
enum { PRQ_SIZE_UNKNOWN = 0 }; /* d->size with an empty media type: not said */

/* Follow `d` through indexes to the manifest of the platform, then to its config; fills digest, id,
 * media_type, config, layers and gaps of `im`. */
PRQ_MUST_USE bool prq_resolve(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                              const struct prq_descriptor *d, struct prq_image *im,
                              struct prq_err *err);
/* The same from a manifest's bytes that are at hand. */
PRQ_MUST_USE bool prq_resolve_bytes(const struct prq_opening *o,
                                    const struct prq_blob_reader *blobs, prq_str bytes,
                                    prq_str said, struct prq_image *im, struct prq_err *err);
/* The one image of the top-level index of a layout that has this tag, "@digest" or (empty) no
 * name at all. USAGE with the list when that leaves several. */
PRQ_MUST_USE bool prq_resolve_layout(const struct prq_opening *o,
                                     const struct prq_blob_reader *blobs, prq_str index,
                                     prq_str name, struct prq_image *im, struct prq_err *err);

/* USAGE when the user asked for another platform than the config is for. */
PRQ_MUST_USE bool prq_check_platform(const struct prq_opening *o,
                                     const struct prq_image_config *config, struct prq_err *err);

bool prq_image_add_gap(struct prq_image *im, struct prq_arena *a, const char *kind, uint32_t layer,
                       prq_str path, prq_str reason);
bool prq_image_add_tag(struct prq_image *im, struct prq_arena *a, prq_str tag);

/* "PATH:TAG" or "PATH@sha256:…" where PATH exists; name gets the tag, or the digest with its @. A
 * path that exists as it is has no name, and neither has one that does not exist at all. */
void prq_split_path(prq_str what, prq_str *path, prq_str *name);
/* Is there something of that name? false also when it has a NUL inside or is too long. */
struct stat;
bool prq_path_stat(prq_str path, struct stat *st);

/* ---- the sources */
PRQ_MUST_USE bool prq_open_oci_dir(const struct prq_opening *o, struct prq_image *im,
                                   struct prq_err *err);
PRQ_MUST_USE bool prq_open_skopeo_dir(const struct prq_opening *o, struct prq_image *im,
                                      struct prq_err *err);

enum prq_archive_kind { PRQ_ARCHIVE_ANY, PRQ_ARCHIVE_OCI, PRQ_ARCHIVE_DOCKER };
PRQ_MUST_USE bool prq_open_archive(const struct prq_opening *o, enum prq_archive_kind kind,
                                   struct prq_image *im, struct prq_err *err);
PRQ_MUST_USE bool prq_open_registry(const struct prq_opening *o, struct prq_image *im,
                                    struct prq_err *err);
/* kind: PRQ_SOURCE_DIR or PRQ_SOURCE_ROOTFS */
PRQ_MUST_USE bool prq_open_tree(const struct prq_opening *o, enum prq_source_kind kind,
                                struct prq_image *im, struct prq_err *err);

/* ---- recognise.c */
enum prq_source_word {
    PRQ_FROM_REGISTRY,
    PRQ_FROM_OCI_DIR,
    PRQ_FROM_OCI_ARCHIVE,
    PRQ_FROM_DOCKER_ARCHIVE,
    PRQ_FROM_SKOPEO_DIR,
    PRQ_FROM_DIR,
    PRQ_FROM_ROOTFS,
    PRQ_FROM_PURL,
    PRQ_FROM_ANALYSIS,
    PRQ_FROM_SBOM,
    PRQ_FROM_REPORT,
};
/* *is_sure: a prefix said so; an archive without prefix is judged by its members when opened. */
PRQ_MUST_USE bool prq_recognise(prq_str argument, enum prq_source_word *word, prq_str *rest,
                                bool *is_sure, struct prq_err *err);

#endif
