/* SPDX-License-Identifier: Apache-2.0 */
/* Debian versions: [epoch:]upstream[-revision].
 * Source: deb-version(7), "Sorting algorithm"; Debian policy 5.6.12. Cases: deb.cases, checked
 * against dpkg. Every byte is read a bounded number of times: the time is linear. */
#include "version/digits.h"
#include "version/version.h"

struct parts {
    prq_str epoch, upstream, revision;
    bool has_epoch, has_revision;
};

/* What is no epoch by the rules (empty or not all digits) stays in the upstream part, so that any
 * two strings have an order. */
static struct parts split(prq_str v)
{
    struct parts d = { .upstream = prq_str_trim(v) };
    prq_str front = prq_digits_front(d.upstream);
    if (front.n > 0 && front.n < d.upstream.n && d.upstream.p[front.n] == ':') {
        d.epoch = front;
        d.has_epoch = true;
        prq_digits_skip(&d.upstream, front.n + 1);
    }
    size_t hyphen = prq_str_rfind(d.upstream, '-');
    if (hyphen < d.upstream.n) {
        d.revision = prq_str_from_at(d.upstream, hyphen + 1);
        d.has_revision = true;
        d.upstream.n = hyphen;
    }
    return d;
}

/* '~' < end and digits < letters < everything else. */
static inline int weight(const uint8_t *p, const uint8_t *end)
{
    if (p == end || prq_is_digit((char)*p))
        return 0;
    if (prq_is_alpha((char)*p))
        return *p;
    return *p == '~' ? -1 : *p + 256;
}

static inline bool at_word(const uint8_t *p, const uint8_t *end)
{
    return p < end && !prq_is_digit((char)*p);
}

static inline bool at_number(const uint8_t *p, const uint8_t *end)
{
    return p < end && prq_is_digit((char)*p);
}

/* Bytes that both sides begin with decide nothing, but for the number they may end in. */
static size_t common_front(prq_str a, prq_str b)
{
    size_t n = 0, most = prq_min_size(a.n, b.n);
    while (n < most && a.p[n] == b.p[n])
        n++;
    while (n > 0 && prq_is_digit(a.p[n - 1]))
        n--;
    return n;
}

/* Words and numbers in turn; a missing number is 0. */
static int compare_part(prq_str left, prq_str right)
{
    size_t same = common_front(left, right);
    left = prq_str_from_at(left, same);
    right = prq_str_from_at(right, same);
    const uint8_t *a = (const uint8_t *)left.p, *a_end = left.n ? a + left.n : a;
    const uint8_t *b = (const uint8_t *)right.p, *b_end = right.n ? b + right.n : b;
    while (a < a_end || b < b_end) {
        while (at_word(a, a_end) || at_word(b, b_end)) {
            int diff = weight(a, a_end) - weight(b, b_end);
            if (diff)
                return diff;
            a++; /* equal weights are equal bytes, so neither side is at its end */
            b++;
        }
        while (a < a_end && *a == '0')
            a++;
        while (b < b_end && *b == '0')
            b++;
        int first = 0;
        while (at_number(a, a_end) && at_number(b, b_end)) {
            if (!first)
                first = *a - *b;
            a++;
            b++;
        }
        if (at_number(a, a_end))
            return 1;
        if (at_number(b, b_end))
            return -1;
        if (first)
            return first;
    }
    return 0;
}

int prq_deb_compare(prq_str a, prq_str b)
{
    struct parts x = split(a), y = split(b);
    int c = prq_digits_cmp(x.epoch, y.epoch);
    if (!c)
        c = compare_part(x.upstream, y.upstream);
    return c ? c : compare_part(x.revision, y.revision);
}

static bool all_in(prq_str v, const char *marks)
{
    for (size_t i = 0; i < v.n; i++)
        if (!prq_is_alnum(v.p[i]) && (v.p[i] == '\0' || !strchr(marks, v.p[i])))
            return false;
    return true;
}

/* A leading letter is against policy but occurs and is harmless (matching.md 1.1). */
bool prq_deb_is_valid(prq_str v)
{
    struct parts d = split(v);
    if (d.upstream.n == 0 || !prq_is_alnum(d.upstream.p[0]))
        return false;
    if (d.has_revision && d.revision.n == 0)
        return false;
    return all_in(d.upstream, d.has_epoch ? ".+~-:" : ".+~-") && all_in(d.revision, ".+~");
}

static const char *const aliases[] = { "debian", "dpkg", NULL };
static const char *const types[] = { "deb", NULL };
static const char *const spaces[] = { "Debian", "Echo", "Ubuntu", NULL };

const struct prq_scheme prq_scheme_deb = {
    .name = "deb",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Debian, Ubuntu: [epoch:]upstream[-revision], as dpkg orders it",
    .is_total = true,
    .is_valid = prq_deb_is_valid,
    .compare = prq_deb_compare,
};
