/* SPDX-License-Identifier: Apache-2.0 */
/* The image of a package list, as pairs (see model/sbomfields.h):
 *
 *     pratique:image:digest, :id, …, :tag          texts of struct prq_analysis
 *     pratique:image:layer:I:diff_id, …            struct prq_layer
 *     pratique:distro:id, …                        struct prq_distro
 *     pratique:gap:I:kind, :path, …                what was not read when the list was made
 *
 * Not given: name, packages, the image's config and history, the file index. */
#ifndef PRQ_MODEL_SBOMIMAGE_H
#define PRQ_MODEL_SBOMIMAGE_H

#include "base/limits.h"
#include "model/analysis.h"
#include "model/sbomfields.h"

bool prq_fields_of_image(const struct prq_analysis *an, struct prq_arena *tmp,
                         const struct prq_field_sink *sink);
bool prq_fields_of_gaps(const struct prq_gap *gaps, size_t n, struct prq_arena *tmp,
                        const struct prq_field_sink *sink);

struct prq_image_state {
    struct prq_field_state distro;
    size_t layer_cap, gap_cap, tag_cap;
};
/* As prq_fields_to_package. */
bool prq_fields_to_image(struct prq_analysis *an, prq_str name, prq_str value,
                         const struct prq_limits *limits, struct prq_arena *a,
                         struct prq_image_state *state);

#endif
