/* SPDX-License-Identifier: Apache-2.0 */
/* Between toml.c (structure) and toml_scan.c (keys and scalar values). */
#ifndef PRQ_FORMAT_TOML_SCAN_H
#define PRQ_FORMAT_TOML_SCAN_H

#include "format/toml.h"

struct prq_toml_scan {
    prq_str in;
    size_t at;
    uint32_t line;
    struct prq_arena *arena;
    const struct prq_limits *limits;
    struct prq_err *err;
};

/* The next byte; 0 at the end (and for NUL, which is valid nowhere). */
static inline char prq_toml_peek(const struct prq_toml_scan *s)
{
    return s->at < s->in.n ? s->in.p[s->at] : 0;
}

bool prq_toml_no_room(struct prq_toml_scan *s);
/* One key: bare or quoted. */
bool prq_toml_scan_key(struct prq_toml_scan *s, prq_str *out);
/* Anything but an array or inline table: fills type, text, integer. */
bool prq_toml_scan_scalar(struct prq_toml_scan *s, struct prq_toml *into);

#endif
