/* SPDX-License-Identifier: Apache-2.0 */
/* A version against the events of one range: what is said to be hit lies between the bounds that
 * are shown, and the order of the events does not matter as long as no two are equal.
 *
 * Input: a byte for the scheme, the version, LF, then a line an event: 'i', 'f', 'l' or 'x' (limit)
 * and its version. */
#include "fuzz.h"

#include "match/core.h"

enum { MAX_EVENTS = 12 };

static size_t read_events(prq_str text, struct prq_event *events)
{
    static const char letters[] = { 'i', 'f', 'l', 'x' };
    size_t n = 0;
    prq_str line;
    while (n < MAX_EVENTS && prq_str_line(&text, &line)) {
        for (size_t k = 0; line.n > 1 && k < sizeof letters; k++)
            if (line.p[0] == letters[k])
                events[n++] =
                    (struct prq_event){ (enum prq_event_kind)k, prq_str_from_at(line, 1) };
    }
    return n;
}

/* As it is compared: "-NA" is no part of a version. */
static prq_str cut(const struct prq_scheme *s, prq_str bound)
{
    if (!s->is_valid(bound) && prq_str_ends(bound, PRQ_S("-NA")))
        bound.n -= 3;
    return bound;
}

static bool has_ties(const struct prq_scheme *s, const struct prq_event *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (s->compare(cut(s, e[i].version), cut(s, e[k].version)) == 0)
                return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const schemes[] = { "deb", "rpm",      "apk",   "pep440", "npm",    "go",
                                           "gem", "composer", "nuget", "cran",   "bitnami" };
    if (size < 2 || size > 4096)
        return 0;
    struct prq_scale scale = prq_scale_of(schemes[data[0] % PRQ_COUNT(schemes)], false);
    prq_str text = { (const char *)data + 1, size - 1 }, version;
    if (!prq_str_line(&text, &version))
        return 0;
    struct prq_event events[MAX_EVENTS], back[MAX_EVENTS];
    size_t n = read_events(text, events);
    for (size_t i = 0; i < n; i++)
        back[i] = events[n - 1 - i];
    struct prq_range range = { events, n }, reversed = { back, n };
    struct prq_affected row = { .ranges = &range, .range_count = 1 };
    struct prq_affected wor = { .ranges = &reversed, .range_count = 1 };
    bool is_valid = scale.scheme->is_valid(version);
    struct prq_hit hit = prq_evaluate(&row, &scale, version, is_valid);
    FUZZ_CHECK(is_valid || !hit.is_hit);
    if (hit.is_hit) {
        prq_str low = cut(scale.scheme, hit.low), high = cut(scale.scheme, hit.high);
        FUZZ_CHECK(low.n == 0 || scale.against(version, low) >= 0);
        FUZZ_CHECK(high.n == 0 || scale.against(version, high) < !!hit.high_counts);
    }
    if (!has_ties(scale.scheme, events, n))
        FUZZ_CHECK(prq_evaluate(&wor, &scale, version, is_valid).is_hit == hit.is_hit);
    return 0;
}
