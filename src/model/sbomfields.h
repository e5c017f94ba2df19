/* SPDX-License-Identifier: Apache-2.0 */
/* What package lists of other formats have no place for, as pairs of name and value under our own
 * namespace "pratique:". A writer gives only what a reader could not tell from the standard members;
 * a reader applies them over what it could. Together they lose nothing (catalog.md 11.3).
 *
 *     pratique:ARCH-LIKE-MEMBER       texts of struct prq_package: "source_name", "vendor", …
 *     pratique:cpes, depends, …       one pair an element, in order; "pratique:cpes:none" for an
 *                                     empty list where the standard members say otherwise
 *     pratique:flags                  words, blanks between them
 *     pratique:epoch, layer, size_bytes, has_modularity
 *     pratique:location:I:path, pratique:location:I:layer
 *     pratique:owner                  the reference of the owner's entry
 *
 * A value that is not UTF-8 is written in hex, and its name ends in ":hex". */
#ifndef PRQ_MODEL_SBOMFIELDS_H
#define PRQ_MODEL_SBOMFIELDS_H

#include "model/distro.h"
#include "model/package.h"

#define PRQ_FIELD_PREFIX "pratique:"

struct prq_field_sink {
    void (*put)(void *user, prq_str name, prq_str value);
    void *user;
};

/* `told`: the package as its reader will have it without these pairs. Not given: purl, owner. False
 * when memory (of `tmp`) ran out. */
bool prq_fields_of_package(const struct prq_package *p, const struct prq_package *told,
                           struct prq_arena *tmp, const struct prq_field_sink *sink);
bool prq_fields_of_distro(const struct prq_distro *d, struct prq_arena *tmp,
                          const struct prq_field_sink *sink);

/* Lists and locations that came so far. */
struct prq_field_state {
    unsigned lists; /* bit: the list was begun anew */
    size_t caps[8];
    size_t location_cap;
    bool has_layer;
};
/* Applies one pair; values are kept by reference. Pairs of other names are left alone. False when
 * memory ran out. */
bool prq_fields_to_package(struct prq_package *p, prq_str name, prq_str value, struct prq_arena *a,
                           struct prq_field_state *state);
/* After the last pair. */
void prq_fields_end(struct prq_package *p, const struct prq_field_state *state);
bool prq_fields_to_distro(struct prq_distro *d, prq_str name, prq_str value, struct prq_arena *a,
                          struct prq_field_state *state);

#endif
