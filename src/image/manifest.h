/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests, indexes, configs and docker's manifest.json: bytes to structs, nothing else. All views
 * point into the bytes given or into the arena. Source: OCI image-spec; Docker image manifest V2,
 * Schema 2; platform.md 1.3; security-model.md 2.3. */
#ifndef PRQ_IMAGE_MANIFEST_H
#define PRQ_IMAGE_MANIFEST_H

#include "base/ctx.h"

enum prq_media {
    PRQ_MEDIA_OTHER, /* unknown, or nothing said */
    PRQ_MEDIA_INDEX,
    PRQ_MEDIA_MANIFEST,
    PRQ_MEDIA_SCHEMA1,
    PRQ_MEDIA_CONFIG,
    PRQ_MEDIA_LAYER,
    PRQ_MEDIA_FOREIGN, /* a layer that its registry does not hand out */
};
/* Parameters ("; charset=…") are passed over. */
enum prq_media prq_media_of(prq_str type);
prq_str prq_media_bare(prq_str type);

struct prq_descriptor {
    prq_str media_type, digest; /* digest has the strict grammar */
    uint64_t size;
    prq_str artifact_type;
    prq_str os, architecture, variant; /* platform; empty when absent */
    bool has_platform;
    prq_str ref_name;       /* org.opencontainers.image.ref.name */
    prq_str image_name;     /* io.containerd.image.name */
    prq_str reference_type; /* vnd.docker.reference.type: set on attestations */
    size_t url_count;
};
/* An attestation or other attachment: listed beside images, never one of them. */
bool prq_descriptor_is_image(const struct prq_descriptor *d);

struct prq_manifest {
    bool is_index;
    prq_str media_type; /* as the body says, else as the caller was told, else by its members */
    prq_str artifact_type;
    prq_str base_name, base_digest; /* org.opencontainers.image.base.name, .digest */
    struct prq_descriptor config;
    struct prq_descriptor *items; /* layers, or the manifests of an index */
    size_t count;
};

/* `said`: the type from the descriptor or Content-Type, may be empty. FORMAT when body and `said`
 * disagree, when the body is both an index and a manifest, or when a member is written twice or in
 * another case (readers in other languages would take another one); UNSUPPORTED for schema 1. */
PRQ_MUST_USE bool prq_manifest_parse(prq_str bytes, prq_str said, struct prq_arena *a,
                                     const struct prq_limits *limits, struct prq_manifest *out,
                                     struct prq_err *err);

struct prq_image_config {
    prq_str os, architecture, variant;
    prq_str *diff_ids;
    size_t diff_id_count;
};
PRQ_MUST_USE bool prq_image_config_parse(prq_str bytes, struct prq_arena *a,
                                         const struct prq_limits *limits,
                                         struct prq_image_config *out, struct prq_err *err);

/* One image of docker's manifest.json. */
struct prq_saved_image {
    prq_str config;
    prq_str *tags, *layers;
    size_t tag_count, layer_count;
};
PRQ_MUST_USE bool prq_saved_images_parse(prq_str bytes, struct prq_arena *a,
                                         const struct prq_limits *limits,
                                         struct prq_saved_image **out, size_t *count,
                                         struct prq_err *err);

#endif
