/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as documents write them. */
#ifndef PRQ_BASE_WHEN_H
#define PRQ_BASE_WHEN_H

#include "base/str.h"

struct prq_when {
    int64_t unix_s;
    uint32_t nanos;
};

/* An RFC 3339 time ("…Z", fractions and offsets allowed), or a date alone: its first moment, UTC. */
bool prq_when_parse(prq_str text, struct prq_when *out);
/* <0, 0, >0 as `a` is before, at, after `b`. */
int prq_when_cmp(const struct prq_when *a, const struct prq_when *b);
/* Seconds since 1970 of the same. */
bool prq_time_parse(prq_str text, int64_t *unix_s);

#endif
