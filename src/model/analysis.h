/* SPDX-License-Identifier: Apache-2.0 */
/* Everything known of an image that depends neither on advisories nor on policies. */
#ifndef PRQ_MODEL_ANALYSIS_H
#define PRQ_MODEL_ANALYSIS_H

#include "model/distro.h"
#include "model/file.h"
#include "model/gap.h"
#include "model/package.h"

enum prq_source_kind {
    PRQ_SOURCE_IMAGE,  /* installed evidence counts */
    PRQ_SOURCE_ROOTFS, /* likewise, no config */
    PRQ_SOURCE_DIR,    /* lock files count too */
    PRQ_SOURCE_LIST,   /* purl: somebody else listed them */
};

struct prq_layer {
    prq_str digest;  /* of the blob as stored; empty when the source has none */
    prq_str diff_id; /* of the uncompressed tar */
    uint64_t size_bytes; /* of the blob */
    uint64_t tar_bytes;
    prq_str instruction; /* history created_by, as written; empty when history has none */
    prq_str created;
    prq_bytes index;     /* encoded file index (store/facts.h), tar order */
    uint64_t file_count;
    /* Files of this layer that a later one overwrites or deletes, and their bytes
     * (store/waste.h fills them in; of what has no file index they are not known). */
    uint64_t wasted_files, wasted_bytes;
    /* What Red Hat's build or dnf says of where its packages are from (scan/contentsets.h): names of
     * repositories, and products as "cpe:/…"; sorted. */
    struct prq_strs content_sets;
};

struct prq_history {
    prq_str created, created_by, author, comment;
    bool is_empty_layer;
};

/* The image that this one was built on (store/baseimage.h finds it). */
struct prq_base {
    prq_str name, digest; /* empty: not known */
    prq_str name_from;    /* what says so: "annotation", "label", "dockerfile", "index" */
    bool has_layers;      /* the boundary is known */
    size_t layers;        /* the lowest ones are the base's */
    prq_str layers_from;  /* "index", "dockerfile", "history" */
};

struct prq_analysis {
    enum prq_source_kind kind;
    prq_str name;      /* what reports call it */
    prq_str digest;    /* manifest digest, empty when there is none */
    prq_str id;        /* config digest */
    prq_str os, architecture, variant, created;
    prq_str media_type;
    struct prq_strs tags;
    prq_str config;    /* the image config's bytes, verbatim JSON; empty when there is none */
    struct prq_layer *layers;
    size_t layer_count;
    struct prq_history *history;
    size_t history_count;
    bool has_distro;
    struct prq_distro distro;
    struct prq_package *packages; /* sorted by prq_package_cmp */
    size_t package_count;
    size_t dev_left_out; /* development dependencies that are not among them */
    struct prq_gap *gaps;         /* sorted by prq_gap_cmp */
    size_t gap_count;
    prq_str base_name, base_digest; /* the manifest's annotations org.opencontainers.image.base.* */
    struct prq_base base;
    prq_str bom_serial; /* of the SBOM that it was read from, not kept in documents; mostly empty */
    prq_str sandbox;   /* full, no-userns, no-landlock, seccomp-only, none */
    prq_str options;   /* those that change the result, canonical text */
};

/* Takes the packages that only development needs (PRQ_PKG_DEV) out of the list, in place, and counts
 * them: what nobody ships is no finding (catalog.md 4.0). False when memory ran out. */
bool prq_analysis_leave_out_dev(struct prq_analysis *an, struct prq_arena *a);

#endif
