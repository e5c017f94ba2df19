/* SPDX-License-Identifier: Apache-2.0 */
/* Source: RFC 3339, 5.6. */
#include "base/when.h"

enum { DAY = 86400 };

static bool digits(prq_str *s, size_t n, int64_t *out)
{
    uint64_t v;
    if (s->n < n || !prq_str_u64(prq_str_head(*s, n), &v))
        return false;
    *out = (int64_t)v;
    *s = prq_str_from_at(*s, n);
    return true;
}

static bool take(prq_str *s, const char *any)
{
    if (!s->n || !strchr(any, s->p[0]))
        return false;
    *s = prq_str_from_at(*s, 1);
    return true;
}

/* Days from 1970-01-01, Gregorian. Source: the usual era arithmetic on March-based years. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool zone(prq_str *s, int64_t *offset_s)
{
    int64_t h, m;
    *offset_s = 0;
    if (take(s, "Zz") || s->n == 0)
        return true;
    bool minus = s->p[0] == '-';
    if (!take(s, "+-") || !digits(s, 2, &h) || !(take(s, ":") || true) || !digits(s, 2, &m))
        return false;
    *offset_s = (h * 3600 + m * 60) * (minus ? -1 : 1);
    return h < 24 && m < 60;
}

/* Digits beyond nanoseconds are passed over. */
static void fraction(prq_str *s, uint32_t *nanos)
{
    uint32_t unit = 100000000;
    while (s->n && prq_is_digit(s->p[0])) {
        *nanos += (uint32_t)(s->p[0] - '0') * unit;
        unit /= 10;
        *s = prq_str_from_at(*s, 1);
    }
}

bool prq_when_parse(prq_str s, struct prq_when *out)
{
    int64_t y, mo, d, h = 0, mi = 0, sec = 0, offset = 0;
    uint32_t nanos = 0;
    if (!digits(&s, 4, &y) || !take(&s, "-") || !digits(&s, 2, &mo) || !take(&s, "-") ||
        !digits(&s, 2, &d) || mo < 1 || mo > 12 || d < 1 || d > 31)
        return false;
    if (s.n) {
        if (!take(&s, "Tt ") || !digits(&s, 2, &h) || !take(&s, ":") || !digits(&s, 2, &mi) ||
            !take(&s, ":") || !digits(&s, 2, &sec) || h > 23 || mi > 59 || sec > 60)
            return false;
        if (take(&s, "."))
            fraction(&s, &nanos);
        if (!zone(&s, &offset) || s.n)
            return false;
    }
    out->unix_s = days_of(y, mo, d) * DAY + h * 3600 + mi * 60 + sec - offset;
    out->nanos = nanos;
    return true;
}

bool prq_time_parse(prq_str s, int64_t *unix_s)
{
    struct prq_when when;
    if (!prq_when_parse(s, &when))
        return false;
    *unix_s = when.unix_s;
    return true;
}

int prq_when_cmp(const struct prq_when *a, const struct prq_when *b)
{
    if (a->unix_s != b->unix_s)
        return a->unix_s < b->unix_s ? -1 : 1;
    return (a->nanos > b->nanos) - (a->nanos < b->nanos);
}
