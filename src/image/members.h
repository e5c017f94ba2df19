/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON objects that other programs read too. Go's decoder takes "Layers" and "layerſ" for
 * "layers", and the last of two; so an object could show us one image and the runtime another.
 * We take only the exact name, once, and refuse its look-alikes. Source: Go, package encoding/json,
 * Unmarshal: "preferring exact matches but also accepting case-insensitive matches". */
#ifndef PRQ_IMAGE_MEMBERS_H
#define PRQ_IMAGE_MEMBERS_H

#include "format/json.h"

struct prq_members {
    struct prq_json j;
    enum prq_code code; /* the first thing that is wrong beyond the grammar; NONE: nothing */
    size_t at;
    const char *why;
};

void prq_members_init(struct prq_members *m, prq_str bytes, struct prq_arena *a,
                      const struct prq_limits *limits);
/* Remember what is wrong, unless something was already. */
void prq_members_fail(struct prq_members *m, enum prq_code code, const char *why);
/* The next member of the entered object: its place in `names`, or `count` for another one, whose
 * value is then passed over here. False at the end. `seen` starts at 0. At most 64 names. */
bool prq_members_next(struct prq_members *m, const prq_str *names, size_t count, uint64_t *seen,
                      size_t *which);
/* A string, or null which counts as absent; anything else is wrong. */
void prq_members_string(struct prq_members *m, prq_str *out);
/* Into an object or array; false for null (passed over) and for other types (wrong). */
bool prq_members_object(struct prq_members *m);
bool prq_members_array(struct prq_members *m);
/* Another element of the entered array, and nothing wrong so far? */
bool prq_members_item(struct prq_members *m);
/* Nothing wrong so far? Then whether the document ends here too. */
bool prq_members_end(struct prq_members *m, struct prq_err *err);

#endif
