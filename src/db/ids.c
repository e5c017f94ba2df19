/* SPDX-License-Identifier: Apache-2.0 */
#include "db/feed.h"

static size_t digits(prq_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && prq_is_digit(s.p[at + n]))
        n++;
    return n;
}

bool prq_feed_is_cve(prq_str s)
{
    if (!prq_str_starts(s, PRQ_S("CVE-")) || digits(s, 4) != 4 || s.n < 13 || s.p[8] != '-')
        return false;
    size_t n = digits(s, 9);
    return n >= 4 && n <= 19 && 9 + n == s.n;
}

bool prq_feed_is_ghsa(prq_str s)
{
    if (s.n != 19 || !prq_str_starts(s, PRQ_S("GHSA-")))
        return false;
    for (size_t i = 5; i < s.n; i++)
        if (i == 9 || i == 14 ? s.p[i] != '-' : !prq_is_alnum(s.p[i]))
            return false;
    return true;
}

bool prq_is_record_id(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
            return false;
    return s.n > 0 && s.n <= 128;
}

bool prq_is_row_text(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return s.n > 0 && s.n <= 1024;
}

/* YYYY-MM-DDTHH:MM:SS[.fraction][Z] */
static bool is_time(prq_str s)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    size_t n = sizeof shape - 1;
    if (s.n < n || s.n > 35)
        return false;
    for (size_t i = 0; i < n; i++)
        if (shape[i] == 'd' ? !prq_is_digit(s.p[i]) : s.p[i] != shape[i])
            return false;
    if (n < s.n && s.p[n] == '.')
        n += 1 + digits(s, n + 1);
    return n == s.n || prq_str_eq(prq_str_from_at(s, n), PRQ_S("Z"));
}

prq_str prq_feed_time(prq_str s, struct prq_arena *a)
{
    if (!is_time(s) || prq_str_starts(s, PRQ_S("0001-")))
        return (prq_str){ 0 };
    return prq_str_ends(s, PRQ_S("Z")) ? s : prq_arena_printf(a, "%.*sZ", PRQ_FMT(s));
}

prq_str prq_feed_time_utc(prq_str s, struct prq_arena *a)
{
    prq_str utc = PRQ_S("+00:00");
    return prq_feed_time(prq_str_ends(s, utc) ? prq_str_head(s, s.n - utc.n) : s, a);
}
