/* SPDX-License-Identifier: Apache-2.0 */
/* Something that was not read, matched or checked, and why. */
#ifndef PRQ_MODEL_GAP_H
#define PRQ_MODEL_GAP_H

#include "base/err.h"
#include "base/str.h"

#define PRQ_GAP_NO_LAYER UINT32_MAX

struct prq_gap {
    prq_str kind;   /* "format", "limit", "unsupported", "io", …; or "distro-unknown", "feed-ended",
                     * "family-missing", "version-invalid" … : one word that policies can select */
    prq_str path;   /* file, empty when it is not about one */
    bool has_offset;
    uint64_t offset;
    uint32_t layer; /* PRQ_GAP_NO_LAYER: not about one */
    prq_str reason; /* a sentence for people */
};

/* A gap from an error: kind is the code's word. Views into err and path. */
struct prq_gap prq_gap_from(const struct prq_err *err, prq_str path);

/* layer, path, offset, kind, reason */
int prq_gap_cmp(const struct prq_gap *a, const struct prq_gap *b);

#endif
