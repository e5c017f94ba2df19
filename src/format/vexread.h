/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of VEX formats share. Each gets the document's members by name: their order in
 * the file means nothing, and what is inherited may stand behind what inherits. */
#ifndef PRQ_FORMAT_VEXREAD_H
#define PRQ_FORMAT_VEXREAD_H

#include "format/json.h"
#include "format/vexfile.h"

struct prq_vex_reader {
    const struct prq_limits *limits;
    struct prq_arena *a;
    struct prq_vex_doc *out;
    size_t cap; /* of statements */
    struct prq_err *err;
};

/* The raw values of an object's members; empty where absent. The last of doubles counts. */
struct prq_vex_member {
    prq_str name;
    prq_str *to;
};
bool prq_vex_members(struct prq_vex_reader *r, prq_str object, const struct prq_vex_member *wanted,
                     size_t n);
/* Over the elements of an array given as raw text: begins, then next lends each raw. */
struct prq_vex_walk {
    struct prq_json j;
    bool is_array;
};
void prq_vex_walk_begin(struct prq_vex_reader *r, struct prq_vex_walk *w, prq_str array);
bool prq_vex_walk_next(struct prq_vex_walk *w, prq_str *element);

/* A string's text; empty for anything else. */
prq_str prq_vex_text(struct prq_vex_reader *r, prq_str raw);

/* Appends; false when memory ran out. */
bool prq_vex_add_str(struct prq_vex_reader *r, struct prq_strs *to, size_t *cap, prq_str s);
struct prq_vex_statement *prq_vex_add(struct prq_vex_reader *r);
bool prq_vex_full(struct prq_vex_reader *r); /* fails with LIMIT, always false */

bool prq_openvex_read(struct prq_vex_reader *r, prq_str object);
bool prq_csaf_read(struct prq_vex_reader *r, prq_str object);
bool prq_cdxvex_read(struct prq_vex_reader *r, prq_str object);

#endif
