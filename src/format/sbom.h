/* SPDX-License-Identifier: Apache-2.0 */
/* Other people's package lists: CycloneDX JSON 1.2 to 1.6, SPDX 2.2 and 2.3 (JSON and tag-value), Syft's
 * own JSON. All become the same entries (model/listed.h); what they mean is their reader's business.
 *
 * Bytes from outside: bounded by the limits of JSON, by limits->packages and by the arena; one pass,
 * no tree, no recursion. Views into the text and into the arena. Losses that leave the rest whole (an
 * entry without a name, an element of another type) are counted. */
#ifndef PRQ_FORMAT_SBOM_H
#define PRQ_FORMAT_SBOM_H

#include "base/limits.h"
#include "model/listed.h"

enum prq_sbom_format {
    PRQ_SBOM_NONE,
    PRQ_SBOM_CYCLONEDX,
    PRQ_SBOM_SPDX,
    PRQ_SBOM_TAG_VALUE,
    PRQ_SBOM_SYFT,
};

enum prq_sbom_relation {
    PRQ_SBOM_DEPENDS, /* from needs to */
    PRQ_SBOM_OWNS,    /* from's file list holds what to was found in */
};

struct prq_sbom {
    enum prq_sbom_format format;
    prq_str version; /* of the format: "1.6", "SPDX-2.3" */
    prq_str serial;  /* "urn:uuid:…" of CycloneDX; mostly empty */
    prq_str name;
    bool has_root;
    struct prq_listed root; /* what the list is about */
    struct prq_listed *items;
    size_t n;
    struct prq_pair *pairs; /* properties of the document itself */
    size_t pair_count;
    struct prq_sbom_edge {
        prq_str from, to; /* references */
        enum prq_sbom_relation relation;
    } *edges;
    size_t edge_count;
    struct prq_strs layers; /* digests of the image's layers, lowest first, where it names them */
    uint64_t lost, first_lost; /* count, byte of the first */
    const char *lost_why;      /* of the first; constant text */
};

/* By the first bytes: a few KiB suffice. */
enum prq_sbom_format prq_sbom_recognise(prq_str head);

/* FORMAT, UNSUPPORTED (a version or an encoding that is not read), LIMIT. */
PRQ_MUST_USE bool prq_sbom_read(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                                struct prq_sbom *out, struct prq_err *err);

#endif
