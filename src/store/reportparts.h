/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the report's reader share. */
#ifndef PRQ_STORE_REPORTPARTS_H
#define PRQ_STORE_REPORTPARTS_H

#include "format/json.h"
#include "model/report.h"

struct prq_report_list {
    struct prq_finding *v;
    prq_str *purls; /* of their packages, which come later in the document */
    size_t n, cap, purl_cap;
};

struct prq_report_reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct prq_analysis *an;
    struct prq_report *report;
    prq_str schema;
    size_t layer_cap, package_cap, family_cap, gap_cap, owner_cap, owner_count;
    prq_str *owners; /* purls; of each package, in their order */
    struct prq_report_list live, suppressed;
    bool out_of_memory;
};

struct prq_report_field {
    const char *name;
    prq_str *to;
};

static inline bool prq_report_is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

/* Is `key` one of the fields? Then its value was taken. */
bool prq_report_string(struct prq_report_reader *r, prq_str key, const struct prq_report_field *f);
/* Passes over what is no object. */
bool prq_report_enter(struct prq_report_reader *r);
void prq_report_each(struct prq_report_reader *r, void (*one)(struct prq_report_reader *r));
/* Room for one more in an arena array, bounded by the limit that such things have. */
bool prq_report_room(struct prq_report_reader *r, void *items, size_t size, size_t *cap, size_t n,
                     uint64_t max);
void prq_report_strs(struct prq_report_reader *r, struct prq_strs *out);

/* ---- reportfinding.c: one of findings[], one of suppressed[] */
void prq_report_live(struct prq_report_reader *r);
void prq_report_suppressed(struct prq_report_reader *r);

#endif
