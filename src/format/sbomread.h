/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of format/sbom.h share. */
#ifndef PRQ_FORMAT_SBOMREAD_H
#define PRQ_FORMAT_SBOMREAD_H

#include "format/json.h"
#include "format/sbom.h"

struct prq_sbom_reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct prq_sbom *out;
    size_t item_cap, edge_cap, pair_cap, layer_cap;
    bool is_full; /* the arena, or a limit: reading ends */
};

/* An entry while its parts come. */
struct prq_sbom_item {
    struct prq_listed it;
    size_t cpes, licenses, digests, paths, pairs; /* capacities */
};

void prq_sbom_lose(struct prq_sbom_reader *r, size_t at, const char *why);
void prq_sbom_add_item(struct prq_sbom_reader *r, const struct prq_sbom_item *item);
void prq_sbom_add_edge(struct prq_sbom_reader *r, prq_str from, prq_str to,
                       enum prq_sbom_relation relation);
/* Empty texts are passed over. */
void prq_sbom_add_str(struct prq_sbom_reader *r, struct prq_strs *list, size_t *cap, prq_str s);
void prq_sbom_add_pair(struct prq_sbom_reader *r, struct prq_pair **list, size_t *n, size_t *cap,
                       prq_str key, prq_str value);
/* "SHA-256", "SHA256" and HEX to "sha256:HEX". */
void prq_sbom_add_digest(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str alg,
                         prq_str hex);
/* Enter an object or an array; a value of another type is consumed, and lost when it is not null. */
bool prq_sbom_object(struct prq_sbom_reader *r);
bool prq_sbom_array(struct prq_sbom_reader *r);
/* Enters the next object of an array; elements of another type are lost. False at the array's end. */
bool prq_sbom_next(struct prq_sbom_reader *r);
/* The strings of the next object of an array; those that it has not are empty. */
bool prq_sbom_next_texts(struct prq_sbom_reader *r, const struct prq_json_text *wanted, size_t n);

/* SPDX: the lines of an annotation or an attribution, as pairs ("pratique:x=…", Trivy's "Key: …"). */
void prq_sbom_add_remarks(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str text);
/* SPDX: "Organization: Name (mail)" without the word; NOASSERTION is none. */
prq_str prq_spdx_party(prq_str text);
/* SPDX: an external reference. */
void prq_spdx_reference(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str type,
                        prq_str locator);
void prq_spdx_relation(struct prq_sbom_reader *r, prq_str from, prq_str type, prq_str to,
                       prq_str comment);
/* "LIBRARY" to "library". */
prq_str prq_spdx_purpose(prq_str word);
/* Which entry is the root: the one that the document describes. */
void prq_spdx_settle_root(struct prq_sbom_reader *r, prq_str described);

void prq_cyclonedx_read(struct prq_sbom_reader *r);
void prq_spdx_json_read(struct prq_sbom_reader *r);
PRQ_MUST_USE bool prq_spdx_tags_read(struct prq_sbom_reader *r, prq_str text, struct prq_err *err);
void prq_syft_read(struct prq_sbom_reader *r);

#endif
