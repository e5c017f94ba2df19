/* SPDX-License-Identifier: Apache-2.0 */
/* The schema's own vocabulary, by enumerator. It changes only with the schema version, whatever
 * words the reports use. */
#ifndef PRQ_DB_DBWORDS_H
#define PRQ_DB_DBWORDS_H

#include "model/advisory.h"

enum { PRQ_DB_STATES = PRQ_FIX_NOT_AFFECTED + 1, PRQ_DB_EVENTS = PRQ_EVENT_LIMIT + 1 };

extern const prq_str prq_state_words[PRQ_DB_STATES];
extern const prq_str prq_event_words[PRQ_DB_EVENTS];

/* Index of `word` in a table, or n. */
size_t prq_word_index(const prq_str *table, size_t n, prq_str word);

#endif
