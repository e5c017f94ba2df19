/* SPDX-License-Identifier: Apache-2.0 */
/* What the SBOM sinks share. */
#ifndef PRQ_REPORT_SBOMPARTS_H
#define PRQ_REPORT_SBOMPARTS_H

#include "format/json.h"
#include "lib/lib.h"
#include "model/listed.h"
#include "model/report.h"
#include "model/sbomimage.h"
#include "model/edges.h"

struct prq_sbom_work {
    const struct prq_analysis *an;
    struct prq_arena *a;     /* lives as long as the writing */
    struct prq_arena *tmp;   /* rewound after each package */
    prq_str *refs;           /* one a package: unique, the same from run to run */
    struct prq_edges edges;
    uint32_t *roots;
    size_t root_count;
    prq_str image_purl;      /* pkg:oci/…, or empty */
};

/* Releases nothing on failure: call prq_sbom_work_end always. */
PRQ_MUST_USE bool prq_sbom_work_begin(struct prq_sbom_work *w, const struct prq_analysis *an,
                                      struct prq_err *err);
void prq_sbom_work_end(struct prq_sbom_work *w);

/* The algorithm's name as CycloneDX writes it ("SHA-256"), and the hex digits, of "sha256:HEX".
 * False for what is none of those with a name. */
bool prq_digest_parts(prq_str digest, prq_str *alg, prq_str *hex);

/* A UUID of version 5 (RFC 9562, 5.5) whose name is these bytes. */
PRQ_MUST_USE bool prq_uuid_of(prq_bytes name, char out[36], struct prq_err *err);

/* `item` as it is about to be written; our pairs for all that it does not tell go to `sink`. `refs`:
 * how the document refers to packages. */
bool prq_sbom_fields(struct prq_sbom_work *w, size_t package, const prq_str *refs,
                     const struct prq_listed *item, const struct prq_field_sink *sink);

/* The image's labels (config.Labels of its config), in the order of the config. */
void prq_sbom_labels(struct prq_sbom_work *w, void (*put)(void *user, prq_str key, prq_str value),
                     void *user);

bool prq_is_utf8(prq_str s);

#endif
