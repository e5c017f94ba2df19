/* SPDX-License-Identifier: Apache-2.0 */
/* Semantic versions taken apart; go.c rewrites the parts before it compares them. */
#ifndef PRQ_VERSION_SEMVER_H
#define PRQ_VERSION_SEMVER_H

#include "version/version.h"

struct prq_semver {
    prq_str core;     /* dotted numbers; components may be empty in invalid text */
    prq_str pre;      /* dotted identifiers, without the '-' */
    prq_str pre_more; /* one identifier more (Go's rc2 is rc, 2); p == NULL: none */
    prq_str build;    /* after '+' */
    bool has_pre, has_build;
};

/* `v` has no prefix any more. */
struct prq_semver prq_semver_split(prq_str v);
int prq_semver_compare_parts(const struct prq_semver *a, const struct prq_semver *b);
/* Core and pre-release; the build part is judged by the caller. */
bool prq_semver_parts_valid(const struct prq_semver *s);
/* Dotted identifiers, none empty, of letters, digits and '-'. */
bool prq_semver_identifiers_valid(prq_str v);

#endif
