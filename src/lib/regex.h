/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions over bytes, by PCRE2: no UTF, no JIT (it needs writable code), every match
 * within limits.def: regex_steps from one start, regex_bytes of memory.
 *
 * Nothing is loaded from the file system, so an expression can be compiled at any time. */
#ifndef PRQ_LIB_REGEX_H
#define PRQ_LIB_REGEX_H

#include "base/ctx.h"
#include "base/stream.h"

enum {
    PRQ_REGEX_CASELESS = 1 << 0,  /* ASCII */
    PRQ_REGEX_DOTALL = 1 << 1,    /* "." also matches a newline */
    PRQ_REGEX_MULTILINE = 1 << 2, /* "^" and "$" at every line */
    PRQ_REGEX_ANCHORED = 1 << 3,  /* matches only where the search begins */
};

struct prq_regex; /* one thread at a time: it holds the last match */

/* FORMAT (with the byte of the pattern) when it is no expression, LIMIT when it is too large. */
PRQ_MUST_USE bool prq_regex_new(prq_str pattern, uint32_t flags, const struct prq_limits *limits,
                                struct prq_regex **out, struct prq_err *err);
void prq_regex_free(struct prq_regex *r); /* NULL is fine */

/* The first match that begins at `from` or later and ends at `to` or before (both <= subject.n);
 * lookbehind sees what stands before `from`. NEXT_ITEM: found; NEXT_END: there is none; NEXT_FAIL:
 * LIMIT or NOMEM. The subject must live until the groups were asked for. */
enum prq_next prq_regex_find(struct prq_regex *r, prq_bytes subject, size_t from, size_t to,
                             struct prq_err *err);
/* What a group of the last match caught; number 0 is the whole. p == NULL: nothing. */
prq_str prq_regex_group(const struct prq_regex *r, uint32_t number);
prq_str prq_regex_named(const struct prq_regex *r, const char *name);
/* Groups there are, without the whole match. */
uint32_t prq_regex_group_count(const struct prq_regex *r);

static inline void prq_regex_drop(struct prq_regex **r)
{
    prq_regex_free(*r);
}
#define PRQ_REGEX PRQ_CLEANUP(prq_regex_drop) struct prq_regex *

#endif
