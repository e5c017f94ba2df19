/* SPDX-License-Identifier: Apache-2.0 */
/* Where images come from. An opened image has its manifest and config read and verified; layers
 * are handed out one by one, as descriptors of seekable files or as streams. Source: platform.md
 * 1 and 2, security-model.md 2. */
#ifndef PRQ_IMAGE_IMAGE_H
#define PRQ_IMAGE_IMAGE_H

#include "base/ctx.h"
#include "base/stream.h"
#include "model/analysis.h"

enum prq_compression { PRQ_COMP_NONE, PRQ_COMP_GZIP, PRQ_COMP_ZSTD, PRQ_COMP_XZ, PRQ_COMP_BZIP2 };

/* The bytes of one layer as stored. Either fd (with offset and length) or stream. */
struct prq_blob {
    int fd;             /* -1: use stream. Owned by the blob */
    uint64_t offset, length;
    struct prq_stream *stream;
    prq_str digest;     /* expected digest of these bytes; empty: none given */
    uint64_t size;      /* expected size; 0 with an empty digest: unknown */
    prq_str diff_id;    /* expected digest of the uncompressed tar; empty: none given */
};
void prq_blob_release(struct prq_blob *b);

struct prq_image {
    enum prq_source_kind kind;
    prq_str name;       /* as the user wrote it, or --name */
    prq_str digest, id, media_type;
    prq_str base_name, base_digest; /* the manifest's annotations */
    struct prq_strs tags;
    prq_str config;     /* verbatim; empty for dir: and rootfs: */
    size_t layer_count; /* dir: and rootfs: have 1 */
    struct prq_image_layer {
        prq_str digest, diff_id, media_type; /* empty where unknown */
        uint64_t size;
        bool is_absent; /* a gap already says why: do not open it */
    } *layers;
    /* What the source itself could not give: foreign layers …; of dir: and rootfs: complete once
     * the layer has been read to its end. */
    struct prq_gap *gaps;
    size_t gap_count;

    const struct prq_image_ops *ops;
    void *state;        /* the source's own */
};

struct prq_image_ops {
    /* Thread-safe: layers are opened by several workers at once. */
    bool (*open_layer)(struct prq_image *im, size_t index, struct prq_blob *out,
                       struct prq_err *err);
    void (*close)(struct prq_image *im);
};

/* Which files of a tree the scan will read, for dir: and rootfs: (other files are listed, their
 * contents are not sent). `head`: first bytes, up to 64. */
struct prq_tree_filter {
    bool (*wants)(void *user, const struct prq_file *file, prq_bytes head, uint64_t *max_bytes);
    void *user;
};

struct prq_source_opts {
    prq_str argument;   /* "alpine:3.17", "oci-dir:PATH:TAG", "docker-archive:-", "dir:." … */
    prq_str platform;   /* "linux/arm64/v8"; empty: the host's */
    prq_str name;       /* --name; empty: the argument */
    prq_str username, password, token; /* registry credentials given outright; may be empty */
    prq_str ca_file;    /* extra CA bundle; may be empty */
    bool insecure;      /* http, or https without verification, for the named registry */
    struct prq_strs allow_realms;
    bool skip_blob_check; /* unused by sources: digests are checked where bytes are hashed */
    const struct prq_tree_filter *filter;
    /* Progress of downloads, from any thread; may be NULL. */
    void (*progress)(void *user, size_t layer, uint64_t done, uint64_t total);
    void *progress_user;
    const atomic_bool *cancel; /* may be NULL */
};

/* What the argument names, before anything is opened: "registry", "oci-dir", "oci-archive",
 * "docker-archive", "dir-layout" (skopeo), "dir", "rootfs", "purl", "analysis", "sbom", "report". `rest` gets
 * the part after the prefix (or the whole argument). Looks at the file system for an argument
 * without prefix. */
bool prq_source_recognise(prq_str argument, const char **kind, prq_str *rest, struct prq_err *err);

/* Everything in *out lives in `arena` until prq_image_close. USAGE for words that are off (several
 * images and none named, with the list), IO/REMOTE/DENIED/FORMAT/LIMIT for the rest. */
PRQ_MUST_USE bool prq_image_open(struct prq_ctx *ctx, const struct prq_source_opts *opts,
                                 struct prq_arena *arena, struct prq_image **out,
                                 struct prq_err *err);
void prq_image_close(struct prq_image *im);

/* Documents that a registry holds beside an image: referrers of its digests (OCI distribution-spec 1.1,
 * "Listing Referrers", with the tag schema where the API is missing) and what cosign attaches by tag.
 * Only JSON blobs that verify, of at most manifest_bytes; what they are is for `visit` to tell, and
 * nobody checked who wrote them. `name` and `bytes` live in `arena`. opts->argument names the image in
 * its registry, `digest` is that of the platform's manifest. */
struct prq_attached_visit {
    bool (*visit)(void *user, prq_str name, prq_str bytes, struct prq_err *err);
    void *user;
};
PRQ_MUST_USE bool prq_attached_open(struct prq_ctx *ctx, const struct prq_source_opts *opts,
                                    prq_str digest, struct prq_arena *arena,
                                    const struct prq_attached_visit *visit, struct prq_err *err);

#endif
