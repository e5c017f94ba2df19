/* SPDX-License-Identifier: Apache-2.0 */
/* The words for fix states and severities. Source: matching.md 3, 4, 5.15. */
#include "model/advisory.h"

/* The first word of a value is the one that reports print; the others are what vendors and other
 * scanners write. '_' and ' ' are read as '-'. */
static const struct {
    const char *word;
    enum prq_fix_state state;
} states[] = {
    { "unknown", PRQ_FIX_UNKNOWN },
    { "fixed", PRQ_FIX_FIXED },
    { "not-fixed", PRQ_FIX_NOT_FIXED },
    { "affected", PRQ_FIX_NOT_FIXED },
    { "wont-fix", PRQ_FIX_WONT_FIX },
    { "will-not-fix", PRQ_FIX_WONT_FIX },
    { "deferred", PRQ_FIX_DEFERRED },
    { "fix-deferred", PRQ_FIX_DEFERRED },
    { "end-of-life", PRQ_FIX_END_OF_LIFE },
    { "under-investigation", PRQ_FIX_UNDER_INVESTIGATION },
    { "not-affected", PRQ_FIX_NOT_AFFECTED },
};

static const struct {
    const char *word;
    enum prq_severity severity;
} severities[] = {
    { "UNKNOWN", PRQ_SEV_UNKNOWN },
    { "UNTRIAGED", PRQ_SEV_UNKNOWN },
    { "NOT-YET-ASSIGNED", PRQ_SEV_UNKNOWN },
    { "UNASSIGNED", PRQ_SEV_UNKNOWN },
    { "END-OF-LIFE", PRQ_SEV_UNKNOWN },
    { "INFO", PRQ_SEV_INFO },
    { "INFORMATIONAL", PRQ_SEV_INFO },
    { "NEGLIGIBLE", PRQ_SEV_NEGLIGIBLE },
    { "UNIMPORTANT", PRQ_SEV_NEGLIGIBLE },
    { "NONE", PRQ_SEV_NEGLIGIBLE },
    { "LOW", PRQ_SEV_LOW },
    { "MEDIUM", PRQ_SEV_MEDIUM },
    { "MODERATE", PRQ_SEV_MEDIUM },
    { "HIGH", PRQ_SEV_HIGH },
    { "IMPORTANT", PRQ_SEV_HIGH },
    { "CRITICAL", PRQ_SEV_CRITICAL },
};

static bool word_is(prq_str word, const char *known)
{
    for (size_t i = 0; i < word.n; i++, known++) {
        char c = word.p[i] == '_' || word.p[i] == ' ' ? '-' : prq_to_lower(word.p[i]);
        if (c != prq_to_lower(*known)) /* the terminator equals no byte but NUL */
            return false;
        if (c == '\0')
            return false;
    }
    return *known == '\0';
}

const char *prq_fix_state_word(enum prq_fix_state s)
{
    for (size_t i = 0; i < PRQ_COUNT(states); i++)
        if (states[i].state == s)
            return states[i].word;
    return "unknown";
}

bool prq_fix_state_parse(prq_str word, enum prq_fix_state *out)
{
    word = prq_str_trim(word);
    for (size_t i = 0; i < PRQ_COUNT(states); i++)
        if (word_is(word, states[i].word)) {
            *out = states[i].state;
            return true;
        }
    return false;
}

const char *prq_severity_word(enum prq_severity s)
{
    for (size_t i = 0; i < PRQ_COUNT(severities); i++)
        if (severities[i].severity == s)
            return severities[i].word;
    return "UNKNOWN";
}

/* Debian's tracker marks urgencies with stars: "low*", "medium**". */
bool prq_severity_parse(prq_str word, enum prq_severity *out)
{
    word = prq_str_trim(word);
    while (word.n > 1 && word.p[word.n - 1] == '*')
        word.n--;
    for (size_t i = 0; i < PRQ_COUNT(severities); i++)
        if (word_is(word, severities[i].word)) {
            *out = severities[i].severity;
            return true;
        }
    return false;
}

static const char *const events[] = { "introduced", "fixed", "last_affected", "limit" };

const char *prq_event_word(enum prq_event_kind k)
{
    return events[k];
}

bool prq_event_parse(prq_str word, enum prq_event_kind *out)
{
    for (unsigned i = 0; i < PRQ_COUNT(events); i++)
        if (prq_str_eq(word, prq_str_from(events[i]))) {
            *out = (enum prq_event_kind)i;
            return true;
        }
    return false;
}
